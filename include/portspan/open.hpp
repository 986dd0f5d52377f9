// SPDX-License-Identifier: MIT
// From a StreamConfig to an open stream: defaults filled in, bad input refused before PortAudio.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "alsa_periods.hpp"
#include "config.hpp"
#include "device.hpp"
#include "handle.hpp"
#include "host_info.hpp"
#include "named_device.hpp"
#include "prepare.hpp"

namespace portspan::detail {

[[noreturn]] inline void refuse(PaError error, const std::string& detail) {
    throw Error(portaudio_error(error), "Stream", detail);
}

inline const char* name_of(Direction direction) noexcept {
    return direction == Direction::input ? "input" : "output";
}

inline Device endpoint_device(const Endpoint& endpoint, Direction direction) {
    if (names_device(endpoint)) return named_device(endpoint, direction);
    if (endpoint.device) return device_at(*endpoint.device);
    if (auto device = default_device(direction)) return *std::move(device);
    refuse(paInvalidDevice, std::string{"there is no default "} + name_of(direction) + " device");
}

inline int channel_count(const Endpoint& endpoint, Direction direction, const Device& device) {
    const int max = device.max_channels(direction);
    const int settings_have = endpoint.host_info.channels();
    const int channels =
        endpoint.channels.value_or(settings_have ? settings_have : (std::min)(max, 2));
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
    RawFormat format = {};
    double default_sample_rate = 0;
    std::string device_name = {};
    HostApiType host_api{-1};
    HostInfo host_info = {};

    [[nodiscard]] const PaStreamParameters* get() const noexcept {
        return present ? &parameters : nullptr;
    }
    [[nodiscard]] std::size_t channels() const noexcept {
        return static_cast<std::size_t>(parameters.channelCount);
    }
};

/// Throws Error where a format is given that is not wanted, or none that is.
template <class T>
PaSampleFormat checked_format(const RawFormat& format, Direction direction) {
    const std::string given = std::string{name_of(direction)} + " format " +
                              std::to_string(format.format) + " of " +
                              std::to_string(format.sample_size) + " bytes";
    if constexpr (std::is_same_v<T, std::byte>) {
        const bool is_complete = format.format != 0 && format.sample_size != 0;
        if (is_complete && (format.format & paNonInterleaved) == 0) return format.format;
        refuse(paSampleFormatNotSupported, given +
                                               ": a stream of std::byte needs a format and the "
                                               "size of its samples, without the layout");
    } else {
        if (format.format == 0 || format.format == sample_format<T>) return sample_format<T>;
        refuse(paSampleFormatNotSupported,
               given + ", the stream's samples have " + std::to_string(sample_format<T>));
    }
}

template <class T, class L>
OpenEndpoint open_endpoint(const Endpoint& endpoint, Direction direction) {
    if constexpr (std::is_void_v<T>) {
        return {};
    } else {
        const PaSampleFormat format = checked_format<T>(endpoint.format, direction);
        const Device device = endpoint_device(endpoint, direction);
        check_host_info(endpoint, direction, device);
        return {.present = true,
                .parameters = {.device = device.index,
                               .channelCount = channel_count(endpoint, direction, device),
                               .sampleFormat = format | L::format_flag,
                               .suggestedLatency = suggested_latency(endpoint, direction, device),
                               .hostApiSpecificStreamInfo = endpoint.host_info.get()},
                .format = endpoint.format,
                .default_sample_rate = device.default_sample_rate,
                .device_name = device.name,
                .host_api = device.host_api_type,
                .host_info = endpoint.host_info};
    }
}

inline double chosen_sample_rate(const StreamConfig& config, const OpenEndpoint& input,
                                 const OpenEndpoint& output) {
    const double rate = config.sample_rate;
    if (rate == default_sample_rate) {
        for (const OpenEndpoint* endpoint : {&output, &input}) {
            if (endpoint->default_sample_rate > 0) return endpoint->default_sample_rate;
        }
        refuse(paInvalidSampleRate, "the device has no default");
    }
    // PortAudio's own range check lets NaN pass.
    if (!(rate > 0)) refuse(paInvalidSampleRate, std::to_string(rate));
    return rate;
}

/// What PortAudio refuses without a word, with one.
inline PaStreamFlags checked_flags(const StreamConfig& config, bool is_duplex) {
    constexpr PaStreamFlags host_apis_own = paPlatformSpecificFlags;
    const auto flags = static_cast<PaStreamFlags>(config.flags);
    const auto known =
        static_cast<PaStreamFlags>(StreamFlags::clip_off | StreamFlags::dither_off |
                                   StreamFlags::never_drop_input | StreamFlags::prime_output);
    if ((flags & ~(known | host_apis_own)) != 0) {
        refuse(paInvalidFlag, "flags " + std::to_string(flags));
    }
    if (any(config.flags & StreamFlags::never_drop_input) &&
        !(is_duplex && config.frames_per_buffer == paFramesPerBufferUnspecified)) {
        refuse(paInvalidFlag, "never_drop_input needs an input, an output and frames_per_buffer 0");
    }
    return flags;
}

/// A stream that may be opened, as far as portspan can tell.
struct StreamPlan {
    Session session;
    OpenEndpoint input;
    OpenEndpoint output;
    double sample_rate;
    unsigned long frames_per_buffer;
    PaStreamFlags flags;

