// SPDX-License-Identifier: MIT
#include <portspan/mock.hpp>
#include <portspan/stream.hpp>

#include <array>
#include <vector>

#include "catch.hpp"

using portspan::Next;
using portspan::Stream;
using portspan::mock::Loss;
using portspan::mock::Machine;
using portspan::mock::Scope;

namespace {
const auto half = [](auto& block) noexcept {
    for (float& x : block.in_place().samples()) x *= 0.5f;
};
}  // namespace

TEST_CASE("what is fed goes through the callback and is captured") {
    Scope audio;
    audio.feed(std::array{1.0f, 2.0f, 3.0f, 4.0f});
    Stream<float> stream{half};
    stream.start();
    audio.pump(3);
    CHECK(audio.captured() == std::vector<float>{0.5f, 1, 1.5f, 2, 0, 0});
}

TEST_CASE("blocks have the size that the program asked for, or the script's") {
    Scope audio;
    std::vector<std::size_t> sizes;
    const auto note = [&](auto& block) noexcept {
        block.in_place();
        sizes.push_back(block.frames());
    };
    SECTION("the program's, what does not fill one waits") {
        Stream<float> stream{{.frames_per_buffer = 4}, note};
        stream.start();
        audio.pump(10);
        CHECK(sizes == std::vector<std::size_t>{4, 4});
        audio.pump(2);
        CHECK(sizes.size() == 3);
    }
    SECTION("the script's") {
        audio.blocks({1, 3});
        Stream<float> stream{note};
        stream.start();
        audio.pump(8);
        CHECK(sizes == std::vector<std::size_t>{1, 3, 1, 3});
    }
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

TEST_CASE("an ordered failure is answered once, at its turn") {
    Scope audio;
    audio.fail("Pa_StartStream", paDeviceUnavailable, 1);
    Stream<float> stream{half};
    CHECK_NOTHROW(stream.start());
    stream.stop();
    CHECK_THROWS_WITH(stream.start(), ContainsSubstring("Device unavailable"));
    CHECK_NOTHROW(stream.start());
    CHECK(audio.calls("Pa_StartStream") == 3);
}

TEST_CASE("a machine without devices has none, and a session leaves nothing behind") {
    Scope audio{Machine::without_devices()};
    CHECK_THROWS_WITH(Stream<float>{half}, ContainsSubstring("no default input device"));
    CHECK(audio.initialized() == 0);
    CHECK(audio.open_streams() == 0);
}

TEST_CASE("a device may be pulled out") {
    Scope audio;
    Stream<float> stream{half};
    stream.start();
    audio.pump(256);
    audio.lose_device(0, Loss::finished);
    CHECK_FALSE(stream.active());
    const std::size_t before = audio.captured().size();
    audio.pump(256);
    CHECK(audio.captured().size() == before);
}

TEST_CASE("a callback may pull out the device of its own stream") {
    Scope audio;
    int calls = 0;
    Stream<float> stream{[&](auto& block) noexcept {
        block.in_place();
        ++calls;
        audio.lose_device(0, Loss::finished);
    }};
    stream.start();
    audio.pump(512);
    CHECK(calls == 1);
    CHECK_FALSE(stream.active());
    CHECK_NOTHROW(stream.wait());
}

TEST_CASE("a stream that could not be closed is called on, even after PortAudio has terminated") {
    Scope audio;
    int calls = 0;
    {
        Stream<float> stream{[&](auto& block) noexcept { block.in_place(), ++calls; }};
        stream.start();
        audio.fail("Pa_CloseStream", paTimedOut);
    }
    CHECK(audio.initialized() == 0);
    CHECK(audio.open_streams() == 0);
    audio.pump(256);
    CHECK(calls == 1);
}

TEST_CASE("a real-time thread calls while the test does something else") {
    Scope audio;
    Stream<float> stream{[calls = 0](auto& block) mutable noexcept {
        block.in_place();
        return ++calls == 3 ? Next::complete : Next::keep_going;
    }};
    stream.start();
    audio.run(10);
    CHECK(stream.wait_for(std::chrono::seconds{10}));
    audio.halt();
    CHECK_FALSE(stream.active());
}
