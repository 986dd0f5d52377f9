// SPDX-License-Identifier: MIT
// One line on a terminal that says how it goes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "statistics.hpp"

namespace run_callback {

/// Redrawn in place on stderr, some times a second; nothing where stderr is no terminal.
class Progress {
public:
    /// `frames`: how many there will be; empty where nobody knows.
    Progress(std::optional<std::uint64_t> frames, double sample_rate, bool quiet);
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Cheap where the last one was just before.
    void show(Statistics& statistics);
    /// Wipes the line.
    void clear();

private:
    std::optional<std::uint64_t> frames_;
    double sample_rate_;
    std::size_t columns_;
    bool visible_ = false;
    std::chrono::steady_clock::time_point next_;
};

}  // namespace run_callback
