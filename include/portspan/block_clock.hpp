// SPDX-License-Identifier: MIT
// When the frames of a block are heard or recorded, whatever the host says of it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "bind.hpp"
#include "block.hpp"
#include "finite_number.hpp"
#include "stream_run.hpp"
#include "times.hpp"

namespace portspan::detail {

/// When the frames of a block are at the DAC, or the ADC.
struct BlockClock {
    double zero;  ///< seconds, of the first frame
    /// Else `zero` is when the callback was called, and nobody knows of the frames.
    bool is_exact;
    double sample_rate;  ///< 0: not known
    std::size_t frames;

    /// Below 0 where the moment has passed, `frames` or more where it is still to come.
    [[nodiscard]] double frame_at(double seconds) const noexcept {
        constexpr double most = 1e6;  // s: nothing overflows
        const double later = std::clamp(seconds - zero, -most, most);
        if (is_exact) return std::round(later * sample_rate);
        return later > 0 ? static_cast<double>(frames) : later < 0 ? -1.0 : 0.0;
    }
    /// Seconds; 0 where nobody knows.
    [[nodiscard]] double length() const noexcept {
        return sample_rate > 0 ? static_cast<double>(frames) / sample_rate : 0;
    }
    [[nodiscard]] StreamClock::time_point time_of(std::size_t frame) const noexcept {
        const bool is_known = is_exact && sample_rate > 0;
        const double later = is_known ? static_cast<double>(frame) / sample_rate : 0;
        return StreamClock::time_point{StreamClock::duration{zero + later}};
    }
};

/// The BlockClocks of a stream's blocks. Where the host's clock stands still, tells no finite time,
/// or there is none, the frames since the stream's start are the clock; where nobody knows the
/// sample rate either, every moment is now.
class StreamBlocks {
public:
    explicit StreamBlocks(const Context& context) noexcept
        : run_(context), sample_rate_(context.sample_rate > 0 ? context.sample_rate : 0) {}

    /// A block begins. The run of the stream that it belongs to.
    unsigned begin() noexcept {
        if (run_.has_begun()) frames_ = 0;
        return run_.number();
    }
    /// `exact`: what `times` has of the input, or of the output.
    [[nodiscard]] BlockClock clock_of(
        const RawBlock& raw, const StreamTimes& times,
        const std::optional<StreamClock::time_point>& exact) const noexcept {
        BlockClock clock{.zero = 0,
                         .is_exact = true,
                         .sample_rate = sample_rate_,
                         .frames = static_cast<std::size_t>(raw.frames)};
        const bool is_told = exact || is_finite(times.current.time_since_epoch().count());
        if (!is_told || stands_still(raw)) {
            if (sample_rate_ > 0) clock.zero = static_cast<double>(frames_) / sample_rate_;
        } else {
            clock.zero = exact.value_or(times.current).time_since_epoch().count();
            clock.is_exact = exact && sample_rate_ > 0;
        }
        return clock;
    }
    /// It is over.
    void end(std::size_t frames) noexcept { frames_ += frames; }

private:
    [[nodiscard]] static bool stands_still(const RawBlock& raw) noexcept {
        return !raw.time || (raw.time->currentTime == 0 && raw.time->inputBufferAdcTime == 0 &&
                             raw.time->outputBufferDacTime == 0);
    }

    StreamRun run_;
    double sample_rate_;
    /// Since the start of the stream, or since what counts them came into one that runs.
    std::uint64_t frames_ = 0;
};

}  // namespace portspan::detail
