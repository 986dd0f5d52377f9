// SPDX-License-Identifier: MIT
// The real libportaudio from file to file without a callback, bit for bit.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <portspan/portspan.hpp>
#include <span>
#include <thread>
#include <type_traits>
#include <vector>

#include "alsa.hpp"
#include "catch.hpp"
#include "noise.hpp"

using namespace std::chrono_literals;
using portspan::BlockingInputStream;
using portspan::BlockingOutputStream;
using portspan::BlockingStream;
using portspan::Int24;
using portspan::Interleaved;
using portspan::InterleavedView;
using portspan::Planar;
using portspan::PlanarView;
using portspan::StreamConfig;
using portspan::Transfer;

namespace {

constexpr std::size_t frames = 10'000;  // no multiple of any block size below
constexpr auto patience = 30s;

/// What was played, as much as there is to compare.
template <class T>
std::vector<T> heard(const AlsaFiles<T>& files) {
    auto audible = after_silence(files.played());
    audible.resize(std::min(audible.size(), 2 * frames));
    return audible;
}

StreamConfig stereo() {
    return {.input = {.channels = 2}, .output = {.channels = 2}, .sample_rate = 48000};
}

/// Two channels in either layout.
template <class T, class L>
struct Memory {
    std::vector<T> samples = std::vector<T>(2 * frames);
    std::array<T*, 2> planes{samples.data(), samples.data() + frames};

    auto view() {
        if constexpr (std::is_same_v<L, Interleaved>) {
            return InterleavedView<T>{samples, 2};
        } else {
            return PlanarView<T>{planes.data(), frames, 2};
        }
    }
    void set(const std::vector<T>& interleaved) {
        for (std::size_t i = 0; i < interleaved.size(); ++i) view()(i / 2, i % 2) = interleaved[i];
    }
    std::vector<T> interleaved() {
        std::vector<T> all;
        for (std::size_t i = 0; i < 2 * frames; ++i) all.push_back(view()(i / 2, i % 2));
        return all;
    }
};

template <class T, class L>
void is_exact() {
    const auto recording = noise<T>(frames);
    const AlsaFiles<T> files{recording};
    for (const std::size_t block : {std::size_t{64}, std::size_t{1000}, frames}) {
        INFO("blocks of " << block << " frames");
        Memory<T, L> memory;
        {
            BlockingInputStream<T, L> input{stereo()};
            input.start();
            for (std::size_t first = 0; first < frames; first += block) {
                const std::size_t count = std::min(block, frames - first);
                REQUIRE_FALSE(portspan::any(input.read(memory.view().slice(first, count))));
            }
        }
        CHECK((memory.interleaved() == recording));
        {
            BlockingOutputStream<T, L> output{stereo()};
            output.start();
            for (std::size_t first = 0; first < frames; first += block) {
                const std::size_t count = std::min(block, frames - first);
                output.write(memory.view().slice(first, count));
            }
            output.stop();
        }
        CHECK((heard(files) == recording));
    }
}

}  // namespace

TEMPLATE_TEST_CASE("blocking reads and writes are exact", "", float, std::int32_t, Int24,
                   std::int16_t, std::int8_t, std::uint8_t) {
    SECTION("interleaved") { is_exact<TestType, Interleaved>(); }
    SECTION("planar") { is_exact<TestType, Planar>(); }
}

TEST_CASE("a duplex stream writes what it reads") {
    const auto recording = noise<std::int16_t>(frames);
    const AlsaFiles<std::int16_t> files{recording};
    {
        BlockingStream<std::int16_t> stream{stereo()};
        stream.start();
        std::vector<std::int16_t> block(2 * 100);
        for (std::size_t frame = 0; frame < frames; frame += 100) {
            stream.read(block);
            stream.write(block);
        }
        stream.stop();
    }
    CHECK((heard(files) == recording));
}

TEST_CASE("threads that read, write, ask and stop get on with each other") {
    const AlsaConfiguration configuration{null_device};
    for (int round = 0; round < 20; ++round) {
        BlockingStream<float> stream{stereo()};
        stream.start();
        std::atomic<int> reads = 0, writes = 0, answers = 0;
        std::atomic<bool> is_over = false;
        Transfer last_read, last_write;
        std::thread reader{[&] {
            std::vector<float> block(2 * 1000);
            for (; !last_read.error; ++reads) last_read = stream.read({block, 2}, std::nothrow);
        }};
        std::thread writer{[&] {
            const std::vector<float> block(2 * 300);
            for (; !last_write.error; ++writes) {
                last_write = stream.write({block, 2}, std::nothrow);
            }
        }};
        std::thread asker{[&] {
            while (!is_over) {
                try {
                    static_cast<void>(stream.read_available() + stream.write_available());
                    ++answers;
                } catch (const portspan::Error&) {
                    if (is_over) return;
                }
            }
        }};
        while (reads < 20 || writes < 20 || answers < 20) std::this_thread::sleep_for(1ms);
        stream.stop();
        is_over = true;
        reader.join();
        writer.join();
        asker.join();
        CHECK(last_read.error == portspan::portaudio_error(paStreamIsStopped));
        CHECK(last_write.error == portspan::portaudio_error(paStreamIsStopped));
    }
}

TEMPLATE_TEST_CASE("what is played and recorded by one call is exact", "", float, Int24,
                   std::int16_t, std::uint8_t) {
    const auto recording = noise<TestType>(frames);
    const AlsaFiles<TestType> files{recording};
    const InterleavedView<const TestType> view{recording, 2};
    SECTION("played") {
        {
            portspan::Playback playback = portspan::play(view, {.sample_rate = 48000});
            REQUIRE(playback.wait_for(patience));
        }
        CHECK((heard(files) == recording));
    }
    SECTION("recorded") {
        auto recorded =
            portspan::record<TestType>(frames, {.input = {.channels = 2}, .sample_rate = 48000});
        REQUIRE(recorded.wait_for(patience));
        CHECK((recorded.take() == recording));
    }
    SECTION("both") {
        std::vector<TestType> taken;
        {
            auto recorded = portspan::play_and_record(
                view, {.input = {.channels = 2}, .sample_rate = 48000, .output_mapping = {1, 0}});
            REQUIRE(recorded.wait_for(patience));
            taken = recorded.take();
        }
        CHECK((taken == recording));
        auto played = heard(files);
        for (std::size_t i = 0; i + 1 < played.size(); i += 2) std::swap(played[i], played[i + 1]);
        CHECK((played == recording));
    }
}
