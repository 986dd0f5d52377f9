// SPDX-License-Identifier: MIT
// The callbacks of a library, and what is known of each.
#pragma once

#include <string>

namespace run_callback {

/// Prints them on stdout; throws Failure.
void describe_library(const std::string& library);

}  // namespace run_callback
