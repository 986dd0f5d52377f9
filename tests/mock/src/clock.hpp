// SPDX-License-Identifier: MIT
// How time passes for the streams: pumped, or on a thread of the mock's.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <thread>

#include "gate.hpp"

namespace portspan::mock {

class Engine;

class Clock {
public:
    explicit Clock(Engine& engine) : engine_(engine) {}

    /// Every running stream processes `frames` frames, in step.
    void pump(std::size_t frames);
    /// From now on a thread passes time for the running streams, `speed` seconds in a second.
    void run(double speed);
    /// Ends that thread and waits for it.
    void halt();
    /// A stream runs. A thread is started not earlier, because a program may fork before, and
    /// threads do not survive that.
    void has_work();

    /// So many seconds pass for every running stream.
    void pass(Lock& lock, double seconds);
    /// Pa_Sleep: virtual time passes instead of real time, where that is possible.
    void sleep(double seconds);

    /// A thread passes time, or will do so once a stream runs.
    [[nodiscard]] bool is_ticking() const { return ticking_; }
    /// Nothing waits for the clock: blocking streams wait for the program instead.
    [[nodiscard]] bool is_unlimited() const;
    [[nodiscard]] static bool is_this_thread();

private:
    /// Each running stream processes `frames_of(stream)` frames.
    template <class F>
    void advance(Lock& lock, F&& frames_of);
    void stop();
    void keep_time(double speed);
    void sleep_until_streams_have(Lock& lock, double seconds);

    Engine& engine_;
    std::mutex control_;  ///< taken before the gate: who starts and ends the thread
    std::thread thread_;  ///< made with the gate's lock while ticking, ended without it while not
    std::atomic<bool> ticking_{false};
    double speed_ = 1;
};

}  // namespace portspan::mock
