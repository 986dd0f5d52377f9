// SPDX-License-Identifier: MIT
// What a callback says about itself, in words.
#pragma once

#include <portaudio.h>

#include <cstdint>
#include <string>

#include "description.h"

namespace portspan {

namespace detail {

/// PortAudio's name for a sample format, without its "pa"; null for what is none.
constexpr const char* format_name(PaSampleFormat format) noexcept {
    switch (format) {
        case paFloat32:
            return "float32";
        case paInt32:
            return "int32";
        case paInt24:
            return "int24";
        case paInt16:
            return "int16";
        case paInt8:
            return "int8";
        case paUInt8:
            return "uint8";
        default:
            return nullptr;
    }
}

/// One direction, as a callback says it is or as a stream has it; 0 is what is not said.
struct Side {
    std::int64_t channels = 0;
    std::uint32_t layout = 0;
    PaSampleFormat format = 0;

    friend bool operator==(const Side&, const Side&) = default;
};

/// "2 planar float32 channels"; empty where nothing is said.
inline std::string text_of(const Side& side) {
    if (side.channels == PORTSPAN_NO_CHANNELS) return "no channels";
    std::string text;
    const auto add = [&](const std::string& word) { text += word + " "; };
    if (side.channels != 0) add(std::to_string(side.channels));
    if (side.layout == PORTSPAN_INTERLEAVED) add("interleaved");
    if (side.layout == PORTSPAN_PLANAR) add("planar");
    if (const char* const format = format_name(side.format)) {
        add(format);
    } else if (side.format != 0) {
        add("format-" + std::to_string(side.format));
    }
    return text.empty() ? text : text + (side.channels == 1 ? "channel" : "channels");
}

inline Side input_of(const portspan_description& says) noexcept {
    return {says.input_channels, says.layout, says.input_format};
}
inline Side output_of(const portspan_description& says) noexcept {
    return {says.output_channels, says.layout, says.output_format};
}

}  // namespace detail

/// "2 interleaved float32 channels in and out, needs a state of 8 bytes, may work in place": all
/// that it says, on one line; "nothing" where that is nothing. It has to be one that
/// check_description() lets pass.
[[nodiscard]] inline std::string describe(const portspan_description& says) {
    std::string text;
    const auto add = [&](const std::string& part) {
        text.append(text.empty() ? "" : ", ") += part;
    };
    const std::string input = text_of(detail::input_of(says));
    const std::string output = text_of(detail::output_of(says));
    if (!input.empty()) add(input + (input == output ? " in and out" : " in"));
    if (!output.empty() && input != output) add(output + " out");

    const auto has = [&](std::uint32_t property) { return (says.properties & property) != 0; };
    if (has(PORTSPAN_NEEDS_STATE) || says.state_size != 0) {
        add(has(PORTSPAN_NEEDS_STATE) ? "needs a state" : "takes a state");
        if (says.state_size != 0) text += " of " + std::to_string(says.state_size) + " bytes";
    }
    if (says.largest_block) {
        add("at most " + std::to_string(says.largest_block) + " frames a call");
    }
    if (has(PORTSPAN_IN_PLACE)) add("may work in place");
    if (has(PORTSPAN_NOT_IN_PLACE)) add("must not work in place");
    if (has(PORTSPAN_NEEDS_INTERPRETER)) add("runs an interpreter");
    if (has(PORTSPAN_ALLOCATES)) add("allocates memory");
    return text.empty() ? "nothing" : text;
}

}  // namespace portspan
