// SPDX-License-Identifier: MIT
// An open PortAudio stream and its control calls: what a Stream is when its types are forgotten.
#pragma once

#include <portaudio.h>

#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "block.hpp"
#include "config.hpp"
#include "error.hpp"
#include "failure_news.hpp"
#include "pa_stream.hpp"
#include "prepare.hpp"
#include "session.hpp"

namespace portspan::detail {

/// Owns, in the order in which they are needed: the library, the callback, the PaStream.
/// The control calls may come from any thread but the callback's, unless they say otherwise.
class StreamHandle {
public:
    StreamHandle(Session session, Shape shape,
                 std::unique_ptr<PaStream, CloseStream> stream) noexcept
        : session_(std::move(session)),
          shape_(shape),
          stream_(std::move(stream)),
          failures_(stream_.get_deleter().callback.callback.failures) {}

    StreamHandle(StreamHandle&&) noexcept = default;
    // Not defaulted: that would end the session of the old stream before the stream.
    StreamHandle& operator=(StreamHandle&& other) noexcept {
        StreamHandle local{std::move(other)};
        std::swap(session_, local.session_);
        std::swap(shape_, local.shape_);
        std::swap(stream_, local.stream_);
        std::swap(failures_, local.failures_);
        return *this;
    }
    ~StreamHandle() = default;

    /// Starts the audio; no error where it runs already, and after a callback that completed. Where
    /// the last run left an exception that nobody has asked for, that is thrown and nothing starts.
    void start() {
        rethrow();
        for (bool starts = false; !starts;) {
            {
                const auto lock = control_lock();  // until the host's words for an error are read
                const Outcome outcome = start_stream(stream_.get(), control(), failures_);
                check(outcome.error, outcome.call);
                starts = !outcome.is_untold;
            }
            if (!starts) failures_.report();  // nothing, where another thread has told it meanwhile
        }
    }
    [[nodiscard]] std::error_code start(std::nothrow_t) noexcept {
        const auto lock = control_lock();
        if (failed()) return Fault::callback_threw;
        const Outcome outcome = start_stream(stream_.get(), control(), failures_);
        if (outcome.is_untold) return Fault::callback_threw;
        return portaudio_error(outcome.error);
    }

    /// Plays what is buffered, then stops; no error where nothing runs. Throws what the callback
    /// threw, or what portspan found wrong with it, or Fault::callback_threw with what its library
    /// says of a failure since start(); the overload that does not throw says that something waits
    /// as Fault::callback_threw.
    void stop() {
        {
            const auto lock = control_lock();
            const Outcome outcome = end_stream(stream_.get(), Pa_StopStream, "Pa_StopStream");
            check(outcome.error, outcome.call);
        }
        rethrow();
        failures_.report();
    }
    [[nodiscard]] std::error_code stop(std::nothrow_t) noexcept {
        const auto lock = control_lock();
        const PaError error = end_stream(stream_.get(), Pa_StopStream, "Pa_StopStream").error;
        if (error == paNoError && (failed() || failures_.has_news())) return Fault::callback_threw;
        return portaudio_error(error);
    }

    /// Stops as soon as possible; what is buffered is not played.
    void abort() {
        const auto lock = control_lock();
        const Outcome outcome = end_stream(stream_.get(), Pa_AbortStream, "Pa_AbortStream");
        check(outcome.error, outcome.call);
    }
    [[nodiscard]] std::error_code abort(std::nothrow_t) noexcept {
        const auto lock = control_lock();
        return portaudio_error(end_stream(stream_.get(), Pa_AbortStream, "Pa_AbortStream").error);
    }

    /// Any thread, the callback included: the callback's next result is at least Next::complete.
    /// False where a foreign function is called without anything of portspan in between: there its
    /// own result ends the stream, or stop() does.
    bool request_stop() noexcept {
        if (control()) control()->request_stop();
        return control() != nullptr;
    }

    /// Returns when the stream runs no more: the callback has completed and what it left is played,
    /// or somebody stopped it. Throws like stop(). At once where the stream was not started. What a
    /// callable wrote is then seen by this thread; a foreign function has to see to that itself.
    void wait() {
        while (active()) std::this_thread::sleep_for(poll_interval);
        rethrow();
        failures_.report();
    }

    /// The same, for at most `timeout`; false where the stream still runs.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> timeout) {
        using Seconds = std::chrono::duration<double>;  // hours::max() would overflow nanoseconds
        const auto start = std::chrono::steady_clock::now();
        while (active()) {
            const Seconds elapsed = std::chrono::steady_clock::now() - start;
            if (!(elapsed < Seconds{timeout})) return false;
            std::this_thread::sleep_for(poll_interval);
        }
        rethrow();
        failures_.report();
        return true;
    }

    /// True from start() until the callback has ended and its audio is played, or stop().
    [[nodiscard]] bool active() const {
        return check(Pa_IsStreamActive(stream_.get()), "Pa_IsStreamActive") != 0;
    }
    /// True before start() and after stop() or abort(); false after a callback that completed.
    [[nodiscard]] bool stopped() const {
        return check(Pa_IsStreamStopped(stream_.get()), "Pa_IsStreamStopped") != 0;
    }

    /// The clock of Block::time(); 0 where PortAudio cannot tell. Any thread, the callback
    /// included.
    [[nodiscard]] StreamClock::time_point time() const noexcept {
        return StreamClock::time_point{StreamClock::duration{Pa_GetStreamTime(stream_.get())}};
    }
    /// The share of its time that the callback takes, 0 to 1 and beyond; 0 where PortAudio cannot
    /// tell. Any thread.
    [[nodiscard]] double cpu_load() const noexcept { return Pa_GetStreamCpuLoad(stream_.get()); }

    /// What the device really does (portaudio.h, PaStreamInfo); Hz and seconds.
    [[nodiscard]] double sample_rate() const { return info().sampleRate; }
    [[nodiscard]] std::chrono::duration<double> input_latency() const {
        return std::chrono::duration<double>{info().inputLatency};
    }
    [[nodiscard]] std::chrono::duration<double> output_latency() const {
        return std::chrono::duration<double>{info().outputLatency};
    }

    /// 0 for a direction that the stream does not have.
    [[nodiscard]] std::size_t input_channels() const noexcept { return shape_.input_channels; }
    [[nodiscard]] std::size_t output_channels() const noexcept { return shape_.output_channels; }

    /// For what PortAudio can and portspan does not; closed with this object.
    [[nodiscard]] PaStream* handle() const noexcept { return stream_.get(); }

private:
    // The waiting side polls: PortAudio hands a finished callback the stream callback's user data,
    // which for a foreign function is not ours.
    static constexpr std::chrono::milliseconds poll_interval{1};

    [[nodiscard]] Control* control() const noexcept {
        return stream_ ? stream_.get_deleter().callback.control : nullptr;
    }

    [[nodiscard]] bool failed() const noexcept { return control() && control()->failed(); }

    // Without the control lock: the end of a wait must not wait for another stream's stop().
    void rethrow() const {
        if (!control()) return;
        if (const auto failure = control()->take()) std::rethrow_exception(failure);
    }

    [[nodiscard]] const PaStreamInfo& info() const {
        const PaStreamInfo* info = Pa_GetStreamInfo(stream_.get());
        if (!info) throw portaudio_failure(paBadStreamPtr, "Pa_GetStreamInfo");
        return *info;
    }

    Session session_;
    Shape shape_;
    std::unique_ptr<PaStream, CloseStream> stream_;
    FailureNews failures_;
};

}  // namespace portspan::detail
