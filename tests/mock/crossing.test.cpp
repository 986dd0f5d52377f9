// SPDX-License-Identifier: MIT
// Two things at a time that meet in the middle of each other: ends that cross, functions of the
// script's that are taken away while they run, callbacks that wait for streams of other threads.
#include <portaudio.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <portspan/mock.hpp>
#include <portspan/session.hpp>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "c_stream.hpp"
#include "catch.hpp"
#include "eventually.hpp"

using mock_test::Block;
using mock_test::CStream;
using mock_test::eventually;
using mock_test::Side;
using portspan::Session;
using portspan::mock::Loss;
using portspan::mock::Scope;
using namespace std::chrono_literals;

namespace {

constexpr Side mono{.channels = 1};
constexpr double as_fast_as_possible = std::numeric_limits<double>::infinity();

/// Uses the mock when it is let go of.
struct AsksAtItsEnd {
    ~AsksAtItsEnd() { Pa_GetDeviceCount(); }
};

}  // namespace

TEST_CASE("a stream that is started again while another thread ends it is in one state") {
    Scope audio;
    std::atomic<bool> finishing{false};
    int calls = 0;
    CStream stream{{}, mono, [&](const Block&) {
                       ++calls;
                       return paContinue;
                   }};
    stream.on_finished([&] {
        finishing = true;
        std::this_thread::sleep_for(5ms);
    });
    Pa_StartStream(stream);
    std::thread restarts{[&] {
        Pa_StopStream(stream);
        Pa_StartStream(stream);
    }};
    REQUIRE(eventually([&] { return finishing.load(); }));
    SECTION("another stop") {
        Pa_StopStream(stream);
        restarts.join();
        CHECK(Pa_IsStreamActive(stream) != Pa_IsStreamStopped(stream));
    }
    SECTION("a close") {
        CHECK(Pa_CloseStream(stream) == paNoError);
        restarts.join();
        audio.pump(1000);
        CHECK(calls == 0);
    }
}

TEST_CASE("a stream that is being closed is not started, not even by its racing callback") {
    Scope audio;
    audio.call_while_closing();
    int calls = 0;
    PaError answer = paNoError;
    PaStream* handle = nullptr;
    CStream stream{{}, mono, [&](const Block&) {
                       ++calls;
                       answer = Pa_StartStream(handle);
                       return paContinue;
                   }};
    handle = stream;
    CHECK(Pa_CloseStream(stream) == paNoError);
    audio.pump(1000);
    CHECK(answer == paBadStreamPtr);
    CHECK(calls == 1);
}

TEST_CASE("a callback reads a blocking stream that another thread is called for") {
    Scope audio;
    std::atomic<bool> asked{false};
    CStream recorder{mono, {}};
    float sample = 0;
    CStream stream{{},
                   mono,
                   [&](const Block&) {
                       Pa_ReadStream(recorder, &sample, 1);
                       return paContinue;
                   },
                   256};
    Pa_StartStream(recorder);
    audio.feed([&](std::size_t, std::size_t) {
        asked = true;
        std::this_thread::sleep_for(100us);
        return 1.0f;
    });
    std::vector<float> samples(500);
    std::thread reader{[&] { Pa_ReadStream(recorder, samples.data(), samples.size()); }};
    REQUIRE(eventually([&] { return asked.load(); }));
    Pa_StartStream(stream);
    audio.pump(256);
    reader.join();
    CHECK(sample == 1.0f);
}

