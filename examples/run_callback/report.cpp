// SPDX-License-Identifier: MIT
// One picture of a run: the audio before and after, and how long the callback took.
#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "summary.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

constexpr double page_width = 1000, page_height = 852;
constexpr double left = 76, right = 976;  // of all plots

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : printable(text)) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

std::string text_at(double x, double y, const char* css_class, std::string_view text) {
    return formatted("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, css_class) + escaped(text) +
           "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, const char* css_class) {
    return formatted(R"(<path class="%s" d="M%.1f %.1fL%.1f %.1f"/>)", css_class, x1, y1, x2, y2) +
           "\n";
}

/// 1, 2 or 5 times a power of ten, not below `value`.
double nice_above(double value) {
    const double decade = std::pow(10, std::floor(std::log10(value) + 1e-9));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * decade >= value * (1 - 1e-9)) return factor * decade;
    }
    return 10 * decade;
}

struct Tick {
    double seconds;
    std::string label;
};

struct TimeAxis {
    double seconds;  // at its right end
    std::string unit;
    std::vector<Tick> ticks;
};

TimeAxis time_axis(double seconds) {
    TimeAxis axis{seconds > 0 ? seconds : 1, "time in s", {}};
    if (axis.seconds > 180) {
        axis.unit = axis.seconds > 6000 ? "time in h:mm:ss" : "time in m:ss";
        double step = axis.seconds;
        for (const double candidate :
             {30., 60., 120., 300., 600., 1200., 1800., 3600., 7200., 14400., 43200., 86400.}) {
            if (axis.seconds / candidate <= 10) {
                step = candidate;
                break;
            }
        }
        for (double t = 0; t <= axis.seconds; t += step) {
            std::string label = clock_text(t);
            if (label.ends_with(".0")) label.resize(label.size() - 2);
            axis.ticks.push_back({t, label});
        }
        return axis;
    }
    double scale = 1;
    if (axis.seconds < 0.5e-3) {
        scale = 1e6;
        axis.unit = "time in µs";
    } else if (axis.seconds < 0.5) {
        scale = 1e3;
        axis.unit = "time in ms";
    }
    const double step = nice_above(axis.seconds / 10);
    for (int i = 0; i * step <= axis.seconds * (1 + 1e-9); ++i) {
        axis.ticks.push_back({i * step, formatted("%.6g", i * step * scale)});
    }
    return axis;
}

/// A band between two curves over the columns of a plot, in steps.
class Band {
public:
    void add(double x1, double x2, double top, double bottom) {
        upper_ += formatted("%s%.1f %.1fH%.1f", upper_.empty() ? "M" : "L", x1, top, x2);
        lower_ = formatted("L%.1f %.1fH%.1f", x2, bottom, x1) + lower_;
    }
    [[nodiscard]] std::string path(const char* css_class) const {
        if (upper_.empty()) return {};
        return std::string{"<path class=\""} + css_class + "\" d=\"" + upper_ + lower_ + "Z\"/>\n";
    }

private:
    std::string upper_;
    std::string lower_;
};

struct Waveform {
    const char* id;
    std::string heading;
    std::string nothing;  // what to say where there is no audio
    const Envelope& envelope;
};

std::string levels(const Envelope& envelope) {
    const Extent& total = envelope.total();
    std::string text = total.peak() > 0
                           ? "peak " + level_text(total.peak()) + ", RMS " + level_text(total.rms())
                           : "silence";
    if (total.not_finite > 0) text += ", " + count_text(total.not_finite, "sample") + " not finite";
    return text;
}

/// Peaks light, RMS dark, one column of the plot for each pixel.
std::string waveform(const Waveform& wave, const TimeAxis& axis, double sample_rate, double range,
                     double top) {
    constexpr double height = 170;
    const double middle = top + height / 2;
    const double bottom = top + height;
    const auto y = [&](double amplitude) { return middle - amplitude / range * height / 2; };
    const auto x = [&](double seconds) { return left + seconds / axis.seconds * (right - left); };

    std::string svg = formatted("<g id=\"%s\">\n", wave.id);
    svg += text_at(left, top - 10, "heading", wave.heading);
    svg += formatted(R"(<rect class="plot" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>)", left,
                     top, right - left, height) +
           "\n";
    for (const Tick& tick : axis.ticks) {
        svg += line(x(tick.seconds), top, x(tick.seconds), bottom, "grid");
        svg += text_at(x(tick.seconds), bottom + 16, "tick middle", tick.label);
    }
    for (const double value : {-range, 0.0, range}) {
        svg += line(left, y(value), right, y(value), "grid");
        svg += text_at(left - 8, y(value) + 4, "tick end", formatted("%.3g", value));
    }
    if (range > 1) {
        svg += line(left, y(1), right, y(1), "limit") + line(left, y(-1), right, y(-1), "limit");
    }
    svg += formatted("<text class=\"axis middle\" transform=\"translate(22 %.1f) rotate(-90)\">",
                     middle) +
           "amplitude</text>\n";

    const auto frames = static_cast<double>(wave.envelope.frames());
    if (frames == 0) {
        svg += text_at((left + right) / 2, middle + 5, "nothing middle", wave.nothing);
        return svg + "</g>\n";
    }
    svg += text_at(right, top - 10, "level end", levels(wave.envelope));
    const double pixels = std::max(1.0, x(frames / sample_rate) - left);
    const double columns = std::min(frames, std::ceil(pixels));
    Band peaks, energy;
    for (double column = 0; column < columns; ++column) {
        const double first = column * frames / columns;
        const double last = (column + 1) * frames / columns;
        const Extent extent = wave.envelope.between(first, last);
        if (extent.samples == 0) continue;
        const double x1 = x(first / sample_rate), x2 = x(last / sample_rate);
        peaks.add(x1, x2, y(extent.high), y(extent.low));
        const double rms = extent.rms();
        energy.add(x1, x2, y(std::min<double>(rms, std::max(extent.high, 0.f))),
                   y(std::max<double>(-rms, std::min(extent.low, 0.f))));
    }
    return svg + peaks.path("peaks") + energy.path("energy") + "</g>\n";
}

