// SPDX-License-Identifier: MIT
// WASAPI's settings for one direction of a stream. Needs pa_win_wasapi.h of PortAudio 19.6 or
// later; what came later is there where the header has it.
#pragma once

#include <pa_win_wasapi.h>

#include <optional>

#include "../host_api_type.hpp"

namespace portspan::host {

/// `{.output = {.host_info = portspan::host::Wasapi{.exclusive = true}}}`. The constants are those
/// of pa_win_wasapi.h and pa_win_waveformat.h, which say more.
struct Wasapi {
    static constexpr HostApiType host_api = HostApiType::wasapi;  ///< as HostSettings asks for

    bool exclusive = false;  ///< the device for this stream alone, at its own format
    bool polling = false;    ///< no events; 15 to 20 ms of latency at least
#ifdef paWinWasapiExplicitSampleFormat
    /// Fails rather than to take a format near to the stream's. 19.7.
    bool explicit_sample_format = false;
#endif
#ifdef paWinWasapiAutoConvert
    /// The system converts another sample rate or channel count; in shared mode. 19.7.
    bool auto_convert = false;
#endif
    /// PAWIN_SPEAKER_...: which loudspeakers the channels are.
    std::optional<PaWinWaveFormatChannelMask> channel_mask = {};
    /// Of the audio thread; the same in both directions. Empty: what the mode prefers.
    std::optional<PaWasapiThreadPriority> thread_priority = {};
    /// What kind of audio it is to the system.
    PaWasapiStreamCategory stream_category = eAudioCategoryOther;
    /// What the system does to it: `eStreamOptionRaw` for nothing.
    PaWasapiStreamOption stream_option = eStreamOptionNone;
    /// Called with the device's own buffers and format instead of the stream's callback, which is
    /// then not called; with the user data that the callback would get. No part of portspan's is
    /// in between, it must not throw.
    PaWasapiHostProcessorCallback host_processor_output = nullptr;
    /// The same of the input.
    PaWasapiHostProcessorCallback host_processor_input = nullptr;
#ifdef paWinWasapiPassthrough
    /// Encoded audio for the device to decode. 19.8.
    std::optional<PaWasapiStreamPassthrough> passthrough = {};
#endif

    /// PortAudio's struct of these settings, valid as long as they are and do not change.
    [[nodiscard]] PaWasapiStreamInfo stream_info() const noexcept {
        PaWasapiStreamInfo info{};
        info.size = sizeof info;
        info.hostApiType = paWASAPI;
        info.version = 1;
        const auto add = [&info](bool wanted, unsigned long flag) {
            if (wanted) info.flags |= flag;
        };
        add(exclusive, paWinWasapiExclusive);
        add(polling, paWinWasapiPolling);
#ifdef paWinWasapiExplicitSampleFormat
        add(explicit_sample_format, paWinWasapiExplicitSampleFormat);
#endif
#ifdef paWinWasapiAutoConvert
        add(auto_convert, paWinWasapiAutoConvert);
#endif
        add(channel_mask.has_value(), paWinWasapiUseChannelMask);
        info.channelMask = channel_mask.value_or(0);
        add(thread_priority.has_value(), paWinWasapiThreadPriority);
        info.threadPriority = thread_priority.value_or(eThreadPriorityNone);
        info.streamCategory = stream_category;
        info.streamOption = stream_option;
        add(host_processor_output || host_processor_input, paWinWasapiRedirectHostProcessor);
        info.hostProcessorOutput = host_processor_output;
        info.hostProcessorInput = host_processor_input;
#ifdef paWinWasapiPassthrough
        add(passthrough.has_value(), paWinWasapiPassthrough);
        if (passthrough) info.passthrough = *passthrough;
#endif
        return info;
    }
};

}  // namespace portspan::host
