// SPDX-License-Identifier: MIT
// Scoped enumerations as sets of flags.
#pragma once

#include <type_traits>

namespace portspan {

/// True for the enumerations whose values are sets of bits.
template <class E>
inline constexpr bool is_flag_set = false;

/// StreamFlags, StatusFlags.
template <class E>
concept FlagSet = std::is_enum_v<E> && is_flag_set<E>;

/// The flags of both.
template <FlagSet E>
[[nodiscard]] constexpr E operator|(E a, E b) noexcept {
    using Bits = std::underlying_type_t<E>;
    return static_cast<E>(static_cast<Bits>(a) | static_cast<Bits>(b));
}
/// The flags that are in both.
template <FlagSet E>
[[nodiscard]] constexpr E operator&(E a, E b) noexcept {
    using Bits = std::underlying_type_t<E>;
    return static_cast<E>(static_cast<Bits>(a) & static_cast<Bits>(b));
}
/// Adds the flags of `b`.
template <FlagSet E>
constexpr E& operator|=(E& a, E b) noexcept {
    return a = a | b;
}

/// True where at least one flag is set: `if (any(block.status() & StatusFlags::output_underflow))`.
template <FlagSet E>
[[nodiscard]] constexpr bool any(E flags) noexcept {
    return flags != E{};
}

}  // namespace portspan
