// SPDX-License-Identifier: MIT
// The two ways in which the program gives up.
#pragma once

#include <stdexcept>

namespace run_callback {

/// Ends the program: one line on stderr, exit status 1.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A command line that cannot be meant: one line on stderr, exit status 2.
struct Usage : Failure {
    using Failure::Failure;
};

}  // namespace run_callback
