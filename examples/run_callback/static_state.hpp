// SPDX-License-Identifier: MIT
// The variables of a loaded library: the state of a callback that keeps one of its own.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace run_callback {

/// As they are when it is made, to be put back. Nothing where the platform does not tell
/// where they are. Not what they point at, nor what each thread has for itself.
class StaticState {
public:
    /// Of the library that has `function`.
    explicit StaticState(const void* function);
    void restore() const noexcept;

private:
    struct Range {
        std::span<std::byte> memory;
        std::vector<std::byte> bytes;
    };
    std::vector<Range> saved_;
};

}  // namespace run_callback
