// SPDX-License-Identifier: MIT
// Every adaptor round every kind of callback in the audio thread: no memory is taken or given back,
// nobody is waited for, nothing is asked of the system, however the callback ends.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <portspan/chain.hpp>
#include <portspan/fixed_blocks.hpp>
#include <portspan/guards.hpp>
#include <portspan/mix.hpp>
#include <portspan/monitor.hpp>
#include <portspan/slot.hpp>
#include <portspan/with_events.hpp>
#include <portspan/with_state.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "callbacks.hpp"
#include "catch.hpp"

namespace {

using namespace real_time;
using portspan::Interleaved;
using portspan::Planar;

/// What `run` notes of an adaptor, however the callback ends.
void check_ends(const char* adaptor, const char* kind, Script& script,
                const std::function<std::string()>& run) {
    for (const int last : ends) {
        INFO(adaptor << " round " << kind << ", last result " << last);
        script = {.calls_left = 100, .last = last};
        CHECK(run() == "");
    }
}

template <class In, class Out, class L>
struct Case {
    Script& script;
    const char* kind;

    /// `make()` in the audio thread.
    template <class Make>
    void check(const char* adaptor, Make make, const Meanwhile& meanwhile = {}) const {
        check_ends(adaptor, kind, script, [&] {
            unsigned long calls = 0;
            Meanwhile counted = meanwhile;
            counted.between = [&](unsigned long i) {
                calls = i + 1;
                meanwhile.between(i);
            };
            const std::string noted = noted_in<In, Out, L>(make(), counted);
            // Its end is far away, also where each block is several calls of its callback.
            return calls > 25 ? noted : "it ends after " + std::to_string(calls) + " calls";
        });
    }

    template <class Callback>
    void check_any(const Callback& callback) const {
        check("nothing", [&] { return callback; });
        check_monitor(callback);
        check_slot(callback);
        check_state(callback);
        check_events(callback);
    }

    template <class Callback>
    void check_on_samples(const Callback& callback) const {
        using namespace portspan;
        check("chain", [&] { return chain(callback, callback, callback); });
        check("mix", [&] { return mix(callback, callback, callback); });
        check("fixed_blocks", [&] { return fixed_blocks<7>(callback); });
    }

    template <class Callback>
    void check_on_both(const Callback& callback) const {
        using namespace portspan;
        check("guards", [&] { return guarded(callback, {}); });
        check("in_place", [&] { return in_place(callback); });
        check("all of them", [&] {
            return monitor(
                guarded(chain(mix(callback, fixed_blocks<64>(callback)), in_place(callback)), {}));
        });
    }

    template <class Callback>
    static auto guarded(const Callback& callback, const portspan::SampleCount& silenced) {
        using namespace portspan;
        auto zeroed = flush_denormals(zero_output_first(callback));
        if constexpr (std::is_same_v<Out, float>) {
            return limit(silence_non_finite(std::move(zeroed), silenced), -0.5f, 0.5f);
        } else {
            return limit(std::move(zeroed), Out{0}, Out{100});
        }
    }

    template <class Callback>
    void check_monitor(const Callback& callback) const {
        portspan::Telemetry telemetry;
        check("monitor", [&] { return portspan::monitor(callback, telemetry); },
              {.between = [&](unsigned long i) {
                  if (i == 50) telemetry.reset();
              }});
    }

    template <class Callback>
    void check_slot(const Callback& callback) const {
        using Slot = portspan::Slot<In, Out, L>;
        check("slot", [&] { return Slot{callback}; });
        std::unique_ptr<Slot> slot;
        std::future<void> over;
        for (const std::size_t frames : {std::size_t{0}, std::size_t{3000}, std::size_t{1} << 30}) {
            INFO("a fade of " << frames);
            check("slot whose callback is exchanged",
                  [&] {
                      // The one before may go now: its stream is closed.
                      if (over.valid()) over.get();
                      slot = std::make_unique<Slot>(callback);
                      return *slot;
                  },
                  {.started = [&] {
                      over = slot->exchange_async(
                          callback, {.frames = frames, .patience = std::chrono::hours{1}});
                  }});
        }
    }

    template <class Callback>
    void check_state(const Callback& callback) const {
        portspan::LiveState<Script> live;
        check("with_state", [&] { return portspan::with_state(live, stateless(callback)); },
              {.between = [&](unsigned long i) {
                  if (i == 0) live.publish(script);
                  if (i % 20 == 19) live.set(&Script::calls, 0, portspan::Ramp{300});
                  if (i % 20 == 9) live.set(&Script::throws, 0);
              }});
    }

    template <class Callback>
    void check_events(const Callback& callback) const {
        using Event = std::unique_ptr<double>;  // owns memory: somebody has to give that back
        portspan::EventQueue<Event> queue{300};
        portspan::LiveState<Script> live;
        const auto on_event = [](const Event& event) noexcept { *event += 1; };
        std::vector<Event> events;
        const auto push = [&](unsigned long i) {
            if (i == 0) live.publish(script);
            using portspan::StreamClock;
            const StreamClock::time_point when{StreamClock::duration{static_cast<double>(i)} +
                                               std::chrono::microseconds{300}};
            static_cast<void>(queue.push(when, std::move(events.back())));
            events.pop_back();
        };
        const auto filled = [&](auto adaptor) {
            while (events.size() < 200) events.push_back(std::make_unique<double>(0));
            return adaptor;
        };
        check("with_events",
              [&] { return filled(portspan::with_events(queue, callback, on_event)); },
              {.between = push});
        check("with_events round with_state",
              [&] {
                  return filled(portspan::with_events(
                      queue, portspan::with_state(live, stateless(callback)),
                      [](const Event&, Script& state) noexcept { state.calls = 0; }));
              },
              {.between = push});
    }
};

template <class Sample, class L>
void check_samples() {
    Script script;
    for_each_kind(script, [&](const char* kind, const auto& callback) {
        const Case<Sample, Sample, L> one{script, kind};
        one.check_any(callback);
        one.check_on_samples(callback);
        one.check_on_both(callback);
    });
}

}  // namespace

TEST_CASE("adaptors do nothing in the audio thread that could wait") {
    SECTION("interleaved") { check_samples<float, Interleaved>(); }
    SECTION("planar") { check_samples<std::int16_t, Planar>(); }
    SECTION("bytes") {
        Script script;
        for_each_kind(script, [&](const char* kind, const auto& callback) {
            Case<std::byte, std::byte, Interleaved>{script, kind}.check_any(callback);
        });
    }
    SECTION("output alone") {
        Script script;
        Case<void, float, Planar>{script, "a callable"}.check_on_samples(Noexcept{&script});
    }
    SECTION("a typed function") {
        Script script;
        const auto callback = portspan::bound(&typed, &script);
        const Case<float, float, Interleaved> one{script, "a typed function"};
        one.check("nothing", [&] { return callback; });
        one.check_state(callback);
    }
}

#if PORTSPAN_TEST_SEES_CALLS
TEST_CASE("what an adaptor's callback does that could wait is seen") {
    Script script;
    const auto allocates = [](auto&) noexcept { delete seen(new int); };
    const auto noted = noted_in<float, float, Interleaved>(portspan::monitor(allocates), {}, false);
    CHECK(noted == "operator new 200, operator delete 200");
}
#endif
