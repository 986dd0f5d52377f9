// SPDX-License-Identifier: MIT
// What a mixer becomes in a stream.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "block.hpp"
#include "buffers.hpp"
#include "control.hpp"
#include "cue.hpp"
#include "mixer_core.hpp"
#include "mixer_job.hpp"
#include "mixer_reel.hpp"
#include "times.hpp"

namespace portspan::detail {

/// A mixer in a stream; the stream's end gives it free.
template <class In, class Out, class L>
class BoundMixer {
public:
    static constexpr bool is_foreign = false;
    static constexpr bool works_in_place() noexcept { return true; }

    BoundMixer(std::shared_ptr<MixerCore> core, const Context& context) : context_(context) {
        core->bind(context);
        core_ = std::move(core);
    }
    BoundMixer(BoundMixer&&) noexcept = default;
    BoundMixer& operator=(BoundMixer&&) = delete;
    ~BoundMixer() {
        if (core_) core_->unbind();
    }

    int operator()(const RawBlock& raw) noexcept {
        const MixerCore::Call call{*core_};
        const Block<In, Out, L> block{raw, context_.shape};
        const unsigned run = context_.control->run();
        if (run != std::exchange(run_, run)) frames_ = 0;
        const Clocks clocks = clocks_of(raw, block.time());
        const auto run_jobs = [&](bool play, const BlockClock& clock, auto work) {
            core_->for_each([&](Job& job) {
                if (job.plays != play) return;
                job.take_part(
                    clock, run, block.status(), call.bank(),
                    [&](std::size_t first, std::size_t count) { return work(job, first, count); });
            });
        };
        count_block(core_->news(call), block.frames(), block.status());
        // Input and output may be one buffer.
        if constexpr (!std::is_void_v<In>) {
            run_jobs(false, clocks.input, [&](Job& job, std::size_t first, std::size_t count) {
                return static_cast<Reel<In>&>(job).record(block.input(), first, count);
            });
        }
        if constexpr (!std::is_void_v<Out>) {
            fill_silence(block.output());
            run_jobs(true, clocks.output, [&](Job& job, std::size_t first, std::size_t count) {
                return static_cast<Reel<const Out>&>(job).play(block.output(), first, count);
            });
        }
        frames_ += block.frames();
        return paContinue;
    }

private:
    struct Clocks {
        BlockClock input;
        BlockClock output;
    };

    [[nodiscard]] Clocks clocks_of(const RawBlock& raw, const StreamTimes& times) const noexcept {
        const bool stands_still =
            !raw.time || (raw.time->currentTime == 0 && raw.time->inputBufferAdcTime == 0 &&
                          raw.time->outputBufferDacTime == 0);
        const auto clock_of = [&](const std::optional<StreamClock::time_point>& exact) {
            BlockClock clock{.zero = static_cast<double>(frames_) / context_.sample_rate,
                             .is_exact = stands_still || exact,
                             .sample_rate = context_.sample_rate,
                             .frames = raw.frames};
            if (!stands_still)
                clock.zero = exact.value_or(times.current).time_since_epoch().count();
            return clock;
        };
        return {clock_of(times.input_adc), clock_of(times.output_dac)};
    }

    Context context_;
    std::shared_ptr<MixerCore> core_;
    unsigned run_ = 0;
    std::uint64_t frames_ = 0;  ///< since the start of the stream
};

}  // namespace portspan::detail
