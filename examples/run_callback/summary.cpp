// SPDX-License-Identifier: MIT
// What is printed when a run is over.
#include "summary.hpp"

#include <cstdio>
#include <string>

#include "text.hpp"

namespace run_callback {

namespace {

void row(const char* label, const std::string& text) {
    std::printf("  %s %s\n", padded(label, 18).c_str(), text.c_str());
}

std::string end_text(const std::string& name, const std::string& description) {
    return printable(name) + (description.empty() ? "" : "  (" + printable(description) + ")");
}

std::string how_it_ended(Ending ending) {
    switch (ending) {
        case Ending::completed:
            return ", where the callback completed";
        case Ending::aborted:
            return ", where the callback aborted";
        case Ending::no_result:
            return ", where the callback returned no result";
        case Ending::interrupted:
            return ", where it was interrupted";
        case Ending::device_lost:
            return ", where the device was lost";
        default:
            return {};
    }
}

std::string processed_text(const Run& run) {
    std::string text = duration_text(run.audio_seconds()) + how_it_ended(run.ending);
    if (run.live || run.elapsed <= 0) return text;
    const double speed = run.audio_seconds() / run.elapsed;
    return text + formatted(" (in %s, %.*f x real time)", time_text(run.elapsed).c_str(),
                            speed < 10 ? 1 : 0, speed);
}

std::string block_text(const Statistics& statistics) {
    if (statistics.times.count() == 0) return "none";
    const auto least = statistics.smallest_block.get();
    const auto most = statistics.largest_block.get();
    const std::string range = least == most ? std::to_string(least)
                                            : std::to_string(least) + " to " + std::to_string(most);
    return range + (most == 1 ? " frame" : " frames");
}

std::string level_line(const Envelope& envelope) {
    const Extent& total = envelope.total();
    if (total.samples == 0 && total.not_finite == 0) return "none";
    std::string text = level_text(total.peak());
    if (total.peak() > 0) text += " peak, " + level_text(total.rms()) + " RMS";
    if (total.not_finite > 0) {
        text += ", " + count_text(total.not_finite, "sample") + " not finite";
    }
    return text;
}

/// The time that the audio of the largest block lasts.
double deadline(const Run& run) {
    return static_cast<double>(run.statistics->largest_block.get()) / run.sample_rate;
}

void print_levels(const Statistics& statistics) {
    row("level in", level_line(statistics.input));
    row("level out", level_line(statistics.output));
}

void print_short(const Options& options, const Run& run) {
    const Statistics& statistics = *run.statistics;
    std::printf("%s\n", printable(run.callback).c_str());
    row("input", end_text(run.input, run.input_description));
    row("output", end_text(run.output, run.output_description));
    row("callback sees", format_text(options, run));
    row("processed", processed_text(run));
    if (statistics.times.count() > 0) {
        row("callback time", "median " + time_text(statistics.times.quantile(0.5)) + ", worst " +
                                 time_text(statistics.times.most()) + " of " +
                                 time_text(deadline(run)) + " (" +
                                 percent_text(statistics.times.most() / deadline(run)) + "), " +
                                 count_text(statistics.times.count(), "call"));
    }
    if (const auto missed = statistics.missed_deadlines.get(); missed > 0) {
        row("deadline missed",
            std::to_string(missed) + " of " + count_text(statistics.times.count(), "call"));
    }
    print_levels(statistics);
    if (run.live && !options.stats) row("xruns", std::to_string(statistics.xruns.get()));
    if (options.report) row("report", printable(options.report->string()));
}

/// What print_short() has not said already.
void print_table(const Options& options, const Run& run) {
    const Statistics& statistics = *run.statistics;
    const TimeHistogram& times = statistics.times;
    const double period = deadline(run);
    std::printf("statistics\n");
    row("callbacks", std::to_string(times.count()));
    row("block size", block_text(statistics));
    if (times.count() > 0) {
        const auto time = [&](const char* label, double seconds) {
            row(label, padded(time_text(seconds), 10, true) + "  " +
                           padded(percent_text(seconds / period), 10, true) + " of the deadline");
        };
        time("time min", times.least());
        time("time median", times.quantile(0.5));
        time("time 99 %", times.quantile(0.99));
        time("time 99.9 %", times.quantile(0.999));
        time("time max", times.most());
        row("deadline", padded(time_text(period), 10, true));
        const auto missed = statistics.missed_deadlines.get();
        if (options.quiet || missed == 0) row("deadline misses", std::to_string(missed));
    }
    if (options.quiet) print_levels(statistics);
    if (!run.live) return;  // without a device nothing can run late
    row("xruns", std::to_string(statistics.xruns.get()));
    row("  input underflow", std::to_string(statistics.input_underflows.get()));
    row("  input overflow", std::to_string(statistics.input_overflows.get()));
    row("  output underflow", std::to_string(statistics.output_underflows.get()));
    row("  output overflow", std::to_string(statistics.output_overflows.get()));
    row("priming calls", std::to_string(statistics.priming.get()));
}

}  // namespace

std::string format_text(const Options& options, const Run& run) {
    return std::string{name_of(options.format)} + (options.planar ? " planar" : " interleaved") +
           (options.in_place ? " in place" : "") + ", " + std::to_string(run.input_channels) +
           " in, " + std::to_string(run.output_channels) + " out, " + rate_text(run.sample_rate);
}

void print_summary(const Options& options, const Run& run) {
    if (!options.quiet) print_short(options, run);
    if (options.stats) print_table(options, run);
}

}  // namespace run_callback
