// SPDX-License-Identifier: MIT
// Waiting for what another thread does.
#pragma once

#include <chrono>
#include <thread>

namespace mock_test {

/// True as soon as `f()` is; false where that takes longer than any machine should need.
template <class F>
bool eventually(F&& f) {
    using namespace std::chrono_literals;
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < end) {
        if (f()) return true;
        std::this_thread::sleep_for(1ms);
    }
    return false;
}

}  // namespace mock_test
