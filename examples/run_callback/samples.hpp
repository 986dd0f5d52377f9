// SPDX-License-Identifier: MIT
// The six sample formats against each other: full scale is 1.0, or the range of int32.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <portspan/sample.hpp>
#include <type_traits>

namespace run_callback {

/// Amplitude of full scale: -32768 is -1.0 as int16.
template <class T>
constexpr double full_scale = 1.0;
template <>
inline constexpr double full_scale<std::int32_t> = 2147483648.0;
template <>
inline constexpr double full_scale<portspan::Int24> = 8388608.0;
template <>
inline constexpr double full_scale<std::int16_t> = 32768.0;
template <>
inline constexpr double full_scale<std::int8_t> = 128.0;
template <>
inline constexpr double full_scale<std::uint8_t> = 128.0;

/// Amplitude of a sample, full scale 1.
template <class T>
[[nodiscard]] float amplitude(T sample) noexcept {
    if constexpr (std::is_same_v<T, float>) {
        return sample;
    } else {
        const double centred =
            static_cast<double>(static_cast<std::int32_t>(sample)) - portspan::silence<T>;
        return static_cast<float>(centred * (1 / full_scale<T>));
    }
}

/// Rounded, clamped, NaN becomes silence.
template <class T>
[[nodiscard]] T from_amplitude(double value) noexcept {
    if constexpr (std::is_same_v<T, float>) {
        return static_cast<float>(value);
    } else {
        constexpr double scale = full_scale<T>;
        const double scaled = std::isnan(value) ? 0 : std::nearbyint(value * scale);
        const auto clamped = static_cast<std::int32_t>(std::clamp(scaled, -scale, scale - 1));
        return static_cast<T>(clamped + static_cast<std::int32_t>(portspan::silence<T>));
    }
}

/// The sample's bits at the top of an int32: what libsndfile calls an int.
template <class T>
[[nodiscard]] std::int32_t to_int(T sample) noexcept {
    constexpr auto shift = static_cast<std::int32_t>(2147483648.0 / full_scale<T>);
    const auto value = static_cast<std::int32_t>(sample);
    return (value - static_cast<std::int32_t>(portspan::silence<T>)) * shift;
}
template <>
[[nodiscard]] inline std::int32_t to_int(std::int32_t sample) noexcept {
    return sample;
}

/// The top bits of an int32; what is below them is cut off.
template <class T>
[[nodiscard]] T from_int(std::int32_t value) noexcept {
    if constexpr (std::is_same_v<T, std::int32_t>) {
        return value;
    } else {
        constexpr int bits = std::is_same_v<T, portspan::Int24> ? 8 : 32 - 8 * int{sizeof(T)};
        return static_cast<T>((value >> bits) + static_cast<std::int32_t>(portspan::silence<T>));
    }
}

}  // namespace run_callback
