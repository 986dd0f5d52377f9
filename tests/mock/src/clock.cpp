// SPDX-License-Identifier: MIT
#include "clock.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <stdexcept>
#include <vector>

#include "blocking_stream.hpp"
#include "callback_stream.hpp"
#include "engine.hpp"

namespace portspan::mock {

namespace {

// All streams pass so much time, or a host's block, before the first goes on: what a program hands
// from one to another arrives in time. Seconds.
constexpr double time_step = 0.001;
// So much time passes before other threads have their turn with the mock. Seconds.
constexpr double turn = 0.01;

thread_local bool keeps_time = false;

bool any_runs(const Engine& engine) {
    return std::ranges::any_of(engine.streams,
                               [](const auto& stream) { return stream->is_running(); });
}

}  // namespace

bool Clock::is_this_thread() { return keeps_time; }

bool Clock::is_unlimited() const { return ticking_ && std::isinf(speed_); }

template <class F>
void Clock::advance(Lock& lock, F&& frames_of) {
    const bool is_inside = engine_.is_inside_a_callback();
    std::exception_ptr thrown;  // the others have their step all the same
    // By index: a callback may open a stream.
    for (std::size_t i = 0; i < engine_.streams.size(); ++i) {
        Stream& stream = *engine_.streams[i];
        if (!stream.is_running()) continue;
        // Two callbacks that pass time must not wait for each other.
        if (stream.calling && is_inside) continue;
        const std::size_t frames = frames_of(stream);
        try {
            if (stream.opened.callback) {
                process(engine_, lock, stream, frames);
            } else {
                pass_time(engine_, lock, stream, frames);
            }
        } catch (...) {
            if (!thrown) thrown = std::current_exception();
        }
    }
    engine_.gate.notify();
    if (thrown) std::rethrow_exception(thrown);
}

void Clock::pass(Lock& lock, double seconds) {
    for (double i = 0; i * time_step < seconds; ++i) {
        const double step = std::min(time_step, seconds - i * time_step);
        advance(lock, [this, step](Stream& stream) -> std::size_t {
            if (is_unlimited() && !stream.opened.callback) return 0;
            constexpr double rounding = 1e-6;
            stream.owed += step * stream.opened.sample_rate;
            const double whole = std::floor(stream.owed + rounding);
            stream.owed -= whole;
            return static_cast<std::size_t>(whole);
        });
    }
}

void Clock::pump(std::size_t frames) {
    Lock lock = engine_.gate.lock();
    if (ticking_)
        throw std::logic_error("portspan::mock: pump() while run() pumps; halt() it first");
    while (frames > 0) {
        const std::size_t step = std::min(frames, host_block);
        frames -= step;
        advance(lock, [step](const Stream&) { return step; });
    }
}

void Clock::run(double speed) {
    if (!(speed > 0)) throw std::invalid_argument("portspan::mock: a speed is greater than 0");
    const std::lock_guard control{control_};
    stop();
    const Lock lock = engine_.gate.lock();
    speed_ = speed;
    ticking_ = true;
    if (any_runs(engine_)) has_work();
}

void Clock::has_work() {
    if (!ticking_ || thread_.joinable()) return;
    thread_ = std::thread{[this, speed = speed_] { keep_time(speed); }};
}

void Clock::keep_time(double speed) {
    keeps_time = true;
    using Time = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds tick{1}, too_late{100};
    const bool unlimited = std::isinf(speed);
    const double seconds = unlimited ? turn : speed * 0.001;
    const auto has_streams = [&] {
        return std::ranges::any_of(engine_.streams, [&](const auto& stream) {
            return stream->is_running() && (stream->opened.callback || !unlimited);
        });
    };
    for (auto next = Time::now() + tick; ticking_; next += tick) {
        {
            Lock lock = engine_.gate.lock();
            if (!has_streams()) {
                engine_.gate.idle(lock, [&] { return !ticking_ || has_streams(); });
                next = Time::now() + tick;
            }
        }
        for (double passed = 0; ticking_ && passed < seconds; passed += turn) {
            if (passed > 0) std::this_thread::yield();
            Lock lock = engine_.gate.lock();
            pass(lock, std::min(turn, seconds - passed));
        }
        if (unlimited || Time::now() > next) std::this_thread::yield();
        if (!unlimited) {
            // A device does not wait for a machine that cannot keep up.
            next = std::max(next, Time::now() - too_late);
            std::this_thread::sleep_until(next);
        }
    }
}

void Clock::halt() {
    const std::lock_guard control{control_};
    stop();
}

void Clock::stop() {
    {
        // Under the lock, so that nobody is between looking at the clock and waiting for it.
        const Lock lock = engine_.gate.lock();
        ticking_ = false;
    }
    engine_.gate.notify();  // who waits for a device moves the clock now
    if (thread_.joinable()) thread_.join();
}

void Clock::sleep_until_streams_have(Lock& lock, double seconds) {
    struct Goal {
        std::size_t stream;
        PaTime time;
    };
    std::vector<Goal> goals;
    const auto& streams = engine_.streams;
    for (const auto& stream : streams) {
        if (stream->is_running()) goals.push_back({stream->number, time_of(*stream) + seconds});
    }
    // Never longer than it would be: nobody may read the blocking stream.
    engine_.gate.wait_at_most(lock, std::chrono::duration<double>{seconds}, [&] {
        return std::ranges::all_of(goals, [&](const Goal& goal) {
            return goal.stream >= streams.size() || !streams[goal.stream]->is_running() ||
                   time_of(*streams[goal.stream]) >= goal.time;
        });
    });
}

void Clock::sleep(double seconds) {
    {
        Lock lock = engine_.gate.lock();
        const bool waits_for_streams = any_runs(engine_) && !engine_.is_inside_a_callback();
        if (waits_for_streams && !ticking_) return pass(lock, seconds);
        if (waits_for_streams && is_unlimited()) return sleep_until_streams_have(lock, seconds);
        if (ticking_) seconds = is_unlimited() ? std::min(seconds, 0.001) : seconds / speed_;
    }
    std::this_thread::sleep_for(std::chrono::duration<double>{seconds});
}

}  // namespace portspan::mock
