// SPDX-License-Identifier: MIT
// Callables: what they take and what they return.
#include <cstdint>
#include <portspan/stream.hpp>

using portspan::Next;

void result() {
#if defined(RESULT_INT)
    // error: a callable returns nothing or portspan::Next
    portspan::Stream<float> stream{[](auto&) { return 0; }};
#elif defined(RESULT_BOOL)
    // error: a callable returns nothing or portspan::Next
    portspan::Stream<float> stream{[](auto&) { return true; }};
#elif defined(RESULT_OF_PORTAUDIO)
    // error: a callable returns nothing or portspan::Next
    portspan::Stream<float> stream{[](auto&) { return paContinue; }};
#else
    portspan::Stream<float> stream{[](auto&) { return Next::keep_going; }};
#endif
}

void parameter() {
#if defined(NO_PARAMETER)
    // error: not a callback: a callable takes `auto& block`
    portspan::Stream<float> stream{[] {}};
#elif defined(TWO_PARAMETERS)
    // error: not a callback: a callable takes `auto& block`
    portspan::Stream<float> stream{[](auto&, int) {}};
#elif defined(SAMPLES_INSTEAD_OF_A_BLOCK)
    // error: not a callback: a callable takes `auto& block`
    portspan::Stream<float> stream{[](std::span<float>) {}};
#elif defined(BLOCK_OF_ANOTHER_STREAM)
    // error: not a callback: a callable takes `auto& block`
    portspan::Stream<float> stream{[](portspan::Stream<std::int16_t>::Block&) {}};
#elif defined(SIX_PARAMETERS_AND_A_CAPTURE)
    // error: it must not capture
    int calls = 0;
    portspan::Stream<float> stream{[&](const void*, void*, unsigned long,
                                       const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags,
                                       void*) { return ++calls, 0; }};
#elif defined(BLOCK_BY_VALUE)
    // error: not a callback: a callable takes `auto& block`
    portspan::Stream<float> stream{[](portspan::Stream<float>::Block) {}};
#else
    portspan::Stream<float> stream{[](portspan::Stream<float>::Block&) {}};
#endif
}

void no_callable_at_all() {
#if defined(NUMBER_AS_A_CALLBACK)
    // error: not a callback: a callable takes `auto& block`
    portspan::Stream<float> stream{0x1234};
#elif defined(DATA_POINTER_AS_A_CALLBACK)
    // error: not a callback: a callable takes `auto& block`
    static int data = 0;
    portspan::Stream<float> stream{static_cast<void*>(&data)};
#else
    portspan::Stream<float> stream{portspan::callback_at(0x1234)};
#endif
}
