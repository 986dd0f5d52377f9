// SPDX-License-Identifier: MIT
// The command line, checked as far as it can be without opening anything.
#include "options.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "audio_file.hpp"
#include "failure.hpp"
#include "new_file.hpp"

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

// CLI11 would not break the lines, nor show what belongs together.
constexpr const char* help = R"(usage: run_callback LIBRARY SYMBOL [options]
       run_callback LIBRARY SYMBOL --check [options]
       run_callback --watch SOURCE [FUNCTION] [options]
       run_callback --describe LIBRARY
       run_callback --list-devices [--json]

Runs a compiled PortAudio callback, SYMBOL in the shared library LIBRARY, on sound files and sound
devices. File to file it renders offline: no device is touched, the same input gives the same
output, as fast as the machine allows. With a device on either side it opens a PortAudio stream.

  --input FILE | device[:NAME] | none
  --output FILE | device[:NAME] | none
      FILE         output: .wav or .flac; input: whatever libsndfile reads, and not the output.
                   ./none is a file of that name.
      device       the default device; device:NAME the one of that name, or the only one that has
                   the words of NAME, in their order, in "name, host API", whatever their case;
                   device:3 the one with that number in --list-devices
      none         no input: the callback gets NULL. No output: it gets a buffer, and what it
                   writes there is dropped. A side that is not given is none.

  --format NAME              the callback's samples: float32 (default), int32, int24 (packed),
                             int16, int8, uint8
  --planar                   the callback gets a buffer for each channel, not one in which the
                             channels alternate
  --in-place                 the input is copied to the output and that one buffer is passed twice
  --global                   the library's symbols are visible to libraries loaded later
  --channels IN[:OUT]        the callback's channels, OUT is IN unless given; 0: no such direction.
                             Default: those of the input file, at most two of a device. A
                             callback for two channels needs --channels 2 with a mono file
  --sample-rate HZ           default: the input file's, else the device's, else 48000
  --frames-per-buffer N      frames per call; default 0: the host chooses (offline: 256)
  --seconds S                end after so much audio; an input file may end earlier

  --watch SOURCE             compile SOURCE, hear it, and again whenever it is saved: Python with a
                             @stream_callback, .c, .cpp, or a library that somebody else builds.
                             What does not compile or fails --check is told, and the old sound
                             goes on. FUNCTION where there are several. --output is device unless
                             given; an input file begins again at its end
  --fade MS                  from one version to the next; default 20
  --set NAME=VALUE           a number of the callback's state, several times; a wrong name is
                             answered with those that there are. With --watch or --set keys turn
                             them: j k or 1 to 9 select, + - a tenth up or down, r as they were at
                             first, q ends. Where stdin is no terminal it has lines: NAME=VALUE,
                             reset, quit
  --view                     meters, load and times on the screen of the terminal, as with --watch
                             and --set
  --report FILE.svg          draw the audio before and after, and how long the calls took
  --stats                    print everything that was measured
  --quiet                    no progress bar, no summary
  --check                    try the callback on noise in a process of its own: does it stay inside
                             its buffers, write all of them, give the same in blocks of another
                             size and in place, crash, hang? With --format, --planar,
                             --channels, --sample-rate, --frames-per-buffer (that block alone),
                             --in-place, --global, --quiet (no table)
  --timeout S                seconds that one run of --check may take, default 10, or a compiler
                             with --watch, default 20
  --describe LIBRARY         what the callbacks of a library say about themselves; none of it runs
  --list-devices             the devices; > marks the default input, < the default output, * both
  --json                     with --list-devices: devices and host APIs as one JSON object, with
                             their default latencies; names are UTF-8
  --verbose                  show what ALSA, JACK and others print when they start and end, which is
                             mostly about what they merely tried
  --version                  the versions of this program, of PortAudio and of libsndfile
  -h, --help                 this text

--channels, --format and --planar must be what the callback was written for. What one says about
itself (see --describe) is their default, and it gets no larger blocks than it says; an option that
says something else is a failure. Of any other callback nothing in a C symbol tells: offline one
that writes beyond its buffers is a failure, live nobody can see that.
Without --set and --watch the callback's user data is NULL: a Numba callback then uses a state of
its own. With them it is a new state as the library describes it (PORTSPAN_DESCRIBE_STATE of
portspan/description.h, or stream_callback in Python), with what was set. --check has zeros for a
callback that says that it needs a state, and of how many bytes.

--watch compiles C and C++ with CC and CFLAGS, or CXX and CXXFLAGS, of the environment, and Python
with PORTSPAN_PYTHON, which needs Numba; what a source includes or imports is watched as well. Each
version is checked in another process, begins with a state of its own and keeps what was set. One
that completes or aborts is silent until the next save.

A callback in Python that starts its own interpreter (a cffi embedding module) has it started before
the first block: it is called once with 0 frames. Its calls still wait for Python.

