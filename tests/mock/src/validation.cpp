// SPDX-License-Identifier: MIT
#include "validation.hpp"

#include <algorithm>
#include <cmath>

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
        const auto found = machine.find_host_api(info->type);
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

int channels_of(const Device& device, bool is_input) {
    return is_input ? device.max_input_channels : device.max_output_channels;
}

/// PaAlsaStreamInfo of pa_linux_alsa.h.
struct AlsaInfo {
    HostInfoHead head;
    const char* device;
};
const AlsaInfo& alsa_info_of(const PaStreamParameters& direction) {
    return *static_cast<const AlsaInfo*>(direction.hostApiSpecificStreamInfo);
}

/// A direction's device, or null: one of ALSA may go by its name.
const Device* device_of(const Found& machine, const PaStreamParameters& direction, bool is_input) {
    if (direction.device != paUseHostApiSpecificDeviceSpecification) {
        return &machine.find(direction.device)->device;
    }
    for (const Device& device : machine.devices_of(paALSA)) {
        if (device.name == alsa_info_of(direction).device && channels_of(device, is_input) > 0) {
            return &device;
        }
    }
    return nullptr;
}

/// What a host API says to its own settings, and to channels that come before them.
PaError settings_refused(const Found& machine, int api, const PaStreamParameters& direction,
                         bool is_input) {
    if (direction.device == paUseHostApiSpecificDeviceSpecification) {
        if (api != paALSA) return paInvalidDevice;
        const AlsaInfo& info = alsa_info_of(direction);
        if (info.head.size != sizeof info) return paIncompatibleHostApiSpecificStreamInfo;
        if (info.head.version != 1) return paIncompatibleHostApiSpecificStreamInfo;
        return info.device ? paNoError : paInvalidDevice;
    }
    if (api == paALSA && info_of(direction)) return paBadIODeviceCombination;
    const Device& device = machine.find(direction.device)->device;
    if (direction.channelCount > channels_of(device, is_input)) return paInvalidChannelCount;
    if (api == paJACK && info_of(direction)) return paIncompatibleHostApiSpecificStreamInfo;
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

int host_api_of(const Found& machine, const PaStreamParameters& direction) {
    if (direction.device == paUseHostApiSpecificDeviceSpecification) {
        return info_of(direction)->type;
    }
    return machine.type_of(machine.find(direction.device)->host_api);
}

PaError device_refuses(const Found& machine, const Request& request, bool opens) {
    const auto [input, output, sample_rate, frames_per_buffer, flags, has_callback] = request;
    const int api = host_api_of(machine, input ? *input : *output);
    if ((api == paALSA || api == paJACK) && (flags & paPlatformSpecificFlags)) return paInvalidFlag;
    for (const PaStreamParameters* direction : {input, output}) {
        if (!direction) continue;
        if (const PaError error = settings_refused(machine, api, *direction, direction == input)) {
            return error;
        }
    }
    for (const PaStreamParameters* direction : {input, output}) {
        if (!direction) continue;
        const bool is_input = direction == input;
        const Device* device = device_of(machine, *direction, is_input);
        if (!device) return paBadIODeviceCombination;
        if (direction->channelCount <= 0 ||
            direction->channelCount > channels_of(*device, is_input)) {
            return paInvalidChannelCount;
        }
        // The front end lets NaN pass.
        if (!std::isfinite(sample_rate)) return paInvalidSampleRate;
        const auto& rates = device->sample_rates;
        if (!rates.empty() && std::ranges::find(rates, sample_rate) == rates.end()) {
            return paInvalidSampleRate;
        }
    }
    if (!opens) return paNoError;
    for (const PaStreamParameters* direction : {input, output}) {
        if (direction && bytes_per_sample(direction->sampleFormat) == 0) {
            return paSampleFormatNotSupported;
        }
    }
    return paNoError;
}

}  // namespace portspan::mock
