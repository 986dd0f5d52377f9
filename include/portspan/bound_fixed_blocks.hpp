// SPDX-License-Identifier: MIT
// What fixed_blocks() becomes once the sample types and the channels are known.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "buffer.hpp"
#include "stream_run.hpp"

namespace portspan::detail {

/// Gathers N frames, calls with them, and gives out what came of the N before.
template <std::size_t N, class In, class Out, class L, class Inner>
struct BoundFixedBlocks {
    static constexpr bool is_foreign = Inner::is_foreign;
    /// What is read of a block is in a buffer before any of it is written.
    static constexpr bool works_in_place() noexcept { return true; }
    Inner inner;

    BoundFixedBlocks(Inner callback, const Context& context)
        : inner(std::move(callback)),
          shape_(context.shape),
          sample_rate_(context.sample_rate),
          input_(N, context.shape.input_channels),
          output_(N, context.shape.output_channels),
          run_(context) {
        const bool fits = context.shape.input_channels == context.shape.output_channels;
        calls_in_place_ = context.in_place || (fits && detail::works_in_place(inner));
    }

    int operator()(const RawBlock& raw) noexcept(
        std::is_nothrow_invocable_v<Inner&, const RawBlock&>) {
        if (run_.has_begun()) begin();
        status_ |= raw.status;
        std::size_t done = 0;
        while (done < raw.frames && ended_ == paContinue) {
            const std::size_t count = (std::min)(N - gathered_, raw.frames - done);
            gather(raw, done, count);
            const bool is_whole = gathered_ == N;
            // The last frame of N in is the first frame of N out: a latency of N - 1.
            give(raw, done, is_whole ? count - 1 : count);
            done += count;
            if (!is_whole) break;
            ended_ = call(raw, done - 1);
            if (ended_ == paAbort) return paAbort;
            gathered_ = 0;
            given_ = 0;
            give(raw, done - 1, 1);
        }
        return ended_ == paContinue ? paContinue : drain(raw, done);
    }

private:
    static constexpr bool has_input = !std::is_void_v<In>;
    static constexpr bool has_output = !std::is_void_v<Out>;
    static constexpr bool has_one_type = has_input && std::is_same_v<In, Out>;
    // Where there is no such direction, a buffer without channels.
    using InSample = std::conditional_t<has_input, In, float>;
    using OutSample = std::conditional_t<has_output, Out, float>;

    /// A new start of the stream: nothing of the one before is heard.
    void begin() noexcept {
        gathered_ = 0;
        given_ = 1;
        ended_ = paContinue;
        status_ = 0;
        fill_silence(output_.view(N));
    }

    [[nodiscard]] double seconds(std::size_t frames) const noexcept {
        const double rate = sample_rate_;
        return rate > 0 ? static_cast<double>(frames) / rate : 0;
    }

    /// `count` frames of input from `first` on; where there are none they are silent.
    void gather(const RawBlock& raw, std::size_t first, std::size_t count) noexcept {
        if constexpr (has_input) {
            if (gathered_ == 0) {
                recorded_ =
                    raw.time ? later(*raw.time, raw.time->inputBufferAdcTime, seconds(first)) : 0;
            }
            const auto target = input_.view(N).slice(gathered_, count);
            if (raw.input) {
                using View = typename L::template View<const In>;
                const auto input = view_of<View>(raw.input, raw.frames, shape_.input_channels);
                copy_through(input.slice(first, count), target);
            } else {
                fill_silence(target);
            }
        }
        gathered_ += count;
    }

    /// `count` frames of output from `first` on.
    void give(const RawBlock& raw, [[maybe_unused]] std::size_t first, std::size_t count) noexcept {
        if constexpr (has_output) {
            copy_through(output_.view(N).slice(given_, count), output_of(raw).slice(first, count));
        }
        given_ += count;
    }

    /// With the block whose first frame of output is heard at frame `now` of this one.
    int call(const RawBlock& raw,
             std::size_t now) noexcept(std::is_nothrow_invocable_v<Inner&, const RawBlock&>) {
        RawBlock block{nullptr, nullptr, N, nullptr, std::exchange(status_, 0)};
        PaStreamCallbackTimeInfo time;
        if (raw.time) {
            time = *raw.time;
            block.time = &time;
            if constexpr (has_input) time.inputBufferAdcTime = recorded_;
            if constexpr (has_output) {
                time.outputBufferDacTime =
                    later(*raw.time, raw.time->outputBufferDacTime, seconds(now));
            }
        }
        if constexpr (has_one_type) {
            if (calls_in_place_) {
                block.input = block.output = input_.raw();
                const int result = inner(block);
                input_.swap(output_);
                return result;
            }
        }
        if constexpr (has_input) block.input = input_.raw();
        if constexpr (has_output) block.output = output_.raw();
        return inner(block);
    }

    /// From `first` on what the callback gave last, silence behind it.
    int drain(const RawBlock& raw, [[maybe_unused]] std::size_t first) noexcept {
        if constexpr (has_output) {
            const std::size_t count = (std::min)(N - given_, raw.frames - first);
            give(raw, first, count);
            first += count;
            fill_silence(output_of(raw).slice(first, raw.frames - first));
            if (given_ < N) return paContinue;
        }
        return ended_;
    }

    [[nodiscard]] auto output_of(const RawBlock& raw) const noexcept {
        using View = typename L::template View<OutSample>;
        return view_of<View>(raw.output, raw.frames, shape_.output_channels);
    }

    Shape shape_;
    double sample_rate_;
    Buffer<InSample, L> input_;
    Buffer<OutSample, L> output_;
    bool calls_in_place_;
    std::size_t gathered_ = 0;  ///< frames of the next call
    std::size_t given_ = 1;     ///< frames of the last one; of the silence before the first
    int ended_ = paContinue;    ///< what the callback has said
    PaTime recorded_ = 0;
    PaStreamCallbackFlags status_ = 0;
    StreamRun run_;
};

}  // namespace portspan::detail
