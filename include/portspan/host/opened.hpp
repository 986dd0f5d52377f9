// SPDX-License-Identifier: MIT
// What the extension functions of all host APIs have in common.
#pragma once

#include <portaudio.h>

#include <concepts>
#include <set>
#include <string>
#include <utility>

#include "../error.hpp"
#include "../host_api_type.hpp"
#include "../session.hpp"

namespace portspan::host {

/// A Stream, or another type that has one open.
template <class S>
concept Opened = requires(const S& stream) {
    { stream.handle() } -> std::same_as<PaStream*>;
    { stream.host_api_type() } -> std::same_as<HostApiType>;
};

namespace detail {

using portspan::detail::control_lock;

/// The stream, if it is of that host API: some extension functions cast whatever they get.
template <Opened S>
PaStream* stream_of(HostApiType host_api, const S& stream, const char* call) {
    if (!stream.handle()) {
        portspan::detail::raise(Error(portaudio_error(paBadStreamPtr), call, "it is closed"));
    }
    if (stream.host_api_type() != host_api) {
        portspan::detail::raise(Error(portaudio_error(paIncompatibleStreamHostApi), call,
                                      "a stream of " + host_api_name(stream.host_api_type()) +
                                          ", not of " + host_api_name(host_api)));
    }
    return stream.handle();
}

/// For functions that keep the pointer: valid for ever. With the control lock.
inline const char* kept_for_ever(std::string text) {
    static auto& kept = *new std::set<std::string>;
    return kept.insert(std::move(text)).first->c_str();
}

/// Throws Error, with what PortAudio's code does not say.
inline void check(PaError error, const char* call, const std::string& detail) {
    if (error < 0) portspan::detail::raise(portaudio_failure(error, call, detail));
}

}  // namespace detail
}  // namespace portspan::host