TEST_CASE("a callback may read and write a blocking stream while the clock is unlimited") {
    Scope audio;
    audio.feed([](std::size_t, std::size_t) { return 0.5f; });
    CStream duplex{mono, mono};
    std::vector<float> samples(10'000);
    std::atomic<PaError> answer{1};
    CStream stream{{}, mono, [&](const Block&) -> int {
                       Pa_ReadStream(duplex, samples.data(), samples.size());
                       answer = Pa_WriteStream(duplex, samples.data(), samples.size());
                       return paComplete;
                   }};
    Pa_StartStream(duplex);
    audio.run(as_fast_as_possible);
    Pa_StartStream(stream);
    CHECK(eventually([&] { return answer == paNoError; }));
    CHECK(samples.back() == 0.5f);
}

TEST_CASE("a stream is not closed under who asks what it could read") {
    Scope audio;
    std::atomic<bool> asked{false};
    audio.feed([&](std::size_t, std::size_t) {
        if (!asked.exchange(true)) std::this_thread::sleep_for(5ms);
        return 0.0f;
    });
    audio.run(as_fast_as_possible);
    const Session session;
    CStream stream{mono, {}};
    Pa_StartStream(stream);
    float sample = 0;
    std::thread reader{[&] { Pa_ReadStream(stream, &sample, 1); }};
    REQUIRE(eventually([&] { return asked.load(); }));
    std::thread closer{[&] { Pa_CloseStream(stream); }};
    const long available = Pa_GetStreamReadAvailable(stream);
    reader.join();
    closer.join();
    CHECK((available >= 0 || available == paBadStreamPtr));
}

TEST_CASE("two callbacks that pull out each other's devices do not wait for each other") {
    Scope audio;
    std::atomic<int> inside{0};
    const auto pulls_out = [&](std::size_t other) {
        return [&, other](const Block&) {
            ++inside;
            for (int i = 0; i < 500 && inside < 2; ++i) std::this_thread::sleep_for(1ms);
            audio.lose_device(other, Loss::finished);
            return paContinue;
        };
    };
    CStream first{{}, mono, pulls_out(1)}, second{{}, mono, pulls_out(0)};
    Pa_StartStream(second);
    std::thread pumps{[&] { audio.pump(1); }};
    REQUIRE(eventually([&] { return inside > 0; }));
    Pa_StartStream(first);
    audio.pump(1);
    pumps.join();
    CHECK(Pa_IsStreamActive(first) == 0);
    CHECK(Pa_IsStreamActive(second) == 0);
}

TEST_CASE("the end of a Scope waits for threads that are inside the mock, and they for it") {
    auto audio = std::make_unique<Scope>();
    std::atomic<bool> inside{false}, returned{false};
    SECTION("a function that intercepts calls") {
        audio->intercept([&](std::string_view) -> std::optional<PaError> {
            inside = true;
            std::this_thread::sleep_for(50ms);
            returned = true;
            return std::nullopt;
        });
        std::thread asks{[] { Pa_GetDeviceCount(); }};
        REQUIRE(eventually([&] { return inside.load(); }));
        audio.reset();
        CHECK(returned);
        Scope next;
        asks.join();
        CHECK(next.calls().empty());
    }
    SECTION("a callback that starts a lost stream once more") {
        CStream lost{mono, {}};
        audio->lose_device(0);
        std::atomic<PaError> answer{paNoError};
        CStream stream{{}, mono, [&](const Block&) {
                           inside = true;
                           std::this_thread::sleep_for(50ms);
                           Pa_StartStream(lost);
                           float sample = 0;
                           answer = Pa_ReadStream(lost, &sample, 1);
                           return paContinue;
                       }};
        Pa_StartStream(stream);
        std::thread pumps{[&, &scope = *audio] { scope.pump(1); }};
        REQUIRE(eventually([&] { return inside.load(); }));
        audio.reset();
        pumps.join();
        CHECK(answer == paNotInitialized);
    }
}

TEST_CASE("what a function of the script's holds may use the mock at its end") {
    auto audio = std::make_unique<Scope>();
    CStream stream{{}, mono, [](const Block&) { return paContinue; }};
    Pa_StartStream(stream);
    SECTION("another takes its place") {
        audio->listen(
            [held = std::make_shared<AsksAtItsEnd>()](std::size_t, std::span<const float>) {});
        audio->listen({});
    }
    SECTION("it takes itself away") {
        audio->listen([&, held = std::make_shared<AsksAtItsEnd>()](
                          std::size_t, std::span<const float>) { audio->listen({}); });
        audio->pump(1);
    }
    SECTION("the Scope ends") {
        audio->intercept([held = std::make_shared<AsksAtItsEnd>()](std::string_view) {
            return std::optional<PaError>{};
        });
        audio->times([held = std::make_shared<AsksAtItsEnd>()](PaStreamCallbackTimeInfo&) {});
    }
    audio.reset();
}

TEST_CASE("PortAudio that is terminated while a stream is opened has opened none") {
    Scope audio;
    REQUIRE(Pa_Initialize() == paNoError);
    audio.info([](PaStreamInfo&) { Pa_Terminate(); });
    PaStream* stream = nullptr;
    CHECK(Pa_OpenDefaultStream(&stream, 0, 2, paFloat32, 48000, 0, nullptr, nullptr) ==
          paNotInitialized);
    CHECK(stream == nullptr);
    CHECK(audio.streams() == 0);
}

TEST_CASE("a callback that terminates PortAudio is called no more") {
    Scope audio;
    int calls = 0;
    CStream stream{{}, mono, [&](const Block&) {
                       ++calls;
                       Pa_Terminate();
                       return paContinue;
                   }};
    Pa_StartStream(stream);
    audio.pump(1000);
    CHECK(calls == 1);
    CHECK(audio.open_streams() == 0);
    CHECK(audio.initialized() == 0);
}
