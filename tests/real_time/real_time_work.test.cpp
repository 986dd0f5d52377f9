// SPDX-License-Identifier: MIT
// Adaptors that have something to do in each call, and do it: nothing in the audio thread that
// could wait.
#include <portspan/chain.hpp>
#include <portspan/fixed_blocks.hpp>
#include <portspan/guards.hpp>
#include <portspan/mix.hpp>
#include <portspan/mixer.hpp>
#include <portspan/monitor.hpp>
#include <portspan/slot.hpp>
#include <portspan/with_events.hpp>
#include <portspan/with_state.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "callbacks.hpp"
#include "catch.hpp"

namespace {

using namespace real_time;
using portspan::ActionState;
using portspan::InterleavedView;
using portspan::Mixer;
using portspan::Planar;
using portspan::RingBuffer;
using portspan::SampleCount;
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

/// In 1000 calls of 64 frames, the last output of which stays in `samples`.
template <class T, class L = portspan::Interleaved, class Callback>
std::string noted_in_output(Callback callback, Meanwhile meanwhile = {},
                            std::array<T, 128>&& samples = {}) {
    std::array<T*, 2> planes{samples.data(), samples.data() + 64};
    void* const output =
        std::is_same_v<L, Planar> ? static_cast<void*>(planes.data()) : samples.data();
    meanwhile.calls = 1000;
    return noted_in(
        portspan::detail::prepare<void, T, L>(
            std::move(callback), {.shape = {0, 2}, .frames_per_buffer = 64, .sample_rate = 48000}),
        [&](const RawCallback& raw, unsigned long) {
            const PaStreamCallbackTimeInfo time{0, 0, 1};
            return portspan::detail::call(raw, nullptr, output, 64, &time, 0);
        },
        meanwhile, true);
}

template <class Callback>
auto all_guards(Callback callback, const SampleCount& silenced) {
    return portspan::flush_denormals(portspan::limit(
        portspan::silence_non_finite(portspan::zero_output_first(std::move(callback)), silenced),
        -0.5f, 0.5f));
}

/// A callable that plays 1 more than it hears, so often.
struct Tone {
    int calls_until_it_completes;

