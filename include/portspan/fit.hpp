// SPDX-License-Identifier: MIT
// Whether a callback that describes itself can work in a stream, before PortAudio is asked.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "buffers.hpp"
#include "callback.hpp"
#include "describe.hpp"
#include "error.hpp"

namespace portspan {

/// What a stream or a renderer has for its callback.
struct Offer {
    PaSampleFormat input_format = 0;              ///< one of PortAudio's, without paNonInterleaved
    PaSampleFormat output_format = 0;             ///< likewise
    std::uint32_t layout = PORTSPAN_INTERLEAVED;  ///< or PORTSPAN_PLANAR
    Shape shape = {};                             ///< 0 channels: there is no such direction
    std::size_t frames_per_buffer = 0;            ///< the most frames of one call; 0: nobody knows
    bool in_place = false;                        ///< the callback is called with input == output
};

/// Throws Error for a description of another ABI version, or one that makes no sense; `name` is the
/// callback's.
inline void check_description(const portspan_description& says, std::string_view name) {
    const auto refuse = [&](const std::string& why) {
        detail::raise(Error(Fault::unknown_description, name, why));
    };
    const auto number = [](auto value) { return std::to_string(value); };
    if (says.abi_version != PORTSPAN_ABI_VERSION) {
        refuse("it has ABI version " + number(says.abi_version) + ", this portspan knows version " +
               number(PORTSPAN_ABI_VERSION));
    }
    if (says.size < sizeof says) {
        refuse("it has " + number(says.size) + " bytes, in ABI version " +
               number(says.abi_version) + " it is " + number(sizeof says));
    }
    for (const std::uint32_t format : {says.input_format, says.output_format}) {
        if (format == 0 || detail::format_name(format)) continue;
        refuse("its sample format " + number(format) + " is none of PortAudio's");
    }
    if (says.layout > PORTSPAN_PLANAR) {
        refuse("its layout " + number(says.layout) + " is neither interleaved nor planar");
    }
    for (const std::int32_t channels : {says.input_channels, says.output_channels}) {
        if (channels < PORTSPAN_NO_CHANNELS) refuse("it has " + number(channels) + " channels");
    }
    constexpr std::uint32_t both = PORTSPAN_IN_PLACE | PORTSPAN_NOT_IN_PLACE;
    if ((says.properties & both) == both) refuse("it both may and must not work in place");
}

namespace detail {

inline std::string_view name_of(const RawCallback& callback) noexcept {
    return callback.name ? callback.name : "portspan";
}

/// What a stream has other than the callback says: "1 planar channel"; empty where both agree.
inline std::string disagreement(const Side& says, const Side& has) {
    if (says.channels == PORTSPAN_NO_CHANNELS) return {};
    if (has.channels == 0) return says.channels == 0 ? "" : "none";
    Side other = has;
    if (says.layout == 0 || says.layout == has.layout) other.layout = 0;
    if (says.format == 0 || says.format == has.format) other.format = 0;
    if (other.layout != 0 || other.format != 0) return text_of(other);
    const bool as_many = says.channels == 0 || says.channels == has.channels;
    return as_many ? "" : std::to_string(has.channels);
}

}  // namespace detail

/// Throws Error where the callback says of itself that it cannot work with this, or has a
/// description that check_description() refuses. What it does not say, fits.
inline void require_fit(const RawCallback& callback, const Offer& offer) {
    if (!callback.description) return;
    const portspan_description& says = *callback.description;
    check_description(says, detail::name_of(callback));
    const auto refuse = [&](const std::string& why, Fault fault = Fault::callback_mismatch) {
        detail::raise(Error(fault, detail::name_of(callback), why));
    };
    const auto compare = [&](const char* takes, const detail::Side& side, const char* direction,
                             std::size_t channels, PaSampleFormat format) {
        const detail::Side offered{static_cast<std::int64_t>(channels), offer.layout, format};
        const std::string has = detail::disagreement(side, offered);
        if (has.empty()) return;
        refuse(takes + text_of(side) + direction + ", the stream has " + has);
    };
    const std::size_t inputs = offer.shape.input_channels;
    const std::size_t outputs = offer.shape.output_channels;
    compare("it takes ", detail::input_of(says), " in", inputs, offer.input_format);
    compare("it gives ", detail::output_of(says), " out", outputs, offer.output_format);
    // What is played would be old memory, but for what in_place() copies there.
    if (says.output_channels == PORTSPAN_NO_CHANNELS && outputs != 0 && !offer.in_place) {
        refuse("it gives no channels out, the stream has " + std::to_string(outputs));
    }
    if (offer.in_place && (says.properties & PORTSPAN_NOT_IN_PLACE) != 0) {
        refuse("it must not work in place");
    }
    const std::size_t frames = offer.frames_per_buffer;
    if (says.largest_block != 0 && (frames == 0 || frames > says.largest_block)) {
        refuse("it takes at most " + std::to_string(says.largest_block) +
               " frames a call, the stream " +
               (frames == 0 ? "sets no limit: set frames_per_buffer"
                            : "has " + std::to_string(frames)));
    }
    if ((says.properties & PORTSPAN_NEEDS_STATE) != 0 && !callback.user_data) {
        refuse("it needs one, its user data is null", Fault::state_mismatch);
    }
}

}  // namespace portspan
