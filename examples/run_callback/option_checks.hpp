// SPDX-License-Identifier: MIT
// What of a command line cannot be meant, whatever the files and devices are.
#pragma once

#include <string>

#include "options.hpp"

namespace run_callback {

/// Throws Usage: the option, what it was given, and what it takes.
[[noreturn]] void refuse(const std::string& option, const std::string& value, const char* wanted);

/// Throws Usage where options do not fit together, or a file would be written over; no input is no
/// input channel. `channels`: as --channels has it.
void check_options(Options& options, const std::string& channels);

}  // namespace run_callback
