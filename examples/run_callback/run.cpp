// SPDX-License-Identifier: MIT
// What an offline and a live run have in common: the callback, the facts, the end.
#include "run.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "crash.hpp"
#include "failure.hpp"
#include "text.hpp"

namespace run_callback {

Callback::Callback(const Options& options)
    : library_(std::filesystem::path{options.library}, portspan::Binding::now,
               options.global ? portspan::Visibility::global : portspan::Visibility::local),
      symbol_(options.symbol),
      raw_(library_.callback(symbol_.c_str())) {}

std::string Callback::name() const { return library_.name() + ": " + symbol_; }

std::string Callback::reason() const {
    try {
        const char* text = library_.function<const char*()>((symbol_ + "_error").c_str())();
        return text ? text : "";
    } catch (const portspan::Error&) {
        return {};
    }
}

void take_from_file(const AudioReader& reader, const Options& options, Run& run) {
    run.input_channels = options.input_channels.value_or(reader.channels());
    if (reader.channels() > run.input_channels) {
        throw Failure(reader.name() + " has " + count_text(reader.channels(), "channel") +
                      ", --channels asks for " + std::to_string(run.input_channels) +
                      ": ask for --channels " + std::to_string(reader.channels()));
    }
    run.sample_rate = options.sample_rate.value_or(reader.sample_rate());
    if (run.sample_rate != reader.sample_rate()) {
        throw Failure(reader.name() + " has " + rate_text(reader.sample_rate()) +
                      ", --sample-rate asks for " + rate_text(run.sample_rate) +
                      ": run_callback does not resample");
    }
}

void check_in_place(const Options& options, const Run& run) {
    if (options.in_place && run.input_channels != run.output_channels) {
        throw Usage("--in-place needs as many channels out as in, here are " +
                    std::to_string(run.input_channels) + " in and " +
                    std::to_string(run.output_channels) + " out");
    }
}

std::uint64_t limit_of(const Options& options, const Run& run) {
    if (!options.seconds) return no_limit;
    const double frames = std::max(1.0, std::round(*options.seconds * run.sample_rate));
    return frames < 1e18 ? static_cast<std::uint64_t>(frames) : no_limit;
}

void expect_crashes(const Callback& callback, const Options& options, const Run& run) {
    describe_crash(callback.name(), std::string{name_of(options.format)} +
                                        (options.planar ? " planar" : " interleaved") +
                                        (options.in_place ? " in place, " : ", ") +
                                        count_text(run.input_channels, "channel") + " in, " +
                                        std::to_string(run.output_channels) + " out");
}

Ending ending_of(int result) {
    switch (result) {
        case paContinue:
            return Ending::all_done;
        case paComplete:
            return Ending::completed;
        case paAbort:
            return Ending::aborted;
        default:
            return Ending::no_result;
    }
}

std::string failure_text(const Callback& callback, const Run& run) {
    const std::string when = " after " + duration_text(run.audio_seconds());
    const std::string of_callback = callback.name() + ": the callback ";
    switch (run.ending) {
        case Ending::aborted: {
            const std::string reason = callback.reason();
            return of_callback + "aborted" + when + (reason.empty() ? "" : ": " + reason);
        }
        case Ending::no_result:
            return of_callback + "returned " + std::to_string(run.last_result) + when +
                   ", which is none of paContinue (0), paComplete (1), paAbort (2)";
        case Ending::overrun:
            return callback.name() + ": " + run.overrun;
        case Ending::interrupted:
            return "interrupted" + when;
        case Ending::device_lost: {
            const bool from = run.input.starts_with("device");
            return (from ? run.input : run.output) + ": the stream ended by itself" + when;
        }
        default:
            return {};
    }
}

}  // namespace run_callback
