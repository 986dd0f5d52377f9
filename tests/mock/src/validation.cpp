// SPDX-License-Identifier: MIT
#include "validation.hpp"

#include <algorithm>

#include "convert.hpp"

namespace portspan::mock {

namespace {

const HostInfoHead* info_of(const PaStreamParameters& direction) {
    return static_cast<const HostInfoHead*>(direction.hostApiSpecificStreamInfo);
}

bool is_custom(PaSampleFormat format) { return (format & ~paNonInterleaved) == paCustomFormat; }

/// One direction; `host_api` becomes the place of its host API.
PaError refuses(const Found& machine, const PaStreamParameters& direction, std::size_t& host_api) {
    const HostInfoHead* info = info_of(direction);
    if (direction.device == paUseHostApiSpecificDeviceSpecification) {
        if (!info) return paInvalidDevice;
        const auto found = machine.find(info->type);
        if (!found) return paInvalidDevice;
        host_api = *found;
        return paNoError;
    }
    const auto place = machine.find(direction.device);
    if (!place) return paInvalidDevice;
    host_api = place->host_api;
    if (direction.channelCount <= 0) return paInvalidChannelCount;
    if (!is_custom(direction.sampleFormat) && bytes_per_sample(direction.sampleFormat) == 0) {
        return paSampleFormatNotSupported;
    }
    if (info && info->type != machine.host_apis()[host_api].type) {
        return paIncompatibleHostApiSpecificStreamInfo;
    }
    return paNoError;
}

}  // namespace

PaError front_end_refuses(const Found& machine, const Request& request) {
    const auto [input, output, sample_rate, frames_per_buffer, flags, has_callback] = request;
    if (!input && !output) return paInvalidDevice;
    std::size_t input_api = 0, output_api = 0;
    if (input) {
        if (const PaError error = refuses(machine, *input, input_api)) return error;
    }
    if (output) {
        if (const PaError error = refuses(machine, *output, output_api)) return error;
    }
    if (input && output && input_api != output_api) return paBadIODeviceCombination;
    if (sample_rate < 1000.0 || sample_rate > 384000.0) return paInvalidSampleRate;
    constexpr PaStreamFlags known = paClipOff | paDitherOff | paNeverDropInput |
                                    paPrimeOutputBuffersUsingStreamCallback |
                                    paPlatformSpecificFlags;
    if (flags & ~known) return paInvalidFlag;
    if (flags & paNeverDropInput) {
        const bool duplex = input && output;
        if (!duplex || !has_callback) return paInvalidFlag;
        if (frames_per_buffer != paFramesPerBufferUnspecified) return paInvalidFlag;
    }
    return paNoError;
}

PaError device_refuses(const Found& machine, const Request& request) {
    for (const PaStreamParameters* direction : {request.input, request.output}) {
        if (!direction) continue;
        const auto place = machine.find(direction->device);
        if (!place) return paInvalidDevice;  // a device by its host's own name: the mock has none
        if (is_custom(direction->sampleFormat)) return paSampleFormatNotSupported;
        const int most = direction == request.input ? place->device.max_input_channels
                                                    : place->device.max_output_channels;
        if (direction->channelCount > most) return paInvalidChannelCount;
    }
    for (const PaStreamParameters* direction : {request.input, request.output}) {
        if (!direction) continue;
        const auto& rates = machine.find(direction->device)->device.sample_rates;
        if (!rates.empty() && std::ranges::find(rates, request.sample_rate) == rates.end()) {
            return paInvalidSampleRate;
        }
    }
    return paNoError;
}

}  // namespace portspan::mock
