// SPDX-License-Identifier: MIT
// The mock's own work for a block takes no memory: a test that counts allocations counts those of
// the program.
#include <portaudio.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <portspan/mock.hpp>
#include <portspan/stream.hpp>
#include <string>
#include <vector>

#include "c_stream.hpp"
#include "catch.hpp"

namespace {
std::atomic<std::size_t> allocations{0};

void* try_allocate(std::size_t size) noexcept {
    ++allocations;
    return std::malloc(size != 0 ? size : 1);
}
void* allocate(std::size_t size) {
    if (void* const memory = try_allocate(size)) return memory;
    throw std::bad_alloc{};
}
}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return try_allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return try_allocate(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

using mock_test::Block;
using mock_test::CStream;
using mock_test::Side;
using portspan::mock::Scope;

namespace {

/// Allocations while `f` runs.
template <class F>
std::size_t allocated(F&& f) {
    const std::size_t before = allocations;
    f();
    return allocations - before;
}

constexpr std::array formats{
    paFloat32,
    paInt32,
    paInt24,
    paInt16,
    paInt8,
    paUInt8,
    paFloat32 | paNonInterleaved,
    paInt32 | paNonInterleaved,
    paInt24 | paNonInterleaved,
    paInt16 | paNonInterleaved,
    paInt8 | paNonInterleaved,
    paUInt8 | paNonInterleaved,
};

}  // namespace

TEST_CASE("memory that is taken is counted") {
    CHECK(allocated([] { delete new int; }) == 1);
    CHECK(allocated([] {}) == 0);
}

TEST_CASE("pumping callback streams of every format and layout takes no memory") {
    for (const PaSampleFormat format : formats) {
        INFO("format " << format);
        Scope audio;
        audio.capture(false);
        audio.feed(
            [](std::size_t frame, std::size_t) { return static_cast<float>(frame % 7) / 7; });
        std::size_t calls = 0;
        CStream stream{{{.format = format}}, {{.format = format}}, [&](const Block&) {
                           ++calls;
                           return paContinue;
                       }};
        Pa_StartStream(stream);
        audio.pump(256);
        CHECK(allocated([&] {
                  for (int i = 0; i < 2000; ++i) audio.pump(256);
              }) == 0);
        CHECK(calls == 2001);
    }
}

TEST_CASE("blocks of other sizes take memory only where they are the largest so far") {
    Scope audio;
    audio.capture(false);
    audio.feed(std::vector<float>(10'000, 0.5f));
    audio.blocks({512, 1, 7, 64, 512, 300});
    CStream stream{{{.format = paInt16 | paNonInterleaved}},
                   {{.format = paInt24}},
                   [](const Block&) { return paContinue; }};
    Pa_StartStream(stream);
    audio.pump(512);
    CHECK(allocated([&] { audio.pump(1'000'000); }) == 0);
}

TEST_CASE("a script with listeners, times and status flags takes no memory for a block") {
    Scope audio;
    audio.capture(false);
    std::size_t heard = 0;
    const std::array<float, 16> much{};  // more than a std::function holds without the heap
    audio.listen([&heard, much](std::size_t, std::span<const float> samples) {
        heard += samples.size() + static_cast<std::size_t>(much[0]);
    });
    audio.times(
        [&heard, much](PaStreamCallbackTimeInfo& times) { times.currentTime += much[heard % 16]; });
    audio.feed([&heard, much](std::size_t, std::size_t) { return much[heard % 16]; });
    CStream first{{Side{}}, {Side{}}, [](const Block&) { return paContinue; }};
    CStream second{{}, {Side{}}};
    Pa_StartStream(first);
    Pa_StartStream(second);
    audio.pump(100);
    for (std::size_t call = 0; call < 100; ++call) audio.status(paInputOverflow, call);
    CHECK(allocated([&] {
              for (int i = 0; i < 1000; ++i) audio.pump(100);
          }) == 0);
    CHECK(heard > 0);
}

TEST_CASE("pumping, reading and writing blocking streams takes no memory for a block") {
    for (const PaSampleFormat format : formats) {
        INFO("format " << format);
        Scope audio;
        audio.capture(false);
        CStream stream{{{.format = format}}, {{.format = format}}};
        Pa_StartStream(stream);
        std::array<std::byte, 256 * 4> left{}, right{};
        std::array<std::byte, 256 * 8> both{};
        std::array<void*, 2> planes{left.data(), right.data()};
        void* const buffer =
            format & paNonInterleaved ? static_cast<void*>(planes.data()) : both.data();
        const auto turn = [&] {
            Pa_ReadStream(stream, buffer, 256);
            Pa_WriteStream(stream, buffer, 256);
            audio.pump(10);
        };
        turn();
        // Only the log of calls grows, twice as large each time: 4000 entries.
        CHECK(allocated([&] {
                  for (int i = 0; i < 2000; ++i) turn();
              }) <= 12);
        CHECK(allocated([&] {
                  for (int i = 0; i < 2000; ++i) audio.pump(256);
              }) == 0);
    }
}

TEST_CASE("what is captured takes memory ever more seldom") {
    Scope audio;
    CStream stream{{}, {{.channels = 1}}, [](const Block&) { return paContinue; }, 64};
    Pa_StartStream(stream);
    audio.pump(64);
    // From 64 samples to 64 * 2^14.
    const std::size_t count = allocated([&] { audio.pump(64 * ((1 << 14) - 1)); });
    CHECK(count > 0);
    CHECK(count <= 14);
}

TEST_CASE("portspan's stream under the mock takes no memory either") {
    Scope audio;
    audio.capture(false);
    portspan::Stream<float> stream{{.frames_per_buffer = 32}, [](auto& block) noexcept {
                                       for (float& x : block.in_place().samples()) x *= 0.5f;
                                   }};
    stream.start();
    audio.pump(32);
    CHECK(allocated([&] { audio.pump(32'000); }) == 0);
}

TEST_CASE("calls that callbacks make are logged without memory for each") {
    Scope audio;
    audio.capture(false);
    CStream* self = nullptr;
    CStream stream{{}, {Side{}}, [&](const Block&) {
                       Pa_GetStreamTime(*self);
                       Pa_GetStreamCpuLoad(*self);
                       return paContinue;
                   }};
    self = &stream;
    Pa_StartStream(stream);
    audio.pump(256);
    CHECK(allocated([&] { audio.pump(256 * 2000); }) <= 12);
}

TEST_CASE("what a callback allocates is seen") {
    Scope audio;
    audio.capture(false);
    CStream stream{{}, {Side{}}, [](const Block&) {
                       delete new int;
                       return paContinue;
                   }};
    Pa_StartStream(stream);
    audio.pump(256);
    CHECK(allocated([&] { audio.pump(256 * 10); }) == 10);
}
