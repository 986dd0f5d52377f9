// SPDX-License-Identifier: MIT
// PulseAudio: the names that mixers show. Needs pa_linux_pulseaudio.h, of a PortAudio after 19.7.
#pragma once

#include <pa_linux_pulseaudio.h>

#include <string>

#include "../error.hpp"
#include "../host_api_type.hpp"
#include "opened.hpp"

namespace portspan::host {

/// What the stream's recording is called from now on, at most 1023 bytes. Any thread but the
/// callback's. Throws Error: paIncompatibleStreamHostApi for a stream that is not of PulseAudio,
/// which PortAudio itself would take for one, paInvalidDevice for one without this direction.
template <Opened S>
void rename_pulse_source(S& stream, const std::string& name) {
    constexpr auto call = "PaPulseAudio_RenameSource";
    auto* const handle = detail::stream_of(HostApiType::pulse_audio, stream, call);
    const auto lock = detail::control_lock();
    check(PaPulseAudio_RenameSource(handle, name.c_str()), call);
}
/// The same of the stream's playback.
template <Opened S>
void rename_pulse_sink(S& stream, const std::string& name) {
    constexpr auto call = "PaPulseAudio_RenameSink";
    auto* const handle = detail::stream_of(HostApiType::pulse_audio, stream, call);
    const auto lock = detail::control_lock();
    check(PaPulseAudio_RenameSink(handle, name.c_str()), call);
}

}  // namespace portspan::host
