// SPDX-License-Identifier: MIT
#include <portspan/mock.hpp>
#include <portspan/stream.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"

using namespace std::chrono_literals;
using portspan::Error;
using portspan::Fault;
using portspan::InputStream;
using portspan::Next;
using portspan::OutputStream;
using portspan::Planar;
using portspan::RawCallback;
using portspan::Stream;
using portspan::StreamConfig;
using portspan::StreamFlags;
using portspan::mock::Machine;
using portspan::mock::Scope;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

struct State {};
extern "C" int foreign(const void*, void*, unsigned long, Time, Flags, void*) { return paContinue; }
int typed(const float*, float*, unsigned long, Time, Flags, State*) noexcept { return 0; }

const auto nothing = [](auto&) noexcept {};

/// What a library would keep of its callback, and how it tells.
struct Failures {
    bool fails = false;
    unsigned long count = 0;
} failures;
const RawCallback failing{
    .function = [](const void*, void*, unsigned long, Time, Flags, void*) -> int {
        if (failures.fails) ++failures.count;
        return failures.fails ? paAbort : paContinue;
    },
    .failures = [](unsigned long* count) -> const char* {
        *count = failures.count;
        return failures.count > 0 ? "ValueError: boo" : nullptr;
    }};

// No number twice: one that is taken for another is seen.
const portspan::mock::Device duplex{"Duplex", 4, 8, 44100, 0.01, 0.02, 0.1, 0.2};

/// The calls that change something, in their order: no queries.
std::vector<std::string> commands(const Scope& audio) {
    std::vector<std::string> names;
    for (const auto& [function, result] : audio.calls()) {
        const bool query = function.starts_with("Pa_Is") || function.starts_with("Pa_Get");
        if (!query) names.emplace_back(function);
    }
    return names;
}

/// What was opened is closed, and once: PortAudio refuses a second time.
void check_all_closed(const Scope& audio) {
    CHECK(audio.initialized() == 0);
    CHECK(audio.open_streams() == 0);
    for (const auto& [function, result] : audio.calls()) {
        if (function == "Pa_CloseStream" || function == "Pa_Terminate") CHECK(result == paNoError);
    }
}

/// The text of the Error that constructing a stream throws.
template <class... Args>
std::string refusal(const Scope& audio, Args&&... args) {
    std::string text = "no error";
    try {
        Stream<float> stream{std::forward<Args>(args)...};
    } catch (const Error& error) {
        text = error.what();
    }
    check_all_closed(audio);
    return text;
}

/// What a callback returns and leaves in the output. The mock shows neither the one nor the block
/// of an abort, so that the test plays the host.
struct Answer {
    int result;
    std::array<float, 4> out{9, 9, 9, 9};
};
Answer call(const Scope& audio) {
    const auto opened = audio.opened();
    const PaStreamCallbackTimeInfo time{1, 2, 3};
    Answer answer{};
    answer.result = opened.callback(nullptr, answer.out.data(), 2, &time, 0, opened.user_data);
    return answer;
}

}  // namespace

TEST_CASE("a foreign callback arrives at Pa_OpenStream as it is") {
    const Scope audio;
    State state;
    const auto address_is = [&](auto* function) {
        return reinterpret_cast<std::uintptr_t>(audio.opened().callback) ==
               reinterpret_cast<std::uintptr_t>(function);
    };
    SECTION("a raw callback") {
        Stream<float> stream{RawCallback{&foreign, &state, {}}};
        CHECK(address_is(&foreign));
    }
    SECTION("an address") {
        Stream<float> stream{
            portspan::callback_at(reinterpret_cast<std::uintptr_t>(&foreign), &state)};
        CHECK(address_is(&foreign));
    }
    SECTION("a function pointer with its state") {
        OutputStream<std::int16_t> stream{&foreign, &state};
        CHECK(address_is(&foreign));
    }
    SECTION("a typed function with its state") {
        Stream<float> stream{&typed, &state};
        CHECK(address_is(&typed));
    }
    SECTION("a typed function, configured") {
        Stream<float> stream{{.sample_rate = 48000}, &typed, &state};
        CHECK(address_is(&typed));
    }
    CHECK(audio.opened().user_data == &state);
}

