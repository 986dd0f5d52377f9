// SPDX-License-Identifier: MIT
// States and events that are not what the callback works on.
#include <portspan/stream.hpp>
#include <portspan/with_events.hpp>
#include <portspan/with_state.hpp>
#include <string>

namespace {

using Time = PaStreamCallbackTimeInfo;
using Flags = PaStreamCallbackFlags;
struct Gain {
    float factor = 1;
    int steps = 0;
};
struct Filter {
    float last = 0;
};
struct Note {
    int key = 0;
};
int gain(const float*, float*, unsigned long, const Time*, Flags, Gain*) { return paContinue; }
const portspan::RawCallback callback{};
[[maybe_unused]] const auto silent = [](auto& block) {
    for (float& x : block.output().samples()) x = 0;
};

}  // namespace

void live_state() {
#ifdef STATE_THAT_IS_NOT_TRIVIALLY_COPYABLE
    // error: a LiveState holds a trivially copyable struct
    portspan::LiveState<std::string> live;
#else
    portspan::LiveState<Gain> live;
#endif
}

void state_of_a_function() {
#ifdef STATE_OF_ANOTHER_TYPE
    // error: parameter 6 (user data) of the callback is no pointer to the LiveState's type
    portspan::LiveState<Filter> live;
#else
    portspan::LiveState<Gain> live;
#endif
    portspan::Stream<float> stream{portspan::with_state(live, &gain)};
}

void adaptors() {
    portspan::LiveState<Gain> live;
#ifdef STATE_AROUND_ANOTHER_ADAPTOR
    // error: with_state() goes around the function or callable itself
    portspan::Stream<float> stream{portspan::with_state(live, portspan::in_place(callback))};
#else
    portspan::Stream<float> stream{portspan::in_place(portspan::with_state(live, callback))};
#endif
}

void callable() {
    portspan::LiveState<Gain> live;
#ifdef CALLABLE_ON_A_STATE_OF_ANOTHER_TYPE
    // error: a callable in with_state() takes `auto& block` and the LiveState's type
    portspan::OutputStream<float> stream{portspan::with_state(live, [](auto&, Filter&) {})};
#else
    portspan::OutputStream<float> stream{portspan::with_state(live, [](auto&, Gain&) {})};
#endif
}

void members() {
    portspan::LiveState<Gain> live;
#if defined(MEMBER_OF_ANOTHER_STRUCT)
    // error: no matching function|no matching member function
    live.set(&Filter::last, 1.0f);
#elif defined(RAMP_OF_AN_INTEGER)
    // error: no matching function|no matching member function
    live.set(&Gain::steps, 1, portspan::Ramp{64});
#else
    live.set(&Gain::factor, 1.0f);
    live.set(&Gain::factor, 1.0f, portspan::Ramp{64});
    live.set(&Gain::steps, 1);
#endif
}

void events() {
    portspan::LiveState<Gain> live;
    portspan::EventQueue<Note> queue{8};
#if defined(EVENT_OF_ANOTHER_TYPE)
    // error: on_event of with_events() takes an event
    portspan::OutputStream<float> stream{
        portspan::with_events(queue, silent, [](const Filter&) {})};
#elif defined(EVENT_WITH_A_STATE_THAT_IS_NOT_THERE)
    // error: on_event of with_events() takes an event
    portspan::OutputStream<float> stream{
        portspan::with_events(queue, silent, [](const Note&, Gain&) {})};
#elif defined(EVENTS_FOR_A_CALLABLE_WITHOUT_ON_EVENT)
    // error: needs a callable with a public member on_event() that takes an event
    portspan::OutputStream<float> stream{portspan::with_events(queue, silent)};
#elif defined(EVENTS_FOR_A_FUNCTION_WITHOUT_ON_EVENT)
    // error: needs a callable with a public member on_event() that takes an event
    portspan::Stream<float> stream{portspan::with_events(queue, callback)};
#else
    portspan::OutputStream<float> stream{portspan::with_events(queue, silent, [](const Note&) {})};
    portspan::Stream<float> with_a_state{portspan::with_events(
        queue, portspan::with_state(live, callback), [](const Note&, Gain&) {})};
#endif
}

void event_type() {
#ifdef EVENT_THAT_CANNOT_BE_MOVED
    // error: an event of an EventQueue is moved without exceptions
    struct Fixed {
        Fixed() = default;
        Fixed(Fixed&&) = delete;
    };
    portspan::EventQueue<Fixed> queue{8};
#else
    portspan::EventQueue<Note> queue{8};
#endif
}
