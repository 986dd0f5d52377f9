// SPDX-License-Identifier: MIT
// Waiting for an audio thread that tells nobody: waking another thread is a system call.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

#include "call_counter.hpp"

namespace portspan::detail {

/// How often to look.
inline constexpr std::chrono::milliseconds glance{1};

/// For how long nobody has made a call.
class CallWatch {
public:
    explicit CallWatch(const CallCounter& calls) noexcept : calls_(&calls), seen_(calls.count()) {}

    /// Since the beginning, or the last call that was seen; a long one is no silence.
    [[nodiscard]] std::chrono::duration<double> silence() noexcept {
        const auto now = std::chrono::steady_clock::now();
        const std::uint64_t count = calls_->count();
        if (std::exchange(seen_, count) != count || calls_->is_calling(count)) since_ = now;
        return now - since_;
    }

private:
    const CallCounter* calls_;
    std::uint64_t seen_;
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace portspan::detail
