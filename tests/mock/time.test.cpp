// SPDX-License-Identifier: MIT
// How time passes: pumped, on a thread, slept through, or by a clock that runs.
#include <portaudio.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <portspan/mock.hpp>
#include <portspan/stream.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "c_stream.hpp"
#include "catch.hpp"
#include "eventually.hpp"

using mock_test::Block;
using mock_test::CStream;
using mock_test::eventually;
using mock_test::Side;
using portspan::InputStream;
using portspan::Next;
using portspan::OutputStream;
using portspan::Stream;
using portspan::StreamTimes;
using portspan::mock::Scope;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;
constexpr Side mono{.channels = 1};
constexpr double tiny = 1e-9;

const auto pass = [](auto& block) noexcept { block.in_place(); };

/// Counts the frames of a stream for one direction.
auto count(std::size_t& frames) {
    return [&frames](const Block& block) {
        frames += block.frames;
        return paContinue;
    };
}

double seconds(portspan::StreamClock::time_point moment) {
    return moment.time_since_epoch().count();
}

/// What a call throws as std::logic_error; empty where it throws nothing.
std::string refusal(const std::function<void()>& f) {
    try {
        f();
    } catch (const std::logic_error& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("pump calls on this thread, pump_on_thread on another one") {
    Scope audio;
    std::thread::id caller;
    std::size_t frames = 0;
    OutputStream<float> stream{{.frames_per_buffer = 8}, [&](auto& block) noexcept {
                                   caller = std::this_thread::get_id();
                                   frames += block.frames();
                                   for (float& x : block.output().samples()) x = 1;
                               }};
    stream.start();
    audio.pump(8);
    CHECK(caller == std::this_thread::get_id());
    audio.pump_on_thread(20);
    CHECK(caller != std::this_thread::get_id());
    CHECK(frames == 24);
    CHECK(audio.captured().size() == 48);
    audio.pump(4);
    CHECK(caller == std::this_thread::get_id());
    CHECK(frames == 32);
}

TEST_CASE("time passes for running streams only") {
    Scope audio;
    std::size_t frames = 0;
    CStream stream{{}, mono, count(frames)};
    audio.pump(10);
    CHECK(frames == 0);
    Pa_StartStream(stream);
    audio.pump(0);
    CHECK(frames == 0);
    audio.pump(10);
    CHECK(frames == 10);
    Pa_StopStream(stream);
    audio.pump(10);
    CHECK(frames == 10);
}

TEST_CASE("streams go in step: what one hands to another arrives in time") {
    Scope audio;
    std::size_t waiting = 0, most = 0, missing = 0;
    CStream from{mono, {}, [&](const Block& block) {
                     waiting += block.frames;
                     most = std::max(most, waiting);
                     return paContinue;
                 }};
    CStream to{{},
               mono,
               [&](const Block& block) {
                   missing += block.frames > waiting;
                   waiting -= std::min<std::size_t>(block.frames, waiting);
                   return paContinue;
               },
               64};
    Pa_StartStream(from);
    Pa_StartStream(to);
    SECTION("pumped") { audio.pump(48'000); }
    SECTION("slept through") { Pa_Sleep(1000); }
    CHECK(missing == 0);
    CHECK(most > 0);
    CHECK(most <= 512);
}

TEST_CASE("pumping without any stream does nothing") {
    Scope audio;
    CHECK_NOTHROW(audio.pump(1000));
    CHECK_NOTHROW(audio.pump_on_thread(1000));
}

TEST_CASE("a stream's clock counts from 1 s and stands still while it is stopped") {
    Scope audio;
    Stream<float> stream{{.sample_rate = 1000}, pass};
    CHECK(seconds(stream.time()) == 1);
    audio.pump(500);
    CHECK(seconds(stream.time()) == 1);
    stream.start();
    audio.pump(500);
    CHECK_THAT(seconds(stream.time()), WithinAbs(1.5, tiny));
    stream.stop();
    audio.pump(500);
    stream.start();
    CHECK_THAT(seconds(stream.time()), WithinAbs(1.5, tiny));
    audio.pump(250);
    CHECK_THAT(seconds(stream.time()), WithinAbs(1.75, tiny));
}

TEST_CASE("a callback is told its stream's time, and the latencies before and after it") {
    Scope audio;
    std::vector<StreamTimes> told;
    std::vector<double> asked;
    Stream<float>* self = nullptr;
    Stream<float> stream{{.input = {.latency = std::chrono::duration<double>{0.25}},
                          .output = {.latency = std::chrono::duration<double>{0.125}},
                          .sample_rate = 1000,
                          .frames_per_buffer = 100},
                         [&](auto& block) noexcept {
                             block.in_place();
                             told.push_back(block.time());
                             asked.push_back(seconds(self->time()));
                         }};
    self = &stream;
    stream.start();
    audio.pump(200);
    REQUIRE(told.size() == 2);
    CHECK_THAT(seconds(told[0].current), WithinAbs(1, tiny));
    CHECK_THAT(seconds(*told[0].input_adc), WithinAbs(0.75, tiny));
    CHECK_THAT(seconds(*told[0].output_dac), WithinAbs(1.125, tiny));
    CHECK_THAT(seconds(told[1].current), WithinAbs(1.1, tiny));
    CHECK(asked == std::vector<double>{seconds(told[0].current), seconds(told[1].current)});
}

TEST_CASE("a direction that a stream does not have has time 0") {
    Scope audio;
    PaStreamCallbackTimeInfo told{};
    const auto note = [&](const Block& block) {
        told = block.times;
        return paContinue;
    };
    SECTION("no output") {
        CStream stream{mono, {}, note};
        Pa_StartStream(stream);
        audio.pump(1);
        CHECK(told.inputBufferAdcTime > 0);
        CHECK(told.outputBufferDacTime == 0);
    }
    SECTION("no input") {
        CStream stream{{}, mono, note};
        Pa_StartStream(stream);
        audio.pump(1);
        CHECK(told.inputBufferAdcTime == 0);
        CHECK(told.outputBufferDacTime > 0);
    }
}

TEST_CASE("a script may change the times that callbacks are told: jitter, no ADC time") {
    Scope audio;
    std::vector<StreamTimes> told;
    Stream<float> stream{{.sample_rate = 1000, .frames_per_buffer = 100},
                         [&](auto& block) noexcept {
                             block.in_place();
                             told.push_back(block.time());
                         }};
    audio.times([call = 0](PaStreamCallbackTimeInfo& times) mutable {
        times.currentTime += ++call == 2 ? 0.01 : 0;
        times.inputBufferAdcTime = 0;
    });
    stream.start();
    audio.pump(200);
    audio.times({});
    audio.pump(100);
    REQUIRE(told.size() == 3);
    CHECK_THAT(seconds(told[0].current), WithinAbs(1, tiny));
    CHECK_THAT(seconds(told[1].current), WithinAbs(1.11, tiny));
    CHECK_THAT(seconds(told[2].current), WithinAbs(1.2, tiny));
    CHECK(seconds(*told[1].input_adc) == 0);
    CHECK(seconds(*told[2].input_adc) > 0);
    // The clock itself has no jitter.
    CHECK_THAT(seconds(stream.time()), WithinAbs(1.3, tiny));
}

TEST_CASE("Pa_Sleep passes virtual time for every stream that runs") {
    Scope audio;
    std::size_t slow = 0, fast = 0, stopped = 0;
    CStream one{{}, mono, count(slow), 0, 44100};
    CStream two{{}, mono, count(fast), 0, 96000};
    CStream three{{}, mono, count(stopped)};
    Pa_StartStream(one);
    Pa_StartStream(two);
    const auto begin = Clock::now();
    Pa_Sleep(100'000);
    CHECK(Clock::now() - begin < 50s);
    CHECK(slow == 4'410'000);
    CHECK(fast == 9'600'000);
    CHECK(stopped == 0);
}

TEST_CASE("Pa_Sleep loses no fraction of a frame") {
    Scope audio;
    std::size_t frames = 0;
    CStream stream{{}, mono, count(frames), 0, 44100};
    Pa_StartStream(stream);
    for (int i = 0; i < 1000; ++i) Pa_Sleep(1);
    CHECK(frames == 44'100);
    Pa_Sleep(0);
    Pa_Sleep(-5);
    CHECK(frames == 44'100);
}

TEST_CASE("Pa_Sleep takes real time where no stream runs") {
    Scope audio;
    std::size_t frames = 0;
    const auto takes_real_time = [] {
        const auto begin = Clock::now();
        Pa_Sleep(20);
        return Clock::now() - begin >= 20ms;
    };
    CHECK(takes_real_time());
    CStream stream{{}, mono, count(frames)};
    CHECK(takes_real_time());
    Pa_StartStream(stream);
    Pa_Sleep(10);
    CHECK(frames == 480);
    audio.lose_device();
    CHECK(takes_real_time());
    CHECK(frames == 480);
}

TEST_CASE("Pa_Sleep inside a callback or a listener does not call back") {
    Scope audio;
    int depth = 0, deepest = 0;
    const auto nap = [&] {
        deepest = std::max(deepest, ++depth);
        Pa_Sleep(1);
        --depth;
    };
    const auto callback = [&](const Block&) {
        nap();
        return paContinue;
    };
    CStream stream{{}, mono, callback}, other{{}, mono, callback};
    Pa_StartStream(stream);
    Pa_StartStream(other);
    audio.pump(256);
    audio.listen([&](std::size_t, std::span<const float>) { nap(); });
    audio.pump(256);
    CHECK(deepest == 1);
}

TEST_CASE("Pa_Sleep follows the speed of the clock that runs") {
    Scope audio;
    audio.capture(false);
    CStream stream{{}, mono, [](const Block&) { return paContinue; }};
    Pa_StartStream(stream);
    SECTION("a thousand times as fast") {
        audio.run(1000);
        const auto begin = Clock::now();
        Pa_Sleep(200'000);
        CHECK(Clock::now() - begin >= 200ms);
        CHECK(Clock::now() - begin < 100s);
    }
    SECTION("as fast as it can: not at all, but others come to their turn") {
        audio.run(std::numeric_limits<double>::infinity());
        const auto begin = Clock::now();
        Pa_Sleep(200'000);
        CHECK(Clock::now() - begin < 100s);
    }
    CHECK(eventually([&] { return Pa_GetStreamTime(stream) > 1; }));
}

TEST_CASE("a function that intercepts calls may pump") {
    Scope audio;
    CStream stream{{}, mono, [](const Block&) { return paContinue; }};
    Pa_StartStream(stream);
    audio.intercept([&](std::string_view) -> std::optional<PaError> {
        audio.pump(8);
        return std::nullopt;
    });
    CHECK(Pa_IsStreamActive(stream) == 1);
    CHECK(audio.captured().size() == 8);
    audio.intercept({});
}

TEST_CASE("pump, run and halt inside a callback throw") {
    Scope audio;
    std::vector<std::string> words;
    const auto try_all = [&] {
        words.push_back(refusal([&] { audio.pump(1); }));
        words.push_back(refusal([&] { audio.pump_on_thread(1); }));
        words.push_back(refusal([&] { audio.run(); }));
        words.push_back(refusal([&] { audio.halt(); }));
    };
    CStream stream{{}, mono, [&](const Block&) {
                       if (words.empty()) try_all();
                       return paContinue;
                   }};
    SECTION("the stream's") {
        Pa_StartStream(stream);
        audio.pump(8);
        CHECK(audio.captured().size() == 8);
    }
    SECTION("the stream's, while a clock runs") {
        Pa_StartStream(stream);
        audio.run(100);
        CHECK(eventually([&] { return audio.captured().size() > 2000; }));
        audio.halt();
    }
    SECTION("the finished one") {
        words.emplace_back();
        stream.on_finished([&] {
            words.clear();
            try_all();
        });
        Pa_StartStream(stream);
        Pa_StopStream(stream);
    }
    SECTION("a listener") {
        words.emplace_back();
        audio.listen([&](std::size_t, std::span<const float>) {
            words.clear();
            try_all();
        });
        Pa_StartStream(stream);
        audio.pump(8);
    }
    REQUIRE(words.size() == 4);
    CHECK_THAT(words[0], ContainsSubstring("pump() inside a callback"));
    CHECK_THAT(words[1], ContainsSubstring("pump_on_thread() inside a callback"));
    CHECK_THAT(words[2], ContainsSubstring("run() inside a callback"));
    CHECK_THAT(words[3], ContainsSubstring("halt() inside a callback"));
    // Nothing of it was done, and everything works on.
    CHECK_NOTHROW(audio.pump(1));
}

TEST_CASE("pump throws while a clock runs, and works again after its end") {
    Scope audio;
    std::size_t frames = 0;
    CStream stream{{}, mono, count(frames)};
    Pa_StartStream(stream);
    audio.run();
    CHECK_THROWS_WITH(audio.pump(1), ContainsSubstring("halt() it first"));
    CHECK_THROWS_AS(audio.pump_on_thread(1), std::logic_error);
    audio.halt();
    const std::size_t before = frames;
    audio.pump(7);
    CHECK(frames == before + 7);
}

TEST_CASE("a clock that runs passes real time, as much faster as it is told") {
    Scope audio;
    const double speed = GENERATE(0.5, 1.0, 20.0);
    CStream stream{{}, mono, [](const Block&) { return paContinue; }, 0, 48000};
    audio.capture(false);
    Pa_StartStream(stream);
    const auto begin = Clock::now();
    audio.run(speed);
    const auto passed = [&] { return Pa_GetStreamTime(stream) - 1; };
    CHECK(eventually([&] { return passed() >= 0.02 * speed; }));
    const double time = passed();
    // The first millisecond passes at once.
    const double most = std::chrono::duration<double>{Clock::now() - begin + 1ms}.count() * speed;
    CHECK(time <= most + 1 / 48000.0);
    audio.halt();
    const double halted = passed();
    std::this_thread::sleep_for(5ms);
    CHECK(passed() == halted);
}

TEST_CASE("infinite speed is as fast as the machine can") {
    Scope audio;
    audio.capture(false);
    Stream<float> stream{{.sample_rate = 8000}, [frames = 0ul](auto& block) mutable noexcept {
                             block.in_place();
                             frames += block.frames();
                             return frames < 8000 * 1000 ? Next::keep_going : Next::complete;
                         }};
    stream.start();
    audio.run(std::numeric_limits<double>::infinity());
    CHECK(stream.wait_for(200s));
    audio.halt();
    CHECK(seconds(stream.time()) > 1000);
}

TEST_CASE("a speed that is not above 0 is refused") {
    Scope audio;
    for (const double speed : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
        CHECK_THROWS_AS(audio.run(speed), std::invalid_argument);
    }
    CHECK_NOTHROW(audio.pump(1));
}

TEST_CASE("a clock may be started and ended over and over") {
    Scope audio;
    std::size_t frames = 0;
    CStream stream{{}, mono, count(frames)};
    Pa_StartStream(stream);
    CHECK_NOTHROW(audio.halt());
    audio.run();
    audio.run(50);
    CHECK(eventually([&] { return Pa_GetStreamTime(stream) > 1.1; }));
    audio.halt();
    audio.halt();
    const double halted = Pa_GetStreamTime(stream);
    CHECK_NOTHROW(audio.pump(10));
    audio.run(50);
    CHECK(eventually([&] { return Pa_GetStreamTime(stream) > halted + 0.1; }));
    // It ends with the Scope, whatever is still running.
}

TEST_CASE("a real-time thread calls while the test does something else") {
    Scope audio;
    std::thread::id caller;
    Stream<float> stream{[&, calls = 0](auto& block) mutable noexcept {
        block.in_place();
        caller = std::this_thread::get_id();
        return ++calls == 3 ? Next::complete : Next::keep_going;
    }};
    stream.start();
    audio.run(10);
    CHECK(stream.wait_for(10s));
    audio.halt();
    CHECK_FALSE(stream.active());
    CHECK(caller != std::thread::id{});
    CHECK(caller != std::this_thread::get_id());
}

TEST_CASE("a callback that completes ends its stream, an abort drops its block") {
    Scope audio;
    Next next = Next::complete;
    Stream<float> stream{{.frames_per_buffer = 2}, [&](auto& block) noexcept {
                             for (float& x : block.output().samples()) x = 1;
                             return next;
                         }};
    SECTION("complete") {
        stream.start();
        audio.pump(8);
        CHECK(audio.captured() == std::vector<float>{1, 1, 1, 1});
    }
    SECTION("abort") {
        next = Next::abort;
        stream.start();
        audio.pump(8);
        CHECK(audio.captured().empty());
    }
    CHECK_FALSE(stream.active());
    CHECK_FALSE(stream.stopped());
    CHECK_NOTHROW(stream.wait());
}

TEST_CASE("what a callback throws comes out of pump, and the stream lives on") {
    Scope audio;
    int calls = 0;
    std::size_t frames = 0;
    {
        CStream stream{{},
                       mono,
                       [&](const Block& block) {
                           if (++calls == 2) throw std::runtime_error("the second one");
                           frames += block.frames;
                           return paContinue;
                       },
                       8};
        Pa_StartStream(stream);
        SECTION("pump") { CHECK_THROWS_WITH(audio.pump(24), "the second one"); }
        SECTION("pump_on_thread") { CHECK_THROWS_WITH(audio.pump_on_thread(24), "the second one"); }
        SECTION("Pa_Sleep") { CHECK_THROWS_WITH(Pa_Sleep(1), "the second one"); }
        CHECK(calls == 2);
        CHECK(Pa_IsStreamActive(stream) == 1);
        CHECK_NOTHROW(audio.pump(16));
        CHECK(frames >= 24);
        CHECK(Pa_StopStream(stream) == paNoError);
        CHECK(Pa_StartStream(stream) == paNoError);
        calls = 1;
        CHECK_THROWS(audio.pump(8));
        CHECK(Pa_CloseStream(stream) == paNoError);
    }
    CHECK(audio.open_streams() == 0);
}

TEST_CASE("what a function of the script's throws comes out of pump") {
    Scope audio;
    CStream stream{mono, mono, [](const Block&) { return paContinue; }};
    Pa_StartStream(stream);
    audio.times([](PaStreamCallbackTimeInfo&) { throw std::runtime_error("no clock"); });
    CHECK_THROWS_WITH(audio.pump(1), "no clock");
    audio.times({});
    audio.listen([](std::size_t, std::span<const float>) { throw std::runtime_error("deaf"); });
    CHECK_THROWS_WITH(audio.pump(1), "deaf");
    audio.listen({});
    CHECK_NOTHROW(audio.pump(1));
}
