// SPDX-License-Identifier: MIT
// What of a command line cannot be meant, whatever the files and devices are.
#include "option_checks.hpp"

#include <cstddef>
#include <filesystem>
#include <system_error>

#include "audio_file.hpp"
#include "failure.hpp"
#include "new_file.hpp"

namespace run_callback {

namespace {

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

}  // namespace

void refuse(const std::string& option, const std::string& value, const char* wanted) {
    throw Usage(option + " \"" + value + "\": " + wanted);
}

void check_options(Options& options, const std::string& channels) {
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

}  // namespace run_callback
