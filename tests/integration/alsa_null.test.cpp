// SPDX-License-Identifier: MIT
// The real libportaudio on ALSA's null device: as many callbacks as the machine can make.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <new>
#include <portspan/portspan.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "alsa.hpp"
#include "catch.hpp"

using namespace std::chrono_literals;
using portspan::Next;
using portspan::Stream;

namespace {
constexpr auto patience = 60s;

/// A device that PortAudio lists under its name.
std::string hinted(const std::string& name) {
    return "pcm." + name + " { type plug slave.pcm { type null } hint { show on description \"" +
           name + "\" } }\n";
}
}  // namespace

TEST_CASE("a stream calls back a hundred thousand times") {
    const AlsaConfiguration configuration{null_device};
    std::size_t calls = 0;
    std::size_t empty_blocks = 0;
    SECTION("a callable") {
        Stream<float> stream{{.sample_rate = 48000, .frames_per_buffer = 64}, [&](auto& block) {
                                 if (block.in_place().frames() != 64) ++empty_blocks;
                                 return ++calls < 100'000 ? Next::keep_going : Next::complete;
                             }};
        stream.start();
        REQUIRE(stream.wait_for(patience));
    }
    SECTION("a foreign function") {
        const auto count = [](const void* input, void* output, unsigned long,
                              const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags,
                              std::size_t* counter) -> int {
            if (!input || !output) return paAbort;
            return ++*counter < 100'000 ? paContinue : paComplete;
        };
        Stream<float> stream{{.sample_rate = 48000, .frames_per_buffer = 64}, count, &calls};
        stream.start();
        REQUIRE(stream.wait_for(patience));
    }
    CHECK(calls == 100'000);
    CHECK(empty_blocks == 0);
}

TEST_CASE("a stream starts and stops hundreds of times") {
    const AlsaConfiguration configuration{null_device};
    std::atomic<int> calls{0};
    Stream<float> stream{{.sample_rate = 48000}, [&](auto& block) noexcept {
                             block.in_place();
                             ++calls;
                         }};
    for (int round = 0; round < 300; ++round) {
        calls = 0;
        stream.start();
        while (calls == 0) std::this_thread::yield();
        if (round % 2 == 0) {
            stream.stop();
        } else {
            stream.abort();
        }
        const int stopped_at = calls;
        REQUIRE(stream.stopped());
        REQUIRE_FALSE(stream.active());
        REQUIRE(calls == stopped_at);
    }
}

TEST_CASE("a stream completes and starts again hundreds of times") {
    const AlsaConfiguration configuration{null_device};
    int calls = 0;
    Stream<float> stream{{.sample_rate = 48000}, [&](auto& block) noexcept {
                             block.in_place();
                             return ++calls < 3 ? Next::keep_going : Next::complete;
                         }};
    for (int round = 0; round < 300; ++round) {
        calls = 0;
        stream.start();
        REQUIRE(stream.wait_for(patience));
        REQUIRE(calls == 3);
    }
}

TEST_CASE("streams are made and thrown away while they run") {
    const AlsaConfiguration configuration{null_device};
    const portspan::Session session;
    for (int round = 0; round < 100; ++round) {
        const auto alive = std::make_shared<std::atomic<int>>(0);
        {
            Stream<float> stream{{.sample_rate = 48000}, [alive](auto& block) noexcept {
                                     block.in_place();
                                     ++*alive;
                                 }};
            stream.start();
            while (*alive == 0) std::this_thread::yield();
        }
        REQUIRE(alive.use_count() == 1);
    }
}

TEST_CASE("threads that control a fast stream at once stay in order") {
    const AlsaConfiguration configuration{null_device};
    std::atomic<long> calls{0};
    Stream<float> stream{{.sample_rate = 48000}, [&](auto& block) noexcept {
                             block.in_place();
                             ++calls;
                         }};
    std::atomic<int> errors{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 4; ++number) {
        threads.emplace_back([&stream, &errors, number] {
            for (int round = 0; round < 100; ++round) {
                if (stream.start(std::nothrow)) ++errors;
                (void)stream.active();
                (void)stream.time();
                if (number == 0) stream.request_stop();
                const auto result =
                    number % 2 == 0 ? stream.stop(std::nothrow) : stream.abort(std::nothrow);
                if (result) ++errors;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(errors == 0);
    CHECK(stream.stopped());
    CHECK(calls > 0);
}

TEST_CASE("the devices of ALSA are listed, found and looked for again") {
    const AlsaConfiguration configuration{null_device + hinted("first")};
    const portspan::Session session = portspan::quiet_session();
    const auto alsa = portspan::find_host_api(portspan::HostApiType::alsa);
    REQUIRE(alsa.has_value());
    CHECK(alsa->name == "ALSA");
    const auto all = portspan::devices();
    CHECK(portspan::device_of(*alsa, 0).name == all[0].name);
    CHECK(all[0].host_api_type == portspan::HostApiType::alsa);
    const auto first = portspan::find_device("FIR alsa", portspan::Direction::output);
    CHECK(first.name == "first");
    CHECK(portspan::find_duplex_device("first").index == first.index);
    CHECK_THROWS_WITH(portspan::find_device("second", portspan::Direction::input),
                      ContainsSubstring("\"first\""));

    // Another one is plugged in before it, and the first one has another index.
    const AlsaConfiguration plugged{null_device + hinted("another") + hinted("first") +
                                    hinted("second")};
    CHECK(portspan::devices().size() == all.size());
    portspan::refresh_devices();
    CHECK(portspan::devices().size() == all.size() + 2);
    CHECK(portspan::find_device("first", portspan::Direction::output).index != first.index);
    {
        const portspan::StreamConfig config{.output = {.device = first}, .sample_rate = 48000};
        const portspan::OutputStream<float> stream{config, [](auto&) noexcept {}};
        CHECK_THROWS_WITH(portspan::refresh_devices(), ContainsSubstring("1 stream to be closed"));
    }

    const AlsaConfiguration pulled_out{null_device};
    portspan::refresh_devices();
    CHECK_THROWS_WITH(
        (portspan::OutputStream<float>{{.output = {.device = first}}, [](auto&) noexcept {}}),
        ContainsSubstring("no such device (\"first\" (ALSA), listed with index"));
}

TEST_CASE("who else holds PortAudio keeps its list of devices") {
    const AlsaConfiguration configuration{null_device};
    const portspan::Session session = portspan::quiet_session();
    REQUIRE(Pa_Initialize() == paNoError);
    const auto count = portspan::devices().size();
    const AlsaConfiguration plugged{null_device + hinted("second")};
    CHECK_THROWS_WITH(portspan::refresh_devices(), ContainsSubstring("other than portspan"));
    CHECK(portspan::devices().size() == count);
    Pa_Terminate();
    portspan::refresh_devices();
    CHECK(portspan::devices().size() == count + 1);
}

TEST_CASE("what ALSA can do is supported, what it cannot is told") {
    const AlsaConfiguration configuration{null_device};
    const portspan::Session session = portspan::quiet_session();
    CHECK_NOTHROW(portspan::check_supported<float>({.sample_rate = 48000}));
    CHECK_NOTHROW(portspan::check_supported<std::int16_t, void>({.sample_rate = 44100}));
    CHECK_THROWS_WITH(
        (portspan::check_supported<void, float>({.sample_rate = 500000})),
        ContainsSubstring("Invalid sample rate (500000 Hz, 2 float32 channels to \"default\")"));
}

TEST_CASE("ALSA and JACK are quiet where they are asked to be") {
    const AlsaConfiguration configuration{null_device};
    const std::string file = configuration.folder() / "stderr";
    const auto heard = [&](auto act) {
        const int saved = dup(STDERR_FILENO);
        const int log = open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
        dup2(log, STDERR_FILENO);
        close(log);
        act();
        dup2(saved, STDERR_FILENO);
        close(saved);
        return std::filesystem::file_size(file);
    };
    CHECK(heard([] {
              const portspan::QuietStderr quiet;
              const portspan::Session session;
              CHECK(portspan::devices().size() > 0);
          }) == 0);
    if (heard([] { const portspan::Session session; }) == 0) {
        WARN("this PortAudio has nothing to say, so that it is quiet proves nothing");
    }
}
