// SPDX-License-Identifier: MIT
// Memory between stretches that nobody may touch, for the child process of --check: a read beyond a
// buffer, which leaves no trace, ends the process there.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace run_callback {

/// Where a region lies: against the forbidden memory behind it or before it.
enum class Edge { end, start };

/// Regions of one size, with forbidden memory before, between and behind them. An access there
/// tells "outside behind 0" or "outside before 0", with the number of the region, and the process
/// ends as by any other. In a child process, one at a time.
class Fence {
public:
    /// Throws Failure. Where there is no POSIX nothing is forbidden.
    Fence(std::size_t regions, std::size_t bytes, Edge edge);
    ~Fence();
    Fence(const Fence&) = delete;
    Fence& operator=(const Fence&) = delete;

    /// Aligned to 64 bytes as no host does better: at Edge::end up to 63 bytes lie behind a region
    /// whose size is not a multiple of that.
    [[nodiscard]] void* region(std::size_t index) const noexcept;
    /// "outside behind 0" for an address behind region 0; null for what is none of the fence's.
    /// Safe in a signal handler.
    [[nodiscard]] const char* line_for(const void* address) const noexcept;

private:
    std::size_t regions_;
    std::size_t room_;    ///< bytes of whole pages for a region
    std::size_t offset_;  ///< of a region in its pages
    std::size_t size_;    ///< of all
    std::byte* memory_ = nullptr;
    std::vector<std::string> before_;
    std::vector<std::string> behind_;
};

}  // namespace run_callback
