// SPDX-License-Identifier: MIT
// Events of a queue, each at its frame.
#include <portspan/with_events.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <portspan/guards.hpp>
#include <portspan/mock.hpp>
#include <portspan/renderer.hpp>
#include <portspan/stream.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"

using portspan::EventQueue;
using portspan::Fault;
using portspan::in_place;
using portspan::InputStream;
using portspan::InterleavedView;
using portspan::LiveState;
using portspan::NoView;
using portspan::OutputStream;
using portspan::RawCallback;
using portspan::Renderer;
using portspan::with_events;
using portspan::with_state;
using portspan::mock::Scope;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;
using Floats = std::vector<float>;
using Clock = portspan::StreamClock;

struct Note {
    float level;
};
struct Synth {
    float level = 0;
    std::vector<unsigned long>* parts = nullptr;
};

int play(const void*, float* output, unsigned long frames, Time, Flags, Synth* synth) {
    std::fill_n(output, frames, synth->level);
    if (synth->parts) synth->parts->push_back(frames);
    return paContinue;
}
int copy(const float* input, float* output, unsigned long frames, Time, Flags, Synth* synth) {
    for (unsigned long i = 0; i < frames; ++i) output[i] = input[i] * synth->level;
    return paContinue;
}

Clock::time_point at(double seconds) { return Clock::time_point{Clock::duration{seconds}}; }

/// In a renderer of 1000 Hz in blocks of 64 frames the first frame is heard at 0.064 s.
Clock::time_point frame(double number) { return at((64 + number) / 1000); }

template <class Callback>
Floats rendered(Callback callback, std::size_t frames) {
    Renderer<void, float> renderer{
        {.output_channels = 1, .sample_rate = 1000, .frames_per_buffer = 64}, std::move(callback)};
    Floats output(frames, 77.0f);
    renderer.process(NoView{}, InterleavedView<float>{output, 1});
    return output;
}

Floats repeated(std::initializer_list<std::pair<std::size_t, float>> parts) {
    Floats samples;
    for (const auto& [count, value] : parts) samples.insert(samples.end(), count, value);
    return samples;
}

}  // namespace

TEST_CASE("An event is heard from its frame on") {
    EventQueue<Note> queue{16};
    std::vector<unsigned long> parts;
    Synth synth{0, &parts};
    const auto callback =
        with_events(queue, &play, &synth, [&](const Note& note) { synth.level = note.level; });
    const auto push = [&](double number, float level) {
        CHECK(queue.push(frame(number), {level}));
    };

    SECTION("without events the blocks are whole") {
        CHECK(rendered(callback, 128) == repeated({{128, 0}}));
        CHECK(parts == std::vector<unsigned long>{64, 64});
    }
    SECTION("in the middle of a block, at its beginning, at its end") {
        push(10, 1);
        push(63, 2);
        push(64, 3);
        push(130, 4);
        CHECK(rendered(callback, 192) == repeated({{10, 0}, {53, 1}, {1, 2}, {66, 3}, {62, 4}}));
        CHECK(parts == std::vector<unsigned long>{10, 53, 1, 64, 2, 62});
        CHECK(queue.front() == nullptr);
    }
    SECTION("two at one frame: in the order of pushing") {
        push(10, 1);
        push(10, 2);
        CHECK(rendered(callback, 64) == repeated({{10, 0}, {54, 2}}));
    }
    SECTION("a fraction of a frame is rounded") {
        push(10.4, 1);
        push(20.6, 2);
        push(63.6, 3);
        CHECK(rendered(callback, 128) == repeated({{10, 0}, {11, 1}, {43, 2}, {64, 3}}));
    }
    SECTION("late ones are due at once") {
        push(-1000, 1);
        CHECK(queue.push(Clock::time_point::min(), {2}));
        push(-0.6, 3);
        push(5, 4);
        CHECK(rendered(callback, 64) == repeated({{5, 3}, {59, 4}}));
    }
    SECTION("one behind a later one waits for that") {
        push(70, 1);
        push(10, 2);
        push(80, 3);
        CHECK(rendered(callback, 128) == repeated({{70, 0}, {10, 2}, {48, 3}}));
    }
    SECTION("what is not due stays") {
        push(64, 1);
        CHECK(queue.push(Clock::time_point::max(), {2}));
        CHECK(rendered(callback, 128) == repeated({{64, 0}, {64, 1}}));
        REQUIRE(queue.front());
        CHECK(queue.front()->event.level == 2);
    }
    SECTION("what is pushed while a block is played waits for the next one") {
        const auto more = with_events(queue, &play, &synth, [&](const Note& note) {
            synth.level = note.level;
            if (note.level < 4) push(0, note.level + 1);
        });
        for (int i = 0; i < 16; ++i) {  // so that the event stands at the end of the ring
            push(0, 0);
            queue.pop();
        }
        push(10, 1);
        CHECK(rendered(more, 192) == repeated({{10, 0}, {54, 1}, {64, 2}, {64, 3}}));
    }
}

