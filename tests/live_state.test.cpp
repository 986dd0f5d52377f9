// SPDX-License-Identifier: MIT
// A state that other threads change and read: what reaches the callback, at which frame.
#include <portspan/live_state.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <portspan/renderer.hpp>
#include <portspan/with_state.hpp>
#include <system_error>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"

using portspan::Fault;
using portspan::InterleavedView;
using portspan::LiveState;
using portspan::NoView;
using portspan::Ramp;
using portspan::RenderConfig;
using portspan::Renderer;
using portspan::with_state;
using portspan::detail::RampList;
using portspan::detail::StateChange;
using portspan::detail::StateMailbox;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

struct Base {
    float from_base = 0;
};
struct Inner {
    int a;
    float b;
    friend bool operator==(const Inner&, const Inner&) = default;
};
struct Voice : Base {
    float gain = 1;
    double pan = 0;
    float table[3] = {};
    std::array<int, 2> numbers = {};
    Inner inner = {};
    // The callback's own.
    unsigned long frames = 0;
    unsigned long calls = 0;
    std::array<unsigned long, 16> parts = {};
};

int play_gain(const void*, float* output, unsigned long frames, Time, Flags, Voice* voice) {
    for (unsigned long i = 0; i < frames; ++i) output[i] = voice->gain;
    voice->frames += frames;
    voice->parts[voice->calls++ % 16] = frames;
    return paContinue;
}

int play_pan(const void*, float* output, unsigned long frames, Time, Flags, Voice* voice) {
    for (unsigned long i = 0; i < frames; ++i) output[i] = static_cast<float>(voice->pan);
    return paContinue;
}

using Floats = std::vector<float>;

/// A stream of one channel in blocks of 64 frames.
template <class Callback>
class Player {
public:
    explicit Player(Callback callback) : renderer_(config(), std::move(callback)) {}

    Floats operator()(std::size_t frames) {
        Floats output(frames, 77.0f);
        renderer_.process(NoView{}, InterleavedView<float>{output, 1});
        return output;
    }

private:
    static RenderConfig config() {
        return {.output_channels = 1, .sample_rate = 1000, .frames_per_buffer = 64};
    }
    Renderer<void, float> renderer_;
};

Floats repeated(std::initializer_list<std::pair<std::size_t, float>> parts) {
    Floats samples;
    for (const auto& [count, value] : parts) samples.insert(samples.end(), count, value);
    return samples;
}

}  // namespace

TEST_CASE("A state is the callback's user data and keeps what the callback has in it") {
    Voice first;
    first.pan = 2.5;
    LiveState live{first};
    Player play{with_state(live, &play_gain)};

    SECTION("as it is before the first change") {
        CHECK(play(100) == repeated({{100, 1}}));
        CHECK(live.read().frames == 100);
        CHECK(live.read().calls == 2);
    }
    SECTION("a member is set, at the next block, and nothing else") {
        play(64);
        live.set(&Voice::gain, 3);
        CHECK(live.read().gain == 1);
        CHECK(play(64) == repeated({{64, 3}}));
        CHECK(live.read().gain == 3);
        CHECK(live.read().frames == 128);
    }
    SECTION("members of every kind are set together") {
        play(64);
        live.set(&Voice::table, {1, 2, 3});
        live.set(&Voice::numbers, {4, 5});
        live.set(&Voice::inner, {6, 7});
        live.set(&Voice::from_base, 8);
        live.set(&Voice::gain, 9);
        live.set(&Voice::gain, 10);
        play(64);
        const Voice voice = live.read();
        CHECK(voice.table[0] == 1);
        CHECK(voice.table[2] == 3);
        CHECK(voice.numbers == std::array{4, 5});
        CHECK(voice.inner == Inner{6, 7});
        CHECK(voice.from_base == 8);
        CHECK(voice.gain == 10);
        CHECK(voice.frames == 128);
        CHECK(voice.pan == 2.5);  // it stands between them
    }
    SECTION("what was set is set once: the callback may write it afterwards") {
        live.set(&Voice::frames, 1000ul);
        play(64);
        play(64);
        CHECK(live.read().frames == 1128);
    }
    SECTION("the whole is published, with what is the callback's") {
        play(64);
        Voice other;
        other.gain = 4;
        other.frames = 1000;
        live.publish(other);
        CHECK(play(64) == repeated({{64, 4}}));
        CHECK(live.read().frames == 1064);
    }
    SECTION("the last one wins, whatever was before it in the same block") {
        Voice other;
        other.pan = 1;
        live.set(&Voice::gain, 2);
        live.set(&Voice::pan, 3);
        live.publish(other);
        live.set(&Voice::gain, 5);
        CHECK(play(64) == repeated({{64, 5}}));
        CHECK(live.read().pan == 1);
    }
    SECTION("a null member is refused") {
        float Voice::* none = nullptr;
        const auto error = error_of([&] { live.set(none, 1.0f); });
        REQUIRE(error);
        CHECK(error->code() == Fault::invalid_argument);
        CHECK(error_of([&] { live.set(none, 1.0f, Ramp{8}); }));
    }
}

