// SPDX-License-Identifier: MIT
// Blocking reads and writes: the two queues of 4096 frames between a program and its device.
#include <portaudio.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <portspan/mock.hpp>
#include <portspan/sample.hpp>
#include <thread>
#include <type_traits>
#include <vector>

#include "c_stream.hpp"
#include "catch.hpp"

using mock_test::Block;
using mock_test::CStream;
using mock_test::Side;
using portspan::Int24;
using portspan::mock::Loss;
using portspan::mock::Scope;

namespace {

constexpr Side mono{.channels = 1};
constexpr long queue = 4096;

/// A frame's number as a sample.
float count(std::size_t frame, std::size_t) { return static_cast<float>(frame); }

std::vector<float> counted(std::size_t first, std::size_t last) {
    std::vector<float> samples;
    for (std::size_t i = first; i < last; ++i) samples.push_back(static_cast<float>(i));
    return samples;
}

/// Two planes or one interleaved buffer of stereo samples, as a program hands it to PortAudio.
template <class T>
struct Buffer {
    explicit Buffer(bool is_planar, std::size_t frame_count)
        : planar(is_planar), frames(frame_count), samples(2 * frame_count) {}
    T& at(std::size_t frame, std::size_t channel) {
        return samples[planar ? channel * frames + frame : frame * 2 + channel];
    }
    void* data() { return planar ? static_cast<void*>(planes.data()) : samples.data(); }

    bool planar;
    std::size_t frames;
    std::vector<T> samples;
    std::array<T*, 2> planes{samples.data(), samples.data() + frames};
};

template <class T>
void check_format(bool planar) {
    Scope audio;
    const PaSampleFormat format =
        portspan::sample_format<T> | (planar ? paNonInterleaved : PaSampleFormat{0});
    // The code of 0.5 rounds towards 0 on its way in, and has no fraction to lose on its way out.
    constexpr double half = std::is_same_v<T, float>          ? 0.5
                            : std::is_same_v<T, Int24>        ? 4194304
                            : std::is_same_v<T, std::int32_t> ? 1073741824
                            : std::is_same_v<T, std::int16_t> ? 16383
                                                              : 63;
    const auto zero = static_cast<double>(portspan::silence<T>);
    Buffer<T> buffer{planar, 3};
    SECTION("a read converts") {
        audio.feed(std::array{0.5f, -0.5f, 0.0f, 0.5f});
        CStream stream{{{.format = format}}, {}};
        Pa_StartStream(stream);
        REQUIRE(Pa_ReadStream(stream, buffer.data(), 3) == paNoError);
        const auto got = [&](std::size_t frame, std::size_t channel) {
            return static_cast<double>(buffer.at(frame, channel)) - zero;
        };
        CHECK(got(0, 0) == half);
        CHECK(got(0, 1) == -half);
        CHECK(got(1, 0) == 0);
        CHECK(got(1, 1) == half);
        CHECK(got(2, 0) == 0);
        CHECK(got(2, 1) == 0);
    }
    SECTION("a write converts") {
        CStream stream{{}, {{.format = format}}};
        Pa_StartStream(stream);
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t c = 0; c < 2; ++c) {
                buffer.at(i, c) = static_cast<T>(zero + (i == 1 ? 0 : c == 0 ? half : -half));
            }
        }
        REQUIRE(Pa_WriteStream(stream, buffer.data(), 3) == paNoError);
        audio.pump(3);
        const auto full = std::is_same_v<T, float>
                              ? 1.0
                              : -static_cast<double>(std::numeric_limits<std::int32_t>::min()) /
                                    static_cast<double>(std::int64_t{1}
                                                        << (32 - 8 * static_cast<int>(sizeof(T))));
        const auto heard = static_cast<float>(half / full);
        CHECK(audio.captured() == std::vector<float>{heard, -heard, 0, 0, heard, -heard});
    }
}

}  // namespace

TEMPLATE_TEST_CASE("interleaved reads and writes have the program's sample format", "", float,
                   std::int32_t, Int24, std::int16_t, std::int8_t, std::uint8_t) {
    check_format<TestType>(false);
}

