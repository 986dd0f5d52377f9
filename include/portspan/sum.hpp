// SPDX-License-Identifier: MIT
// Samples that are heard at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "sample.hpp"

namespace portspan::detail {

/// Where sums of samples do not overflow.
template <class T>
using Sum = std::conditional_t<
    std::is_same_v<T, float>, float,
    std::conditional_t<(sizeof(T) > sizeof(std::int16_t)), std::int64_t, std::int32_t>>;

/// The sample that is nearest to a sum of distances from silence.
template <class T>
constexpr T saturated(Sum<T> sum) noexcept {
    if constexpr (std::is_same_v<T, float>) {
        return sum;
    } else if constexpr (std::is_same_v<T, Int24>) {
        return Int24{sum};
    } else {
        using Limits = std::numeric_limits<T>;
        return static_cast<T>(
            std::clamp<Sum<T>>(sum + silence<T>, (Limits::min)(), (Limits::max)()));
    }
}

/// Two of them, saturated.
template <class T>
constexpr T superposed(T a, T b) noexcept {
    return saturated<T>(Sum<T>{a} - silence<T> + Sum<T>{b} - silence<T>);
}

}  // namespace portspan::detail