TEST_CASE("foreign functions without state get a null pointer") {
    const Scope audio;
    Stream<float> plain{&foreign};
    CHECK(audio.opened(0).user_data == nullptr);
    Stream<float> lambda{{},
                         [](const void*, void*, unsigned long, Time, Flags, void*) { return 0; }};
    CHECK(audio.opened(1).user_data == nullptr);
    Stream<float> explicitly{&typed, nullptr};
    CHECK(audio.opened(2).user_data == nullptr);
}

TEST_CASE("without a configuration the default devices say what they prefer") {
    const Scope audio{Machine{{{.devices = {duplex}}}}};
    const Stream<float> stream{nothing};
    const auto opened = audio.opened();
    REQUIRE(opened.input.has_value());
    REQUIRE(opened.output.has_value());
    CHECK(opened.input->device == 0);
    CHECK(opened.input->channelCount == 2);
    CHECK(opened.output->channelCount == 2);
    CHECK(opened.input->sampleFormat == paFloat32);
    CHECK(opened.input->suggestedLatency == 0.1);
    CHECK(opened.output->suggestedLatency == 0.2);
    CHECK(opened.input->hostApiSpecificStreamInfo == nullptr);
    CHECK(opened.sample_rate == 44100);
    CHECK(opened.frames_per_buffer == paFramesPerBufferUnspecified);
    CHECK(opened.flags == paNoFlag);
    CHECK(stream.input_channels() == 2);
    CHECK(stream.output_channels() == 2);
}

TEST_CASE("a mono device gives a mono stream") {
    const Scope audio{Machine{{{.devices = {{.max_input_channels = 1}}}}}};
    const Stream<float> stream{nothing};
    CHECK(stream.input_channels() == 1);
    CHECK(stream.output_channels() == 2);
}

TEST_CASE("a configuration arrives at Pa_OpenStream") {
    const Scope audio{Machine{{{.devices = {duplex, duplex}}}}};
    // As every host API's settings begin; PortAudio reads that much.
    struct {
        unsigned long size = sizeof(*this);
        PaHostApiTypeId host_api = paInDevelopment;
        unsigned long version = 1;
    } info;
    using portspan::StreamFlags;
    const Stream<std::int16_t, float, Planar> stream{
        {.input = {.device = 1, .channels = 1, .latency = portspan::Latency::low},
         .output = {.channels = 8, .latency = 20ms, .host_info = portspan::HostInfo{&info}},
         .sample_rate = 96000,
         .frames_per_buffer = 64,
         .flags = StreamFlags::clip_off | StreamFlags::dither_off},
        nothing};
    const auto opened = audio.opened();
    CHECK(opened.input->device == 1);
    CHECK(opened.input->channelCount == 1);
    CHECK(opened.input->sampleFormat == (paInt16 | paNonInterleaved));
    CHECK(opened.input->suggestedLatency == 0.01);
    CHECK(opened.output->device == 0);
    CHECK(opened.output->channelCount == 8);
    CHECK(opened.output->sampleFormat == (paFloat32 | paNonInterleaved));
    CHECK(opened.output->suggestedLatency == 0.02);
    CHECK(opened.output->hostApiSpecificStreamInfo == &info);
    CHECK(opened.sample_rate == 96000);
    CHECK(opened.frames_per_buffer == 64);
    CHECK(opened.flags == (paClipOff | paDitherOff));
}

TEST_CASE("a direction that is not there is not opened") {
    SECTION("input") {
        const Scope audio{Machine{{{.default_input = {}}}}};
        const OutputStream<float> player{nothing};
        CHECK_FALSE(audio.opened().input.has_value());
        CHECK(audio.opened().output.has_value());
        CHECK(player.input_channels() == 0);
    }
    SECTION("output") {
        const Scope audio{Machine{{{.default_output = {}}}}};
        const InputStream<float> recorder{nothing};
        CHECK(audio.opened().input.has_value());
        CHECK_FALSE(audio.opened().output.has_value());
        CHECK(recorder.output_channels() == 0);
    }
}

