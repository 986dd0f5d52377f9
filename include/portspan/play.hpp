// SPDX-License-Identifier: MIT
// One call that plays an array.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <ranges>
#include <type_traits>
#include <utility>

#include "buffers.hpp"
#include "callback.hpp"
#include "config.hpp"
#include "finite.hpp"
#include "mapping.hpp"
#include "open.hpp"
#include "player.hpp"
#include "tape.hpp"
#include "view.hpp"

namespace portspan {

/// How audio is played. The names are StreamConfig's.
struct PlayConfig {
    /// Its channels: as many as the mapping needs, unless there are to be more.
    Endpoint output = {};
    double sample_rate = default_sample_rate;                        ///< StreamConfig::sample_rate
    unsigned long frames_per_buffer = paFramesPerBufferUnspecified;  ///< StreamConfig's
    StreamFlags flags = StreamFlags::none;                           ///< StreamConfig::flags
    /// On which output channel each channel of the audio plays; audio of one channel plays on all
    /// that stand here. The others are silent.
    Mapping mapping = {};
    bool loop = false;  ///< from the first frame again after the last, until stop()
    /// How long wait() believes in a device that does not call.
    std::chrono::duration<double> patience = std::chrono::seconds{10};
};

/// Audio that is being played. Its end cuts the audio off: keep it, and the memory of the audio,
/// until wait() has returned.
class [[nodiscard]] Playback final : private detail::FiniteStream {
public:
    using FiniteStream::FiniteStream;  // play() makes them

    using FiniteStream::abort;
    using FiniteStream::active;
    using FiniteStream::position;
    using FiniteStream::sample_rate;
    using FiniteStream::status;
    using FiniteStream::stop;
    using FiniteStream::wait;
    using FiniteStream::wait_for;
};

/// Starts to play the view, an InterleavedView or a PlanarView of any sample type, and returns at
/// once: `play(view).wait()` returns when it was heard. The memory of the view has to live as long
/// as what is returned. Throws Error: for a view without frames or channels, a mapping that does
/// not fit it, more channels than the device has, and what a stream throws.
template <detail::SampleView View>
[[nodiscard]] Playback play(View view, const PlayConfig& config = {}) {
    using T = std::remove_const_t<typename View::sample_type>;
    using L = detail::LayoutOf<View>;
    const typename L::template View<const T> source = view;
    detail::require_audio(source, "play");
    auto places = detail::checked_output(config.mapping, source.channels(), "play");
    const StreamConfig stream{
        .output = detail::output_for(places, config.mapping, config.output, "play"),
        .sample_rate = config.sample_rate,
        .frames_per_buffer = config.frames_per_buffer,
        .flags = config.flags};
    const auto progress = std::make_shared<detail::Progress>(source.frames());
    auto run = [progress, player = detail::Player{source, std::move(places), config.loop}](
                   Block<void, T, L>& block) mutable noexcept {
        if (!progress->begin(block.status())) {
            detail::fill_silence(block.output());
            return Next::abort;
        }
        progress->advance(player.fill(block.output()));
        return progress->is_complete() ? Next::complete : Next::keep_going;
    };
    return {detail::open_stream<void, T, L>(stream, std::move(run)), progress, config.patience};
}

/// One channel: an array, a std::vector, a std::span of samples, which has to live as long. For
/// more channels, one after the other in each frame: `play(InterleavedView{samples, 2})`.
template <std::ranges::range Samples>
[[nodiscard]] Playback play(Samples&& samples, const PlayConfig& config = {}) {
    static_assert(
        std::ranges::borrowed_range<Samples>,
        "play() returns before this is played, and a temporary is gone by then: keep it in "
        "a variable until wait() has returned");
    return play(detail::one_channel(samples), config);
}

}  // namespace portspan
