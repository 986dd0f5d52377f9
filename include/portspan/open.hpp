// SPDX-License-Identifier: MIT
// From a StreamConfig to an open stream: defaults filled in, bad input refused before PortAudio.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "config.hpp"
#include "device.hpp"
#include "handle.hpp"
#include "prepare.hpp"

namespace portspan::detail {

[[noreturn]] inline void refuse(PaError error, const std::string& detail) {
    throw Error(portaudio_error(error), "Stream", detail);
}

inline const char* name_of(Direction direction) noexcept {
    return direction == Direction::input ? "input" : "output";
}

/// Where it is now: the list may have been made anew since.
inline Device listed_now(const Device& listed) {
    const auto is_it = [&](const Device& device) {
        return device.name == listed.name && device.host_api == listed.host_api;
    };
    std::vector<Device> found = devices();
    std::erase_if(found, [&](const Device& device) { return !is_it(device); });
    const auto same = std::ranges::find(found, listed.index, &Device::index);
    if (same != found.end()) return std::move(*same);
    if (found.size() == 1) return std::move(found.front());
    throw Error(found.empty() ? Fault::unknown_device : Fault::ambiguous_device, "Stream",
                '"' + listed.name + "\" (" + listed.host_api + "), listed with index " +
                    std::to_string(listed.index) +
                    (found.empty() ? ", is gone" : ", has moved, and others have its name"));
}

inline Device endpoint_device(const Endpoint& endpoint, Direction direction) {
    if (endpoint.device) {
        if (const auto* index = std::get_if<PaDeviceIndex>(&*endpoint.device)) {
            return device_at(*index);
        }
        return listed_now(std::get<Device>(*endpoint.device));
    }
    if (auto device = default_device(direction)) return *std::move(device);
    refuse(paInvalidDevice, std::string{"there is no default "} + name_of(direction) + " device");
}

inline int channel_count(const Endpoint& endpoint, Direction direction, const Device& device) {
    const int max = device.max_channels(direction);
    const int channels = endpoint.channels.value_or((std::min)(max, 2));
    if (channels < 1 || channels > max) {
        refuse(paInvalidChannelCount, std::to_string(channels) + " " + name_of(direction) +
                                          " channels, \"" + device.name + "\" has " +
                                          std::to_string(max));
    }
    return channels;
}

inline double suggested_latency(const Endpoint& endpoint, Direction direction,
                                const Device& device) {
    if (const auto* duration = std::get_if<std::chrono::duration<double>>(&endpoint.latency)) {
        // Back ends convert it to a count of frames in an int; infinity would be undefined there.
        constexpr double most_seconds = 1000;
        const double seconds = duration->count();
        if (seconds >= 0 && seconds <= most_seconds) return seconds;
        throw Error(
            Fault::invalid_argument, "Stream",
            std::string{name_of(direction)} + " latency of " + std::to_string(seconds) + " s");
    }
    const bool low = std::get<Latency>(endpoint.latency) == Latency::low;
    if (direction == Direction::input) {
        return low ? device.default_low_input_latency : device.default_high_input_latency;
    }
    return low ? device.default_low_output_latency : device.default_high_output_latency;
}

/// One direction as PortAudio wants it; `present` is false where the stream does not have it.
struct OpenEndpoint {
    bool present = false;
    PaStreamParameters parameters{};
    double default_sample_rate = 0;
    std::string device_name = {};

    [[nodiscard]] const PaStreamParameters* get() const noexcept {
        return present ? &parameters : nullptr;
    }
    [[nodiscard]] std::size_t channels() const noexcept {
        return static_cast<std::size_t>(parameters.channelCount);
    }
};

template <class T, class L>
OpenEndpoint open_endpoint(const Endpoint& endpoint, Direction direction) {
    if constexpr (std::is_void_v<T>) {
        return {};
    } else {
        Device device = endpoint_device(endpoint, direction);
        return {.present = true,
                .parameters = {.device = device.index,
                               .channelCount = channel_count(endpoint, direction, device),
                               .sampleFormat = sample_format<T> | L::format_flag,
                               .suggestedLatency = suggested_latency(endpoint, direction, device),
                               .hostApiSpecificStreamInfo = endpoint.host_info},
                .default_sample_rate = device.default_sample_rate,
                .device_name = std::move(device.name)};
    }
}

inline double chosen_sample_rate(const StreamConfig& config, const OpenEndpoint& input,
                                 const OpenEndpoint& output) {
    const double rate = config.sample_rate;
    if (rate == default_sample_rate) {
        return output.present ? output.default_sample_rate : input.default_sample_rate;
    }
    // PortAudio's own range check lets NaN pass.
    if (!(rate > 0)) refuse(paInvalidSampleRate, std::to_string(rate));
    return rate;
}

/// What PortAudio is asked for, with all defaults filled in.
struct OpenRequest {
    OpenEndpoint input;
    OpenEndpoint output;
    double sample_rate;
};

/// Opening and check_supported() both come here, so that they cannot differ. Throws Error. With a
/// Session{ForStream} alive, or the devices might be others afterwards.
template <class In, class Out, class L>
OpenRequest open_request(const StreamConfig& config) {
    static_assert(!std::is_void_v<In> || !std::is_void_v<Out>, "a stream needs a direction");
    OpenRequest request{.input = open_endpoint<In, L>(config.input, Direction::input),
                        .output = open_endpoint<Out, L>(config.output, Direction::output),
                        .sample_rate = 0};
    request.sample_rate = chosen_sample_rate(config, request.input, request.output);
    // PortAudio multiplies it without looking; and nobody wants 20 s of latency.
    constexpr unsigned long most_frames = 1ul << 20;
    if (config.frames_per_buffer > most_frames) {
        refuse(paBufferTooBig, std::to_string(config.frames_per_buffer) + " frames per buffer");
    }
    return request;
}

/// The Error of a failed Pa_OpenStream. Where it may be the device itself, it is named: it may have
/// been pulled out or taken by another program. With the control lock.
inline Error open_failure(PaError error, const OpenRequest& request) {
    std::string devices;
    switch (error) {
        case paInvalidDevice:
        case paDeviceUnavailable:
        case paBadIODeviceCombination:
        case paUnanticipatedHostError:
            if (request.input.present) devices = "input \"" + request.input.device_name + '"';
            if (request.output.present) {
                devices += devices.empty() ? "" : ", ";
                devices += "output \"" + request.output.device_name + '"';
            }
            break;
        default:
            break;
    }
    return portaudio_failure(error, "Pa_OpenStream", devices);
}

/// Throws Error; afterwards nothing is open and the callback is destroyed.
template <class In, class Out, class L, class Callback>
StreamHandle open_stream(const StreamConfig& config, Callback callback) {
    Session session{ForStream{}};
    const OpenRequest request = open_request<In, Out, L>(config);
    const Shape shape{request.input.channels(), request.output.channels()};
    CloseStream close{prepare<In, Out, L>(std::move(callback), shape, config.frames_per_buffer)};

    PaStream* stream = nullptr;
    {
        const auto lock = control_lock();
        const PaError error =
            Pa_OpenStream(&stream, request.input.get(), request.output.get(), request.sample_rate,
                          config.frames_per_buffer, static_cast<PaStreamFlags>(config.flags),
                          close.callback.callback.function, close.callback.callback.user_data);
        if (error < 0) throw open_failure(error, request);
    }
    return {std::move(session), shape, {stream, std::move(close)}};
}

}  // namespace portspan::detail