TEST_CASE("bad input is refused before PortAudio opens anything") {
    const Scope audio{Machine{{{.devices = {duplex}}}}};
    const auto bad = [&](StreamConfig config) { return refusal(audio, config, nothing); };
    const double nan = std::numeric_limits<double>::quiet_NaN();

    CHECK_THAT(bad({.sample_rate = 0}), ContainsSubstring("Invalid sample rate"));
    CHECK_THAT(bad({.sample_rate = -48000}), ContainsSubstring("-48000"));
    CHECK_THAT(bad({.sample_rate = nan}), ContainsSubstring("nan"));
    CHECK_THAT(bad({.frames_per_buffer = (1ul << 20) + 1}), ContainsSubstring("Buffer too big"));
    CHECK_THAT(bad({.input = {.device = 7}}), ContainsSubstring("index 7"));
    CHECK_THAT(bad({.output = {.device = paNoDevice}}), ContainsSubstring("Invalid device"));
    CHECK_THAT(bad({.input = {.channels = 0}}), ContainsSubstring("0 input channels"));
    CHECK_THAT(bad({.input = {.channels = -1}}), ContainsSubstring("-1 input channels"));
    CHECK_THAT(bad({.output = {.channels = 1000}}),
               ContainsSubstring("1000 output channels, \"Duplex\" has 8"));
    CHECK_THAT(bad({.input = {.latency = -1ms}}), ContainsSubstring("latency"));
    CHECK_THAT(bad({.input = {.latency = std::chrono::duration<double>{nan}}}),
               ContainsSubstring("latency"));
    constexpr auto never_drop = StreamFlags::never_drop_input;
    CHECK_THAT(bad({.frames_per_buffer = 64, .flags = never_drop}),
               ContainsSubstring("needs an input, an output and frames_per_buffer 0"));
    CHECK_THROWS_WITH((InputStream<float>{{.flags = never_drop}, nothing}),
                      ContainsSubstring("needs an input, an output and frames_per_buffer 0"));
    CHECK_THAT(bad({.flags = static_cast<StreamFlags>(0x100)}), ContainsSubstring("flags 256"));
    CHECK(audio.calls("Pa_OpenStream") == 0);

    CHECK(bad({.sample_rate = 8000, .frames_per_buffer = 1ul << 20}) == "no error");
    CHECK(bad({.flags = never_drop | StreamFlags::clip_off | StreamFlags::prime_output}) ==
          "no error");
}

TEST_CASE("null callbacks are refused before PortAudio opens anything") {
    const Scope audio;
    CHECK_THAT(refusal(audio, RawCallback{}), ContainsSubstring("the callback is null"));
    CHECK_THAT(refusal(audio, portspan::callback_at(0)), ContainsSubstring("the callback is null"));
    CHECK_THAT(refusal(audio, static_cast<PaStreamCallback*>(nullptr)),
               ContainsSubstring("the callback is null"));
    CHECK_THAT(refusal(audio, std::function<void(Stream<float>::Block&)>{}),
               ContainsSubstring("the callback is null"));
    CHECK(audio.calls("Pa_OpenStream") == 0);
}

TEST_CASE("no default device is an error that says which") {
    Scope audio{Machine{{{.default_input = {}}}}};
    CHECK_THAT(refusal(audio, nothing), ContainsSubstring("no default input device"));
    audio.machine(Machine{{{.default_output = {}}}});
    CHECK_THAT(refusal(audio, nothing), ContainsSubstring("no default output device"));
}

TEST_CASE("a foreign callback in place is refused where the channel counts differ") {
    const Scope audio;
    State state;
    CHECK_THAT(
        refusal(audio, StreamConfig{.input = {.channels = 1}}, portspan::in_place(&typed, &state)),
        ContainsSubstring("channel counts do not fit"));
    CHECK(audio.calls("Pa_OpenStream") == 0);
    CHECK(refusal(audio, portspan::in_place(&typed, &state)) == "no error");
}

TEST_CASE("when PortAudio refuses, nothing is left and the callable is gone") {
    Scope audio;
    audio.host_error(paALSA, -77, "the wire is cut");
    const auto token = std::make_shared<int>();
    const auto reason = [&](const char* function) {
        audio.fail(function, paUnanticipatedHostError);
        const std::string text = refusal(audio, [token](auto&) noexcept {});
        CHECK(token.use_count() == 1);
        return text;
    };
    CHECK(reason("Pa_Initialize") ==
          "Pa_Initialize: Unanticipated host error: host API ALSA: the wire is cut");
    CHECK(reason("Pa_OpenStream") ==
          "Pa_OpenStream: Unanticipated host error (input \"Mock device\", output \"Mock "
          "device\"): host API ALSA: the wire is cut");
}

