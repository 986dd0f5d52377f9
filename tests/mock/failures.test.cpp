// SPDX-License-Identifier: MIT
// What goes wrong: ordered failures, xruns, devices that are pulled out, callbacks that come late.
#include <portaudio.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <portspan/mock.hpp>
#include <portspan/session.hpp>
#include <portspan/stream.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "c_stream.hpp"
#include "catch.hpp"

using mock_test::Block;
using mock_test::CStream;
using mock_test::Side;
using portspan::Session;
using portspan::StatusFlags;
using portspan::Stream;
using portspan::mock::Loss;
using portspan::mock::Scope;

namespace {

const auto pass = [](auto& block) noexcept { block.in_place(); };
constexpr Side mono{.channels = 1};

CStream::Callback count_calls(int& calls) {
    return [&calls](const Block&) {
        ++calls;
        return paContinue;
    };
}

/// Every function that can fail, called with good arguments on a stream that runs; its answer, with
/// pointers as 0 or 1. `again` puts the stream back to how it was.
struct Function {
    std::function<double(PaStream*)> call;
    std::function<void(PaStream*)> again = {};
};
const std::map<std::string, Function>& functions() {
    static float sample = 0;
    static const auto ignore_callback = [](const void*, void*, unsigned long,
                                           const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags,
                                           void*) -> int { return paContinue; };
    static const auto open_default = [] {
        PaStream* stream = nullptr;
        return Pa_OpenDefaultStream(&stream, 0, 1, paFloat32, 48000, 0, ignore_callback, nullptr);
    };
    static const auto open = [] {
        PaStream* stream = nullptr;
        const PaStreamParameters output{0, 1, paFloat32, 0, nullptr};
        return Pa_OpenStream(&stream, nullptr, &output, 48000, 0, 0, ignore_callback, nullptr);
    };
    static const std::map<std::string, Function> all{
        {"Pa_Initialize", {[](PaStream*) { return Pa_Initialize(); }}},
        {"Pa_GetLastHostErrorInfo",
         {[](PaStream*) { return Pa_GetLastHostErrorInfo() != nullptr; }}},
        {"Pa_GetHostApiCount", {[](PaStream*) { return Pa_GetHostApiCount(); }}},
        {"Pa_GetDefaultHostApi", {[](PaStream*) { return Pa_GetDefaultHostApi(); }}},
        {"Pa_GetHostApiInfo", {[](PaStream*) { return Pa_GetHostApiInfo(0) != nullptr; }}},
        {"Pa_HostApiTypeIdToHostApiIndex",
         {[](PaStream*) { return Pa_HostApiTypeIdToHostApiIndex(paInDevelopment); }}},
        {"Pa_HostApiDeviceIndexToDeviceIndex",
         {[](PaStream*) { return Pa_HostApiDeviceIndexToDeviceIndex(0, 0); }}},
        {"Pa_GetDeviceCount", {[](PaStream*) { return Pa_GetDeviceCount(); }}},
        {"Pa_GetDefaultInputDevice", {[](PaStream*) { return Pa_GetDefaultInputDevice(); }}},
        {"Pa_GetDefaultOutputDevice", {[](PaStream*) { return Pa_GetDefaultOutputDevice(); }}},
        {"Pa_GetDeviceInfo", {[](PaStream*) { return Pa_GetDeviceInfo(0) != nullptr; }}},
        {"Pa_IsFormatSupported", {[](PaStream*) {
             const PaStreamParameters output{0, 1, paFloat32, 0, nullptr};
             return Pa_IsFormatSupported(nullptr, &output, 48000);
         }}},
        {"Pa_OpenStream", {[](PaStream*) { return open(); }}},
        {"Pa_OpenDefaultStream", {[](PaStream*) { return open_default(); }}},
        {"Pa_SetStreamFinishedCallback",
         {[](PaStream* s) { return Pa_SetStreamFinishedCallback(s, nullptr); },
          [](PaStream* s) { Pa_AbortStream(s); }}},
        {"Pa_StartStream",
         {[](PaStream* s) { return Pa_StartStream(s); }, [](PaStream* s) { Pa_AbortStream(s); }}},
        {"Pa_StopStream",
         {[](PaStream* s) { return Pa_StopStream(s); }, [](PaStream* s) { Pa_StartStream(s); }}},
        {"Pa_AbortStream",
         {[](PaStream* s) { return Pa_AbortStream(s); }, [](PaStream* s) { Pa_StartStream(s); }}},
        {"Pa_IsStreamStopped",
         {[](PaStream* s) { return Pa_IsStreamStopped(s); },
          [](PaStream* s) { Pa_StartStream(s); }}},
        {"Pa_IsStreamActive",
         {[](PaStream* s) { return Pa_IsStreamActive(s); },
          [](PaStream* s) { Pa_StartStream(s); }}},
        {"Pa_GetStreamInfo", {[](PaStream* s) { return Pa_GetStreamInfo(s) != nullptr; }}},
        {"Pa_GetStreamTime", {[](PaStream* s) { return Pa_GetStreamTime(s); }}},
        {"Pa_GetStreamCpuLoad", {[](PaStream* s) { return Pa_GetStreamCpuLoad(s); }}},
        {"Pa_ReadStream",
         {[](PaStream* s) { return Pa_ReadStream(s, &sample, 1); },
          [](PaStream* s) { Pa_StartStream(s); }}},
        {"Pa_WriteStream",
         {[](PaStream* s) { return Pa_WriteStream(s, &sample, 1); },
          [](PaStream* s) { Pa_StartStream(s); }}},
        {"Pa_GetStreamReadAvailable",
         {[](PaStream* s) { return static_cast<double>(Pa_GetStreamReadAvailable(s)); }}},
        {"Pa_GetStreamWriteAvailable",
         {[](PaStream* s) { return static_cast<double>(Pa_GetStreamWriteAvailable(s)); }}},
        {"Pa_GetSampleSize", {[](PaStream*) { return Pa_GetSampleSize(paInt24); }}},
        {"Pa_CloseStream", {[](PaStream* s) { return Pa_CloseStream(s); }}},
        {"Pa_Terminate", {[](PaStream*) { return Pa_Terminate(); }}}};
    return all;
}

}  // namespace

