// SPDX-License-Identifier: MIT
// --check: whether a callback behaves, found out in a process that it may break.
#pragma once

#include "options.hpp"

namespace run_callback {

/// Prints a table on stdout; throws Failure where there is a fault.
void check_callback(const Options& options);

}  // namespace run_callback