/// "100", "10 k", "1 M"
std::string short_count(double count) {
    if (count >= 1e6) return formatted("%.0f M", count * 1e-6);
    if (count >= 1e3) return formatted("%.0f k", count * 1e-3);
    return formatted("%.0f", count);
}

struct Mark {
    double seconds;
    std::string label;
    const char* css_class;
};

/// Both axes logarithmic: what is rare and slow is what matters, and it must be seen.
std::string histogram(const Run& run, double top) {
    constexpr double height = 170;
    const double bottom = top + height;
    const TimeHistogram& times = run.statistics->times;
    std::string svg = "<g id=\"times\">\n";
    svg += text_at(left, top - 72, "heading", "how long the callback took");
    svg += formatted(R"(<rect class="plot" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>)", left,
                     top, right - left, height) +
           "\n";
    svg += formatted("<text class=\"axis middle\" transform=\"translate(22 %.1f) rotate(-90)\">",
                     (top + bottom) / 2) +
           "calls</text>\n";
    svg += text_at((left + right) / 2, bottom + 36, "axis middle", "time of one call");
    if (times.count() == 0) {
        svg += text_at((left + right) / 2, (top + bottom) / 2 + 5, "nothing middle",
                       "the callback was never called");
        return svg + "</g>\n";
    }

    const auto block = static_cast<double>(run.statistics->largest_block.get());
    const double deadline = block / run.sample_rate;
    const double least = std::max(times.least(), 1e-9);
    const double from = std::log10(std::min(least, deadline) / 1.6);
    const double to = std::log10(std::max(times.most(), deadline) * 1.6);
    const auto x = [&](double seconds) {
        return left + (std::log10(std::max(seconds, 1e-9)) - from) / (to - from) * (right - left);
    };

    const auto bars = static_cast<std::size_t>(std::min(120.0, std::ceil((to - from) / 0.04)));
    const double bar_width = (right - left) / static_cast<double>(bars);
    std::vector<std::uint64_t> counts(bars);
    for (std::size_t bin = 0; bin < TimeHistogram::bins; ++bin) {
        if (times.count_in(bin) == 0) continue;
        const double middle = std::clamp(TimeHistogram::middle(bin), times.least(), times.most());
        const auto bar = static_cast<std::size_t>(std::max(0.0, (x(middle) - left) / bar_width));
        counts[std::min(bar, bars - 1)] += times.count_in(bin);
    }
    const auto most = *std::ranges::max_element(counts);
    const double decades = std::log10(static_cast<double>(most)) + 0.5;
    const auto y = [&](double count) {
        return bottom - (std::log10(count) + 0.4) / decades * (height - 10);
    };

    for (double count = 1; count <= static_cast<double>(most); count *= 10) {
        svg += line(left, y(count), right, y(count), "grid");
        svg += text_at(left - 8, y(count) + 4, "tick end", short_count(count));
    }
    const bool few_decades = to - from < 3;
    for (double exponent = std::floor(from); exponent <= to; ++exponent) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double seconds = factor * std::pow(10, exponent);
            if (std::log10(seconds) < from || std::log10(seconds) > to) continue;
            if (factor != 1 && !few_decades) continue;
            svg += line(x(seconds), top, x(seconds), bottom, "grid");
            std::string label = time_text(seconds);
            for (const char* zeros : {".00 ", ".0 "}) {
                const auto at = label.find(zeros);
                if (at != std::string::npos) label.erase(at, std::string_view{zeros}.size() - 1);
            }
            svg += text_at(x(seconds), bottom + 16, "tick middle", label);
        }
    }
    for (std::size_t i = 0; i < bars; ++i) {
        if (counts[i] == 0) continue;
        const double bar_top = y(static_cast<double>(counts[i]));
        svg += formatted(R"(<rect class="bar" x="%.2f" y="%.1f" width="%.2f" height="%.1f"/>)",
                         left + static_cast<double>(i) * bar_width + 0.5, bar_top, bar_width - 1,
                         bottom - bar_top) +
               "\n";
    }

    // Each mark has a row of its own above the plot, so that no two labels meet.
    const Mark marks[] = {
        {deadline,
         "deadline " + time_text(deadline) + ", " + count_text(std::uint64_t(block), "frame") +
             (run.statistics->missed_deadlines.get() > 0
                  ? ", missed by " + count_text(run.statistics->missed_deadlines.get(), "call")
                  : ""),
         "deadline"},
        {times.most(), "worst " + time_text(times.most()), "worst"},
        {times.quantile(0.5), "median " + time_text(times.quantile(0.5)), "median"}};
    double row = top - 48;
    std::string labels;
    for (const Mark& mark : marks) {
        const double at = x(mark.seconds);
        svg += formatted(R"(<path class="mark %s" d="M%.1f %.1fV%.1f"/>)", mark.css_class, at,
                         row - 10, bottom) +
               "\n";
        const bool to_the_left = at > (left + right) / 2;
        labels += text_at(at + (to_the_left ? -6 : 6), row,
                          formatted("%s halo%s", mark.css_class, to_the_left ? " end" : "").c_str(),
                          mark.label);
        row += 18;
    }
    return svg + labels + "</g>\n";
}

