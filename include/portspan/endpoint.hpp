// SPDX-License-Identifier: MIT
// From an Endpoint to what PortAudio is asked for in one direction: defaults, and bad input
// refused.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "config.hpp"
#include "describe.hpp"
#include "device.hpp"
#include "error.hpp"
#include "host_info.hpp"
#include "named_device.hpp"
#include "number.hpp"
#include "raw_format.hpp"
#include "sample.hpp"

namespace portspan::detail {

[[noreturn]] inline void refuse(PaError error, const std::string& detail) {
    raise(Error(portaudio_error(error), "Stream", detail));
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
    const auto now = [] {
        const auto lock = control_lock();
        return list_now();
    };
    const bool is_same_list = listed.list == 0 || listed.list == now() ||
                              (same != found.end() && listed.list == same->list);
    // In another list one of several of that name is anybody's guess.
    if (same != found.end() && (is_same_list || found.size() == 1)) return std::move(*same);
    if (found.size() == 1) return std::move(found.front());
    raise(Error(found.empty() ? Fault::unknown_device : Fault::ambiguous_device, "Stream",
                '"' + listed.name + "\" (" + listed.host_api + "), listed with index " +
                    std::to_string(listed.index) +
                    (found.empty() ? ", is gone" : ", may be another one, of a list made anew")));
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
    if (max < 1) {
        refuse(paInvalidChannelCount, '"' + device.name + "\" has no " + name_of(direction));
    }
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
        // Hosts count its frames and bytes in an int, and fill them with silence at the start; what
        // takes ALSA more than a second there is a failed start, after which 19.6 is out of order.
        // No device has a buffer as long as this, and no such host can fail at it.
        constexpr double most_seconds = 10;
        const double seconds = duration->count();
        if (seconds >= 0 && seconds <= most_seconds) return seconds;
        raise(Error(Fault::invalid_argument, "Stream",
                    std::string{name_of(direction)} + " latency of " + number(seconds) +
                        " s, it may be 0 to " + number(most_seconds)));
    }
    const Latency latency = std::get<Latency>(endpoint.latency);
    const bool low = latency == Latency::low;
    if (!low && latency != Latency::high) {
        raise(Error(Fault::invalid_argument, "Stream",
                    std::string{name_of(direction)} + " latency that is neither low nor high"));
    }
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

/// "int24", or what is known of a format that is none of PortAudio's.
inline std::string name_of(const RawFormat& format) {
    if (const char* const name = format_name(format.format)) return name;
    if (format.format == 0) return "none";
    return std::to_string(format.format);
}

/// Throws Error where a format is given that is not wanted, or none that is.
template <class T>
PaSampleFormat checked_format(const RawFormat& format, Direction direction) {
    const std::string given = std::string{name_of(direction)} + " format " + name_of(format);
    const std::string sized = given + " of " + std::to_string(format.sample_size) + " bytes";
    if constexpr (std::is_same_v<T, std::byte>) {
        const std::size_t known = RawFormat{format.format}.sample_size;
        if (known != 0 && known != format.sample_size) {
            refuse(paSampleFormatNotSupported,
                   sized + ": its samples have " + std::to_string(known));
        }
        const bool is_complete = format.format != 0 && format.sample_size != 0;
        if (is_complete && (format.format & paNonInterleaved) == 0) return format.format;
        refuse(paSampleFormatNotSupported, sized +
                                               ": a stream of std::byte needs a format and the "
                                               "size of its samples, without the layout");
    } else {
        if (format.format == 0 || format.format == sample_format<T>) return sample_format<T>;
        refuse(paSampleFormatNotSupported,
               given + ", the stream's samples are " + name_of(RawFormat{sample_format<T>}));
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

}  // namespace portspan::detail
