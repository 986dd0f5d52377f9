// SPDX-License-Identifier: MIT
// With a device on one side or on both.
#pragma once

#include "options.hpp"
#include "run.hpp"

namespace run_callback {

/// Throws Failure or portspan::Error; what was recorded until then is in the output file.
void run_live(const Options& options, const Callback& callback);

/// The same with --watch.
void run_watched(Options options);

}  // namespace run_callback
