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
constexpr std::size_t name_cells = 6;

/// As long as what stands around a bar leaves room for.
std::size_t meter_cells(std::size_t columns) {
    constexpr std::size_t around = 46, least = 8, most = 40;
    return std::clamp(columns > around ? columns - around : 0, least, most);
}

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
std::string meter(const char* name, float peak, std::size_t cells) {
    const double decibels = decibels_of(peak);
    return padded(name, name_cells) + bar((decibels + 60) / 60, cells) +
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

std::vector<ScreenLine> LiveView::meters(std::size_t columns) {
    Statistics& statistics = *run_.statistics;
    const std::size_t cells = meter_cells(columns);
    std::vector<ScreenLine> lines;
    if (run_.input_channels > 0)
        lines.push_back({meter("in", statistics.input.take_peak(), cells)});
    if (run_.output_channels > 0) {
        lines.push_back({meter("out", statistics.output.take_peak(), cells)});
    }
    const double load = take_load();
    std::string text =
        padded("load", name_cells) + bar(load, cells) + formatted("%6.1f %%", 100 * load);
    const std::string losses = count_text(statistics.xruns.get(), "xrun") + ", " +
                               count_text(statistics.missed_deadlines.get(), "missed deadline");
    const bool is_wide = width(text) + 3 + width(losses) <= columns;
    lines.push_back({is_wide ? text + "   " + losses : text});
    if (!is_wide) lines.push_back({losses});
    return lines;
}

std::vector<ScreenLine> LiveView::times(std::size_t columns) const {
    const Statistics& statistics = *run_.statistics;
    if (statistics.times.count() == 0) return {};
    const double deadline = static_cast<double>(statistics.largest_block.get()) / run_.sample_rate;
    return {{padded("calls", name_cells) + histogram(statistics.times, meter_cells(columns))},
            {padded("", name_cells) + time_text(statistics.times.least()) + " to " +
             time_text(statistics.times.most()) + ", median " +
             time_text(statistics.times.quantile(0.5)) + ", of " + time_text(deadline)}};
}

/// As many as there are rows, the selected one among them.
std::vector<ScreenLine> LiveView::numbers(const std::vector<Parameters::Shown>& shown,
                                          std::size_t rows) const {
    const std::size_t selected = controls_ ? controls_->selected() : 0;
    const std::size_t first = selected >= rows ? selected - rows + 1 : 0;
    std::size_t longest = 0;
    for (const auto& each : shown) longest = std::max(longest, width(each.name));
    std::vector<ScreenLine> lines;
    for (std::size_t i = first; i < std::min(shown.size(), first + rows); ++i) {
        const bool is_selected = i == selected && has_keys();
        lines.push_back({std::string{is_selected ? "> " : "  "} +
                             (i < 9 ? std::to_string(i + 1) : " ") + " " +
                             padded(shown[i].name, longest) + "  " + shown[i].value,
                         is_selected});
    }
    return lines;
}

/// The last of them, all of it.
std::vector<ScreenLine> LiveView::news(std::size_t columns) const {
    std::vector<ScreenLine> lines;
    if (last_.text.empty()) return lines;
    for (const std::string& line : wrapped(printable(last_.text), columns)) {
        lines.push_back({line, last_.is_bad});
    }
    for (const std::string& text : last_.lines) lines.push_back({text});
    return lines;
}

void LiveView::draw() {
    const auto [columns, rows] = Screen::size();
    const auto side = [](const Side& from, const std::string& name) {
        return from.is_file() ? std::filesystem::path{name}.filename().string() : name;
    };
    const auto shown = parameters_ ? parameters_->shown() : std::vector<Parameters::Shown>{};
    const std::size_t least_numbers = std::min<std::size_t>(shown.size(), 1);

    // What is worth least goes first where there are few rows.
    struct Part {
        std::vector<ScreenLine> lines;
        int worth;
    };
    const Part gap{{{""}}, 0};
    std::vector<Part> parts{
        {{{run_.callback + "   " + time()}}, 4},
        {{{side(options_.input, run_.input) + " -> " + side(options_.output, run_.output) + ", " +
           format_text(options_, run_)}},
         2},
        gap,
        {meters(columns), 3},
        gap,
        {times(columns), 1},
        gap,
        {numbers(shown, least_numbers), 6},
        gap,
        {news(columns), 7},
        {{}, 5}};
    if (has_keys()) parts.back().lines.push_back({"j k select   + - turn   r reset   q quit"});
    Part& shown_numbers = parts[7];

    const auto used = [&] {
        std::size_t count = 0;
        for (const Part& part : parts) count += part.lines.size();
        return count;
    };
    // One row for each number, as far as that costs nothing but gaps and the histogram.
    const auto drop = [&](std::size_t needed, int most_worth) {
        while (used() + needed > rows) {
            Part* least = nullptr;
            for (Part& part : parts) {
                const bool is_less = !least || part.worth < least->worth;
                if (!part.lines.empty() && part.worth <= most_worth && is_less) least = &part;
            }
            if (!least) return;
            least->lines.clear();
        }
    };
    drop(shown.size() - least_numbers, 1);
    drop(0, 6);
    if (!shown_numbers.lines.empty()) {
        const std::size_t room = rows > used() ? rows - used() : 0;
        shown_numbers.lines = numbers(shown, std::min(shown.size(), least_numbers + room));
    }
    std::vector<ScreenLine> lines;
    for (const Part& part : parts) {
        for (const ScreenLine& line : part.lines) {
            lines.push_back({printable(line.text), line.is_marked});
        }
    }
    Screen::draw(lines);
}

}  // namespace run_callback
