// SPDX-License-Identifier: MIT
// What a callback does with its time, told by the audio thread without a lock.
#pragma once

#include <portaudio.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "histogram.hpp"
#include "sole_use.hpp"
#include "times.hpp"

namespace portspan {

/// What has happened since the start, or the last reset.
struct TelemetrySnapshot {
    std::uint64_t calls = 0;         ///< of the callback
    std::uint64_t frames = 0;        ///< of all those
    std::size_t smallest_block = 0;  ///< frames of a call
    std::size_t largest_block = 0;   ///< likewise

    Distribution duration;  ///< wall time of a call
    /// The time of all calls as a share of the time that their audio lasts, which is the deadline
    /// of each; 0 where the sample rate is not known.
    double load = 0;
    double largest_load = 0;            ///< of one call
    std::uint64_t deadline_misses = 0;  ///< calls that took longer than their audio lasts

    /// Wall time from the start of a call to that of the next one, within a run of the stream.
    Distribution gap;

    std::uint64_t input_underflows = 0;   ///< calls with StatusFlags::input_underflow
    std::uint64_t input_overflows = 0;    ///< likewise
    std::uint64_t output_underflows = 0;  ///< likewise
    std::uint64_t output_overflows = 0;   ///< likewise
    std::uint64_t priming_outputs = 0;    ///< likewise

    std::uint64_t completed = 0;        ///< results paComplete
    std::uint64_t aborted = 0;          ///< results paAbort
    std::uint64_t unknown_results = 0;  ///< results that are none
    std::uint64_t threw = 0;            ///< calls that an exception has ended

    std::vector<HistogramBar> durations;  ///< of the calls, from the shortest on
};

namespace detail {

/// One call.
struct Measured {
    std::chrono::nanoseconds duration;
    std::chrono::nanoseconds gap;  ///< 0: the first call of a run
    unsigned long frames;
    double deadline;  ///< nanoseconds; 0: not known
    PaStreamCallbackFlags status;
    int result;
    bool threw;
};

/// Written by one audio thread, read by any thread.
class Meter {
public:
    std::atomic<bool> is_used{false};  ///< by a stream: two that wrote into it would lose counts

    /// Audio thread.
    void measure(const Measured& call) noexcept {
        const std::uint64_t version = version_.load(std::memory_order_relaxed) + 1;
        version_.store(version, std::memory_order_relaxed);  // odd: a reader looks again
        const auto resets = resets_.load(std::memory_order_relaxed);
        if (resets != seen_resets_.load(std::memory_order_relaxed)) [[unlikely]] {
            clear();
            put(seen_resets_, resets);
        }
        count(call);
        version_.store(version + 1, std::memory_order_release);
    }

    /// Any thread, the audio thread too.
    void reset() noexcept { resets_.fetch_add(1, std::memory_order_relaxed); }

    /// Any thread but the audio thread.
    [[nodiscard]] TelemetrySnapshot snapshot() const {
        const auto durations = std::make_unique<Histogram::Copy>();
        const auto gaps = std::make_unique<Histogram::Copy>();
        TelemetrySnapshot snapshot;
        std::uint64_t version = 0;
        do {
            version = version_.load(std::memory_order_acquire);
            if (resets_.load(std::memory_order_relaxed) != seen(seen_resets_)) return {};
            durations_.copy_to(*durations);
            gaps_.copy_to(*gaps);
            snapshot = counts(durations->count());
        } while (version % 2 != 0 || version_.load(std::memory_order_relaxed) != version);
        snapshot.duration = durations->distribution();
        snapshot.gap = gaps->distribution();
        durations->for_each_bar(
            [&](const HistogramBar& bar) { snapshot.durations.push_back(bar); });
        return snapshot;
    }

private:
    enum Counter : std::size_t {
        frames,
        busy,
        misses,
        complete,
        abort,
        unknown,
        exception,
        flags,
        counters = flags + 5,
    };
    static constexpr std::array<PaStreamCallbackFlags, 5> flag_bits{
        paInputUnderflow, paInputOverflow, paOutputUnderflow, paOutputOverflow, paPrimingOutput};

