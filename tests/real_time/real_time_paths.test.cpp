// SPDX-License-Identifier: MIT
// Every way through what stands between PortAudio and a callback, in the audio thread: nothing that
// could wait, the storing of an exception aside.
#include <portspan/chain.hpp>
#include <portspan/event_queue.hpp>
#include <portspan/guards.hpp>
#include <portspan/mix.hpp>
#include <portspan/monitor.hpp>
#include <portspan/renderer.hpp>
#include <portspan/ring_buffer.hpp>
#include <portspan/slot.hpp>

#include <dlfcn.h>
#include <array>
#include <atomic>
#include <exception>
#include <functional>
#include <future>
#include <string>
#include <utility>

#include "callbacks.hpp"
#include "catch.hpp"

namespace {

using namespace real_time;
using portspan::Interleaved;
using portspan::detail::Prepared;

using Called = Blocks<float, float, Interleaved>;

template <class Callback>
Prepared prepared(Callback callback, const portspan::Finished& finished = {}) {
    return portspan::detail::prepare<float, float, Interleaved>(std::move(callback),
                                                                Called::context(), finished);
}

int call(const RawCallback& callback, unsigned long i) {
    static Called blocks;
    return blocks.call(callback, i);
}

template <class Callback>
std::string noted_of(Callback callback, const Meanwhile& meanwhile = {}) {
    return noted_in<float, float, Interleaved>(std::move(callback), meanwhile);
}

/// What it takes to throw and to keep what was thrown, whoever does it.
std::string noted_of_throwing() {
    std::exception_ptr kept;
    on_audio_thread(
        [&] {
            const Watched watched;
            try {
                throw Thrown{};
            } catch (...) {
                kept = std::current_exception();
            }
        },
        false);
    return take_noted();
}

/// Each destructor on the way may be one more call of the same.
std::string without_counts(std::string noted) {
    std::erase_if(noted, [](char c) { return c >= '0' && c <= '9'; });
    return noted;
}

template <class Callback>
std::string noted_of_throwing(Callback callback) {
    return noted_in<float, float, Interleaved>(std::move(callback), {}, false);
}

}  // namespace

TEST_CASE(
    "a stop that was asked for, and a channel count that is another one, end without waiting") {
    Script script{.calls_left = 1000};
    const Prepared stopped = prepared(Noexcept{&script});
    CHECK(noted_in(stopped, call,
                   {.between =
                        [&](unsigned long i) {
                            if (i == 10) stopped.control->request_stop();
                        }},
                   true) == "");
    CHECK(script.calls == 11);

    const Prepared wrong =
        prepared([](auto& block) noexcept { static_cast<void>(block.template output<3>()); });
    CHECK(noted_in(wrong, call, {}, true) == "");
    CHECK_THROWS_AS(wrong.control->take().raise(), portspan::Error);
}

TEST_CASE("buffers that are missing end nothing and cost nothing") {
    Script script{.calls_left = 1000};
    for (const int last : ends) {
        script = {.calls_left = 10, .last = last};
        const Prepared prepared_one = prepared(MayThrow{&script});
        const auto without_buffers = [](const RawCallback& callback, unsigned long) {
            return portspan::detail::call(callback, nullptr, nullptr, 0, nullptr, 0);
        };
        CHECK(noted_in(prepared_one, without_buffers, {}, true) == "");
        CHECK(script.calls >= 11);
    }
}

TEST_CASE("what is called at the end is called without waiting") {
    static int ended;
    ended = 0;
    Script script{.calls_left = 3, .last = paComplete};
    const auto end = [&](const portspan::Finished& finished, auto callback) {
        const Prepared one = prepared(std::move(callback), finished);
        on_audio_thread([&] {
            const Watched watched;
            call(one.callback, 1);
            one.finished(one.callback.user_data);
        });
        return take_noted();
    };
    CHECK(end({[] { ++ended; }}, Noexcept{&script}) == "");
    CHECK(end({[](void* count) { ++*static_cast<int*>(count); }, &ended},
              RawCallback{&raw, &script}) == "");
    CHECK(ended == 2);
}