// Ordered failures

TEST_CASE("an ordered failure is answered once, at its turn") {
    Scope audio;
    audio.fail("Pa_StartStream", paDeviceUnavailable, 1);
    Stream<float> stream{pass};
    CHECK_NOTHROW(stream.start());
    stream.stop();
    CHECK_THROWS_WITH(stream.start(), ContainsSubstring("Device unavailable"));
    CHECK_NOTHROW(stream.start());
    CHECK(audio.calls("Pa_StartStream") == 3);
}

TEST_CASE("every function can be made to fail, and then does nothing") {
    for (const auto& [name, function] : functions()) {
        INFO(name);
        // Each on its own, so that what one leaves behind is not what the next one finds.
        Scope audio;
        CStream stream{mono, mono};
        if (function.again) function.again(stream);
        const auto state = [&, handle = static_cast<PaStream*>(stream)] {
            std::vector<double> answers;
            for (const char* question :
                 {"Pa_IsStreamActive", "Pa_IsStreamStopped", "Pa_GetStreamReadAvailable",
                  "Pa_GetStreamWriteAvailable", "Pa_GetStreamTime"}) {
                answers.push_back(functions().at(question).call(handle));
            }
            answers.push_back(static_cast<double>(audio.open_streams()));
            answers.push_back(audio.initialized());
            return answers;
        };
        audio.cpu_load(0.5);
        const bool ends = name == "Pa_CloseStream" || name == "Pa_Terminate";
        const auto before = state();
        audio.fail(name, paInsufficientMemory);
        const double answer = function.call(stream);
        const bool is_pointer = name == "Pa_GetLastHostErrorInfo" || name == "Pa_GetHostApiInfo" ||
                                name == "Pa_GetDeviceInfo" || name == "Pa_GetStreamInfo";
        const bool is_double = name == "Pa_GetStreamTime" || name == "Pa_GetStreamCpuLoad";
        CHECK(answer == (is_pointer || is_double ? 0 : paInsufficientMemory));
        if (!ends) {
            CHECK(state() == before);
            // The next call works again.
            CHECK(function.call(stream) >= 0);
        }
        CHECK(audio.calls(name) >= (ends ? 1 : 2));
        CHECK(std::ranges::count_if(audio.calls(), [&, wanted = std::string_view{name}](auto& c) {
                  return c.function == wanted && c.result == paInsufficientMemory;
              }) == 1);
    }
}

