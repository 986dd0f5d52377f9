// SPDX-License-Identifier: MIT
// A callback on an input that ends, or starts, where nobody may read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <portspan/render.hpp>
#include <type_traits>
#include <vector>

#include "buffer.hpp"
#include "fence.hpp"
#include "samples.hpp"

namespace run_callback {

/// How the callback is called.
struct FencedSetup {
    portspan::RawCallback callback;
    portspan::Shape shape;  ///< with input channels
    double sample_rate;     ///< Hz
    std::size_t frames;     ///< of each call
    bool in_place;          ///< on the input's memory
    Edge edge;
};

/// The input, in either layout.
template <class T, class L>
class FencedInput {
public:
    using View = typename L::template View<T>;

    FencedInput(std::size_t frames, std::size_t channels, Edge edge)
        : frames_(frames),
          channels_(channels),
          fence_(planar ? channels : 1, frames * (planar ? 1 : channels) * sizeof(T), edge) {
        for (std::size_t i = 0; i < (planar ? channels : 1); ++i) {
            rows_.push_back(static_cast<T*>(fence_.region(i)));
        }
    }

    [[nodiscard]] View view() noexcept {
        if constexpr (planar) {
            return View{rows_.data(), frames_, channels_};
        } else {
            return View{rows_.front(), frames_, channels_};
        }
    }

    /// Noise at half of full scale.
    void fill() noexcept {
        for (std::size_t c = 0; c < channels_; ++c) {
            for (T& sample : view().channel(c)) {
                random_ = random_ * 1664525 + 1013904223;
                sample = from_amplitude<T>(random_ / 4294967296.0 - 0.5);
            }
        }
    }

private:
    static constexpr bool planar = std::is_same_v<L, portspan::Planar>;

    std::size_t frames_;
    std::size_t channels_;
    std::uint32_t random_ = 1;
    Fence fence_;
    std::vector<T*> rows_;
};

/// A few calls; one that reads beyond the input ends the process.
template <class T, class L>
void call_fenced(const FencedSetup& setup) {
    constexpr int calls = 16;
    const std::size_t outputs = setup.shape.output_channels;
    FencedInput<T, L> input{setup.frames, setup.shape.input_channels, setup.edge};
    Buffer<T, L> output{setup.frames, outputs};
    const portspan::RenderConfig config{.input_channels = setup.shape.input_channels,
                                        .output_channels = outputs,
                                        .sample_rate = setup.sample_rate,
                                        .frames_per_buffer = setup.frames};
    const auto go = [&](auto renderer, auto out) {
        portspan::Rendered done;
        for (int i = 0; i < calls && !done.ended(); ++i) {
            input.fill();
            done = renderer.process(input.view(), out);
        }
    };
    if (outputs == 0) {
        go(portspan::Renderer<T, void, L>{config, setup.callback}, portspan::NoView{});
    } else {
        go(portspan::Renderer<T, T, L>{config, setup.callback},
           setup.in_place ? input.view() : output.view());
    }
}

}  // namespace run_callback
