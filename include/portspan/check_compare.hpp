// SPDX-License-Identifier: MIT
// What check() sees in the output of a run, and between two runs.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "bound_guards.hpp"
#include "check_words.hpp"
#include "sample.hpp"

namespace portspan::detail {

/// Amplitude of full scale of a sample type.
template <class T>
inline constexpr double full_scale_of = static_cast<double>((std::numeric_limits<T>::max)()) + 1;
template <>
inline constexpr double full_scale_of<float> = 1;
template <>
inline constexpr double full_scale_of<Int24> = 8'388'608;
template <>
inline constexpr double full_scale_of<std::uint8_t> = 128;

/// Noise at half of full scale, an impulse between two silences, noise; the same every time.
template <class T>
std::vector<T> check_signal(std::size_t frames, std::size_t channels) {
    std::vector<T> samples(frames * channels, silence<T>);
    std::uint32_t random = 1;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        random = random * 1664525 + 1013904223;
        const double noise = static_cast<double>(random >> 8) / (1 << 24) - 0.5;
        const std::size_t position = 16 * (i / channels) / frames;
        const bool is_impulse = i / channels == frames * 9 / 16;
        if (position >= 8 && position < 11 && !is_impulse) continue;
        const auto zero = static_cast<double>(silence<T>);
        samples[i] = static_cast<T>(noise * full_scale_of<T> + zero);
    }
    return samples;
}

/// The output of one run.
template <class Out>
struct Recorded {
    std::size_t channels = 0;
    std::vector<Out> samples = {};  ///< frame after frame; without the block of an abort
    std::size_t frames = 0;
    std::uint8_t old_memory = 0;       ///< every byte of the output before each call
    bool is_whole = true;              ///< nothing but completing has ended it
    std::vector<double> seconds = {};  ///< of each call

    [[nodiscard]] bool is_old(std::size_t sample) const noexcept {
        unsigned char old[sizeof(Out)];
        std::memset(old, old_memory, sizeof old);
        return std::memcmp(old, &samples[sample], sizeof old) == 0;
    }
    /// "frame 3, channel 0"
    [[nodiscard]] std::string place(std::size_t sample) const {
        return "frame " + std::to_string(sample / channels) + ", channel " +
               std::to_string(sample % channels);
    }
    [[nodiscard]] std::string value(std::size_t sample) const {
        char text[32];
        std::snprintf(text, sizeof text, "%.9g", static_cast<double>(samples[sample]));
        return text;
    }
};

/// Samples that two runs from one state both left as they were, though that was not the same.
template <class Out>
std::vector<bool> unwritten(const Recorded<Out>& one, const Recorded<Out>& other) {
    std::vector<bool> samples((std::min)(one.samples.size(), other.samples.size()));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        samples[i] = one.is_old(i) && other.is_old(i);
    }
    return samples;
}

/// "leaves channel 1 of its output unwritten, in blocks of 64 frames"; of the first block with such
/// samples; empty where there is none.
inline std::string unwritten_text(const std::vector<bool>& samples, std::size_t channels,
                                  const Cut& cut) {
    std::size_t first = 0;
    for (std::size_t call = 0; first * channels < samples.size(); ++call) {
        const std::size_t frames = cut.block(call);
        const auto is_left = [&](std::size_t frame, std::size_t channel) {
            const std::size_t i = (first + frame) * channels + channel;
            return i < samples.size() && samples[i];
        };
        std::size_t left = 0, frames_left = 0, last_written = 0;
        std::vector<std::size_t> of_channel(channels);
        for (std::size_t f = 0; f < frames; ++f) {
            std::size_t in_frame = 0;
            for (std::size_t c = 0; c < channels; ++c) {
                in_frame += is_left(f, c);
                of_channel[c] += is_left(f, c);
            }
            left += in_frame;
            frames_left += in_frame == channels;
            if (in_frame < channels) last_written = f + 1;
        }
        const std::string where = " of its output unwritten, in " + cut.text();
        if (left == frames * channels) return "leaves all" + where;
        if (left == frames_left * channels && left != 0) {
            const bool at_end = last_written + frames_left == frames;
            return std::string{"leaves "} + (at_end ? "the last " : "") +
                   count_of(frames_left, "frame") + " of a block" + where;
        }
        for (std::size_t c = 0; c < channels && left != 0; ++c) {
            if (of_channel[c] == frames) return "leaves channel " + std::to_string(c) + where;
        }
        if (left != 0) {
            return "leaves " + count_of(left, "sample") + " of " +
                   std::to_string(frames * channels) + " in a block" + where;
        }
        first += frames;
    }
    return {};
}

/// The first sample that is written in both and is not the same, byte for byte.
template <class Out>
std::optional<std::size_t> first_change(const Recorded<Out>& one, const Recorded<Out>& other,
                                        const std::vector<bool>& left_out) {
    const std::size_t count = (std::min)(one.samples.size(), other.samples.size());
    for (std::size_t i = 0; i < count; ++i) {
        if (i < left_out.size() && left_out[i]) continue;
        if (std::memcmp(&one.samples[i], &other.samples[i], sizeof(Out)) != 0) return i;
    }
    return {};
}

/// The first sample whose amplitudes are further apart than `tolerance`, of full scale or of the
/// loudest sample; as far as both go.
template <class Out>
std::optional<std::size_t> first_difference(const Recorded<Out>& one, const Recorded<Out>& other,
                                            double tolerance) {
    const std::size_t count = (std::min)(one.samples.size(), other.samples.size());
    double peak = full_scale_of<Out>;
    for (std::size_t i = 0; i < count; ++i) {
        const double amplitude = std::abs(static_cast<double>(one.samples[i]));
        if (std::isfinite(amplitude)) peak = (std::max)(peak, amplitude);
    }
    double allowed = tolerance * peak;
    if (!std::is_same_v<Out, float>) allowed = (std::max)(allowed, 1.0);
    for (std::size_t i = 0; i < count; ++i) {
        if (std::memcmp(&one.samples[i], &other.samples[i], sizeof(Out)) == 0) continue;
        const auto a = static_cast<double>(one.samples[i]);
        const auto b = static_cast<double>(other.samples[i]);
        if (std::isnan(a) && std::isnan(b)) continue;
        if (!(std::abs(a - b) <= allowed)) return i;
    }
    return {};
}

}  // namespace portspan::detail
