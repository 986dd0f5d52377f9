// SPDX-License-Identifier: MIT
// An open PortAudio stream and its control calls: what a Stream is when its types are forgotten.
#pragma once

#include <portaudio.h>

#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "block.hpp"
#include "config.hpp"
#include "error.hpp"
#include "exceptions.hpp"
#include "failure.hpp"
#include "failure_news.hpp"
#include "host_api_type.hpp"
#include "pa_stream.hpp"
#include "prepare.hpp"
#include "questions.hpp"
#include "session.hpp"
#include "waiting.hpp"

namespace portspan::detail {

/// The control calls may come from any thread. From the stream's own callback or finished callback
/// they are refused (Fault::inside_callback) unless they say otherwise: PortAudio would wait for
/// the callback there, or end the program. A host that has lost the device and does not answer is
/// given up after 3 s (paTimedOut); its stream is then kept for ever.
class StreamHandle {
public:
    StreamHandle(Shape shape, std::unique_ptr<PaStream, CloseStream> stream,
                 HostApiType host_api) noexcept
        : shape_(shape),
          host_api_(host_api),
          stream_(std::move(stream)),
          failures_(stream_.get_deleter().callback.callback.failures) {}

    StreamHandle(StreamHandle&&) noexcept = default;
    // Not defaulted: that would free the old callback before its stream is closed.
    StreamHandle& operator=(StreamHandle&& other) noexcept {
        StreamHandle local{std::move(other)};
        std::swap(shape_, local.shape_);
        std::swap(host_api_, local.host_api_);
        std::swap(stream_, local.stream_);
        std::swap(failures_, local.failures_);
        std::swap(untold_, local.untold_);
        return *this;
    }
    ~StreamHandle() = default;

    /// Starts the audio; no error where it runs already, and after a callback that completed. Where
    /// the last run left an exception that nobody has asked for, that is thrown and nothing starts;
    /// the overload that does not throw says Fault::callback_threw until take_failure() has it.
    void start() {
        require_open("Pa_StartStream");
        rethrow();
        for (bool starts = false; !starts;) {
            {
                const auto lock = control_lock();  // until the host's words for an error are read
                const Outcome outcome = start_stream(stream_.get(), owner(), failures_);
                check(outcome.error, outcome.call);
                starts = !outcome.is_untold;
            }
            if (!starts) failures_.report();  // nothing, where another thread has told it meanwhile
        }
    }
    [[nodiscard]] std::error_code start(std::nothrow_t) noexcept {
        if (is_inside()) return Fault::inside_callback;
        const auto lock = control_lock();
        if (failed()) return Fault::callback_threw;
        const Outcome outcome = start_stream(stream_.get(), owner(), failures_);
        if (outcome.is_untold) return Fault::callback_threw;
        return portaudio_error(outcome.error);
    }

    /// Plays what is buffered, then stops; no error where nothing runs. Throws what the callback
    /// threw, or what portspan found wrong with it, or Fault::callback_threw with what its library
    /// says of a failure since start(); the overload that does not throw says that something waits
    /// as Fault::callback_threw, and take_failure() has it.
    void stop() {
        require_open("Pa_StopStream");
        {
            const auto lock = control_lock();
            const Outcome outcome =
                end_stream(stream_.get(), owner(), Pa_StopStream, "Pa_StopStream");
            check(outcome.error, outcome.call);
        }
        rethrow();
        failures_.report();
    }
    [[nodiscard]] std::error_code stop(std::nothrow_t) noexcept {
        if (is_inside()) return Fault::inside_callback;
        const auto lock = control_lock();
        const PaError error =
            end_stream(stream_.get(), owner(), Pa_StopStream, "Pa_StopStream").error;
        if (error == paNoError && (failed() || failures_.has_news())) return Fault::callback_threw;
        return portaudio_error(error);
    }

