// SPDX-License-Identifier: MIT
// How check() runs a callback: the same audio again and again, cut and placed in other ways.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "check_call.hpp"
#include "check_compare.hpp"
#include "check_report.hpp"
#include "check_words.hpp"
#include "guarded.hpp"
#include "prepare.hpp"

namespace portspan::detail {

/// What a foreign callback says about itself, whatever is around it; null where it says nothing.
template <class Callback>
const portspan_description* description_of(const Callback& callback) noexcept {
    if constexpr (!is_adaptor<Callback>) {
        return nullptr;
    } else if constexpr (requires { callback.description; }) {
        return callback.description;
    } else {
        return description_of(callback.callback);
    }
}

template <class In, class Out, class L, class Callback>
class Checker {
    static_assert(!std::is_void_v<In> || !std::is_void_v<Out>, "a check needs a direction");
    static constexpr bool has_input = !std::is_void_v<In>;
    static constexpr bool has_output = !std::is_void_v<Out>;
    using OutSample = std::conditional_t<has_output, Out, float>;
    using Recording = Recorded<OutSample>;

public:
    Checker(Callback callback, const CheckOptions& options)
        : options_(options),
          callback_(std::move(callback)),
          shape_(checked_shape()),
          cuts_(make_cuts()),
          calls_(shape_, largest_block(), longest_run(), options_.sample_rate) {
        prepare_again();
        const RawCallback& raw = prepared_->callback;
        if (options_.state.empty() && raw.description && raw.description->state_size != 0 &&
            raw.user_data) {
            options_.state = {static_cast<std::byte*>(raw.user_data),
                              static_cast<std::size_t>(raw.description->state_size)};
        }
        saved_state_.assign(options_.state.begin(), options_.state.end());
    }

    CheckReport run() {
        const Cut& usual = cuts_.front();
        const Recording reference = record(usual, {}, usual.text());
        const Recording again = record(usual, {}, usual.text() + ", again");
        report_.first_call = reference.seconds.empty() ? 0 : reference.seconds.front();
        take_times(again);
        compare_again(reference, again);
        look_at(reference, usual, {});
        for (std::size_t i = 1; i < cuts_.size(); ++i) {
            const Recording recorded = record(cuts_[i], {}, cuts_[i].text());
            look_at(recorded, cuts_[i], {});
            compare_blocks(reference, recorded, cuts_[i]);
        }
        check_in_place(reference);
        check_state();
        if (has_input && options_.null_input) {
            const Pass pass{.null_input = true};
            look_at(record(usual, pass, "no input"), usual, pass);
        }
        restore_state();
        return std::move(report_);
    }

private:
    static constexpr std::uint8_t other_old_memory = 0xbc;

    [[noreturn]] static void refuse(const char* what) {
        throw Error(Fault::invalid_argument, "check", what);
    }
    [[nodiscard]] Shape checked_shape() const {
        if (!(options_.sample_rate > 0)) refuse("the sample rate must be above 0");
        const Shape shape{has_input ? options_.input_channels : 0,
                          has_output ? options_.output_channels : 0};
        if (has_input && shape.input_channels == 0) refuse("0 input channels");
        if (has_output && shape.output_channels == 0) refuse("0 output channels");
        return shape;
    }

    /// Each block size, then all in turn.
    [[nodiscard]] std::vector<Cut> make_cuts() const {
        std::vector<std::size_t> sizes;
        const auto add = [&](std::size_t size) {
            if (std::ranges::find(sizes, size) == sizes.end()) sizes.push_back(size);
        };
        const std::size_t limit = described_limit();
        for (const std::size_t size : options_.block_sizes) {
            if (size == 0) refuse("blocks of 0 frames");
            add(limit == 0 ? size : (std::min)(size, limit));
        }
        if (sizes.empty()) refuse("no block sizes");
        constexpr std::size_t too_much_to_try = 1u << 16;
        if (limit != 0 && limit <= too_much_to_try) add(limit);
        std::vector<Cut> cuts;
        for (const std::size_t size : sizes) cuts.push_back({{size}});
        if (sizes.size() > 1) cuts.push_back({std::move(sizes)});
        return cuts;
    }
    [[nodiscard]] std::size_t described_limit() const {
        const portspan_description* says = description_of(callback_);
        return says ? static_cast<std::size_t>(says->largest_block) : 0;
    }
    [[nodiscard]] std::size_t largest_block() const {
        return std::ranges::max(cuts_.back().blocks);  // all of them
    }
    /// Whole blocks: whoever asks for one size gets no other.
    [[nodiscard]] std::size_t frames_of(const Cut& cut) const {
        std::size_t frames = 0;
        for (std::size_t call = 0; frames < options_.frames || call < cut.blocks.size(); ++call) {
            frames += cut.block(call);
        }
        return frames;
    }

