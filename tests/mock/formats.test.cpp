// SPDX-License-Identifier: MIT
// What a callback gets and gives in its own sample format and layout, on a device of floats.
#include <portaudio.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <portspan/mock.hpp>
#include <portspan/sample.hpp>
#include <portspan/stream.hpp>
#include <vector>

#include "c_stream.hpp"
#include "catch.hpp"

using mock_test::Block;
using mock_test::CStream;
using portspan::Int24;
using portspan::mock::Scope;

namespace {

/// Floats of a device, and the codes that PortAudio makes of them.
template <class T>
struct Codes;
constexpr std::array device{0.0f, 0.5f, -0.5f, 1.0f, -1.0f, 1.5f, -1.5f, 1e-10f};
template <>
struct Codes<float> {
    static constexpr std::array<double, 8> in{0, 0.5, -0.5, 1, -1, 1.5, -1.5, 1e-10f};
    static constexpr std::array<double, 4> out{0, 0.25, -1, 1.5};
    static constexpr std::array<float, 4> heard{0, 0.25f, -1, 1.5f};
};
template <>
struct Codes<std::int32_t> {
    static constexpr std::array<double, 8> in{
        0, 1073741824, -1073741824, 2147483647, -2147483648.0, 2147483647, -2147483648.0, 0};
    static constexpr std::array<double, 4> out{0, 1073741824, -2147483648.0, 3};
    static constexpr std::array<float, 4> heard{0, 0.5f, -1, 0x3p-31f};
};
template <>
struct Codes<Int24> {
    static constexpr std::array<double, 8> in{0,        4194304, -4194304, 8388607,
                                              -8388608, 8388607, -8388608, 0};
    static constexpr std::array<double, 4> out{0, 4194304, -8388608, 8388607};
    static constexpr std::array<float, 4> heard{0, 0.5f, -1, 8388607 / 8388608.0f};
};
template <>
struct Codes<std::int16_t> {
    static constexpr std::array<double, 8> in{0, 16383, -16383, 32767, -32767, 32767, -32768, 0};
    static constexpr std::array<double, 4> out{0, 16384, -32768, 32767};
    static constexpr std::array<float, 4> heard{0, 0.5f, -1, 32767 / 32768.0f};
};
template <>
struct Codes<std::int8_t> {
    static constexpr std::array<double, 8> in{0, 63, -63, 127, -127, 127, -128, 0};
    static constexpr std::array<double, 4> out{0, 64, -128, 127};
    static constexpr std::array<float, 4> heard{0, 0.5f, -1, 127 / 128.0f};
};
template <>
struct Codes<std::uint8_t> {
    static constexpr std::array<double, 8> in{128, 191, 65, 255, 1, 255, 0, 128};
    static constexpr std::array<double, 4> out{128, 192, 0, 255};
    static constexpr std::array<float, 4> heard{0, 0.5f, -1, 127 / 128.0f};
};

constexpr PaSampleFormat planar = paNonInterleaved;

/// The place of one sample in a buffer of either layout.
template <class T>
const T& at(const void* buffer, PaSampleFormat layout, int channels, std::size_t frame, int c) {
    if (layout == planar) return static_cast<const T* const*>(buffer)[c][frame];
    return static_cast<const T*>(
        buffer)[frame * static_cast<std::size_t>(channels) + static_cast<std::size_t>(c)];
}
template <class T>
T& at(void* buffer, PaSampleFormat layout, int channels, std::size_t frame, int c) {
    return const_cast<T&>(at<T>(static_cast<const void*>(buffer), layout, channels, frame, c));
}

template <class T>
double number(T sample) {
    return static_cast<double>(sample);
}

/// The rules that hold for a format in both layouts; each layout is a test case.
template <class T>
void check_layout(PaSampleFormat layout) {
    Scope audio;
    constexpr PaSampleFormat format = portspan::sample_format<T>;
    using Expected = Codes<T>;

    SECTION("what is fed arrives as codes, what is too loud is clipped") {
        audio.feed(device);
        std::vector<double> heard;
        CStream stream{{{.format = format | layout}}, {}, [&](const Block& block) {
                           for (unsigned long i = 0; i < block.frames; ++i) {
                               for (int c = 0; c < 2; ++c) {
                                   heard.push_back(number(at<T>(block.input, layout, 2, i, c)));
                               }
                           }
                           return paContinue;
                       }};
        Pa_StartStream(stream);
        audio.pump(device.size() / 2);
        CHECK(heard == std::vector<double>{Expected::in.begin(), Expected::in.end()});
        audio.pump(1);
        CHECK(heard.back() == number(portspan::silence<T>));
    }
    SECTION("what is written is captured as floats") {
        CStream stream{{}, {{.format = format | layout}}, [&](const Block& block) {
                           for (std::size_t i = 0; i < 4; ++i) {
                               at<T>(block.output, layout, 2, i / 2, static_cast<int>(i % 2)) =
                                   static_cast<T>(Expected::out[i]);
                           }
                           return paContinue;
                       }};
        Pa_StartStream(stream);
        audio.pump(2);
        CHECK(audio.captured() ==
              std::vector<float>{Expected::heard.begin(), Expected::heard.end()});
    }
    SECTION("every channel of every frame has its own place, in blocks of any size") {
        portspan::mock::Machine machine;
        machine.host_apis[0].devices[0].max_input_channels = 5;
        machine.host_apis[0].devices[0].max_output_channels = 3;
        audio.machine(machine);
        audio.blocks({7, 1, 16, 3});
        const auto code = [](std::size_t frame, std::size_t c) {
            return static_cast<T>(static_cast<int>((frame * 7 + c) % 100));
        };
        const auto signal = [](std::size_t frame, std::size_t c) {
            return static_cast<float>((frame * 5 + c) % 64) / 64;
        };
        audio.feed(signal);
        std::size_t position = 0, wrong = 0;
        CStream stream{
            {{.format = format | layout, .channels = 5}},
            {{.format = format | layout, .channels = 3}},
            [&](const Block& block) {
                for (unsigned long i = 0; i < block.frames; ++i, ++position) {
                    for (int c = 0; c < 5; ++c) {
                        const auto channel = static_cast<std::size_t>(c);
                        // Halfway between two codes of 8 bits there is none to be confused with.
                        const double got = number(at<T>(block.input, layout, 5, i, c)) -
                                           number(portspan::silence<T>);
                        const double largest =
                            number(Expected::in[3]) - number(portspan::silence<T>);
                        wrong += std::abs(got / largest - signal(position, channel)) > 1 / 128.0;
                        if (c < 3) at<T>(block.output, layout, 3, i, c) = code(position, channel);
                    }
                }
                return paContinue;
            }};
        Pa_StartStream(stream);
        audio.pump(200);
        CHECK(position > 190);
        CHECK(wrong == 0);
        const std::vector<float> heard = audio.captured();
        REQUIRE(heard.size() == position * 3);
        // One step of the format as a float.
        const float step = Expected::heard[1] /
                           static_cast<float>(Expected::out[1] - number(portspan::silence<T>));
        for (std::size_t i = 0; i < heard.size(); ++i) {
            const double away = number(code(i / 3, i % 3)) - number(portspan::silence<T>);
            wrong += heard[i] != static_cast<float>(away * static_cast<double>(step));
        }
        CHECK(wrong == 0);
    }
    SECTION("the other side may have another format and layout") {
        audio.feed(device);
        const PaSampleFormat other = format == paInt16 ? paFloat32 : paInt16;
        const PaSampleFormat other_layout = layout == planar ? 0 : planar;
        std::vector<double> heard;
        CStream stream{{{.format = format | layout}},
                       {{.format = other | other_layout, .channels = 1}},
                       [&](const Block& block) {
                           for (unsigned long i = 0; i < block.frames; ++i) {
                               heard.push_back(number(at<T>(block.input, layout, 2, i, 1)));
                               if (other == paInt16) {
                                   at<std::int16_t>(block.output, other_layout, 1, i, 0) = -16384;
                               } else {
                                   at<float>(block.output, other_layout, 1, i, 0) = -0.5f;
                               }
                           }
                           return paContinue;
                       }};
        Pa_StartStream(stream);
        audio.pump(4);
        CHECK(heard == std::vector<double>{Expected::in[1], Expected::in[3], Expected::in[5],
                                           Expected::in[7]});
        CHECK(audio.captured() == std::vector<float>(4, -0.5f));
    }
    SECTION("what a callback does not write is old memory, not silence") {
        CStream stream{{}, {{.format = format | layout}}, [](const Block&) { return paContinue; }};
        Pa_StartStream(stream);
        audio.pump(8);
        const std::vector<float> heard = audio.captured();
        REQUIRE(heard.size() == 16);
        CHECK(std::ranges::count(heard, 0.0f) == 0);
    }
}

}  // namespace