TEST_CASE("the callable gets the blocks and its result goes back") {
    Scope audio;
    audio.feed(std::array<float, 8>{2, 4, 6, 8, 10, 12, 14, 16});
    Next next = Next::keep_going;
    Stream<float> stream{[&](auto& block) noexcept {
        for (float& x : block.in_place().samples()) x *= 0.5f;
        return next;
    }};
    stream.start();
    audio.pump(2);
    CHECK(audio.captured() == std::vector<float>{1, 2, 3, 4});
    CHECK(stream.active());
    SECTION("complete plays the block") {
        next = Next::complete;
        audio.pump(2);
        CHECK(audio.captured() == std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8});
        CHECK(call(audio).result == paComplete);
    }
    SECTION("abort drops it") {
        next = Next::abort;
        audio.pump(2);
        CHECK(audio.captured() == std::vector<float>{1, 2, 3, 4});
    }
    CHECK_FALSE(stream.active());
}

TEST_CASE("an abort leaves silence to the hosts that play its block") {
    const Scope audio;
    const auto check_abort = [&](auto callable) {
        const Stream<float> stream{callable};
        const Answer answer = call(audio);
        CHECK(answer.result == paAbort);
        CHECK(answer.out == std::array<float, 4>{0, 0, 0, 0});
    };
    SECTION("when it is asked for") {
        check_abort([](auto&) noexcept { return Next::abort; });
    }
    SECTION("after an exception") {
        check_abort([](auto&) { throw std::runtime_error{"boo"}; });
    }
}

TEST_CASE("an exception aborts the stream and is rethrown once, by stop or wait") {
    Scope audio;
    Stream<float> stream{[](auto&) { throw std::runtime_error{"boo"}; }};
    stream.start();
    audio.pump(2);
    CHECK(audio.captured().empty());
    REQUIRE_FALSE(stream.active());
    SECTION("by stop") { CHECK_THROWS_WITH(stream.stop(), "boo"); }
    SECTION("by wait") { CHECK_THROWS_WITH(stream.wait(), "boo"); }
    SECTION("by wait_for") { CHECK_THROWS_WITH(stream.wait_for(1s), "boo"); }
    SECTION("after the stop that does not throw has said so") {
        CHECK(stream.stop(std::nothrow) == Fault::callback_threw);
        CHECK_THROWS_WITH(stream.stop(), "boo");
    }
    CHECK_NOTHROW(stream.stop());
    CHECK_NOTHROW(stream.wait());
    CHECK_FALSE(stream.stop(std::nothrow));
}

TEST_CASE("a start goes on after the exception of the last run was told") {
    Scope audio;
    bool broken = true;
    Stream<float> stream{[&](auto&) {
        if (broken) throw std::runtime_error{"boo"};
    }};
    stream.start();
    audio.pump(2);
    broken = false;
    SECTION("once it was thrown by the start itself") {
        CHECK(stream.start(std::nothrow) == Fault::callback_threw);
        CHECK_THROWS_WITH(stream.start(), "boo");
        CHECK_FALSE(stream.active());
    }
    SECTION("once it was thrown by wait") { CHECK_THROWS_WITH(stream.wait(), "boo"); }
    stream.start();
    audio.pump(2);
    CHECK(stream.active());
    CHECK_NOTHROW(stream.stop());
}

