// SPDX-License-Identifier: MIT
// A view's channel count, known to the compiler or at run time.
#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <type_traits>

namespace portspan::detail {

/// A channel count that takes no space where the compiler knows it.
template <std::size_t N>
struct ChannelCount {
    constexpr ChannelCount() = default;
    constexpr explicit ChannelCount([[maybe_unused]] std::size_t count) { assert(count == N); }
    static constexpr std::size_t value = N;
};
template <>
struct ChannelCount<std::dynamic_extent> {
    constexpr ChannelCount() = default;
    constexpr explicit ChannelCount(std::size_t count) : value(count) {}
    std::size_t value = 0;
};

/// A static channel count may be forgotten and a sample may become read-only, never the reverse.
template <class T, std::size_t N, class U, std::size_t M>
concept WidensTo = !(std::is_same_v<T, U> && N == M) && std::is_convertible_v<T (*)[], U (*)[]> &&
                   (N == M || M == std::dynamic_extent);

}  // namespace portspan::detail
