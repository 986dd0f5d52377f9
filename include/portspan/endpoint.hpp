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
#include "result.hpp"
#include "sample.hpp"

namespace portspan::detail {

[[nodiscard]] inline Error refusal(PaError error, const std::string& detail) {
    return {portaudio_error(error), "Stream", detail};
}

inline const char* name_of(Direction direction) noexcept {
    return direction == Direction::input ? "input" : "output";
}

/// Where it is now: the list may have been made anew since.
inline Result<Device> listed_now(const Device& listed, Direction direction) {
    const auto is_it = [&](const Device& device) {
        return device.name == listed.name && device.host_api == listed.host_api &&
               (device.max_channels(direction) > 0 || listed.max_channels(direction) <= 0);
    };
    auto listed_devices_now = listed_devices();
    if (!listed_devices_now) return listed_devices_now.error();
    std::vector<Device>& found = *listed_devices_now;
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
    return Error(found.empty() ? Fault::unknown_device : Fault::ambiguous_device, "Stream",
                 '"' + listed.name + "\" (" + listed.host_api + "), listed with index " +
                     std::to_string(listed.index) +
                     (found.empty() ? ", is gone" : ", may be another one, of a list made anew"));
}

inline Result<Device> endpoint_device(const Endpoint& endpoint, Direction direction) {
    if (names_device(endpoint)) return named_device(endpoint, direction);
    if (const auto index = endpoint.device.index()) return listed_device(*index);
    if (const Device* listed = endpoint.device.listed()) return listed_now(*listed, direction);
    auto device = listed_default_device(direction);
    if (!device) return device.error();
    if (*device) return **std::move(device);
    return refusal(paInvalidDevice,
                   std::string{"there is no default "} + name_of(direction) + " device");
}

inline Result<int> channel_count(const Endpoint& endpoint, Direction direction,
                                 const Device& device) {
    const int max = device.max_channels(direction);
    const int settings_have = endpoint.host_info.channels();
    const int channels =
        endpoint.channels.value_or(settings_have ? settings_have : (std::min)(max, 2));
    if (max < 1) {
        return refusal(paInvalidChannelCount,
                       '"' + device.name + "\" has no " + name_of(direction));
    }
    if (channels < 1 || channels > max) {
        return refusal(paInvalidChannelCount, std::to_string(channels) + " " + name_of(direction) +
                                                  " channels, \"" + device.name + "\" has " +
                                                  std::to_string(max));
    }
    return channels;
}

inline Result<double> suggested_latency(const Endpoint& endpoint, Direction direction,
                                        const Device& device) {
    if (const auto* duration = std::get_if<std::chrono::duration<double>>(&endpoint.latency)) {
        // Hosts count its frames and bytes in an int, and fill them with silence at the start; what
        // takes ALSA more than a second there is a failed start, after which 19.6 is out of order.
        // No device has a buffer as long as this, and no such host can fail at it.
        constexpr double most_seconds = 10;
        const double seconds = duration->count();
        if (seconds >= 0 && seconds <= most_seconds) return seconds;
        return Error(Fault::invalid_argument, "Stream",
                     std::string{name_of(direction)} + " latency of " + number(seconds) +
                         " s, it may be 0 to " + number(most_seconds));
    }
    const Latency latency = std::get<Latency>(endpoint.latency);
    const bool low = latency == Latency::low;
    if (!low && latency != Latency::high) {
        return Error(Fault::invalid_argument, "Stream",
                     std::string{name_of(direction)} + " latency that is neither low nor high");
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

/// An Error where a format is given that is not wanted, or none that is.
template <class T>
Result<PaSampleFormat> checked_format(const RawFormat& format, Direction direction) {
    const std::string given = std::string{name_of(direction)} + " format " + name_of(format);
    const std::string sized = given + " of " + std::to_string(format.sample_size) + " bytes";
    if constexpr (std::is_same_v<T, std::byte>) {
        const std::size_t known = RawFormat{format.format}.sample_size;
        if (known != 0 && known != format.sample_size) {
            return refusal(paSampleFormatNotSupported,
                           sized + ": its samples have " + std::to_string(known));
        }
        const bool is_complete = format.format != 0 && format.sample_size != 0;
        if (is_complete && (format.format & paNonInterleaved) == 0) return format.format;
        return refusal(paSampleFormatNotSupported,
                       sized +
                           ": a stream of std::byte needs a format and the "
                           "size of its samples, without the layout");
    } else {
        if (format.format == 0 || format.format == sample_format<T>) return sample_format<T>;
        return refusal(paSampleFormatNotSupported, given + ", the stream's samples are " +
                                                       name_of(RawFormat{sample_format<T>}));
    }
}

template <class T, class L>
Result<OpenEndpoint> open_endpoint(const Endpoint& endpoint, Direction direction) {
    if constexpr (std::is_void_v<T>) {
        return OpenEndpoint{};
    } else {
        auto format = checked_format<T>(endpoint.format, direction);
        if (!format) return format.error();
        auto device = endpoint_device(endpoint, direction);
        if (!device) return device.error();
        if (const auto refused = check_host_info(endpoint, direction, *device)) return *refused;
        auto channels = channel_count(endpoint, direction, *device);
        if (!channels) return channels.error();
        auto latency = suggested_latency(endpoint, direction, *device);
        if (!latency) return latency.error();
        return OpenEndpoint{.present = true,
                            .parameters = {.device = device->index,
                                           .channelCount = *channels,
                                           .sampleFormat = *format | L::format_flag,
                                           .suggestedLatency = *latency,
                                           .hostApiSpecificStreamInfo = endpoint.host_info.get()},
                            .format = endpoint.format,
                            .device = std::move(*device),
                            .host_info = endpoint.host_info};
    }
}

}  // namespace portspan::detail
