// SPDX-License-Identifier: MIT
// The audio devices of the machine, as values.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"
#include "host_api_type.hpp"
#include "session.hpp"

namespace portspan {

enum class Direction { input, output };

/// What PortAudio says of one device, copied: valid for ever, `index` as long as a Session lives.
struct Device {
    PaDeviceIndex index = paNoDevice;
    std::string name;
    std::string host_api;           ///< its name; empty where PortAudio does not tell
    HostApiType host_api_type{-1};  ///< -1 where PortAudio does not tell
    int max_input_channels = 0;
    int max_output_channels = 0;
    double default_sample_rate = 0;        ///< Hz
    double default_low_input_latency = 0;  ///< seconds, as the other latencies
    double default_low_output_latency = 0;
    double default_high_input_latency = 0;
    double default_high_output_latency = 0;

    [[nodiscard]] int max_channels(Direction direction) const noexcept {
        return direction == Direction::input ? max_input_channels : max_output_channels;
    }
};

/// The device at a PortAudio index; throws Error where there is none. Call with a Session alive.
[[nodiscard]] inline Device device_at(PaDeviceIndex index) {
    const PaDeviceInfo* info = Pa_GetDeviceInfo(index);
    if (!info) {
        throw Error(portaudio_error(paInvalidDevice), "Pa_GetDeviceInfo",
                    "index " + std::to_string(index));
    }
    const PaHostApiInfo* host = Pa_GetHostApiInfo(info->hostApi);
    const auto text = [](const char* chars) { return std::string{chars ? chars : ""}; };
    return {.index = index,
            .name = text(info->name),
            .host_api = host ? text(host->name) : "",
            .host_api_type = host ? detail::host_api_type(host->type) : HostApiType{-1},
            .max_input_channels = info->maxInputChannels,
            .max_output_channels = info->maxOutputChannels,
            .default_sample_rate = info->defaultSampleRate,
            .default_low_input_latency = info->defaultLowInputLatency,
            .default_low_output_latency = info->defaultLowOutputLatency,
            .default_high_input_latency = info->defaultHighInputLatency,
            .default_high_output_latency = info->defaultHighOutputLatency};
}

/// All devices, in PortAudio's order; empty where there are none. The list is PortAudio's, made
/// when the first Session started.
[[nodiscard]] inline std::vector<Device> devices() {
    const Session session;
    const int count = check(Pa_GetDeviceCount(), "Pa_GetDeviceCount");
    std::vector<Device> all;
    for (PaDeviceIndex index = 0; index < count; ++index) all.push_back(device_at(index));
    return all;
}

/// The default host API's default device; empty where there is none.
[[nodiscard]] inline std::optional<Device> default_device(Direction direction) {
    const Session session;
    const PaDeviceIndex index =
        direction == Direction::input ? Pa_GetDefaultInputDevice() : Pa_GetDefaultOutputDevice();
    if (index == paNoDevice) return std::nullopt;
    check(index,
          direction == Direction::input ? "Pa_GetDefaultInputDevice" : "Pa_GetDefaultOutputDevice");
    return device_at(index);
}

/// The one device with this name that has channels in this direction: the exact name wins, else the
/// only name that contains it, upper and lower case alike. Throws Error, which lists the
/// candidates.
[[nodiscard]] inline Device find_device(std::string_view name, Direction direction) {
    const auto lower = [](std::string_view text) {
        std::string result{text};
        std::ranges::transform(result, result.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return result;
    };
    std::vector<Device> exact;
    std::vector<Device> partial;
    std::string usable;
    for (Device& device : devices()) {
        if (device.max_channels(direction) == 0) continue;
        usable += (usable.empty() ? "\"" : ", \"") + device.name + '"';
        if (device.name == name) {
            exact.push_back(std::move(device));
        } else if (lower(device.name).find(lower(name)) != std::string::npos) {
            partial.push_back(std::move(device));
        }
    }
    std::vector<Device>& found = exact.empty() ? partial : exact;
    if (found.size() == 1) return std::move(found.front());

    std::string detail = direction == Direction::input ? "input \"" : "output \"";
    detail.append(name).append("\": ");
    if (found.empty()) {
        detail += usable.empty() ? "there is no device at all" : "there are " + usable;
    } else {
        detail += "there are";
        for (const Device& device : found) {
            detail += " \"" + device.name + "\" (" + device.host_api + ", index " +
                      std::to_string(device.index) + ")";
        }
    }
    throw Error(found.empty() ? Fault::unknown_device : Fault::ambiguous_device, "find_device",
                detail);
}

}  // namespace portspan
