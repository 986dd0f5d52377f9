// SPDX-License-Identifier: MIT
// What the audio thread and the other threads tell each other about one stream.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "error.hpp"
#include "exceptions.hpp"
#include "failure.hpp"
#include "finished.hpp"
#include "nonblocking.hpp"

namespace portspan::detail {

class Control;

/// The stream whose callback, or finished callback, this thread is in; null in none of portspan's.
// In a library that is loaded later glibc would take memory for it at the first call of a thread.
#if defined(__GLIBC__)
[[gnu::tls_model("initial-exec")]]
#endif
inline constinit thread_local const Control* current = nullptr;

/// Marks this thread as the audio thread of one stream, for one call.
class InCallback {
public:
    explicit InCallback(const Control& control) noexcept PORTSPAN_NONBLOCKING(true) {
        PORTSPAN_NOT_SEEN(before_ = std::exchange(current, &control));
    }
    ~InCallback() noexcept PORTSPAN_NONBLOCKING(true) { PORTSPAN_NOT_SEEN(current = before_); }
    InCallback(const InCallback&) = delete;
    InCallback& operator=(const InCallback&) = delete;

private:
    const Control* before_;
};

/// Throws Error in a callback: the audio thread can wait neither for a lock nor for itself.
inline void refuse_inside(const char* call) {
    if (current) raise(Error(Fault::inside_callback, call));
}

/// Lives beside the callable, on the heap: a stream may move, PortAudio keeps the address.
class Control {
public:
    /// Audio thread: while it lives what fails is not the stream's failure.
    class Deaf {
    public:
        explicit Deaf(Control& control) noexcept
            : control_(control),
              before_(control.is_deaf_.exchange(true, std::memory_order_relaxed)) {}
        Deaf(const Deaf&) = delete;
        Deaf& operator=(const Deaf&) = delete;
        ~Deaf() { control_.is_deaf_.store(before_, std::memory_order_relaxed); }

    private:
        Control& control_;
        const bool before_;
    };

    explicit Control(Finished finished = {}) : finished_(std::move(finished)) {}

    /// Audio thread or any other: the next result is at least `complete`.
    void request_stop() noexcept { stop_requested_.store(1, std::memory_order_relaxed); }
    [[nodiscard]] bool stop_requested() const noexcept {
        return stop_requested_.load(std::memory_order_relaxed) != 0;
    }

    /// Audio thread: the callback has returned its last result, the stream is about to end.
    void end() noexcept { ended_.store(true, std::memory_order_release); }
    [[nodiscard]] bool ended() const noexcept { return ended_.load(std::memory_order_acquire); }

    /// Audio thread. Keep the first failure; no allocation: the words are made by take().
    void fail(std::exception_ptr exception) noexcept {
        if (!keeps_failures()) return;
        exception_ = std::move(exception);
        failed_.store(true, std::memory_order_release);
    }
    void fail(Fault fault, std::size_t got, std::size_t wanted = 0) noexcept {
        if (!keeps_failures()) return;
        fault_ = fault;
        got_ = got;
        wanted_ = wanted;
        failed_.store(true, std::memory_order_release);
    }
    /// What the library of a foreign callback says; it may be gone when somebody asks.
    void fail(const char* text) noexcept {
        if (!keeps_failures()) return;
        fault_ = Fault::callback_threw;
        const std::size_t size = (std::min)(std::strlen(text), text_.size() - 1);
        std::copy_n(text, size, text_.data());
        text_[size] = '\0';
        failed_.store(true, std::memory_order_release);
    }

    [[nodiscard]] bool failed() const noexcept { return failed_.load(std::memory_order_acquire); }

    /// While the callback is not running: the result that was none, if that is what fail() kept.
    [[nodiscard]] std::optional<int> unknown_result() const noexcept {
        if (!failed() || exception_ || fault_ != Fault::unknown_result) return {};
        return static_cast<int>(got_);
    }

    /// Whoever PortAudio tells that the stream has ended: tells the program.
    void finish() noexcept {
        const InCallback here{*this};
        attempt([this] { finished_(); }, [this] { fail(std::current_exception()); });
        told_finished_.store(true, std::memory_order_release);
    }
    /// The stream is being closed: whoever is told of its end may not control any other, either,
    /// since the thread that closes it has the control lock.
    void begin_close() noexcept { is_closing_.store(true, std::memory_order_release); }
    [[nodiscard]] bool is_closing() const noexcept {
        return is_closing_.load(std::memory_order_acquire);
    }

    /// Whether there is nobody to tell, or that is done.
    [[nodiscard]] bool told_finished() const noexcept {
        return !finished_ || told_finished_.load(std::memory_order_acquire);
    }

    /// From reset() to the end that the callback wants, or halted(): calls are to be expected.
    [[nodiscard]] bool is_running() const noexcept {
        return is_started_.load(std::memory_order_acquire) && !ended() && !is_closing();
    }
    /// Somebody has stopped the stream: no more calls are to be expected.
    void halted() noexcept { is_started_.store(false, std::memory_order_release); }
    /// Counts the starts: what the audio thread measures from call to call begins anew.
    [[nodiscard]] unsigned run() const noexcept { return run_.load(std::memory_order_relaxed); }

    /// While the callback is not running: forget what was, before the stream starts again.
    void reset() noexcept {
        run_.fetch_add(1, std::memory_order_relaxed);
        // A watched stream's callback goes on in another stream when the first one is closed.
        is_closing_.store(false, std::memory_order_relaxed);
        is_started_.store(true, std::memory_order_release);
        stop_requested_.store(0, std::memory_order_relaxed);
        ended_.store(false, std::memory_order_relaxed);
        told_finished_.store(false, std::memory_order_relaxed);
        exception_ = nullptr;
        failed_.store(false, std::memory_order_relaxed);
    }

    /// While the callback is not running: what fail() kept, to one of the threads that ask; null
    /// where all was well.
    [[nodiscard]] Failure take() {
        // The other side of end(): who waited for the callback sees all that it has written.
        static_cast<void>(ended());
        // Before the lock: a Renderer that has nothing to tell may be called in an audio thread.
        if (!failed()) return {};
        const std::lock_guard lock{taking_};
        if (!failed()) return {};
        std::exception_ptr exception = std::exchange(exception_, nullptr);
        failed_.store(false, std::memory_order_release);
        if (exception) return exception;
        return Error(fault_, "stream callback", description());
    }

private:
    [[nodiscard]] bool keeps_failures() const noexcept {
        return !failed() && !is_deaf_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::string description() const {
        if (fault_ == Fault::unknown_result) return std::to_string(static_cast<int>(got_));
        if (fault_ == Fault::callback_threw) return text_.data();
        return "the callback asked for " + std::to_string(wanted_) + " channels, the stream has " +
               std::to_string(got_);
    }

    std::atomic<int> stop_requested_{0};
    std::atomic<bool> ended_{false};
    std::atomic<bool> failed_{false};
    std::atomic<bool> is_deaf_{false};
    std::atomic<bool> told_finished_{false};
    std::atomic<bool> is_closing_{false};
    std::atomic<bool> is_started_{false};
    std::atomic<unsigned> run_{0};
    const Finished finished_;
    std::mutex taking_;  // never taken by the audio thread
    std::exception_ptr exception_;
    Fault fault_{};
    std::size_t got_ = 0;
    std::size_t wanted_ = 0;
    std::array<char, 512> text_{};
};

}  // namespace portspan::detail