TEST_CASE(
    "what the library of a foreign callback says of a failure is thrown once, by stop or wait") {
    Scope audio;
    failures = {};
    Stream<float> stream{failing};
    stream.start();
    audio.pump(1);
    const auto is_told = [&](auto&& call) {
        CHECK_THROWS_WITH(call(),
                          "stream callback: " + make_error_code(Fault::callback_threw).message() +
                              " (ValueError: boo)");
    };

    SECTION("and where it says nothing, nothing is thrown") {
        stream.stop();
        CHECK_NOTHROW(stream.wait());
        CHECK_FALSE(stream.stop(std::nothrow));
    }
    SECTION("whoever asks") {
        failures.fails = true;
        audio.pump(1);
        SECTION("by stop") {
            is_told([&] { stream.stop(); });
        }
        SECTION("by wait") {
            is_told([&] { stream.wait(); });
        }
        SECTION("by wait_for") {
            is_told([&] { stream.wait_for(1s); });
        }
        SECTION("by the next start") {
            CHECK(stream.start(std::nothrow) == Fault::callback_threw);
            is_told([&] { stream.start(); });
        }
        SECTION("by stop after the one that does not throw") {
            CHECK(stream.stop(std::nothrow) == Fault::callback_threw);
            is_told([&] { stream.stop(); });
        }
        SECTION("by a stream that has moved") {
            Stream<float> moved{std::move(stream)};
            stream = std::move(moved);
            is_told([&] { stream.wait(); });
        }
        CHECK_NOTHROW(stream.wait());
        CHECK_NOTHROW(stream.stop());
        CHECK_FALSE(stream.stop(std::nothrow));
        stream.start();
        audio.pump(1);
        is_told([&] { stream.wait(); });  // the same text, but news
    }
    SECTION("but not that of an earlier stream") {
        failures.fails = true;
        audio.pump(1);
        failures.fails = false;
        Stream<float> another{failing};
        CHECK_NOTHROW(another.stop());
        another.start();
        audio.pump(1);
        CHECK_FALSE(another.stop(std::nothrow));
        CHECK_NOTHROW(another.wait());
        is_told([&] { stream.wait(); });
    }
    SECTION("in place, too") {
        failures.fails = true;
        Stream<float> in_place{portspan::in_place(failing)};
        in_place.start();
        audio.pump(1);
        is_told([&] { in_place.wait(); });
    }
}

TEST_CASE("a result of no meaning completes the stream and is reported") {
    Scope audio;
    const auto check_report = [&](auto callback, const char* result) {
        Stream<float> stream{callback};
        stream.start();
        audio.pump(2);
        CHECK(audio.captured().size() == 4);
        CHECK_FALSE(stream.active());
        CHECK(call(audio).result == paComplete);
        CHECK_THROWS_WITH(stream.stop(), ContainsSubstring(result));
    };
    SECTION("a callable's") {
        check_report([](auto&) noexcept { return static_cast<Next>(-3); }, "(-3)");
    }
    SECTION("a foreign callback's, where an adaptor is in between") {
        const auto seven = [](const void*, void*, unsigned long, Time, Flags, void*) { return 7; };
        check_report(portspan::in_place(seven, nullptr), "(7)");
    }
}

TEST_CASE("request_stop makes the next result complete") {
    Scope audio;
    Stream<float> stream{nothing};
    stream.start();
    audio.pump(2);
    CHECK(stream.active());
    CHECK(stream.request_stop());
    audio.pump(2);
    CHECK_FALSE(stream.active());
    CHECK(audio.captured().size() == 8);
    CHECK(call(audio).result == paComplete);
    stream.start();
    audio.pump(2);
    CHECK(stream.active());

    Stream<float> foreign_stream{&foreign};
    CHECK_FALSE(foreign_stream.request_stop());
}

TEST_CASE("a start after request_stop starts anew") {
    Scope audio;
    Stream<float> stream{nothing};
    stream.start();
    stream.request_stop();
    stream.start();
    audio.pump(2);
    CHECK(stream.active());
}

TEST_CASE("waiting for ever is not waiting for nothing") {
    Scope audio;
    Stream<float> stream{[frames = std::size_t{0}](auto& block) mutable noexcept {
        frames += block.frames();
        return frames < 1000 ? Next::keep_going : Next::complete;  // 20 ms
    }};
    stream.start();
    audio.run();
    CHECK(stream.wait_for(std::chrono::hours::max()));
    CHECK_FALSE(stream.active());
}

TEST_CASE("request_stop does not soften an abort") {
    Scope audio;
    Stream<float> stream{[](auto&) noexcept { return Next::abort; }};
    stream.start();
    stream.request_stop();
    audio.pump(2);
    CHECK(audio.captured().empty());
    CHECK_FALSE(stream.active());
}

TEST_CASE("start, stop and abort say what PortAudio says, thrown or returned") {
    Scope audio;
    Stream<float> stream{nothing};
    audio.fail("Pa_StartStream", paUnanticipatedHostError, 0, 2);
    CHECK_THROWS_WITH(stream.start(), ContainsSubstring("Pa_StartStream: Unanticipated"));
    CHECK(stream.start(std::nothrow) == portspan::portaudio_error(paUnanticipatedHostError));
    CHECK_FALSE(stream.start(std::nothrow));
    CHECK(stream.active());

    audio.fail("Pa_StopStream", paUnanticipatedHostError, 0, 2);
    audio.fail("Pa_AbortStream", paUnanticipatedHostError, 0, 2);
    CHECK_THROWS_WITH(stream.stop(), ContainsSubstring("Pa_StopStream"));
    CHECK(stream.stop(std::nothrow).value() == paUnanticipatedHostError);
    CHECK_THROWS_WITH(stream.abort(), ContainsSubstring("Pa_AbortStream"));
    CHECK(stream.abort(std::nothrow).value() == paUnanticipatedHostError);
    CHECK_FALSE(stream.stop(std::nothrow));
    CHECK_FALSE(stream.active());
}

