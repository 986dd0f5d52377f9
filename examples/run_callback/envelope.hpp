// SPDX-License-Identifier: MIT
// What a waveform looks like from afar, however long it is, and how loud it is.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "samples.hpp"

namespace run_callback {

/// Extremes and energy of some samples; those that are not finite are only counted.
struct Extent {
    float low = std::numeric_limits<float>::infinity();
    float high = -std::numeric_limits<float>::infinity();
    double energy = 0;
    std::uint64_t samples = 0;
    std::uint64_t not_finite = 0;

    void add(float value) noexcept {
        if (!std::isfinite(value)) {
            ++not_finite;
            return;
        }
        low = std::min(low, value);
        high = std::max(high, value);
        energy += static_cast<double>(value) * static_cast<double>(value);
        ++samples;
    }
    void add(const Extent& other) noexcept {
        low = std::min(low, other.low);
        high = std::max(high, other.high);
        energy += other.energy;
        samples += other.samples;
        not_finite += other.not_finite;
    }
    [[nodiscard]] float peak() const noexcept { return samples ? std::max(-low, high) : 0.f; }
    [[nodiscard]] double rms() const noexcept {
        return samples ? std::sqrt(energy / static_cast<double>(samples)) : 0;
    }
};

/// The extents of consecutive stretches of audio, all channels together. Fixed memory: when it is
/// full two stretches become one. add() is for the audio thread; the rest is for after the run,
/// except for take_peak().
class Envelope {
public:
    static constexpr std::size_t capacity = 4096;

    /// The next frames of a view in amplitudes; neither allocates nor waits.
    template <class View>
    void add(View view) noexcept {
        float block_peak = 0;
        for (std::size_t frame = 0; frame < view.frames();) {
            const std::size_t count = std::min(view.frames() - frame, stretch_ - filled_);
            Extent part;
            for (std::size_t c = 0; c < view.channels(); ++c) {
                for (std::size_t f = frame; f < frame + count; ++f) {
                    part.add(amplitude(view(f, c)));
                }
            }
            block_peak = std::max(block_peak, part.peak());
            append(part, count);
            frame += count;
        }
        if (block_peak > recent_peak_.load(std::memory_order_relaxed)) {
            recent_peak_.store(block_peak, std::memory_order_relaxed);
        }
    }

    /// Any thread, while it runs: the peak since the last call, for a meter.
    [[nodiscard]] float take_peak() noexcept {
        return recent_peak_.exchange(0, std::memory_order_relaxed);
    }

    [[nodiscard]] const Extent& total() const noexcept { return total_; }
    [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }
    /// The extent of the frames from `first` to `last`, to the precision that is kept.
    [[nodiscard]] Extent between(double first, double last) const noexcept;

private:
    void append(const Extent& part, std::size_t frames) noexcept;

    std::array<Extent, capacity> stretches_{};
    std::size_t used_ = 0;     // complete ones; the one at this index is being filled
    std::size_t stretch_ = 1;  // frames in each
    std::size_t filled_ = 0;   // frames in the last one
    std::uint64_t frames_ = 0;
    Extent total_;
    std::atomic<float> recent_peak_{0};
};

}  // namespace run_callback
