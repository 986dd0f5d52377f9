// SPDX-License-Identifier: MIT
// One action of a mixer: when, and how far.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>

#include "block_clock.hpp"
#include "cue.hpp"
#include "kept.hpp"
#include "times.hpp"

namespace portspan::detail {

/// What came of an action's part of a block.
struct Moved {
    std::size_t frames = 0;
    std::size_t missing = 0;
    bool is_last = false;
};

/// One action: when, and how far. The control side makes it and hands it over; the audio thread has
/// it until the state is one of those that are over, or it is taken back.
class Job {
public:
    static constexpr double never = (std::numeric_limits<double>::max)();
    static constexpr double at_once = std::numeric_limits<double>::lowest();

    Job(const Cue& cue, bool its_plays) : plays(its_plays), keep_alive(cue.keep_alive) {
        if (cue.at) at = cue.at->time_since_epoch().count();
        allow_belated_ = cue.allow_belated;
    }
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    virtual ~Job() = default;
    /// The control side: gives back what was kept for the action.
    virtual void release() noexcept { keep_alive = {}; }

    const bool plays;  ///< else it records
    std::optional<double> at;
    std::size_t channels = 0;  ///< that the stream has to have
    std::size_t length = 0;    ///< frames of all; 0: nobody knows
    Kept<const void> keep_alive;
    std::atomic<unsigned> run{0};  ///< of the stream: the one that it is for
    std::atomic<double> cancel_at{never};
    std::atomic<ActionState> state{ActionState::waiting};
    /// What is new since the control side has looked: the audio thread writes to one of them.
    std::array<ActionStatistics, 2> news;

    // The control side.
    ActionStatistics statistics;
    double sample_rate = 0;  ///< 0: not known yet
    std::atomic<bool> is_released{false};
    std::shared_ptr<Job> next_over;  ///< of those that are about to be released

    /// Audio thread. `move(first, count)` plays or records in frames of the block.
    template <class Move>
    void take_part(const BlockClock& clock, unsigned this_run, StatusFlags status, std::size_t bank,
                   Move move) noexcept {
        if (is_over(state.load(std::memory_order_relaxed))) return;
        ActionStatistics& told = news[bank];
        if (run.load(std::memory_order_relaxed) < this_run) {
            return end(told, ActionState::interrupted);
        }
        run.store(this_run, std::memory_order_relaxed);

        const auto all = static_cast<double>(clock.frames);
        const double cancelled_at = cancel_at.load(std::memory_order_relaxed);
        const double cancel = cancelled_at == never ? all : clock.frame_at(cancelled_at);
        const double due = has_started_ || !at ? 0 : clock.frame_at(*at);
        const double begin = (std::max)(due, 0.0);
        const bool is_cancelled = cancel < all;
        if (is_cancelled && cancel <= begin) return end(told, ActionState::cancelled);
        if (begin >= all) {
            early_block_ = clock.length();
            return;
        }
        // Clocks jitter: what was too early in one block is not too late in the next one.
        if (due < 0 && !is_jitter(clock.zero - *at)) {
            told.belated = true;
            if (!allow_belated_) return end(told, ActionState::dropped);
        }
        const auto first = static_cast<std::size_t>(begin);
        const auto last = is_cancelled ? static_cast<std::size_t>(cancel) : clock.frames;
        if (!has_started_) {
            has_started_ = true;
            told.start = clock.time_of(first);
            told.state = ActionState::running;
            state.store(ActionState::running, std::memory_order_relaxed);
        }
        const Moved moved = move(first, last - first);
        count_block(told.blocks, clock.frames, status);
        told.frames += moved.frames;
        told.missing += moved.missing;
        if (moved.is_last) return end(told, ActionState::complete);
        if (is_cancelled) end(told, ActionState::cancelled);
    }

private:
    /// A clock that leaps by more, as after a suspend, makes belated what it leaps over.
    [[nodiscard]] bool is_jitter(double seconds_late) const noexcept {
        constexpr double most = 0.01;
        return early_block_ >= 0 && seconds_late <= early_block_ + most;
    }
    void end(ActionStatistics& told, ActionState how) noexcept {
        told.state = how;
        state.store(how, std::memory_order_release);
    }

    bool allow_belated_ = true;
    bool has_started_ = false;
    double early_block_ = -1;  ///< seconds of the last for which it was too early; below 0: none
};

}  // namespace portspan::detail
