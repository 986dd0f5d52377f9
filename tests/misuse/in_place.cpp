// SPDX-License-Identifier: MIT
// One buffer for both directions: only where both have the same samples.
#include <cstdint>
#include <portspan/stream.hpp>

namespace {
const portspan::RawCallback callback{};
int gain_int16(const std::int16_t*, std::int16_t*, unsigned long, const PaStreamCallbackTimeInfo*,
               PaStreamCallbackFlags, void*) {
    return paContinue;
}
}  // namespace

void adaptor() {
#if defined(ADAPTOR_ON_TWO_SAMPLE_TYPES)
    // error: in_place() needs the same sample type for input and output
    portspan::Stream<float, std::int16_t> stream{portspan::in_place(callback)};
#elif defined(ADAPTOR_ON_AN_OUTPUT_STREAM)
    // error: in_place() needs a stream with input and output
    portspan::OutputStream<float> stream{portspan::in_place(callback)};
#elif defined(ADAPTOR_ON_AN_INPUT_STREAM)
    // error: in_place() needs a stream with input and output
    portspan::InputStream<float> stream{portspan::in_place(callback)};
#else
    portspan::Stream<float> stream{portspan::in_place(callback)};
#endif
}

void adaptor_of_a_typed_function() {
#ifdef ADAPTOR_OF_A_FUNCTION_OF_ANOTHER_TYPE
    // error: parameter 1 (input) of the callback has another sample type
    portspan::Stream<float> stream{portspan::in_place(&gain_int16)};
#else
    portspan::Stream<std::int16_t> stream{portspan::in_place(&gain_int16)};
#endif
}

void block() {
#ifdef BLOCK_OF_TWO_SAMPLE_TYPES
    // error: in_place() needs the same sample type for input and output
    portspan::Stream<float, std::int16_t> stream{[](auto& block) { (void)block.in_place(); }};
#else
    portspan::Stream<float, std::int16_t> stream{[](auto& block) {
        (void)block.input();
        (void)block.output();
    }};
#endif
}

void block_with_static_channels() {
#ifdef BLOCK_OF_TWO_SAMPLE_TYPES_AND_TWO_CHANNELS
    // error: in_place() needs the same sample type for input and output
    using Stream = portspan::Stream<float, std::int16_t>;
#else
    using Stream = portspan::Stream<float>;
#endif
    Stream stream{[](auto& block) { (void)block.template in_place<2>(); }};
}
