// SPDX-License-Identifier: MIT
// Which channel of a device plays or records which channel of the program's audio.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config.hpp"
#include "device.hpp"
#include "error.hpp"
#include "session.hpp"

namespace portspan {

namespace detail {
/// A std::size_t that `{}` is none of: `Mapping{{}}` is a mapping of no channel, not of channel 0.
struct MappedChannel {
    constexpr MappedChannel(std::size_t its_index) noexcept : index(its_index) {}
    std::size_t index;
};
}  // namespace detail

/// Device channels, counted from 0: the n-th is that of the audio's channel n. `{}`: channel 0 on
/// channel 0 and so on.
class Mapping {
public:
    Mapping() = default;
    /// Of `{2, 3}`, say.
    Mapping(std::initializer_list<detail::MappedChannel> channels) : channels_(std::in_place) {
        for (const detail::MappedChannel channel : channels) channels_->push_back(channel.index);
    }
    /// Of as many as there are at run time.
    Mapping(std::vector<std::size_t> channels) : channels_(std::move(channels)) {}
    /// Of the same channels.
    Mapping(const Mapping&) = default;
    /// Likewise; `{}` is left.
    Mapping(Mapping&& other) noexcept : channels_(std::exchange(other.channels_, std::nullopt)) {}
    /// Likewise.
    Mapping& operator=(const Mapping&) = default;
    /// Likewise; `{}` is left.
    Mapping& operator=(Mapping&& other) noexcept {
        channels_ = std::exchange(other.channels_, std::nullopt);
        return *this;
    }
    // As detail::Kept, and for the same warning.
#if defined(__GNUC__) && !defined(__clang__)
    [[gnu::noinline]]
#endif
    ~Mapping() {
    }

    /// Nothing for `{}`.
    [[nodiscard]] const std::optional<std::vector<std::size_t>>& channels() const noexcept {
        return channels_;
    }

private:
    std::optional<std::vector<std::size_t>> channels_;
};

namespace detail {

/// A mapping that was looked at: each channel is one of int's, and there is one.
inline std::vector<std::size_t> checked(const Mapping& mapping, std::size_t channels,
                                        const char* call) {
    std::vector<std::size_t> checked;
    if (mapping.channels()) {
        checked = *mapping.channels();
        if (checked.empty()) raise(Error(Fault::invalid_argument, call, "the mapping is empty"));
    } else {
        for (std::size_t channel = 0; channel < channels; ++channel) checked.push_back(channel);
    }
    const std::size_t highest = checked.empty() ? 0 : *std::ranges::max_element(checked);
    if (highest >= std::size_t{(std::numeric_limits<int>::max)()}) {
        raise(Error(Fault::invalid_argument, call,
                    "channel " + std::to_string(highest) + " in the mapping"));
    }
    return checked;
}

/// The endpoint, with as many channels as the places need, or those that were asked for.
inline Endpoint with_channels_for(const std::vector<std::size_t>& places, const Mapping& mapping,
                                  Endpoint endpoint, const char* call) {
    const int needed = static_cast<int>(*std::ranges::max_element(places)) + 1;
    if (!endpoint.channels) {
        endpoint.channels = needed;
    } else if (*endpoint.channels < needed) {
        const std::string what = mapping.channels() ? std::to_string(needed - 1) + " in the mapping"
                                                    : std::to_string(needed - 1) + " of the audio";
        raise(Error(Fault::channel_mismatch, call,
                    "channel " + what + ", the stream is to have " +
                        std::to_string(*endpoint.channels) + " channels"));
    }
    return endpoint;
}

/// The places of an output for `channels` channels of audio; one channel may play on many places.
inline std::vector<std::size_t> checked_output(const Mapping& mapping, std::size_t channels,
                                               const char* call) {
    auto places = checked(mapping, channels, call);
    if (channels != 1 && places.size() != channels) {
        raise(Error(Fault::channel_mismatch, call,
                    std::to_string(places.size()) + " channels in the mapping, the audio has " +
                        std::to_string(channels)));
    }
    auto sorted = places;
    std::ranges::sort(sorted);
    const auto twice = std::ranges::adjacent_find(sorted);
    if (twice != sorted.end()) {
        raise(Error(Fault::invalid_argument, call,
                    "output channel " + std::to_string(*twice) + " is twice in the mapping"));
    }
    return places;
}

}  // namespace detail

}  // namespace portspan
