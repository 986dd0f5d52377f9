// SPDX-License-Identifier: MIT
// What a mixer becomes in a stream.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "block.hpp"
#include "block_clock.hpp"
#include "buffers.hpp"
#include "cue.hpp"
#include "mixer_core.hpp"
#include "mixer_job.hpp"
#include "mixer_reel.hpp"
#include "mixer_table.hpp"
#include "times.hpp"

namespace portspan::detail {

/// A mixer in a stream; the stream's end gives it free.
template <class In, class Out, class L>
class BoundMixer {
public:
    static constexpr bool is_foreign = false;
    static constexpr bool works_in_place() noexcept { return true; }

    BoundMixer(std::shared_ptr<MixerCore> core, const Context& context)
        : context_(context), blocks_(context) {
        core->bind(context);
        core_ = std::move(core);
    }
    BoundMixer(BoundMixer&&) noexcept = default;
    BoundMixer& operator=(BoundMixer&&) = delete;
    ~BoundMixer() {
        if (core_) core_->unbind();
    }

    int operator()(const RawBlock& raw) noexcept {
        const MixerTable::Call call{core_->table()};
        const Block<In, Out, L> block{raw, context_.shape};
        const unsigned run = blocks_.begin();
        const StreamTimes times = block.time();
        const auto run_jobs = [&](bool play, const BlockClock& clock, auto work) {
            core_->table().for_each([&](Job& job) {
                if (job.plays != play) return;
                job.take_part(
                    clock, run, block.status(), call.bank(),
                    [&](std::size_t first, std::size_t count) { return work(job, first, count); });
            });
        };
        count_block(core_->table().news(call), block.frames(), block.status());
        // Input and output may be one buffer.
        if constexpr (!std::is_void_v<In>) {
            run_jobs(false, blocks_.clock_of(raw, times, times.input_adc),
                     [&](Job& job, std::size_t first, std::size_t count) {
                         return static_cast<Reel<In>&>(job).record(block.input(), first, count);
                     });
        }
        if constexpr (!std::is_void_v<Out>) {
            fill_silence(block.output());
            run_jobs(true, blocks_.clock_of(raw, times, times.output_dac),
                     [&](Job& job, std::size_t first, std::size_t count) {
                         return static_cast<Reel<const Out>&>(job).play(block.output(), first,
                                                                        count);
                     });
        }
        blocks_.end(block.frames());
        return paContinue;
    }

private:
    Context context_;
    std::shared_ptr<MixerCore> core_;
    StreamBlocks blocks_;
};

}  // namespace portspan::detail
