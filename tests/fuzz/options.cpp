// SPDX-License-Identifier: MIT
// Any words as the command line of run_callback: wrong usage, or options that make sense.
#include <cmath>
#include <cstring>
#include <failure.hpp>
#include <options.hpp>
#include <parameters.hpp>
#include <text.hpp>

#include "input.hpp"

using run_callback::Options;

namespace {

constexpr const char* words[] = {"--input",
                                 "--output",
                                 "--format",
                                 "--planar",
                                 "--in-place",
                                 "--global",
                                 "--channels",
                                 "--sample-rate",
                                 "--frames-per-buffer",
                                 "--seconds",
                                 "--report",
                                 "--stats",
                                 "--quiet",
                                 "--list-devices",
                                 "--json",
                                 "--verbose",
                                 "--check",
                                 "--timeout",
                                 "--describe",
                                 "--watch",
                                 "--fade",
                                 "--set",
                                 "--view",
                                 "--version",
                                 "device",
                                 "device:3",
                                 "none",
                                 "a.wav",
                                 "b.flac",
                                 "./lib.so",
                                 "soft_clip",
                                 "float32",
                                 "int24",
                                 "uint8",
                                 "2",
                                 "1:2",
                                 "0",
                                 "48000",
                                 "1e3"};

void expect_sense(const Options& options) {
    if (options.version || options.list_devices) return;
    EXPECT(options.library.empty() == !options.describe.empty());
    if (!options.describe.empty()) return;
    EXPECT(!options.symbol.empty() || !options.watch.empty());
    EXPECT(options.fade >= 0 && options.fade <= 10'000);
    for (const auto& channels : {options.input_channels, options.output_channels}) {
        EXPECT(!channels || *channels <= run_callback::most_channels);
    }
    if (options.sample_rate) EXPECT(*options.sample_rate >= 1 && *options.sample_rate <= 768'000);
    EXPECT(options.frames_per_buffer <= 1u << 20);
    for (const auto& seconds : {options.seconds, options.timeout}) {
        EXPECT(!seconds || (std::isfinite(*seconds) && *seconds > 0));
    }
    if (options.in_place) EXPECT(options.input_channels == options.output_channels);
    if (options.check) return;
    if (options.view || !options.watch.empty()) EXPECT(options.live());
}

}  // namespace

/// Words, each one of those that there are or any text up to a line's end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input in{data, size};
    std::vector<std::string> given{"run_callback"};
    while (!in.empty() && given.size() < 24) {
        const std::size_t word = in.below(std::size(words) + 8);
        std::string text = word < std::size(words) ? words[word] : in.line();
        // It is printed.
        if (text.starts_with("-h") || text.starts_with("--h") || text.starts_with("-?")) return 0;
        given.push_back(std::move(text));
    }
    std::vector<char*> arguments;
    for (std::string& text : given) arguments.push_back(text.data());
    try {
        const auto options =
            run_callback::parse_options(static_cast<int>(arguments.size()), arguments.data());
        if (!options) return 0;
        expect_sense(*options);
        static_cast<void>(run_callback::settings_of(*options));
    } catch (const run_callback::Usage& usage) {
        const std::string shown = run_callback::printable(usage.what());
        EXPECT(!shown.empty() && shown.find('\n') == shown.npos);
        const std::string short_one = run_callback::shortened(shown, 20);
        EXPECT(run_callback::width(short_one) <= 20);
    }
    return 0;
}
