// SPDX-License-Identifier: MIT
// Looks after a stream from a thread of its own, and opens it again where its device is gone.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "error.hpp"
#include "exceptions.hpp"
#include "handle.hpp"
#include "number.hpp"
#include "pulse.hpp"
#include "reopen.hpp"
#include "request.hpp"
#include "result.hpp"
#include "signs_of_life.hpp"
#include "watch.hpp"

namespace portspan::detail {

class Watcher {
public:
    Watcher(Reopener reopener, Session session, const OpenRequest& request, Watch watch)
        : reopener_(std::move(reopener)), watch_(checked(std::move(watch), request)) {
        current_ = reopener_.open(std::move(session), request).value();
        thread_ = std::thread{[this] { look(); }};
    }
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    ~Watcher() { quit(); }

    /// A device that was lost while nothing ran is seen here, and looked for once.
    [[nodiscard]] std::optional<Error> start() {
        if (auto refused = refused_inside("Pa_StartStream")) return refused;
        const std::lock_guard lock{mutex_};
        if (state_ == State::running || state_ == State::reopening) return {};
        if (!current_) {
            if (auto failure = open_again()) return failure;
        }
        reopener_.pulse().ended = reopener_.pulse().stop_requested =
            false;  // the audio does not run
        current_->tap->starting();
        std::error_code code = current_->stream.start(std::nothrow);
        if (code.category() == portaudio_category() && code) {
            current_.reset();
            if (auto failure = open_again()) return failure;
            code = current_->stream.start(std::nothrow);
        }
        if (code) return Error(code, "Pa_StartStream");
        now_running();
        return {};
    }

    /// `end` ends the stream that it gets, where there is one.
    template <class End>
    [[nodiscard]] std::optional<Error> end(const char* call, End end) {
        if (auto refused = refused_inside(call)) return refused;
        const std::lock_guard lock{mutex_};
        state_ = State::stopped;
        changed_.notify_all();
        if (!current_) return {};
        current_->tap->stopping();
        end(current_->stream);
        return {};
    }

    /// Only the end of this object may follow. `close` gets the stream, where there is one.
    template <class Close>
    void close(Close close) {
        quit();
        if (current_) close(current_->stream);
    }

    /// Waits for the end of everything, reopening included; `ended` gets the stream that has ended,
    /// where there is one.
    template <class Wait, class Ended>
    [[nodiscard]] Result<bool> wait(Wait wait, Ended ended) {
        if (const auto refused = refused_waiting("wait")) return *refused;
        std::unique_lock lock{mutex_};
        const auto is_over = [this] {
            return state_ != State::running && state_ != State::reopening;
        };
        if (!wait(changed_, lock, is_over)) return false;
        if (state_ == State::lost) {
            return Error(Fault::device_lost, "WatchedStream", reopener_.devices());
        }
        if (current_) ended(current_->stream);
        return true;
    }
    /// An Error on the threads that a wait would wait for.
    [[nodiscard]] std::optional<Error> refused_waiting(const char* call) const {
        if (auto refused = refused_inside(call)) return refused;
        if (std::this_thread::get_id() != thread_.get_id()) return {};
        // on_loss is called there.
        return Error(Fault::inside_callback, call, "Watch::on_loss or on_reopened");
    }

    void request_stop() noexcept {
        reopener_.pulse().stop_requested.store(true, std::memory_order_relaxed);
        if (reopener_.control()) reopener_.control()->request_stop();
    }

    [[nodiscard]] bool active() const {
        refuse_inside("active");
        const std::lock_guard lock{mutex_};
        return state_ == State::running;
    }
    [[nodiscard]] bool stopped() const {
        refuse_inside("stopped");
        const std::lock_guard lock{mutex_};
        return state_ == State::stopped;
    }
    [[nodiscard]] unsigned losses() const {
        refuse_inside("losses");
        const std::lock_guard lock{mutex_};
        return losses_;
    }
    /// What the callback threw, if it did.
    void rethrow() {
        const std::lock_guard lock{mutex_};
        if (current_) current_->stream.stop();
    }
    /// The same, for who does not let it be thrown.
    [[nodiscard]] std::exception_ptr take_failure() noexcept {
        if (current && current == reopener_.control()) return nullptr;
        const std::lock_guard lock{mutex_};
        return current_ ? current_->stream.take_failure() : nullptr;
    }
    /// `ask` gets the stream, under the lock; an Error where there is none at the moment.
    template <class Ask>
    auto ask(Ask ask) const {
        refuse_inside("WatchedStream");
        const std::lock_guard lock{mutex_};
        if (!current_) raise(Error(Fault::device_lost, "WatchedStream", reopener_.devices()));
        return ask(std::as_const(current_->stream));
    }

private:
    enum class State { stopped, running, reopening, ended, lost };

