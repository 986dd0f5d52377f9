// SPDX-License-Identifier: MIT
// From a StreamConfig to an open stream without a callback.
#pragma once

#include <portaudio.h>

#include <utility>

#include "config.hpp"
#include "endpoint.hpp"
#include "error.hpp"
#include "handle.hpp"
#include "open.hpp"
#include "prepare.hpp"
#include "request.hpp"
#include "session.hpp"

namespace portspan::detail {

/// PortAudio's blocking streams on JACK move frames of two floats, whatever was asked for.
inline void refuse_on_jack(const OpenEndpoint& endpoint) {
    if (!endpoint.present) return;
    if (endpoint.device.host_api_type != paJACK) return;
    if (endpoint.parameters.sampleFormat == paFloat32 && endpoint.channels() == 2) return;
    raise(
        Error(Fault::invalid_argument, "BlockingStream",
              "on JACK PortAudio reads and writes 2 interleaved float channels and nothing else"));
}

template <class In, class Out, class L>
StreamHandle open_blocking(const StreamConfig& config) {
    // ALSA never calls it, JACK gives it a pointer of its own.
    if (config.finished) {
        raise(Error(Fault::invalid_argument, "BlockingStream",
                    "a stream without a callback has no finished callback"));
    }
    if (any(config.flags & StreamFlags::never_drop_input)) {
        raise(Error(portaudio_error(paInvalidFlag), "BlockingStream",
                    "never_drop_input needs a callback"));
    }
    Session session{ForStream{}};
    const OpenRequest request = open_request<In, Out, L>(config);
    refuse_on_jack(request.input);
    refuse_on_jack(request.output);
    return open_requested(std::move(session), request, Prepared{RawCallback{}, nullptr}).value();
}

}  // namespace portspan::detail
