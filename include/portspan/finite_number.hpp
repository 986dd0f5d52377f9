// SPDX-License-Identifier: MIT
// Whether a number is one, by its bits: under -ffast-math a compiler takes every number to be
// finite.
#pragma once

#include <bit>
#include <cstdint>

namespace portspan::detail {

constexpr bool is_finite(float number) noexcept {
    constexpr std::uint32_t exponent = 0x7f800000;
    return (std::bit_cast<std::uint32_t>(number) & exponent) != exponent;
}
constexpr bool is_finite(double number) noexcept {
    constexpr std::uint64_t exponent = 0x7ff0'0000'0000'0000;
    return (std::bit_cast<std::uint64_t>(number) & exponent) != exponent;
}

}  // namespace portspan::detail
