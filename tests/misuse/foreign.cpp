// SPDX-License-Identifier: MIT
// Function pointers: what a stream of them compares at compile time.
#include <cstdint>
#include <portspan/stream.hpp>
#include <type_traits>

namespace {

using Time = PaStreamCallbackTimeInfo;
using Flags = PaStreamCallbackFlags;
using Frames = unsigned long;
/// An integer of another size than unsigned long, whatever that is here.
using OtherSize = std::conditional_t<sizeof(unsigned long) == 8, std::uint32_t, std::uint64_t>;
struct Gain {
    float factor;
};
struct Filter {
    float last;
};

int gain(const float*, float*, Frames, const Time*, Flags, Gain*) { return paContinue; }
int gain_int16(const std::int16_t*, std::int16_t*, Frames, const Time*, Flags, void*) {
    return paContinue;
}
int meter(const float*, void*, Frames, const Time*, Flags, void*) { return paContinue; }
int planar(const float* const*, float* const*, Frames, const Time*, Flags, void*) {
    return paContinue;
}
int interleaved(const float*, float*, Frames, const Time*, Flags, void*) { return paContinue; }
int untyped(const void*, void*, Frames, const Time*, Flags, void*) { return paContinue; }

Gain state{1};
[[maybe_unused]] Filter other_state{0};

}  // namespace

void float_function() {
#ifdef FLOAT_FUNCTION_ON_A_STREAM_OF_INT16
    // error: parameter 1 (input) of the callback has another sample type
    portspan::Stream<std::int16_t> stream{&gain, &state};
#else
    portspan::Stream<float> stream{&gain, &state};
#endif
}

void int16_function() {
#ifdef INT16_FUNCTION_ON_A_STREAM_OF_FLOAT
    // error: parameter 1 (input) of the callback has another sample type
    portspan::Stream<float> stream{&gain_int16};
#else
    portspan::Stream<std::int16_t> stream{&gain_int16};
#endif
}

void output_type() {
#ifdef FLOAT_OUTPUT_ON_AN_OUTPUT_STREAM_OF_INT16
    // error: parameter 2 (output) of the callback has another sample type
    portspan::OutputStream<std::int16_t> stream{&gain, &state};
#else
    portspan::OutputStream<float> stream{&gain, &state};
#endif
}

void input_type() {
#ifdef FLOAT_INPUT_ON_AN_INPUT_STREAM_OF_INT16
    // error: parameter 1 (input) of the callback has another sample type
    portspan::InputStream<std::int16_t> stream{&meter};
#else
    portspan::InputStream<float> stream{&meter};
#endif
}

void planar_function() {
#ifdef PLANAR_FUNCTION_ON_AN_INTERLEAVED_STREAM
    // error: parameter 1 (input) of the callback has another sample type or layout
    portspan::Stream<float> stream{&planar};
#else
    portspan::Stream<float, float, portspan::Planar> stream{&planar};
#endif
}

void interleaved_function() {
#ifdef INTERLEAVED_FUNCTION_ON_A_PLANAR_STREAM
    // error: parameter 1 (input) of the callback has another sample type or layout
    portspan::Stream<float, float, portspan::Planar> stream{&interleaved};
#else
    portspan::Stream<float> stream{&interleaved};
#endif
}

void frame_count() {
#ifdef FRAME_COUNT_OF_ANOTHER_SIZE
    // error: parameter 3 (frame count) must be an integer of the size of unsigned long
    using Count = OtherSize;
#else
    using Count = std::make_signed_t<Frames>;  // what ctypes and Fortran have
#endif
    portspan::Stream<float> stream{
        [](const void*, void*, Count, const Time*, Flags, void*) -> int { return paContinue; }};
}

void frame_count_with_state() {
#ifdef FRAME_COUNT_OF_ANOTHER_SIZE_WITH_A_STATE
    // error: parameter 3 (frame count) must be an integer of the size of unsigned long
    using Count = OtherSize;
#else
    using Count = Frames;
#endif
    portspan::Stream<float> stream{
        [](const void*, void*, Count, const Time*, Flags, Gain*) -> int { return paContinue; },
        &state};
}

