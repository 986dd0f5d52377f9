// SPDX-License-Identifier: MIT
// File to file, or without any end, and without a device.
#pragma once

#include "options.hpp"
#include "run.hpp"

namespace run_callback {

/// Throws Failure or portspan::Error; then there is no output file, unless it was a Ctrl-C.
void run_offline(const Options& options, const Callback& callback);

}  // namespace run_callback
