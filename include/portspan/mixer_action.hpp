// SPDX-License-Identifier: MIT
// The handle of something that a mixer plays or records.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cue.hpp"
#include "error.hpp"
#include "expiry.hpp"
#include "finite_number.hpp"
#include "mixer_core.hpp"
#include "mixer_job.hpp"
#include "times.hpp"
#include "view.hpp"

namespace portspan {

namespace detail {

/// Seconds on the stream's clock; throws Error for what is no moment.
inline double checked_moment(StreamClock::time_point moment, const char* call) {
    const double seconds = moment.time_since_epoch().count();
    if (is_finite(seconds)) return seconds;
    raise(Error(Fault::invalid_argument, call, "the time is infinite or not a number"));
}

}  // namespace detail

/// Something that a Mixer plays or records, alone or with others. Its end does not end that; copies
/// are of the same. It may outlive the mixer and the stream. Any thread; from inside a callback its
/// calls throw Fault::inside_callback.
class MixerAction {
public:
    // Copied where it is moved: one of nothing would be a trap.
    /// Of the same.
    MixerAction(const MixerAction&) = default;
    /// Likewise.
    MixerAction& operator=(const MixerAction&) = default;
    ~MixerAction() = default;

    /// Ends it with the next block; no error where it is over, or cancelled already.
    void cancel() {
        detail::refuse_inside("MixerAction::cancel");
        detail::MixerCore::cancel(*job_, detail::Job::at_once);
    }
    /// Ends it at that moment: the frame that is at the DAC, or the ADC, then is none of its own.
    /// Of several moments the earliest counts. Throws Error for an infinite one and for NaN.
    void cancel(StreamClock::time_point when) {
        detail::refuse_inside("MixerAction::cancel");
        detail::MixerCore::cancel(*job_, detail::checked_moment(when, "MixerAction::cancel"));
    }

    /// Returns when it is over, and the mixer has let go of its memory: true. At once where no
    /// stream runs that has the mixer: false where it is still waiting for one. Throws Error
    /// (paTimedOut) where the device makes no call for longer than MixerConfig::patience.
    bool wait() { return core_->wait(*job_, "MixerAction::wait", detail::never_expires); }
    /// The same, for at most `timeout`; false where that has passed.
    template <class Rep, class Period>
    bool wait_for(std::chrono::duration<Rep, Period> timeout) {
        return core_->wait(*job_, "MixerAction::wait_for", detail::expires_after(timeout));
    }
    /// It is over, and the mixer has let go of its memory; what was recorded is seen by this
    /// thread.
    [[nodiscard]] bool done() const { return core_->is_over(*job_, "MixerAction::done"); }

    /// So far, or in the end.
    [[nodiscard]] ActionStatistics statistics() const {
        return core_->statistics(*job_, "MixerAction::statistics");
    }
    /// When it has started, before that when it is to start; empty where that is not known.
    [[nodiscard]] std::optional<StreamClock::time_point> starts_at() const {
        return start(statistics());
    }
    /// When the frame after its last one is at the DAC, or the ADC, at the sample rate that was
    /// asked for: for the Cue of what is to follow. Without a gap it follows where the clock of the
    /// device is exact; where that jitters or drifts, some frames later or earlier: what must not
    /// have a gap is one view, or a RingBuffer. Empty where that is not known: without starts_at(),
    /// before the mixer has a stream, and for loops and ring buffers that are not over. cancel()
    /// does not count before it has happened.
    [[nodiscard]] std::optional<StreamClock::time_point> ends_at() const {
        const ActionStatistics statistics = this->statistics();
        const auto start = this->start(statistics);
        const double sample_rate = core_->sample_rate(*job_, "MixerAction::ends_at");
        const bool is_over = detail::is_over(statistics.state);
        const std::uint64_t frames = is_over ? statistics.frames : job_->length;
        if (!start || sample_rate == 0 || (!is_over && frames == 0)) return {};
        return *start + StreamClock::duration{static_cast<double>(frames) / sample_rate};
    }

private:
    template <class In, class Out, Layout L>
    friend class Mixer;

    MixerAction(std::shared_ptr<detail::MixerCore> core, std::shared_ptr<detail::Job> job) noexcept
        : core_(std::move(core)), job_(std::move(job)) {}

    [[nodiscard]] std::optional<StreamClock::time_point> start(
        const ActionStatistics& statistics) const noexcept {
        if (statistics.start || detail::is_over(statistics.state) || !job_->at) {
            return statistics.start;
        }
        return StreamClock::time_point{StreamClock::duration{*job_->at}};
    }

    std::shared_ptr<detail::MixerCore> core_;
    std::shared_ptr<detail::Job> job_;
};

}  // namespace portspan