TEST_CASE("no function fails that was not ordered to") {
    for (const auto& [name, function] : functions()) {
        INFO(name);
        Scope audio;
        CStream stream{mono, mono};
        if (function.again) function.again(stream);
        CHECK(function.call(stream) >= 0);
    }
}

TEST_CASE("an ordered failure may come later and last for several calls") {
    Scope audio;
    audio.fail("Pa_GetSampleSize", paInternalError, 2, 3);
    std::vector<PaError> answers;
    for (int i = 0; i < 7; ++i) answers.push_back(Pa_GetSampleSize(paInt8));
    constexpr PaError error = paInternalError;
    CHECK(answers == std::vector<PaError>{1, 1, error, error, error, 1, 1});
}

TEST_CASE("several failures of one function are counted from when each was ordered") {
    Scope audio;
    audio.fail("Pa_GetSampleSize", paInternalError, 0);
    audio.fail("Pa_GetSampleSize", paBufferTooBig, 1, 2);
    CHECK(Pa_GetSampleSize(paInt8) == paInternalError);
    audio.fail("Pa_GetSampleSize", paBufferTooSmall, 1, 2);
    CHECK(Pa_GetSampleSize(paInt8) == paBufferTooBig);
    // Where two meet, the first one ordered is answered, and the other one has passed as well.
    CHECK(Pa_GetSampleSize(paInt8) == paBufferTooBig);
    CHECK(Pa_GetSampleSize(paInt8) == paBufferTooSmall);
    CHECK(Pa_GetSampleSize(paInt8) == 1);
}

TEST_CASE("a function that the mock cannot make fail is refused") {
    Scope audio;
    for (const char* name : {"Pa_StratStream", "StartStream", "PaAlsa_Typo", "Pa_Sleep",
                             "Pa_GetErrorText", "Pa_GetVersion"}) {
        CHECK_THROWS_WITH(audio.fail(name, paInternalError), ContainsSubstring(name));
    }
    CHECK_NOTHROW(audio.fail("PaAlsa_SetNumPeriods", paInternalError));
}

TEST_CASE("a script's function cannot end the stream that waits for it") {
    Scope audio;
    int calls = 0;
    CStream stream{{}, mono, count_calls(calls)};
    std::vector<PaError> answers;
    SECTION("before a callback") {
        audio.times([&](PaStreamCallbackTimeInfo&) {
            answers = {Pa_StopStream(stream), Pa_AbortStream(stream), Pa_CloseStream(stream)};
        });
    }
    SECTION("after it") {
        audio.listen([&](std::size_t, std::span<const float>) {
            answers = {Pa_StopStream(stream), Pa_AbortStream(stream), Pa_CloseStream(stream)};
        });
    }
    Pa_StartStream(stream);
    audio.pump(1);
    CHECK(answers == std::vector<PaError>(3, paUnanticipatedHostError));
    CHECK(calls == 1);
    audio.times({});
    audio.listen({});
    CHECK(Pa_StopStream(stream) == paNoError);
}

TEST_CASE("a device that is pulled out just before a callback is not called any more") {
    Scope audio;
    int calls = 0, finished = 0;
    CStream stream{{}, mono, count_calls(calls)};
    stream.on_finished([&] { ++finished; });
    audio.times([&](PaStreamCallbackTimeInfo&) { audio.lose_device(0, Loss::finished); });
    Pa_StartStream(stream);
    audio.pump(1);
    CHECK(calls == 0);
    CHECK(finished == 1);
}

TEST_CASE("a finished callback that terminates PortAudio leaves the count at 0") {
    Scope audio;
    int calls = 0;
    CStream stream{{}, mono, count_calls(calls)};
    stream.on_finished([] { Pa_Terminate(); });
    Pa_StartStream(stream);
    Pa_Terminate();
    CHECK(audio.initialized() == 0);
}

TEST_CASE("numbers that are none are refused") {
    Scope audio;
    REQUIRE(Pa_Initialize() == paNoError);
    PaStream* none = nullptr;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(Pa_OpenDefaultStream(&none, 0, 2, paFloat32, nan, 0, nullptr, nullptr) ==
          paInvalidSampleRate);
    CStream blocking{mono, mono};
    Pa_StartStream(blocking);
    float sample = 0;
    CHECK(Pa_ReadStream(blocking, &sample, static_cast<unsigned long>(-1)) == paBufferTooBig);
    CHECK(Pa_WriteStream(blocking, &sample, static_cast<unsigned long>(-1)) == paBufferTooBig);
}

