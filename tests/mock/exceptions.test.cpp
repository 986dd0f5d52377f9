// SPDX-License-Identifier: MIT
// What a program's own functions throw comes out of the call that has called them, and leaves the
// mock as it would be without.
#include <portaudio.h>

#include <portspan/mock.hpp>
#include <portspan/session.hpp>
#include <span>
#include <stdexcept>
#include <vector>

#include "c_stream.hpp"
#include "catch.hpp"

using mock_test::Block;
using mock_test::CStream;
using mock_test::Side;
using portspan::Session;
using portspan::mock::Loss;
using portspan::mock::Scope;

namespace {

constexpr Side mono{.channels = 1};

int go_on(const Block&) { return paContinue; }

[[noreturn]] void boo() { throw std::runtime_error("boo"); }

}  // namespace

TEST_CASE("a stream whose finished callback throws is stopped, and closed") {
    Scope audio;
    const Session session;
    CStream stream{{}, mono, go_on};
    stream.on_finished(boo);
    SECTION("by Pa_StopStream") {
        Pa_StartStream(stream);
        CHECK_THROWS_WITH(Pa_StopStream(stream), "boo");
        CHECK(Pa_IsStreamStopped(stream) == 1);
        CHECK(Pa_StartStream(stream) == paNoError);
        CHECK_THROWS_WITH(Pa_AbortStream(stream), "boo");
    }
    SECTION("by Pa_CloseStream") {
        Pa_StartStream(stream);
        CHECK_THROWS_WITH(Pa_CloseStream(stream), "boo");
        CHECK(audio.open_streams() == 0);
        CHECK(Pa_CloseStream(stream) == paBadStreamPtr);
    }
    SECTION("where its device is lost") {
        Pa_StartStream(stream);
        CHECK_THROWS_WITH(audio.lose_device(0, Loss::finished), "boo");
        CHECK(Pa_IsStreamActive(stream) == 0);
        CHECK(Pa_StopStream(stream) == paNoError);
    }
}

TEST_CASE("PortAudio is terminated where a finished callback throws") {
    Scope audio;
    int finished = 0;
    CStream first{{}, mono, go_on}, second{{}, mono, go_on};
    first.on_finished(boo);
    second.on_finished([&] { ++finished; });
    Pa_StartStream(first);
    Pa_StartStream(second);
    REQUIRE(Pa_Terminate() == paNoError);
    CHECK_THROWS_WITH(Pa_Terminate(), "boo");
    CHECK(audio.initialized() == 0);
    CHECK(audio.open_streams() == 0);
    CHECK(finished == 1);
}

TEST_CASE("a callback that pulls out its device and throws ends its stream") {
    Scope audio;
    int finished = 0;
    CStream stream{{}, mono, [&](const Block&) -> int {
                       audio.lose_device(0, Loss::finished);
                       boo();
                   }};
    stream.on_finished([&] { ++finished; });
    Pa_StartStream(stream);
    CHECK_THROWS_WITH(audio.pump(1), "boo");
    CHECK(Pa_IsStreamActive(stream) == 0);
    CHECK(finished == 1);
}

TEST_CASE(
    "what a callback throws that races Pa_CloseStream comes out of it, the stream is closed") {
    Scope audio;
    audio.call_while_closing();
    const Session session;
    CStream stream{{}, mono, [](const Block&) -> int { boo(); }};
    CHECK_THROWS_WITH(Pa_CloseStream(stream), "boo");
    CHECK(audio.open_streams() == 0);
}

TEST_CASE("what a function of the script's throws comes out, too") {
    Scope audio;
    const Session session;
    int calls = 0;
    CStream stream{mono, mono, [&](const Block&) {
                       ++calls;
                       return paContinue;
                   }};
    Pa_StartStream(stream);
    SECTION("the listener") {
        audio.listen([](std::size_t, std::span<const float>) { boo(); });
        CHECK_THROWS_WITH(audio.pump(1), "boo");
        CHECK(calls == 1);
        // It is called once more when the stream is closed.
        CHECK_THROWS_WITH(Pa_CloseStream(stream), "boo");
        CHECK(audio.open_streams() == 0);
    }
    SECTION("who changes the times") {
        audio.times([](PaStreamCallbackTimeInfo&) { boo(); });
        CHECK_THROWS_WITH(audio.pump(1), "boo");
        CHECK(calls == 0);
    }
    SECTION("the input") {
        audio.feed([](std::size_t, std::size_t) -> float { boo(); });
        CHECK_THROWS_WITH(audio.pump(1), "boo");
        CHECK(calls == 0);
    }
    audio.listen({});
    audio.times({});
    audio.feed([](std::size_t, std::size_t) { return 0.0f; });
    if (audio.open_streams() == 1) audio.pump(1);
}

TEST_CASE("a stream ends as it has to, whatever the script's functions throw") {
    Scope audio;
    int calls = 0, finished = 0;
    int result = paComplete;
    CStream stream{{}, mono, [&](const Block&) {
                       ++calls;
                       return result;
                   }};
    stream.on_finished([&] { ++finished; });
    Pa_StartStream(stream);
    SECTION("the listener, of the last block") {
        audio.listen([](std::size_t, std::span<const float>) { boo(); });
        CHECK_THROWS_WITH(audio.pump(1), "boo");
        CHECK(calls == 1);
    }
    SECTION("the listener that pulls out the device") {
        result = paContinue;
        audio.listen([&](std::size_t, std::span<const float>) {
            audio.lose_device(0, Loss::finished);
            boo();
        });
        CHECK_THROWS_WITH(audio.pump(1), "boo");
    }
    SECTION("who changes the times and pulls out the device") {
        audio.times([&](PaStreamCallbackTimeInfo&) {
            audio.lose_device(0, Loss::finished);
            boo();
        });
        CHECK_THROWS_WITH(audio.pump(1), "boo");
        CHECK(calls == 0);
    }
    audio.listen({});
    audio.pump(1000);
    CHECK(Pa_IsStreamActive(stream) == 0);
    CHECK(finished == 1);
}

TEST_CASE("a blocking stream is stopped where its listener throws, and plays nothing of it later") {
    Scope audio;
    int finished = 0;
    CStream stream{{}, mono};
    stream.on_finished([&] { ++finished; });
    Pa_StartStream(stream);
    const std::vector<float> ones(1000, 1.0f);
    Pa_WriteStream(stream, ones.data(), ones.size());
    audio.listen([](std::size_t, std::span<const float>) { boo(); });
    CHECK_THROWS_WITH(Pa_StopStream(stream), "boo");
    audio.listen({});
    CHECK(Pa_IsStreamStopped(stream) == 1);
    CHECK(finished == 1);
    Pa_StartStream(stream);
    CHECK(Pa_GetStreamWriteAvailable(stream) == 4096);
}

TEST_CASE("a callback that throws does not keep other streams from their step") {
    Scope audio;
    std::size_t frames = 0;
    CStream throws{{}, mono, [](const Block&) -> int { boo(); }};
    CStream other{{}, mono, [&](const Block& block) {
                      frames += block.frames;
                      return paContinue;
                  }};
    Pa_StartStream(throws);
    Pa_StartStream(other);
    CHECK_THROWS_WITH(audio.pump(100), "boo");
    CHECK(frames == 100);
}