    static Watch checked(Watch watch, const OpenRequest& request) {
        const auto refuse = [](const std::string& what) {
            raise(Error(Fault::invalid_argument, "Watch", what));
        };
        const double block = static_cast<double>(request.frames_per_buffer) / request.sample_rate;
        if (watch.silence.count() < 2 * block) {
            refuse("silence of " + number(watch.silence.count()) + " s, less than two blocks of " +
                   number(block) + " s");
        }
        if (!(watch.silence >= std::chrono::milliseconds{10})) refuse("silence of less than 10 ms");
        const auto known = {Reopen::never, Reopen::same_device, Reopen::default_device};
        if (std::ranges::find(known, watch.reopen) == known.end()) refuse("a reopen that is none");
        if (!(watch.retry > watch.retry.zero())) refuse("a retry time that is not above 0");
        return watch;
    }
    void quit() {
        if (!thread_.joinable()) return;
        {
            const std::lock_guard lock{mutex_};
            quits_ = true;
            if (current_) current_->tap->stopping();
        }
        changed_.notify_all();
        thread_.join();
    }
    void now_running() {
        signs_.begin(reopener_.pulse());
        state_ = State::running;
        changed_.notify_all();
    }

    void look() {
        std::unique_lock lock{mutex_};
        while (!quits_) {
            if (state_ == State::running) {
                changed_.wait_for(lock, signs_.interval());
                if (state_ == State::running && !quits_) look_once(lock);
            } else {
                changed_.wait(lock);
            }
        }
    }

    void look_once(std::unique_lock<std::mutex>& lock) {
        const auto seen = signs_.look(current_->stream, reopener_.pulse());
        if (seen.loss) return lose(lock, *seen.loss, seen.code);
        if (!seen.has_ended) return;
        state_ = State::ended;
        changed_.notify_all();
    }

    void lose(std::unique_lock<std::mutex>& lock, LossCause cause, std::error_code code) {
        ++losses_;
        // A callback that has ended wants no other device.
        const bool goes_on = watch_.reopen != Reopen::never && !reopener_.pulse().ended.load();
        state_ = goes_on ? State::reopening : State::lost;
        {
            std::optional<TappedStream> lost = std::exchange(current_, std::nullopt);
            lock.unlock();
            lost->tap->give_up();
            lost->stream.distrust();
        }
        if (watch_.on_loss) watch_.on_loss({cause, reopener_.devices(), code});
        lock.lock();
        changed_.notify_all();
        while (state_ == State::reopening && !quits_) reopen(lock);
    }

    void reopen(std::unique_lock<std::mutex>& lock) {
        lock.unlock();
        auto opened = reopener_.open_again();
        lock.lock();
        if (opened) {
            if (state_ != State::reopening || quits_) return;
            current_ = std::move(*opened);
        }
        if (!current_ || current_->stream.start(std::nothrow)) {
            current_.reset();
            constexpr std::chrono::duration<double> long_enough{std::chrono::hours{24}};
            changed_.wait_for(lock, (std::min)(watch_.retry, long_enough),
                              [this] { return state_ != State::reopening || quits_; });
            return;
        }
        now_running();
        if (!watch_.on_reopened) return;
        lock.unlock();
        watch_.on_reopened();
        lock.lock();
    }
    /// For start(), with the lock.
    [[nodiscard]] std::optional<Error> open_again() {
        auto opened = reopener_.open_again();
        if (!opened) return opened.error();
        current_ = std::move(*opened);
        return {};
    }

    [[nodiscard]] std::optional<Error> refused_inside(const char* call) const {
        if (!current || current != reopener_.control()) return {};
        return Error(Fault::inside_callback, call, "request_stop() works there");
    }
    void refuse_inside(const char* call) const {
        if (const auto refused = refused_inside(call)) raise(*refused);
    }

    const Reopener reopener_;
    const Watch watch_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<TappedStream> current_;  ///< none while the device is gone
    State state_ = State::stopped;
    bool quits_ = false;
    unsigned losses_ = 0;
    SignsOfLife signs_{watch_.silence};
    std::thread thread_;
};

}  // namespace portspan::detail
