// SPDX-License-Identifier: MIT
// A device that a host API's settings name, and whether settings fit the device that they are for.
#pragma once

#include <portaudio.h>

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "config.hpp"
#include "device.hpp"
#include "device_choice.hpp"
#include "error.hpp"
#include "host_api.hpp"
#include "host_api_type.hpp"
#include "result.hpp"

namespace portspan::detail {

/// Whether PortAudio is to look into the settings for the device.
inline bool names_device(const Endpoint& endpoint) {
    return endpoint.host_info &&
           (!endpoint.host_info.device_name().empty() ||
            endpoint.device.index() == paUseHostApiSpecificDeviceSpecification);
}

/// The host API's own default device; an Error where PortAudio has no such host API.
inline Result<std::optional<Device>> default_device_of(HostApiType type, Direction direction) {
    auto found = listed_host_api(type);
    if (!found) return found.error();
    const std::optional<HostApi>& host_api = *found;
    if (!host_api) {
        return Error(portaudio_error(paHostApiNotFound), "Stream",
                     "settings for " + host_api_name(type));
    }
    const auto device =
        direction == Direction::input ? host_api->default_input : host_api->default_output;
    if (!device) return std::optional<Device>{};
    auto listed = listed_device(*device);
    if (!listed) return listed.error();
    return std::optional{std::move(*listed)};
}

/// A device of no index, of which PortAudio knows nothing: what has to be known is the host API's
/// default device's, or has to be said: an Error with what is missing.
inline Result<Device> named_device(const Endpoint& endpoint, Direction direction) {
    const HostInfo& info = endpoint.host_info;
    auto found = default_device_of(info.host_api(), direction);
    if (!found) return found.error();
    const std::optional<Device>& like = *found;
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
        return Error(Fault::invalid_argument, "Stream",
                     "device " + name + " and settings for \"" + device.name + "\": one of them");
    }
    if (missing.empty()) return device;
    return Error(Fault::invalid_argument, "Stream",
                 '"' + device.name + "\" (" + device.host_api +
                     ") is not in PortAudio's list: it needs " + missing);
}

/// An Error where the settings are for another host API or for more or less channels: PortAudio
/// refuses the one without a word, and some host APIs read beyond an array for the other.
inline std::optional<Error> check_host_info(const Endpoint& endpoint, Direction direction,
                                            const Device& device) {
    const HostInfo& info = endpoint.host_info;
    if (!info) return {};
    const std::string settings = std::string{direction == Direction::input ? "input" : "output"} +
                                 " settings for " + host_api_name(info.host_api());
    if (info.host_api() != device.host_api_type) {
        return Error(portaudio_error(paIncompatibleHostApiSpecificStreamInfo), "Stream",
                     settings + ", \"" + device.name + "\" is a device of " +
                         host_api_name(device.host_api_type));
    }
    if (info.channels() != 0 && info.channels() != endpoint.channels.value_or(info.channels())) {
        return Error(Fault::channel_mismatch, "Stream",
                     settings + " with " + std::to_string(info.channels()) +
                         " channels, the endpoint has " + std::to_string(*endpoint.channels));
    }
    return {};
}

}  // namespace portspan::detail
