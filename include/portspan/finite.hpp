// SPDX-License-Identifier: MIT
// A stream that ends by itself after so many frames: what a playback and a recording have in
// common.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "error.hpp"
#include "handle.hpp"
#include "times.hpp"

namespace portspan::detail {

/// How far a stream has come. The audio thread writes it, all others may read it.
class Progress {
public:
    explicit Progress(std::size_t frames) noexcept : frames_(frames) {}

    /// How many frames there are; those of a loop come again and again.
    [[nodiscard]] std::size_t frames() const noexcept { return frames_; }
    /// How many are done. Who asks sees what was written to them.
    [[nodiscard]] std::size_t done() const noexcept {
        return done_.load(std::memory_order_acquire);
    }
    [[nodiscard]] bool is_complete() const noexcept { return done() >= frames_; }
    /// All calls so far, for who wants to know whether there are still some.
    [[nodiscard]] std::size_t calls() const noexcept {
        return calls_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] StatusFlags status() const noexcept {
        return static_cast<StatusFlags>(status_.load(std::memory_order_relaxed));
    }

    /// Audio thread: a call begins; false where nobody owns the audio's memory any more.
    [[nodiscard]] bool begin(StatusFlags status) noexcept {
        calls_.fetch_add(1, std::memory_order_relaxed);
        status_.fetch_or(static_cast<PaStreamCallbackFlags>(status), std::memory_order_relaxed);
        return !is_given_up_.load(std::memory_order_acquire);
    }
    /// Audio thread: so many frames are done in all, in this turn of a loop.
    void advance(std::size_t done) noexcept { done_.store(done, std::memory_order_release); }

    /// The owner wants no more.
    void stop() noexcept { is_stopped_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool is_stopped() const noexcept {
        return is_stopped_.load(std::memory_order_relaxed);
    }
    /// The memory of the audio is about to go: a host that calls on finds none.
    void give_up() noexcept { is_given_up_.store(true, std::memory_order_release); }

private:
    const std::size_t frames_;
    std::atomic<std::size_t> done_{0};
    std::atomic<std::size_t> calls_{0};
    std::atomic<PaStreamCallbackFlags> status_{0};
    std::atomic<bool> is_stopped_{false};
    std::atomic<bool> is_given_up_{false};
};

/// The calls may come from any thread, but moving and destroying are the owner's alone.
class FiniteStream {
public:
    FiniteStream(StreamHandle stream, std::shared_ptr<Progress> progress,
                 std::chrono::duration<double> patience)
        : stream_(std::move(stream)), progress_(std::move(progress)), patience_(patience) {
        if (!(patience_ >= patience_.zero())) {
            raise(Error(Fault::invalid_argument, "patience", "it must be 0 s or more"));
        }
        stream_.start();
    }
    FiniteStream(FiniteStream&&) noexcept = default;
    FiniteStream& operator=(FiniteStream&& other) noexcept {
        FiniteStream local{std::move(other)};
        std::swap(stream_, local.stream_);
        std::swap(progress_, local.progress_);
        std::swap(patience_, local.patience_);
        return *this;
    }
    ~FiniteStream() {
        if (progress_) progress_->give_up();
    }

    /// Returns when all frames are played, heard, and recorded, or when stop() or abort() was
    /// called. Throws Error where the device has ended the stream before that, or has called
    /// nobody for longer than the configuration's `patience` (paTimedOut).
    void wait() { wait_for((std::chrono::duration<double>::max)()); }

    /// The same, for at most `timeout`; false where the stream still runs.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> timeout) {
        require_stream("wait");
        using Seconds = std::chrono::duration<double>;
        using Clock = std::chrono::steady_clock;
        constexpr Seconds between_looks{0.02};
        const auto start = Clock::now();
        auto changed = start;
        std::size_t calls = progress_->calls();
        while (!stream_.wait_for((std::min)(between_looks, Seconds{timeout}))) {
            const auto now = Clock::now();
            if (!(now - start < Seconds{timeout})) return false;
            if (std::exchange(calls, progress_->calls()) != calls) changed = now;
            // After the last frame a host is silent until what it has is played.
            const Seconds silent =
                progress_->is_complete() ? stream_.output_latency() + Seconds{1} : Seconds{0};
            if (now - changed > patience_ + silent) fail(paTimedOut, "no call from the device");
        }
        if (!progress_->is_complete() && !progress_->is_stopped()) {
            fail(paDeviceUnavailable, "the device has ended the stream");
        }
        return true;
    }

    /// Ends it now; what the device has is still heard. No error where it has ended, but where
    /// PortAudio answers with one, as of a device that is gone.
    void stop() {
        require_stream("stop");
        progress_->stop();
        stream_.stop();
    }
    /// Ends it now; what the device has is not heard.
    void abort() {
        require_stream("abort");
        progress_->stop();
        stream_.abort();
    }
    /// True until all is played and recorded, or stop().
    [[nodiscard]] bool active() const { return stream_.active(); }

    /// How many frames the device has taken, of a loop's current turn, or has given.
    [[nodiscard]] std::size_t position() const noexcept {
        return progress_ ? progress_->done() : 0;
    }
    /// All xruns since the start.
    [[nodiscard]] StatusFlags status() const noexcept {
        return progress_ ? progress_->status() : StatusFlags::none;
    }
    /// Hz, what the device really does.
    [[nodiscard]] double sample_rate() const { return stream_.sample_rate(); }

protected:
    /// Afterwards no callback is called, and the stream is as one that was moved from.
    void close() noexcept {
        if (progress_) progress_->stop();
        const StreamHandle closed{std::move(stream_)};
    }

private:
    void require_stream(const char* call) const {
        if (!stream_.handle()) raise(closed_failure(call));
    }
    [[noreturn]] void fail(PaError error, const char* what) const {
        raise(Error(portaudio_error(error), "wait",
                    std::string{what} + " after " + std::to_string(progress_->done()) + " of " +
                        std::to_string(progress_->frames()) + " frames"));
    }

    StreamHandle stream_;
    std::shared_ptr<Progress> progress_;
    std::chrono::duration<double> patience_;
};

}  // namespace portspan::detail
