// SPDX-License-Identifier: MIT
// From a StreamConfig to an open stream without a callback.
#pragma once

#include <portaudio.h>

#include <string>
#include <type_traits>

#include "config.hpp"
#include "error.hpp"
#include "handle.hpp"
#include "open.hpp"
#include "prepare.hpp"

namespace portspan::detail {

/// PortAudio's blocking streams on JACK move frames of two floats, whatever was asked for.
template <class T, class L>
void refuse_on_jack(const OpenEndpoint& endpoint) {
    if (!endpoint.present) return;
    const PaDeviceIndex index = endpoint.parameters.device;
    const PaDeviceInfo* device = Pa_GetDeviceInfo(index);
    if (!device) {
        throw Error(portaudio_error(paInvalidDevice), "Pa_GetDeviceInfo",
                    "index " + std::to_string(index));
    }
    const PaHostApiInfo* host = Pa_GetHostApiInfo(device->hostApi);
    if (!host || host->type != paJACK) return;
    if constexpr (std::is_same_v<T, float> && std::is_same_v<L, Interleaved>) {
        if (endpoint.channels() == 2) return;
    }
    throw Error(Fault::invalid_argument, "BlockingStream",
                "on JACK PortAudio reads and writes 2 interleaved float channels and nothing else");
}

template <class In, class Out, class L>
StreamHandle open_blocking(const StreamConfig& config) {
    return open_with<In, Out, L>(config, [](const auto& input, const auto& output) {
        refuse_on_jack<In, L>(input);
        refuse_on_jack<Out, L>(output);
        return Prepared{RawCallback{}, nullptr};
    });
}

}  // namespace portspan::detail