TEST_CASE("start and stop are no errors where nothing is to be done") {
    const Scope audio;
    Stream<float> stream{nothing};
    CHECK_NOTHROW(stream.stop());
    CHECK_NOTHROW(stream.abort());
    stream.start();
    CHECK_NOTHROW(stream.start());
    CHECK(audio.calls("Pa_StartStream") == 1);  // no gap in what runs already
    CHECK_FALSE(stream.stopped());
    stream.stop();
    CHECK(stream.stopped());
    CHECK_NOTHROW(stream.stop());
    CHECK_FALSE(stream.stop(std::nothrow));
}

TEST_CASE("start after complete stops first, as PortAudio wants it") {
    Scope audio;
    Stream<float> stream{[](auto&) noexcept { return Next::complete; }};
    stream.start();
    SECTION("when the audio is played") {
        audio.pump(2);
        CHECK_FALSE(stream.active());
    }
    SECTION("while the last of it is still being played") {
        // The mock plays at once: it must not learn that the callback has ended.
        CHECK(call(audio).result == paComplete);
        CHECK(stream.active());
    }
    CHECK_FALSE(stream.stopped());
    CHECK_NOTHROW(stream.start());
    CHECK(stream.active());
    const auto all = commands(audio);
    const std::vector<std::string> last(all.end() - 2, all.end());
    CHECK(last == std::vector<std::string>{"Pa_StopStream", "Pa_StartStream"});
}

TEST_CASE("wait returns when the stream has ended") {
    Scope audio;
    Stream<float> stream{nothing};
    CHECK_NOTHROW(stream.wait());
    stream.start();
    audio.run();
    CHECK_FALSE(stream.wait_for(5ms));
    stream.request_stop();
    CHECK_NOTHROW(stream.wait());
    CHECK_FALSE(stream.active());
    CHECK(stream.wait_for(1h));
    CHECK(stream.wait_for(std::chrono::hours::max()));
}

TEST_CASE("the host's words for a question are read when no other call makes it say any") {
    Scope audio;
    audio.host_error(paALSA, -19, "No such device");
    std::string_view asked;
    bool is_alone = false;
    Stream<float> stream{nothing};
    audio.intercept([&](std::string_view function) -> std::optional<PaError> {
        if (function == "Pa_GetLastHostErrorInfo") {
            std::thread{[&] {
                is_alone = !portspan::detail::control_mutex.try_lock();
                if (!is_alone) portspan::detail::control_mutex.unlock();
            }}.join();
        }
        if (function != asked) return std::nullopt;
        return paUnanticipatedHostError;
    });
    const auto words = ContainsSubstring("No such device");
    SECTION("active") {
        asked = "Pa_IsStreamActive";
        CHECK_THROWS_WITH(stream.active(), words);
    }
    SECTION("stopped") {
        asked = "Pa_IsStreamStopped";
        CHECK_THROWS_WITH(stream.stopped(), words);
    }
    SECTION("wait") {
        asked = "Pa_IsStreamActive";
        CHECK_THROWS_WITH(stream.wait(), words);
    }
    CHECK(is_alone);
    asked = "";
}

TEST_CASE("a question does not wait for another stream's control call") {
    Scope audio;
    std::optional<Stream<float>> stream;
    std::optional<std::string> inside;
    stream.emplace([&](auto& block) noexcept {
        block.in_place();
        const auto error = error_of([&] { static_cast<void>(stream->active()); });
        if (error) inside = error->what();
    });
    stream->start();
    const auto lock = portspan::detail::control_lock();
    CHECK(stream->active());
    CHECK_FALSE(stream->stopped());
    CHECK_FALSE(stream->wait_for(2ms));
    audio.fail("Pa_IsStreamActive", paBadStreamPtr);
    CHECK_THROWS_AS(stream->active(), Error);
    // Nor for its own, in the callback that this one may wait for.
    audio.fail("Pa_IsStreamActive", paUnanticipatedHostError);
    audio.pump(1);
    CHECK(inside == "Pa_IsStreamActive: Unanticipated host error");
}

