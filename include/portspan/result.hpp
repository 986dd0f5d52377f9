// SPDX-License-Identifier: MIT
// What an inner function answers that a call with std::nothrow asks, too.
#pragma once

#include <utility>
#include <variant>

#include "error.hpp"
#include "exceptions.hpp"

namespace portspan::detail {

/// A value, or the Error in its place.
template <class T>
class Result {
public:
    Result(T value) : outcome_(std::in_place_index<0>, std::move(value)) {}
    Result(const Error& error) : outcome_(std::in_place_index<1>, error) {}

    [[nodiscard]] explicit operator bool() const noexcept { return outcome_.index() == 0; }
    [[nodiscard]] T& operator*() noexcept { return *std::get_if<0>(&outcome_); }
    [[nodiscard]] T* operator->() noexcept { return std::get_if<0>(&outcome_); }
    [[nodiscard]] const Error& error() const noexcept { return *std::get_if<1>(&outcome_); }

    /// The value; throws the Error.
    [[nodiscard]] T value() && {
        if (!*this) raise(error());
        return std::move(**this);
    }

private:
    std::variant<T, Error> outcome_;
};

}  // namespace portspan::detail
