// SPDX-License-Identifier: MIT
// What WASAPI knows of devices. Needs pa_win_wasapi.h; what is newer than PortAudio 19.6 compiles
// where it is used, if the header has it.
#pragma once

#include <pa_win_wasapi.h>

#include <concepts>
#include <vector>

#include "../error.hpp"
#include "opened.hpp"

// `device` is a PaDeviceIndex (Device::index). All functions throw Error. With a Session alive, on
// any thread but a callback's that has COM.
namespace portspan::host {

/// Whether the input is what another device plays. After 19.7.
template <std::same_as<PaDeviceIndex> Index>
[[nodiscard]] bool is_wasapi_loopback(Index device) {
    const auto lock = detail::control_lock();
    return check(PaWasapi_IsLoopback(device), "PaWasapi_IsLoopback") != 0;
}

#ifdef paWinWasapiAutoConvert
/// Looks for devices anew, beside streams that run: all indices may be others afterwards. 19.7, and
/// links only where PortAudio was built with PA_WASAPI_MAX_CONST_DEVICE_COUNT above 0.
inline void update_wasapi_devices() {
    const auto lock = detail::control_lock();
    check(PaWasapi_UpdateDeviceList(), "PaWasapi_UpdateDeviceList");
}
#endif

/// Loudspeakers, a headset, S/PDIF ...
[[nodiscard]] inline PaWasapiDeviceRole wasapi_device_role(PaDeviceIndex device) {
    const auto lock = detail::control_lock();
    return static_cast<PaWasapiDeviceRole>(
        check(PaWasapi_GetDeviceRole(device), "PaWasapi_GetDeviceRole"));
}

/// The device's sockets with their colours and places; empty where it does not tell.
[[nodiscard]] inline std::vector<PaWasapiJackDescription> wasapi_jacks(PaDeviceIndex device) {
    const auto lock = detail::control_lock();
    int count = 0;
    check(PaWasapi_GetJackCount(device, &count), "PaWasapi_GetJackCount");
    std::vector<PaWasapiJackDescription> jacks;
    for (int index = 0; index < count; ++index) {
        PaWasapiJackDescription jack{};
        check(PaWasapi_GetJackDescription(device, index, &jack), "PaWasapi_GetJackDescription");
        jacks.push_back(jack);
    }
    return jacks;
}

/// A WAVEFORMATEXTENSIBLE: the format that the user has set in shared mode.
[[nodiscard]] inline PaWinWaveFormat wasapi_default_format(PaDeviceIndex device) {
    const auto lock = detail::control_lock();
    PaWinWaveFormat format{};
    check(PaWasapi_GetDeviceDefaultFormat(&format, sizeof format, device),
          "PaWasapi_GetDeviceDefaultFormat");
    return format;
}
/// The format in which the system mixes. After 19.7.
template <std::same_as<PaDeviceIndex> Index>
[[nodiscard]] PaWinWaveFormat wasapi_mix_format(Index device) {
    const auto lock = detail::control_lock();
    PaWinWaveFormat format{};
    check(PaWasapi_GetDeviceMixFormat(&format, sizeof format, device),
          "PaWasapi_GetDeviceMixFormat");
    return format;
}

}  // namespace portspan::host
