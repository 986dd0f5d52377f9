// SPDX-License-Identifier: MIT
// The stream itself: its type arguments, its ownership.
#include <cstdint>
#include <portspan/stream.hpp>
#include <utility>

namespace {
[[maybe_unused]] const auto silent = [](auto&) noexcept {};
}

void direction() {
#ifdef NO_DIRECTION_AT_ALL
    // error: a stream needs a direction
    portspan::Stream<void, void> stream{silent};
#else
    portspan::Stream<void, float> stream{silent};
#endif
}

void sample_type() {
#if defined(SAMPLES_OF_DOUBLE)
    // error: In and Out are sample types of PortAudio's
    portspan::Stream<double> stream{silent};
#elif defined(OUTPUT_OF_DOUBLE)
    // error: In and Out are sample types of PortAudio's
    portspan::Stream<float, double> stream{silent};
#elif defined(SAMPLES_THAT_ARE_CONST)
    // error: In and Out are sample types of PortAudio's
    portspan::Stream<const float> stream{silent};
#else
    portspan::Stream<std::uint8_t> stream{silent};
#endif
}

void ownership() {
    portspan::Stream<float> stream{silent};
#if defined(COPYING_A_STREAM)
    // error: use of deleted function|call to implicitly-deleted copy constructor
    portspan::Stream<float> copy{std::as_const(stream)};
#elif defined(COPY_ASSIGNMENT_OF_A_STREAM)
    // error: use of deleted function|is implicitly deleted
    portspan::Stream<float> other{silent};
    other = stream;
#else
    portspan::Stream<float> moved{std::move(stream)};
    stream = std::move(moved);
#endif
}

void moving() {
#ifdef MOVING_TO_A_STREAM_OF_ANOTHER_TYPE
    // error: not a callback
    portspan::Stream<float> stream{portspan::Stream<std::int16_t>{silent}};
#else
    portspan::Stream<float> stream{portspan::Stream<float>{silent}};
#endif
}

struct Gain {
    void process(portspan::Stream<float>::Block&) {}
};

void state() {
#if defined(NO_CALLBACK_AT_ALL)
    // error: use of deleted function|call to deleted constructor
    portspan::Stream<float> stream;
#elif defined(MEMBER_FUNCTION_AND_ITS_OBJECT)
    // error: an object's member function goes into a lambda
    Gain gain;
    portspan::Stream<float> stream{{}, &Gain::process, &gain};
#elif defined(MEMBER_FUNCTION_WITHOUT_A_CONFIGURATION)
    // error: an object's member function goes into a lambda
    Gain gain;
    portspan::Stream<float> stream{&Gain::process, &gain};
#elif defined(STATE_BESIDE_A_CALLABLE)
    // error: a callable holds its own
    portspan::Stream<float> stream{{}, silent, 5};
#else
    Gain gain;
    portspan::Stream<float> stream{{}, [&gain](auto& block) { gain.process(block); }};
#endif
}

#ifdef INHERITING_FROM_A_STREAM
// error: final
struct Player : portspan::Stream<float> {};
#else
struct Player {
    portspan::Stream<float> stream;
};
#endif

void result_is_looked_at() {
    portspan::Stream<float> stream{silent};
#ifdef FORGETTING_THE_ERROR_OF_START
    // error: ignoring return value
    stream.start(std::nothrow);
#else
    if (stream.start(std::nothrow)) return;
    stream.start();
#endif
}