    [[nodiscard]] Shape shape() const noexcept {
        return {input.channels(), output.channels(), input.format, output.format};
    }
    /// Both directions are of one.
    [[nodiscard]] HostApiType host_api() const noexcept {
        return output.present ? output.host_api : input.host_api;
    }
};

template <class In, class Out, class L>
StreamPlan plan_stream(const StreamConfig& config) {
    static_assert(!std::is_void_v<In> || !std::is_void_v<Out>, "a stream needs a direction");
    StreamPlan plan{.session = {},
                    .input = open_endpoint<In, L>(config.input, Direction::input),
                    .output = open_endpoint<Out, L>(config.output, Direction::output),
                    .sample_rate = 0,
                    .frames_per_buffer = config.frames_per_buffer,
                    .flags = checked_flags(config, !std::is_void_v<In> && !std::is_void_v<Out>)};
    plan.sample_rate = chosen_sample_rate(config, plan.input, plan.output);
    // PortAudio multiplies it without looking; and nobody wants 20 s of latency.
    constexpr unsigned long most_frames = 1ul << 20;
    if (config.frames_per_buffer > most_frames) {
        refuse(paBufferTooBig, std::to_string(config.frames_per_buffer) + " frames per buffer");
    }
    for (const OpenEndpoint* endpoint : {&plan.input, &plan.output}) {
        if (!endpoint->present || endpoint->host_api != HostApiType::alsa) continue;
        check_alsa_buffer(endpoint->parameters, plan.sample_rate, plan.frames_per_buffer);
    }
    return plan;
}

/// Where one back end or another stops reading the settings is not said: they live as long as the
/// callback does.
inline void keep_settings(RawCallback& callback, const StreamPlan& plan) {
    if (!plan.input.host_info && !plan.output.host_info) return;
    using Kept = std::tuple<std::shared_ptr<const void>, HostInfo, HostInfo>;
    callback.keep_alive = std::make_shared<const Kept>(std::move(callback.keep_alive),
                                                       plan.input.host_info, plan.output.host_info);
}

/// Throws Error; afterwards nothing is open and the callback is destroyed.
inline StreamHandle open_planned(StreamPlan plan, Prepared prepared) {
    const Shape shape = plan.shape();
    keep_settings(prepared.callback, plan);
    CloseStream close{std::move(plan.session), std::move(prepared)};
    const auto finished = close.callback.finished;
    const RawCallback& raw = close.callback.callback;

    PaStream* opened = nullptr;
    std::unique_lock lock{control_mutex};
    check(Pa_OpenStream(&opened, plan.input.get(), plan.output.get(), plan.sample_rate,
                        plan.frames_per_buffer, plan.flags, raw.function, raw.user_data),
          "Pa_OpenStream");
    lock.unlock();
    std::unique_ptr<PaStream, CloseStream> stream{opened, std::move(close)};
    if (finished) {
        lock.lock();
        const PaError error = Pa_SetStreamFinishedCallback(opened, finished);
        if (error != paNoError) {
            const Error failure = portaudio_failure(error, "Pa_SetStreamFinishedCallback");
            lock.unlock();
            throw failure;
        }
    }
    return {shape, std::move(stream), plan.host_api()};
}

template <class In, class Out, class L, class Callback>
StreamHandle open_stream(const StreamConfig& config, Callback callback) {
    StreamPlan plan = plan_stream<In, Out, L>(config);
    Prepared prepared = prepare<In, Out, L>(std::move(callback), plan.shape(),
                                            config.frames_per_buffer, config.finished);
    return open_planned(std::move(plan), std::move(prepared));
}

}  // namespace portspan::detail