    void count(const Measured& call) noexcept {
        const auto one = std::uint64_t{1};
        const auto duration = static_cast<std::uint64_t>(call.duration.count());
        add(counters_[frames], std::uint64_t{call.frames});
        add(counters_[busy], duration);
        durations_.count(duration);
        if (call.gap.count() > 0) gaps_.count(static_cast<std::uint64_t>(call.gap.count()));
        lower(smallest_, std::uint64_t{call.frames});
        raise(largest_, std::uint64_t{call.frames});
        if (call.deadline > 0) {
            const auto taken = static_cast<double>(duration);
            put(audio_, audio_.load(std::memory_order_relaxed) + call.deadline);
            // The division is rarely needed.
            if (taken > call.deadline * largest_load_.load(std::memory_order_relaxed)) [[unlikely]]
                put(largest_load_, taken / call.deadline);
            if (taken > call.deadline) [[unlikely]]
                add(counters_[misses], one);
        }
        if (call.status != 0) [[unlikely]] {
            for (std::size_t flag = 0; flag < flag_bits.size(); ++flag) {
                if (call.status & flag_bits[flag]) add(counters_[flags + flag], one);
            }
        }
        if (call.threw) {
            add(counters_[exception], one);
        } else if (call.result != paContinue) [[unlikely]] {
            add(counters_[call.result == paComplete ? complete
                          : call.result == paAbort  ? abort
                                                    : unknown],
                one);
        }
    }

    void clear() noexcept {
        for (auto& counter : counters_) put(counter, std::uint64_t{0});
        durations_.clear();
        gaps_.clear();
        put(smallest_, none);
        put(largest_, std::uint64_t{0});
        put(audio_, 0.0);
        put(largest_load_, 0.0);
    }

    [[nodiscard]] TelemetrySnapshot counts(std::uint64_t calls) const {
        const auto of = [this](std::size_t counter) { return seen(counters_[counter]); };
        TelemetrySnapshot all;
        all.calls = calls;
        all.frames = of(frames);
        if (all.calls != 0) all.smallest_block = seen(smallest_);
        all.largest_block = seen(largest_);
        const double audio = seen(audio_);
        if (audio > 0) all.load = static_cast<double>(of(busy)) / audio;
        all.largest_load = seen(largest_load_);
        all.deadline_misses = of(misses);
        all.input_underflows = of(flags);
        all.input_overflows = of(flags + 1);
        all.output_underflows = of(flags + 2);
        all.output_overflows = of(flags + 3);
        all.priming_outputs = of(flags + 4);
        all.completed = of(complete);
        all.aborted = of(abort);
        all.unknown_results = of(unknown);
        all.threw = of(exception);
        return all;
    }

    static constexpr std::uint64_t none = (std::numeric_limits<std::uint64_t>::max)();

    std::atomic<std::uint64_t> version_{0};
    std::atomic<std::uint64_t> resets_{0};
    std::atomic<std::uint64_t> seen_resets_{0};  ///< the audio thread has done
    std::array<std::atomic<std::uint64_t>, counters> counters_{};
    std::atomic<std::uint64_t> smallest_{none};
    std::atomic<std::uint64_t> largest_{0};
    std::atomic<double> audio_{0};  ///< nanoseconds
    std::atomic<double> largest_load_{0};
    Histogram durations_;
    Histogram gaps_;
};

}  // namespace detail

/// What monitor() tells of its callback. Copies share it. One stream at a time has it, and counts
/// on what the one before has left.
class Telemetry {
public:
    Telemetry() = default;
    // Copies alone: one that was moved from would be a trap.
    /// Of the same counts.
    Telemetry(const Telemetry&) = default;
    /// Likewise.
    Telemetry& operator=(const Telemetry&) = default;
    ~Telemetry() = default;

    /// All of it at one moment, between two calls. Any thread but the audio thread; takes no lock,
    /// and the audio thread waits for nobody.
    [[nodiscard]] TelemetrySnapshot snapshot() const { return shared_->snapshot(); }
    /// From the next call on everything is counted from 0; a snapshot before that has nothing. Any
    /// thread.
    void reset() noexcept { shared_->reset(); }

private:
    friend struct detail::SharedOf;
    std::shared_ptr<detail::Meter> shared_ = std::make_shared<detail::Meter>();
};

}  // namespace portspan
