// SPDX-License-Identifier: MIT
// The host APIs (ALSA, JACK, WASAPI ...) that PortAudio has found, as values.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "device.hpp"
#include "error.hpp"
#include "host_api_type.hpp"
#include "result.hpp"
#include "session.hpp"
#include "utf8.hpp"

namespace portspan {

/// What PortAudio says of one host API, copied: valid for ever, the indices as long as a Session
/// lives and nobody refreshes the list.
struct HostApi {
    PaHostApiIndex index = 0;                        ///< Device::host_api_index
    HostApiType type = HostApiType::in_development;  ///< the same number in every PortAudio
    std::string name;                                ///< as Device::name, UTF-8
    int device_count = 0;  ///< one more than the last number for device_of()
    std::optional<PaDeviceIndex> default_input = {};   ///< Device::index; empty where there is none
    std::optional<PaDeviceIndex> default_output = {};  ///< Device::index; empty where there is none
};

namespace detail {
/// With the control lock.
[[nodiscard]] inline Result<HostApi> read_host_api(PaHostApiIndex index) {
    const PaHostApiInfo* info = Pa_GetHostApiInfo(index);
    if (!info) {
        return Error(portaudio_error(paInvalidHostApi), "Pa_GetHostApiInfo",
                     "index " + std::to_string(index));
    }
    const auto device = [](PaDeviceIndex device_index) {
        return device_index >= 0 ? std::optional{device_index} : std::nullopt;
    };
    return HostApi{.index = index,
                   .type = host_api_type(info->type),
                   .name = valid_utf8(info->name),
                   .device_count = info->deviceCount,
                   .default_input = device(info->defaultInputDevice),
                   .default_output = device(info->defaultOutputDevice)};
}
/// As host_apis(), with a Session alive.
[[nodiscard]] inline Result<std::vector<HostApi>> listed_host_apis() {
    const auto lock = control_lock();
    return read_each(Pa_GetHostApiCount(), "Pa_GetHostApiCount", read_host_api);
}
/// As find_host_api(), with a Session alive.
[[nodiscard]] inline Result<std::optional<HostApi>> listed_host_api(HostApiType type) {
    // Not Pa_HostApiTypeIdToHostApiIndex: its parameter cannot hold a newer type.
    auto all = listed_host_apis();
    if (!all) return all.error();
    const auto found = std::ranges::find(*all, type, &HostApi::type);
    if (found == all->end()) return std::optional<HostApi>{};
    return std::optional{std::move(*found)};
}
}  // namespace detail

/// All host APIs, in PortAudio's order, those without devices too. Throws Error, as all functions
/// here do.
[[nodiscard]] inline std::vector<HostApi> host_apis() {
    const Session session;
    return detail::listed_host_apis().value();
}

/// The one whose default devices are the default devices.
[[nodiscard]] inline HostApi default_host_api() {
    const Session session;
    const auto lock = detail::control_lock();
    return detail::read_host_api(check(Pa_GetDefaultHostApi(), "Pa_GetDefaultHostApi")).value();
}

/// The host API of this type; empty where this PortAudio has none.
[[nodiscard]] inline std::optional<HostApi> find_host_api(HostApiType type) {
    const Session session;
    return detail::listed_host_api(type).value();
}

/// A host API's device number `device`, 0 to device_count - 1. Hold a Session, as for device_at().
[[nodiscard]] inline Device device_of(const HostApi& host_api, int device) {
    const Session session;
    const auto lock = detail::control_lock();
    const PaDeviceIndex index = Pa_HostApiDeviceIndexToDeviceIndex(host_api.index, device);
    if (index < 0) {
        detail::raise(portaudio_failure(index, "Pa_HostApiDeviceIndexToDeviceIndex",
                                        host_api.name + ", device " + std::to_string(device)));
    }
    return detail::read_device(index).value();
}

}  // namespace portspan