TEST_CASE("A ramp goes in parts of a block that end on the line") {
    LiveState live{Voice{}};

    SECTION("a float") {
        Player play{with_state(live, &play_gain)};
        live.set(&Voice::gain, 2, Ramp{100});
        CHECK(play(192) ==
              repeated({{32, 1.32f}, {32, 1.64f}, {32, 1.96f}, {4, 2.0f}, {28 + 64, 2.0f}}));
        // The last block is whole again.
        CHECK(live.read().calls == 6);
        CHECK(live.read().parts[3] == 4);
        CHECK(live.read().parts[4] == 28);
        CHECK(live.read().parts[5] == 64);
    }
    SECTION("a double") {
        Player play{with_state(live, &play_pan)};
        live.set(&Voice::pan, -1, Ramp{64});
        CHECK(play(96) == repeated({{32, -0.5f}, {64, -1.0f}}));
    }
    SECTION("two at once, of different lengths") {
        Player play{with_state(live, &play_gain)};
        live.set(&Voice::gain, 5, Ramp{40});
        live.set(&Voice::pan, 1, Ramp{10});
        CHECK(play(64) == repeated({{10, 2.0f}, {30, 5.0f}, {24, 5.0f}}));
        CHECK(live.read().pan == 1);
    }
    SECTION("from what is no number: it is there at once") {
        using Limits = std::numeric_limits<float>;
        Player play{with_state(live, &play_gain)};
        for (const float none : {-Limits::infinity(), Limits::infinity(), Limits::quiet_NaN()}) {
            for (const float end : {2.0f, -6.0f, 0.0f}) {
                live.set(&Voice::gain, none);
                live.set(&Voice::gain, end, Ramp{100});
                CHECK(play(192) == repeated({{192, end}}));
            }
        }
        live.set(&Voice::gain, 1);
        live.set(&Voice::gain, -Limits::infinity(), Ramp{64});
        CHECK(play(64) == repeated({{64, -Limits::infinity()}}));
    }
    SECTION("of no frames: it is there at once") {
        Player play{with_state(live, &play_gain)};
        live.set(&Voice::gain, 2, Ramp{});
        CHECK(play(64) == repeated({{64, 2}}));
        CHECK(live.read().calls == 1);
    }
    SECTION("ends where the member is set") {
        Player play{with_state(live, &play_gain)};
        live.set(&Voice::gain, 2, Ramp{128});
        play(64);
        CHECK(live.read().gain == 1.5f);
        live.set(&Voice::gain, 7);
        CHECK(play(64) == repeated({{64, 7}}));
    }
    SECTION("ends where the whole is published, not where another member is set") {
        Player play{with_state(live, &play_gain)};
        live.set(&Voice::gain, 2, Ramp{256});
        play(64);
        live.set(&Voice::pan, 2);
        play(64);
        CHECK(live.read().gain == 1.5f);
        live.publish({});
        CHECK(play(64) == repeated({{64, 1}}));
    }
    SECTION("another one begins where it is") {
        Player play{with_state(live, &play_gain)};
        live.set(&Voice::gain, 2, Ramp{256});
        play(64);
        live.set(&Voice::gain, 0.25f, Ramp{64});
        CHECK(play(128) == repeated({{32, 0.75f}, {96, 0.25f}}));
    }
    SECTION("what is set before it in the same block is where it begins") {
        Player play{with_state(live, &play_gain)};
        live.set(&Voice::gain, 9, Ramp{64});
        live.set(&Voice::gain, 4);
        live.set(&Voice::gain, 6, Ramp{64});
        CHECK(play(64) == repeated({{32, 5.0f}, {32, 6.0f}}));
    }
    SECTION("and what is set behind it in the same block ends it") {
        Player play{with_state(live, &play_gain)};
        live.set(&Voice::gain, 9, Ramp{64});
        live.set(&Voice::gain, 4);
        CHECK(play(64) == repeated({{64, 4}}));
    }
}

namespace {

struct Many {
    std::array<float, 1> a, b, c, d;  // so that there are bytes on both sides
    float m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15, m16;
};
constexpr float Many::* members[] = {&Many::m0,  &Many::m1,  &Many::m2,  &Many::m3,  &Many::m4,
                                     &Many::m5,  &Many::m6,  &Many::m7,  &Many::m8,  &Many::m9,
                                     &Many::m10, &Many::m11, &Many::m12, &Many::m13, &Many::m14,
                                     &Many::m15, &Many::m16};

}  // namespace

