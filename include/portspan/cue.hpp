// SPDX-License-Identifier: MIT
// When and how a mixer plays or records something, and what became of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "kept.hpp"
#include "mapping.hpp"
#include "times.hpp"

namespace portspan {

/// How a Mixer plays or records something.
struct Cue {
    /// When its first frame is at the DAC, or the ADC, on the clock of Stream::time(). Empty: with
    /// the next block.
    std::optional<StreamClock::time_point> at = {};
    /// The stream's channel of each channel of the audio; when played, audio of one channel plays
    /// on all that stand here.
    Mapping mapping = {};
    /// Where `at` has passed when the audio thread learns of it, or the clock leaps over it, by
    /// more than a block and 10 ms: true starts at once, false not at all.
    bool allow_belated = true;
    /// From the first frame again after the last, until cancel(); for a view that is played.
    bool loop = false;
    /// A shared pointer to what has to live until the action is over: the memory of a view.
    detail::Kept<const void> keep_alive = {};
};

/// Where something that a mixer plays or records has got to.
enum class ActionState {
    waiting,      ///< for its time, or for a stream that runs
    running,      ///< it has started
    complete,     ///< over: to its last frame
    cancelled,    ///< over: by cancel(), maybe before its start
    dropped,      ///< over: its time had passed, and Cue::allow_belated was false
    interrupted,  ///< over: the stream ended before
};

/// The blocks that a mixer, or one action of it, had a part in.
struct BlockCounts {
    std::uint64_t blocks = 0;             ///< calls of the callback
    std::size_t smallest_block = 0;       ///< frames of one; 0 without any
    std::size_t largest_block = 0;        ///< likewise
    std::uint64_t input_underflows = 0;   ///< blocks with StatusFlags::input_underflow
    std::uint64_t input_overflows = 0;    ///< likewise
    std::uint64_t output_underflows = 0;  ///< likewise
    std::uint64_t output_overflows = 0;   ///< likewise
    std::uint64_t priming_outputs = 0;    ///< likewise
};

/// What became of something that a mixer plays or records.
struct ActionStatistics {
    ActionState state = ActionState::waiting;  ///< at the moment of asking
    /// When its first frame really was at the DAC, or the ADC; empty before the start.
    std::optional<StreamClock::time_point> start = {};
    bool belated = false;      ///< its time had passed, as Cue::allow_belated says
    std::uint64_t frames = 0;  ///< played or recorded, with those of all turns of a loop
    /// Frames that a ring buffer did not have, of which silence was played, or had no room for,
    /// which are lost.
    std::uint64_t missing = 0;
    BlockCounts blocks = {};  ///< from its first frame to its last
};

namespace detail {

inline bool is_over(ActionState state) noexcept {
    return state != ActionState::waiting && state != ActionState::running;
}

/// One block more.
inline void count_block(BlockCounts& counts, std::size_t frames, StatusFlags status) noexcept {
    const auto has = [status](StatusFlags flag) { return any(status & flag) ? 1u : 0u; };
    counts.smallest_block = counts.blocks == 0 ? frames : (std::min)(counts.smallest_block, frames);
    counts.largest_block = (std::max)(counts.largest_block, frames);
    ++counts.blocks;
    counts.input_underflows += has(StatusFlags::input_underflow);
    counts.input_overflows += has(StatusFlags::input_overflow);
    counts.output_underflows += has(StatusFlags::output_underflow);
    counts.output_overflows += has(StatusFlags::output_overflow);
    counts.priming_outputs += has(StatusFlags::priming_output);
}

/// Adds what came later.
inline void add(BlockCounts& sum, const BlockCounts& more) noexcept {
    if (more.blocks == 0) return;
    sum.smallest_block =
        sum.blocks == 0 ? more.smallest_block : (std::min)(sum.smallest_block, more.smallest_block);
    sum.largest_block = (std::max)(sum.largest_block, more.largest_block);
    sum.blocks += more.blocks;
    sum.input_underflows += more.input_underflows;
    sum.input_overflows += more.input_overflows;
    sum.output_underflows += more.output_underflows;
    sum.output_overflows += more.output_overflows;
    sum.priming_outputs += more.priming_outputs;
}
inline void add(ActionStatistics& sum, const ActionStatistics& more) noexcept {
    if (more.state != ActionState::waiting) sum.state = more.state;
    if (more.start) sum.start = more.start;
    sum.belated = sum.belated || more.belated;
    sum.frames += more.frames;
    sum.missing += more.missing;
    add(sum.blocks, more.blocks);
}

}  // namespace detail

}  // namespace portspan
