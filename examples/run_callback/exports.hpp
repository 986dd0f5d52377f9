// SPDX-License-Identifier: MIT
// What a library exports, read from its file: nothing of it is loaded, nothing of it runs.
#pragma once

#include <portspan/description.h>
#include <map>
#include <set>
#include <string>

namespace run_callback {

struct Exports {
    std::set<std::string> functions;
    /// By the callback's name, which need not be among the functions.
    std::map<std::string, portspan_description> descriptions;
    /// Those of the functions by which C calls Python in a module that cffi has made.
    std::set<std::string> in_python;
    /// Functions and data that it wants of others.
    std::set<std::string> imports;
};

/// Throws Failure for what is no shared library of this kind of machine.
[[nodiscard]] Exports exports_of(const std::string& library);

}  // namespace run_callback
