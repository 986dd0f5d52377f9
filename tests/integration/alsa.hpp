// SPDX-License-Identifier: MIT
// ALSA without hardware: a configuration file of the test's own, read by the real libraries.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <portspan/sample.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

/// A new folder, removed at the end with all that is in it.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string path = (std::filesystem::temp_directory_path() / "portspan-XXXXXX").string();
        if (!mkdtemp(path.data())) throw std::runtime_error("cannot make " + path);
        path_ = path;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::string operator/(const char* name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

/// Points ALSA at a configuration of the test's own. Make it before the first Session: PortAudio
/// reads the configuration when it starts, and keeps it until the last Session is gone.
class AlsaConfiguration {
public:
    explicit AlsaConfiguration(const std::string& text) {
        std::ofstream{folder_ / "asound.conf"} << text;
        setenv("ALSA_CONFIG_PATH", (folder_ / "asound.conf").c_str(), 1);
        // PortAudio asks for a JACK server too; libjack would start one.
        setenv("JACK_NO_START_SERVER", "1", 1);
    }

    [[nodiscard]] const TemporaryFolder& folder() const noexcept { return folder_; }

private:
    TemporaryFolder folder_;
};

/// Takes and gives audio as fast as the machine can. It has to be a `plug`: PortAudio refuses, or
/// by its version does not list, a bare `null`.
inline const std::string null_device =
    "pcm.!default { type plug slave.pcm { type null } }\n"
    "ctl.!default { type null }\n";

/// ALSA's name for a sample type in the machine's byte order.
template <portspan::Sample T>
std::string alsa_format() {
    const std::string order = std::endian::native == std::endian::little ? "LE" : "BE";
    if constexpr (std::is_same_v<T, float>) return "FLOAT_" + order;
    if constexpr (std::is_same_v<T, std::int32_t>) return "S32_" + order;
    if constexpr (std::is_same_v<T, portspan::Int24>) return "S24_3" + order;
    if constexpr (std::is_same_v<T, std::int16_t>) return "S16_" + order;
    if constexpr (std::is_same_v<T, std::int8_t>) return "S8";
    if constexpr (std::is_same_v<T, std::uint8_t>) return "U8";
}

/// The default device records from one file and plays into another, both raw samples of type T in
/// two channels at 48 kHz: PortAudio and ALSA find nothing to convert, so every bit arrives.
/// Two devices behind an `asym`: one `file` device for both directions writes what it records into
/// the file that the playback goes to.
template <portspan::Sample T>
class AlsaFiles {
public:
    explicit AlsaFiles(std::span<const T> recording) {
        std::ofstream file{files_ / "in.raw", std::ios::binary};
        const auto bytes = std::as_bytes(recording);
        file.write(reinterpret_cast<const char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
    }

    /// All that was played so far, the silence included that PortAudio starts with.
    [[nodiscard]] std::vector<T> played() const {
        std::ifstream file{files_ / "out.raw", std::ios::binary};
        const std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};
        std::vector<T> samples(bytes.size() / sizeof(T));
        std::copy_n(bytes.begin(), samples.size() * sizeof(T),
                    reinterpret_cast<char*>(samples.data()));
        return samples;
    }

private:
    [[nodiscard]] std::string configuration() const {
        return "pcm.play { type file format raw file \"" + (files_ / "out.raw") +
               "\" slave.pcm { type null } }\n"
               "pcm.record { type file format raw file \"/dev/null\" infile \"" +
               (files_ / "in.raw") +
               "\" slave.pcm { type null } }\n"
               "pcm.files { type asym playback.pcm play capture.pcm record }\n"
               "pcm.!default { type plug slave { pcm files channels 2 rate 48000 format " +
               alsa_format<T>() +
               " } }\n"
               "ctl.!default { type null }\n";
    }

    TemporaryFolder files_;
    AlsaConfiguration configuration_{configuration()};
};
