// SPDX-License-Identifier: MIT
// The real libportaudio from file to file, compared with render() of the same callback, bit for
// bit.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <portspan/portspan.hpp>
#include <utility>
#include <vector>

#include "alsa.hpp"
#include "catch.hpp"
#include "levels.hpp"
#include "noise.hpp"

using namespace std::chrono_literals;
using portspan::InputStream;
using portspan::Int24;
using portspan::Interleaved;
using portspan::Next;
using portspan::OutputStream;
using portspan::Planar;
using portspan::Stream;
using portspan::StreamConfig;

namespace {

constexpr std::size_t frames = 24'000;  // no multiple of any block size below
constexpr auto patience = 30s;

/// Frames and bits as they should be; what follows the last frame is how the stream ran out.
template <class T>
void check_same(const std::vector<T>& played, const std::vector<T>& expected) {
    const std::vector<T> audible = after_silence(played);
    REQUIRE(audible.size() >= expected.size());
    const auto [here, there] = std::ranges::mismatch(expected, audible);
    INFO("first difference at sample " << here - expected.begin());
    CHECK(here == expected.end());
}

/// Samples that remember the ones before: a block that is lost, doubled or out of order shows in
/// all that follows. The products are exact, so no compiler can round this in its own way.
template <class T>
struct OnePole {
    std::array<double, 2> last{};
    std::size_t frames_left = frames;

    Next operator()(auto& block) noexcept {
        const auto output = block.in_place();
        for (std::size_t frame = 0; frame < block.frames(); ++frame) {
            for (std::size_t channel = 0; channel < 2; ++channel) {
                T& sample = output(frame, channel);
                last[channel] = 0.5 * last[channel] + 0.5 * static_cast<double>(sample);
                sample = static_cast<T>(last[channel]);
            }
        }
        frames_left -= std::min(block.frames(), frames_left);
        return frames_left == 0 ? Next::complete : Next::keep_going;
    }
};

/// A sawtooth that starts anywhere but at silence.
template <class T>
struct Sawtooth {
    std::size_t position = 0;

    Next operator()(auto& block) noexcept {
        const auto output = block.output();
        for (std::size_t frame = 0; frame < block.frames(); ++frame, ++position) {
            const double phase = static_cast<double>((position + 17) % 101) / 101;
            output(frame, 0) = sample_of<T>(phase);
            output(frame, 1) = sample_of<T>(-phase);
        }
        return position >= frames ? Next::complete : Next::keep_going;
    }
};

StreamConfig stereo(unsigned long frames_per_buffer = 0) {
    return {.input = {.channels = 2},
            .output = {.channels = 2},
            .sample_rate = 48000,
            .frames_per_buffer = frames_per_buffer};
}

template <class T, class Layout>
struct Audio;
template <class T>
struct Audio<T, Interleaved> {
    std::vector<T> samples = std::vector<T>(2 * frames);

    portspan::InterleavedView<const T> input() const { return {samples.data(), frames, 2}; }
    portspan::InterleavedView<T> output() { return {samples.data(), frames, 2}; }
    std::vector<T> interleaved() const { return samples; }
    static Audio of(const std::vector<T>& samples) { return {samples}; }
};
template <class T>
struct Audio<T, Planar> {
    std::array<std::vector<T>, 2> planes{std::vector<T>(frames), std::vector<T>(frames)};
    std::array<T*, 2> pointers{};
    std::array<const T*, 2> const_pointers{};

