// SPDX-License-Identifier: MIT
// Samples of any type as numbers from -1 to 1, as PortAudio reads them.
#pragma once

#include <cstdint>
#include <limits>
#include <portspan/sample.hpp>
#include <type_traits>

template <class T>
constexpr double full_scale = std::numeric_limits<T>::max();
template <>
inline constexpr double full_scale<float> = 1;
template <>
inline constexpr double full_scale<portspan::Int24> = 8'388'607;
template <>
inline constexpr double full_scale<std::uint8_t> = 127;

template <class T>
T sample_of(double level) {
    return static_cast<T>(level * full_scale<T> + portspan::silence<T>);
}
template <class T>
double level_of(T sample) {
    return (static_cast<double>(sample) - portspan::silence<T>) / full_scale<T>;
}
