// SPDX-License-Identifier: MIT
// One picture of a run: the audio before and after, and how long the callback took.
#pragma once

#include "new_file.hpp"
#include "options.hpp"
#include "run.hpp"

namespace run_callback {

/// Writes a self-contained SVG, which is yet to be published; throws Failure.
void write_report(NewFile& target, const Options& options, const Run& run);

}  // namespace run_callback