How a run ends: with the input file, after --seconds, when the callback completes, or with Ctrl-C,
which keeps what there is as a whole, valid file, once the callback returns; a second Ctrl-C ends
the program at once and leaves nothing. SIGTERM does what Ctrl-C does, but ends the program so
after 2 seconds in which the callback has not returned. An offline run without an input file needs
--seconds; its callback may complete earlier. An output file gets its name when it is complete,
until then it is FILE.<process id>.part. A run that fails offline leaves nothing, a live one keeps
what it recorded, unless the callback crashes or calls exit().

Samples: an output file is as wide as the format, except that FLAC has neither float nor 32 bit:
both become 24 bit, floats beyond full scale are clipped. An input file with more bits than the
format is cut. Nothing is resampled. A mono file goes to all input channels; with another count
below IN the missing channels are silent.

A callback that aborts is a failure. Its reason is shown where the library has a function
`const char* SYMBOL_error(void)`.

Exit status: 0 done, 1 a failure at run time (Ctrl-C in an offline run, too), 2 wrong usage. A
callback that crashes ends the program with its signal, one that calls exit() is a failure, and no
output file is left; one that calls _exit() ends it unseen. --check: 0 for passed, 1 for a fault, of
which each of these is one.

Examples:
  run_callback ./libgain.so gain --input speech.wav --output louder.flac
  run_callback ./libgain.so gain --input speech.wav --report gain.svg --stats
  run_callback ./libgain.so gain --input device --output device --frames-per-buffer 64
  run_callback ./libsine.so sine --output device --seconds 3
  run_callback ./libgain.so gain --input device:USB --output take1.wav
  run_callback --watch gain.c --input speech.wav
  run_callback --watch tremolo.py --input device --set rate=3
)";

[[noreturn]] void refuse(const std::string& option, const std::string& value, const char* wanted) {
    throw Usage(option + " \"" + value + "\": " + wanted);
}

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

/// Whether two names lead to one file, by whatever links, be it there or not.
bool is_same_file(const std::filesystem::path& one, const std::filesystem::path& other) {
    std::error_code error;
    if (std::filesystem::equivalent(one, other, error)) return true;
    const auto where = [&](const std::filesystem::path& file) {
        std::error_code endless;  // is told when the file is opened
        return std::filesystem::weakly_canonical(
            std::filesystem::absolute(followed(file, endless), error), error);
    };
    return where(one) == where(other) && !error;
}

/// What is written must not take the place of what is read: a wrong name would cost a recording.
void check_files_apart(const Options& options) {
    const auto check_apart = [&](const char* option, const std::filesystem::path& file) {
        if (options.input.is_file() && is_same_file(file, options.input.name)) {
            refuse(option, file.string(), "this is the input file, which would be replaced");
        }
        if (is_same_file(file, options.library)) {
            refuse(option, file.string(), "this is the library, which would be replaced");
        }
    };
    if (options.output.is_file()) check_apart("--output", options.output.name);
    if (!options.watch.empty() && options.output.is_file() &&
        is_same_file(options.output.name, options.watch)) {
        refuse("--output", options.output.name, "this is the source, which would be replaced");
    }
    if (!options.report) return;
    check_apart("--report", *options.report);
    if (options.output.is_file() && is_same_file(*options.report, options.output.name)) {
        refuse("--report", options.report->string(), "this is the output file as well");
    }
}

/// What does not fit together, whatever the files and devices are.
void check(Options& options, const std::string& channels) {
    if (options.output.is_file()) check_output_name(options.output.name);
    if (options.report && options.report->extension() != ".svg") {
        refuse("--report", options.report->string(), "the name must end in .svg");
    }
    check_files_apart(options);
    const bool endless = options.input.kind == Side::Kind::none && !options.live();
    if (endless && options.output.kind == Side::Kind::none && !options.seconds) {
        throw Usage("nothing to do: give --input, --output or both (or --seconds, to only run it)");
    }
    if (endless && !options.seconds) {
        throw Usage("without an input the run would not end: give --seconds");
    }
    const std::size_t none = 0;
    if (options.input_channels == none && options.output_channels == none) {
        refuse("--channels", channels, "there is no channel at all");
    }
    if (options.input_channels == none && options.input.kind != Side::Kind::none) {
        throw Usage("--channels says that there is no input, --input says that there is one");
    }
    if (options.output_channels == none && options.output.kind != Side::Kind::none) {
        throw Usage("--channels says that there is no output, --output says that there is one");
    }
    if (options.input.kind == Side::Kind::none) {
        if (options.output_channels == none) {
            throw Usage("--channels: without an input there has to be an output");
        }
        options.input_channels = none;
    }
    if (!options.in_place) return;
    if (options.input.kind == Side::Kind::none) {
        throw Usage("--in-place: there is no input that could be processed in place");
    }
    if (options.input_channels != options.output_channels) {
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
        std::fputs(help, stdout);
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
    check(options, channels);
    return options;
}

}  // namespace run_callback
