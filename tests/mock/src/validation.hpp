// SPDX-License-Identifier: MIT
// What PortAudio's front end and a host API check before a stream is opened, in their order.
#pragma once

#include <portaudio.h>

#include "machine.hpp"

namespace portspan::mock {

/// The head of every host-specific settings struct of PortAudio.
struct HostInfoHead {
    unsigned long size;
    PaHostApiTypeId type;
    unsigned long version;
};

/// The arguments of Pa_OpenStream that are checked.
struct Request {
    const PaStreamParameters* input;
    const PaStreamParameters* output;
    double sample_rate;
    unsigned long frames_per_buffer = paFramesPerBufferUnspecified;
    PaStreamFlags flags = paNoFlag;
    bool has_callback = false;
};

/// The front end's answer; paNoError where it would ask the host API.
[[nodiscard]] PaError front_end_refuses(const Found& machine, const Request& request);

// Of a request that the front end lets pass:

[[nodiscard]] int host_api_of(const Found& machine, const PaStreamParameters& direction);

/// The answer of the host API, to Pa_OpenStream or to Pa_IsFormatSupported.
[[nodiscard]] PaError device_refuses(const Found& machine, const Request& request, bool opens);

}  // namespace portspan::mock
