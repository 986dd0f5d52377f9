// SPDX-License-Identifier: MIT
// Streams whose sample format is known when the program runs.
#include <portspan/blocking.hpp>
#include <portspan/byte_view.hpp>
#include <portspan/mock.hpp>
#include <portspan/stream.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"
#include "levels.hpp"

using portspan::Block;
using portspan::BlockingStream;
using portspan::Fault;
using portspan::InterleavedBytes;
using portspan::Next;
using portspan::OutputStream;
using portspan::Planar;
using portspan::PlanarBytes;
using portspan::RawCallback;
using portspan::RawFormat;
using portspan::Stream;
using portspan::StreamConfig;
using portspan::mock::Scope;

namespace {

constexpr std::array<std::byte, 12> bytes_of_count() {
    std::array<std::byte, 12> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
    return bytes;
}

/// In steps of 1/16: PortAudio's own conversions are not exact.
std::vector<int> rounded(const std::vector<float>& samples) {
    std::vector<int> steps;
    for (const float sample : samples) {
        steps.push_back(static_cast<int>(std::lround(sample * 16)));
    }
    return steps;
}

StreamConfig with_format(RawFormat format) {
    return {.input = {.format = format}, .output = {.format = format}, .frames_per_buffer = 2};
}

}  // namespace

TEST_CASE("interleaved bytes are frames of samples of a size") {
    auto memory = bytes_of_count();
    const InterleavedBytes<std::byte> view{memory.data(), 2, 2, 3};
    CHECK(view.frames() == 2);
    CHECK(view.channels() == 2);
    CHECK(view.sample_size() == 3);
    CHECK_FALSE(view.empty());
    CHECK(view.bytes().size() == 12);
    CHECK(view.frame(1).data() == memory.data() + 6);
    CHECK(view.frame(1).size() == 6);
    CHECK(view(1, 1).data() == memory.data() + 9);
    CHECK(view(1, 1).size() == 3);
    CHECK(view.slice(1, 1).data() == memory.data() + 6);
    CHECK(view.slice(1, 1).bytes().size() == 6);
    const InterleavedBytes<const std::byte> seen = view;
    CHECK(seen(0, 1)[0] == std::byte{3});
    CHECK(InterleavedBytes<std::byte>{}.empty());
    CHECK(InterleavedBytes<std::byte>{}.bytes().empty());
}

TEST_CASE("planar bytes are channels of samples of a size") {
    auto memory = bytes_of_count();
    std::byte* const planes[]{memory.data(), memory.data() + 6};
    const PlanarBytes<std::byte> view{planes, 2, 2, 3};
    CHECK(view.frames() == 2);
    CHECK(view.channels() == 2);
    CHECK(view.sample_size() == 3);
    CHECK_FALSE(view.empty());
    CHECK(view.channel(1).data() == memory.data() + 6);
    CHECK(view.channel(1).size() == 6);
    CHECK(view(1, 1).data() == memory.data() + 9);
    CHECK(view(1, 1).size() == 3);
    const auto tail = view.slice(1, 1);
    CHECK(tail.frames() == 1);
    CHECK(tail.channel(1).data() == memory.data() + 9);
    CHECK(tail.channel(1).size() == 3);
    CHECK(tail(0, 0).data() == memory.data() + 3);
    CHECK(PlanarBytes<const std::byte>{tail}.channel(1).data() == memory.data() + 9);
    CHECK(PlanarBytes<std::byte>{nullptr, 2, 2, 3, 1}.channel(0).data() == nullptr);
    const PlanarBytes<const std::byte> seen = view;
    CHECK(seen(0, 1)[0] == std::byte{6});
    CHECK(PlanarBytes<std::byte>{}.empty());
}

TEST_CASE("a stream of bytes has the format that its configuration says") {
    Scope audio;
    const auto format = GENERATE(paFloat32, paInt32, paInt24, paInt16, paInt8, paUInt8);
    audio.feed(std::array{0.5f, -0.5f, 0.25f, -0.25f});
    Stream<std::byte> stream{with_format(format), [](auto& block) noexcept {
                                 std::ranges::copy(block.input().bytes(),
                                                   block.output().bytes().begin());
                             }};
    CHECK(audio.opened().input->sampleFormat == format);
    CHECK(audio.opened().output->sampleFormat == format);
    stream.start();
    audio.pump(2);
    CHECK(rounded(audio.captured()) == std::vector{8, -8, 4, -4});
}