TEST_CASE("what PortAudio knows of an open stream") {
    Scope audio;
    Stream<float> stream{
        {.input = {.latency = 250ms}, .output = {.latency = 500ms}, .sample_rate = 8000}, nothing};
    CHECK(stream.sample_rate() == 8000);
    CHECK(stream.input_latency() == 250ms);
    CHECK(stream.output_latency() == 500ms);
    CHECK(stream.handle() == audio.opened().handle);
    const auto before = stream.time();
    stream.start();
    audio.pump(100'000);
    CHECK(stream.time() - before == 12500ms);
    audio.cpu_load(0.75);
    CHECK(stream.cpu_load() == 0.75);
}

TEST_CASE("a stream closes before it lets go of its callable and of PortAudio") {
    Scope audio;
    audio.call_while_closing();
    const auto token = std::make_shared<int>();
    int calls_while_closing = 0;
    {
        Stream<float> stream{[token, &calls_while_closing](auto& block) noexcept {
            block.in_place();
            calls_while_closing += token.use_count() > 1;
        }};
        CHECK(token.use_count() == 2);
        stream.start();
    }
    CHECK(calls_while_closing == 1);
    CHECK(token.use_count() == 1);
    check_all_closed(audio);
    CHECK(commands(audio) == std::vector<std::string>{"Pa_Initialize", "Pa_OpenStream",
                                                      "Pa_StartStream", "Pa_CloseStream",
                                                      "Pa_Terminate"});
}

TEST_CASE("a keep-alive token lives until the stream is closed") {
    const Scope audio;
    const auto token = std::make_shared<int>();
    {
        Stream<float> stream{RawCallback{&foreign, nullptr, token}};
        CHECK(token.use_count() == 2);
        Stream<float> moved{std::move(stream)};
        CHECK(token.use_count() == 2);
    }
    CHECK(token.use_count() == 1);
}

TEST_CASE("a callback that may still be running is leaked rather than destroyed") {
    Scope audio;
    auto token = std::make_shared<int>();
    const std::weak_ptr<int> watch = token;
    {
        Stream<float> stream{RawCallback{&foreign, nullptr, std::move(token)}};
        audio.fail("Pa_CloseStream", paTimedOut);
    }
    CHECK_FALSE(watch.expired());
    CHECK(audio.initialized() == 0);
}

TEST_CASE("a stream moves while it runs") {
    Scope audio;
    audio.call_while_closing();
    int first_calls = 0, second_calls = 0;
    const auto first_token = std::make_shared<int>();
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Stream<float>>);
    STATIC_REQUIRE(std::is_nothrow_move_assignable_v<Stream<float>>);
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<Stream<float>>);
    {
        Stream<float> first{
            [&, first_token](auto& block) noexcept { block.in_place(), ++first_calls; }};
        first.start();
        Stream<float> moved{std::move(first)};
        audio.pump(2);
        CHECK(first_calls == 1);
        CHECK(moved.active());
        CHECK_THROWS_AS(first.active(), Error);
        CHECK(first.stop(std::nothrow).value() == paBadStreamPtr);
        CHECK_FALSE(first.request_stop());

        SECTION("assigned over, the old one is closed with its callable alive") {
            Stream<float> second{[&](auto& block) noexcept { block.in_place(), ++second_calls; }};
            moved = std::move(second);
            CHECK(first_calls == 2);
            CHECK(first_token.use_count() == 1);
            CHECK(audio.open_streams() == 1);
            CHECK(audio.initialized() == 1);
            moved.start();
            audio.pump(2);
            CHECK(second_calls == 1);
        }
        SECTION("assigned one that was moved from, it closes before its session ends") {
            moved = std::move(first);
            CHECK(first_token.use_count() == 1);
            CHECK(audio.initialized() == 0);
        }
        SECTION("assigned to itself, nothing happens") {
            Stream<float>& self = moved;
            moved = std::move(self);
            CHECK(moved.active());
            CHECK(audio.open_streams() == 1);
        }
    }
    check_all_closed(audio);
}
