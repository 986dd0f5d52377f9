// SPDX-License-Identifier: MIT
// JACK: the name that other clients see. Needs pa_jack.h.
#pragma once

#include <pa_jack.h>

#include <string>
#include <utility>

#include "../error.hpp"
#include "opened.hpp"

namespace portspan::host {

/// The program's name among the clients of the JACK server, "PortAudio" without. Before the first
/// Session: Fault::invalid_argument where PortAudio has started, since then it would have no
/// effect. The name, at most as long as JACK lets it be, is kept for ever. Throws Error.
inline void set_jack_client_name(std::string name) {
    constexpr auto call = "PaJack_SetClientName";
    if (name.empty()) {
        portspan::detail::raise(Error(Fault::invalid_argument, call, "a client needs a name"));
    }
    const auto lock = detail::control_lock();
    if (Pa_GetHostApiCount() != paNotInitialized) {
        portspan::detail::raise(
            Error(Fault::invalid_argument, call, '"' + name + "\": PortAudio has started"));
    }
    const std::string detail = '"' + name + "\", " + std::to_string(name.size()) + " bytes";
    // PortAudio keeps the pointer, and reads it at each first Pa_Initialize.
    const PaError error = PaJack_SetClientName(detail::kept_for_ever(std::move(name)));
    detail::check(error, call,
                  error == paInvalidFlag ? detail + ", more than JACK lets a name have" : detail);
}

/// The name that the server has given: where two clients ask for one, it adds a number. With a
/// Session alive; throws Error, where there is no JACK server too.
[[nodiscard]] inline std::string jack_client_name() {
    const auto lock = detail::control_lock();
    const char* name = nullptr;
    check(PaJack_GetClientName(&name), "PaJack_GetClientName");
    // To be freed, says pa_jack.h; but it is JACK's own, in the client.
    return name ? name : "";
}

}  // namespace portspan::host
