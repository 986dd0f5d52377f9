// SPDX-License-Identifier: MIT
// From a StreamConfig to what PortAudio is asked for: defaults filled in, bad input refused.
#pragma once

#include <portaudio.h>

#include <string>
#include <type_traits>

#include "alsa_periods.hpp"
#include "buffers.hpp"
#include "config.hpp"
#include "endpoint.hpp"
#include "flags.hpp"
#include "host_api_type.hpp"
#include "number.hpp"
#include "result.hpp"

namespace portspan::detail {

inline Result<double> chosen_sample_rate(const StreamConfig& config, const OpenEndpoint& input,
                                         const OpenEndpoint& output) {
    const double rate = config.sample_rate;
    if (rate == default_sample_rate) {
        for (const OpenEndpoint* endpoint : {&output, &input}) {
            if (endpoint->device.default_sample_rate > 0) {
                return endpoint->device.default_sample_rate;
            }
        }
        return refusal(paInvalidSampleRate, "the device has no default");
    }
    // PortAudio's own range check lets NaN pass, and comes after what is computed from the rate.
    constexpr double most = 768'000;
    if (!(rate > 0 && rate <= most)) return refusal(paInvalidSampleRate, number(rate));
    return rate;
}

/// What PortAudio refuses without a word, with one.
inline Result<PaStreamFlags> checked_flags(const StreamConfig& config, bool is_duplex) {
    constexpr PaStreamFlags host_apis_own = paPlatformSpecificFlags;
    const auto flags = static_cast<PaStreamFlags>(config.flags);
    const auto known =
        static_cast<PaStreamFlags>(StreamFlags::clip_off | StreamFlags::dither_off |
                                   StreamFlags::never_drop_input | StreamFlags::prime_output);
    if ((flags & ~(known | host_apis_own)) != 0) {
        return refusal(paInvalidFlag, "flags " + std::to_string(flags));
    }
    if (any(config.flags & StreamFlags::never_drop_input) &&
        !(is_duplex && config.frames_per_buffer == paFramesPerBufferUnspecified)) {
        return refusal(paInvalidFlag,
                       "never_drop_input needs an input, an output and frames_per_buffer 0");
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

/// Opening and check_supported() both come here, so that they cannot differ. With a
/// Session{ForStream} alive, or the devices might be others afterwards.
template <class In, class Out, class L>
Result<OpenRequest> request_for(const StreamConfig& config) {
    static_assert(!std::is_void_v<In> || !std::is_void_v<Out>, "a stream needs a direction");
    auto input = open_endpoint<In, L>(config.input, Direction::input);
    if (!input) return input.error();
    auto output = open_endpoint<Out, L>(config.output, Direction::output);
    if (!output) return output.error();
    auto flags = checked_flags(config, !std::is_void_v<In> && !std::is_void_v<Out>);
    if (!flags) return flags.error();
    auto sample_rate = chosen_sample_rate(config, *input, *output);
    if (!sample_rate) return sample_rate.error();
    OpenRequest request{.input = std::move(*input),
                        .output = std::move(*output),
                        .sample_rate = *sample_rate,
                        .frames_per_buffer = config.frames_per_buffer,
                        .flags = *flags};
    // PortAudio multiplies it without looking; and nobody wants 20 s of latency.
    constexpr unsigned long most_frames = 1ul << 20;
    if (config.frames_per_buffer > most_frames) {
        return refusal(paBufferTooBig,
                       std::to_string(config.frames_per_buffer) + " frames per buffer");
    }
    for (const OpenEndpoint* endpoint : {&request.input, &request.output}) {
        if (!endpoint->present || endpoint->device.host_api_type != HostApiType::alsa) continue;
        const auto refused =
            check_alsa_buffer(endpoint->parameters, request.sample_rate, request.frames_per_buffer);
        if (refused) return *refused;
    }
    return request;
}

/// The same; throws the Error.
template <class In, class Out, class L>
OpenRequest open_request(const StreamConfig& config) {
    return request_for<In, Out, L>(config).value();
}

}  // namespace portspan::detail
