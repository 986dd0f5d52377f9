// SPDX-License-Identifier: MIT
// How long somebody waits.
#pragma once

#include <chrono>

namespace portspan::detail {

/// Never.
inline constexpr auto never_expires = [] { return false; };

/// Says whether `timeout` has passed since now.
template <class Duration>
auto expires_after(Duration timeout) {
    using Seconds = std::chrono::duration<double>;  // hours::max() would overflow nanoseconds
    return [timeout, start = std::chrono::steady_clock::now()] {
        const Seconds elapsed = std::chrono::steady_clock::now() - start;
        return !(elapsed < Seconds{timeout});
    };
}

}  // namespace portspan::detail
