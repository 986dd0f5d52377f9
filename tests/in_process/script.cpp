// SPDX-License-Identifier: MIT
// What a Python test needs of the mock that is in its library.
#include <portspan/description.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <portspan/mock.hpp>
#include <span>

namespace {
std::optional<portspan::mock::Scope> scope;
}

PORTSPAN_EXTERN void script_begin() { scope.emplace(); }
PORTSPAN_EXTERN void script_end() { scope.reset(); }
PORTSPAN_EXTERN void script_feed(const float* samples, std::size_t count) {
    scope->feed(std::span{samples, count});
}
PORTSPAN_EXTERN void script_pump(std::size_t frames) { scope->pump(frames); }
PORTSPAN_EXTERN void script_run() { scope->run(); }
PORTSPAN_EXTERN std::size_t script_captured(float* samples, std::size_t most) {
    const auto captured = scope->captured();
    std::copy_n(captured.begin(), std::min(most, captured.size()), samples);
    return captured.size();
}
PORTSPAN_EXTERN void script_call_while_closing() { scope->call_while_closing(); }
PORTSPAN_EXTERN void script_fail(const char* function, int code) { scope->fail(function, code); }
PORTSPAN_EXTERN std::size_t script_open_streams() { return scope->open_streams(); }
PORTSPAN_EXTERN int script_initialized() { return scope->initialized(); }
