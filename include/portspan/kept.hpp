// SPDX-License-Identifier: MIT
// A shared pointer for the members of configurations.
#pragma once

#include <memory>
#include <utility>

namespace portspan::detail {

/// g++ 12 takes the members of a configuration that is written in the call, { .input = ... }, for
/// uninitialised ones where it sees into their destructors (-Wmaybe-uninitialized), in the
/// program's own lines. So it does not see into this one.
template <class T>
class Kept {
public:
    Kept() = default;
    template <class U>
    Kept(std::shared_ptr<U> object) noexcept : object_(std::move(object)) {}
    Kept(const Kept&) = default;
    Kept(Kept&&) noexcept = default;
    Kept& operator=(const Kept&) = default;
    Kept& operator=(Kept&&) noexcept = default;
#if defined(__GNUC__) && !defined(__clang__)
    [[gnu::noinline]]
#endif
    ~Kept() {
    }

    [[nodiscard]] T* get() const noexcept { return object_.get(); }
    [[nodiscard]] explicit operator bool() const noexcept { return object_ != nullptr; }

private:
    std::shared_ptr<T> object_;
};

}  // namespace portspan::detail
