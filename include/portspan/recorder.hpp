// SPDX-License-Identifier: MIT
// What the audio thread does for record(), and what it needs of an input.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "buffers.hpp"
#include "config.hpp"
#include "error.hpp"
#include "handle.hpp"
#include "mapping.hpp"
#include "tape.hpp"

namespace portspan::detail {

/// Puts a stream's input onto a tape.
template <class T, class L>
class Recorder {
public:
    /// Without places the channels are those of the input.
    Recorder(std::shared_ptr<Tape<T, L>> tape, std::vector<std::size_t> places)
        : tape_(std::move(tape)), places_(std::move(places)) {}

    /// `input` is empty where the host has none: that is silence. Returns how many frames are done.
    std::size_t take(auto input, std::size_t frames) noexcept {
        const std::size_t count = (std::min)(frames, tape_->view.frames() - position_);
        const auto to = tape_->view.slice(position_, count);
        if (input.empty()) {
            fill_silence(to);
        } else if (places_.empty()) {
            copy_through(input.slice(0, count), to);
        } else {
            for (std::size_t c = 0; c < places_.size(); ++c) {
                copy_channel(input.slice(0, count).channel(places_[c]), to.channel(c));
            }
        }
        return position_ += count;
    }

private:
    std::shared_ptr<Tape<T, L>> tape_;
    std::vector<std::size_t> places_;
    std::size_t position_ = 0;
};

/// What a recording of `channels` channels needs of an input; 0: as many as the input has.
struct RecordingInput {
    std::vector<std::size_t> places = {};  ///< empty without a mapping
    Endpoint endpoint;

    RecordingInput(const Mapping& mapping, const Endpoint& input, std::size_t channels,
                   const char* call)
        : endpoint(input) {
        const auto refuse = [&](auto has, const char* what) {
            raise(Error(Fault::channel_mismatch, call,
                        std::to_string(has) + " channels " + what + ", the audio has " +
                            std::to_string(channels)));
        };
        if (mapping.channels()) {
            places = checked(mapping, 0, call);
            if (channels != 0 && places.size() != channels) refuse(places.size(), "in the mapping");
            endpoint = with_channels_for(places, mapping, input, call);
        } else if (channels != 0 && !input.channels) {
            endpoint.channels = static_cast<int>((std::min)(channels, std::size_t{most_channels}));
        } else if (channels != 0 && std::cmp_not_equal(*input.channels, channels)) {
            refuse(*input.channels, "of input");
        }
    }

    /// How many channels are recorded.
    [[nodiscard]] std::size_t channels(const StreamHandle& stream) const noexcept {
        return places.empty() ? stream.input_channels() : places.size();
    }

private:
    static constexpr int most_channels = (std::numeric_limits<int>::max)();
};

}  // namespace portspan::detail
