// SPDX-License-Identifier: MIT
// Guards, a slot and a monitor in the audio thread: they take no memory, give none back, and wait
// for nobody.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <portspan/guards.hpp>
#include <portspan/monitor.hpp>
#include <portspan/prepare.hpp>
#include <portspan/slot.hpp>
#include <thread>
#include <vector>

#include "audio_thread.hpp"
#include "catch.hpp"

namespace {

using portspan::RawCallback;
using portspan::SampleCount;
using portspan::Shape;
using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

/// What each guard has to do something about: nothing but the first sample, and what is no number.
int write_nonsense(const void*, float* output, unsigned long frames, Time, Flags, void*) {
    constexpr std::array nonsense{std::numeric_limits<float>::quiet_NaN(), 1e-40f, 2.0f,
                                  std::numeric_limits<float>::infinity()};
    for (unsigned long i = 0; i < frames; ++i) output[2 * i] = nonsense[i % 4];
    return paContinue;
}
int write_nonsense_planar(const void*, float* const* output, unsigned long frames, Time time,
                          Flags flags, void*) {
    return write_nonsense(nullptr, output[0], frames / 2, time, flags, nullptr);
}
int write_full_scale(const void*, std::int16_t* output, unsigned long frames, Time, Flags, void*) {
    for (unsigned long i = 0; i < frames; ++i) output[2 * i] = 32767;
    return paContinue;
}

/// As often as a thread that is new calls it, its first call included.
int forbidden_in(const RawCallback& callback, void* output, int calls = 1000) {
    int result = paContinue;
    const int before = forbidden;
    std::thread audio{[&] {
        is_audio_thread = true;
        for (int i = 0; i < calls && result == paContinue; ++i) {
            const PaStreamCallbackTimeInfo time{};
            result = portspan::detail::call(callback, nullptr, output, 64, &time, 0);
        }
        is_audio_thread = false;
    }};
    audio.join();
    CHECK(result == paContinue);
    return forbidden - before;
}

template <class T, class L = portspan::Interleaved, class Callback>
int forbidden_in_stream(Callback callback) {
    const auto prepared = portspan::detail::prepare<void, T, L>(
        std::move(callback), {.shape = {0, 2}, .frames_per_buffer = 64, .sample_rate = 48000});
    std::array<T, 128> samples{};
    std::array<T*, 2> planes{samples.data(), samples.data() + 64};
    const bool is_planar = std::is_same_v<L, portspan::Planar>;
    return forbidden_in(prepared.callback,
                        is_planar ? static_cast<void*>(planes.data()) : samples.data());
}

template <class Callback>
auto all_guards(Callback callback, const SampleCount& silenced) {
    return portspan::flush_denormals(portspan::limit(
        portspan::silence_non_finite(portspan::zero_output_first(std::move(callback)), silenced),
        -0.5f, 0.5f));
}

}  // namespace

#if COUNTS_MEMORY_CALLS
TEST_CASE("What a callback allocates or locks is seen") {
    static std::mutex mutex;
    CHECK(forbidden_in_stream<float>([](auto&) noexcept { std::free(std::malloc(1)); }) == 2000);
    CHECK(forbidden_in_stream<float>([](auto&) noexcept { const std::lock_guard lock{mutex}; }) ==
          1000);
    CHECK(forbidden_in_stream<float>([](auto&) noexcept {}) == 0);
}
#endif

TEST_CASE("Guards take no memory and no lock") {
    SampleCount silenced;
    SECTION("around an interleaved function") {
        const RawCallback raw = portspan::detail::foreign(&write_nonsense).raw();
        CHECK(forbidden_in_stream<float>(all_guards(raw, silenced)) == 0);
        CHECK(silenced.get() == 1000 * 32);
    }
    SECTION("around a planar one") {
        const RawCallback raw = portspan::detail::foreign(&write_nonsense_planar).raw();
        CHECK(forbidden_in_stream<float, portspan::Planar>(all_guards(raw, silenced)) == 0);
        CHECK(silenced.get() == 1000 * 16);
    }
    SECTION("around a callable that may throw") {
        const auto callable = [](auto& block) {
            for (float& x : block.output().samples()) x = std::numeric_limits<float>::infinity();
        };
        CHECK(forbidden_in_stream<float>(all_guards(callable, silenced)) == 0);
        CHECK(silenced.get() == 1000 * 128);
    }
    SECTION("around one of integers") {
        const RawCallback raw = portspan::detail::foreign(&write_full_scale).raw();
        CHECK(forbidden_in_stream<std::int16_t>(portspan::flush_denormals(
                  portspan::limit(portspan::zero_output_first(raw), -100, 100))) == 0);
    }
}

TEST_CASE("A slot takes no memory and no lock while its callback changes") {
    const auto plays = [](float value) {
        return [value](auto& block) noexcept {
            for (float& x : block.output().samples()) x = value;
        };
    };
    portspan::Slot<void, float> slot{plays(1)};
    const auto prepared = portspan::detail::prepare<void, float, portspan::Interleaved>(
        slot, {.shape = {0, 2}, .frames_per_buffer = 64, .sample_rate = 48000});
    prepared.control->reset();  // it runs
    auto done =
        slot.exchange_async(plays(2), {.frames = 30'000, .patience = std::chrono::hours{1}});
    std::array<float, 128> samples{};
    CHECK(forbidden_in(prepared.callback, samples.data()) == 0);
    done.get();
    CHECK(samples[0] == 2);
}

TEST_CASE("A monitor takes no memory and no lock, when it is reset neither") {
    portspan::Telemetry telemetry;
    CHECK(forbidden_in_stream<float>(portspan::monitor(
              [telemetry, calls = 0](auto& block) mutable noexcept {
                  for (float& x : block.output().samples()) x = 1;
                  if (++calls == 500) telemetry.reset();
              },
              telemetry)) == 0);
    CHECK(telemetry.snapshot().calls == 501);
}
