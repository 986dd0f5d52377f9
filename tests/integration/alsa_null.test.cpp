// SPDX-License-Identifier: MIT
// The real libportaudio on ALSA's null device: as many callbacks as the machine can make.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <portspan/portspan.hpp>
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
}

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
