// SPDX-License-Identifier: MIT
// What WASAPI does with an open stream, and for the thread that reads or writes one. Needs
// pa_win_wasapi.h.
#pragma once

#include <pa_win_wasapi.h>

#include "../device.hpp"
#include "../error.hpp"
#include "../host_api_type.hpp"
#include "opened.hpp"

// All functions throw Error, paIncompatibleStreamHostApi for a stream that is not of WASAPI. Any
// thread but the callback's.
namespace portspan::host {

/// The most frames that the host hands over at once; 0 for a direction that is not there.
struct WasapiFrames {
    unsigned int input = 0;   ///< frames
    unsigned int output = 0;  ///< frames
};
/// What the open stream has of them.
template <Opened S>
[[nodiscard]] WasapiFrames wasapi_frames_per_host_buffer(const S& stream) {
    constexpr auto call = "PaWasapi_GetFramesPerHostBuffer";
    auto* const handle = detail::stream_of(HostApiType::wasapi, stream, call);
    const auto lock = detail::control_lock();
    WasapiFrames frames;
    check(PaWasapi_GetFramesPerHostBuffer(handle, &frames.input, &frames.output), call);
    return frames;
}

/// A WAVEFORMATEXTENSIBLE: what the device has agreed to. 19.7.
template <Opened S>
[[nodiscard]] PaWinWaveFormat wasapi_current_format(const S& stream, Direction direction) {
    constexpr auto call = "PaWasapi_GetDeviceCurrentFormat";
    auto* const handle = detail::stream_of(HostApiType::wasapi, stream, call);
    const auto lock = detail::control_lock();
    PaWinWaveFormat format{};
    check(PaWasapi_GetDeviceCurrentFormat(handle, &format, sizeof format,
                                          direction == Direction::output ? 1 : 0),
          call);
    return format;
}

#ifdef paWasapiStreamStateError
/// Called on the audio thread when it starts, ends or fails (paWasapiStreamState...); null for no
/// more. `data` lives until the stream is closed. 19.7.
template <Opened S>
void set_wasapi_state_handler(S& stream, PaWasapiStreamStateCallback handler,
                              void* data = nullptr) {
    constexpr auto call = "PaWasapi_SetStreamStateHandler";
    auto* const handle = detail::stream_of(HostApiType::wasapi, stream, call);
    const auto lock = detail::control_lock();
    check(PaWasapi_SetStreamStateHandler(handle, handler, data), call);
}
#endif

/// Gives this thread the priority of an audio thread (MMCSS) while it lives: for one that reads and
/// writes a stream without a callback. It ends on the thread on which it began.
class WasapiThreadPriority {
public:
    /// Throws Error.
    explicit WasapiThreadPriority(PaWasapiThreadPriority priority = eThreadPriorityProAudio) {
        check(PaWasapi_ThreadPriorityBoost(&task_, priority), "PaWasapi_ThreadPriorityBoost");
    }
    WasapiThreadPriority(const WasapiThreadPriority&) = delete;
    WasapiThreadPriority& operator=(const WasapiThreadPriority&) = delete;
    ~WasapiThreadPriority() {
        if (task_) PaWasapi_ThreadPriorityRevert(task_);
    }

private:
    void* task_ = nullptr;
};

}  // namespace portspan::host