    template <class Block>
    portspan::Next operator()(Block& block) noexcept {
        const auto audio = block.in_place();
        for (std::size_t f = 0; f < audio.frames(); ++f) {
            for (std::size_t c = 0; c < audio.channels(); ++c) {
                audio(f, c) = static_cast<std::int16_t>(audio(f, c) + 1);
            }
        }
        return --calls_until_it_completes == 0 ? portspan::Next::complete
                                               : portspan::Next::keep_going;
    }
};

/// To the end and from a new start.
template <class L, class Callback>
std::string noted_in_two_runs(Callback callback) {
    using Called = Blocks<std::int16_t, std::int16_t, L>;
    Called blocks;
    const auto prepared = portspan::detail::prepare<std::int16_t, std::int16_t, L>(
        std::move(callback), Called::context());
    int calls = 0;
    on_audio_thread([&] {
        for (int start = 0; start < 2; ++start) {
            prepared.control->reset();
            int result = paContinue;
            for (unsigned long i = 0; i < 900 && result == paContinue; ++i, ++calls) {
                const Watched watched;
                result = blocks.call(prepared.callback, i);
            }
        }
    });
    CHECK(calls > 900);
    return take_noted();
}

template <class L>
void check_several() {
    using namespace portspan;
    const Tone on{1'000'000};
    CHECK(noted_in_two_runs<L>(chain(on, in_place(on), on)) == "");
    CHECK(noted_in_two_runs<L>(mix(on, Tone{100}, on)) == "");
    CHECK(noted_in_two_runs<L>(in_place(fixed_blocks<64>(Tone{1500}))) == "");
    CHECK(noted_in_two_runs<L>(
              chain(mix(on, fixed_blocks<7>(Tone{200})), fixed_blocks<64>(on), on)) == "");
}

bool takes_memory(const std::string& noted) {
    for (const char* name : {"alloc", "free", "operator", "memalign"}) {
        if (noted.find(name) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("Guards mend what is nonsense") {
    SampleCount silenced;
    SECTION("round an interleaved function") {
        const RawCallback callback = portspan::detail::foreign(&write_nonsense).raw();
        CHECK(noted_in_output<float>(all_guards(callback, silenced)) == "");
        CHECK(silenced.get() == 1000 * 32);
    }
    SECTION("round a planar one") {
        const RawCallback callback = portspan::detail::foreign(&write_nonsense_planar).raw();
        CHECK(noted_in_output<float, Planar>(all_guards(callback, silenced)) == "");
        CHECK(silenced.get() == 1000 * 16);
    }
    SECTION("round a callable that may throw") {
        const auto callable = [](auto& block) {
            for (float& x : block.output().samples()) x = std::numeric_limits<float>::infinity();
        };
        CHECK(noted_in_output<float>(all_guards(callable, silenced)) == "");
        CHECK(silenced.get() == 1000 * 128);
    }
    SECTION("round one of integers") {
        const RawCallback callback = portspan::detail::foreign(&write_full_scale).raw();
        CHECK(noted_in_output<std::int16_t>(portspan::flush_denormals(
                  portspan::limit(portspan::zero_output_first(callback), -100, 100))) == "");
    }
}

TEST_CASE("A slot goes over to its next callback") {
    const auto plays = [](float value) {
        return [value](auto& block) noexcept {
            for (float& x : block.output().samples()) x = value;
        };
    };
    portspan::Slot<void, float> slot{plays(1)};
    std::future<void> done;
    std::array<float, 128> samples{};
    CHECK(noted_in_output<float>(slot,
                                 {.started =
                                      [&] {
                                          done = slot.exchange_async(
                                              plays(2), {.frames = 30'000,
                                                         .patience = std::chrono::hours{1}});
                                      }},
                                 std::move(samples)) == "");
    done.get();
    CHECK(samples[0] == 2);
}

TEST_CASE("A monitor counts, and begins anew") {
    portspan::Telemetry telemetry;
    CHECK(noted_in_output<float>(portspan::monitor(
              [telemetry, calls = 0](auto& block) mutable noexcept {
                  for (float& x : block.output().samples()) x = 1;
                  if (++calls == 500) telemetry.reset();
              },
              telemetry)) == "");
    CHECK(telemetry.snapshot().calls == 501);
}

TEST_CASE("A state changes before each block") {
    portspan::LiveState<State> live;
    CHECK(noted_in_output<float>(portspan::with_state(live, &play), {.between = [&](unsigned long) {
                                     live.set(&State::level, static_cast<float>(live.read().calls),
                                              portspan::Ramp{100});
                                 }}) == "");
    CHECK(live.read().calls == 2000);  // two parts each
    CHECK(noted_in_output<float, Planar>(
              portspan::with_state(live, &play_planar),
              {.between = [&](unsigned long) { live.publish({1, live.read().calls}); }}) == "");
    CHECK(live.read().calls == 3000);
}

TEST_CASE("Events are due in each block") {
    // They own memory, so that somebody has to give that back.
    using Event = std::unique_ptr<float>;
    portspan::EventQueue<Event> queue{4};
    portspan::LiveState<State> live;
    bool all_pushed = true;
    std::vector<Event> events;
    for (int i = 0; i < 4000; ++i) events.push_back(std::make_unique<float>(3.0f));
    const Meanwhile push{.between = [&](unsigned long) {
        const portspan::StreamClock::time_point when{portspan::StreamClock::duration{1.001}};
        for (int i = 0; i < 2; ++i) {
            all_pushed = queue.push(when, std::move(events.back())) && all_pushed;
            events.pop_back();
        }
    }};
    const auto on_event = [](const Event& event, State& state) { state.level += *event; };
    CHECK(noted_in_output<float>(
              portspan::with_events(queue, portspan::with_state(live, &play), on_event), push) ==
          "");
    CHECK(noted_in_output<float, Planar>(
              portspan::with_events(queue, portspan::with_state(live, &play_planar), on_event),
              push) == "");
    CHECK(all_pushed);
    CHECK(live.read().level == 12000);
    CHECK(live.read().calls == 4000);  // before the event and behind it
}

TEST_CASE("Several callbacks as one end and start again") {
    SECTION("interleaved") { check_several<portspan::Interleaved>(); }
    SECTION("planar") { check_several<Planar>(); }
}

TEMPLATE_TEST_CASE("a mixer takes no memory and no lock, whatever begins and ends", "",
                   portspan::Interleaved, portspan::Planar) {
    Mixer<float, float, TestType> mixer;
    const auto prepared = portspan::detail::prepare<float, float, TestType>(
        mixer, {.shape = {2, 2}, .frames_per_buffer = 64, .sample_rate = 64});
    prepared.control->reset();
    std::array<float, 128> samples{};
    std::array<float*, 2> planes{samples.data(), samples.data() + 64};

    // The last to have each is the mixer, which must not let go of it here.
    std::vector<portspan::MixerAction> actions;
    const auto at = [](double block) {
        return portspan::StreamClock::time_point{portspan::StreamClock::duration{block}};
    };
    auto kept = std::make_shared<std::vector<float>>(400);
    const InterleavedView<float> view{*kept, 2};
    actions.push_back(mixer.play(view, {.at = at(10.5), .keep_alive = kept}));
    actions.push_back(mixer.record(view, {.at = at(11.5), .keep_alive = kept}));
    kept.reset();
    actions.push_back(mixer.play(std::vector<float>(1000), {.loop = true}));
    actions.push_back(mixer.play(std::vector<float>(1000), {.at = at(-1), .allow_belated = false}));
    RingBuffer<float> ring{1000, 2};
    actions.push_back(mixer.play(ring));
    actions.push_back(mixer.record(ring));
    actions[2].cancel(at(50));
    actions[5].cancel(at(60));

    on_audio_thread([&] {
        for (int block = 0; block < 100; ++block) {
            const auto now = static_cast<double>(block);
            const PaStreamCallbackTimeInfo time{now, now, now};
            constexpr bool is_planar = std::is_same_v<TestType, Planar>;
            void* const buffer = is_planar ? static_cast<void*>(planes.data()) : samples.data();
            const Watched watched;
            portspan::detail::call(prepared.callback, buffer, buffer, 64, &time, 0);
        }
    });
    CHECK(take_noted() == "");
    ring.finish();

    const ActionState expected[]{ActionState::complete,  ActionState::complete,
                                 ActionState::cancelled, ActionState::dropped,
                                 ActionState::running,   ActionState::cancelled};
    for (std::size_t i = 0; i < actions.size(); ++i) {
        CHECK(actions[i].statistics().state == expected[i]);
    }
}

TEST_CASE("to take back what is over takes no memory: it cannot fail halfway") {
    Mixer<void, float> mixer;
    const std::array<float, 4> samples{};
    const InterleavedView<const float> view{samples.data(), samples.size(), 1};
    auto complete = mixer.play(view);
    auto interrupted = mixer.play(view, {.loop = true});
    const auto check_done = [](auto& action) {
        bool is_done = false;
        CHECK_FALSE(takes_memory(calls_of([&] { is_done = action.done(); })));
        CHECK(is_done);
    };
    {
        const auto prepared = portspan::detail::prepare<void, float, portspan::Interleaved>(
            mixer, {.shape = {0, 1}, .frames_per_buffer = 64, .sample_rate = 64});
        prepared.control->reset();
        std::array<float, 64> output{};
        portspan::detail::call(prepared.callback, nullptr, output.data(), 64, nullptr, 0);
        check_done(complete);
        CHECK_FALSE(interrupted.done());
    }
    check_done(interrupted);
    CHECK(complete.statistics().state == ActionState::complete);
    CHECK(interrupted.statistics().state == ActionState::interrupted);
#if PORTSPAN_TEST_SEES_CALLS
    CHECK(takes_memory(calls_of([] { delete seen(new int); })));
#endif
}
