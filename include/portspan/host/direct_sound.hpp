// SPDX-License-Identifier: MIT
// DirectSound's settings for one direction of a stream. Needs pa_win_ds.h of PortAudio 19.6 or
// later.
#pragma once

#include <pa_win_ds.h>

#include <optional>

#include "../host_api_type.hpp"

namespace portspan::host {

/// `{.output = {.host_info = portspan::host::DirectSound{.frames_per_buffer = 512}}}`.
struct DirectSound {
    /// As HostSettings asks for.
    static constexpr HostApiType host_api = HostApiType::direct_sound;

    /// Of the host's buffer, instead of the endpoint's latency; the same in both directions.
    std::optional<unsigned long> frames_per_buffer = {};
    /// PAWIN_SPEAKER_... of pa_win_waveformat.h: which loudspeakers the channels are.
    std::optional<PaWinWaveFormatChannelMask> channel_mask = {};

    /// PortAudio's struct of these settings, valid as long as they are and do not change.
    [[nodiscard]] PaWinDirectSoundStreamInfo stream_info() const noexcept {
        PaWinDirectSoundStreamInfo info{};
        info.size = sizeof info;
        info.hostApiType = paDirectSound;
        info.version = 2;
        if (frames_per_buffer) info.flags |= paWinDirectSoundUseLowLevelLatencyParameters;
        info.framesPerBuffer = frames_per_buffer.value_or(0);
        if (channel_mask) info.flags |= paWinDirectSoundUseChannelMask;
        info.channelMask = channel_mask.value_or(0);
        return info;
    }
};

}  // namespace portspan::host
