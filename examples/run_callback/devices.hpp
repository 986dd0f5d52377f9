// SPDX-License-Identifier: MIT
// PortAudio's devices: the list, and the one that is meant.
#pragma once

#include <portspan/device.hpp>
#include <portspan/error.hpp>
#include <string>

#include "options.hpp"

namespace run_callback {

/// The table of --list-devices, or one JSON object, on stdout. `verbose`: what host APIs print
/// while they start is not kept from stderr.
void list_devices(bool as_json, bool verbose);

/// Throws Failure, which says what there is. Call with a portspan::Session alive.
[[nodiscard]] portspan::Device device_for(const Side& side, portspan::Direction direction);

/// What an Error says, without the name of the function that failed.
[[nodiscard]] std::string reason_of(const portspan::Error& error);

}  // namespace run_callback
