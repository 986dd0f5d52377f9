// SPDX-License-Identifier: MIT
// What hosts do with a stream that they were not asked for, and what a test sees of a callback.
#include <portaudio.h>

#include <optional>
#include <portspan/mock.hpp>
#include <portspan/session.hpp>
#include <stdexcept>
#include <string>
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

}  // namespace

TEST_CASE("a host may take other latencies and another rate than it was asked for") {
    Scope audio;
    audio.info([](PaStreamInfo& info) {
        info.outputLatency += 0.5;
        info.sampleRate = 44099.5;
    });
    CStream stream{{}, mono, [](const Block&) { return paContinue; }};
    const PaStreamInfo& info = *Pa_GetStreamInfo(stream);
    CHECK(info.outputLatency == 0.51);
    CHECK(info.inputLatency == 0);
    CHECK(info.sampleRate == 44099.5);
    CHECK(audio.opened().sample_rate == 48000);
    audio.info({});
    CStream next{{}, mono, [](const Block&) { return paContinue; }};
    CHECK(Pa_GetStreamInfo(next)->sampleRate == 48000);
}

TEST_CASE("what was handed over before paComplete is played, as long as the host's buffers are") {
    Scope audio;
    audio.drain(1000);
    int calls = 0, finished = 0;
    CStream stream{{},
                   mono,
                   [&](const Block&) {
                       ++calls;
                       return paComplete;
                   },
                   64};
    stream.on_finished([&] { ++finished; });
    Pa_StartStream(stream);
    audio.pump(64);
    CHECK(Pa_IsStreamActive(stream) == 1);
    audio.pump(999);
    CHECK(Pa_IsStreamActive(stream) == 1);
    CHECK(finished == 0);
    SECTION("and then the finished callback is called") {
        audio.pump(1);
        CHECK(Pa_IsStreamActive(stream) == 0);
        CHECK_THAT(Pa_GetStreamTime(stream), WithinAbs(1 + 1064 / 48000.0, 1e-9));
    }
    SECTION("unless the stream is stopped") { Pa_StopStream(stream); }
    SECTION("or its device is gone") { audio.lose_device(0, Loss::finished); }
    CHECK(calls == 1);
    CHECK(finished == 1);
    Pa_StopStream(stream);
    Pa_StartStream(stream);
    if (Pa_IsStreamActive(stream) == 1) audio.pump(64);
    CHECK(finished == 1);
}

TEST_CASE("frames that were pumped together with the last block count for what is played") {
    Scope audio;
    audio.drain(100);
    CStream stream{{}, mono, [](const Block&) { return paComplete; }, 64};
    Pa_StartStream(stream);
    audio.pump(163);
    CHECK(Pa_IsStreamActive(stream) == 1);
    audio.pump(1);
    CHECK(Pa_IsStreamActive(stream) == 0);
    CHECK_THAT(Pa_GetStreamTime(stream), WithinAbs(1 + 164 / 48000.0, 1e-9));
}

TEST_CASE("paAbort ends a stream at once, also on a host with long buffers") {
    Scope audio;
    audio.drain(1000);
    CStream stream{{}, mono, [](const Block&) { return paAbort; }};
    Pa_StartStream(stream);
    audio.pump(1);
    CHECK(Pa_IsStreamActive(stream) == 0);
}

TEST_CASE("what a callback has returned can be asked") {
    Scope audio;
    int result = paContinue;
    CStream stream{{}, mono, [&](const Block&) { return result; }};
    CHECK(audio.last_result() == std::nullopt);
    Pa_StartStream(stream);
    audio.pump(1);
    CHECK(audio.last_result() == paContinue);
    result = 7;
    audio.pump(1);
    CHECK(audio.last_result(0) == 7);
    CHECK_THROWS_AS(audio.last_result(1), std::out_of_range);
}

TEST_CASE("faults that a program did not reach are told") {
    Scope audio;
    CHECK(audio.unused_faults().empty());
    audio.fail("Pa_GetSampleSize", paInternalError, 0, 2);
    audio.fail("Pa_OpenStream", paInternalError);
    Pa_GetSampleSize(paInt8);
    CHECK(audio.unused_faults() == std::vector<std::string>{"Pa_GetSampleSize", "Pa_OpenStream"});
    Pa_GetSampleSize(paInt8);
    CHECK(audio.unused_faults() == std::vector<std::string>{"Pa_OpenStream"});
}