    [[nodiscard]] std::size_t longest_run() const {
        std::size_t longest = 0;
        for (const Cut& cut : cuts_) longest = (std::max)(longest, frames_of(cut));
        return longest;
    }

    void prepare_again() {
        if constexpr (std::is_copy_constructible_v<Callback>) {
            prepared_.emplace(prepare<In, Out, L>(Callback(callback_), shape_, largest_block()));
        } else if (!prepared_) {
            prepared_.emplace(prepare<In, Out, L>(std::move(callback_), shape_, largest_block()));
        }
    }
    void restore_state() {
        std::ranges::copy(saved_state_, options_.state.begin());
        if (options_.restore) options_.restore();
    }
    [[nodiscard]] bool is_state_given() const {
        return !options_.state.empty() || options_.restore != nullptr;
    }

    void find(Observation what, const std::string& text, bool is_fault = true) {
        if (report_.find(what)) return;
        report_.findings.push_back({what, is_fault, text});
        if (options_.found) options_.found(report_.findings.back());
    }

    Recording record(const Cut& cut, const Pass& pass, const std::string& what) {
        if (options_.progress) options_.progress(what);
        restore_state();
        prepare_again();
        Recording recorded{.channels = shape_.output_channels, .old_memory = pass.old_memory};
        const std::size_t frames = frames_of(cut);
        Called last{.result = paContinue};
        for (std::size_t n = 0; recorded.frames < frames && last.result == paContinue; ++n) {
            const std::size_t block = cut.block(n);
            last = calls_.call(prepared_->callback, recorded.frames, block, pass);
            recorded.seconds.push_back(last.seconds);
            for (const auto& [seen, text] : last.seen) find(seen, text + ", in " + what);
            if (last.result == paAbort) break;
            calls_.record(block, recorded.samples);
            recorded.frames += block;
        }
        end_run(last, recorded, pass, what);
        return recorded;
    }

    void end_run(const Called& last, Recording& recorded, const Pass& pass,
                 const std::string& what) {
        const std::string when = ", in " + what;
        const int result = last.result;
        std::exception_ptr failure = last.threw;
        if (!failure && prepared_->control) failure = prepared_->control->take();
        recorded.is_whole = result == paContinue || result == paComplete;
        if (failure) {
            recorded.is_whole = false;
            try {
                std::rethrow_exception(failure);
            } catch (const Error& error) {
                if (error.code() != Fault::unknown_result) throw;
                find(Observation::unknown_result, error.what() + when);
            } catch (const std::exception& error) {
                find(Observation::threw, std::string{"throws "} + error.what() + when);
            } catch (...) {
                find(Observation::threw, "throws an exception" + when);
            }
        } else if (result == paAbort && !pass.null_input && !pass.state) {
            find(Observation::aborted, "aborts after " + count_of(recorded.frames, "frame") + when);
        } else if (result == paComplete) {
            report_.completed = true;
        } else if (result != paContinue && result != paAbort) {
            find(Observation::unknown_result,
                 "returns " + std::to_string(result) +
                     ", which is none of paContinue (0), paComplete (1), paAbort (2)" + when);
        }
    }

    void take_times(const Recording& recorded) {
        std::vector<double> seconds = recorded.seconds;
        if (seconds.empty()) return;
        std::ranges::sort(seconds);
        report_.steady_call = seconds[seconds.size() / 2];
        report_.worst_call = seconds.back();
        report_.steady_frames = cuts_.front().blocks.front();
    }

