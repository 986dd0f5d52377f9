// SPDX-License-Identifier: MIT
// A device that a host API's settings name, and whether settings fit the device that they are for.
#pragma once

#include <portaudio.h>

#include <limits>
#include <optional>
#include <string>
#include <variant>

#include "config.hpp"
#include "device.hpp"
#include "device_choice.hpp"
#include "error.hpp"
#include "host_api.hpp"
#include "host_api_type.hpp"

namespace portspan::detail {

/// Whether PortAudio is to look into the settings for the device.
inline bool names_device(const Endpoint& endpoint) {
    return endpoint.host_info &&
           (!endpoint.host_info.device_name().empty() ||
            endpoint.device.index() == paUseHostApiSpecificDeviceSpecification);
}

/// The host API's own default device; throws Error where PortAudio has no such host API.
inline std::optional<Device> default_device_of(HostApiType type, Direction direction) {
    const auto host_api = find_host_api(type);
    if (!host_api) {
        raise(Error(portaudio_error(paHostApiNotFound), "Stream",
                    "settings for " + host_api_name(type)));
    }
    const auto device =
        direction == Direction::input ? host_api->default_input : host_api->default_output;
    if (!device) return std::nullopt;
    return listed_device(*device);
}

/// A device of no index, of which PortAudio knows nothing: what has to be known is the host API's
/// default device's, or has to be said. Throws Error with what is missing.
inline Device named_device(const Endpoint& endpoint, Direction direction) {
    const HostInfo& info = endpoint.host_info;
    const auto like = default_device_of(info.host_api(), direction);
    Device device = like.value_or(Device{});
    device.index = paUseHostApiSpecificDeviceSpecification;
    device.name = info.device_name();
    device.host_api = host_api_name(info.host_api());
    device.host_api_type = info.host_api();
    device.max_input_channels = device.max_output_channels = (std::numeric_limits<int>::max)();

    std::string missing;
    if (!endpoint.channels && info.channels() == 0) missing = "channels";
    if (!like && std::holds_alternative<Latency>(endpoint.latency)) {
        missing += missing.empty() ? "a latency in seconds" : " and a latency in seconds";
    }
    const DeviceChoice& given = endpoint.device;
    if (given && given.index() != paUseHostApiSpecificDeviceSpecification) {
        const std::string name =
            given.listed() ? '"' + given.listed()->name + '"' : std::to_string(*given.index());
        raise(Error(Fault::invalid_argument, "Stream",
                    "device " + name + " and settings for \"" + device.name + "\": one of them"));
    }
    if (missing.empty()) return device;
    raise(Error(Fault::invalid_argument, "Stream",
                '"' + device.name + "\" (" + device.host_api +
                    ") is not in PortAudio's list: it needs " + missing));
}

/// Throws Error where the settings are for another host API or for more or less channels: PortAudio
/// refuses the one without a word, and some host APIs read beyond an array for the other.
inline void check_host_info(const Endpoint& endpoint, Direction direction, const Device& device) {
    const HostInfo& info = endpoint.host_info;
    if (!info) return;
    const std::string settings = std::string{direction == Direction::input ? "input" : "output"} +
                                 " settings for " + host_api_name(info.host_api());
    if (info.host_api() != device.host_api_type) {
        raise(Error(portaudio_error(paIncompatibleHostApiSpecificStreamInfo), "Stream",
                    settings + ", \"" + device.name + "\" is a device of " +
                        host_api_name(device.host_api_type)));
    }
    if (info.channels() != 0 && info.channels() != endpoint.channels.value_or(info.channels())) {
        raise(Error(Fault::channel_mismatch, "Stream",
                    settings + " with " + std::to_string(info.channels()) +
                        " channels, the endpoint has " + std::to_string(*endpoint.channels)));
    }
}

}  // namespace portspan::detail
