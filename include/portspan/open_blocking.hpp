// SPDX-License-Identifier: MIT
// From a StreamConfig to an open stream without a callback.
#pragma once

#include <portaudio.h>

#include <memory>
#include <type_traits>
#include <utility>

#include "config.hpp"
#include "control.hpp"
#include "error.hpp"
#include "handle.hpp"
#include "open.hpp"
#include "prepare.hpp"
#include "request.hpp"
#include "session.hpp"

namespace portspan::detail {

/// PortAudio's blocking streams on JACK move frames of two floats, whatever was asked for.
template <class T, class L>
void refuse_on_jack(const OpenEndpoint& endpoint) {
    if (!endpoint.present) return;
    if (endpoint.device.host_api_type != paJACK) return;
    if constexpr (std::is_same_v<T, float> && std::is_same_v<L, Interleaved>) {
        if (endpoint.channels() == 2) return;
    }
    throw Error(Fault::invalid_argument, "BlockingStream",
                "on JACK PortAudio reads and writes 2 interleaved float channels and nothing else");
}

/// What stands in the place of a callback where somebody wants to be told of the end.
struct Listener {
    explicit Listener(const Finished& finished) : control(finished) {}

    Control control;

    static void finish(void* listener) noexcept {
        static_cast<Listener*>(listener)->control.finish();
    }
};

inline Prepared no_callback(const Finished& finished) {
    if (!finished) return {RawCallback{}, nullptr};
    const auto listener = std::make_shared<Listener>(finished);
    Prepared none{RawCallback{nullptr, listener.get(), listener}, &listener->control};
    none.finished = &Listener::finish;
    return none;
}

template <class In, class Out, class L>
StreamHandle open_blocking(const StreamConfig& config) {
    if (any(config.flags & StreamFlags::never_drop_input)) {
        throw Error(portaudio_error(paInvalidFlag), "BlockingStream",
                    "never_drop_input needs a callback");
    }
    Session session{ForStream{}};
    const OpenRequest request = open_request<In, Out, L>(config);
    refuse_on_jack<In, L>(request.input);
    refuse_on_jack<Out, L>(request.output);
    return open_requested(std::move(session), request, no_callback(config.finished));
}

}  // namespace portspan::detail
