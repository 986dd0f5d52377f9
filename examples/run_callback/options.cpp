// SPDX-License-Identifier: MIT
// The command line, checked as far as it can be without opening anything.
#include "options.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "failure.hpp"
#include "help.hpp"
#include "option_checks.hpp"

namespace run_callback {

namespace {

constexpr std::array<std::pair<const char*, Format>, 6> formats{{{"float32", Format::float32},
                                                                 {"int32", Format::int32},
                                                                 {"int24", Format::int24},
                                                                 {"int16", Format::int16},
                                                                 {"int8", Format::int8},
                                                                 {"uint8", Format::uint8}}};
constexpr std::size_t most_frames = 1u << 20;    // what a portspan::Stream accepts
constexpr double highest_sample_rate = 768'000;  // what PortAudio accepts

std::optional<std::size_t> whole_number(std::string_view text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// A finite number above 0, in plain decimal notation.
std::optional<double> positive_number(const std::string& text) {
    if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string::npos) {
        return std::nullopt;
    }
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (*end != '\0' || !std::isfinite(value) || !(value > 0)) return std::nullopt;
    return value;
}

Side side(const std::string& option, const std::string& text) {
    if (text == "none") return {};
    if (text == "device") return {Side::Kind::device, {}};
    if (text.starts_with("device:")) {
        std::string name = text.substr(7);
        if (name.empty()) refuse(option, text, "a device name is missing after the colon");
        return {Side::Kind::device, std::move(name)};
    }
    if (text.empty()) refuse(option, text, "a file, device[:NAME] or none");
    return {Side::Kind::file, text};
}

Format format(const std::string& text) {
    for (const auto& [name, value] : formats) {
        if (text == name) return value;
    }
    refuse("--format", text, "float32, int32, int24, int16, int8 or uint8");
}

void read_channels(const std::string& text, Options& options) {
    const auto count = [&](std::string_view digits) {
        const auto number = whole_number(digits);
        if (!number) refuse("--channels", text, "IN or IN:OUT, both whole numbers from 0 on");
        if (*number > std::size_t{most_channels}) {
            refuse("--channels", text, "at most 256 channels a direction");
        }
        return *number;
    };
    const std::size_t colon = text.find(':');
    options.input_channels = count(std::string_view{text}.substr(0, colon));
    options.output_channels = colon == std::string::npos
                                  ? options.input_channels
                                  : count(std::string_view{text}.substr(colon + 1));
}

/// What --check does not take, and what it cannot do.
void check_check(const CLI::App& app, const Options& options, const std::string& channels) {
    for (const char* name : {"--input", "--output", "--seconds", "--report", "--stats", "--watch",
                             "--set", "--view"}) {
        if (app.count(name) > 0) throw Usage(std::string{"--check takes no "} + name);
    }
    const std::size_t none = 0;
    if (options.input_channels == none && options.output_channels == none) {
        refuse("--channels", channels, "there is no channel at all");
    }
    if (options.in_place && options.input_channels != options.output_channels) {
        throw Usage("--in-place needs as many channels out as in");
    }
}

}  // namespace

const char* name_of(Format format) { return formats[static_cast<std::size_t>(format)].first; }

std::optional<Options> parse_options(int argc, char** argv) {
    Options options;
    CLI::App app;
    std::string input = "none", output = "none", format_name = "float32";
    std::string channels, sample_rate, frames_per_buffer, seconds, timeout, report, fade;
    app.add_option("LIBRARY", options.library);
    app.add_option("SYMBOL", options.symbol);
    app.add_option("--input", input);
    app.add_option("--output", output);
    app.add_option("--format", format_name);
    app.add_flag("--planar", options.planar);
    app.add_flag("--in-place", options.in_place);
    app.add_flag("--global", options.global);
    app.add_option("--channels", channels);
    app.add_option("--sample-rate", sample_rate);
    app.add_option("--frames-per-buffer", frames_per_buffer);
    app.add_option("--seconds", seconds);
    app.add_option("--report", report);
    app.add_flag("--stats", options.stats);
    app.add_flag("--quiet", options.quiet);
    app.add_flag("--list-devices", options.list_devices);
    app.add_flag("--json", options.json);
    app.add_flag("--verbose", options.verbose);
    app.add_flag("--check", options.check);
    app.add_option("--timeout", timeout);
    app.add_option("--describe", options.describe);
    app.add_option("--watch", options.watch);
    app.add_option("--fade", fade);
    CLI::Option* const set = app.add_option("--set", options.settings);
    app.add_flag("--view", options.view);
    app.add_flag("--version", options.version);
    // Twice is a mistake that has to be told, not a list.
    for (CLI::Option* option : app.get_options()) {
        if (option != set) option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
    // One word each: what follows is no value of it.
    set->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);

    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        std::fputs(help(), stdout);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        throw Usage(std::string{error.what()} + " (see --help)");
    }
    for (const CLI::Option* option : app.get_options()) {
        if (option != set && option->count() > 1)
            throw Usage(option->get_name() + " is given more than once");
    }
    const auto given = [&](const char* name) { return app.count(name) > 0; };
    if (options.json && !options.list_devices) throw Usage("--json is for --list-devices");
    if (options.version || options.list_devices) return options;
    if (given("--describe")) {
        if (options.describe.empty()) refuse("--describe", "", "a shared library");
        if (!options.library.empty()) {
            throw Usage("--describe shows a whole library, it takes nothing but its name");
        }
        return options;
    }
    if (given("--watch")) {
        if (options.watch.empty()) refuse("--watch", "", "a source or a library");
        if (!options.symbol.empty()) {
            throw Usage("--watch SOURCE [FUNCTION]: \"" + options.symbol + "\" is too much");
        }
        options.symbol = std::exchange(options.library, options.watch);
        if (!given("--output")) output = "device";
    } else {
        if (options.library.empty()) throw Usage("LIBRARY is missing (see --help)");
        if (options.symbol.empty()) throw Usage("SYMBOL is missing (see --help)");
    }
    if (given("--fade")) {
        const auto milliseconds = fade == "0" ? std::optional{0.0} : positive_number(fade);
        constexpr double longest = 10'000;
        if (!milliseconds || *milliseconds > longest) {
            refuse("--fade", fade, "a number of milliseconds from 0 to 10000");
        }
        if (!given("--watch")) throw Usage("--fade is for --watch");
        options.fade = *milliseconds;
    }