void frame_count_of_a_floating_point_type() {
#ifdef FRAME_COUNT_THAT_IS_A_DOUBLE
    // error: parameter 3 (frame count) must be an integer of the size of unsigned long
    using Count = double;
#else
    using Count = Frames;
#endif
    portspan::Stream<float> stream{
        [](const void*, void*, Count, const Time*, Flags, void*) -> int { return paContinue; }};
}

void flags() {
#ifdef FLAGS_OF_ANOTHER_SIZE
    // error: parameter 5 (status flags) must be an integer of the size of unsigned long
    using Status = OtherSize;
#else
    using Status = std::make_signed_t<Flags>;
#endif
    portspan::Stream<float> stream{
        [](const void*, void*, Frames, const Time*, Status, void*) -> int { return paContinue; }};
}

void pointers() {
#ifdef INPUT_THAT_IS_NO_POINTER
    // error: parameter 1 (input) must be a pointer
    using Input = std::intptr_t;
#else
    using Input = const void*;
#endif
#ifdef OUTPUT_THAT_IS_NO_POINTER
    // error: parameter 2 (output) must be a pointer
    using Output = std::intptr_t;
#else
    using Output = void*;
#endif
#ifdef TIME_INFO_BY_VALUE
    // error: parameter 4 (time info) must be a pointer
    using Info = Time;
#else
    using Info = Time*;
#endif
#ifdef USER_DATA_THAT_IS_NO_POINTER
    // error: parameter 6 (user data) must be a pointer
    using UserData = std::intptr_t;
#else
    using UserData = void*;
#endif
    portspan::Stream<float> stream{
        [](Input, Output, Frames, Info, Flags, UserData) -> int { return paContinue; }};
}

void result() {
#if defined(RESULT_VOID)
    // error: the result must be an integer of int's size
    using Result = void;
#elif defined(RESULT_LONG_LONG)
    // error: the result must be an integer of int's size
    using Result = long long;
#elif defined(RESULT_DOUBLE)
    // error: the result must be an integer of int's size
    using Result = double;
#elif defined(RESULT_BOOL)
    // error: the result must be an integer of int's size
    using Result = bool;
#else
    using Result = PaStreamCallbackResult;
#endif
    portspan::Stream<float> stream{
        [](const void*, void*, Frames, const Time*, Flags, void*) { return Result(); }};
}

void parameters() {
#ifdef FIVE_PARAMETERS
    // error: six parameters
    portspan::Stream<float> stream{
        [](const void*, void*, Frames, const Time*, Flags) -> int { return paContinue; }};
#else
    portspan::Stream<float> stream{
        [](const void*, void*, Frames, const Time*, Flags, void*) -> int { return paContinue; }};
#endif
}

void state_of_another_type() {
#ifdef STATE_OF_ANOTHER_TYPE
    // error: the state is not what parameter 6 (user data) of the callback points to
    portspan::Stream<float> stream{&gain, &other_state};
#else
    portspan::Stream<float> stream{&gain, &state};
#endif
}

void state_by_value() {
#ifdef STATE_BY_VALUE
    // error: the state is not what parameter 6 (user data) of the callback points to
    portspan::Stream<float> stream{&gain, state};
#else
    portspan::Stream<float> stream{&gain, nullptr};
#endif
}

void constant_state() {
#ifdef STATE_THAT_IS_CONSTANT
    // error: the state is not what parameter 6 (user data) of the callback points to
    static const Gain constant{1};
    portspan::Stream<float> stream{&gain, &constant};
#else
    static Gain variable{1};
    portspan::Stream<float> stream{&gain, &variable};
#endif
}

void no_state() {
#ifdef TYPED_STATE_THAT_IS_MISSING
    // error: the callback has a state of its own type
    portspan::Stream<float> stream{&gain};
#else
    portspan::Stream<float> stream{&untyped};
#endif
}

void no_state_with_a_configuration() {
#ifdef TYPED_STATE_THAT_IS_MISSING_AFTER_A_CONFIGURATION
    // error: the callback has a state of its own type
    portspan::Stream<float> stream{portspan::StreamConfig{}, &gain};
#else
    portspan::Stream<float> stream{portspan::StreamConfig{}, &gain, &state};
#endif
}
