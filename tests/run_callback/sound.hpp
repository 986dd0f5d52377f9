// SPDX-License-Identifier: MIT
// Sound files for the tests of run_callback, written and read back without it.
#pragma once

#include <sndfile.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace sound {

struct Sound {
    int channels = 1;
    int sample_rate = 48000;
    int format = 0;
    std::vector<float> samples;
    std::size_t frames() const { return samples.size() / static_cast<std::size_t>(channels); }
};

/// Noise that every format from `bits` bits on holds exactly.
inline std::vector<float> noise(std::size_t samples, int bits = 16) {
    std::mt19937 random{42};
    const int half = 1 << (bits - 1);
    std::uniform_int_distribution<int> values{-half, half - 1};
    std::vector<float> result(samples);
    for (float& x : result) x = static_cast<float>(values(random)) / static_cast<float>(half);
    return result;
}

/// Where two rows of samples differ first; empty where they are the same.
template <class T>
std::string difference(const std::vector<T>& is, const std::vector<T>& should_be) {
    for (std::size_t i = 0; i < is.size() && i < should_be.size(); ++i) {
        if (is[i] == should_be[i]) continue;
        return "sample " + std::to_string(i) + " is " + std::to_string(is[i]) + ", should be " +
               std::to_string(should_be[i]);
    }
    if (is.size() == should_be.size()) return {};
    return std::to_string(is.size()) + " samples, should be " + std::to_string(should_be.size());
}

inline void write(const std::string& name, const Sound& sound) {
    SF_INFO info{};
    info.channels = sound.channels;
    info.samplerate = sound.sample_rate;
    info.format = sound.format;
    SNDFILE* file = sf_open(name.c_str(), SFM_WRITE, &info);
    if (!file) throw std::runtime_error(name + ": " + sf_strerror(nullptr));
    sf_command(file, SFC_SET_CLIPPING, nullptr, SF_TRUE);
    sf_write_float(file, sound.samples.data(), static_cast<sf_count_t>(sound.samples.size()));
    sf_close(file);
}

inline Sound read(const std::string& name) {
    SF_INFO info{};
    SNDFILE* file = sf_open(name.c_str(), SFM_READ, &info);
    if (!file) throw std::runtime_error(name + ": " + sf_strerror(nullptr));
    Sound sound{info.channels, info.samplerate, info.format, {}};
    sound.samples.resize(static_cast<std::size_t>(info.frames * info.channels));
    const auto got =
        sf_read_float(file, sound.samples.data(), static_cast<sf_count_t>(sound.samples.size()));
    sf_close(file);
    sound.samples.resize(static_cast<std::size_t>(got));
    return sound;
}

inline std::string bytes(const std::string& name) {
    std::ifstream file{name, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

inline void write_bytes(const std::string& name, const std::string& content) {
    std::ofstream{name, std::ios::binary} << content;
}

constexpr int wav_float = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
constexpr int wav_16 = SF_FORMAT_WAV | SF_FORMAT_PCM_16;

}  // namespace sound