constexpr const char* style = R"(<style>
text { font: 13px "DejaVu Sans", Helvetica, Arial, sans-serif; fill: #333 }
.title { font-size: 21px; font-weight: bold; fill: #111 }
.heading { font-size: 14px; font-weight: bold; fill: #111 }
.tick, .axis { font-size: 12px; fill: #666 }
.nothing { font-size: 15px; fill: #888 }
.middle { text-anchor: middle }
.end { text-anchor: end }
.halo { paint-order: stroke; stroke: #fff; stroke-width: 4px; stroke-linejoin: round }
.plot { fill: #fafafa; stroke: #ccc }
.grid { stroke: #e2e2e2; fill: none }
.limit { stroke: #c62828; stroke-dasharray: 4 4; fill: none }
.peaks, .energy { stroke-width: 0.6; stroke-linejoin: round }
#before .peaks { fill: #9dc1e3; stroke: #9dc1e3 }
#before .energy { fill: #2c6aa8; stroke: #2c6aa8 }
#after .peaks { fill: #f4b887; stroke: #f4b887 }
#after .energy { fill: #c25a13; stroke: #c25a13 }
.bar { fill: #7d8fa3 }
.mark { fill: none; stroke-width: 1.5 }
.mark.median { stroke: #2e7d32 }
.mark.worst { stroke: #c62828 }
.mark.deadline { stroke: #333; stroke-dasharray: 6 3 }
text.median { fill: #2e7d32 }
text.worst { fill: #c62828 }
</style>
)";

std::string drawn(const Options& options, const Run& run) {
    const Statistics& statistics = *run.statistics;
    const auto frames = std::max(statistics.input.frames(), statistics.output.frames());
    const TimeAxis axis = time_axis(static_cast<double>(frames) / run.sample_rate);
    const double peak = std::max(statistics.input.total().peak(), statistics.output.total().peak());
    // Both on one scale, or they could not be compared.
    const double range = peak > 0 ? nice_above(std::max<double>(peak, 1e-6)) : 1;
    const std::string name =
        std::filesystem::path{options.library}.filename().string() + ":" + options.symbol;

    std::string svg = R"(<?xml version="1.0" encoding="UTF-8"?>)"
                      "\n";
    svg += formatted(R"(<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" )"
                     R"(viewBox="0 0 %.0f %.0f" role="img">)",
                     page_width, page_height, page_width, page_height) +
           "\n";
    svg += "<title>" + escaped(name) + "</title>\n" + style;
    svg += R"(<rect width="100%" height="100%" fill="#fff"/>)"
           "\n";
    const auto short_name = [](const std::string& text, std::size_t columns) {
        return shortened(printable(text), columns);
    };
    svg += text_at(left, 38, "title", short_name(name, 64));
    svg += text_at(left, 62, "facts",
                   format_text(options, run) + ": " + duration_text(run.audio_seconds()) + " in " +
                       count_text(statistics.times.count(), "call") +
                       (run.live ? ", " + count_text(statistics.xruns.get(), "xrun") : ""));

    const auto heading = [&](const char* when, const std::string& of) {
        return std::string{when} + ": " + short_name(of, 44);
    };
    svg += waveform({"before", heading("before", run.input),
                     run.input_channels == 0 ? "no input" : "no audio", statistics.input},
                    axis, run.sample_rate, range, 112);
    svg += waveform({"after", heading("after", run.output),
                     run.output_channels == 0 ? "no output" : "no audio", statistics.output},
                    axis, run.sample_rate, range, 340);
    svg += text_at((left + right) / 2, 340 + 170 + 36, "axis middle", axis.unit);
    svg += histogram(run, 640);
    return svg + "</svg>\n";
}

}  // namespace

void write_report(NewFile& target, const Options& options, const Run& run) {
    target.write(drawn(options, run));
}

}  // namespace run_callback