    void compare_again(const Recording& one, const Recording& other) {
        if (!one.is_whole && !other.is_whole) return;
        const auto changed = first_change(one, other, {});
        report_.repeatable = !changed && one.frames == other.frames;
        if (*report_.repeatable) return;
        std::string text = "not repeatable: the same input from the same state gives ";
        if (!changed) {
            text += count_of(one.frames, "frame") + ", then " + std::to_string(other.frames);
        } else {
            text += one.value(*changed) + ", then " + other.value(*changed) + " (" +
                    one.place(*changed) + ")";
        }
        if (!is_state_given()) text += "; it has a state of its own, or none was given to put back";
        find(Observation::not_repeatable, text, is_state_given());
    }
    [[nodiscard]] bool is_repeatable() const { return report_.repeatable.value_or(false); }

    /// What a run's output itself tells, with a second run on other old memory beside it.
    void look_at(const Recording& recorded, const Cut& cut, Pass pass) {
        if (!has_output) return;
        const std::string what = pass.null_input ? "no input" : cut.text();
        pass.old_memory = other_old_memory;
        const Recording other = record(cut, pass, what + ", on other memory");
        const auto left = unwritten(recorded, other);
        const auto changed = first_change(recorded, other, left);
        const std::string text = unwritten_text(left, recorded.channels, cut);
        if (is_repeatable() && changed) {
            find(Observation::reads_old_output, "its output depends on what was in it before (" +
                                                    recorded.place(*changed) + "), in " + what);
        } else if (!text.empty() && (is_repeatable() || sizeof(OutSample) > 1)) {
            // What is not repeatable may give any byte twice.
            find(Observation::output_not_written, text);
        }
        if constexpr (std::is_same_v<Out, float>) {
            for (std::size_t i = 0; i < left.size(); ++i) {
                const float sample = recorded.samples[i];
                if (left[i] || is_finite(sample)) continue;
                const bool is_nan = (std::bit_cast<std::uint32_t>(sample) & 0x7fffff) != 0;
                find(is_nan ? Observation::output_nan : Observation::output_infinite,
                     std::string{"gives "} + (is_nan ? "NaN" : "infinity") + " (" +
                         recorded.place(i) + "), in " + what);
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
        const auto at = first_difference(reference, recorded, options_.tolerance);
        if (!at) return;
        find(Observation::depends_on_block_size,
             "its output depends on the size of the blocks: " + recorded.value(*at) + " in " +
                 cut.text() + ", " + reference.value(*at) + " in " + cuts_.front().text() + " (" +
                 recorded.place(*at) + ")");
    }

    void check_in_place(const Recording& reference) {
        if constexpr (has_input && std::is_same_v<In, Out>) {
            const portspan_description* says = description_of(callback_);
            const std::uint32_t properties = says ? says->properties : 0;
            if (shape_.input_channels != shape_.output_channels || !is_comparable(reference) ||
                (properties & PORTSPAN_NOT_IN_PLACE) != 0) {
                return;
            }
            const Recording recorded = record(cuts_.front(), {.in_place = true}, "in place");
            const auto at = first_difference(reference, recorded, options_.tolerance);
            report_.in_place = recorded.is_whole && !at;
            if (!at || (properties & PORTSPAN_IN_PLACE) == 0) return;
            find(Observation::not_in_place,
                 "says that it may work in place, but then gives " + recorded.value(*at) +
                     " and not " + reference.value(*at) + " (" + recorded.place(*at) + ")");
        }
    }

    /// On a copy of the state with room around it.
    void check_state() {
        const bool is_its_own = !prepared_->control && !options_.state.empty() &&
                                prepared_->callback.user_data == options_.state.data();
        if (!is_its_own) return;
        restore_state();
        GuardedMemory copy{1, saved_state_.size()};
        std::memcpy(copy.region(0), saved_state_.data(), saved_state_.size());
        record(cuts_.front(), {.state = copy.region(0)}, "a copy of the state");
        if (const Damage damage = copy.damage()) {
            find(Observation::wrote_outside_state, text_of(damage, "state", 1, false) + " of " +
                                                       count_of(saved_state_.size(), "byte"));
        }
    }

    CheckOptions options_;
    Callback callback_;
    Shape shape_;
    std::vector<Cut> cuts_;
    GuardedCall<In, Out, L> calls_;
    std::vector<std::byte> saved_state_;
    std::optional<Prepared> prepared_;
    CheckReport report_;
};

}  // namespace portspan::detail
