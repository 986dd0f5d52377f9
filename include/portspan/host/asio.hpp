// SPDX-License-Identifier: MIT
// ASIO: a choice of channels, buffer sizes, the driver's control panel. Needs pa_asio.h.
#pragma once

#include <pa_asio.h>

#include <string>
#include <vector>

#include "../device.hpp"
#include "../error.hpp"
#include "../host_api_type.hpp"
#include "opened.hpp"

// All functions throw Error. Any thread but a callback's; those for a device with a Session alive.
namespace portspan::host {

/// `{.input = {.host_info = portspan::host::Asio{.channel_selectors = {2, 3}}}}`
struct Asio {
    static constexpr HostApiType host_api = HostApiType::asio;  ///< as HostSettings asks for

    /// For each channel of the stream the device's, from 0; says how many channels the stream has.
    /// Empty: the first ones.
    std::vector<int> channel_selectors = {};
#ifdef paAsioUseMessageCallback
    /// What the driver wants, a reset for example, with the user data that the stream's callback
    /// gets. In one direction only; calls nothing of PortAudio's and does not throw. After 19.7.
    PaAsio_MessageCallback* message_callback = nullptr;
#endif

    /// As HostSettings asks for: the channels that the direction has to have; 0: any.
    [[nodiscard]] int channels() const noexcept {
        return static_cast<int>(channel_selectors.size());
    }
    /// PortAudio's struct of these settings, valid as long as they are and do not change.
    [[nodiscard]] PaAsioStreamInfo stream_info() noexcept {
        PaAsioStreamInfo info{};
        info.size = sizeof info;
        info.hostApiType = paASIO;
        info.version = 1;
        if (!channel_selectors.empty()) {
            info.flags |= paAsioUseChannelSelectors;
            info.channelSelectors = channel_selectors.data();
        }
#ifdef paAsioUseMessageCallback
        info.version = 2;
        if (message_callback) info.flags |= paAsioUseMessageCallback;
        info.messageCallback = message_callback;
#endif
        return info;
    }
};

/// The sizes that the driver's buffers may have, frames.
struct AsioBufferSizes {
    long min = 0;          ///< the smallest
    long max = 0;          ///< the largest
    long preferred = 0;    ///< the driver's choice
    long granularity = 0;  ///< the step from one size to the next; -1: powers of two
};
/// Those of one device.
[[nodiscard]] inline AsioBufferSizes asio_buffer_sizes(PaDeviceIndex device) {
    const auto lock = detail::control_lock();
    AsioBufferSizes sizes;
    // The old name: newer headers have it, too.
    check(PaAsio_GetAvailableLatencyValues(device, &sizes.min, &sizes.max, &sizes.preferred,
                                           &sizes.granularity),
          "PaAsio_GetAvailableBufferSizes");
    return sizes;
}

/// Shows the driver's own window; `window` is the program's (HWND), or null.
inline void show_asio_control_panel(PaDeviceIndex device, void* window = nullptr) {
    const auto lock = detail::control_lock();
    check(PaAsio_ShowControlPanel(device, window), "PaAsio_ShowControlPanel");
}

/// The driver's name for a channel, from 0.
[[nodiscard]] inline std::string asio_channel_name(PaDeviceIndex device, int channel,
                                                   Direction direction) {
    const auto lock = detail::control_lock();
    const char* name = nullptr;
    if (direction == Direction::input) {
        check(PaAsio_GetInputChannelName(device, channel, &name), "PaAsio_GetInputChannelName");
    } else {
        check(PaAsio_GetOutputChannelName(device, channel, &name), "PaAsio_GetOutputChannelName");
    }
    return name ? name : "";
}

/// Another sample rate for an open stream, Hz; some drivers want it stopped.
/// Stream::sample_rate() goes on to tell the one that it was opened with.
template <Opened S>
void set_asio_sample_rate(S& stream, double sample_rate) {
    constexpr auto call = "PaAsio_SetStreamSampleRate";
    auto* const handle = detail::stream_of(HostApiType::asio, stream, call);
    const auto lock = detail::control_lock();
    check(PaAsio_SetStreamSampleRate(handle, sample_rate), call);
}

}  // namespace portspan::host
