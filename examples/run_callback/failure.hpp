// SPDX-License-Identifier: MIT
// The two ways in which the program gives up.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace run_callback {

/// Ends the program: one line on stderr, exit status 1.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// With lines below it, which belong to it: what a compiler has said.
struct LongFailure : Failure {
    LongFailure(const std::string& what, std::vector<std::string> more)
        : Failure(what), lines(std::move(more)) {}
    std::vector<std::string> lines;
};

/// A command line that cannot be meant: one line on stderr, exit status 2.
struct Usage : Failure {
    using Failure::Failure;
};

}  // namespace run_callback
