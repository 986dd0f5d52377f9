// SPDX-License-Identifier: MIT
// Numbers that become samples, and samples that become others: nearest, clamped, never undefined.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <portspan/cross_fade.hpp>
#include <portspan/sample.hpp>
#include <portspan/sum.hpp>
#include <samples.hpp>
#include <type_traits>

#include "input.hpp"
#include "mock/src/convert.hpp"

using portspan::Int24;

namespace {

template <class T>
constexpr double lowest = double(std::numeric_limits<T>::min());
template <>
constexpr double lowest<Int24> = Int24::min;
template <class T>
constexpr double highest = double(std::numeric_limits<T>::max());
template <>
constexpr double highest<Int24> = Int24::max;

template <class T>
T any_sample(fuzz::Input& in) {
    if constexpr (std::is_same_v<T, Int24>) {
        return Int24{in.any<std::int32_t>() >> 8};
    } else {
        return in.any<T>();
    }
}

template <class T>
double number(T sample) {
    if constexpr (std::is_same_v<T, float>) {
        return static_cast<double>(sample);
    } else {
        return static_cast<double>(static_cast<std::int32_t>(sample));
    }
}

/// A real number as an Int24: its fraction is dropped.
double as_int24(double value) {
    return std::isnan(value) ? 0 : std::clamp(std::trunc(value), lowest<Int24>, highest<Int24>);
}

template <class Number>
void int24_of(Number value) {
    EXPECT(number(Int24{value}) == as_int24(static_cast<double>(value)));
}

void int24(fuzz::Input& in) {
    int24_of(in.any<double>());
    int24_of(in.any<float>());
    int24_of(in.any<std::int32_t>());
    int24_of(in.any<std::uint32_t>());
    int24_of(in.any<std::int16_t>());
    int24_of(in.any<std::uint8_t>());
    const auto whole = in.any<std::int64_t>();
    EXPECT(number(Int24{whole}) == double(std::clamp<std::int64_t>(whole, Int24::min, Int24::max)));
    const auto natural = in.any<std::uint64_t>();
    EXPECT(number(Int24{natural}) == double(std::min<std::uint64_t>(natural, Int24::max)));

    const auto sample = any_sample<Int24>(in), other = any_sample<Int24>(in);
    const std::int32_t value = sample, other_value = other;
    EXPECT((sample == other) == (value == other_value));
    EXPECT((sample < other) == (value < other_value));
    const double by = in.any<double>();
    const auto changed = [&](auto change) {
        Int24 result = sample;
        change(result);
        return number(result);
    };
    EXPECT(changed([&](Int24& x) { x += by; }) == as_int24(value + by));
    EXPECT(changed([&](Int24& x) { x -= by; }) == as_int24(value - by));
    EXPECT(changed([&](Int24& x) { x *= by; }) == as_int24(value * by));
    if (by != 0) EXPECT(changed([&](Int24& x) { x /= by; }) == as_int24(value / by));
}

/// What is heard at once, and on the way from one signal to the other.
template <class T>
void mixed(fuzz::Input& in) {
    const auto a = any_sample<T>(in), b = any_sample<T>(in);
    constexpr double zero = portspan::silence<T>;
    const T sum = portspan::detail::superposed(a, b);
    const double exact = zero + (number(a) - zero) + (number(b) - zero);
    EXPECT(number(sum) == std::clamp(exact, lowest<T>, highest<T>));

    const portspan::Fade fade{
        .frames = in.below(1000),
        .curve = in.flag() ? portspan::FadeCurve::linear : portspan::FadeCurve::equal_power};
    const auto gains = portspan::detail::gains_at(fade, in.below(1 + fade.frames));
    EXPECT(gains.from >= -1e-9 && gains.from <= 1 && gains.to >= 0 && gains.to <= 1);
    const double both = zero + (number(a) - zero) * gains.from + (number(b) - zero) * gains.to;
    const double clamped = std::clamp(both, lowest<T>, highest<T>);
    EXPECT(std::abs(number(portspan::detail::mixed(a, b, gains)) - clamped) <= 0.5);
}

/// The sample formats of run_callback.
template <class T>
void of_files(fuzz::Input& in) {
    const auto sample = any_sample<T>(in);
    EXPECT(run_callback::from_int<T>(run_callback::to_int(sample)) == sample);
    const auto value = in.any<double>();
    const double scale = run_callback::full_scale<T>;
    const double zero = portspan::silence<T>;
    const double wanted = std::isnan(value) ? 0 : std::nearbyint(value * scale);
    EXPECT(number(run_callback::from_amplitude<T>(value)) ==
           zero + std::clamp(wanted, -scale, scale - 1));
    const auto bits = in.any<std::int32_t>();
    EXPECT(number(run_callback::from_int<T>(bits)) == zero + std::floor(bits * (scale / 0x1p31)));
    const float amplitude = run_callback::amplitude(sample);
    EXPECT(amplitude >= -1 && amplitude <= 1);
    if constexpr (!std::is_same_v<T, std::int32_t>) {  // more bits than a float has
        EXPECT(run_callback::from_amplitude<T>(static_cast<double>(amplitude)) == sample);
    }
}

/// The mock's converters: there and back again within a step, in order, clipped.
void of_devices(fuzz::Input& in) {
    constexpr PaSampleFormat formats[] = {paInt32, paInt24, paInt16, paInt8, paUInt8};
    const PaSampleFormat format = in.one_of(formats);
    float given[2]{in.any<float>(), in.any<float>()}, back[2]{};
    std::vector<std::byte> samples(2 * portspan::mock::bytes_per_sample(format));
    portspan::mock::from_floats(given, 1, format, samples.data(), 2);
    portspan::mock::to_floats(samples.data(), format, back, 1, 2);
    const double step = std::ldexp(1.0, 2 - 8 * static_cast<int>(samples.size() / 2));
    for (int i = 0; i < 2; ++i) {
        EXPECT(back[i] >= -1 && back[i] <= 1);
        const double wanted = std::isnan(given[i]) ? 0 : std::clamp(double{given[i]}, -1.0, 1.0);
        EXPECT(std::abs(double{back[i]} - wanted) <= std::max(step, 1e-6));
    }
    if (given[0] <= given[1]) EXPECT(back[0] <= back[1]);
}

template <class T>
void integers(fuzz::Input& in) {
    mixed<T>(in);
    of_files<T>(in);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input in{data, size};
    int24(in);
    integers<std::int32_t>(in);
    integers<Int24>(in);
    integers<std::int16_t>(in);
    integers<std::int8_t>(in);
    integers<std::uint8_t>(in);
    of_devices(in);
    return 0;
}
