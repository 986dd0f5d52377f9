// SPDX-License-Identifier: MIT
// States and events in the audio thread: no memory is taken or given back, no lock is taken.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <portspan/prepare.hpp>
#include <portspan/with_events.hpp>
#include <portspan/with_state.hpp>
#include <thread>

#include "audio_thread.hpp"
#include "catch.hpp"

namespace {

using portspan::EventQueue;
using portspan::LiveState;
using portspan::Ramp;
using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

struct State {
    float level = 0;
    double calls = 0;
};
int play(const void*, float*, unsigned long, Time, Flags, State* state) {
    state->calls += 1;
    return paContinue;
}
int play_planar(const void*, float* const*, unsigned long, Time, Flags, State* state) {
    state->calls += 1;
    return paContinue;
}

/// What the audio thread does in 1000 calls, before each of which this thread does `control`.
template <class L = portspan::Interleaved, class Callback, class Control>
int forbidden_in_stream(Callback callback, Control control) {
    const auto prepared = portspan::detail::prepare<void, float, L>(
        std::move(callback), {.shape = {0, 2}, .frames_per_buffer = 64, .sample_rate = 48000});
    std::array<float, 128> samples{};
    std::array<float*, 2> planes{samples.data(), samples.data() + 64};
    void* output = samples.data();
    if (std::is_same_v<L, portspan::Planar>) output = planes.data();
    const int before = forbidden;
    std::atomic<int> turn{0};
    int result = paContinue;
    std::thread audio{[&] {
        for (int i = 0; i < 1000; ++i) {
            while (turn != 2 * i + 1) std::this_thread::yield();
            is_audio_thread = true;
            const PaStreamCallbackTimeInfo time{0, 0, 1};
            result |= portspan::detail::call(prepared.callback, nullptr, output, 64, &time, 0);
            is_audio_thread = false;
            turn = 2 * i + 2;
        }
    }};
    for (int i = 0; i < 1000; ++i) {
        control();
        turn = 2 * i + 1;
        while (turn != 2 * i + 2) std::this_thread::yield();
    }
    audio.join();
    CHECK(result == paContinue);
    return forbidden - before;
}

}  // namespace

#if COUNTS_MEMORY_CALLS
TEST_CASE("What a callback allocates or locks is seen") {
    static std::mutex mutex;
    const auto none = [] {};
    CHECK(forbidden_in_stream([](auto&) noexcept { std::free(std::malloc(1)); }, none) == 2000);
    CHECK(forbidden_in_stream([](auto&) noexcept { const std::lock_guard lock{mutex}; }, none) ==
          1000);
    CHECK(forbidden_in_stream([](auto&) noexcept {}, none) == 0);
}
#endif

TEST_CASE("A state takes no memory and no lock in the audio thread") {
    LiveState<State> live;
    const auto change = [&] {
        live.set(&State::level, static_cast<float>(live.read().calls), Ramp{100});
    };
    CHECK(forbidden_in_stream(portspan::with_state(live, &play), change) == 0);
    CHECK(live.read().calls == 2000);  // two parts each
    CHECK(forbidden_in_stream<portspan::Planar>(portspan::with_state(live, &play_planar), [&] {
              live.publish({1, live.read().calls});
          }) == 0);
    CHECK(live.read().calls == 3000);
}

TEST_CASE("Events take no memory and no lock in the audio thread") {
    // They own memory, so that somebody has to give that back.
    EventQueue<std::unique_ptr<float>> queue{4};
    LiveState<State> live;
    bool all_pushed = true;
    const auto push = [&] {
        const portspan::StreamClock::time_point when{portspan::StreamClock::duration{1.001}};
        for (int i = 0; i < 2; ++i) {
            all_pushed = queue.push(when, std::make_unique<float>(3.0f)) && all_pushed;
        }
    };
    const auto on_event = [](const std::unique_ptr<float>& event, State& state) {
        state.level += *event;
    };
    CHECK(forbidden_in_stream(
              portspan::with_events(queue, portspan::with_state(live, &play), on_event), push) ==
          0);
    CHECK(forbidden_in_stream<portspan::Planar>(
              portspan::with_events(queue, portspan::with_state(live, &play_planar), on_event),
              push) == 0);
    CHECK(all_pushed);
    CHECK(live.read().level == 12000);
    CHECK(live.read().calls == 4000);  // before the event and behind it
}