TEST_CASE("a Renderer does nothing that could wait") {
    Script script{.calls_left = 1000};
    std::array<float, 200> in{}, out{};
    for_each_kind(script, [&](const char* kind, const auto& callback) {
        INFO(kind);
        portspan::Renderer<float> renderer{{.frames_per_buffer = 7}, callback};
        portspan::Rendered rendered;
        on_audio_thread([&] {
            const Watched watched;
            rendered = renderer.process({in.data(), 100, 2}, {out.data(), 100, 2});
        });
        CHECK(take_noted() == "");
        CHECK(rendered.frames == 100);
    });
}

TEST_CASE("what a callback may use of portspan does not wait") {
    portspan::RingBuffer<float> ring{100, 2};
    portspan::EventQueue<double> queue{10};
    portspan::Telemetry telemetry;
    portspan::SampleCount count;
    std::size_t read = 0;
    CHECK(noted_of(portspan::monitor(
                       [=, &read](auto& block) mutable noexcept {
                           ring.write(block.input());
                           read += ring.read(block.output());
                           read += queue.front() && queue.pop() ? 1 : 0;
                           if (ring.writable() < 50) telemetry.reset();
                           count.add(1);
                       },
                       telemetry),
                   {.between = [&](unsigned long) {
                       static_cast<void>(queue.push(portspan::StreamClock::time_point{}, 1));
                   }}) == "");
    CHECK(read > 1000);
    CHECK(count.get() == 200);
}

TEST_CASE("a slot does not wait while another thread exchanges its callback over and over") {
    Script script{.calls_left = 1'000'000'000};
    portspan::Slot<float> slot{Noexcept{&script}};
    const Prepared one = prepared(slot);
    one.control->reset();
    std::atomic<bool> is_over{false};
    auto exchanges = std::async(std::launch::async, [&] {
        for (int i = 0; i < 10; ++i) {
            slot.exchange(MayThrow{&script}, {.frames = 100});
            slot.exchange(RawCallback{&raw, &script}, {.frames = 0});
        }
        is_over = true;
    });
    on_audio_thread([&] {
        for (unsigned long i = 0; !is_over; ++i) {
            const Watched watched;
            call(one.callback, i);
        }
    });
    exchanges.get();
    CHECK(take_noted() == "");
}

TEST_CASE("to store an exception takes what throwing takes, whatever is around the callable") {
    Script script{.calls_left = 10, .last = paComplete, .throws = 1};
    const MayThrow throws{&script};
    const auto thrown = noted_of_throwing();
    const auto check = [&](const std::string& noted) {
        CHECK(without_counts(noted) == without_counts(thrown));
#if PORTSPAN_TEST_SEES_CALLS
        CHECK((noted + ',').starts_with("malloc 1,"));
#endif
        CHECK(script.calls == 11);
        script = {.calls_left = 10, .last = paComplete, .throws = 1};
    };
    check(noted_of_throwing(throws));
    check(noted_of_throwing(portspan::monitor(throws)));
    check(noted_of_throwing(portspan::chain(throws)));
    check(noted_of_throwing(portspan::mix(throws)));
    check(noted_of_throwing(portspan::Slot<float>{throws}));

    const Prepared one = prepared(Noexcept{&script}, {[] { throw Thrown{}; }});
    on_audio_thread(
        [&] {
            const Watched watched;
            one.finished(one.callback.user_data);
        },
        false);
    CHECK(take_noted() == thrown);
    CHECK_THROWS_AS(one.control->take().raise(), Thrown);
}

#if PORTSPAN_TEST_SEES_CALLS
TEST_CASE("a callable in a library that was loaded later does not wait at its first call") {
    void* const library = dlopen(PORTSPAN_TEST_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    REQUIRE(library);
    const auto callable = reinterpret_cast<const RawCallback* (*)()>(dlsym(library, "callable"));
    REQUIRE(callable);
    const RawCallback* const callback = callable();
    on_audio_thread([&] {
        const Watched watched;
        call(*callback, 1);
    });
    CHECK(take_noted() == "");
    dlclose(library);
}
#endif
