// SPDX-License-Identifier: MIT
// What check() makes of the runs of a callback: each by itself, and one beside the other.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "bound_guards.hpp"
#include "check_run.hpp"
#include "guarded_memory.hpp"

namespace portspan::detail {

/// Runs all of the plan; each kind of finding is told once.
template <class In, class Out, class L, class Callback>
class Checker {
    using Run = CheckRun<In, Out, L, Callback>;
    using OutSample = typename Run::OutSample;
    using Recording = typename Run::Recording;

public:
    Checker(Callback callback, const CheckOptions& options)
        : run_(std::move(callback), options), report_(run_.report()) {}

    Checker(const Checker&) = delete;
    Checker& operator=(const Checker&) = delete;

    CheckReport run() {
        const std::vector<Cut>& cuts = run_.plan().cuts();
        const Cut& usual = cuts.front();
        const Recording reference = run_.record(usual, {}, in(usual));
        const Recording again = run_.record(usual, {}, in(usual) + ", again");
        report_.first_call = reference.seconds.empty() ? 0 : reference.seconds.front();
        take_times(again);
        compare_again(reference, again);
        look_at(reference, usual, {});
        for (std::size_t i = 1; i < cuts.size(); ++i) {
            const Recording recorded = run_.record(cuts[i], {}, in(cuts[i]));
            look_at(recorded, cuts[i], {});
            compare_blocks(reference, recorded, cuts[i]);
        }
        check_in_place(reference);
        check_state();
        if (!std::is_void_v<In> && run_.options().null_input) {
            const Pass pass{.null_input = true};
            look_at(run_.record(usual, pass, without_input), usual, pass);
        }
        run_.restore_state();
        return std::move(report_);
    }

private:
    static constexpr std::uint8_t other_old_memory = 0xbc;
    static constexpr const char* without_input = "without an input";
    [[nodiscard]] static std::string in(const Cut& cut) { return "in " + cut.text(); }

    void take_times(const Recording& recorded) {
        std::vector<double> seconds = recorded.seconds;
        if (seconds.empty()) return;
        std::ranges::sort(seconds);
        report_.steady_call = seconds[seconds.size() / 2];
        report_.worst_call = seconds.back();
        report_.steady_frames = run_.plan().usual().blocks.front();
    }

    void compare_again(const Recording& one, const Recording& other) {
        if (!one.is_whole && !other.is_whole) return;
        const auto changed = first_change(one, other, {});
        report_.repeatable = !changed && one.frames == other.frames;
        if (*report_.repeatable) return;
        std::string text = "is not repeatable: the same input from the same state gives ";
        if (!changed) {
            text += count_of(one.frames, "frame") + ", then " + std::to_string(other.frames);
        } else {
            text += one.value(*changed) + ", then " + other.value(*changed) + " (" +
                    one.place(*changed) + ")";
        }
        if (!run_.is_state_given())
            text += "; it has a state of its own, or none was given to put back";
        run_.find(Observation::not_repeatable, text, run_.is_state_given());
    }
    [[nodiscard]] bool is_repeatable() const { return report_.repeatable.value_or(false); }

    /// What a run's output itself tells, with a second run on other old memory beside it.
    void look_at(const Recording& recorded, const Cut& cut, Pass pass) {
        if (std::is_void_v<Out>) return;
        const std::string when = pass.null_input ? without_input : in(cut);
        pass.old_memory = other_old_memory;
        const Recording other = run_.record(cut, pass, when + ", over other old output");
        const auto left = unwritten(recorded, other);
        const auto changed = first_change(recorded, other, left);
        const std::string text = unwritten_text(left, recorded.channels, cut);
        if (is_repeatable() && changed) {
            run_.find(Observation::reads_old_output,
                      "gives output that depends on what was in the buffer before (" +
                          recorded.place(*changed) + "), " + when);
        } else if (!text.empty() && (is_repeatable() || sizeof(OutSample) > 1)) {
            // What is not repeatable may give any byte twice.
            run_.find(Observation::output_not_written, text);
        }
        if constexpr (std::is_same_v<Out, float>) {
            for (std::size_t i = 0; i < left.size(); ++i) {
                const float sample = recorded.samples[i];
                if (left[i] || is_finite(sample)) continue;
                const bool is_nan = (std::bit_cast<std::uint32_t>(sample) & 0x7fffff) != 0;
                run_.find(is_nan ? Observation::output_nan : Observation::output_infinite,
                          std::string{"gives "} + (is_nan ? "NaN" : "infinity") + " (" +
                              recorded.place(i) + "), " + when);
            }
        }
    }

    /// Whether its output comes from the input and the state alone, so that others can be the same.
    [[nodiscard]] bool is_comparable(const Recording& reference) const {
        return is_repeatable() && reference.is_whole &&
               !report_.find(Observation::output_not_written) &&
               !report_.find(Observation::reads_old_output);
    }

    void compare_blocks(const Recording& reference, const Recording& recorded, const Cut& cut) {
        if (!is_comparable(reference) || !recorded.is_whole) return;
        const auto at = first_difference(reference, recorded, run_.options().tolerance);
        if (!at) return;
        run_.find(Observation::depends_on_block_size,
                  "gives output that depends on the size of the blocks: " + recorded.value(*at) +
                      " " + in(cut) + ", " + reference.value(*at) + " " + in(run_.plan().usual()) +
                      " (" + recorded.place(*at) + ")");
    }

    void check_in_place(const Recording& reference) {
        if constexpr (!std::is_void_v<In> && std::is_same_v<In, Out>) {
            const std::uint32_t properties = run_.says() ? run_.says()->properties : 0;
            const Shape shape = run_.plan().shape();
            if (shape.input_channels != shape.output_channels || !is_comparable(reference) ||
                (properties & PORTSPAN_NOT_IN_PLACE) != 0) {
                return;
            }
            const Recording recorded =
                run_.record(run_.plan().usual(), {.in_place = true}, "in place");
            const auto at = first_difference(reference, recorded, run_.options().tolerance);
            report_.in_place = recorded.is_whole && !at;
            if (!at || (properties & PORTSPAN_IN_PLACE) == 0) return;
            run_.find(Observation::not_in_place,
                      "says that it may work in place, but then gives " + recorded.value(*at) +
                          " and not " + reference.value(*at) + " (" + recorded.place(*at) + ")");
        }
    }

    /// On a copy of the state with room around it.
    void check_state() {
        const auto state = run_.own_state();
        if (state.empty()) return;
        GuardedMemory copy{1, state.size()};
        std::ranges::copy(state, reinterpret_cast<std::byte*>(copy.region(0)));
        run_.record(run_.plan().usual(), {.state = copy.region(0)}, "on a copy of the state");
        if (const Damage damage = copy.damage()) {
            run_.find(Observation::wrote_outside_state,
                      text_of(damage, "state", 1, false) + " of " + count_of(state.size(), "byte"));
        }
    }

    Run run_;
    CheckReport& report_;
};

}  // namespace portspan::detail
