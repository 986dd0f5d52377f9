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

inline Device endpoint_device(const Endpoint& endpoint, Direction direction) {
    if (endpoint.device) return device_at(*endpoint.device);
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
        const Device device = endpoint_device(endpoint, direction);
        return {.present = true,
                .parameters = {.device = device.index,
                               .channelCount = channel_count(endpoint, direction, device),
                               .sampleFormat = sample_format<T> | L::format_flag,
                               .suggestedLatency = suggested_latency(endpoint, direction, device),
                               .hostApiSpecificStreamInfo = endpoint.host_info},
                .default_sample_rate = device.default_sample_rate};
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

/// With the callback that `prepared` makes of both directions, or none. Throws Error; afterwards
/// nothing is open.
template <class In, class Out, class L, class MakePrepared>
StreamHandle open_with(const StreamConfig& config, MakePrepared prepared) {
    static_assert(!std::is_void_v<In> || !std::is_void_v<Out>, "a stream needs a direction");
    Session session;
    const OpenEndpoint input = open_endpoint<In, L>(config.input, Direction::input);
    const OpenEndpoint output = open_endpoint<Out, L>(config.output, Direction::output);
    const double sample_rate = chosen_sample_rate(config, input, output);
    // PortAudio multiplies it without looking; and nobody wants 20 s of latency.
    constexpr unsigned long most_frames = 1ul << 20;
    if (config.frames_per_buffer > most_frames) {
        refuse(paBufferTooBig, std::to_string(config.frames_per_buffer) + " frames per buffer");
    }
    CloseStream close{prepared(input, output)};

    PaStream* stream = nullptr;
    {
        const auto lock = control_lock();
        check(Pa_OpenStream(&stream, input.get(), output.get(), sample_rate,
                            config.frames_per_buffer, static_cast<PaStreamFlags>(config.flags),
                            close.callback.callback.function, close.callback.callback.user_data),
              "Pa_OpenStream");
    }
    const Shape shape{input.channels(), output.channels()};
    return {std::move(session), shape, {stream, std::move(close)}};
}

/// Throws Error; afterwards nothing is open and the callback is destroyed.
template <class In, class Out, class L, class Callback>
StreamHandle open_stream(const StreamConfig& config, Callback callback) {
    return open_with<In, Out, L>(config, [&](const auto& input, const auto& output) {
        const Shape shape{input.channels(), output.channels()};
        return prepare<In, Out, L>(std::move(callback), shape, config.frames_per_buffer);
    });
}

}  // namespace portspan::detail
