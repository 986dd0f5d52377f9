// SPDX-License-Identifier: MIT
// The callbacks of a library, and what is known of each.
#include "describe.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <portspan/describe.hpp>
#include <portspan/fit.hpp>
#include <string_view>

#include "exports.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

/// What every library has beside its own: the compiler's functions, those by which Python loads it,
/// and the reasons of callbacks.
bool is_no_callback(const std::string& name, const Exports& exports) {
    const auto is_reason = [&](std::string_view ending) {
        return name.ends_with(ending) &&
               exports.functions.contains(name.substr(0, name.size() - ending.size()));
    };
    return name.starts_with('_') || name.starts_with("PyInit_") || is_reason("_error") ||
           is_reason("_portspan_error");
}

std::string text_of(const std::string& name, const portspan_description& says,
                    const Exports& exports) {
    try {
        portspan::check_description(says, name);
    } catch (const portspan::Error& error) {
        return std::string{error.what()}.substr(name.size() + 2);
    }
    const bool is_there = exports.functions.contains(name);
    return portspan::describe(says) + (is_there ? "" : "; but no such function is exported");
}

/// Empty for a library that needs no Python.
std::string python_text(const Exports& exports) {
    const auto imports = [&](const char* prefix) {
        const auto found = exports.imports.lower_bound(prefix);
        return found != exports.imports.end() && found->starts_with(prefix);
    };
    if (imports("Py_Initialize")) {
        return "The library starts a Python interpreter of its own, before any audio.";
    }
    if (imports("Py") || imports("_Py")) {
        return "The library needs the interpreter of a Python program that loads it.";
    }
    return {};
}

}  // namespace

void describe_library(const std::string& library) {
    const Exports exports = exports_of(library);
    std::map<std::string, std::string> rows;
    for (const std::string& name : exports.functions) {
        if (!is_no_callback(name, exports)) rows[name] = "exported, does not say";
    }
    for (const auto& [name, says] : exports.descriptions) {
        rows[name] = text_of(name, says, exports);
    }
    for (const std::string& name : exports.in_python) {
        const auto says = exports.descriptions.find(name);
        const bool is_said = says != exports.descriptions.end() &&
                             (says->second.properties & PORTSPAN_NEEDS_INTERPRETER) != 0;
        if (!is_said) rows[name] += "; runs in Python";
    }
    if (rows.empty()) std::puts("No function is exported.");
    std::size_t widest = 0;
    for (const auto& [name, text] : rows) widest = std::max(widest, width(printable(name)));
    for (const auto& [name, text] : rows) {
        std::printf("%s  %s\n", padded(printable(name), widest).c_str(), text.c_str());
    }
    const std::string python = python_text(exports);
    if (!python.empty()) std::puts(python.c_str());
}

}  // namespace run_callback
