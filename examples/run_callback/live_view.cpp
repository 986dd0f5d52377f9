// SPDX-License-Identifier: MIT
// What a live run shows while it sounds.
#include "live_view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "platform.hpp"
#include "summary.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

constexpr std::chrono::milliseconds screen_interval{80};
constexpr std::chrono::seconds line_interval{1};
constexpr std::size_t meter_cells = 40;

double decibels_of(float peak) {
    return peak > 0 ? std::max(20 * std::log10(double{peak}), -99.0) : -99;
}

/// A bar in eighths of a cell, `share` of them full.
std::string bar(double share, std::size_t cells) {
    constexpr std::array<const char*, 9> parts{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
    const auto eighths =
        static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * 8.0 * double(cells)));
    std::string text;
    for (std::size_t i = 0; i < eighths / 8; ++i) text += parts[8];
    return padded(text + parts[eighths % 8], cells);
}

/// -60 dB to full scale.
std::string meter(const char* name, float peak) {
    const double decibels = decibels_of(peak);
    return padded(name, 6) + bar((decibels + 60) / 60, meter_cells) +
           formatted("%5.0f dB", decibels);
}

/// How often calls took how long, from the shortest to the longest one, in steps of a ratio; the
/// heights are of logarithms, so that a single long call is seen.
std::string histogram(const TimeHistogram& times, std::size_t cells) {
    constexpr std::array<const char*, 9> heights{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    constexpr double shortest = 1e-9;
    const double low = std::log(std::max(times.least(), shortest));
    const double high = std::log(std::max(times.most(), shortest));
    std::vector<double> counts(cells);
    for (std::size_t bin = 0; bin < TimeHistogram::bins; ++bin) {
        const auto count = times.count_in(bin);
        if (count == 0) continue;
        const double at = std::log(std::max(TimeHistogram::middle(bin), shortest));
        const double share = high > low ? std::clamp((at - low) / (high - low), 0.0, 1.0) : 0;
        counts[static_cast<std::size_t>(share * double(cells - 1))] += double(count);
    }
    const double most = *std::ranges::max_element(counts);
    std::string text;
    for (const double count : counts) {
        const double height = most > 0 ? std::log1p(count) / std::log1p(most) : 0;
        text += heights[static_cast<std::size_t>(std::ceil(8 * height))];
    }
    return text;
}

}  // namespace

LiveView::LiveView(const Options& options, Run& run, std::optional<std::uint64_t> frames,
                   const Parameters* parameters, const Controls* controls)
    : options_(options),
      run_(run),
      frames_(frames),
      parameters_(parameters),
      controls_(controls),
      next_(Clock::now()) {
    const bool has_news = parameters || options.view;
    if (has_news && !options.quiet && can_draw()) {
        screen_.emplace();
        return;
    }
    says_lines_ = has_news && !options.quiet && terminal_columns() == 0;
    if (says_lines_) next_ += line_interval;
    if (!says_lines_) progress_.emplace(frames, run.sample_rate, options.quiet);
}

void LiveView::say(const News& news) {
    if (options_.quiet && !news.is_bad) return;
    if (progress_) progress_->clear();
    std::fprintf(stderr, "run_callback: %s\n", printable(news.text).c_str());
    for (const std::string& line : news.lines) std::fprintf(stderr, "%s\n", line.c_str());
    std::fflush(stderr);
}

void LiveView::show(const std::vector<News>& news) {
    for (const News& each : news) {
        if (!screen_) say(each);
        last_ = each;
    }
    if (progress_) return progress_->show(*run_.statistics);
    const auto now = Clock::now();
    if (now < next_ && news.empty()) return;
    if (screen_) {
        next_ = now + screen_interval;
        draw();
    } else if (says_lines_ && now >= next_) {
        next_ += line_interval;
        std::fprintf(stderr, "%s\n", line().c_str());
        std::fflush(stderr);
    }
}

void LiveView::clear() {
    screen_.reset();
    if (progress_) progress_->clear();
}

std::string LiveView::time() const {
    std::string text = clock_text(run_.audio_seconds());
    if (frames_) text += " of " + clock_text(static_cast<double>(*frames_) / run_.sample_rate);
    return text;
}