    /// Stops as soon as possible; what is buffered is not played.
    void abort() {
        require_open("Pa_AbortStream");
        const auto lock = control_lock();
        const Outcome outcome =
            end_stream(stream_.get(), owner(), Pa_AbortStream, "Pa_AbortStream");
        check(outcome.error, outcome.call);
    }
    [[nodiscard]] std::error_code abort(std::nothrow_t) noexcept {
        if (is_inside()) return Fault::inside_callback;
        const auto lock = control_lock();
        return portaudio_error(
            end_stream(stream_.get(), owner(), Pa_AbortStream, "Pa_AbortStream").error);
    }

    /// Ends the audio like abort(), closes the stream and destroys the callback, unless the host
    /// may still call it. Throws like stop(), of which the end of this object says nothing.
    /// Afterwards this is as a stream that was moved from: other calls fail. As moving and
    /// destroying, not while another thread makes a call of this stream.
    void close() {
        refuse_inside("Pa_CloseStream");
        close_with([](PaError error) { check(error, "Pa_CloseStream"); });
        rethrow();
    }
    [[nodiscard]] std::error_code close(std::nothrow_t) noexcept {
        if (is_inside()) return Fault::inside_callback;
        PaError error = paNoError;
        close_with([&](PaError answer) { error = answer; });
        if (error == paNoError && failed()) return Fault::callback_threw;
        return portaudio_error(error);
    }

    /// What stop() and wait() would throw of the callback, for a program that does not let them: an
    /// exception of its own, or an Error. Null where nothing waits, and from the callback. Once,
    /// whoever asks; then start() starts. Also after close(). Without exceptions always null, and
    /// what waited is forgotten.
    [[nodiscard]] std::exception_ptr take_failure() noexcept {
        if (is_inside()) return nullptr;
        return attempt(
            [this] {
                const Failure failure = take_untold();
                return (failure ? failure : failures_.take_failure()).exception();
            },
            [] { return std::current_exception(); });
    }

    /// Any thread, the callback included: the callback's next result is at least Next::complete.
    /// False where a foreign function is called without anything of portspan in between: there its
    /// own result ends the stream, or stop() does. A start() forgets one that came before it.
    bool request_stop() noexcept {
        if (control()) control()->request_stop();
        return control() != nullptr;
    }

    /// Returns when the stream runs no more: the callback has completed and what it left is played,
    /// or somebody stopped it. Throws like stop(). At once where the stream was not started. What a
    /// callable wrote is then seen by this thread; a foreign function has to see to that itself.
    void wait() { wait_until(never_expires); }
    [[nodiscard]] std::error_code wait(std::nothrow_t) noexcept {
        return ended_within(never_expires);
    }

    /// The same, for at most `timeout`; false where the stream still runs.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> timeout) {
        return wait_until(expires_after(timeout));
    }
    /// std::errc::timed_out where the stream still runs.
    template <class Rep, class Period>
    [[nodiscard]] std::error_code wait_for(std::chrono::duration<Rep, Period> timeout,
                                           std::nothrow_t) noexcept {
        return ended_within(expires_after(timeout));
    }