TEST_CASE("Events reach callbacks of every kind") {
    EventQueue<Note> queue{16};
    CHECK(queue.push(frame(10), {1}));
    const Floats expected = repeated({{10, 0}, {54, 1}});

    SECTION("a function on a LiveState, which they change") {
        LiveState<Synth> live;
        CHECK(
            rendered(with_events(queue, with_state(live, &play),
                                 [](const Note& note, Synth& synth) { synth.level = note.level; }),
                     64) == expected);
        CHECK(live.read().level == 1);
    }
    SECTION("the same in another adaptor") {
        LiveState<Synth> live;
        CHECK(
            rendered(with_events(queue, portspan::limit(with_state(live, &play), -1, 1),
                                 [](const Note& note, Synth& synth) { synth.level = note.level; }),
                     64) == expected);
    }
    SECTION("a function on a LiveState, without a look at that") {
        LiveState<Synth> live;
        float level = 0;
        rendered(with_events(queue, with_state(live, &play),
                             [&](const Note& note) noexcept { level = note.level; }),
                 64);
        CHECK(level == 1);
    }
    SECTION("a RawCallback, and a function for the events") {
        Synth synth;
        const std::function<void(const Note&)> change = [&](const Note& note) {
            synth.level = note.level;
        };
        const RawCallback raw{[](const void* in, void* out, unsigned long frames, Time time,
                                 Flags flags, void* state) {
                                  return play(in, static_cast<float*>(out), frames, time, flags,
                                              static_cast<Synth*>(state));
                              },
                              &synth};
        CHECK(rendered(with_events(queue, raw, change), 64) == expected);
        const std::function<void(const Note&)> none;
        const auto error = error_of([&] { rendered(with_events(queue, raw, none), 64); });
        REQUIRE(error);
        CHECK(error->code() == Fault::null_callback);
    }
    SECTION("an object with an on_event() of its own") {
        struct Voice {
            float level = 0;
            void operator()(portspan::Block<void, float>& block) noexcept {
                for (float& x : block.output().samples()) x = level;
            }
            void on_event(const Note& note) noexcept { level = note.level; }
        };
        CHECK(rendered(with_events(queue, Voice{}), 64) == expected);
        CHECK(queue.push(frame(10), {1}));
        CHECK(rendered(with_events(queue, portspan::flush_denormals(Voice{})), 64) == expected);
    }
    SECTION("one that has its number in a LiveState") {
        struct Voice {
            void operator()(portspan::Block<void, float>& block, Synth& synth) noexcept {
                for (float& x : block.output().samples()) x = synth.level;
            }
            void on_event(const Note& note, Synth& synth) noexcept { synth.level = note.level; }
        };
        LiveState<Synth> live;
        CHECK(rendered(with_events(queue, with_state(live, Voice{})), 64) == expected);
    }
    SECTION("a callable that looks itself") {
        float level = 0;
        const auto look = [queue, level](auto& block) mutable noexcept {
            auto output = block.output();
            for (std::size_t i = 0; i < block.frames(); ++i) {
                const auto* next = queue.front();
                const Clock::duration since = Clock::duration{static_cast<double>(i) / 1000};
                if (next &&
                    next->when <= *block.time().output_dac + since + at(1e-9).time_since_epoch())
                    level = queue.pop()->event.level;
                output(i, 0) = level;
            }
        };
        CHECK(rendered(look, 64) == expected);
    }
    SECTION("one that is called in place") {
        Synth synth;
        Renderer<float> renderer{{1, 1, 1000, 64},
                                 in_place(with_events(queue, &copy, &synth, [&](const Note& note) {
                                     synth.level = note.level;
                                 }))};
        const Floats input(64, 1);
        Floats output(64);
        renderer.process(InterleavedView<const float>{input, 1}, InterleavedView<float>{output, 1});
        CHECK(output == expected);
    }
}

