// SPDX-License-Identifier: MIT
// Which audio system a host API of PortAudio's is.
#pragma once

#include <portaudio.h>

#include <cstring>
#include <string>

namespace portspan {

/// The values of PaHostApiTypeId. Any int is one: those that this portaudio.h does not know yet,
/// and those that this library does not know, are kept as they are.
enum class HostApiType : int {
    in_development = 0,
    direct_sound = 1,
    mme = 2,
    asio = 3,
    sound_manager = 4,
    core_audio = 5,
    oss = 7,
    alsa = 8,
    al = 9,
    be_os = 10,
    wdmks = 11,
    jack = 12,
    wasapi = 13,
    audio_science_hpi = 14,
    audio_io = 15,  ///< of a PortAudio after 19.7, as those that follow
    pulse_audio = 16,
    sndio = 17,
    oboe = 18,
};

/// Compares with PortAudio's own name of it.
[[nodiscard]] constexpr bool operator==(HostApiType type, PaHostApiTypeId id) noexcept {
    return static_cast<int>(type) == static_cast<int>(id);
}

/// "PulseAudio"; "type 99" for one without a name here. PaHostApiInfo::name may be longer, and is
/// known only where PortAudio has started.
[[nodiscard]] inline std::string host_api_name(HostApiType type) {
    switch (type) {
        case HostApiType::in_development:
            return "in development";
        case HostApiType::direct_sound:
            return "DirectSound";
        case HostApiType::mme:
            return "MME";
        case HostApiType::asio:
            return "ASIO";
        case HostApiType::sound_manager:
            return "Sound Manager";
        case HostApiType::core_audio:
            return "Core Audio";
        case HostApiType::oss:
            return "OSS";
        case HostApiType::alsa:
            return "ALSA";
        case HostApiType::al:
            return "AL";
        case HostApiType::be_os:
            return "BeOS";
        case HostApiType::wdmks:
            return "WDM-KS";
        case HostApiType::jack:
            return "JACK";
        case HostApiType::wasapi:
            return "WASAPI";
        case HostApiType::audio_science_hpi:
            return "AudioScience HPI";
        case HostApiType::audio_io:
            return "AudioIO";
        case HostApiType::pulse_audio:
            return "PulseAudio";
        case HostApiType::sndio:
            return "sndio";
        case HostApiType::oboe:
            return "Oboe";
    }
    return "type " + std::to_string(static_cast<int>(type));
}

namespace detail {
/// What PortAudio has written there: its enumeration, as this portaudio.h has it, may have no room
/// for the value, which then must not be read as one.
[[nodiscard]] inline HostApiType host_api_type(const PaHostApiTypeId& written) noexcept {
    static_assert(sizeof(PaHostApiTypeId) == sizeof(HostApiType));
    HostApiType type{};
    std::memcpy(&type, &written, sizeof type);
    return type;
}
}  // namespace detail

}  // namespace portspan