    portspan::PlanarView<const T> input() {
        const_pointers = {planes[0].data(), planes[1].data()};
        return {const_pointers.data(), frames, 2};
    }
    portspan::PlanarView<T> output() {
        pointers = {planes[0].data(), planes[1].data()};
        return {pointers.data(), frames, 2};
    }
    std::vector<T> interleaved() const {
        std::vector<T> samples;
        for (std::size_t frame = 0; frame < frames; ++frame) {
            for (const auto& plane : planes) samples.push_back(plane[frame]);
        }
        return samples;
    }
    static Audio of(const std::vector<T>& samples) {
        Audio audio;
        for (std::size_t i = 0; i < samples.size(); ++i) audio.planes[i % 2][i / 2] = samples[i];
        return audio;
    }
};

/// What render() makes of the recording, or of nothing, with the same callback.
template <class T, class Layout, class... Callback>
std::vector<T> rendered(const std::vector<T>& recording, Callback&&... callback) {
    auto input = Audio<T, Layout>::of(recording);
    Audio<T, Layout> output;
    portspan::render(input.input(), output.output(), std::forward<Callback>(callback)...);
    return output.interleaved();
}

/// Runs a stream to its end and closes it, so that the file is complete.
template <class S, class... Arguments>
void run(Arguments&&... arguments) {
    S stream{std::forward<Arguments>(arguments)...};
    stream.start();
    REQUIRE(stream.wait_for(patience));
}

template <class T, class Layout>
void duplex_is_exact() {
    const std::vector<T> recording = noise<T>(frames);
    const AlsaFiles<T> files{recording};
    const auto expected = rendered<T, Layout>(recording, OnePole<T>{});
    REQUIRE(expected != recording);
    for (const unsigned long frames_per_buffer : {0ul, 64ul, 256ul, 100ul}) {
        INFO(frames_per_buffer << " frames per buffer");
        run<Stream<T, T, Layout>>(stereo(frames_per_buffer), OnePole<T>{});
        check_same(files.played(), expected);
    }
}

template <class T, class Layout>
void recording_is_exact() {
    const std::vector<T> recording = noise<T>(frames);
    const AlsaFiles<T> files{recording};
    for (const unsigned long frames_per_buffer : {0ul, 64ul, 256ul, 100ul}) {
        INFO(frames_per_buffer << " frames per buffer");
        std::vector<T> recorded;
        recorded.reserve(2 * (frames + 4096));
        run<InputStream<T, Layout>>(stereo(frames_per_buffer), [&recorded](auto& block) noexcept {
            const auto input = block.input();
            for (std::size_t frame = 0; frame < input.frames(); ++frame) {
                recorded.push_back(input(frame, 0));
                recorded.push_back(input(frame, 1));
            }
            return recorded.size() >= 2 * frames ? Next::complete : Next::keep_going;
        });
        REQUIRE(recorded.size() >= recording.size());
        recorded.resize(recording.size());
        CHECK((recorded == recording));
    }
}

template <class T, class Layout>
void playback_is_exact() {
    const AlsaFiles<T> files{std::vector<T>(2)};
    Audio<T, Layout> expected;
    portspan::render(portspan::NoView{}, expected.output(), Sawtooth<T>{});
    for (const unsigned long frames_per_buffer : {0ul, 64ul, 256ul, 100ul}) {
        INFO(frames_per_buffer << " frames per buffer");
        run<OutputStream<T, Layout>>(stereo(frames_per_buffer), Sawtooth<T>{});
        check_same(files.played(), expected.interleaved());
    }
}

/// The layout of `struct one_pole` in one_pole.c.
struct OnePoleState {
    double last[2] = {0, 0};
    unsigned long frames_left = frames;
};

const portspan::SharedLibrary& c_library() {
    static const portspan::SharedLibrary library{PORTSPAN_ONE_POLE_LIBRARY};
    return library;
}

template <class T, class Layout>
void foreign_is_exact(const char* symbol) {
    const std::vector<T> recording = noise<T>(frames);
    const AlsaFiles<T> files{recording};
    OnePoleState rendering;
    const auto expected = rendered<T, Layout>(recording, c_library().callback(symbol, &rendering));
    // The same arithmetic in C and in C++: neither side of the comparison is taken on trust.
    REQUIRE((expected == rendered<T, Layout>(recording, OnePole<T>{})));
    for (const unsigned long frames_per_buffer : {0ul, 64ul, 256ul, 100ul}) {
        INFO(frames_per_buffer << " frames per buffer");
        OnePoleState state;
        run<Stream<T, T, Layout>>(stereo(frames_per_buffer), c_library().callback(symbol, &state));
        check_same(files.played(), expected);
    }
}

}  // namespace

TEMPLATE_TEST_CASE("a duplex stream plays what render() says", "", float, std::int32_t, Int24,
                   std::int16_t, std::int8_t, std::uint8_t) {
    SECTION("interleaved") { duplex_is_exact<TestType, Interleaved>(); }
    SECTION("planar") { duplex_is_exact<TestType, Planar>(); }
}

TEMPLATE_TEST_CASE("an input-only stream records every sample", "", float, std::int16_t, Int24) {
    SECTION("interleaved") { recording_is_exact<TestType, Interleaved>(); }
    SECTION("planar") { recording_is_exact<TestType, Planar>(); }
}

TEMPLATE_TEST_CASE("an output-only stream plays what render() says", "", float, std::int16_t,
                   std::uint8_t) {
    SECTION("interleaved") { playback_is_exact<TestType, Interleaved>(); }
    SECTION("planar") { playback_is_exact<TestType, Planar>(); }
}

TEST_CASE("a C callback out of a shared library plays what render() says") {
    SECTION("float32") { foreign_is_exact<float, Interleaved>("one_pole"); }
    SECTION("int16") { foreign_is_exact<std::int16_t, Interleaved>("one_pole_short"); }
    SECTION("planar") { foreign_is_exact<float, Planar>("one_pole_planar"); }
}

TEST_CASE("a C callback is called in place by the in_place adaptor") {
    const std::vector<float> recording = noise<float>(frames);
    const AlsaFiles<float> files{recording};
    const auto expected = rendered<float, Interleaved>(recording, OnePole<float>{});
    OnePoleState state;
    SECTION("with it") {
        run<Stream<float>>(stereo(),
                           portspan::in_place(c_library().callback("one_pole_in_place", &state)));
        check_same(files.played(), expected);
    }
    SECTION("not without it") {
        state.frames_left = 64;
        run<Stream<float>>(stereo(64), c_library().callback("one_pole_in_place", &state));
        const auto played = after_silence(files.played());
        REQUIRE(played.size() >= 128);
        CHECK(std::count(played.begin(), played.begin() + 128, 1.0f) == 128);
    }
}

TEST_CASE("the library of a callback stays loaded while its stream lives") {
    const AlsaFiles<float> files{noise<float>(frames)};
    OnePoleState state;
    {
        Stream<float> stream{stereo(), portspan::SharedLibrary{PORTSPAN_ONE_POLE_LIBRARY}.callback(
                                           "one_pole", &state)};
        stream.start();  // now the stream is the only one that has the library
        REQUIRE(stream.wait_for(patience));
    }
    CHECK(state.frames_left == 0);
}