TEST_CASE("The time of an event is the output's, on an input stream the input's") {
    Scope audio;
    EventQueue<Note> queue{16};
    Floats levels;
    float level = 0;
    const auto on_event = [&](const Note& note) { level = note.level; };
    const auto note = [&](auto& block) { levels.insert(levels.end(), block.frames(), level); };
    const auto silence = [&](auto& block) {
        note(block);
        for (float& x : block.output().samples()) x = 0;
    };
    portspan::StreamConfig config{.sample_rate = 1000, .frames_per_buffer = 64};
    PaStreamCallbackTimeInfo given{};
    audio.times([&](PaStreamCallbackTimeInfo& time) {
        given.currentTime += 0.064;
        const auto shifted = [&](double t) { return t == 0 ? 0 : t + given.currentTime; };
        time = {shifted(given.inputBufferAdcTime), given.currentTime,
                shifted(given.outputBufferDacTime)};
    });
    const auto push_at = [&](double time) { CHECK(queue.push(at(time), {1})); };
    const auto heard = [&](auto& stream) {
        stream.start();
        audio.pump(192);
        return std::find(levels.begin(), levels.end(), 1.0f) - levels.begin();
    };

    SECTION("output") {
        given = {-0.5, 0, 0.25};
        OutputStream<float> stream{config, with_events(queue, silence, on_event)};
        push_at(0.064 + 0.25 + 0.010);
        CHECK(heard(stream) == 10);
    }
    SECTION("input") {
        given = {-0.5, 0, 0.25};
        InputStream<float> stream{config, with_events(queue, note, on_event)};
        push_at(0.064 - 0.5 + 0.100);
        CHECK(heard(stream) == 100);
    }
    SECTION("unknown: the first block that is called after it") {
        given.outputBufferDacTime = GENERATE(0.0, std::numeric_limits<double>::infinity(),
                                             std::numeric_limits<double>::quiet_NaN());
        OutputStream<float> stream{config, with_events(queue, silence, on_event)};
        push_at(0.065);
        CHECK(heard(stream) == 64);
    }
}

TEST_CASE("Where the clock stands still the frames since the start are the clock") {
    EventQueue<Note> queue{16};
    Synth synth;
    constexpr PaStreamCallbackTimeInfo zero{};
    const PaStreamCallbackTimeInfo* time = nullptr;
    SECTION("no times") {}
    SECTION("all of them 0") { time = &zero; }
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    constexpr PaStreamCallbackTimeInfo no_number{none, none, none};
    constexpr PaStreamCallbackTimeInfo infinite{infinity, -infinity, infinity};
    SECTION("none of them a number") { time = &no_number; }
    SECTION("none of them finite") { time = &infinite; }
    auto prepared = portspan::detail::prepare<void, float, portspan::Interleaved>(
        with_events(queue, &play, &synth, [&](const Note& note) { synth.level = note.level; }),
        {.shape = {.output_channels = 1}, .frames_per_buffer = 0, .sample_rate = 1000});
    const auto heard = [&](std::size_t frames) {
        Floats block(frames, 77.0f);
        CHECK(portspan::detail::call(prepared.callback, nullptr, block.data(), frames, time, 0) ==
              0);
        return block;
    };
    CHECK(heard(64) == repeated({{64, 0}}));
    CHECK(queue.push(at(0.074), {1}));
    CHECK(queue.push(at(0.150), {2}));
    CHECK(heard(64) == repeated({{10, 0}, {54, 1}}));
    CHECK(heard(64) == repeated({{22, 1}, {42, 2}}));
    CHECK(queue.push(at(0), {3}));
    CHECK(heard(64) == repeated({{64, 3}}));
}

