// SPDX-License-Identifier: MIT
// What mix() becomes once the sample types and the channels are known.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include "bound_stage.hpp"
#include "stream_run.hpp"
#include "sum.hpp"

namespace portspan::detail {

/// Adds `others` to `output`, and saturates once: the order of the sources is nothing to hear.
template <class T, class Lane>
void add_to(Lane output, std::span<const Lane> others) noexcept {
    std::array<Sum<T>, 64> sums;
    for (std::size_t first = 0; first < output.size(); first += sums.size()) {
        const std::size_t count = (std::min)(sums.size(), output.size() - first);
        for (std::size_t i = 0; i < count; ++i) sums[i] = Sum<T>{output[first + i]} - silence<T>;
        for (const Lane& other : others) {
            for (std::size_t i = 0; i < count; ++i) {
                sums[i] += Sum<T>{other[first + i]} - silence<T>;
            }
        }
        for (std::size_t i = 0; i < count; ++i) output[first + i] = saturated<T>(sums[i]);
    }
}

/// Sources that get the same input, each with an output of its own.
template <class In, class Out, class L, class Sources>
class BoundMix;
template <class In, class Out, class L, class... Sources>
class BoundMix<In, Out, L, std::tuple<Sources...>> {
    static constexpr std::size_t count = sizeof...(Sources);
    static constexpr bool is_nothrow =
        (std::is_nothrow_invocable_v<Sources&, const RawBlock&> && ...);

public:
    static constexpr bool is_foreign = (Sources::is_foreign || ...);
    /// It can, but then copies the input: two buffers are better.
    static constexpr bool works_in_place() noexcept { return false; }

    BoundMix(std::tuple<Sources...> sources, const Context& context)
        : sources_(std::move(sources)),
          shape_(context.shape),
          in_parts_(context),
          input_(context),
          run_(context) {
        for (auto& buffer : buffers_) {
            buffer = {most_frames(context), context.shape.output_channels};
        }
    }

    int operator()(const RawBlock& raw) noexcept(is_nothrow) {
        if (run_.has_begun()) has_ended_ = {};
        return in_parts_(raw, [this](const RawBlock& part) noexcept(is_nothrow) {
            return run_part(part, std::index_sequence_for<Sources...>{});
        });
    }

private:
    /// One part of one block, as far as the sources have come.
    struct Part {
        RawBlock block;
        void* output;
        std::size_t given = 0;  ///< outputs of sources
        int result = paContinue;
    };

    template <std::size_t... I>
    int run_part(const RawBlock& raw, std::index_sequence<I...>) noexcept(is_nothrow) {
        Part part{raw, raw.output};
        part.block.input = input_.of(raw);
        if (!(run_source<I>(part) && ...)) return paAbort;
        add_up(raw, part.given);
        if (part.result != paContinue) return part.result;
        return std::ranges::find(has_ended_, false) == has_ended_.end() ? paComplete : paContinue;
    }

    /// False where it aborts.
    template <std::size_t I>
    bool run_source(Part& part) noexcept(is_nothrow) {
        if (has_ended_[I]) return true;
        part.block.output = part.given == 0 ? part.output : buffers_[part.given - 1].raw();
        const int result = std::get<I>(sources_)(part.block);
        ++part.given;
        if (result == paContinue) [[likely]]
            return true;
        has_ended_[I] = true;
        if (result != paComplete && part.result == paContinue) part.result = result;
        return result != paAbort;
    }

    void add_up(const RawBlock& raw, std::size_t given) noexcept {
        using View = typename L::template View<Out>;
        const auto output = view_of<View>(raw.output, raw.frames, shape_.output_channels);
        if (given == 0) fill_silence(output);
        if (given < 2) return;
        std::array<std::span<Out>, count> others;
        const auto add_lanes = [&](auto lane_of) {
            for (std::size_t i = 0; i + 1 < given; ++i) {
                others[i] = lane_of(buffers_[i].view(raw.frames));
            }
            add_to<Out>(lane_of(output), std::span<const std::span<Out>>{others.data(), given - 1});
        };
        if constexpr (InterleavedSamples<View>) {
            add_lanes([](const View& view) { return view.samples(); });
        } else {
            for (std::size_t c = 0; c < output.channels(); ++c) {
                add_lanes([c](const View& view) { return view.channel(c); });
            }
        }
    }

    std::tuple<Sources...> sources_;
    Shape shape_;
    InParts<In, Out, L> in_parts_;
    KeptInput<In, Out, L> input_;
    std::array<Buffer<Out, L>, count - 1> buffers_;
    std::array<bool, count> has_ended_{};
    StreamRun run_;
};

/// Its sources tell theirs.
template <class In, class Out, class L, class Sources>
FailureReport* failures_of(const BoundMix<In, Out, L, Sources>&) noexcept {
    return nullptr;
}

}  // namespace portspan::detail
