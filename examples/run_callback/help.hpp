// SPDX-License-Identifier: MIT
// The text of --help.
#pragma once

namespace run_callback {

/// What the program does, each option, and how a run ends; with a line's end.
[[nodiscard]] const char* help();

}  // namespace run_callback
