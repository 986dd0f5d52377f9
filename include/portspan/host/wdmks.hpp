// SPDX-License-Identifier: MIT
// WDM-KS's settings for one direction of a stream. Needs pa_win_wdmks.h of PortAudio 19.6 or later,
// which includes <windows.h>.
#pragma once

#include <pa_win_wdmks.h>

#include <optional>

#include "../host_api_type.hpp"

namespace portspan::host {

/// `{.output = {.host_info = portspan::host::Wdmks{.packets = 4}}}`.
struct Wdmks {
    static constexpr HostApiType host_api = HostApiType::wdmks;  ///< as HostSettings asks for

    /// Packets of a WaveCyclic device, 2 to 8; 0: PortAudio's own choice.
    unsigned packets = 0;
    /// The endpoint's latency counts, not the frame size that a WaveCyclic device reports. At your
    /// own risk, says PortAudio.
    bool override_frame_size = false;
    /// KSAUDIO_SPEAKER_...: which loudspeakers the channels of an output are.
    std::optional<unsigned> channel_mask = {};

    /// PortAudio's struct of these settings, valid as long as they are and do not change.
    [[nodiscard]] PaWinWDMKSInfo stream_info() const noexcept {
        PaWinWDMKSInfo info{};
        info.size = sizeof info;
        info.hostApiType = paWDMKS;
        info.version = 1;
        info.noOfPackets = packets;
        if (override_frame_size) info.flags |= paWinWDMKSOverrideFramesize;
        if (channel_mask) info.flags |= paWinWDMKSUseGivenChannelMask;
        info.channelMask = channel_mask.value_or(0);
        return info;
    }
};

}  // namespace portspan::host
