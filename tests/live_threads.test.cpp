// SPDX-License-Identifier: MIT
// States and events while other threads change them: nothing is torn, lost or heard twice.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <portspan/mock.hpp>
#include <portspan/stream.hpp>
#include <portspan/with_events.hpp>
#include <portspan/with_state.hpp>
#include <thread>
#include <vector>

#include "becomes_true.hpp"
#include "catch.hpp"

using portspan::EventQueue;
using portspan::LiveState;
using portspan::OutputStream;
using portspan::Ramp;
using portspan::with_events;
using portspan::with_state;
using portspan::mock::Scope;

namespace {

constexpr std::size_t words = 64;
constexpr double as_fast_as_possible = std::numeric_limits<double>::infinity();

struct Words {
    std::array<std::uint64_t, words> set{};
    std::array<std::uint64_t, words> measured{};
    std::uint64_t torn = 0;
    std::uint64_t calls = 0;
};

bool all_equal(const std::array<std::uint64_t, words>& values) {
    return std::ranges::count(values, values[0]) == words;
}

std::array<std::uint64_t, words> all(std::uint64_t value) {
    std::array<std::uint64_t, words> values;
    values.fill(value);
    return values;
}

void silence(auto& block) noexcept {
    for (float& x : block.output().samples()) x = 0;
}

struct Busy {
    Scope audio;
    Busy() {
        audio.capture(false);
        audio.record_calls(false);
        audio.run(as_fast_as_possible);
    }
};

}  // namespace

TEST_CASE("Neither a callback nor read() sees half of a state, whoever publishes") {
    Busy busy;
    LiveState<Words> live;
    OutputStream<float> stream{{.frames_per_buffer = 1},
                               with_state(live, [](auto& block, Words& state) noexcept {
                                   silence(block);
                                   state.torn += all_equal(state.set) ? 0 : 1;
                                   state.measured = all(++state.calls);
                               })};
    stream.start();
    std::atomic<bool> done{false};
    std::vector<std::thread> threads;
    for (const std::uint64_t mine : {1u, 2u}) {
        threads.emplace_back([&live, &done, mine] {
            for (std::uint64_t n = mine; !done; n += 2) live.set(&Words::set, all(n));
        });
    }
    std::uint64_t torn = 0, backwards = 0, last = 0, last_set = 0, changes = 0;
    const bool seen = becomes_true([&] {
        for (int i = 0; i < 1000; ++i) {
            const Words state = live.read();
            torn += state.torn + (all_equal(state.measured) ? 0 : 1) +
                    (state.measured[0] == state.calls ? 0 : 1);
            backwards += state.calls < last ? 1 : 0;
            last = state.calls;
            changes += state.set[0] != last_set ? 1 : 0;
            last_set = state.set[0];
        }
        return changes > 300;
    });
    done = true;
    for (auto& thread : threads) thread.join();
    CHECK(seen);
    CHECK(torn == 0);
    CHECK(backwards == 0);
    // The whole, too.
    live.publish({.set = all(7)});
    CHECK(becomes_true([&] { return live.read().set == all(7); }));
    CHECK(live.read().torn == 0);
    stream.stop();
}

TEST_CASE("What several threads set arrives, each its own, and is applied once") {
    struct Numbers {
        int a = -1;
        int b = 0;
        float ramp = 0;
        // The callback's own.
        int last_a = 0;
        int wrong = 0;
    };
    Busy busy;
    LiveState<Numbers> live;
    OutputStream<float> stream{{.frames_per_buffer = 1},
                               with_state(live, [](auto& block, Numbers& state) noexcept {
                                   silence(block);
                                   // It has only become larger, unless an old change came again.
                                   // The callback takes it away, so a change that was applied twice
                                   // is seen, too.
                                   if (state.a == -1) return;
                                   state.wrong += state.a <= state.last_a ? 1 : 0;
                                   state.last_a = state.a;
                                   state.a = -1;
                               })};
    stream.start();
    constexpr int most = 20000;
    std::thread first{[&] {
        for (int i = 1; i <= most; ++i) live.set(&Numbers::a, i);
    }};
    std::thread second{[&] {
        for (int i = 1; i <= most; ++i) {
            live.set(&Numbers::b, i);
            live.set(&Numbers::ramp, static_cast<float>(i), Ramp{3});
        }
    }};
    first.join();
    second.join();
    CHECK(becomes_true([&] {
        const Numbers now = live.read();
        return now.last_a == most && now.b == most && now.ramp == static_cast<float>(most);
    }));
    CHECK(live.read().wrong == 0);
    stream.stop();
}

TEST_CASE("Events of another thread arrive, each once and in their order") {
    Busy busy;
    EventQueue<std::array<int, 8>> queue{64};
    struct Heard {
        int last = 0;
        int wrong = 0;
    };
    LiveState<Heard> heard;
    OutputStream<float> stream{
        {.frames_per_buffer = 16},
        with_events(queue, with_state(heard, [](auto& block, Heard&) noexcept { silence(block); }),
                    [](const std::array<int, 8>& event, Heard& state) noexcept {
                        const bool is_whole = std::ranges::count(event, event[0]) == 8;
                        state.wrong += is_whole && event[0] == state.last + 1 ? 0 : 1;
                        state.last = event[0];
                    })};
    stream.start();
    constexpr int most = 50000;
    std::thread pusher{[&] {
        for (int i = 1; i <= most; ++i) {
            std::array<int, 8> event;
            event.fill(i);
            // Some are late, some are due within the next blocks.
            const auto when = i % 3 == 0 ? stream.time() : portspan::StreamClock::time_point{};
            while (!queue.push(when, event)) std::this_thread::yield();
        }
    }};
    pusher.join();
    CHECK(becomes_true([&] { return heard.read().last == most; }));
    CHECK(heard.read().wrong == 0);
    stream.stop();
}