TEMPLATE_TEST_CASE("planar reads and writes have the program's sample format", "", float,
                   std::int32_t, Int24, std::int16_t, std::int8_t, std::uint8_t) {
    check_format<TestType>(true);
}

TEST_CASE("a queue holds 4096 frames and tells how many can be read and written at once") {
    Scope audio;
    audio.feed(count);
    CStream stream{mono, mono};
    CHECK(Pa_GetStreamReadAvailable(stream) == 0);
    CHECK(Pa_GetStreamWriteAvailable(stream) == queue);
    Pa_StartStream(stream);
    audio.pump(100);
    CHECK(Pa_GetStreamReadAvailable(stream) == 100);
    std::vector<float> samples(queue);
    CHECK(Pa_ReadStream(stream, samples.data(), 30) == paNoError);
    CHECK(Pa_GetStreamReadAvailable(stream) == 70);
    CHECK(Pa_WriteStream(stream, samples.data(), 50) == paNoError);
    CHECK(Pa_GetStreamWriteAvailable(stream) == queue - 50);
    audio.pump(20);
    CHECK(Pa_GetStreamReadAvailable(stream) == 90);
    CHECK(Pa_GetStreamWriteAvailable(stream) == queue - 30);
    // As long as there is room nobody waits, and no time passes.
    CHECK(Pa_WriteStream(stream, samples.data(), static_cast<unsigned long>(queue - 30)) ==
          paNoError);
    CHECK(Pa_GetStreamWriteAvailable(stream) == 0);
    CHECK(Pa_GetStreamReadAvailable(stream) == 90);
}

TEST_CASE("a direction that a stream does not have has nothing available") {
    Scope audio;
    SECTION("no input") {
        CStream stream{{}, mono};
        CHECK(Pa_GetStreamReadAvailable(stream) == paCanNotReadFromAnOutputOnlyStream);
        CHECK(Pa_GetStreamWriteAvailable(stream) == queue);
    }
    SECTION("no output") {
        CStream stream{mono, {}};
        CHECK(Pa_GetStreamWriteAvailable(stream) == paCanNotWriteToAnInputOnlyStream);
        CHECK(Pa_GetStreamReadAvailable(stream) == 0);
    }
    SECTION("a callback") {
        CStream stream{mono, mono, [](const Block&) { return paComplete; }};
        CHECK(Pa_GetStreamReadAvailable(stream) == paCanNotReadFromACallbackStream);
        CHECK(Pa_GetStreamWriteAvailable(stream) == paCanNotWriteToACallbackStream);
    }
}

