// SPDX-License-Identifier: MIT
// One run of a callback for check(): from the same state, over the same audio, on guarded buffers.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "check_call.hpp"
#include "check_compare.hpp"
#include "check_plan.hpp"
#include "check_report.hpp"
#include "check_words.hpp"
#include "control.hpp"
#include "failure.hpp"
#include "failure_news.hpp"
#include "prepare.hpp"

namespace portspan::detail {

/// Runs a callback again and again, and notes what each call and each end tells.
template <class In, class Out, class L, class Callback>
class CheckRun {
    static_assert(!std::is_void_v<In> || !std::is_void_v<Out>, "a check needs a direction");

public:
    using OutSample = std::conditional_t<std::is_void_v<Out>, float, Out>;
    using Recording = Recorded<OutSample>;

    CheckRun(Callback callback, const CheckOptions& options)
        : options_(options),
          callback_(std::move(callback)),
          says_(description_of(callback_)),
          plan_(options, !std::is_void_v<In>, !std::is_void_v<Out>, says_),
          calls_(plan_.shape(), plan_.largest_block(), plan_.longest_run(), options.sample_rate) {
        prepare_again();
        const RawCallback& raw = prepared_->callback;
        if (options_.state.empty() && raw.description && raw.description->state_size != 0 &&
            raw.user_data) {
            options_.state = {static_cast<std::byte*>(raw.user_data),
                              static_cast<std::size_t>(raw.description->state_size)};
        }
        saved_state_.assign(options_.state.begin(), options_.state.end());
    }

    [[nodiscard]] const CheckOptions& options() const noexcept { return options_; }
    [[nodiscard]] const CheckPlan& plan() const noexcept { return plan_; }
    [[nodiscard]] const portspan_description* says() const noexcept { return says_; }
    [[nodiscard]] CheckReport& report() noexcept { return report_; }

    [[nodiscard]] bool is_state_given() const {
        return !options_.state.empty() || options_.restore != nullptr;
    }
    /// The state as it was, where the callback gets it untouched; empty elsewhere.
    [[nodiscard]] std::span<const std::byte> own_state() const {
        const bool is_its_own =
            !prepared_->control && prepared_->callback.user_data == options_.state.data();
        return is_its_own ? saved_state_ : std::span<const std::byte>{};
    }
    void restore_state() {
        std::ranges::copy(saved_state_, options_.state.begin());
        if (options_.restore) options_.restore();
    }

    void find(Observation what, const std::string& text, bool is_fault = true) {
        if (report_.find(what)) return;
        report_.findings.push_back({what, is_fault, text});
        if (options_.found) options_.found(report_.findings.back());
    }

    /// `when` is what the findings say of the run: "in blocks of 64 frames".
    Recording record(const Cut& cut, const Pass& pass, const std::string& when) {
        if (options_.progress) options_.progress(when);
        restore_state();
        prepare_again();
        Recording recorded{.channels = plan_.shape().output_channels,
                           .old_memory = pass.old_memory};
        const std::size_t frames = plan_.frames_of(cut);
        FailureNews failures{prepared_->callback.failures};
        failures.begin();
        Called last{.result = paContinue};
        for (std::size_t n = 0; recorded.frames < frames && last.result == paContinue; ++n) {
            const std::size_t block = cut.block(n);
            last = calls_.call(prepared_->callback, recorded.frames, block, pass);
            recorded.seconds.push_back(last.seconds);
            for (const auto& [seen, text] : last.seen) find(seen, text + ", " + when);
            if (last.result == paAbort) break;
            calls_.record(block, recorded.samples);
            recorded.frames += block;
        }
        end_run(last, failures, recorded, pass, when);
        return recorded;
    }

private:
    void prepare_again() {
        const Context setting{.shape = plan_.shape(),
                              .frames_per_buffer = plan_.largest_block(),
                              .sample_rate = options_.sample_rate,
                              .is_offline = true};
        if constexpr (std::is_copy_constructible_v<Callback>) {
            prepared_.reset();  // what it has to itself, a LiveState say, is the next one's
            prepared_.emplace(prepare<In, Out, L>(Callback(callback_), setting));
        } else if (!prepared_) {
            prepared_.emplace(prepare<In, Out, L>(std::move(callback_), setting));
        }
    }
    void end_run(const Called& last, FailureNews& failures, Recording& recorded, const Pass& pass,
                 const std::string& when) {
        Control* const control = prepared_->control;
        const int result = control ? control->unknown_result().value_or(last.result) : last.result;
        Failure failure = control ? control->take() : Failure{};
        if (last.threw) failure = last.threw;
        recorded.is_whole = result == paContinue || result == paComplete;
        if (result != paContinue && result != paComplete && result != paAbort) {
            find(Observation::unknown_result,
                 "returns " + std::to_string(result) +
                     ", which is none of paContinue (0), paComplete (1), paAbort (2), " + when);
        } else if (failure) {
            recorded.is_whole = false;
            find_exception(failure, recorded, pass, when);
        } else if (result == paAbort) {
            find_abort(failures.take(), recorded, pass, when);
        } else if (result == paComplete) {
            report_.completed = true;
        }
    }
    /// `why` is what its library says, or null.
    void find_abort(const char* why, const Recording& recorded, const Pass& pass,
                    const std::string& when) {
        if (pass.null_input || pass.state) return;
        find(Observation::aborted, "aborts after " + count_of(recorded.frames, "frame") + ", " +
                                       when + (why ? std::string{": "} + why : ""));
    }
    void find_exception(const Failure& failure, const Recording& recorded, const Pass& pass,
                        const std::string& when) {
        if (const auto error = failure.error()) {
            // Any other: the callback and the check do not fit.
            if (error->code() != Fault::callback_threw) failure.raise();
            return find_abort(error->detail().c_str(), recorded, pass, when);
        }
        const std::string words = failure.words();
        find(Observation::threw,
             "throws an exception" + (words.empty() ? "" : ": " + words) + ", " + when);
    }

    CheckOptions options_;
    Callback callback_;
    const portspan_description* says_;
    CheckPlan plan_;
    GuardedCall<In, Out, L> calls_;
    std::vector<std::byte> saved_state_;
    std::optional<Prepared> prepared_;
    CheckReport report_;
};

}  // namespace portspan::detail
