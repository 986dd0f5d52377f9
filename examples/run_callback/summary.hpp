// SPDX-License-Identifier: MIT
// What is printed when a run is over.
#pragma once

#include <string>

#include "options.hpp"
#include "run.hpp"

namespace run_callback {

/// "float32 interleaved, 1 in, 2 out, 48000 Hz"
[[nodiscard]] std::string format_text(const Options& options, const Run& run);

/// A few lines unless --quiet, and the table of --stats, on stdout.
void print_summary(const Options& options, const Run& run);

}  // namespace run_callback