    /// True from start() until the callback has ended and its audio is played, or stop().
    [[nodiscard]] bool active() const {
        return is_true(ask_active(stream_.get()), "Pa_IsStreamActive");
    }
    /// True before start() and after stop() or abort(); false after a callback that completed.
    [[nodiscard]] bool stopped() const {
        return is_true(ask_stopped(stream_.get()), "Pa_IsStreamStopped");
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
    /// From the ADC to the callback, by PortAudio's estimate.
    [[nodiscard]] std::chrono::duration<double> input_latency() const {
        return std::chrono::duration<double>{info().inputLatency};
    }
    /// From the callback to the DAC, by PortAudio's estimate.
    [[nodiscard]] std::chrono::duration<double> output_latency() const {
        return std::chrono::duration<double>{info().outputLatency};
    }

    /// 0 for a direction that the stream does not have.
    [[nodiscard]] std::size_t input_channels() const noexcept { return shape_.input_channels; }
    /// 0 likewise.
    [[nodiscard]] std::size_t output_channels() const noexcept { return shape_.output_channels; }

    /// Both at once, and the formats of std::byte directions.
    [[nodiscard]] const Shape& shape() const noexcept { return shape_; }

    /// The host API of the stream's devices.
    [[nodiscard]] HostApiType host_api_type() const noexcept { return host_api_; }

    /// The host may be gone: its answers are waited for as above, whatever state the stream is in.
    void distrust() noexcept {
        if (stream_) owner().distrust();
    }

    /// For what PortAudio can and portspan does not; closed with this object.
    [[nodiscard]] PaStream* handle() const noexcept { return stream_.get(); }

private:
    [[nodiscard]] CloseStream& owner() noexcept { return stream_.get_deleter(); }
    [[nodiscard]] Control* control() const noexcept {
        return stream_ ? stream_.get_deleter().callback.control : nullptr;
    }

    [[nodiscard]] bool is_inside() const noexcept {
        return current && (current == control() || current->is_closing());
    }
    void refuse_inside(const char* call) const {
        if (is_inside()) {
            raise(Error(Fault::inside_callback, call, "request_stop() works there"));
        }
    }

    void require_open(const char* call) const {
        refuse_inside(call);
        if (!stream_) raise(closed_failure(call));
    }

    [[nodiscard]] bool failed() const noexcept {
        return static_cast<bool>(untold_) || (control() && control()->failed());
    }

    // Without the control lock: the end of a wait must not wait for another stream's stop().
    void rethrow() {
        if (const auto failure = take_untold()) failure.raise();
    }
    [[nodiscard]] Failure take_untold() {
        if (untold_) return std::exchange(untold_, {});
        return control() ? control()->take() : Failure{};
    }

    template <class Expired>
    bool wait_until(Expired expired) {
        require_open("wait");
        const PaError active = active_after_wait(stream_.get(), control(), expired);
        if (is_true(active, "Pa_IsStreamActive")) return false;
        rethrow();
        failures_.report();
        return true;
    }

    template <class Expired>
    std::error_code ended_within(Expired expired) noexcept {
        if (is_inside()) return Fault::inside_callback;
        const PaError active = active_after_wait(stream_.get(), control(), expired);
        if (active < 0) return portaudio_error(active);
        if (active > 0) return std::make_error_code(std::errc::timed_out);
        if (failed() || failures_.has_news()) return Fault::callback_threw;
        return {};
    }

    /// `told` gets what PortAudio says, as long as the host's words for it can be read. What the
    /// stream needed goes after the lock, whatever happens: that ends a session.
    template <class Told>
    void close_with(Told told) {
        std::optional<CloseStream> closed;
        const auto lock = control_lock();
        if (!stream_) return;
        const PaError error = owner().close(stream_.get());
        if (control()) untold_ = control()->take();
        if (!untold_) untold_ = failures_.take_failure();
        failures_ = FailureNews{nullptr};
        closed.emplace(std::move(owner()));
        static_cast<void>(stream_.release());
        told(error);
    }

    bool is_true(PaError answer, const char* question) const {
        if (!stream_) raise(closed_failure(question));
        if (answer < 0) raise(question_failure(answer, question));
        return answer != 0;
    }

    [[nodiscard]] const PaStreamInfo& info() const {
        if (!stream_) raise(closed_failure("Pa_GetStreamInfo"));
        const PaStreamInfo* info = Pa_GetStreamInfo(stream_.get());
        if (!info) raise(portaudio_failure(paBadStreamPtr, "Pa_GetStreamInfo"));
        return *info;
    }

    Shape shape_;
    HostApiType host_api_;  ///< PortAudio has no function that tells it
    std::unique_ptr<PaStream, CloseStream> stream_;
    FailureNews failures_;
    Failure untold_;  ///< what a stream that is closed has not said
};

}  // namespace portspan::detail
