// SPDX-License-Identifier: MIT
// One call that plays an array.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "buffers.hpp"
#include "callback.hpp"
#include "config.hpp"
#include "finite.hpp"
#include "mapping.hpp"
#include "open.hpp"
#include "tape.hpp"
#include "view.hpp"

namespace portspan {

/// How audio is played. The names are StreamConfig's.
struct PlayConfig {
    /// Its channels: as many as the mapping needs, unless there are to be more.
    Endpoint output = {};
    double sample_rate = default_sample_rate;
    unsigned long frames_per_buffer = paFramesPerBufferUnspecified;
    StreamFlags flags = StreamFlags::none;
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

namespace detail {

/// Gives a stream's output its frames of the source.
template <class Source>
class Player {
public:
    Player(Source source, std::vector<std::size_t> places, bool loop)
        : source_(source),
          places_(std::move(places)),
          is_straight_(is_straight(places_, source.channels())),
          loop_(loop) {}

    /// Returns how many frames of the source are done; silence after the last one.
    std::size_t fill(auto output) noexcept {
        std::size_t filled = 0;
        while (filled < output.frames() && position_ < source_.frames()) {
            const std::size_t count =
                (std::min)(source_.frames() - position_, output.frames() - filled);
            copy(source_.slice(position_, count), output.slice(filled, count));
            filled += count;
            position_ += count;
            if (loop_ && position_ == source_.frames()) position_ = 0;
        }
        if (filled < output.frames()) {
            fill_silence(output.slice(filled, output.frames() - filled));
        }
        return position_;
    }

private:
    void copy(Source from, auto to) const noexcept {
        if (is_straight_) return copy_through(from, to);
        fill_silence(to);
        for (std::size_t i = 0; i < places_.size(); ++i) {
            copy_channel(from.channel(from.channels() == 1 ? 0 : i), to.channel(places_[i]));
        }
    }

    Source source_;
    std::vector<std::size_t> places_;
    bool is_straight_;
    bool loop_;
    std::size_t position_ = 0;
};

/// The output of a stream that plays on these places.
inline Endpoint output_for(const std::vector<std::size_t>& places, const Mapping& mapping,
                           const Endpoint& output, const char* call) {
    Endpoint endpoint = with_channels_for(places, output, call);
    // Some hosts play a mono stream on two channels, which is not what [0] asks for.
    if (mapping.channels() && endpoint.channels == 1 && !output.channels) {
        const Session session;
        if (endpoint_device(output, Direction::output).max_output_channels >= 2) {
            endpoint.channels = 2;
        }
    }
    return endpoint;
}

}  // namespace detail

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

/// One channel: an array, a std::vector, a std::span of samples.
template <std::ranges::contiguous_range Samples>
    requires std::ranges::borrowed_range<Samples> && Sample<std::ranges::range_value_t<Samples>>
[[nodiscard]] Playback play(Samples&& samples, const PlayConfig& config = {}) {
    using T = std::ranges::range_value_t<Samples>;
    return play(InterleavedView<const T>{std::span<const T>{samples}, 1}, config);
}

}  // namespace portspan
