// SPDX-License-Identifier: MIT
// From a StreamConfig to what PortAudio is asked for: defaults filled in, bad input refused.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "alsa_periods.hpp"
#include "buffers.hpp"
#include "config.hpp"
#include "device.hpp"
#include "host_info.hpp"
#include "named_device.hpp"
#include "sample.hpp"

namespace portspan::detail {

[[noreturn]] inline void refuse(PaError error, const std::string& detail) {
    throw Error(portaudio_error(error), "Stream", detail);
}

inline const char* name_of(Direction direction) noexcept {
    return direction == Direction::input ? "input" : "output";
}

/// Where it is now: the list may have been made anew since.
inline Device listed_now(const Device& listed, Direction direction) {
    const auto is_it = [&](const Device& device) {
        return device.name == listed.name && device.host_api == listed.host_api &&
               (device.max_channels(direction) > 0 || listed.max_channels(direction) <= 0);
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
    if (names_device(endpoint)) return named_device(endpoint, direction);
    if (const auto index = endpoint.device.index()) return listed_device(*index);
    if (const Device* listed = endpoint.device.listed()) return listed_now(*listed, direction);
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
    Device device = {};
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
        const std::size_t known = RawFormat{format.format}.sample_size;
        if (known != 0 && known != format.sample_size) {
            refuse(paSampleFormatNotSupported,
                   given + ": its samples have " + std::to_string(known));
        }
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
        Device device = endpoint_device(endpoint, direction);
        check_host_info(endpoint, direction, device);
        return {.present = true,
                .parameters = {.device = device.index,
                               .channelCount = channel_count(endpoint, direction, device),
                               .sampleFormat = format | L::format_flag,
                               .suggestedLatency = suggested_latency(endpoint, direction, device),
                               .hostApiSpecificStreamInfo = endpoint.host_info.get()},
                .format = endpoint.format,
                .device = std::move(device),
                .host_info = endpoint.host_info};
    }
}

inline double chosen_sample_rate(const StreamConfig& config, const OpenEndpoint& input,
                                 const OpenEndpoint& output) {
    const double rate = config.sample_rate;
    if (rate == default_sample_rate) {
        for (const OpenEndpoint* endpoint : {&output, &input}) {
            if (endpoint->device.default_sample_rate > 0) {
                return endpoint->device.default_sample_rate;
            }
        }
        refuse(paInvalidSampleRate, "the device has no default");
    }
    // PortAudio's own range check lets NaN pass, and comes after what is computed from the rate.
    constexpr double most = 768'000;
    if (!(rate > 0 && rate <= most)) refuse(paInvalidSampleRate, std::to_string(rate));
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

/// What PortAudio is asked for, with all defaults filled in.
struct OpenRequest {
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
        return (output.present ? output : input).device.host_api_type;
    }
};

/// Opening and check_supported() both come here, so that they cannot differ. Throws Error. With a
/// Session{ForStream} alive, or the devices might be others afterwards.
template <class In, class Out, class L>
OpenRequest open_request(const StreamConfig& config) {
    static_assert(!std::is_void_v<In> || !std::is_void_v<Out>, "a stream needs a direction");
    OpenRequest request{
        .input = open_endpoint<In, L>(config.input, Direction::input),
        .output = open_endpoint<Out, L>(config.output, Direction::output),
        .sample_rate = 0,
        .frames_per_buffer = config.frames_per_buffer,
        .flags = checked_flags(config, !std::is_void_v<In> && !std::is_void_v<Out>)};
    request.sample_rate = chosen_sample_rate(config, request.input, request.output);
    // PortAudio multiplies it without looking; and nobody wants 20 s of latency.
    constexpr unsigned long most_frames = 1ul << 20;
    if (config.frames_per_buffer > most_frames) {
        refuse(paBufferTooBig, std::to_string(config.frames_per_buffer) + " frames per buffer");
    }
    for (const OpenEndpoint* endpoint : {&request.input, &request.output}) {
        if (!endpoint->present || endpoint->device.host_api_type != HostApiType::alsa) continue;
        check_alsa_buffer(endpoint->parameters, request.sample_rate, request.frames_per_buffer);
    }
    return request;
}

}  // namespace portspan::detail
