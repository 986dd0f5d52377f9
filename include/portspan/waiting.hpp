// SPDX-License-Identifier: MIT
// Waiting for the end of a stream.
#pragma once

#include <portaudio.h>

#include <chrono>
#include <thread>

#include "control.hpp"
#include "expiry.hpp"
#include "questions.hpp"

namespace portspan::detail {

// The waiting side polls: PortAudio hands a finished callback the stream callback's user data,
// which for a foreign function is not ours.
inline constexpr std::chrono::milliseconds poll_interval{1};

// A host may say that a stream is not active before it calls the finished callback.
inline constexpr std::chrono::milliseconds finished_within{100};

/// Whether the stream is active, as PortAudio says it: 0 when it has ended and the program was told
/// so, 1 where `expired` came first, or an error. Without the control lock: this must not wait for
/// another stream's stop().
template <class Expired>
[[nodiscard]] PaError active_after_wait(PaStream* stream, const Control* control,
                                        Expired expired) noexcept {
    PaError active = ask_active(stream);
    for (; active > 0 && !expired(); active = ask_active(stream)) {
        std::this_thread::sleep_for(poll_interval);
    }
    if (active != 0) return active;
    const auto long_enough = expires_after(finished_within);
    while (control && !control->told_finished() && ask_stopped(stream) == 0 && !long_enough()) {
        std::this_thread::sleep_for(poll_interval);
    }
    return active;
}

}  // namespace portspan::detail
