// SPDX-License-Identifier: MIT
// Waiting for what another thread does.
#pragma once

#include <chrono>
#include <thread>

/// False where the condition does not hold within that time: the machine may be busy.
template <class Condition>
bool becomes_true(Condition&& condition, std::chrono::seconds within = std::chrono::seconds{10}) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return true;
}
