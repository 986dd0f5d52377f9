// SPDX-License-Identifier: MIT
// ALSA: devices by their ALSA names, periods, real-time scheduling. Needs pa_linux_alsa.h.
#pragma once

#include <pa_linux_alsa.h>

#include <filesystem>
#include <string>

#include "../alsa_periods.hpp"
#include "../error.hpp"
#include "../host_api_type.hpp"
#include "opened.hpp"

// All functions throw Error. Any thread but a callback's.
namespace portspan::host {

/// A device by ALSA's name for it, whether PortAudio lists it or not:
/// `{.output = {.channels = 2, .host_info = portspan::host::Alsa{.device = "hw:1,0"}}}`.
struct Alsa {
    static constexpr HostApiType host_api = HostApiType::alsa;  ///< as HostSettings asks for

    std::string device = {};  ///< "hw:CARD=USB,DEV=0", "plughw:1", a pcm of ~/.asoundrc

    /// As HostSettings asks for: what the endpoint need not name.
    [[nodiscard]] const std::string& device_name() const noexcept { return device; }
    /// PortAudio's struct of these settings, valid as long as they are and do not change; an Error
    /// without a device.
    [[nodiscard]] PaAlsaStreamInfo stream_info() const {
        if (device.empty()) {
            portspan::detail::raise(Error(Fault::invalid_argument, "host::Alsa", "no device"));
        }
        return {.size = sizeof(PaAlsaStreamInfo),
                .hostApiType = paALSA,
                .version = 1,
                .deviceString = device.c_str()};
    }
};

/// Whether the stream's callback will run with SCHED_FIFO, from the next start() on. Where the user
/// may not do that PortAudio goes on without. Fault: paIncompatibleStreamHostApi for a stream that
/// is not of ALSA, paBadStreamPtr for a closed one; PortAudio itself would write into it.
template <Opened S>
void enable_realtime_scheduling(S& stream, bool enabled = true) {
    constexpr auto call = "PaAlsa_EnableRealtimeScheduling";
    auto* const handle = detail::stream_of(HostApiType::alsa, stream, call);
    const auto lock = detail::control_lock();
    PaAlsa_EnableRealtimeScheduling(handle, enabled ? 1 : 0);
}

/// ALSA's number of the card that the stream records from; -1 for a device that is none.
template <Opened S>
[[nodiscard]] int alsa_input_card(const S& stream) {
    constexpr auto call = "PaAlsa_GetStreamInputCard";
    auto* const handle = detail::stream_of(HostApiType::alsa, stream, call);
    const auto lock = detail::control_lock();
    int card = -1;
    check(PaAlsa_GetStreamInputCard(handle, &card), call);
    return card;
}
/// The same of the card that the stream plays on.
template <Opened S>
[[nodiscard]] int alsa_output_card(const S& stream) {
    constexpr auto call = "PaAlsa_GetStreamOutputCard";
    auto* const handle = detail::stream_of(HostApiType::alsa, stream, call);
    const auto lock = detail::control_lock();
    int card = -1;
    check(PaAlsa_GetStreamOutputCard(handle, &card), call);
    return card;
}

/// How many periods the buffers of streams have that are opened from now on; 2 to 1024, PortAudio's
/// own default is 4. The buffer of the latency and a block is divided by it; a stream whose buffer
/// has less frames than periods is refused (paBufferTooSmall).
inline void set_alsa_periods(int periods) {
    if (periods < 2 || periods > 1024) {
        portspan::detail::raise(
            Error(Fault::invalid_argument, "PaAlsa_SetNumPeriods", std::to_string(periods)));
    }
    const auto lock = detail::control_lock();
    check(PaAlsa_SetNumPeriods(periods), "PaAlsa_SetNumPeriods");
    portspan::detail::alsa_periods = periods;
}

/// How often a busy device is tried again, 10 ms apart, when PortAudio starts and when it opens a
/// stream; PortAudio's own default is 100.
inline void set_alsa_busy_retries(int retries) {
    if (retries < 0) {
        portspan::detail::raise(
            Error(Fault::invalid_argument, "PaAlsa_SetRetriesBusy", std::to_string(retries)));
    }
    const auto lock = detail::control_lock();
    check(PaAlsa_SetRetriesBusy(retries), "PaAlsa_SetRetriesBusy");
}

/// Which libasound is loaded by the next first Session, if PortAudio was built to load one
/// (PA_ALSA_DYNAMIC); else nothing happens. The path is kept for ever.
inline void set_alsa_library(const std::filesystem::path& path) {
    const auto lock = detail::control_lock();
    PaAlsa_SetLibraryPathName(detail::kept_for_ever(path.string()));
}

}  // namespace portspan::host
