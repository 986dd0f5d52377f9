// SPDX-License-Identifier: MIT
// PortAudio initialised for as long as somebody needs it, and one control call at a time.
#pragma once

#include <portaudio.h>

#include <mutex>
#include <utility>

#include "error.hpp"

namespace portspan {

namespace detail {
/// Serialises every call that opens, starts, stops or closes: PortAudio is not thread-safe.
/// No callback may take it, so a call that waits for the callback cannot deadlock on it.
inline std::mutex control_mutex;

[[nodiscard]] inline std::lock_guard<std::mutex> control_lock() {
    return std::lock_guard{control_mutex};
}
}  // namespace detail

/// A share of the initialised PortAudio library: Pa_Initialize now, Pa_Terminate at the end.
/// Any number may exist; PortAudio counts them. Each stream owns one. Any thread.
class Session {
public:
    /// Throws Error where PortAudio cannot start; then nothing is left to terminate.
    Session() {
        const auto lock = detail::control_lock();
        check(Pa_Initialize(), "Pa_Initialize");
        initialized_ = true;
    }
    Session(Session&& other) noexcept : initialized_(std::exchange(other.initialized_, false)) {}
    Session& operator=(Session&& other) noexcept {
        Session old{std::move(other)};
        std::swap(initialized_, old.initialized_);
        return *this;
    }
    /// Nobody is told what Pa_Terminate answers: it has terminated all the same.
    ~Session() {
        if (!initialized_) return;
        const auto lock = detail::control_lock();
        Pa_Terminate();
    }

private:
    bool initialized_ = false;
};

}  // namespace portspan
