// SPDX-License-Identifier: MIT
// Core Audio: channel maps, conversion, the device behind a stream. Needs pa_mac_core.h.
#pragma once

#include <pa_mac_core.h>

#include <concepts>
#include <string>
#include <vector>

#include "../device.hpp"
#include "../error.hpp"
#include "../host_api_type.hpp"
#include "opened.hpp"

// All functions throw Error. Any thread but a callback's.
namespace portspan::host {

/// Of a sample rate conversion, which CoreAudio::quality asks for.
enum class ConversionQuality : unsigned long {
    max = paMacCoreConversionQualityMax,
    high = paMacCoreConversionQualityHigh,
    medium = paMacCoreConversionQualityMedium,
    low = paMacCoreConversionQualityLow,
    min = paMacCoreConversionQualityMin,
};

/// One direction's settings. All but the channel map are the same in both directions of a stream:
/// what PortAudio makes of two is not defined.
struct CoreAudio {
    static constexpr HostApiType host_api = HostApiType::core_audio;  ///< as HostSettings asks for

    /// Input: for each channel of the stream the device's, from 0. Output: for each channel of the
    /// device the stream's; -1 for none. Empty: one by one.
    std::vector<SInt32> channel_map = {};
    ConversionQuality quality = ConversionQuality::max;  ///< of a sample rate conversion
    /// The device's sample rate and buffer size may be changed, under other programs too.
    bool change_device_parameters = false;
    /// With the former: fails rather than to convert the sample rate.
    bool fail_if_conversion_required = false;

    /// PortAudio's struct of these settings, valid as long as they are and do not change.
    [[nodiscard]] PaMacCoreStreamInfo stream_info() const noexcept {
        PaMacCoreStreamInfo info{};
        info.size = sizeof info;
        info.hostApiType = paCoreAudio;
        info.version = 1;
        info.flags = static_cast<unsigned long>(quality);
        if (change_device_parameters) info.flags |= paMacCoreChangeDeviceParameters;
        if (fail_if_conversion_required) info.flags |= paMacCoreFailIfConversionRequired;
        info.channelMap = channel_map.empty() ? nullptr : channel_map.data();
        info.channelMapSize = static_cast<unsigned long>(channel_map.size());
        return info;
    }
};

/// Core Audio's own number of the device that the stream records from or plays on.
template <Opened S>
[[nodiscard]] AudioDeviceID core_audio_device(const S& stream, Direction direction) {
    const bool is_input = direction == Direction::input;
    auto* const handle = detail::stream_of(
        HostApiType::core_audio, stream,
        is_input ? "PaMacCore_GetStreamInputDevice" : "PaMacCore_GetStreamOutputDevice");
    const auto lock = detail::control_lock();
    return is_input ? PaMacCore_GetStreamInputDevice(handle)
                    : PaMacCore_GetStreamOutputDevice(handle);
}

/// The driver's name for a channel, from 0; empty where it has none. With a Session alive.
[[nodiscard]] inline std::string core_audio_channel_name(PaDeviceIndex device, int channel,
                                                         Direction direction) {
    const auto lock = detail::control_lock();
    const char* name = PaMacCore_GetChannelName(device, channel, direction == Direction::input);
    return name ? name : "";
}

/// The sizes that the device's buffer may have, frames.
struct CoreAudioBufferSizes {
    long min = 0;  ///< the smallest
    long max = 0;  ///< the largest
};
/// With a Session alive.
[[nodiscard]] inline CoreAudioBufferSizes core_audio_buffer_sizes(PaDeviceIndex device) {
    const auto lock = detail::control_lock();
    CoreAudioBufferSizes sizes;
    check(PaMacCore_GetBufferSizeRange(device, &sizes.min, &sizes.max),
          "PaMacCore_GetBufferSizeRange");
    return sizes;
}

#if defined(__MAC_OS_X_VERSION_MIN_REQUIRED) && __MAC_OS_X_VERSION_MIN_REQUIRED >= 110000
/// The workgroup of the device's audio thread, for a program's own threads to join. With a Session
/// alive; macOS 11 and a PortAudio after 19.7.
template <std::same_as<PaDeviceIndex> Index>
[[nodiscard]] os_workgroup_t core_audio_workgroup(Index device) {
    const auto lock = detail::control_lock();
    os_workgroup_t workgroup{};
    check(PaMacCore_GetOSWorkgroup(device, &workgroup), "PaMacCore_GetOSWorkgroup");
    return workgroup;
}
#endif

}  // namespace portspan::host
