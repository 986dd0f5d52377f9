// SPDX-License-Identifier: MIT
// The command line, checked as far as it can be without opening anything.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace run_callback {

constexpr int most_channels = 256;  ///< a direction

enum class Format { float32, int32, int24, int16, int8, uint8 };
[[nodiscard]] const char* name_of(Format format);

/// Where audio comes from or goes to.
struct Side {
    enum class Kind { none, file, device };
    Kind kind = Kind::none;
    std::string name;  ///< the file, or the device's name or index; empty: the default device

    [[nodiscard]] bool is_file() const noexcept { return kind == Kind::file; }
    [[nodiscard]] bool is_device() const noexcept { return kind == Kind::device; }
};

/// What the command line itself says; the callback may say what it does not.
struct Given {
    bool format = false;
    bool channels = false;
    bool frames_per_buffer = false;
};

struct Options {
    bool version = false;
    bool list_devices = false;
    bool json = false;     ///< the devices as JSON
    bool verbose = false;  ///< PortAudio's host APIs may print to stderr
    std::string describe;  ///< the library whose callbacks are to be shown; empty: none
    bool check = false;    ///< the callback is tried, not run
    /// Seconds that one run of a check may take; with watch, a compiler.
    std::optional<double> timeout;
    std::string library;
    std::string symbol;
    std::string watch;                  ///< the source that is heard while it is edited
    double fade = 20;                   ///< milliseconds from one version to the next
    std::vector<std::string> settings;  ///< NAME=VALUE
    bool view = false;                  ///< a screen of meters, without --watch or --set as well
    Side input;
    Side output;
    Format format = Format::float32;
    bool planar = false;
    bool in_place = false;
    bool global = false;
    std::optional<std::size_t> input_channels;   ///< empty: what the input has
    std::optional<std::size_t> output_channels;  ///< empty: as many as input_channels
    std::optional<double> sample_rate;           ///< Hz; empty: what the file or the device has
    std::size_t frames_per_buffer = 0;           ///< 0: the host chooses
    std::optional<double> seconds;
    std::optional<std::filesystem::path> report;
    bool stats = false;
    bool quiet = false;
    Given given = {};

    /// With a device on either side there is a PortAudio stream.
    [[nodiscard]] bool live() const noexcept { return input.is_device() || output.is_device(); }
    /// Somebody turns the numbers of the callback's state.
    [[nodiscard]] bool has_controls() const noexcept { return !watch.empty() || !settings.empty(); }
};

/// Empty where --help was asked for, and printed; throws Usage.
[[nodiscard]] std::optional<Options> parse_options(int argc, char** argv);

}  // namespace run_callback
