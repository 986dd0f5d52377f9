// SPDX-License-Identifier: MIT
// What PortAudio is asked of a stream without the control lock: a question does not wait for the
// end of another stream.
#pragma once

#include <portaudio.h>

#include <string_view>

#include "control.hpp"
#include "error.hpp"
#include "session.hpp"

namespace portspan::detail {

// Without a stream PortAudio's answer depends on who else has initialised it.
[[nodiscard]] inline PaError ask_active(PaStream* stream) noexcept {
    return stream ? Pa_IsStreamActive(stream) : PaError{paBadStreamPtr};
}
[[nodiscard]] inline PaError ask_stopped(PaStream* stream) noexcept {
    return stream ? Pa_IsStreamStopped(stream) : PaError{paBadStreamPtr};
}

/// The Error of a call on a stream that is none any more.
[[nodiscard]] inline Error closed_failure(std::string_view call) {
    return {portaudio_error(paBadStreamPtr), call, "it is closed or was moved from"};
}

/// The Error of a call that was made without the control lock. The host's words for it are said and
/// read under that: only where there may be some it is waited for, and not by a callback, which the
/// thread that has the lock may wait for.
[[nodiscard]] inline Error question_failure(PaError error, std::string_view call,
                                            std::string_view detail = {}) {
    if (error != paUnanticipatedHostError || current) return {portaudio_error(error), call, detail};
    const auto lock = control_lock();
    return portaudio_failure(error, call, detail);
}

}  // namespace portspan::detail
