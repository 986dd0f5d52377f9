// SPDX-License-Identifier: MIT
// How many bytes a sample of PortAudio's takes, where its type is known at run time only.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <string>

#include "error.hpp"

namespace portspan {

/// Bytes of one sample of one channel, in either layout: sample_size(paInt24) is 3, as is
/// sizeof(Int24). Throws Error for what is no format of PortAudio's. Needs no Session.
[[nodiscard]] inline std::size_t sample_size(PaSampleFormat format) {
    const PaError size = Pa_GetSampleSize(format);
    if (size < 0) {
        detail::raise(portaudio_failure(size, "Pa_GetSampleSize", std::to_string(format)));
    }
    return static_cast<std::size_t>(size);
}

}  // namespace portspan
