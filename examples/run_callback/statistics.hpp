// SPDX-License-Identifier: MIT
// What is measured while a callback runs: times, flags, levels.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "envelope.hpp"

namespace run_callback {

/// A number that one thread counts and others look at: no read-modify-write, no lock.
template <class T>
class Shared {
public:
    Shared() = default;
    explicit Shared(T value) : value_(value) {}
    void set(T value) noexcept { value_.store(value, std::memory_order_relaxed); }
    void add(T value) noexcept { set(get() + value); }
    [[nodiscard]] T get() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<T> value_{};
};

/// How often something took how long: 32 bins an octave, so a quantile is right to about 3 %.
class TimeHistogram {
public:
    static constexpr std::size_t bins = 32 * 60;

    void add(std::uint64_t nanoseconds) noexcept {
        bins_[index(nanoseconds)].add(1);
        count_.add(1);
        least_.set(std::min(least_.get(), nanoseconds));
        most_.set(std::max(most_.get(), nanoseconds));
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_.get(); }
    [[nodiscard]] std::uint64_t count_in(std::size_t bin) const noexcept {
        return bins_[bin].get();
    }
    /// Seconds, as all that follow.
    [[nodiscard]] double least() const noexcept {
        return count() ? 1e-9 * double(least_.get()) : 0;
    }
    [[nodiscard]] double most() const noexcept { return 1e-9 * double(most_.get()); }
    /// The time that a share of all calls did not exceed.
    [[nodiscard]] double quantile(double share) const noexcept {
        const auto rank = static_cast<std::uint64_t>(std::ceil(share * double(count())));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < bins; ++i) {
            seen += count_in(i);
            if (seen >= rank && seen > 0) return std::clamp(middle(i), least(), most());
        }
        return most();
    }
    /// The middle of a bin.
    [[nodiscard]] static double middle(std::size_t bin) noexcept {
        if (bin < 64) return 1e-9 * double(bin);
        const std::size_t shift = bin / 32 - 1;
        const auto lower = double(std::uint64_t{bin - 32 * shift} << shift);
        return 1e-9 * (lower + 0.5 * double(std::uint64_t{1} << shift));
    }

private:
    static std::size_t index(std::uint64_t value) noexcept {
        if (value < 32) return value;
        const auto shift = static_cast<std::size_t>(std::bit_width(value)) - 6;
        return 32 * shift + (value >> shift);
    }

    std::array<Shared<std::uint64_t>, bins> bins_{};
    Shared<std::uint64_t> count_;
    Shared<std::uint64_t> least_{std::numeric_limits<std::uint64_t>::max()};
    Shared<std::uint64_t> most_;
};

/// Written by the thread that runs the callback. The others may look at everything but the
/// envelopes while it runs.
struct Statistics {
    TimeHistogram times;
    Shared<std::uint64_t> busy_nanoseconds;  ///< of all calls
    Shared<std::uint64_t> frames;            ///< processed; an aborted block does not count
    Shared<std::uint64_t> missed_deadlines;  ///< calls that took longer than their audio lasts
    Shared<std::uint64_t> smallest_block{std::numeric_limits<std::uint64_t>::max()};
    Shared<std::uint64_t> largest_block;
    Shared<std::uint64_t> xruns;  ///< calls with one of the four flags below
    Shared<std::uint64_t> input_underflows;
    Shared<std::uint64_t> input_overflows;
    Shared<std::uint64_t> output_underflows;
    Shared<std::uint64_t> output_overflows;
    Shared<std::uint64_t> priming;  ///< calls that only filled the first buffers
    Envelope input;
    Envelope output;

    void note_flags(PaStreamCallbackFlags flags) noexcept {
        if (flags == 0) [[likely]]
            return;
        if (flags & paInputUnderflow) input_underflows.add(1);
        if (flags & paInputOverflow) input_overflows.add(1);
        if (flags & paOutputUnderflow) output_underflows.add(1);
        if (flags & paOutputOverflow) output_overflows.add(1);
        if (flags & paPrimingOutput) priming.add(1);
        if (flags & ~PaStreamCallbackFlags{paPrimingOutput}) xruns.add(1);
    }

    void note_call(std::uint64_t nanoseconds, std::size_t block, double sample_rate) noexcept {
        times.add(nanoseconds);
        busy_nanoseconds.add(nanoseconds);
        smallest_block.set(std::min<std::uint64_t>(smallest_block.get(), block));
        largest_block.set(std::max<std::uint64_t>(largest_block.get(), block));
        if (double(nanoseconds) * sample_rate > 1e9 * double(block)) missed_deadlines.add(1);
    }
};

}  // namespace run_callback