TEST_CASE("planar bytes, and bytes beside samples") {
    Scope audio;
    audio.feed(std::array{0.5f, -0.5f, 0.25f, -0.25f});
    StreamConfig config{.input = {.format = paInt16}, .frames_per_buffer = 2};
    Stream<std::byte, std::int16_t, Planar> stream{
        config, [](auto& block) noexcept {
            for (std::size_t c = 0; c < block.output().channels(); ++c) {
                const auto from = block.input().channel(c);
                std::memcpy(block.output().channel(c).data(), from.data(), from.size());
            }
        }};
    CHECK(audio.opened().input->sampleFormat == (paInt16 | paNonInterleaved));
    stream.start();
    audio.pump(2);
    CHECK(rounded(audio.captured()) == std::vector{8, -8, 4, -4});
}

TEST_CASE("a foreign callback of a format that is known at run time arrives as it is") {
    const Scope audio;
    const auto nothing = [](const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*,
                            PaStreamCallbackFlags, void*) -> int { return paContinue; };
    const RawCallback callback{nothing};
    const OutputStream<std::byte> stream{{.output = {.format = paInt24}}, callback};
    CHECK(audio.opened().callback == callback.function);
    CHECK(audio.opened().output->sampleFormat == paInt24);
}

TEST_CASE("what a callback says of its format is compared with the configuration's") {
    const Scope audio;
    static constexpr portspan_description says{.abi_version = PORTSPAN_ABI_VERSION,
                                               .size = sizeof(portspan_description),
                                               .output_format = paInt16};
    const RawCallback callback{
        .function = [](const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*,
                       PaStreamCallbackFlags, void*) -> int { return paContinue; },
        .description = &says,
        .name = "reverb"};
    CHECK_NOTHROW(OutputStream<std::byte>{{.output = {.format = paInt16}}, callback});
    CHECK_THROWS_WITH((OutputStream<std::byte>{{.output = {.format = paInt32}}, callback}),
                      ContainsSubstring("int16") && ContainsSubstring("int32"));
}

TEST_CASE("a host API's own format has the size that is given, and is PortAudio's to refuse") {
    Scope audio;
    const auto nothing = [](auto&) noexcept {};
    CHECK_THROWS_WITH((Stream<std::byte>{with_format({paCustomFormat, 2}), nothing}),
                      ContainsSubstring("Pa_OpenStream: Sample format not supported"));
    CHECK(audio.calls("Pa_OpenStream") == 1);
}

TEST_CASE("a byte stream without a format is refused, and a typed one with another") {
    const Scope audio;
    const auto nothing = [](auto&) noexcept {};
    const std::string needed = "a stream of std::byte needs a format";
    CHECK_THROWS_WITH(Stream<std::byte>{nothing}, ContainsSubstring(needed));
    CHECK_THROWS_WITH((Stream<std::byte>{with_format(paCustomFormat), nothing}),
                      ContainsSubstring(needed));
    CHECK_THROWS_WITH((Stream<std::byte>{with_format({paInt16 | paNonInterleaved, 2}), nothing}),
                      ContainsSubstring(needed));
    CHECK_THROWS_WITH((Stream<std::byte>{with_format({paInt16, 8}), nothing}),
                      ContainsSubstring("input format int16 of 8 bytes: its samples have 2"));
    CHECK_THROWS_WITH((Stream<float>{with_format(paInt16), nothing}),
                      ContainsSubstring("input format int16, the stream's samples are float32"));
    CHECK_NOTHROW(Stream<float>{with_format(paFloat32), nothing});
    CHECK(audio.calls("Pa_OpenStream") == 1);
}