TEST_CASE("Without a clock and without a sample rate an event is due in the next block") {
    EventQueue<Note> queue{16};
    Synth synth;
    auto prepared = portspan::detail::prepare<void, float, portspan::Interleaved>(
        with_events(queue, &play, &synth, [&](const Note& note) { synth.level = note.level; }),
        {.shape = {.output_channels = 1}, .frames_per_buffer = 0, .sample_rate = 0});
    CHECK(queue.push(at(1e9), {1}));
    float sample = 7;
    const auto call = [&](unsigned long frames) {
        CHECK(portspan::detail::call(prepared.callback, nullptr, &sample, frames, nullptr, 0) == 0);
    };
    call(0);
    CHECK(sample == 7);
    call(1);
    CHECK(sample == 1);
}

TEST_CASE("A shorter block at the end moves no event") {
    EventQueue<Note> queue{16};
    Synth synth;
    CHECK(queue.push(frame(70), {1}));
    CHECK(queue.push(frame(72), {2}));
    CHECK(rendered(with_events(queue, &play, &synth,
                               [&](const Note& note) { synth.level = note.level; }),
                   74) == repeated({{70, 0}, {2, 1}, {2, 2}}));
}

TEST_CASE("What on_event throws ends the stream, and the event is gone") {
    EventQueue<Note> queue{16};
    Synth synth{1};
    CHECK(queue.push(frame(10), {1}));
    const auto callback =
        with_events(queue, &play, &synth, [](const Note&) { throw std::runtime_error{"no"}; });
    CHECK_THROWS_AS(rendered(callback, 64), std::runtime_error);
    CHECK(queue.front() == nullptr);
    CHECK(rendered(callback, 64) == repeated({{64, 1}}));
}

TEST_CASE("Where the callback ends before an event that event stays") {
    EventQueue<Note> queue{16};
    CHECK(queue.push(frame(10), {1}));
    CHECK(queue.push(frame(20), {2}));
    const auto ends = [](const void*, float* output, unsigned long frames, Time, Flags,
                         Synth* synth) {
        std::fill_n(output, frames, 5.0f);
        return synth->level == 1 ? int{paComplete} : int{paContinue};
    };
    Synth synth;
    CHECK(rendered(
              with_events(queue, ends, &synth, [&](const Note& note) { synth.level = note.level; }),
              64) == repeated({{20, 5}, {44, 0}}));
    REQUIRE(queue.front());
    CHECK(queue.front()->event.level == 2);
}

TEST_CASE("What a callable takes out itself is not due any more") {
    EventQueue<Note> queue{16};
    CHECK(queue.push(frame(10), {1}));
    CHECK(queue.push(frame(20), {2}));
    int due = 0;
    const auto take_all = [queue, &due](auto& block) mutable {
        for (float& x : block.output().samples()) x = 0;
        while (due == 1 && queue.pop()) continue;
    };
    rendered(with_events(queue, take_all, [&](const Note&) noexcept { ++due; }), 128);
    CHECK(due == 1);
    CHECK(queue.front() == nullptr);
}

TEST_CASE("A queue is in one stream at a time") {
    EventQueue<Note> queue{16};
    Synth synth;
    const auto callback = with_events(queue, &play, &synth, [](const Note&) noexcept {});
    {
        const Renderer<void, float> first{{.output_channels = 1}, callback};
        const auto error = error_of([&] { rendered(callback, 64); });
        REQUIRE(error);
        CHECK(error->code() == Fault::invalid_argument);
    }
    CHECK_FALSE(error_of([&] { rendered(callback, 64); }));
}

TEST_CASE("An event that owns memory dies where it was pushed") {
    // Its place is needed again: the audio thread gives no memory back.
    EventQueue<std::shared_ptr<int>> queue{1};
    const auto event = std::make_shared<int>(1);
    CHECK(queue.push({}, event));
    Synth synth;
    int sum = 0;
    rendered(with_events(queue, &play, &synth,
                         [&](const std::shared_ptr<int>& number) { sum += *number; }),
             64);
    CHECK(sum == 1);
    CHECK(event.use_count() == 2);
    CHECK(queue.push({}, nullptr));
    CHECK(event.use_count() == 2);  // one place is always free
    CHECK(queue.pop());
    CHECK(queue.push({}, nullptr));
    CHECK(event.use_count() == 1);
}
