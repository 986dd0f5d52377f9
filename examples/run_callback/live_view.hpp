// SPDX-License-Identifier: MIT
// What a live run shows while it sounds.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controls.hpp"
#include "options.hpp"
#include "progress.hpp"
#include "run.hpp"
#include "terminal.hpp"
#include "watcher.hpp"

namespace run_callback {

/// On a terminal a screen with meters, times, numbers and news, or a line where it cannot be drawn
/// on; elsewhere a line each second, and news as they come.
class LiveView {
public:
    /// `frames`: how many there will be; empty where nobody knows. `parameters`, `controls`: null
    /// without.
    LiveView(const Options& options, Run& run, std::optional<std::uint64_t> frames,
             const Parameters* parameters, const Controls* controls);

    /// Cheap where the last one was just before.
    void show(const std::vector<News>& news);
    /// Leaves the terminal as it was.
    void clear();

private:
    using Clock = std::chrono::steady_clock;

    void say(const News& news);
    void draw();
    [[nodiscard]] std::vector<ScreenLine> meters(std::size_t columns);
    [[nodiscard]] std::vector<ScreenLine> times(std::size_t columns) const;
    [[nodiscard]] std::vector<ScreenLine> numbers(const std::vector<Parameters::Shown>& shown,
                                                  std::size_t rows) const;
    [[nodiscard]] std::vector<ScreenLine> news(std::size_t columns) const;
    [[nodiscard]] bool has_keys() const { return controls_ && controls_->has_keys(); }
    [[nodiscard]] std::string time() const;
    [[nodiscard]] double take_load();
    [[nodiscard]] std::string line();

    const Options& options_;
    Run& run_;
    std::optional<std::uint64_t> frames_;
    const Parameters* parameters_;
    const Controls* controls_;
    std::optional<Screen> screen_;
    std::optional<Progress> progress_;
    bool says_lines_ = false;
    Clock::time_point next_;
    std::uint64_t busy_before_ = 0;
    std::uint64_t frames_before_ = 0;
    double load_ = 0;
    News last_;
};

}  // namespace run_callback