    options.given = {.format = given("--format"),
                     .channels = given("--channels"),
                     .frames_per_buffer = given("--frames-per-buffer")};
    options.input = side("--input", input);
    options.output = side("--output", output);
    options.format = format(format_name);
    if (given("--channels")) read_channels(channels, options);
    if (given("--sample-rate")) {
        options.sample_rate = positive_number(sample_rate);
        if (!options.sample_rate || *options.sample_rate < 1 ||
            *options.sample_rate > highest_sample_rate) {
            refuse("--sample-rate", sample_rate, "a number of Hz from 1 to 768000");
        }
    }
    if (given("--frames-per-buffer")) {
        const auto frames = whole_number(frames_per_buffer);
        if (!frames || *frames > most_frames) {
            refuse("--frames-per-buffer", frames_per_buffer, "a whole number from 0 to 1048576");
        }
        options.frames_per_buffer = *frames;
    }
    if (given("--seconds")) {
        options.seconds = positive_number(seconds);
        if (!options.seconds) refuse("--seconds", seconds, "a finite number above 0");
    }
    if (given("--timeout")) {
        const auto seconds_of_run = positive_number(timeout);
        if (!seconds_of_run) refuse("--timeout", timeout, "a finite number above 0");
        if (!options.check && !given("--watch")) {
            throw Usage("--timeout is for --check and --watch");
        }
        options.timeout = *seconds_of_run;
    }
    if (given("--report")) options.report = report;
    if (options.check) {
        check_check(app, options, channels);
        return options;
    }
    if (given("--watch") && !options.live()) throw Usage("--watch: one side has to be a device");
    if (options.view && !options.live()) throw Usage("--view: one side has to be a device");
    check_options(options, channels);
    return options;
}

}  // namespace run_callback