TEST_CASE("a function is asked at every call that fail() says nothing about") {
    Scope audio;
    std::vector<std::string> asked;
    audio.intercept([&](std::string_view function) -> std::optional<PaError> {
        asked.emplace_back(function);
        if (function == "Pa_StartStream") return paTimedOut;
        return std::nullopt;
    });
    audio.fail("Pa_StartStream", paDeviceUnavailable);
    const Session session;
    PaStream* stream = nullptr;
    REQUIRE(Pa_OpenDefaultStream(&stream, 0, 1, paFloat32, 48000, 0, nullptr, nullptr) ==
            paNoError);
    CHECK(Pa_StartStream(stream) == paDeviceUnavailable);
    CHECK(Pa_StartStream(stream) == paTimedOut);
    CHECK(Pa_IsStreamStopped(stream) == 1);
    CHECK(asked == std::vector<std::string>{"Pa_Initialize", "Pa_OpenDefaultStream",
                                            "Pa_StartStream", "Pa_IsStreamStopped"});
    audio.intercept({});
    CHECK(Pa_StartStream(stream) == paNoError);
    CHECK(asked.size() == 4);
}

TEST_CASE("a failed Pa_OpenStream or Pa_Initialize leaves nothing behind") {
    Scope audio;
    SECTION("Pa_OpenStream") {
        audio.fail("Pa_OpenStream", paDeviceUnavailable);
        CHECK_THROWS_WITH(Stream<float>{pass}, ContainsSubstring("Pa_OpenStream"));
    }
    SECTION("Pa_Initialize") {
        audio.fail("Pa_Initialize", paInsufficientMemory);
        CHECK_THROWS_WITH(Stream<float>{pass}, ContainsSubstring("Pa_Initialize"));
    }
    CHECK(audio.initialized() == 0);
    CHECK(audio.open_streams() == 0);
    CHECK_NOTHROW(Stream<float>{pass});
}

TEST_CASE("after a failed Pa_CloseStream the handle is invalid, but the callback is called") {
    Scope audio;
    int calls = 0;
    const auto close = [&](PaStream* stream) {
        audio.fail("Pa_CloseStream", paTimedOut);
        CHECK(Pa_CloseStream(stream) == paTimedOut);
        CHECK(Pa_CloseStream(stream) == paBadStreamPtr);
        CHECK(Pa_StopStream(stream) == paBadStreamPtr);
        CHECK(Pa_GetStreamInfo(stream) == nullptr);
        CHECK(audio.open_streams() == 0);
        calls = 0;
        audio.pump(1);
    };
    CStream stream{{}, mono, count_calls(calls)};
    SECTION("while it runs") {
        Pa_StartStream(stream);
        audio.pump(1);
        close(stream);
        CHECK(calls == 1);
        CHECK(audio.captured().size() == 2);
        SECTION("even after PortAudio is terminated") {
            Pa_Terminate();
            audio.pump(1);
            CHECK(calls == 2);
        }
    }
    SECTION("not where it was stopped") {
        close(stream);
        CHECK(calls == 0);
    }
}

TEST_CASE("portspan keeps a callback that PortAudio may still call after a failed close") {
    Scope audio;
    const auto alive = std::make_shared<int>(0);
    {
        Stream<float> stream{[alive](auto& block) noexcept {
            block.in_place();
            ++*alive;
        }};
        stream.start();
        audio.fail("Pa_CloseStream", paTimedOut);
    }
    audio.pump(10);
    CHECK(*alive == 1);
    CHECK(alive.use_count() > 1);
    Pa_Terminate();
}

TEST_CASE("a failed Pa_Terminate has terminated") {
    Scope audio;
    int calls = 0;
    CStream stream{{}, mono, count_calls(calls)};
    Pa_StartStream(stream);
    audio.fail("Pa_Terminate", paInternalError);
    CHECK(Pa_Terminate() == paInternalError);
    CHECK(audio.initialized() == 0);
    CHECK(audio.open_streams() == 0);
    CHECK(Pa_GetDeviceCount() == paNotInitialized);
    audio.pump(10);
    CHECK(calls == 0);
    // One of two is only one.
    REQUIRE(Pa_Initialize() == paNoError);
    REQUIRE(Pa_Initialize() == paNoError);
    audio.fail("Pa_Terminate", paInternalError);
    CHECK(Pa_Terminate() == paInternalError);
    CHECK(Pa_GetDeviceCount() == 1);
}

