// SPDX-License-Identifier: MIT
// PortAudio's own control calls, in the order in which it wants them, and what to do where a host
// does not answer.
#pragma once

#include <portaudio.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "control.hpp"
#include "exceptions.hpp"
#include "failure_news.hpp"
#include "prepare.hpp"
#include "questions.hpp"
#include "session.hpp"

namespace portspan::detail {

/// A call that may take for ever: PortAudio waits 10 minutes for a JACK server that has died.
/// Empty where it takes longer than 3 s; then it is still being made. Empty as well where its
/// thread was cancelled: where a start has failed, 19.6 on ALSA cancels the audio thread a second
/// time, and the system may have given that one's id to the new thread, which ends in the middle of
/// the call.
inline std::optional<PaError> call_patiently(PaError (*call)(PaStream*), PaStream* stream) {
    constexpr std::chrono::seconds long_enough{3};
    std::packaged_task<PaError()> task{[call, stream] { return call(stream); }};
    auto answer = task.get_future();
    std::thread{std::move(task)}.detach();
    if (answer.wait_for(long_enough) == std::future_status::timeout) return std::nullopt;
    return attempt<std::future_error>([&] { return std::optional{answer.get()}; },
                                      [](const auto&) { return std::nullopt; });
}

/// Owns, in the order in which they are needed, what an open stream needs, and closes it.
class CloseStream {
public:
    using pointer = PaStream*;

    CloseStream(Session session, Prepared prepared) noexcept
        : callback(std::move(prepared)), session_(std::move(session)) {}

    void operator()(PaStream* stream) noexcept {
        if (callback.control && current == callback.control) return close_later(stream);
        const auto lock = control_lock();
        static_cast<void>(close(stream));
    }

    /// Whether the stream is closed or not, nobody may use it afterwards. The control lock is held.
    [[nodiscard]] PaError close(PaStream* stream) noexcept {
        if (callback.control) callback.control->begin_close();
        const bool abandoned = ask_active(stream) == 0 && Pa_IsStreamStopped(stream) == 0;
        const PaError error = end(stream, Pa_CloseStream, abandoned);
        // Some back ends give up waiting for their thread, which may then still call: better to
        // keep the callback for ever than to have it called after its end.
        if (error != paNoError) {
            keep_for_ever(callback.callback.keep_alive);
            ++held.unclosed;
        }
        // Pa_Terminate would wait for the same host.
        if (is_stuck_) {
            keep_for_ever(std::make_shared<Session>(std::move(session_)));
            ++held.given_up;
        }
        return error;
    }

    /// Pa_StopStream, Pa_AbortStream or Pa_CloseStream; `is_over` where the stream is no longer
    /// active and nobody has stopped it. The control lock is held.
    [[nodiscard]] PaError end(PaStream* stream, PaError (*call)(PaStream*), bool is_over) noexcept {
        if (is_stuck_) return paTimedOut;
        if (!may_not_answer(is_over)) return call(stream);
        const auto patiently = [&] {
            const auto answer = call_patiently(call, stream);
            is_stuck_ = !answer;
            return answer.value_or(paTimedOut);
        };
        // Where no thread is to be had.
        const auto at_once = [&](const auto&) { return call(stream); };
        return attempt<std::system_error>(patiently, at_once);
    }

    /// From now on no answer is waited for any longer than that.
    void distrust() noexcept { is_distrusted_ = true; }

    Prepared callback;

private:
    /// The host has ended the stream, for all that is known not because the callback wanted it.
    [[nodiscard]] bool may_not_answer([[maybe_unused]] bool is_over) const noexcept {
#ifdef _WIN32
        return false;  // there a stream's calls have to come from threads that have set up COM
#else
        return is_distrusted_ || (is_over && !(callback.control && callback.control->ended()));
#endif
    }

    /// From the stream's own callback, whose end Pa_CloseStream would wait for.
    void close_later(PaStream* stream) {
        const auto owner = std::make_shared<CloseStream>(std::move(*this));
        attempt<std::system_error>(
            [&] { std::thread{[stream, owner] { (*owner)(stream); }}.detach(); },
            [&](const auto&) { keep_for_ever(owner); });
    }

    static void keep_for_ever(std::shared_ptr<const void> what) {
        static auto& kept = *new std::vector<std::shared_ptr<const void>>;
        kept.push_back(std::move(what));
    }

    Session session_;
    bool is_stuck_ = false;
    bool is_distrusted_ = false;
};

/// What became of a call.
struct Outcome {
    PaError error;
    const char* call;
    /// Nothing was started: FailureNews has something to tell of the last run.
    bool is_untold = false;
};

/// Starts a stream, where it does not run already. The control lock is held.
inline Outcome start_stream(PaStream* stream, CloseStream& owner, FailureNews& failures) noexcept {
    Control* const control = owner.callback.control;
    const PaError active = ask_active(stream);
    if (active < 0) return {active, "Pa_IsStreamActive"};
    const bool ending = control && (control->ended() || control->stop_requested());
    if (active == 1 && !ending) return {paNoError, "Pa_StartStream"};
    // After a callback that completed PortAudio wants a stop before the next start.
    const PaError stopped = ask_stopped(stream);
    if (stopped < 0) return {stopped, "Pa_IsStreamStopped"};
    const bool is_over = active == 0 && stopped == 0;
    if (is_over && failures.has_news()) return {paNoError, "Pa_StartStream", true};
    if (stopped == 0) {
        const PaError error = owner.end(stream, Pa_StopStream, is_over);
        if (error != paNoError) return {error, "Pa_StopStream"};
    }
    if (control) control->reset();
    failures.begin();
    const PaError error = Pa_StartStream(stream);
    if (control && error != paNoError) control->halted();
    return {error, "Pa_StartStream"};
}

/// Pa_StopStream or Pa_AbortStream, where a stream is not stopped. The control lock is held.
inline Outcome end_stream(PaStream* stream, CloseStream& owner, PaError (*end)(PaStream*),
                          const char* call) noexcept {
    const PaError stopped = ask_stopped(stream);
    if (stopped < 0) return {stopped, "Pa_IsStreamStopped"};
    if (stopped != 0) return {paNoError, call};
    const PaError active = ask_active(stream);
    if (active < 0) return {active, "Pa_IsStreamActive"};
    const PaError error = owner.end(stream, end, active == 0);
    if (error == paNoError && owner.callback.control) owner.callback.control->halted();
    return {error, call};
}

}  // namespace portspan::detail
