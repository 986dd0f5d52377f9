// SPDX-License-Identifier: MIT
// Runs a stream's callback over buffers: no device, no waiting, the same result every time.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>
#include <vector>

#include "failure_news.hpp"
#include "prepare.hpp"
#include "render_views.hpp"

namespace portspan {

/// What a stream would have got from its device.
struct RenderConfig {
    std::size_t input_channels = 2;   ///< 0 without an input
    std::size_t output_channels = 2;  ///< 0 without an output
    double sample_rate = 48000;       ///< Hz, the pace of the virtual clock
    /// Frames per call; the last block may be shorter. So many frames after its call begins a block
    /// is heard. 0: everything in one call, which is heard at once.
    std::size_t frames_per_buffer = 256;
};

/// How far a callback came.
struct Rendered {
    std::size_t frames = 0;   ///< frames that a device would have played or recorded
    int result = paContinue;  ///< the last result, as the callback returned it

    /// True where the callback wants no more: it completed, aborted, or returned nonsense.
    [[nodiscard]] bool ended() const noexcept { return result != paContinue; }
};

/// Drives any callback that a Stream<In, Out, Layout> takes, block by block, on a virtual clock
/// that counts frames from 0. Deterministic; one thread at a time.
template <class In, class Out = In, Layout L = Interleaved>
class Renderer {
    static_assert(!std::is_void_v<In> || !std::is_void_v<Out>, "a renderer needs a direction");

public:
    using InputView = typename Block<In, Out, L>::InputView;    ///< Block's
    using OutputView = typename Block<In, Out, L>::OutputView;  ///< Block's

    /// Throws Error for a callback that a stream would refuse, a sample rate or channel counts of
    /// 0.
    template <class Callback>
    Renderer(const RenderConfig& config, Callback callback)
        : config_(checked(config)),
          callback_(detail::prepare<In, Out, L>(
              std::move(callback), {.shape = {config_.input_channels, config_.output_channels},
                                    .frames_per_buffer = config_.frames_per_buffer,
                                    .sample_rate = config_.sample_rate,
                                    .is_offline = true})),
          input_planes_(config_.input_channels),
          output_planes_(config_.output_channels) {
        if (callback_.control) callback_.control->reset();  // it runs from now on
    }

    /// A foreign function with the state that it gets as its user data.
    template <detail::ForeignFunction F, class State>
    Renderer(const RenderConfig& config, const F& function, State state)
        : Renderer(config, detail::foreign(function, state)) {}

    /// Processes the frames of both views (as many in as out), the clock goes on where it stood.
    /// Both may be the same memory with the same channels, where the callback can work in place;
    /// memory that overlaps otherwise is refused. Once the callback has ended nothing is called any
    /// more and the rest is silence, as is the block of an abort and whatever the callback did not
    /// write. Rethrows what a callable threw; throws Error where a foreign callback has aborted and
    /// its library says why.
    Rendered process(InputView input, OutputView output) {
        if (!callback_.callback.function) {
            detail::raise(Error(Fault::null_callback, "Renderer::process"));
        }
        const Views views{input, output};
        views.check({config_.input_channels, config_.output_channels}, callback_.callback);
        const std::size_t frames = views.frames();
        detail::FailureNews failures{callback_.callback.failures};
        failures.begin();
        Rendered done{.frames = 0, .result = result_};
        while (done.frames < frames && !done.ended()) {
            const std::size_t rest = frames - done.frames;
            const std::size_t per_call = config_.frames_per_buffer;
            const std::size_t count = per_call == 0 ? rest : (std::min)(rest, per_call);
            done.result = result_ = call(views.slice(done.frames, count));
            if (result_ == paAbort) break;
            done.frames += count;
            position_ += count;
        }
        views.silence_rest(done.frames);
        if (callback_.control) {
            if (const auto failure = callback_.control->take()) failure.raise();
        }
        if (done.result == paAbort) failures.report();
        return done;
    }

    /// Frames processed so far: the virtual clock, in frames.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }

private:
    using Views = detail::RenderViews<In, Out, L>;

    static RenderConfig checked(RenderConfig config) {
        const auto refuse = [](const char* what) {
            detail::raise(Error(Fault::invalid_argument, "Renderer", what));
        };
        if (!(config.sample_rate > 0)) refuse("the sample rate must be above 0");
        if constexpr (std::is_void_v<In>) config.input_channels = 0;
        if constexpr (std::is_void_v<Out>) config.output_channels = 0;
        if (!std::is_void_v<In> && config.input_channels == 0) refuse("0 input channels");
        if (!std::is_void_v<Out> && config.output_channels == 0) refuse("0 output channels");
        return config;
    }

    /// The view as PortAudio hands it over: the samples, or an array of pointers to them.
    template <class View, class Plane>
    static auto raw(const View& view, [[maybe_unused]] std::vector<Plane>& planes) {
        if constexpr (std::is_same_v<View, NoView>) {
            return nullptr;
        } else if constexpr (std::is_same_v<L, Interleaved>) {
            return view.data();
        } else {
            for (std::size_t c = 0; c < planes.size(); ++c) planes[c] = view.channel(c).data();
            return planes.data();
        }
    }

    int call(const Views& block) {
        block.silence_before();
        const std::size_t frames = block.frames();
        const double now = static_cast<double>(position_) / config_.sample_rate;
        const double heard =
            (static_cast<double>(position_) + static_cast<double>(config_.frames_per_buffer)) /
            config_.sample_rate;
        const PaStreamCallbackTimeInfo time{now, now, heard};
        return detail::call(callback_.callback, raw(block.input, input_planes_),
                            raw(block.output, output_planes_), static_cast<unsigned long>(frames),
                            &time, 0);
    }

    RenderConfig config_;
    detail::Prepared callback_;
    std::size_t position_ = 0;
    int result_ = paContinue;
    std::vector<const void*> input_planes_;
    std::vector<void*> output_planes_;
};

}  // namespace portspan
