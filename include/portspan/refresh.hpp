// SPDX-License-Identifier: MIT
// PortAudio's list of devices, made anew.
#pragma once

#include <portaudio.h>

#include <optional>
#include <string>

#include "error.hpp"
#include "quiet_start.hpp"
#include "session.hpp"

namespace portspan {

namespace detail {
/// Which streams would not survive another list; empty where there are none.
inline std::string streams_in_the_way(const Held& of) {
    const auto count = [](int n, const char* what) {
        return std::to_string(n) + (n == 1 ? " stream " : " streams ") + what;
    };
    if (of.given_up > 0) {
        // PortAudio is terminated by closing them, which is what their host does not answer to.
        const int open = of.streams - of.given_up;
        return (open > 0 ? count(open, "open, ") : "") +
               count(of.given_up,
                     "given up because the host does not answer: the list stays as "
                     "it is until the program is started anew");
    }
    if (of.streams > 0) return count(of.streams, "to be closed first");
    if (of.unclosed > 0) {
        return count(of.unclosed, "could not be closed, so all Sessions have to end first");
    }
    return {};
}

/// The Error of refresh_devices(), or none.
[[nodiscard]] inline std::optional<Error> refreshed() {
    const auto lock = control_lock();
    if (const std::string streams = streams_in_the_way(held); !streams.empty()) {
        return Error(Fault::streams_open, "refresh_devices", streams);
    }
    const QuietStderr quiet{held.quiet > 0};
    held.terminate(0);
    // What others have initialised is not counted anywhere that can be asked for.
    const bool is_held_elsewhere = Pa_GetDeviceCount() != paNotInitialized;
    if (auto failure = held.initialize()) return failure;
    if (!is_held_elsewhere) return {};
    --held.lists;
    return Error(Fault::held_elsewhere, "refresh_devices", "the list of devices is the old one");
}
}  // namespace detail

/// Lets PortAudio look for devices again, which it does when it starts and never after: what was
/// plugged in is then in devices(), what was pulled out is not. PortAudio is terminated and
/// initialised, silently where a quiet_session() lives, under the Sessions that live, which stay
/// valid; each Device::index that was known is not, but an Endpoint that holds a Device finds it
/// again.
///
/// Throws Error: Fault::streams_open where portspan has a stream open, opens one now, could not
/// close one or has given one up, whose host does not answer (until the program is started anew),
/// for they would not survive it; Fault::held_elsewhere where PortAudio has been initialised by
/// something other than portspan, so that it keeps its list; in both cases nothing has changed.
/// Where PortAudio cannot start again (Pa_Initialize), the next Session or refresh_devices() tries
/// again, and until then every call of PortAudio's fails. Streams that a program has opened without
/// portspan are not seen, and end. Any thread but a callback's.
///
/// PortAudio's JACK back end (19.6, with assertions, as Debian has it) aborts the program when it
/// terminates after the JACK server that it was connected to; so it does at a Session's end.
inline void refresh_devices() {
    if (const auto failure = detail::refreshed()) detail::raise(*failure);
}

}  // namespace portspan