/// The share of the time since the last call that the callback took.
double LiveView::take_load() {
    const std::uint64_t busy = run_.statistics->busy_nanoseconds.get();
    const std::uint64_t frames = run_.statistics->frames.get();
    if (frames > frames_before_) {
        load_ =
            1e-9 * double(busy - busy_before_) * run_.sample_rate / double(frames - frames_before_);
    }
    busy_before_ = busy;
    frames_before_ = frames;
    return load_;
}

std::string LiveView::line() {
    Statistics& statistics = *run_.statistics;
    const double deadline = static_cast<double>(statistics.largest_block.get()) / run_.sample_rate;
    std::string text =
        time() + formatted("  in %.0f dB", decibels_of(statistics.input.take_peak())) +
        formatted("  out %.0f dB", decibels_of(statistics.output.take_peak())) + "  load " +
        percent_text(take_load()) + "  worst " + time_text(statistics.times.most()) + " of " +
        time_text(deadline) + "  " + count_text(statistics.xruns.get(), "xrun");
    if (!parameters_) return text;
    for (const Parameters::Shown& shown : parameters_->shown()) {
        if (shown.is_set) text += "  " + shown.name + "=" + shown.value;
    }
    return text;
}

void LiveView::draw() {
    Statistics& statistics = *run_.statistics;
    const std::size_t rows = Screen::size().rows;
    const double deadline = static_cast<double>(statistics.largest_block.get()) / run_.sample_rate;
    const double load = take_load();
    std::vector<ScreenLine> lines;
    const auto add = [&](std::string text, bool is_marked = false) {
        lines.push_back({printable(text), is_marked});
    };
    add(run_.callback + "   " + time());
    const auto short_name = [](const Side& side, const std::string& name) {
        return side.is_file() ? std::filesystem::path{name}.filename().string() : name;
    };
    add(short_name(options_.input, run_.input) + " -> " + short_name(options_.output, run_.output) +
        ", " + format_text(options_, run_));
    add("");
    if (run_.input_channels > 0) add(meter("in", statistics.input.take_peak()));
    if (run_.output_channels > 0) add(meter("out", statistics.output.take_peak()));
    add(padded("load", 6) + bar(load, meter_cells) + formatted("%6.1f %%   ", 100 * load) +
        count_text(statistics.xruns.get(), "xrun") + ", " +
        count_text(statistics.missed_deadlines.get(), "missed deadline"));
    add("");
    if (statistics.times.count() > 0) {
        add(padded("calls", 6) + histogram(statistics.times, meter_cells));
        add(padded("", 6) + time_text(statistics.times.least()) + " to " +
            time_text(statistics.times.most()) + ", median " +
            time_text(statistics.times.quantile(0.5)) + ", of " + time_text(deadline));
    }

    std::vector<ScreenLine> foot{{"", false}};
    if (!last_.text.empty()) foot.push_back({printable(last_.text), last_.is_bad});
    for (const std::string& text : last_.lines) foot.push_back({printable(text), false});
    const bool has_keys = controls_ && controls_->has_keys();
    if (has_keys) foot.push_back({"j k select   + - turn   r reset   q quit", false});

    const auto shown = parameters_ ? parameters_->shown() : std::vector<Parameters::Shown>{};
    if (!shown.empty()) {
        lines.push_back({"", false});
        const std::size_t selected = controls_ ? controls_->selected() : 0;
        // As many as there is room for, the selected one among them.
        const std::size_t used = lines.size() + std::min(foot.size(), std::size_t{4});
        const std::size_t room = std::max<std::size_t>(rows > used ? rows - used : 1, 1);
        const std::size_t first = selected >= room ? selected - room + 1 : 0;
        std::size_t longest = 0;
        for (const auto& each : shown) longest = std::max(longest, width(each.name));
        for (std::size_t i = first; i < std::min(shown.size(), first + room); ++i) {
            const std::string number = i < 9 ? std::to_string(i + 1) : " ";
            add((i == selected && has_keys ? "> " : "  ") + number + " " +
                    padded(shown[i].name, longest) + "  " + shown[i].value,
                i == selected && has_keys);
        }
    }
    lines.insert(lines.end(), foot.begin(), foot.end());
    Screen::draw(lines);
}

}  // namespace run_callback
