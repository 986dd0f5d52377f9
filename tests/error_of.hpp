// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <portspan/error.hpp>

/// The Error that `f()` throws; empty where it throws none.
template <class F>
std::optional<portspan::Error> error_of(F&& f) {
    try {
        f();
    } catch (const portspan::Error& error) {
        return error;
    }
    return std::nullopt;
}
