// SPDX-License-Identifier: MIT
// What ended a callback: an exception of its own, or an Error that portspan makes of what it saw.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "error.hpp"
#include "exceptions.hpp"

namespace portspan::detail {

/// Nothing, an exception that was caught, or an Error that nobody has thrown yet: where a program
/// has no exceptions, only that.
class Failure {
public:
    Failure() = default;
    Failure(std::exception_ptr thrown) noexcept : thrown_(std::move(thrown)) {}
    Failure(const Error& error) : error_(std::make_shared<const Error>(error)) {}

    /// Whether there is one.
    [[nodiscard]] explicit operator bool() const noexcept { return thrown_ || error_; }

    /// Throws it; one there must be.
    [[noreturn]] void raise() const {
        if (error_) detail::raise(*error_);
        std::rethrow_exception(thrown_);
    }

    /// As an exception; null where there is none, and without exceptions.
    [[nodiscard]] std::exception_ptr exception() const {
#ifdef __cpp_exceptions
        if (error_) return std::make_exception_ptr(*error_);
#endif
        return thrown_;
    }

    /// The Error that it is, thrown or not; empty where it is another exception or none.
    [[nodiscard]] std::optional<Error> error() const {
        std::optional<Error> found;
        if (error_) found = *error_;
        if (thrown_) catch_as<Error>([&](const Error& error) { found = error; });
        return found;
    }
    /// What a std::exception says that was thrown; empty for others.
    [[nodiscard]] std::string words() const {
        std::string text;
        if (thrown_) catch_as<std::exception>([&](const std::exception& e) { text = e.what(); });
        return text;
    }

private:
    template <class E, class Tell>
    void catch_as(Tell tell) const {
        attempt([&] { attempt<E>([this] { raise(); }, tell); }, [] {});
    }

    std::exception_ptr thrown_;
    std::shared_ptr<const Error> error_;  // shared: what was moved from is none
};

}  // namespace portspan::detail
