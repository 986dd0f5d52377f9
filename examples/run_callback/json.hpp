// SPDX-License-Identifier: MIT
// JSON (RFC 8259), as much as is needed to write it.
#pragma once

#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "text.hpp"

namespace run_callback {

/// `text` is UTF-8.
[[nodiscard]] inline std::string json(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        if (static_cast<unsigned char>(c) < 0x20) {
            quoted += formatted("\\u%04x", static_cast<unsigned>(c));
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}
[[nodiscard]] inline std::string json(int number) { return std::to_string(number); }
/// null for what JSON has no number for.
[[nodiscard]] inline std::string json(double number) {
    if (!std::isfinite(number)) return "null";
    // 17 digits are exact, and most numbers need fewer.
    const std::string shorter = formatted("%.15g", number);
    return std::strtod(shorter.c_str(), nullptr) == number ? shorter : formatted("%.17g", number);
}
template <class T>
[[nodiscard]] std::string json(const std::optional<T>& value) {
    return value ? json(*value) : "null";
}

/// Members in the order in which they are added.
class JsonObject {
public:
    template <class T>
    JsonObject& add(const char* name, const T& value) {
        text_ += (text_.empty() ? "" : ", ") + json(std::string_view{name}) + ": ";
        if constexpr (requires { value.text(); }) {
            text_ += value.text();
        } else {
            text_ += json(value);
        }
        return *this;
    }
    [[nodiscard]] std::string text() const { return '{' + text_ + '}'; }

private:
    std::string text_;
};

/// A line for each element.
class JsonArray {
public:
    void add(const JsonObject& value) {
        text_ += (text_.empty() ? "\n  " : ",\n  ") + value.text();
    }
    [[nodiscard]] std::string text() const { return '[' + text_ + ']'; }

private:
    std::string text_;
};

}  // namespace run_callback
