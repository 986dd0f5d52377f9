// SPDX-License-Identifier: MIT
// What an offline and a live run have in common: the callback, the facts, the end.
#include "run.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <portspan/describe.hpp>
#include <portspan/fit.hpp>
#include <utility>

#include "crash.hpp"
#include "failure.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

/// In the order of Format.
constexpr std::array<PaSampleFormat, 6> format_codes{paFloat32, paInt32, paInt24,
                                                     paInt16,   paInt8,  paUInt8};

}  // namespace

std::string reason_of(const LoadedCallback& callback) {
    try {
        const std::string symbol = callback.symbol + "_error";
        const char* text = callback.library.function<const char*()>(symbol.c_str())();
        return text ? text : "";
    } catch (const portspan::Error&) {
        return {};
    }
}

Callback::Callback(const Options& options)
    : loaded_{portspan::SharedLibrary{
                  std::filesystem::path{options.library}, portspan::Binding::now,
                  options.global ? portspan::Visibility::global : portspan::Visibility::local},
              options.symbol},
      name_(loaded_.library.name() + ": " + loaded_.symbol),
      raw_(loaded_.library.callback(loaded_.symbol.c_str())) {}

Callback::Callback(const LoadedCallback& loaded, const std::string& name)
    : loaded_(loaded),
      name_(name + ": " + loaded.symbol),
      raw_(loaded_.library.callback(loaded_.symbol.c_str())) {
    struct Named {
        std::shared_ptr<const void> keep_alive;
        std::string name;
    };
    const auto named = std::make_shared<const Named>(Named{std::move(raw_.keep_alive), name_});
    raw_.name = named->name.c_str();
    raw_.keep_alive = named;
}

std::string Callback::name() const { return name_; }

void take_from_callback(const Callback& callback, Options& options) {
    if (!callback.raw().description) return;
    const portspan_description& says = *callback.raw().description;
    const auto format_of = [](std::int32_t channels, std::uint32_t format) {
        return channels == PORTSPAN_NO_CHANNELS ? 0 : format;
    };
    const std::uint32_t in = format_of(says.input_channels, says.input_format);
    const std::uint32_t out = format_of(says.output_channels, says.output_format);
    if (in != 0 && out != 0 && in != out) {
        throw Failure(callback.name() +
                      " takes other samples than it gives, run_callback has one " +
                      "--format: " + portspan::describe(says));
    }
    const auto code = std::ranges::find(format_codes, PaSampleFormat{in != 0 ? in : out});
    if (!options.given.format && code != format_codes.end()) {
        options.format = static_cast<Format>(code - format_codes.begin());
    }
    if (says.layout == PORTSPAN_PLANAR) options.planar = true;

    const auto take = [](std::optional<std::size_t>& channels, std::int32_t said) {
        if (!channels && said > 0 && said <= std::int32_t{most_channels}) {
            channels = static_cast<std::size_t>(said);
        }
    };
    take(options.input_channels, says.input_channels);
    take(options.output_channels, says.output_channels);
    const bool only_listens = says.output_channels == PORTSPAN_NO_CHANNELS &&
                              options.output.kind == Side::Kind::none &&
                              options.input.kind != Side::Kind::none;
    if (only_listens && !options.output_channels) options.output_channels = 0;
    if (!options.given.frames_per_buffer && says.largest_block != 0) {
        options.frames_per_buffer = std::min<std::uint64_t>(says.largest_block, default_block);
    }
}

void check_fit(const Callback& callback, const void* user_data, const Options& options,
               const Run& run) {
    const PaSampleFormat format = format_codes[static_cast<std::size_t>(options.format)];
    const std::size_t block =
        options.frames_per_buffer == 0 && !run.live ? default_block : options.frames_per_buffer;
    portspan::RawCallback raw = callback.raw();
    raw.user_data = const_cast<void*>(user_data);  // is compared with null alone
    portspan::require_fit(raw, {.input_format = format,
                                .output_format = format,
                                .layout = options.planar ? PORTSPAN_PLANAR : PORTSPAN_INTERLEAVED,
                                .shape = {.input_channels = run.input_channels,
                                          .output_channels = run.output_channels},
                                .frames_per_buffer = block,
                                .in_place = options.in_place});
}

void take_from_file(const AudioReader& reader, const Options& options, Run& run) {
    run.input_channels = options.input_channels.value_or(reader.channels());
    if (reader.channels() > run.input_channels) {
        const std::string has = reader.name() + " has " + count_text(reader.channels(), "channel");
        const std::string wanted = std::to_string(run.input_channels);
        if (!options.given.channels) {
            throw Failure(has + ", " + options.symbol + " takes " + wanted);
        }
        throw Failure(has + ", --channels asks for " + wanted + ": ask for --channels " +
                      std::to_string(reader.channels()));
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

void expect_crashes(const Callback& callback, const Options& options, const Run& run,
                    std::size_t state_size) {
    describe_crash(
        callback.name(),
        std::string{name_of(options.format)} + (options.planar ? " planar" : " interleaved") +
            (options.in_place ? " in place, " : ", ") + count_text(run.input_channels, "channel") +
            " in, " + std::to_string(run.output_channels) + " out",
        state_size == 0 ? "user data NULL" : "user data " + count_text(state_size, "byte"));
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