TEST_CASE("Of 17 ramps the oldest is at its end") {
    LiveState<Many> live;
    Player play{with_state(live, [](auto& block, Many&) noexcept {
        for (float& x : block.output().samples()) x = 0;
    })};
    SECTION("all begin with one block") {
        for (const auto member : members) live.set(member, 1, Ramp{640});
    }
    SECTION("the last begins later") {
        for (std::size_t i = 0; i < 16; ++i) live.set(members[i], 1, Ramp{640});
        play(32);
        live.set(members[16], 1, Ramp{640});
    }
    play(32);
    const Many many = live.read();
    CHECK(many.m0 == 1);
    CHECK(many.m1 < 0.2f);
    CHECK(many.m1 > 0.04f);
    CHECK(many.m16 == 0.05f);
    play(704);
    for (const auto member : members) CHECK(live.read().*member == 1);
}

TEST_CASE("read() is the state after the last block") {
    SECTION("before the first one it is what was set last") {
        LiveState<Voice> live;
        live.set(&Voice::gain, 2, Ramp{100});
        live.set(&Voice::pan, 3);
        CHECK(live.read().gain == 2);
        CHECK(live.read().pan == 3);
    }
    SECTION("after a block it is what the callback left, again and again") {
        LiveState<Voice> live;
        Player play{with_state(live, &play_gain)};
        for (unsigned long block = 1; block < 10; ++block) {
            play(64);
            CHECK(live.read().frames == 64 * block);
            CHECK(live.read().frames == 64 * block);
        }
    }
    SECTION("blocks in between are not in the way") {
        LiveState<Voice> live;
        Player play{with_state(live, &play_gain)};
        play(64 * 7);
        CHECK(live.read().calls == 7);
    }
    SECTION("a large one is copied from the first read() on") {
        struct Large {
            int calls = 0;
            std::array<float, 2000> delay_line = {};
        };
        LiveState<Large> live;
        Player play{with_state(live, [](auto& block, Large& state) noexcept {
            for (float& x : block.output().samples()) x = 0;
            state.delay_line.back() = static_cast<float>(++state.calls);
        })};
        play(64);
        CHECK(live.read().calls == 0);
        play(64);
        CHECK(live.read().calls == 2);
        CHECK(live.read().delay_line.back() == 2);
    }
    SECTION("copies of the handle share the state") {
        LiveState<float> live{1.0f};
        LiveState<float> copy{live};
        const LiveState<float> moved{std::move(copy)};
        copy.publish(2);  // still one
        CHECK(live.read() == 2);
        CHECK(moved.read() == 2);
    }
}

TEST_CASE("A change that the audio thread has not taken is taken back, one that it reads is not") {
    StateMailbox mailbox{2};
    std::array<std::byte, 2> state{};
    portspan::detail::RampList ramps;
    const auto set = [&](std::size_t offset, int value) {
        const auto byte = static_cast<std::byte>(value);
        mailbox.post([&](StateChange& change) { change.set(offset, &byte, 1); });
    };
    int taken = 0;
    const auto take = [&](const auto& meanwhile) {
        mailbox.take([&](const StateChange& change) {
            ++taken;
            meanwhile();
            change.apply(state.data(), ramps);
        });
    };
    set(0, 1);
    set(1, 2);
    take([&] {
        set(0, 3);
        set(0, 4);
    });
    CHECK(state == std::array{std::byte{1}, std::byte{2}});
    state[1] = std::byte{9};
    take([&] { set(1, 5); });
    CHECK(state == std::array{std::byte{4}, std::byte{9}});
    take([] {});
    take([] {});
    CHECK(state == std::array{std::byte{4}, std::byte{5}});
    CHECK(taken == 3);
}

TEST_CASE("What is taken while more is being posted comes once, and what was posted stays") {
    struct Numbers {
        int a = 0;
        int b = 0;
    };
    portspan::detail::StateMailbox mailbox{sizeof(Numbers)};
    Numbers state;
    portspan::detail::RampList ramps;
    const auto take = [&] {
        mailbox.take(
            [&](const auto& change) { change.apply(reinterpret_cast<std::byte*>(&state), ramps); });
    };
    const auto post = [&](std::size_t offset, int value, auto meanwhile) {
        mailbox.post([&](auto& change) {
            meanwhile();
            change.set(offset, &value, sizeof value);
        });
    };
    constexpr std::size_t b = offsetof(Numbers, b);
    // Each of them is written to several messages: the audio thread comes at the n-th time.
    for (int moment = 0; moment < 4; ++moment) {
        CAPTURE(moment);
        state = {};
        post(0, 1, [] {});
        int times = 0;
        post(b, 2, [&] {
            if (times++ != moment) return;
            take();
            CHECK(state.a == 1);  // not withdrawn
            state.a = 10;         // the callback's own, from now on
        });
        take();
        CHECK(state.a == (moment < 3 ? 10 : 1));
        CHECK(state.b == 2);
        state.a = 20;
        post(b, 3, [] {});
        post(b, 4, [] {});
        take();
        CHECK(state.a == 20);
        CHECK(state.b == 4);
    }
}

