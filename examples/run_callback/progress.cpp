// SPDX-License-Identifier: MIT
// One line on a terminal that says how it goes.
#include "progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "crash.hpp"
#include "platform.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

constexpr std::chrono::milliseconds interval{80};

/// Eight steps of 6 dB up to full scale, then the number.
std::string meter(float peak) {
    constexpr const char* steps[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const double decibels = peak > 0 ? std::max(20 * std::log10(double{peak}), -99.0) : -99;
    const auto step = static_cast<std::size_t>(std::clamp((decibels + 54) / 6, 0.0, 8.0));
    return formatted("%s%4.0f dB", steps[step], decibels);
}

std::string bar(double share, std::size_t cells) {
    const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * double(cells));
    std::string text = "[";
    for (std::size_t i = 0; i < cells; ++i) text += i < full ? '#' : '.';
    return text + "] ";
}

}  // namespace

Progress::Progress(std::optional<std::uint64_t> frames, double sample_rate, bool quiet)
    : frames_(frames),
      sample_rate_(sample_rate),
      columns_(quiet ? 0 : terminal_columns()),
      next_(std::chrono::steady_clock::now() + interval) {}

void Progress::show(Statistics& statistics) {
    if (columns_ == 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + interval;
    columns_ = std::max<std::size_t>(terminal_columns(), 1);

    const auto frames = static_cast<double>(statistics.frames.get());
    std::string time = clock_text(frames / sample_rate_);
    if (frames_) time += " of " + clock_text(static_cast<double>(*frames_) / sample_rate_);
    const double deadline = static_cast<double>(statistics.largest_block.get()) / sample_rate_;
    // The most important first: a narrow terminal shows as many as fit.
    const std::vector<std::string> parts{
        time,
        "in " + meter(statistics.input.take_peak()),
        "out " + meter(statistics.output.take_peak()),
        "median " + time_text(statistics.times.quantile(0.5)),
        "worst " + time_text(statistics.times.most()) + " of " + time_text(deadline),
        count_text(statistics.xruns.get(), "xrun"),
        count_text(statistics.times.count(), "call")};
    const std::size_t room = columns_ - 1;  // the last column would wrap on some terminals
    std::string line;
    for (const std::string& part : parts) {
        const std::string next = line.empty() ? part : line + "  " + part;
        if (width(next) > room) break;
        line = next;
    }
    constexpr std::size_t least_cells = 8, most_cells = 24, frame = 3;
    if (frames_ && width(line) + least_cells + frame <= room) {
        const std::size_t cells = std::min(most_cells, room - width(line) - frame);
        line =
            bar(frames / static_cast<double>(std::max<std::uint64_t>(*frames_, 1)), cells) + line;
    }
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
    visible_ = true;
    note_open_line(true);
}

void Progress::clear() {
    if (!visible_) return;
    std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
    visible_ = false;
    note_open_line(false);
}

}  // namespace run_callback
