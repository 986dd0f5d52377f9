// SPDX-License-Identifier: MIT
// What PortAudio is asked for, in words: PortAudio says what it refuses, and not of what.
#pragma once

#include <portaudio.h>

#include <string>

#include "describe.hpp"
#include "number.hpp"
#include "request.hpp"

namespace portspan::detail {

/// "44100 Hz, 1 float32 channel from \"Microphone\", 2 float32 channels to \"Loudspeaker\""
inline std::string words(const OpenRequest& request) {
    std::string text = number(request.sample_rate) + " Hz";
    const auto add = [&text](const OpenEndpoint& endpoint, const char* where) {
        if (!endpoint.present) return;
        const Side side{.channels = endpoint.parameters.channelCount,
                        .format = endpoint.parameters.sampleFormat & ~paNonInterleaved};
        text += ", " + text_of(side) + ' ' + where + " \"" + endpoint.device.name + '"';
    };
    add(request.input, "from");
    add(request.output, "to");
    return text;
}

}  // namespace portspan::detail
