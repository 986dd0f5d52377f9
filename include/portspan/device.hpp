// SPDX-License-Identifier: MIT
// The audio devices of the machine, as values.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "error.hpp"
#include "host_api_type.hpp"
#include "result.hpp"
#include "session.hpp"
#include "utf8.hpp"

namespace portspan {

/// Which side of a device: what it records, what it plays.
enum class Direction { input, output };

/// What PortAudio says of one device, copied: valid for ever, `index` as long as a Session lives
/// and nobody calls refresh_devices(). An Endpoint that holds the whole Device finds it again, or
/// says that it cannot: where the list is another one and has several of its name.
struct Device {
    PaDeviceIndex index = paNoDevice;  ///< PortAudio's number
    /// Valid UTF-8: what the driver wrote in another encoding has U+FFFD in it.
    std::string name;
    std::string host_api;                    ///< its name; empty where PortAudio does not tell
    PaHostApiIndex host_api_index = -1;      ///< HostApi::index
    HostApiType host_api_type{-1};           ///< -1 where PortAudio does not tell
    int max_input_channels = 0;              ///< 0: it does not record
    int max_output_channels = 0;             ///< 0: it does not play
    double default_sample_rate = 0;          ///< Hz
    double default_low_input_latency = 0;    ///< seconds, as the other latencies
    double default_low_output_latency = 0;   ///< seconds
    double default_high_input_latency = 0;   ///< seconds
    double default_high_output_latency = 0;  ///< seconds
    /// Of which of PortAudio's lists; 0: of none.
    std::size_t list = 0;

    /// The channels of that side.
    [[nodiscard]] int max_channels(Direction direction) const noexcept {
        return direction == Direction::input ? max_input_channels : max_output_channels;
    }
};

namespace detail {
/// Device::list of one that was read alone: of PortAudio's lists since the program began the same,
/// and none of list_of(). With the control lock.
[[nodiscard]] inline std::size_t list_now() { return held.lists * 2; }
/// Device::list of all devices that there are: another list that reads the same is the same.
[[nodiscard]] inline std::size_t list_of(const std::vector<Device>& all) {
    std::string names;
    for (const Device& device : all) {
        names.append(device.name).append(1, '\0').append(device.host_api).append(1, '\0');
    }
    return std::hash<std::string>{}(names) | 1;
}
/// With the control lock.
[[nodiscard]] inline Result<Device> read_device(PaDeviceIndex index) {
    const PaDeviceInfo* info = Pa_GetDeviceInfo(index);
    if (!info) {
        return Error(portaudio_error(paInvalidDevice), "Pa_GetDeviceInfo",
                     "index " + std::to_string(index));
    }
    const PaHostApiInfo* host = Pa_GetHostApiInfo(info->hostApi);
    return Device{.index = index,
                  .name = valid_utf8(info->name),
                  .host_api = host ? valid_utf8(host->name) : "",
                  .host_api_index = info->hostApi,
                  .host_api_type = host ? host_api_type(host->type) : HostApiType{-1},
                  .max_input_channels = info->maxInputChannels,
                  .max_output_channels = info->maxOutputChannels,
                  .default_sample_rate = info->defaultSampleRate,
                  .default_low_input_latency = info->defaultLowInputLatency,
                  .default_low_output_latency = info->defaultLowOutputLatency,
                  .default_high_input_latency = info->defaultHighInputLatency,
                  .default_high_output_latency = info->defaultHighOutputLatency,
                  .list = list_now()};
}
/// With a Session alive, and without the control lock.
[[nodiscard]] inline Result<Device> listed_device(PaDeviceIndex index) {
    const auto lock = control_lock();
    return read_device(index);
}
/// `read` for each index below what PortAudio's `call` answered, up to the first that fails. With
/// the control lock.
template <class T>
[[nodiscard]] Result<std::vector<T>> read_each(int count, const char* call,
                                               Result<T> (*read)(int index)) {
    if (count < 0) return portaudio_failure(count, call);
    std::vector<T> all;
    for (int index = 0; index < count; ++index) {
        auto next = read(index);
        if (!next) return next.error();
        all.push_back(std::move(*next));
    }
    return all;
}
/// As devices(), with a Session alive.
[[nodiscard]] inline Result<std::vector<Device>> listed_devices() {
    const auto lock = control_lock();
    auto all = read_each(Pa_GetDeviceCount(), "Pa_GetDeviceCount", read_device);
    if (!all) return all;
    const std::size_t list = list_of(*all);
    for (Device& device : *all) device.list = list;
    return all;
}
/// As default_device(), with a Session alive.
[[nodiscard]] inline Result<std::optional<Device>> listed_default_device(Direction direction) {
    const auto lock = control_lock();
    const bool is_input = direction == Direction::input;
    const PaDeviceIndex index = is_input ? Pa_GetDefaultInputDevice() : Pa_GetDefaultOutputDevice();
    if (index == paNoDevice) return std::optional<Device>{};
    if (index < 0) {
        return portaudio_failure(
            index, is_input ? "Pa_GetDefaultInputDevice" : "Pa_GetDefaultOutputDevice");
    }
    auto device = read_device(index);
    if (!device) return device.error();
    return std::optional{std::move(*device)};
}
}  // namespace detail

/// The device at a PortAudio index; throws Error where there is none. An index from before is that
/// of another device perhaps, where no Session has lived since: see devices().
[[nodiscard]] inline Device device_at(PaDeviceIndex index) {
    const Session session;
    return detail::listed_device(index).value();
}

/// All devices, in PortAudio's order, of one moment; empty where there are none. PortAudio makes
/// the list when the first Session starts. Where a program holds none, each call of devices(),
/// find_device() and the like makes it anew, which takes time and may give other indices: hold one.
/// Any thread but a callback's, as for all functions here; they wait for control calls of other
/// threads.
[[nodiscard]] inline std::vector<Device> devices() {
    const Session session;
    return detail::listed_devices().value();
}

/// The default host API's default device; empty where there is none.
[[nodiscard]] inline std::optional<Device> default_device(Direction direction) {
    const Session session;
    return detail::listed_default_device(direction).value();
}

}  // namespace portspan