TEST_CASE("Pa_Terminate ends and closes what is open") {
    Scope audio;
    int calls = 0, finished = 0;
    CStream runs{{}, mono, count_calls(calls)}, stopped{mono, {}};
    runs.on_finished([&] { ++finished; });
    Pa_StartStream(runs);
    CHECK(Pa_Terminate() == paNoError);
    CHECK(audio.open_streams() == 2);
    CHECK(Pa_Terminate() == paNoError);
    CHECK(audio.open_streams() == 0);
    CHECK(finished == 1);
    audio.pump(10);
    CHECK(calls == 0);
    CHECK(Pa_Terminate() == paNotInitialized);
}

TEST_CASE("a stream that is opened while PortAudio terminates is closed too") {
    Scope audio;
    CStream stream{{}, mono, [](const Block&) { return paContinue; }};
    std::vector<PaStream*> opened(20);
    stream.on_finished([&] {
        for (PaStream*& other : opened) {
            Pa_OpenDefaultStream(&other, 0, 1, paFloat32, 48000, 0, nullptr, nullptr);
        }
    });
    Pa_StartStream(stream);
    CHECK(Pa_Terminate() == paNoError);
    CHECK(opened.back() != nullptr);
    CHECK(audio.open_streams() == 0);
}

TEST_CASE("the host's words for an error are the script's") {
    Scope audio;
    CHECK(Pa_GetLastHostErrorInfo()->errorText == std::string{});
    audio.host_error(paALSA, -32, "Broken pipe");
    const PaHostErrorInfo* info = Pa_GetLastHostErrorInfo();
    CHECK(info->hostApiType == paALSA);
    CHECK(info->errorCode == -32);
    CHECK(info->errorText == std::string{"Broken pipe"});
    audio.fail("Pa_StartStream", paUnanticipatedHostError);
    Stream<float> stream{pass};
    CHECK_THROWS_WITH(stream.start(), ContainsSubstring("Broken pipe"));
}

// A stream that ends itself

TEST_CASE("a stream's own callback cannot end it: the host's error, where real hosts hang") {
    Scope audio;
    std::vector<PaError> answers;
    CStream* self = nullptr;
    std::function<PaError(PaStream*)> end;
    const auto try_to_end = [&] { answers.push_back(end(*self)); };
    SECTION("Pa_StopStream") { end = Pa_StopStream; }
    SECTION("Pa_AbortStream") { end = Pa_AbortStream; }
    SECTION("Pa_CloseStream") { end = Pa_CloseStream; }
    SECTION("Pa_CloseStream that calls once more") {
        audio.call_while_closing();
        end = Pa_CloseStream;
    }
    CStream stream{{}, mono, [&](const Block&) {
                       try_to_end();
                       return answers.size() < 2 ? paContinue : paComplete;
                   }};
    self = &stream;
    stream.on_finished(try_to_end);
    Pa_StartStream(stream);
    audio.pump(1);
    CHECK(answers == std::vector<PaError>{paUnanticipatedHostError});
    CHECK_THAT(Pa_GetLastHostErrorInfo()->errorText, ContainsSubstring("its own callback"));
    CHECK(Pa_IsStreamActive(stream) == 1);
    audio.pump(1);
    CHECK(answers == std::vector<PaError>(3, paUnanticipatedHostError));
    CHECK(Pa_IsStreamActive(stream) == 0);
    end = [](PaStream*) { return paNoError; };
    CHECK(Pa_CloseStream(stream) == paNoError);
}

TEST_CASE("a finished callback cannot end the stream that Pa_StopStream is about to end") {
    Scope audio;
    std::vector<PaError> answers;
    CStream stream{{}, mono, [](const Block&) { return paContinue; }};
    stream.on_finished([&] {
        answers = {Pa_StopStream(stream), Pa_AbortStream(stream), Pa_CloseStream(stream)};
        CHECK(Pa_IsStreamStopped(stream) == 0);
        CHECK(Pa_StartStream(stream) == paStreamIsNotStopped);
    });
    Pa_StartStream(stream);
    CHECK(Pa_StopStream(stream) == paNoError);
    CHECK(answers == std::vector<PaError>(3, paUnanticipatedHostError));
    CHECK(Pa_IsStreamStopped(stream) == 1);
    CHECK(audio.open_streams() == 1);
    CHECK(Pa_CloseStream(stream) == paNoError);
}