TEST_CASE("the bytes of an abort are none of old memory") {
    const Scope audio;
    const auto abort = [](auto&) noexcept { return Next::abort; };
    std::array<std::byte, 12> out = bytes_of_count();
    SECTION("interleaved") {
        const OutputStream<std::byte> stream{{.output = {.format = paInt24}}, abort};
        const auto opened = audio.opened();
        opened.callback(nullptr, out.data(), 2, nullptr, 0, opened.user_data);
    }
    SECTION("planar") {
        std::byte* const planes[]{out.data(), out.data() + 6};
        const OutputStream<std::byte, Planar> stream{{.output = {.format = paInt24}}, abort};
        const auto opened = audio.opened();
        opened.callback(nullptr, const_cast<std::byte**>(planes), 2, nullptr, 0, opened.user_data);
    }
    CHECK(std::ranges::count(out, std::byte{}) == 12);
}

TEST_CASE("a blocking stream of bytes reads and writes its format") {
    Scope audio;
    const auto format = GENERATE(paFloat32, paInt32, paInt24, paInt16, paInt8, paUInt8);
    const std::size_t size = RawFormat{format}.sample_size;
    audio.feed(std::array{0.5f, -0.5f, 0.25f, -0.25f});
    BlockingStream<std::byte> stream{with_format(format)};
    CHECK(audio.opened().input->sampleFormat == format);
    stream.start();
    audio.pump(2);
    std::vector<std::byte> memory(2 * 2 * size);
    SECTION("as whole frames") {
        stream.read(memory);
        stream.write(memory);
    }
    SECTION("as views") {
        const InterleavedBytes<std::byte> view{memory.data(), 2, 2, size};
        stream.read(view);
        stream.write(view);
    }
    audio.pump(2);
    auto heard = rounded(audio.captured());
    REQUIRE(heard.size() >= 4);
    CHECK(std::vector(heard.end() - 4, heard.end()) == std::vector{8, -8, 4, -4});
}

TEST_CASE("a blocking stream of planar bytes takes more than one piece") {
    Scope audio;
    constexpr std::size_t frames = 600;
    const auto level = [](std::size_t frame, std::size_t channel) {
        return static_cast<float>(frame % 16) / (channel == 0 ? 16.0f : -16.0f);
    };
    audio.feed(level);
    audio.run(10);
    StreamConfig config = with_format(paInt16);
    config.frames_per_buffer = 0;
    BlockingStream<std::byte, std::byte, Planar> stream{config};
    stream.start();
    std::vector<std::int16_t> samples(2 * frames);
    const std::array planes{reinterpret_cast<std::byte*>(samples.data()),
                            reinterpret_cast<std::byte*>(samples.data() + frames)};
    CHECK_FALSE(portspan::any(stream.read({planes.data(), frames, 2, 2})));
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double wanted = level(i % frames, i / frames);
        wrong += std::abs(level_of(samples[i]) - wanted) > 0.01;
    }
    CHECK(wrong == 0);
}

TEST_CASE("bytes that are no samples of the stream's format are refused") {
    const Scope audio;
    BlockingStream<std::byte> stream{with_format(paInt24)};
    stream.start();
    std::vector<std::byte> memory(24);
    const auto text = [](auto call) {
        const auto error = error_of(call);
        return error ? std::string{error->what()} : "none";
    };
    const InterleavedBytes<std::byte> view{memory.data(), 2, 2, 4};
    CHECK(text([&] { stream.read(view); }) ==
          "BlockingStream::read: invalid argument (samples of 4 bytes in the view, the stream's "
          "have 3)");
    CHECK(text([&] { stream.write(view); }) ==
          "BlockingStream::write: invalid argument (samples of 4 bytes in the view, the stream's "
          "have 3)");
    CHECK(stream.read(view, std::nothrow).error == Fault::invalid_argument);
    CHECK(text([&] { stream.read(std::span{memory}.first(8)); }) ==
          "BlockingStream::read: invalid argument (8 bytes are no whole frames of 2 channels)");
    CHECK(audio.calls("Pa_ReadStream") == 0);
    CHECK(text([&] { BlockingStream<std::byte>{}; }).find("needs a format") != std::string::npos);
}
