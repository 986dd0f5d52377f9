// SPDX-License-Identifier: MIT
// Any bytes as the sound file that run_callback plays: a Failure, or as many frames as it says at
// most, the same ones whatever the blocks that they are read in.
#include <audio_file.hpp>
#include <buffer.hpp>
#include <cstring>
#include <failure.hpp>
#include <optional>

#include "temporary_file.hpp"

using run_callback::AudioReader;
using run_callback::Buffer;
using run_callback::Failure;

namespace {

constexpr std::size_t most_frames = 20000;

/// The bytes of a 44-byte WAV header with any numbers in it, and the rest as its audio.
std::vector<std::uint8_t> any_wave(fuzz::Input& in) {
    std::vector<std::uint8_t> bytes;
    const auto text = [&](const char* four) { bytes.insert(bytes.end(), four, four + 4); };
    const auto number = [&](std::uint64_t value, int count) {
        for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> 8 * i));
    };
    constexpr std::uint16_t kinds[] = {1, 3, 6, 7, 2, 17, 0xfffe, 49};
    constexpr std::uint16_t widths[] = {8, 16, 24, 32, 64, 4, 12, 0};
    constexpr std::uint32_t rates[] = {48000, 44100, 1, 0, 0x7fffffff, 0xffffffff, 768001};
    constexpr std::uint32_t lengths[] = {0, 1, 0x7fffffff, 0xffffffff, 0xfffffff0};
    const std::uint16_t kind = in.one_of(kinds), width = in.one_of(widths);
    const std::uint16_t channels = in.flag() ? in.any<std::uint16_t>() : in.any<std::uint8_t>() % 5;
    const std::uint32_t rate = in.flag() ? in.any<std::uint32_t>() : in.one_of(rates);
    const bool is_honest = in.flag();
    const std::uint32_t length = in.one_of(lengths);
    const auto frame = static_cast<std::uint16_t>(channels * width / 8);
    const auto audio = in.rest();
    text("RIFF");
    number(is_honest ? audio.size() + 36 : length, 4);
    text("WAVE");
    text("fmt ");
    number(16, 4);
    number(kind, 2);
    number(channels, 2);
    number(rate, 4);
    number(std::uint64_t{rate} * frame, 4);
    number(frame, 2);
    number(width, 2);
    text("data");
    number(is_honest ? audio.size() : length, 4);
    bytes.insert(bytes.end(), audio.begin(), audio.end());
    return bytes;
}

template <class T>
bool same(const T& a, const T& b) {
    return std::memcmp(&a, &b, sizeof a) == 0;  // NaN too
}

/// All there is, in blocks; nothing where the file is damaged.
template <class T, class Layout>
std::optional<std::vector<T>> read(const std::string& name, std::size_t channels,
                                   std::size_t block) {
    AudioReader reader{name};
    Buffer<T, Layout> buffer{block, channels};
    std::vector<T> all;
    std::size_t frames = 0;
    try {
        while (frames < most_frames) {
            const std::size_t got = reader.read(buffer.view());
            EXPECT(got <= block);
            for (std::size_t f = 0; f < got; ++f) {
                for (std::size_t c = 0; c < channels; ++c) all.push_back(buffer.view()(f, c));
            }
            frames += got;
            if (got < block) break;
        }
    } catch (const Failure&) {
        return std::nullopt;
    }
    if (reader.frames()) EXPECT(frames <= *reader.frames());
    return all;
}

template <class T>
void look(const std::string& name, std::size_t channels, std::size_t block) {
    const auto whole = read<T, portspan::Interleaved>(name, channels, most_frames);
    const auto parts = read<T, portspan::Planar>(name, channels, block);
    if (!whole || !parts) return;
    const std::size_t count = std::min(whole->size(), parts->size());
    EXPECT(parts->size() >= whole->size() && parts->size() - whole->size() < block * channels);
    for (std::size_t i = 0; i < count; ++i) EXPECT(same((*whole)[i], (*parts)[i]));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input in{data, size};
    const std::size_t channels = 1 + in.below(4), block = 1 + in.below(600), format = in.below(4);
    std::vector<std::uint8_t> bytes;
    if (in.flag()) {
        bytes = any_wave(in);
    } else {
        bytes.assign(in.rest().begin(), in.rest().end());
    }
    const fuzz::TemporaryFile file{bytes};
    try {
        const AudioReader reader{file.name()};
        EXPECT(reader.channels() > 0 && reader.sample_rate() > 0);
        const std::string words = reader.description();
        EXPECT(!words.empty() && words.find('\n') == words.npos);
        switch (format) {
            case 0:
                look<float>(file.name(), channels, block);
                break;
            case 1:
                look<std::int16_t>(file.name(), channels, block);
                break;
            case 2:
                look<portspan::Int24>(file.name(), channels, block);
                break;
            default:
                look<std::uint8_t>(file.name(), channels, block);
        }
    } catch (const Failure& failure) {
        EXPECT(std::strlen(failure.what()) > 10);
    }
    return 0;
}