TEST_CASE("a callback that terminates PortAudio gets an error, and everything is closed") {
    Scope audio;
    PaError answer = paNoError;
    CStream stream{{}, mono, [&](const Block&) {
                       answer = Pa_Terminate();
                       return paComplete;
                   }};
    CStream other{mono, {}};
    Pa_Terminate();
    Pa_StartStream(stream);
    audio.pump(1);
    CHECK(answer == paUnanticipatedHostError);
    CHECK(audio.open_streams() == 0);
    CHECK(audio.initialized() == 0);
}

TEST_CASE("another stream's callback may end a stream") {
    Scope audio;
    int calls = 0, finished = 0;
    std::vector<PaError> answers;
    CStream victim{{}, mono, count_calls(calls)};
    victim.on_finished([&] { ++finished; });
    CStream stream{{}, mono, [&](const Block&) {
                       answers.push_back(Pa_StopStream(victim));
                       answers.push_back(Pa_CloseStream(victim));
                       return paComplete;
                   }};
    Pa_StartStream(victim);
    Pa_StartStream(stream);
    audio.pump(256);
    CHECK(answers == std::vector<PaError>{paNoError, paNoError});
    CHECK(calls == 1);
    CHECK(finished == 1);
}

// Xruns

TEST_CASE("an xrun loses input and time before the next block, which says so") {
    Scope audio;
    audio.feed([](std::size_t frame, std::size_t) { return static_cast<float>(frame); });
    struct Seen {
        float first;
        StatusFlags status;
        double time;
    };
    std::vector<Seen> seen;
    Stream<float> stream{{.sample_rate = 1000, .frames_per_buffer = 10}, [&](auto& block) noexcept {
                             seen.push_back({block.in_place().samples()[0], block.status(),
                                             block.time().current.time_since_epoch().count()});
                         }};
    SECTION("of a stream that runs") {
        stream.start();
        audio.pump(10);
        audio.xrun(5);
    }
    SECTION("of one that is open only, at its first block") {
        audio.xrun(5);
        stream.start();
        seen.push_back({});
    }
    audio.pump(20);
    REQUIRE(seen.size() == 3);
    CHECK(seen[0].status == StatusFlags::none);
    CHECK(seen[1].status == (StatusFlags::input_overflow | StatusFlags::output_underflow));
    const float before = seen[0].time == 0 ? 0 : 10;
    CHECK(seen[1].first == before + 5);
    CHECK_THAT(seen[1].time, WithinAbs(1 + (before + 5) / 1000, 1e-6));
    CHECK(seen[2].status == StatusFlags::none);
    CHECK(seen[2].first == before + 15);
}

TEST_CASE("an xrun loses samples that were fed") {
    Scope audio;
    audio.feed(std::array{1.0f, 2.0f, 3.0f, 4.0f, 5.0f});
    float heard = 0;
    CStream stream{mono, {}, [&](const Block& block) {
                       heard = *static_cast<const float*>(block.input);
                       return paContinue;
                   }};
    Pa_StartStream(stream);
    audio.pump(1);
    CHECK(heard == 1);
    audio.xrun(2);
    audio.xrun(1);
    audio.pump(1);
    CHECK(heard == 5);
}

TEST_CASE("the flags of an xrun are those of the directions that a stream has") {
    Scope audio;
    PaStreamCallbackFlags in = 0, out = 0;
    CStream input{mono, {}, [&](const Block& block) {
                      in = block.flags;
                      return paContinue;
                  }};
    CStream output{{}, mono, [&](const Block& block) {
                       out = block.flags;
                       return paContinue;
                   }};
    Pa_StartStream(input);
    Pa_StartStream(output);
    audio.xrun(1);
    audio.pump(1);
    CHECK(in == paInputOverflow);
    CHECK(out == paOutputUnderflow);
    // Only streams that are open then have it.
    audio.xrun(1);
    PaStreamCallbackFlags later = 7;
    CStream another{mono, {}, [&](const Block& block) {
                        later = block.flags;
                        return paContinue;
                    }};
    Pa_StartStream(another);
    audio.pump(1);
    CHECK(later == 0);
}

TEST_CASE("an xrun of 0 frames is refused") {
    Scope audio;
    CHECK_THROWS_AS(audio.xrun(0), std::invalid_argument);
}

// Device loss

