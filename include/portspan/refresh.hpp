// SPDX-License-Identifier: MIT
// PortAudio's list of devices, made anew.
#pragma once

#include <portaudio.h>

#include <string>

#include "error.hpp"
#include "session.hpp"

namespace portspan {

/// Lets PortAudio look for devices again, which it does when it starts and never after: what was
/// plugged in is then in devices(), what was pulled out is not. PortAudio is terminated and
/// initialised under the Sessions that live, which stay valid; each Device::index that was known is
/// not, but an Endpoint that holds a Device finds it again.
///
/// Throws Error: Fault::streams_open where portspan has a stream open, opens one now or could not
/// close one, for they would not survive it; Fault::held_elsewhere where PortAudio has been
/// initialised by something other than portspan, so that it keeps its list; in both cases nothing
/// has changed. Where PortAudio cannot start again (Pa_Initialize), the next Session or
/// refresh_devices() tries again, and until then every call of PortAudio's fails. Streams that a
/// program has opened without portspan are not seen, and end. Any thread but a callback's.
///
/// PortAudio's JACK back end (19.6, with assertions, as Debian has it) aborts the program when it
/// terminates after the JACK server that it was connected to; so it does at a Session's end.
inline void refresh_devices() {
    const auto lock = detail::control_lock();
    detail::Held& held = detail::held;
    const auto count = [](int n, const char* what) {
        return std::to_string(n) + (n == 1 ? " stream " : " streams ") + what;
    };
    if (held.streams > 0) {
        throw Error(Fault::streams_open, "refresh_devices",
                    count(held.streams, "to be closed first"));
    }
    if (held.unclosed > 0) {
        throw Error(Fault::streams_open, "refresh_devices",
                    count(held.unclosed, "could not be closed, so all Sessions have to end first"));
    }
    held.terminate(0);
    // What others have initialised is not counted anywhere that can be asked for.
    const bool is_held_elsewhere = Pa_GetDeviceCount() != paNotInitialized;
    held.initialize();
    if (is_held_elsewhere) {
        throw Error(Fault::held_elsewhere, "refresh_devices", "the list of devices is the old one");
    }
}

}  // namespace portspan
