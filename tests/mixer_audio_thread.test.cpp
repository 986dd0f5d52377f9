// SPDX-License-Identifier: MIT
// A mixer in the audio thread: it takes no memory, gives none back, and waits for nobody.
#include <portspan/mixer.hpp>
#include <portspan/prepare.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "audio_thread.hpp"
#include "catch.hpp"

using portspan::ActionState;
using portspan::InterleavedView;
using portspan::Mixer;
using portspan::RingBuffer;

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

    const int before = forbidden;
    std::thread audio{[&] {
        is_audio_thread = true;
        for (int block = 0; block < 100; ++block) {
            const auto now = static_cast<double>(block);
            const PaStreamCallbackTimeInfo time{now, now, now};
            constexpr bool is_planar = std::is_same_v<TestType, portspan::Planar>;
            void* const buffer = is_planar ? static_cast<void*>(planes.data()) : samples.data();
            portspan::detail::call(prepared.callback, buffer, buffer, 64, &time, 0);
        }
        is_audio_thread = false;
    }};
    audio.join();
    CHECK(forbidden == before);
    ring.finish();

    const ActionState expected[]{ActionState::complete,  ActionState::complete,
                                 ActionState::cancelled, ActionState::dropped,
                                 ActionState::running,   ActionState::cancelled};
    for (std::size_t i = 0; i < actions.size(); ++i) {
        CHECK(actions[i].statistics().state == expected[i]);
    }
}

#if COUNTS_MEMORY_CALLS
TEST_CASE("to take back what is over takes no memory: it cannot fail halfway") {
    Mixer<void, float> mixer;
    const std::array<float, 4> samples{};
    const InterleavedView<const float> view{samples.data(), samples.size(), 1};
    auto complete = mixer.play(view);
    auto interrupted = mixer.play(view, {.loop = true});
    {
        const auto prepared = portspan::detail::prepare<void, float, portspan::Interleaved>(
            mixer, {.shape = {0, 1}, .frames_per_buffer = 64, .sample_rate = 64});
        prepared.control->reset();
        std::array<float, 64> output{};
        portspan::detail::call(prepared.callback, nullptr, output.data(), 64, nullptr, 0);
        const int before = memory_calls;
        const bool is_done = complete.done();
        const int taken = memory_calls - before;
        CHECK(taken == 0);
        CHECK(is_done);
        CHECK_FALSE(interrupted.done());
    }
    const int before = memory_calls;
    const bool is_done = interrupted.done();
    const int taken = memory_calls - before;
    CHECK(taken == 0);
    CHECK(is_done);
    CHECK(complete.statistics().state == ActionState::complete);
    CHECK(interrupted.statistics().state == ActionState::interrupted);
}
#endif
