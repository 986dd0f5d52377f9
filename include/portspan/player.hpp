// SPDX-License-Identifier: MIT
// What the audio thread does for play(), and what it needs of an output.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "buffers.hpp"
#include "config.hpp"
#include "device.hpp"
#include "endpoint.hpp"
#include "mapping.hpp"
#include "session.hpp"
#include "tape.hpp"

namespace portspan::detail {

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
    Endpoint endpoint = with_channels_for(places, mapping, output, call);
    // Some hosts play a mono stream on two channels, which is not what [0] asks for.
    if (mapping.channels() && endpoint.channels == 1 && !output.channels) {
        const Session session;
        if (endpoint_device(endpoint, Direction::output).value().max_output_channels >= 2) {
            endpoint.channels = 2;
        }
    }
    return endpoint;
}

}  // namespace portspan::detail
