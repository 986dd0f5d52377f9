// SPDX-License-Identifier: MIT
#include <portspan/stream.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <stdexcept>
#include <thread>

#include "catch.hpp"
#include "fake_portaudio.hpp"

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

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

struct State {};
int foreign_result = paContinue;
extern "C" int foreign(const void*, void*, unsigned long, Time, Flags, void*) {
    return foreign_result;
}
int typed(const float*, float*, unsigned long, Time, Flags, State*) noexcept { return 0; }

const auto nothing = [](auto&) noexcept {};

/// The text of the Error that constructing a stream throws.
template <class S = Stream<float>, class... Args>
std::string refusal(Args&&... args) {
    try {
        S stream{std::forward<Args>(args)...};
    } catch (const Error& error) {
        CHECK(FakePortAudio::instance().initialized == 0);
        CHECK(FakePortAudio::instance().open_streams == 0);
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("a foreign callback arrives at Pa_OpenStream as it is") {
    auto& fake = FakePortAudio::reset();
    State state;
    const auto address_is = [&](auto* function) {
        return reinterpret_cast<std::uintptr_t>(fake.opened->callback) ==
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
    CHECK(fake.opened->user_data == &state);
}

TEST_CASE("foreign functions without state get a null pointer") {
    auto& fake = FakePortAudio::reset();
    Stream<float> plain{&foreign};
    CHECK(fake.opened->user_data == nullptr);
    Stream<float> lambda{{},
                         [](const void*, void*, unsigned long, Time, Flags, void*) { return 0; }};
    CHECK(fake.opened->user_data == nullptr);
    Stream<float> explicitly{&typed, nullptr};
    CHECK(fake.opened->user_data == nullptr);
}

TEST_CASE("without a configuration the default devices say what they prefer") {
    auto& fake = FakePortAudio::reset();
    const Stream<float> stream{nothing};
    REQUIRE(fake.opened->input.has_value());
    REQUIRE(fake.opened->output.has_value());
    CHECK(fake.opened->input->device == 0);
    CHECK(fake.opened->input->channelCount == 2);
    CHECK(fake.opened->output->channelCount == 2);
    CHECK(fake.opened->input->sampleFormat == paFloat32);
    CHECK(fake.opened->input->suggestedLatency == 0.1);
    CHECK(fake.opened->output->suggestedLatency == 0.2);
    CHECK(fake.opened->input->hostApiSpecificStreamInfo == nullptr);
    CHECK(fake.opened->sample_rate == 44100);
    CHECK(fake.opened->frames_per_buffer == paFramesPerBufferUnspecified);
    CHECK(fake.opened->flags == paNoFlag);
    CHECK(stream.input_channels() == 2);
    CHECK(stream.output_channels() == 2);
}

TEST_CASE("a mono device gives a mono stream") {
    auto& fake = FakePortAudio::reset();
    fake.devices[0].maxInputChannels = 1;
    const Stream<float> stream{nothing};
    CHECK(stream.input_channels() == 1);
    CHECK(stream.output_channels() == 2);
}

TEST_CASE("a configuration arrives at Pa_OpenStream") {
    auto& fake = FakePortAudio::reset();
    fake.devices.push_back(fake.devices[0]);
    int info = 0;
    using portspan::StreamFlags;
    const Stream<std::int16_t, float, Planar> stream{
        {.input = {.device = 1, .channels = 1, .latency = portspan::Latency::low},
         .output = {.channels = 8, .latency = 20ms, .host_info = &info},
         .sample_rate = 96000,
         .frames_per_buffer = 64,
         .flags = StreamFlags::clip_off | StreamFlags::dither_off},
        nothing};
    CHECK(fake.opened->input->device == 1);
    CHECK(fake.opened->input->channelCount == 1);
    CHECK(fake.opened->input->sampleFormat == (paInt16 | paNonInterleaved));
    CHECK(fake.opened->input->suggestedLatency == 0.01);
    CHECK(fake.opened->output->device == 0);
    CHECK(fake.opened->output->channelCount == 8);
    CHECK(fake.opened->output->sampleFormat == (paFloat32 | paNonInterleaved));
    CHECK(fake.opened->output->suggestedLatency == 0.02);
    CHECK(fake.opened->output->hostApiSpecificStreamInfo == &info);
    CHECK(fake.opened->sample_rate == 96000);
    CHECK(fake.opened->frames_per_buffer == 64);
    CHECK(fake.opened->flags == (paClipOff | paDitherOff));
}

TEST_CASE("a direction that is not there is not opened") {
    auto& fake = FakePortAudio::reset();
    fake.default_input = paNoDevice;
    const OutputStream<float> player{nothing};
    CHECK_FALSE(fake.opened->input.has_value());
    CHECK(fake.opened->output.has_value());
    CHECK(player.input_channels() == 0);

    FakePortAudio::reset().default_output = paNoDevice;
    const InputStream<float> recorder{nothing};
    CHECK(fake.opened->input.has_value());
    CHECK_FALSE(fake.opened->output.has_value());
}

TEST_CASE("bad input is refused before PortAudio opens anything") {
    auto& fake = FakePortAudio::reset();
    const auto bad = [](StreamConfig config) { return refusal(config, nothing); };
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
               ContainsSubstring("1000 output channels, \"Fake duplex\" has 8"));
    CHECK_THAT(bad({.input = {.latency = -1ms}}), ContainsSubstring("latency"));
    CHECK_THAT(bad({.input = {.latency = std::chrono::duration<double>{nan}}}),
               ContainsSubstring("latency"));
    CHECK_FALSE(fake.opened.has_value());

    CHECK(bad({.sample_rate = 8000, .frames_per_buffer = 1ul << 20}) == "no error");
}

TEST_CASE("null callbacks are refused before PortAudio opens anything") {
    auto& fake = FakePortAudio::reset();
    CHECK_THAT(refusal(RawCallback{}), ContainsSubstring("the callback is null"));
    CHECK_THAT(refusal(portspan::callback_at(0)), ContainsSubstring("the callback is null"));
    CHECK_THAT(refusal(static_cast<PaStreamCallback*>(nullptr)),
               ContainsSubstring("the callback is null"));
    CHECK_THAT(refusal(std::function<void(Stream<float>::Block&)>{}),
               ContainsSubstring("the callback is null"));
    CHECK_FALSE(fake.opened.has_value());
}

TEST_CASE("no default device is an error that says which") {
    FakePortAudio::reset().default_input = paNoDevice;
    CHECK_THAT(refusal(nothing), ContainsSubstring("no default input device"));
    FakePortAudio::reset().default_output = paNoDevice;
    CHECK_THAT(refusal(nothing), ContainsSubstring("no default output device"));
}

TEST_CASE("a foreign callback in place is refused where the channel counts differ") {
    auto& fake = FakePortAudio::reset();
    State state;
    CHECK_THAT(refusal(StreamConfig{.input = {.channels = 1}}, portspan::in_place(&typed, &state)),
               ContainsSubstring("channel counts do not fit"));
    CHECK_FALSE(fake.opened.has_value());
    CHECK(refusal(portspan::in_place(&typed, &state)) == "no error");
}

TEST_CASE("when PortAudio refuses, nothing is left and the callable is gone") {
    auto& fake = FakePortAudio::reset();
    const auto token = std::make_shared<int>();
    for (const char* call : {"Pa_Initialize", "Pa_OpenStream"}) {
        fake.failures = {{call, paUnanticipatedHostError}};
        CHECK(refusal([token](auto&) noexcept {}) ==
              std::string{call} + ": Unanticipated host error: the wire is cut");
        CHECK(token.use_count() == 1);
    }
}

TEST_CASE("the callable gets the blocks and its result goes back") {
    auto& fake = FakePortAudio::reset();
    Next next = Next::keep_going;
    Stream<float> stream{[&](auto& block) noexcept {
        for (float& x : block.in_place().samples()) x *= 0.5f;
        return next;
    }};
    const std::array<float, 4> in{2, 4, 6, 8};
    std::array<float, 4> out{};
    stream.start();
    CHECK(fake.call(2, in.data(), out.data()) == paContinue);
    CHECK(out == std::array<float, 4>{1, 2, 3, 4});
    next = Next::complete;
    CHECK(fake.call(2, in.data(), out.data()) == paComplete);
    CHECK(out == std::array<float, 4>{1, 2, 3, 4});
    next = Next::abort;
    CHECK(fake.call(2, in.data(), out.data()) == paAbort);
    CHECK(out == std::array<float, 4>{0, 0, 0, 0});
}

TEST_CASE("an exception aborts the stream and is rethrown once, by stop or wait") {
    auto& fake = FakePortAudio::reset();
    Stream<float> stream{[](auto&) { throw std::runtime_error{"boo"}; }};
    std::array<float, 4> out{9, 9, 9, 9};
    stream.start();
    CHECK(fake.call(2, nullptr, out.data()) == paAbort);
    CHECK(out == std::array<float, 4>{0, 0, 0, 0});
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
    auto& fake = FakePortAudio::reset();
    bool broken = true;
    Stream<float> stream{[&](auto&) {
        if (broken) throw std::runtime_error{"boo"};
    }};
    stream.start();
    fake.call(2, nullptr, nullptr);
    broken = false;
    SECTION("once it was thrown by the start itself") {
        CHECK(stream.start(std::nothrow) == Fault::callback_threw);
        CHECK_THROWS_WITH(stream.start(), "boo");
        CHECK_FALSE(stream.active());
    }
    SECTION("once it was thrown by wait") { CHECK_THROWS_WITH(stream.wait(), "boo"); }
    stream.start();
    std::array<float, 4> out{};
    CHECK(fake.call(2, nullptr, out.data()) == paContinue);
    CHECK_NOTHROW(stream.stop());
}

TEST_CASE("a result of no meaning completes the stream and is reported") {
    auto& fake = FakePortAudio::reset();
    SECTION("a callable's") {
        Stream<float> stream{[](auto&) noexcept { return static_cast<Next>(-3); }};
        stream.start();
        CHECK(fake.call(2, nullptr, nullptr) == paComplete);
        CHECK_THROWS_WITH(stream.stop(), ContainsSubstring("(-3)"));
    }
    SECTION("a foreign callback's, where an adaptor is in between") {
        foreign_result = 7;
        std::array<float, 4> out{};
        Stream<float> stream{portspan::in_place(&foreign, nullptr)};
        stream.start();
        CHECK(fake.call(2, nullptr, out.data()) == paComplete);
        foreign_result = paContinue;
        CHECK_THROWS_WITH(stream.wait(), ContainsSubstring("(7)"));
    }
}

TEST_CASE("request_stop makes the next result complete") {
    auto& fake = FakePortAudio::reset();
    Stream<float> stream{nothing};
    std::array<float, 4> out{};
    stream.start();
    CHECK(fake.call(2, nullptr, out.data()) == paContinue);
    CHECK(stream.request_stop());
    CHECK(fake.call(2, nullptr, out.data()) == paComplete);
    stream.start();
    CHECK(fake.call(2, nullptr, out.data()) == paContinue);

    Stream<float> foreign_stream{&foreign};
    CHECK_FALSE(foreign_stream.request_stop());
}

TEST_CASE("a start after request_stop starts anew") {
    auto& fake = FakePortAudio::reset();
    Stream<float> stream{nothing};
    stream.start();
    stream.request_stop();
    stream.start();
    std::array<float, 4> out{};
    CHECK(fake.call(2, nullptr, out.data()) == paContinue);
}

TEST_CASE("waiting for ever is not waiting for nothing") {
    auto& fake = FakePortAudio::reset();
    Stream<float> stream{nothing};
    stream.start();
    std::thread other{[&] {
        std::this_thread::sleep_for(20ms);
        std::atomic_ref{fake.active}.store(false);
    }};
    CHECK(stream.wait_for(std::chrono::hours::max()));
    other.join();
}

TEST_CASE("request_stop does not soften an abort") {
    auto& fake = FakePortAudio::reset();
    Stream<float> stream{[](auto&) noexcept { return Next::abort; }};
    stream.start();
    stream.request_stop();
    CHECK(fake.call(2, nullptr, nullptr) == paAbort);
}

TEST_CASE("start, stop and abort say what PortAudio says, thrown or returned") {
    auto& fake = FakePortAudio::reset();
    Stream<float> stream{nothing};
    fake.failures["Pa_StartStream"] = paUnanticipatedHostError;
    CHECK_THROWS_WITH(stream.start(), ContainsSubstring("Pa_StartStream: Unanticipated"));
    CHECK(stream.start(std::nothrow) == portspan::portaudio_error(paUnanticipatedHostError));
    fake.failures.clear();
    CHECK_FALSE(stream.start(std::nothrow));
    CHECK(stream.active());

    fake.failures["Pa_StopStream"] = fake.failures["Pa_AbortStream"] = paUnanticipatedHostError;
    CHECK_THROWS_WITH(stream.stop(), ContainsSubstring("Pa_StopStream"));
    CHECK(stream.stop(std::nothrow).value() == paUnanticipatedHostError);
    CHECK_THROWS_WITH(stream.abort(), ContainsSubstring("Pa_AbortStream"));
    CHECK(stream.abort(std::nothrow).value() == paUnanticipatedHostError);
    fake.failures.clear();
    CHECK_FALSE(stream.stop(std::nothrow));
    CHECK_FALSE(stream.active());
}

TEST_CASE("start and stop are no errors where nothing is to be done") {
    FakePortAudio::reset();
    Stream<float> stream{nothing};
    CHECK_NOTHROW(stream.stop());
    CHECK_NOTHROW(stream.abort());
    stream.start();
    CHECK_NOTHROW(stream.start());
    CHECK_FALSE(stream.stopped());
    stream.stop();
    CHECK(stream.stopped());
    CHECK_NOTHROW(stream.stop());
    CHECK_FALSE(stream.stop(std::nothrow));
}

TEST_CASE("start after complete stops first, as PortAudio wants it") {
    auto& fake = FakePortAudio::reset();
    Stream<float> stream{[](auto&) noexcept { return Next::complete; }};
    stream.start();
    fake.call(2, nullptr, nullptr);
    CHECK_FALSE(stream.active());
    CHECK_FALSE(stream.stopped());
    SECTION("when the audio is played") {}
    SECTION("while the last of it is still being played") { fake.active = true; }
    CHECK_NOTHROW(stream.start());
    CHECK(stream.active());
    const std::vector<std::string> last(fake.calls.end() - 2, fake.calls.end());
    CHECK(last == std::vector<std::string>{"Pa_StopStream", "Pa_StartStream"});
}

TEST_CASE("wait returns when the stream has ended") {
    auto& fake = FakePortAudio::reset();
    Stream<float> stream{nothing};
    CHECK_NOTHROW(stream.wait());
    stream.start();
    CHECK_FALSE(stream.wait_for(5ms));
    std::thread other{[&] {
        std::this_thread::sleep_for(5ms);
        std::array<float, 4> out{};
        stream.request_stop();
        fake.call(2, nullptr, out.data());
    }};
    other.join();
    CHECK_NOTHROW(stream.wait());
    CHECK(stream.wait_for(1h));
    CHECK(stream.wait_for(std::chrono::hours::max()));
}

TEST_CASE("what PortAudio knows of an open stream") {
    FakePortAudio::reset();
    Stream<float> stream{nothing};
    CHECK(stream.sample_rate() == 48000);
    CHECK(stream.input_latency() == 250ms);
    CHECK(stream.output_latency() == 500ms);
    CHECK(stream.time().time_since_epoch() == 12500ms);
    CHECK(stream.cpu_load() == 0.75);
    CHECK(stream.handle() != nullptr);
}

TEST_CASE("a stream closes before it lets go of its callable and of PortAudio") {
    auto& fake = FakePortAudio::reset();
    fake.calls_once_more_while_closing = true;
    const auto token = std::make_shared<int>();
    int calls_while_closing = 0;
    {
        Stream<float> stream{[token, &calls_while_closing](auto& block) noexcept {
            block.in_place();
            calls_while_closing += token.use_count() > 1;
        }};
        CHECK(token.use_count() == 2);
    }
    CHECK(calls_while_closing == 1);
    CHECK(token.use_count() == 1);
    CHECK(fake.open_streams == 0);
    CHECK(fake.initialized == 0);
    CHECK(fake.calls == std::vector<std::string>{"Pa_Initialize", "Pa_Initialize", "Pa_Terminate",
                                                 "Pa_Initialize", "Pa_Terminate", "Pa_OpenStream",
                                                 "Pa_CloseStream", "Pa_Terminate"});
}

TEST_CASE("a keep-alive token lives until the stream is closed") {
    FakePortAudio::reset();
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
    auto& fake = FakePortAudio::reset();
    auto token = std::make_shared<int>();
    const std::weak_ptr<int> watch = token;
    {
        Stream<float> stream{RawCallback{&foreign, nullptr, std::move(token)}};
        fake.failures["Pa_CloseStream"] = paTimedOut;
    }
    CHECK_FALSE(watch.expired());
    CHECK(fake.initialized == 0);
}

TEST_CASE("a stream moves while it runs") {
    auto& fake = FakePortAudio::reset();
    fake.calls_once_more_while_closing = true;
    std::array<float, 4> out{};
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
        fake.call(2, nullptr, out.data());
        CHECK(first_calls == 1);
        CHECK(moved.active());
        CHECK_THROWS_AS(first.active(), Error);
        CHECK(first.stop(std::nothrow).value() == paBadStreamPtr);
        CHECK_FALSE(first.request_stop());

        SECTION("assigned over, the old one is closed with its callable alive") {
            const FakePortAudio::Opened old = *fake.opened;
            Stream<float> second{[&](auto& block) noexcept { block.in_place(), ++second_calls; }};
            const FakePortAudio::Opened newer = *fake.opened;
            fake.opened = old;  // what the host calls while it closes the old stream
            moved = std::move(second);
            CHECK(first_calls == 2);
            CHECK(first_token.use_count() == 1);
            CHECK(fake.initialized == 1);
            fake.opened = newer;
            moved.start();
            fake.call(2, nullptr, out.data());
            CHECK(second_calls == 1);
        }
        SECTION("assigned to itself, nothing happens") {
            Stream<float>& self = moved;
            moved = std::move(self);
            CHECK(moved.active());
            CHECK(fake.open_streams == 1);
        }
    }
    CHECK(fake.open_streams == 0);
    CHECK(fake.initialized == 0);
}