TEST_CASE("a device may be pulled out") {
    Scope audio;
    int calls = 0, finished = 0;
    CStream stream{mono, mono, count_calls(calls)};
    stream.on_finished([&] { ++finished; });
    CStream other{{}, mono, [](const Block&) { return paContinue; }};
    Pa_StartStream(stream);
    Pa_StartStream(other);
    audio.pump(10);
    REQUIRE(calls == 1);
    SECTION("silence: no callback any more, and it claims to be active") {
        audio.lose_device();
        audio.pump(10);
        CHECK(Pa_IsStreamActive(stream) == 1);
        CHECK(finished == 0);
        CHECK(Pa_StopStream(stream) == paNoError);
        CHECK(finished == 1);
        CHECK(Pa_StartStream(stream) == paNoError);
        CHECK(Pa_IsStreamActive(stream) == 1);
        audio.pump(10);
    }
    SECTION("finished: it becomes inactive, the finished callback is called once") {
        audio.lose_device(0, Loss::finished);
        CHECK(Pa_IsStreamActive(stream) == 0);
        CHECK(Pa_IsStreamStopped(stream) == 0);
        CHECK(finished == 1);
        audio.lose_device(0, Loss::finished);
        audio.pump(10);
        CHECK(Pa_StopStream(stream) == paNoError);
        CHECK(finished == 1);
        CHECK(Pa_StartStream(stream) == paDeviceUnavailable);
        CHECK(Pa_IsStreamStopped(stream) == 1);
    }
    SECTION("error: every call that answers a code fails, the host has words for it") {
        audio.lose_device(0, Loss::error);
        CHECK(finished == 1);
        float sample = 0;
        for (const PaError answer :
             {Pa_IsStreamActive(stream), Pa_IsStreamStopped(stream), Pa_StartStream(stream),
              Pa_StopStream(stream), Pa_AbortStream(stream), Pa_ReadStream(stream, &sample, 1),
              Pa_WriteStream(stream, &sample, 1), Pa_SetStreamFinishedCallback(stream, nullptr)}) {
            CHECK(answer == paUnanticipatedHostError);
        }
        CHECK_THAT(Pa_GetLastHostErrorInfo()->errorText, ContainsSubstring("device is gone"));
        CHECK(Pa_GetStreamInfo(stream) != nullptr);
        CHECK(Pa_GetStreamTime(stream) > 1);
        audio.pump(10);
        CHECK(Pa_CloseStream(stream) == paUnanticipatedHostError);
        CHECK(Pa_CloseStream(stream) == paBadStreamPtr);
        CHECK(audio.open_streams() == 1);
        CHECK(finished == 1);
    }
    CHECK(calls == 1);
    CHECK(audio.captured(0).size() == 10);
    // A stream on another device notices nothing.
    CHECK(Pa_IsStreamActive(other) == 1);
    CHECK(audio.captured(1).size() >= 10);
}

TEST_CASE("portspan's stream sees that its device has gone") {
    Scope audio;
    Stream<float> stream{pass};
    stream.start();
    audio.pump(256);
    const std::size_t before = audio.captured().size();
    SECTION("finished") {
        audio.lose_device(0, Loss::finished);
        CHECK_FALSE(stream.active());
        CHECK_NOTHROW(stream.wait());
    }
    SECTION("error") {
        audio.lose_device(0, Loss::error);
        CHECK_THROWS_WITH(stream.active(), ContainsSubstring("the device is gone"));
    }
    SECTION("silence") {
        audio.lose_device(0, Loss::silence);
        CHECK(stream.active());
        CHECK_FALSE(stream.wait_for(std::chrono::milliseconds{5}));
    }
    audio.pump(256);
    CHECK(audio.captured().size() == before);
}

TEST_CASE("a device that is lost before the start") {
    Scope audio;
    int calls = 0, finished = 0;
    CStream stream{mono, mono, count_calls(calls)};
    stream.on_finished([&] { ++finished; });
    SECTION("silence") {
        audio.lose_device(0, Loss::silence);
        CHECK(Pa_StartStream(stream) == paNoError);
        CHECK(Pa_IsStreamActive(stream) == 1);
    }
    SECTION("finished") {
        audio.lose_device(0, Loss::finished);
        CHECK(Pa_StartStream(stream) == paDeviceUnavailable);
    }
    SECTION("error") {
        audio.lose_device(0, Loss::error);
        CHECK(Pa_StartStream(stream) == paUnanticipatedHostError);
    }
    audio.pump(10);
    CHECK(calls == 0);
    CHECK(finished == 0);
}

