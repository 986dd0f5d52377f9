// SPDX-License-Identifier: MIT
// Whether a device can do what a stream would ask of it, without opening one.
#pragma once

#include <portaudio.h>

#include <new>
#include <optional>
#include <system_error>

#include "config.hpp"
#include "error.hpp"
#include "exceptions.hpp"
#include "request.hpp"
#include "request_words.hpp"
#include "session.hpp"
#include "view.hpp"

namespace portspan {

namespace detail {
/// The Error of check_supported(), or none.
template <class In, class Out, class L>
std::optional<Error> unsupported(const StreamConfig& config) {
    static_assert(is_stream_direction<In> && is_stream_direction<Out>,
                  "In and Out are sample types of PortAudio's, std::byte for Endpoint::format, or "
                  "void for no such direction");
    const auto session = Session::start(ForStream{});
    if (!session) return session.error();
    auto request = request_for<In, Out, L>(config);
    if (!request) return request.error();
    const auto lock = control_lock();
    const PaError error =
        Pa_IsFormatSupported(request->input.get(), request->output.get(), request->sample_rate);
    if (error == paFormatIsSupported) return {};
    return portaudio_failure(error, "Pa_IsFormatSupported", words(*request));
}
}  // namespace detail

/// Throws the Error with which a Stream<In, Out, L> with this configuration would not open, as far
/// as that can be said without opening it; the reason is PortAudio's, the detail says what was
/// asked for: "Pa_IsFormatSupported: Invalid sample rate (44100 Hz, 2 float32 channels to
/// \"HDMI\")". `In` or `Out` is void for a stream in one direction, std::byte where
/// Endpoint::format says it. A device that another program has taken may be a reason; PortAudio
/// looks neither at the flags nor at frames_per_buffer. Any thread but a callback's.
template <class In, class Out = In, Layout L = Interleaved>
void check_supported(const StreamConfig& config = {}) {
    if (const auto reason = detail::unsupported<In, Out, L>(config)) detail::raise(*reason);
}

/// The same; the reason as a code, none where it is supported.
template <class In, class Out = In, Layout L = Interleaved>
[[nodiscard]] std::error_code check_supported(const StreamConfig& config, std::nothrow_t) noexcept {
    return detail::attempt<std::bad_alloc>(
        [&] {
            const auto reason = detail::unsupported<In, Out, L>(config);
            return reason ? reason->code() : std::error_code{};
        },
        [](const auto&) { return std::make_error_code(std::errc::not_enough_memory); });
}

}  // namespace portspan
