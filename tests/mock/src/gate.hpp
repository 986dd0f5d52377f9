// SPDX-License-Identifier: MIT
// Who may touch the mock, and who waits for whom.
#pragma once

#include <cassert>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "script.hpp"
#include "stream.hpp"

namespace portspan::mock {

using Lock = std::unique_lock<std::mutex>;

/// One lock for all that the mock has. What belongs to the program - callbacks and the functions
/// of a script - is called without it and may use the mock.
class Gate {
public:
    [[nodiscard]] Lock lock() const { return Lock{mutex_}; }
    /// Something has changed that another thread may wait for.
    void notify() { changed_.notify_all(); }

    template <class F>
    void wait(Lock& lock, F&& until) {
        const Waiting waiting{*this};
        changed_.wait(lock, std::forward<F>(until));
    }
    template <class F>
    void wait_at_most(Lock& lock, std::chrono::duration<double> time, F&& until) {
        const Waiting waiting{*this};
        changed_.wait_for(lock, time, std::forward<F>(until));
    }
    /// Like wait(), for threads that the end of a Scope does not wait for.
    template <class F>
    void idle(Lock& lock, F&& until) {
        changed_.wait(lock, std::forward<F>(until));
    }
    void wait_for_callback(Lock& lock, const Stream& stream) {
        if (stream.calling) wait(lock, [&] { return !stream.calling; });
    }

    /// `f()` without the lock; this thread comes back to the mock's own work.
    template <class F>
    void outside(Lock& lock, F&& f) {
        const Waiting waiting{*this};
        const Inside inside;
        const Unlocked unlocked{lock};
        f();
    }
    /// The same with a function of the script's that belongs to no stream.
    template <class F, class Use>
    void outside(Lock& lock, Scripted<F> function, Use&& use) {
        outside(lock, [&] {
            const auto mine = std::move(function);
            use(*mine);
        });
    }
    /// Calls something of the program's on behalf of a stream that nobody else calls.
    template <class F>
    void call_out(Lock& lock, Stream& stream, F&& f) {
        struct Calling {
            Gate& gate;
            Stream& stream;
            ~Calling() {
                stream.calling = false;
                gate.notify();
            }
        };
        assert(!stream.calling);
        stream.calling = true;
        stream.caller = std::this_thread::get_id();
        const Calling calling{*this, stream};
        const Inside inside;
        const Unlocked unlocked{lock};
        f();
    }
    /// The same with a function of the script's.
    template <class F, class Use>
    void call_out(Lock& lock, Stream& stream, Scripted<F> function, Use&& use) {
        call_out(lock, stream, [&] {
            // Let go of here: nobody else may have it any more, and its end may use the mock.
            const auto mine = std::move(function);
            use(*mine);
        });
    }
    /// Something of the program's is called on this thread: who waits for its end waits for ever.
    [[nodiscard]] static bool is_inside() { return inside_ > 0; }

    /// Threads that are in the middle of the mock's work without having the lock, but for those
    /// that a stream calls.
    [[nodiscard]] int waiting() const { return waiting_; }

private:
    struct Waiting {
        explicit Waiting(Gate& its_gate) : gate(its_gate) { ++gate.waiting_; }
        ~Waiting() {
            --gate.waiting_;
            gate.notify();
        }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        Gate& gate;
    };
    struct Inside {
        Inside() { ++inside_; }
        ~Inside() { --inside_; }
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;
    };
    struct Unlocked {
        explicit Unlocked(Lock& its_lock) : lock(its_lock) { lock.unlock(); }
        ~Unlocked() { lock.lock(); }
        Unlocked(const Unlocked&) = delete;
        Unlocked& operator=(const Unlocked&) = delete;
        Lock& lock;
    };

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    static inline thread_local int inside_ = 0;
};

}  // namespace portspan::mock