TEST_CASE("Members far from each other cost as little as members side by side") {
    struct Large {
        float first;
        std::array<float, 1 << 20> delay_line;
        float last;
    };
    const auto initial = std::make_unique<Large>();
    const auto shared = std::make_unique<portspan::detail::SharedState<Large>>(*initial);
    const auto least_time = [&](auto post) {
        using Clock = std::chrono::steady_clock;
        auto least = Clock::duration::max();
        for (int i = 0; i < 20; ++i) {
            shared->mailbox.post(post);
            const auto start = Clock::now();
            shared->begin_block();
            least = std::min(least, Clock::now() - start);
        }
        return least;
    };
    constexpr float value = 3;
    const auto two = least_time([&](StateChange& change) {
        change.set(offsetof(Large, first), &value, sizeof value);
        change.set(offsetof(Large, last), &value, sizeof value);
    });
    const auto all =
        least_time([&](StateChange& change) { change.set(0, initial.get(), sizeof(Large)); });
    CHECK(two * 10 < all);
}

TEST_CASE("More members than anybody counts are set together") {
    constexpr std::size_t count = 300;
    StateMailbox mailbox{count};
    std::array<std::byte, count> state{};
    std::array<std::byte, count> expected{};
    RampList ramps;
    for (std::size_t i = 0; i < count; i += 2) {
        expected[i] = std::byte{7};
        mailbox.post([&](StateChange& change) { change.set(i, &expected[i], 1); });
    }
    mailbox.take([&](const StateChange& change) { change.apply(state.data(), ramps); });
    CHECK(state == expected);
}

TEST_CASE("copy() is what the state will be with all that was set") {
    struct State {
        float gain = 1;
        double cutoff = 10;
        int calls = 0;
        std::array<char, 5000> rest = {};
    };
    LiveState<State> live;
    std::function<void()> in_block = [] {};
    const auto is = [&](float gain, double cutoff, int calls) {
        const State state = live.copy();
        CHECK(state.gain == gain);
        CHECK(state.cutoff == cutoff);
        CHECK(state.calls == calls);
    };
    Player play{with_state(live, [&](auto& block, State& state) {
        ++state.calls;
        in_block();
        for (float& x : block.output().samples()) x = state.gain;
    })};
    static_cast<void>(live.read());  // from now on each block is copied
    live.set(&State::gain, 2);
    is(2, 10, 0);
    play(1);
    is(2, 10, 1);

    SECTION("before the next block") {
        live.set(&State::gain, 3);
        CHECK(live.read().gain == 2);
        is(3, 10, 1);
        live.set(&State::cutoff, 11);
        is(3, 11, 1);
        play(1);
        is(3, 11, 2);
    }
    SECTION("in a block that has taken some of it") {
        live.set(&State::gain, 3);
        in_block = [&] {
            std::thread{[&] {
                is(3, 10, 1);
                live.set(&State::cutoff, 11);
                is(3, 11, 1);
                live.set(&State::cutoff, 12);
                is(3, 12, 1);
            }}.join();
        };
        play(1);
        in_block = [] {};
        is(3, 12, 2);
        play(1);
        is(3, 12, 3);
    }
    SECTION("a ramp is at its end") {
        live.set(&State::gain, 6, Ramp{100});
        is(6, 10, 1);
        play(32);
        CHECK(live.read().gain < 6);
        is(6, 10, 2);
        live.set(&State::gain, 4);
        is(4, 10, 2);
        play(1);
        is(4, 10, 3);
    }
    SECTION("what the callback writes after that stays") {
        live.set(&State::calls, 100);
        play(1);
        is(2, 10, 101);
        play(1);
        is(2, 10, 102);
        LiveState<State> next{live.copy()};
        CHECK(next.read().calls == 102);
    }
}

TEST_CASE("A callback has the state itself, and none of what waits for a lock") {
    LiveState<Voice> live;
    std::vector<std::error_code> codes;
    const auto refused = [&](auto call) {
        try {
            call();
        } catch (const portspan::Error& error) {
            codes.push_back(error.code());
        }
    };
    Player play{with_state(live, [&](auto& block, Voice&) {
        refused([&] { live.publish({}); });
        refused([&] { live.set(&Voice::gain, 2); });
        refused([&] { live.set(&Voice::gain, 2, Ramp{10}); });
        refused([&] { static_cast<void>(live.read()); });
        refused([&] { static_cast<void>(live.copy()); });
        for (float& x : block.output().samples()) x = 0;
    })};
    play(1);
    CHECK(codes == std::vector<std::error_code>(5, Fault::inside_callback));
}