TEST_CASE("a device may be pulled out while its callback runs") {
    Scope audio;
    int calls = 0, finished = 0;
    Loss loss{};
    CStream stream{{},
                   mono,
                   [&](const Block& block) {
                       static_cast<float*>(block.output)[0] = 1;
                       if (++calls == 2) audio.lose_device(0, loss);
                       return paContinue;
                   },
                   1};
    stream.on_finished([&] {
        CHECK(calls == 2);
        ++finished;
    });
    Pa_StartStream(stream);
    SECTION("silence") {
        loss = Loss::silence;
        audio.pump(5);
        CHECK(Pa_IsStreamActive(stream) == 1);
        CHECK(finished == 0);
    }
    SECTION("finished") {
        loss = Loss::finished;
        audio.pump(5);
        CHECK(Pa_IsStreamActive(stream) == 0);
        CHECK(finished == 1);
    }
    SECTION("error") {
        loss = Loss::error;
        audio.pump(5);
        CHECK(Pa_IsStreamActive(stream) == paUnanticipatedHostError);
        CHECK(finished == 1);
    }
    CHECK(calls == 2);
    CHECK(audio.captured() == std::vector<float>{1, 1});
}

TEST_CASE("a device may be pulled out by a listener, after so many blocks") {
    Scope audio;
    int calls = 0, finished = 0, heard = 0;
    CStream stream{{}, mono, count_calls(calls), 1};
    stream.on_finished([&] { ++finished; });
    audio.listen([&](std::size_t, std::span<const float>) {
        if (++heard == 3) audio.lose_device(0, Loss::finished);
    });
    Pa_StartStream(stream);
    audio.pump(10);
    CHECK(calls == 3);
    CHECK(finished == 1);
    CHECK(Pa_IsStreamActive(stream) == 0);
}

// Callbacks that come late

TEST_CASE("Pa_CloseStream may race a last call of the callback") {
    Scope audio;
    int calls = 0;
    unsigned long frames = 0;
    std::thread::id caller;
    std::vector<std::string> order;
    CStream stream{{},
                   mono,
                   [&](const Block& block) {
                       ++calls;
                       frames = block.frames;
                       caller = std::this_thread::get_id();
                       order.emplace_back("call");
                       return paContinue;
                   },
                   4};
    stream.on_finished([&] { order.emplace_back("finished"); });
    SECTION("of a stream that runs") {
        audio.call_while_closing();
        Pa_StartStream(stream);
        audio.pump(4);
        CHECK(Pa_CloseStream(stream) == paNoError);
        CHECK(order == std::vector<std::string>{"call", "finished", "call"});
        CHECK(frames == 8);
        CHECK(caller != std::this_thread::get_id());
    }
    SECTION("of one that was stopped, as some host APIs do") {
        audio.call_while_closing();
        Pa_StartStream(stream);
        audio.pump(4);
        Pa_StopStream(stream);
        CHECK(calls == 1);
        CHECK(Pa_CloseStream(stream) == paNoError);
        CHECK(calls == 2);
    }
    SECTION("not of one that has no callback") {
        audio.call_while_closing();
        CStream blocking{mono, mono};
        CHECK(Pa_CloseStream(blocking) == paNoError);
        CHECK(calls == 0);
    }
    SECTION("unless it is not to") {
        audio.call_while_closing();
        audio.call_while_closing(false);
        Pa_StartStream(stream);
        audio.pump(4);
        CHECK(Pa_CloseStream(stream) == paNoError);
        CHECK(order == std::vector<std::string>{"call", "finished"});
    }
    SECTION("not once its device has gone") {
        audio.call_while_closing();
        Pa_StartStream(stream);
        audio.lose_device();
        CHECK(Pa_CloseStream(stream) == paNoError);
        CHECK(calls == 0);
    }
    SECTION("also where Pa_Terminate closes it, but not once it is closed") {
        audio.call_while_closing();
        CHECK(Pa_Terminate() == paNoError);
        CHECK(calls == 1);
        REQUIRE(Pa_Initialize() == paNoError);
        CHECK(Pa_Terminate() == paNoError);
        CHECK(calls == 1);
    }
    const int before = calls;
    audio.pump(100);
    CHECK(calls == before);
}
