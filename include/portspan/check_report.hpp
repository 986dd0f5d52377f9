// SPDX-License-Identifier: MIT
// What check() is asked and what it answers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace portspan {

/// What check() can find.
enum class Observation {
    wrote_outside_output,   ///< before or behind it, between two planar channels
    wrote_outside_input,    ///< the same of the input
    read_outside_input,     ///< found by `run_callback --check`, where it may crash
    wrote_to_input,         ///< which may be the host's own memory
    wrote_outside_state,    ///< more than the state's bytes
    output_not_written,     ///< frames or channels that hold old memory
    reads_old_output,       ///< the output depends on what was in it
    output_nan,             ///< NaN in the output
    output_infinite,        ///< infinity in the output
    unknown_result,         ///< neither paContinue, paComplete nor paAbort
    aborted,                ///< returned paAbort
    threw,                  ///< an exception left it
    changed_float_control,  ///< rounding or denormals are other than before the call
    not_repeatable,         ///< same input and same state, other output
    depends_on_block_size,  ///< the same input in other blocks, other output
    not_in_place,           ///< other output where input and output are one buffer
};

/// One thing that check() has found.
struct Finding {
    Observation what;  ///< of which kind it is
    /// False for what is worth knowing and may be meant.
    bool is_fault;
    /// A sentence without a full stop: "returns 7, which is none of ...".
    std::string text;
};

/// How a callback is tried.
struct CheckOptions {
    std::size_t input_channels = 2;   ///< 0: no input
    std::size_t output_channels = 2;  ///< 0: no output
    double sample_rate = 48000;       ///< Hz, the pace of the virtual clock
    /// Frames of a call: each in a run of its own, and all of them in turn. What the callback's
    /// description says of its largest block is a limit, and tried as well.
    std::vector<std::size_t> block_sizes = {256, 64, 1, 37, 480};
    /// Of each run, at least; whole blocks.
    std::size_t frames = 4800;
    /// Largest difference between two results that count as the same; full scale is 1. What is
    /// between one rounding and another is no finding. Integers may always differ by 1.
    double tolerance = 1e-5;
    /// The bytes that every run finds as they are now: all that the callback's user data points at,
    /// `std::as_writable_bytes(std::span{&state, 1})`. A typed function's own state, and what a
    /// description has as state_size, need not be given.
    std::span<std::byte> state = {};
    /// Called before every run, for a state that is more than those bytes.
    std::function<void()> restore = {};
    /// One more run without an input, as PortAudio may make any call.
    bool null_input = false;
    /// Called before every run with what it is: "in blocks of 64 frames".
    std::function<void(const std::string&)> progress = {};
    /// Called with each finding at once: a callback that crashes later leaves no report.
    std::function<void(const Finding&)> found = {};
};

/// What check() has found and measured.
struct CheckReport {
    std::vector<Finding> findings;  ///< of each kind the first
    /// Whether two runs from the same state gave the same; empty where a run ended early by fault.
    std::optional<bool> repeatable;
    /// Whether input == output gives the same; empty where that was not tried.
    std::optional<bool> in_place;
    bool completed = false;         ///< it returned paComplete
    double first_call = 0;          ///< seconds
    double steady_call = 0;         ///< seconds, the median of the second run's calls
    double worst_call = 0;          ///< seconds, of the second run
    std::size_t steady_frames = 0;  ///< of each of those calls

    /// No faults; notes are none.
    [[nodiscard]] bool ok() const noexcept {
        return std::ranges::none_of(findings, &Finding::is_fault);
    }
    /// The finding of that kind, null where there is none; valid as long as this report.
    [[nodiscard]] const Finding* find(Observation what) const noexcept {
        const auto found = std::ranges::find(findings, what, &Finding::what);
        return found == findings.end() ? nullptr : &*found;
    }
    /// The findings, one on a line, notes marked; "nothing found" where there are none.
    [[nodiscard]] std::string text() const {
        std::string lines;
        for (const Finding& finding : findings) {
            lines += (lines.empty() ? "" : "\n");
            lines += (finding.is_fault ? "" : "note: ") + finding.text;
        }
        return lines.empty() ? "nothing found" : lines;
    }
};

}  // namespace portspan
