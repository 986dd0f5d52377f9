// SPDX-License-Identifier: MIT
// WMME: several devices as one, buffers, channel masks. Needs pa_win_wmme.h, and before that what
// declares HWAVEIN: <windows.h> and <mmsystem.h>.
#pragma once

#include <pa_win_wmme.h>

#include <optional>
#include <string>
#include <vector>

#include "../host_api_type.hpp"

namespace portspan::host {

/// Encoded audio over S/PDIF.
enum class WmmePassthrough : unsigned long {
    none = 0,
    dolby_ac3 = paWinMmeWaveFormatDolbyAc3Spdif,
    wma = paWinMmeWaveFormatWmaSpdif,
};

/// `{.output = {.host_info = portspan::host::Wmme{.dont_throttle = true}}}`.
struct Wmme {
    static constexpr HostApiType host_api = HostApiType::mme;  ///< as HostSettings asks for

    /// Frames of each host buffer and how many of them there are, instead of the endpoint's
    /// latency.
    struct Buffers {
        unsigned long frames = 0;  ///< of each
        unsigned long count = 0;   ///< of buffers
    };
    std::optional<Buffers> buffers = {};  ///< empty: by latency
    /// Devices that are one together: `{{.device = 3, .channelCount = 2}, ...}`. The endpoint then
    /// has no device of its own.
    std::vector<PaWinMmeDeviceAndChannelCount> devices = {};
    /// PAWIN_SPEAKER_... of pa_win_waveformat.h: which loudspeakers the channels are.
    std::optional<PaWinWaveFormatChannelMask> channel_mask = {};
    /// The audio thread keeps its priority where it takes more time than there is.
    bool dont_throttle = false;
    WmmePassthrough passthrough = WmmePassthrough::none;  ///< of an output

    /// As HostSettings asks for: what the endpoint need not name.
    [[nodiscard]] std::string device_name() const {
        std::string text;
        for (const auto& [device, channels] : devices) {
            text += (text.empty() ? "devices " : ", ") + std::to_string(device);
        }
        return text;
    }
    /// As HostSettings asks for: the channels that the direction has to have; 0: any.
    [[nodiscard]] int channels() const noexcept {
        int sum = 0;
        for (const auto& device : devices) sum += device.channelCount;
        return sum;
    }
    /// PortAudio's struct of these settings, valid as long as they are and do not change.
    [[nodiscard]] PaWinMmeStreamInfo stream_info() noexcept {
        PaWinMmeStreamInfo info{};
        info.size = sizeof info;
        info.hostApiType = paMME;
        info.version = 1;
        info.flags = static_cast<unsigned long>(passthrough);
        if (buffers) {
            info.flags |= paWinMmeUseLowLevelLatencyParameters;
            info.framesPerBuffer = buffers->frames;
            info.bufferCount = buffers->count;
        }
        if (!devices.empty()) {
            info.flags |= paWinMmeUseMultipleDevices;
            info.devices = devices.data();
            info.deviceCount = static_cast<unsigned long>(devices.size());
        }
        if (channel_mask) info.flags |= paWinMmeUseChannelMask;
        info.channelMask = channel_mask.value_or(0);
        if (dont_throttle) info.flags |= paWinMmeDontThrottleOverloadedProcessingThread;
        return info;
    }
};

}  // namespace portspan::host
