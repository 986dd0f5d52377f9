// SPDX-License-Identifier: MIT
// PortAudio's own control calls, in the order in which it wants them.
#pragma once

#include <portaudio.h>

#include <memory>
#include <vector>

#include "control.hpp"
#include "failure_news.hpp"
#include "prepare.hpp"
#include "session.hpp"

namespace portspan::detail {

/// Closes a stream, and owns what its callback needs until then.
struct CloseStream {
    using pointer = PaStream*;
    Prepared callback;

    void operator()(PaStream* stream) const noexcept {
        const auto lock = control_lock();
        if (Pa_CloseStream(stream) == paNoError) return;
        // Some back ends give up waiting for their thread, which may then still call: better to
        // keep the callback for ever than to have it called after its end.
        static auto& never_destroyed = *new std::vector<std::shared_ptr<const void>>;
        never_destroyed.push_back(callback.callback.keep_alive);
        ++held.unclosed;
    }
};

/// What became of a call.
struct Outcome {
    PaError error;
    const char* call;
    /// Nothing was started: FailureNews has something to tell of the last run.
    bool is_untold = false;
};

/// Starts a stream, where it does not run already; `control` may be null. The control lock is held.
inline Outcome start_stream(PaStream* stream, Control* control, FailureNews& failures) noexcept {
    const PaError active = Pa_IsStreamActive(stream);
    if (active < 0) return {active, "Pa_IsStreamActive"};
    const bool ending = control && (control->ended() || control->stop_requested());
    if (active == 1 && !ending) return {paNoError, "Pa_StartStream"};
    // After a callback that completed PortAudio wants a stop before the next start.
    const PaError stopped = Pa_IsStreamStopped(stream);
    if (stopped < 0) return {stopped, "Pa_IsStreamStopped"};
    const bool is_over = active == 0 && stopped == 0;
    if (is_over && failures.has_news()) return {paNoError, "Pa_StartStream", true};
    if (stopped == 0) {
        const PaError error = Pa_StopStream(stream);
        if (error != paNoError) return {error, "Pa_StopStream"};
    }
    if (control) control->reset();
    failures.begin();
    return {Pa_StartStream(stream), "Pa_StartStream"};
}

/// Pa_StopStream or Pa_AbortStream, where a stream is not stopped. The control lock is held.
inline Outcome end_stream(PaStream* stream, PaError (*end)(PaStream*), const char* call) noexcept {
    const PaError stopped = Pa_IsStreamStopped(stream);
    if (stopped < 0) return {stopped, "Pa_IsStreamStopped"};
    if (stopped != 0) return {paNoError, call};
    return {end(stream), call};
}

}  // namespace portspan::detail
