// SPDX-License-Identifier: MIT
// Into how many periods PortAudio divides ALSA's buffers, and what it cannot divide.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>

#include "error.hpp"

namespace portspan::detail {

/// PortAudio's own default, until host::set_alsa_periods().
inline std::atomic<int> alsa_periods = 4;

/// An Error where PortAudio would end the program: for a buffer of less frames than periods it
/// halves the size of a period until that is 0, and divides by it (19.6, PaAlsaStreamComponent_
/// DetermineFramesPerBuffer). `rate` in Hz; a size that the host chooses is not divided.
inline std::optional<Error> check_alsa_buffer(const PaStreamParameters& parameters, double rate,
                                              unsigned long frames_per_buffer) {
    if (frames_per_buffer == paFramesPerBufferUnspecified) return {};
    const auto frames = static_cast<double>(frames_per_buffer);
    const auto buffer = static_cast<unsigned long>(
        (std::max)(parameters.suggestedLatency * rate + frames, 2 * frames));
    const auto periods = static_cast<unsigned long>(alsa_periods.load());
    if (buffer >= periods) return {};
    return Error(portaudio_error(paBufferTooSmall), "Stream",
                 "ALSA's buffer of " + std::to_string(buffer) + " frames has " +
                     std::to_string(periods) + " periods: a longer latency is needed");
}

}  // namespace portspan::detail
