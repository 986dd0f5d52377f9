// SPDX-License-Identifier: MIT
// Sound files in, WAV and FLAC out, through libsndfile.
#pragma once

#include <sndfile.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "new_file.hpp"
#include "options.hpp"
#include "samples.hpp"

namespace run_callback {

/// Throws Usage where the extension is neither .wav nor .flac.
void check_output_name(const std::string& name);

struct CloseSndfile {
    void operator()(SNDFILE* file) const noexcept { sf_close(file); }
};

/// A sound file, read from its beginning on in pieces of any size.
class AudioReader {
public:
    /// Throws Failure where there is nothing that could be read.
    explicit AudioReader(const std::string& name);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::size_t channels() const noexcept { return channels_; }
    [[nodiscard]] int sample_rate() const noexcept { return info_.samplerate; }
    /// Empty where the file does not say.
    [[nodiscard]] std::optional<std::uint64_t> frames() const noexcept;
    /// "WAV, 16 bit, 1 channel, 48000 Hz"
    [[nodiscard]] std::string description() const;

    /// Fills the view from its first frame on; returns how many frames there were, fewer than the
    /// view has only at the file's end. A mono file goes to all channels; channels that the file
    /// does not have are left as they are. Throws Failure where the file is damaged.
    template <class View>
    std::size_t read(View view) {
        using T = typename View::sample_type;
        if constexpr (std::is_same_v<T, float>) {
            return read_as<float>(view, [](float sample) { return sample; });
        } else if (holds_integers()) {
            return read_as<int>(view, [](int sample) { return from_int<T>(sample); });
        } else {
            // libsndfile would scale a float file to its peak, or not at all.
            return read_as<double>(view, [](double sample) { return from_amplitude<T>(sample); });
        }
    }

private:
    static constexpr std::size_t piece = 4096;  // frames

    [[nodiscard]] bool holds_integers() const noexcept;
    std::size_t read_raw(float* samples, std::size_t frames);
    std::size_t read_raw(double* samples, std::size_t frames);
    std::size_t read_raw(int* samples, std::size_t frames);
    std::size_t checked(sf_count_t frames);

    template <class Raw, class View, class Convert>
    std::size_t read_as(View view, Convert convert) {
        std::vector<Raw> raw(std::min(piece, view.frames()) * channels_);
        std::size_t done = 0;
        while (done < view.frames()) {
            const std::size_t wanted = std::min(piece, view.frames() - done);
            const std::size_t got = read_raw(raw.data(), wanted);
            const std::size_t from_file = channels_ == 1 ? view.channels() : channels_;
            for (std::size_t c = 0; c < std::min(from_file, view.channels()); ++c) {
                const std::size_t source = channels_ == 1 ? 0 : c;
                for (std::size_t f = 0; f < got; ++f) {
                    view(done + f, c) = convert(raw[f * channels_ + source]);
                }
            }
            done += got;
            if (got < wanted) break;
        }
        return done;
    }

    std::string name_;
    SF_INFO info_{};
    std::unique_ptr<SNDFILE, CloseSndfile> file_;
    std::size_t channels_ = 0;
    std::uint64_t position_ = 0;
};

/// A WAV or FLAC file that gets its name from publish(); without that nothing is left.
class AudioWriter {
public:
    /// `frames`: how many there will be at most; empty where nobody knows. Throws Failure.
    AudioWriter(const std::string& name, Format format, std::size_t channels, double sample_rate,
                std::optional<std::uint64_t> frames);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// "FLAC, 24 bit (FLAC holds no float)"
    [[nodiscard]] std::string description() const;

    /// Appends all frames of a view; throws Failure where the disk is full.
    template <class View>
    void write(View view) {
        using T = std::remove_const_t<typename View::sample_type>;
        if constexpr (std::is_same_v<T, float>) {
            write_as<float>(view, [](float sample) { return sample; });
        } else {
            write_as<int>(view, [](T sample) { return to_int<T>(sample); });
        }
    }

    /// The file is complete, but for its name. Throws Failure; then there is no file.
    void finish();
    /// After finish(). Throws Failure.
    void publish() { target_.publish(); }

private:
    static constexpr std::size_t piece = 4096;  // frames

    void write_raw(const float* samples, std::size_t frames);
    void write_raw(const int* samples, std::size_t frames);
    void check_written(sf_count_t written, std::size_t wanted);
    [[noreturn]] void refuse(const std::string& why) const;

    template <class Raw, class View, class Convert>
    void write_as(View view, Convert convert) {
        std::vector<Raw> raw(std::min(piece, view.frames()) * view.channels());
        for (std::size_t done = 0; done < view.frames(); done += piece) {
            const std::size_t count = std::min(piece, view.frames() - done);
            for (std::size_t c = 0; c < view.channels(); ++c) {
                for (std::size_t f = 0; f < count; ++f) {
                    raw[f * view.channels() + c] = convert(view(done + f, c));
                }
            }
            write_raw(raw.data(), count);
        }
    }

    std::string name_;
    Format format_;
    SF_INFO info_{};
    NewFile target_;
    std::unique_ptr<SNDFILE, CloseSndfile> file_;
};

}  // namespace run_callback
