// SPDX-License-Identifier: MIT
// From a StreamConfig and a callback to an open stream.
#pragma once

#include <portaudio.h>

#include <memory>
#include <string>
#include <utility>

#include "config.hpp"
#include "handle.hpp"
#include "host_info.hpp"
#include "named_device.hpp"
#include "prepare.hpp"
#include "request.hpp"
#include "request_words.hpp"
#include "result.hpp"
#include "session.hpp"

namespace portspan::detail {

/// The devices of a request by their names; one that only the settings name may not be there.
inline std::string device_names(const OpenRequest& request, PaError error) {
    std::string names;
    const auto add = [&](const OpenEndpoint& endpoint, const char* what) {
        if (!endpoint.present) return;
        names.append(names.empty() ? "" : ", ").append(what);
        names.append(" \"").append(endpoint.device.name).append(1, '"');
        const bool by_name = endpoint.parameters.device == paUseHostApiSpecificDeviceSpecification;
        // What ALSA answers to a name that it does not know.
        if (by_name && error == paBadIODeviceCombination) names += ", if there is such a device";
    };
    add(request.input, "input");
    add(request.output, "output");
    return names;
}

/// The Error of a failed Pa_OpenStream. Where it may be the device itself, it is named: it may have
/// been pulled out or taken by another program. Where it is what was asked of it, that is said as
/// by check_supported(). With the control lock.
inline Error open_failure(PaError error, const OpenRequest& request) {
    std::string detail;
    switch (error) {
        case paInvalidDevice:
        case paDeviceUnavailable:
        case paBadIODeviceCombination:
        case paUnanticipatedHostError:
            detail = device_names(request, error);
            break;
        case paInvalidSampleRate:
        case paInvalidChannelCount:
        case paSampleFormatNotSupported:
            detail = words(request);
            break;
        default:
            break;
    }
    return portaudio_failure(error, "Pa_OpenStream", detail);
}

/// Where one back end or another stops reading the settings is not said: they live as long as the
/// callback does.
inline void keep_settings(RawCallback& callback, const OpenRequest& request) {
    if (!request.input.host_info && !request.output.host_info) return;
    using Kept = std::tuple<std::shared_ptr<const void>, HostInfo, HostInfo>;
    callback.keep_alive = std::make_shared<const Kept>(
        std::move(callback.keep_alive), request.input.host_info, request.output.host_info);
}

/// With a callback that is prepared for the request, or none. After an Error nothing is open and
/// the callback is destroyed.
inline Result<StreamHandle> open_requested(Session session, const OpenRequest& request,
                                           Prepared prepared) {
    keep_settings(prepared.callback, request);
    CloseStream close{std::move(session), std::move(prepared)};
    const auto finished = close.callback.finished;
    const RawCallback& raw = close.callback.callback;

    PaStream* opened = nullptr;
    {
        const auto lock = control_lock();
        const PaError error =
            Pa_OpenStream(&opened, request.input.get(), request.output.get(), request.sample_rate,
                          request.frames_per_buffer, request.flags, raw.function, raw.user_data);
        if (error < 0) return open_failure(error, request);
    }
    std::unique_ptr<PaStream, CloseStream> stream{opened, std::move(close)};
    if (finished) {
        const auto lock = control_lock();  // not while the stream is closed, which takes it
        const PaError error = Pa_SetStreamFinishedCallback(opened, finished);
        if (error < 0) return portaudio_failure(error, "Pa_SetStreamFinishedCallback");
    }
    return StreamHandle{request.shape(), std::move(stream), request.host_api()};
}

/// What a callback is prepared for.
inline Context context_of(const OpenRequest& request) noexcept {
    return {.shape = request.shape(),
            .frames_per_buffer = request.frames_per_buffer,
            .sample_rate = request.sample_rate};
}

/// Throws Error; afterwards nothing is open and the callback is destroyed.
template <class In, class Out, class L, class Callback>
StreamHandle open_stream(const StreamConfig& config, Callback callback) {
    Session session{ForStream{}};
    const OpenRequest request = open_request<In, Out, L>(config);
    Prepared prepared =
        prepare<In, Out, L>(std::move(callback), context_of(request), config.finished);
    return open_requested(std::move(session), request, std::move(prepared)).value();
}

}  // namespace portspan::detail