TEST_CASE("a read lets pass as much virtual time as it needs") {
    Scope audio;
    audio.feed(count);
    CStream stream{mono, {}};
    Pa_StartStream(stream);
    std::vector<float> samples(10'000);
    SECTION("from an empty queue") {
        CHECK(Pa_ReadStream(stream, samples.data(), 10'000) == paNoError);
        CHECK(samples == counted(0, 10'000));
        CHECK_THAT(Pa_GetStreamTime(stream), WithinAbs(1 + 10'000 / 48000.0, 1e-9));
        CHECK(Pa_GetStreamReadAvailable(stream) == 0);
    }
    SECTION("beyond what waits") {
        audio.pump(300);
        samples.resize(500);
        CHECK(Pa_ReadStream(stream, samples.data(), 500) == paNoError);
        CHECK(samples == counted(0, 500));
        CHECK_THAT(Pa_GetStreamTime(stream), WithinAbs(1 + 500 / 48000.0, 1e-9));
    }
    SECTION("none where enough waits") {
        audio.pump(300);
        CHECK(Pa_ReadStream(stream, samples.data(), 300) == paNoError);
        CHECK_THAT(Pa_GetStreamTime(stream), WithinAbs(1 + 300 / 48000.0, 1e-9));
    }
}

TEST_CASE("a write lets virtual time pass where the queue is full") {
    Scope audio;
    CStream stream{{}, mono};
    Pa_StartStream(stream);
    const std::vector<float> samples = counted(0, 10'000);
    CHECK(Pa_WriteStream(stream, samples.data(), 10'000) == paNoError);
    CHECK(audio.captured() == counted(0, 10'000 - queue));
    CHECK(Pa_GetStreamWriteAvailable(stream) == 0);
    audio.pump(queue);
    CHECK(audio.captured() == samples);
}

TEST_CASE("input that nobody reads overflows: the oldest is lost, one read tells it") {
    Scope audio;
    audio.feed(count);
    CStream stream{mono, {}};
    Pa_StartStream(stream);
    std::vector<float> samples(100);
    SECTION("5000 frames into a queue of 4096") {
        audio.pump(5000);
        CHECK(Pa_GetStreamReadAvailable(stream) == queue);
        CHECK(Pa_ReadStream(stream, samples.data(), 100) == paInputOverflowed);
        CHECK(samples == counted(5000 - queue, 5100 - queue));
        CHECK(Pa_ReadStream(stream, samples.data(), 100) == paNoError);
        CHECK(samples == counted(5100 - queue, 5200 - queue));
    }
    SECTION("a queue that is just full has lost nothing") {
        audio.pump(queue);
        CHECK(Pa_ReadStream(stream, samples.data(), 100) == paNoError);
        CHECK(samples == counted(0, 100));
    }
    SECTION("a new start forgets it, and what was not read") {
        audio.pump(5000);
        Pa_StopStream(stream);
        Pa_StartStream(stream);
        CHECK(Pa_GetStreamReadAvailable(stream) == 0);
        CHECK(Pa_ReadStream(stream, samples.data(), 100) == paNoError);
        CHECK(samples == counted(5000, 5100));
    }
}

TEST_CASE("output that comes too late underflows: silence is heard, one write tells it") {
    Scope audio;
    CStream stream{{}, mono};
    Pa_StartStream(stream);
    const std::vector<float> samples = counted(1, 101);
    SECTION("after the first write") {
        CHECK(Pa_WriteStream(stream, samples.data(), 100) == paNoError);
        audio.pump(102);
        CHECK(Pa_WriteStream(stream, samples.data(), 2) == paOutputUnderflowed);
        audio.pump(2);
        auto heard = samples;
        heard.insert(heard.end(), {0, 0, 1, 2});
        CHECK(audio.captured() == heard);
        CHECK(Pa_WriteStream(stream, samples.data(), 2) == paNoError);
    }
    SECTION("not before it") {
        audio.pump(100);
        CHECK(Pa_WriteStream(stream, samples.data(), 100) == paNoError);
        CHECK(audio.captured() == std::vector<float>(100, 0.0f));
    }
    SECTION("not where just enough was there") {
        CHECK(Pa_WriteStream(stream, samples.data(), 100) == paNoError);
        audio.pump(100);
        CHECK(Pa_WriteStream(stream, samples.data(), 100) == paNoError);
    }
    SECTION("a new start forgets it") {
        CHECK(Pa_WriteStream(stream, samples.data(), 100) == paNoError);
        audio.pump(200);
        Pa_AbortStream(stream);
        Pa_StartStream(stream);
        audio.pump(10);
        CHECK(Pa_WriteStream(stream, samples.data(), 100) == paNoError);
    }
}

TEST_CASE("a stop plays what was written, an abort and a close drop it") {
    Scope audio;
    const std::vector<float> samples = counted(1, 1001);
    std::vector<float> played = counted(1, 101);
    {
        CStream stream{{}, mono};
        Pa_StartStream(stream);
        REQUIRE(Pa_WriteStream(stream, samples.data(), 1000) == paNoError);
        audio.pump(100);
        SECTION("stop") {
            CHECK(Pa_StopStream(stream) == paNoError);
            played = samples;
            CHECK_THAT(Pa_GetStreamTime(stream), WithinAbs(1 + 1000 / 48000.0, 1e-9));
        }
        SECTION("abort") { CHECK(Pa_AbortStream(stream) == paNoError); }
        SECTION("a stop after the device has gone") {
            audio.lose_device();
            CHECK(Pa_StopStream(stream) == paNoError);
        }
        SECTION("close") {}
        if (Pa_IsStreamStopped(stream) == 1) {
            CHECK(Pa_GetStreamWriteAvailable(stream) == queue);
            CHECK(Pa_WriteStream(stream, samples.data(), 1) == paStreamIsStopped);
            float sample = 0;
            CHECK(Pa_ReadStream(stream, &sample, 1) == paStreamIsStopped);
        }
    }
    CHECK(audio.captured() == played);
}

TEST_CASE("a blocking stream starts again where its clock stood") {
    Scope audio;
    audio.feed(count);
    CStream stream{mono, mono};
    Pa_StartStream(stream);
    std::vector<float> samples(64);
    CHECK(Pa_ReadStream(stream, samples.data(), 64) == paNoError);
    Pa_StopStream(stream);
    Pa_StartStream(stream);
    CHECK(Pa_ReadStream(stream, samples.data(), 64) == paNoError);
    CHECK(samples == counted(64, 128));
    CHECK(Pa_WriteStream(stream, samples.data(), 64) == paNoError);
    Pa_StopStream(stream);
    CHECK(audio.captured().size() == 64 + 64 + 64);
    CHECK(audio.captured().back() == 127);
}

TEST_CASE("a stream without a callback has a finished callback all the same, as with JACK") {
    Scope audio;
    int finished = 0;
    CStream stream{mono, mono};
    stream.on_finished([&] { ++finished; });
    Pa_StartStream(stream);
    CHECK(Pa_StopStream(stream) == paNoError);
    Pa_StartStream(stream);
    audio.lose_device(0, Loss::finished);
    CHECK(finished == 2);
}

TEST_CASE("a duplex stream that reads and writes in turn has no gap") {
    Scope audio;
    audio.feed(count);
    CStream stream{mono, mono};
    Pa_StartStream(stream);
    std::vector<float> samples(100);
    for (int i = 0; i < 200; ++i) {
        REQUIRE(Pa_ReadStream(stream, samples.data(), 100) == paNoError);
        REQUIRE(Pa_WriteStream(stream, samples.data(), 100) == paNoError);
    }
    Pa_StopStream(stream);
    // One block later, because the first was played before anything was written.
    std::vector<float> heard(100, 0.0f);
    const auto all = counted(0, 20'000);
    heard.insert(heard.end(), all.begin(), all.end());
    CHECK(audio.captured() == heard);
}

TEST_CASE("a blocking call moves the time of the callback streams beside it") {
    Scope audio;
    audio.feed(count);
    std::size_t called = 0;
    CStream with_callback{{},
                          mono,
                          [&](const Block& block) {
                              called += block.frames;
                              static_cast<float*>(block.output)[0] = 0;
                              return paContinue;
                          },
                          128,
                          24'000};
    CStream blocking{mono, {}};
    Pa_StartStream(with_callback);
    Pa_StartStream(blocking);
    std::vector<float> samples(1024);
    CHECK(Pa_ReadStream(blocking, samples.data(), 1024) == paNoError);
    // Half the rate, so half the frames in the same time.
    CHECK(called == 512);
    CHECK(samples == counted(0, 1024));
    audio.pump(128);
    CHECK(called == 640);
    CHECK(Pa_GetStreamReadAvailable(blocking) == 128);
}

TEST_CASE("a callback that reads what a blocking stream has keeps up with it") {
    Scope audio;
    audio.feed(count);
    CStream input{mono, {}};
    CStream output{{}, mono, [&](const Block& block) {
                       CHECK(Pa_ReadStream(input, block.output, block.frames) == paNoError);
                       return paContinue;
                   }};
    Pa_StartStream(input);
    Pa_StartStream(output);
    audio.pump(10'000);
    CHECK(audio.captured(1) == counted(0, 10'000));
}

TEST_CASE("an xrun loses input, and the next read and write of a blocking stream tell it") {
    Scope audio;
    audio.feed(count);
    CStream stream{mono, mono};
    std::vector<float> samples(10);
    SECTION("while it runs") { Pa_StartStream(stream); }
    SECTION("before it starts") {}
    audio.xrun(5);
    Pa_StartStream(stream);
    CHECK(Pa_ReadStream(stream, samples.data(), 10) == paInputOverflowed);
    CHECK(samples == counted(5, 15));
    CHECK(Pa_WriteStream(stream, samples.data(), 10) == paOutputUnderflowed);
    CHECK(Pa_ReadStream(stream, samples.data(), 10) == paNoError);
    CHECK(samples == counted(15, 25));
    CHECK(Pa_WriteStream(stream, samples.data(), 10) == paNoError);
}

TEST_CASE("after a device loss that ends the stream reads and writes fail") {
    Scope audio;
    CStream stream{mono, mono};
    Pa_StartStream(stream);
    audio.pump(10);
    std::vector<float> samples(2 * queue);
    SECTION("finished: what waits can be read, then the stream is stopped") {
        audio.lose_device(0, Loss::finished);
        CHECK(Pa_IsStreamActive(stream) == 0);
        CHECK(Pa_ReadStream(stream, samples.data(), 10) == paNoError);
        CHECK(Pa_ReadStream(stream, samples.data(), 10) == paStreamIsStopped);
        CHECK(Pa_WriteStream(stream, samples.data(), 2 * queue) == paStreamIsStopped);
    }
    SECTION("error: the host's error") {
        audio.lose_device(0, Loss::error);
        CHECK(Pa_ReadStream(stream, samples.data(), 10) == paUnanticipatedHostError);
        CHECK(Pa_WriteStream(stream, samples.data(), 10) == paUnanticipatedHostError);
        CHECK(Pa_GetStreamReadAvailable(stream) == paUnanticipatedHostError);
        CHECK(Pa_GetStreamWriteAvailable(stream) == paUnanticipatedHostError);
    }
}

TEST_CASE("silence after a device loss: a read waits until another thread ends the stream") {
    Scope audio;
    CStream stream{mono, mono};
    Pa_StartStream(stream);
    audio.lose_device();
    CHECK(Pa_IsStreamActive(stream) == 1);
    std::atomic<bool> returned{false};
    PaError result = paNoError;
    std::vector<float> samples(2 * queue);
    const auto wait = [&](auto f) {
        std::thread reader{[&, f] {
            result = f();
            returned = true;
        }};
        // Long enough that a read which does not wait would be back.
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        audio.pump(100);
        CHECK_FALSE(returned);
        return reader;
    };
    std::thread waiting;
    SECTION("a read, until Pa_AbortStream") {
        waiting = wait([&] { return Pa_ReadStream(stream, samples.data(), 1); });
        CHECK(Pa_AbortStream(stream) == paNoError);
    }
    SECTION("a read, until Pa_StopStream") {
        waiting = wait([&] { return Pa_ReadStream(stream, samples.data(), 1); });
        CHECK(Pa_StopStream(stream) == paNoError);
    }
    SECTION("a write of more than there is room for, until Pa_CloseStream") {
        waiting = wait([&] { return Pa_WriteStream(stream, samples.data(), 2 * queue); });
        CHECK(Pa_CloseStream(stream) == paNoError);
    }
    waiting.join();
    CHECK(result == paStreamIsStopped);
}

TEST_CASE("a device that is lost for good ends a read that waits") {
    Scope audio;
    CStream stream{mono, {}};
    Pa_StartStream(stream);
    audio.lose_device();
    PaError result = paNoError;
    const auto wait_and_lose = [&](Loss loss) {
        std::thread reader{[&] {
            float sample = 0;
            result = Pa_ReadStream(stream, &sample, 1);
        }};
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        audio.lose_device(0, loss);
        reader.join();
    };
    SECTION("finished") {
        wait_and_lose(Loss::finished);
        CHECK(result == paStreamIsStopped);
    }
    SECTION("error") {
        wait_and_lose(Loss::error);
        CHECK(result == paUnanticipatedHostError);
    }
}
