// SPDX-License-Identifier: MIT
// Guards of an output that is not there, or of another kind.
#include <cstdint>
#include <portspan/guards.hpp>
#include <portspan/stream.hpp>

namespace {
const portspan::RawCallback callback{};
}  // namespace

void silence_non_finite() {
#ifdef SILENCE_NON_FINITE_OF_INTEGERS
    // error: silence_non_finite() is for float output: integers are always finite
    portspan::Stream<std::int16_t> stream{portspan::silence_non_finite(callback)};
#else
    portspan::Stream<float> stream{portspan::silence_non_finite(callback)};
    portspan::Stream<std::int16_t, float> mixed{portspan::silence_non_finite(callback)};
#endif
}

void limit() {
#if defined(LIMITS_OF_FLOAT_FOR_INTEGER_OUTPUT)
    // error: the limits of integer output are whole sample values
    portspan::Stream<std::int16_t> stream{portspan::limit(callback, -1.0f, 1.0f)};
#elif defined(LIMIT_ON_AN_INPUT_STREAM)
    // error: limit() needs a stream with output
    portspan::InputStream<float> stream{portspan::limit(callback, -1.0f, 1.0f)};
#else
    portspan::Stream<std::int16_t> stream{portspan::limit(callback, -1000, 1000)};
    portspan::Stream<float> floats{portspan::limit(callback, -1, 1)};
#endif
}

void zero_output_first() {
#ifdef ZERO_OUTPUT_FIRST_ON_AN_INPUT_STREAM
    // error: zero_output_first() needs a stream with output
    portspan::InputStream<float> stream{portspan::zero_output_first(callback)};
#else
    portspan::OutputStream<float> stream{portspan::zero_output_first(callback)};
#endif
}

void flush_denormals() { portspan::InputStream<float> stream{portspan::flush_denormals(callback)}; }
