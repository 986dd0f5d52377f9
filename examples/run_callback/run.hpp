// SPDX-License-Identifier: MIT
// What an offline and a live run have in common: the callback, the facts, the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <portspan/callback.hpp>
#include <portspan/library.hpp>
#include <string>

#include "audio_file.hpp"
#include "options.hpp"
#include "statistics.hpp"

namespace run_callback {

/// A callback out of a library, and the library.
struct LoadedCallback {
    portspan::SharedLibrary library;
    std::string symbol;
};

/// What its SYMBOL_error() says; empty where it has none or that says nothing.
[[nodiscard]] std::string reason_of(const LoadedCallback& callback);

/// The callback that is to be run, out of its library.
class Callback {
public:
    /// Throws portspan::Error, which names library and symbol.
    explicit Callback(const Options& options);
    /// Out of one that is loaded, which is called `name`.
    Callback(const LoadedCallback& loaded, const std::string& name);

    [[nodiscard]] const portspan::RawCallback& raw() const noexcept { return raw_; }
    /// "libgain.so: gain"
    [[nodiscard]] std::string name() const;
    [[nodiscard]] const LoadedCallback& loaded() const noexcept { return loaded_; }
    /// reason_of() it.
    [[nodiscard]] std::string reason() const { return reason_of(loaded_); }

private:
    LoadedCallback loaded_;
    std::string name_;
    portspan::RawCallback raw_;
};

enum class Ending {
    all_done,     ///< the input's end, --seconds, or a key
    completed,    ///< the callback said so
    aborted,      ///< the callback said so
    no_result,    ///< the callback returned what is no PaStreamCallbackResult
    interrupted,  ///< Ctrl-C
    device_lost,  ///< the stream ended or stalled, and nobody asked for it
    overrun,      ///< the callback wrote to what is not its own
};

constexpr std::size_t default_block = 256;  ///< frames of an offline call
constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

/// What is known about a run, for the summary and the report.
struct Run {
    std::string callback;
    std::string input;              ///< the name, as all that follow where they say so
    std::string input_description;  ///< empty where there is nothing to say
    std::string output;
    std::string output_description;
    std::size_t input_channels = 0;  ///< that the callback sees
    std::size_t output_channels = 0;
    double sample_rate = 48000;
    bool live = false;
    double elapsed = 0;  ///< seconds from the first to the last call
    Ending ending = Ending::all_done;
    int last_result = 0;
    std::string overrun;            ///< what it wrote to, where it ended so
    std::uint64_t lost_frames = 0;  ///< not recorded: the file did not keep up
    /// Shared with the callback, which may outlive the run where a device is gone.
    std::shared_ptr<Statistics> statistics = std::make_shared<Statistics>();

    [[nodiscard]] double audio_seconds() const noexcept {
        return static_cast<double>(statistics->frames.get()) / sample_rate;
    }
};

/// What the callback says about itself, where the command line says nothing; throws Failure where
/// the program cannot do it.
void take_from_callback(const Callback& callback, Options& options);

/// Throws portspan::Error where the callback says of itself that it is for something else, or that
/// it needs a state where `user_data` is null.
void check_fit(const Callback& callback, const void* user_data, const Options& options,
               const Run& run);

/// Channels and sample rate where an input file decides them; throws Failure where it does not fit.
void take_from_file(const AudioReader& reader, const Options& options, Run& run);

/// --in-place once the channels are known; throws Usage.
void check_in_place(const Options& options, const Run& run);

/// --seconds in frames; no_limit without it.
[[nodiscard]] std::uint64_t limit_of(const Options& options, const Run& run);

/// What is to be said if the callback crashes; as soon as the channels are known.
void expect_crashes(const Callback& callback, const Options& options, const Run& run,
                    std::size_t state_size = 0);

/// How a run ended whose callback had this last result.
[[nodiscard]] Ending ending_of(int result);

/// "libgain.so: gain: the callback aborted after 0.500 s: ..."; for the endings that are failures.
[[nodiscard]] std::string failure_text(const Callback& callback, const Run& run);

}  // namespace run_callback