TEMPLATE_TEST_CASE("an interleaved callback has its own sample format", "", float, std::int32_t,
                   Int24, std::int16_t, std::int8_t, std::uint8_t) {
    check_layout<TestType>(0);
}

TEMPLATE_TEST_CASE("a planar callback has its own sample format", "", float, std::int32_t, Int24,
                   std::int16_t, std::int8_t, std::uint8_t) {
    check_layout<TestType>(planar);
}

TEST_CASE("portspan's streams of each layout hear what is fed and are captured") {
    Scope audio;
    audio.feed(std::array{0.5f, -1.0f, 0.25f, 1.0f});
    const auto invert = [](auto& block) noexcept {
        auto out = block.output();
        for (std::size_t c = 0; c < out.channels(); ++c) {
            for (std::size_t i = 0; i < block.frames(); ++i) {
                out(i, c) = static_cast<std::int16_t>(-block.input()(i, c));
            }
        }
    };
    const auto run = [&](auto&& stream) {
        stream.start();
        audio.pump(2);
        CHECK(audio.captured() == std::vector<float>{-16383 / 32768.0f, 32767 / 32768.0f,
                                                     -8191 / 32768.0f, -32767 / 32768.0f});
    };
    SECTION("interleaved") { run(portspan::Stream<std::int16_t>{invert}); }
    SECTION("planar") {
        run(portspan::Stream<std::int16_t, std::int16_t, portspan::Planar>{invert});
    }
}

TEST_CASE("a format that PortAudio does not convert is refused") {
    Scope audio;
    REQUIRE(Pa_Initialize() == paNoError);
    PaStream* stream = nullptr;
    PaStreamParameters output{0, 2, paCustomFormat, 0, nullptr};
    const auto callback = [](const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*,
                             PaStreamCallbackFlags, void*) -> int { return paContinue; };
    CHECK(Pa_OpenStream(&stream, nullptr, &output, 48000, 0, paNoFlag, callback, nullptr) ==
          paSampleFormatNotSupported);
    output.sampleFormat = paInt16 | paFloat32;
    CHECK(Pa_OpenStream(&stream, nullptr, &output, 48000, 0, paNoFlag, callback, nullptr) ==
          paSampleFormatNotSupported);
    CHECK(audio.open_streams() == 0);
}
