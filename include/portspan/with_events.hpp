// SPDX-License-Identifier: MIT
// A callback that gets the events of an EventQueue at the frames where they are due.
#pragma once

#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "bound_events.hpp"
#include "callback.hpp"
#include "event_queue.hpp"
#include "sole_use.hpp"

namespace portspan {

/// What with_events() returns, until a stream completes it.
template <class E, class Callback, class OnEvent>
struct WithEvents {
    EventQueue<E> queue;  ///< what is due
    Callback callback;    ///< what is called between the events
    OnEvent on_event;     ///< what is called with them
};

namespace detail {

template <class E, class C, class O>
inline constexpr bool is_adaptor<WithEvents<E, C, O>> = true;

}  // namespace detail

/// `callback` for the frames between the events of `queue`, and `on_event(event)` where one is due,
/// on the audio thread: the block is called in parts, so that what the event changes is heard from
/// its frame on. Around a with_state() it may be `on_event(event, state)`, with the state as T&.
///
/// The frame is the one that is heard at the event's time (StreamTimes::output_dac; on an input
/// stream that was recorded then), rounded to the nearest; what is late is due at the first frame
/// of the block, what comes later waits, and so does what was pushed behind it. Where the host does
/// not say that time it is the first frame of the block that is called after the event's time;
/// where its clock stands still or there is none, the clock is the frames since the stream's start.
/// In fixed_blocks() the block is not cut: its events are due at its first frame.
///
/// What on_event throws ends the stream, as what a callable throws does. An Error when the stream
/// opens where another callback that is not destroyed yet has `queue`.
template <class E, class Callback, class OnEvent>
[[nodiscard]] auto with_events(const EventQueue<E>& queue, Callback&& callback,
                               OnEvent&& on_event) {
    return WithEvents<E, std::decay_t<Callback>, std::decay_t<OnEvent>>{
        queue, std::forward<Callback>(callback), std::forward<OnEvent>(on_event)};
}
/// The same for a function pointer with its state.
template <class E, detail::ForeignFunction F, class State, class OnEvent>
[[nodiscard]] auto with_events(const EventQueue<E>& queue, const F& function, State state,
                               OnEvent&& on_event) {
    return with_events(queue, detail::foreign(function, state), std::forward<OnEvent>(on_event));
}
/// The same for an object that is both: called with a block, and with its public member
/// `on_event(event)`, or `on_event(event, state)` in a with_state().
template <class E, class Callback>
[[nodiscard]] auto with_events(const EventQueue<E>& queue, Callback&& callback) {
    return WithEvents<E, std::decay_t<Callback>, detail::OwnOnEvent>{
        queue, std::forward<Callback>(callback), {}};
}

namespace detail {

template <class In, class Out, class L, class E, class Callback, class OnEvent>
auto bind(WithEvents<E, Callback, OnEvent> adaptor, const Context& context) {
    if constexpr (requires { adaptor.on_event == nullptr; }) {
        refuse_null(adaptor.on_event == nullptr);
    }
    SoleUse use{SharedOf::get(adaptor.queue), "with_events",
                "another callback has the EventQueue, which is not destroyed yet: give this one an "
                "EventQueue of its own"};
    auto inner = bind<In, Out, L>(std::move(adaptor.callback), context);
    using Bound = BoundWithEvents<In, Out, L, E, OnEvent, decltype(inner)>;
    constexpr bool is_called = Bound::takes_state() || Bound::template takes<const E>;
    if constexpr (std::is_same_v<OnEvent, OwnOnEvent>) {
        static_assert(is_called,
                      "with_events() without a function for the events needs a callable with a "
                      "public member on_event() that takes an event");
    } else {
        static_assert(is_called,
                      "on_event of with_events() takes an event, and around a with_state() the "
                      "state by reference where it wants that");
    }
    return Bound{std::move(use), std::move(adaptor.on_event), std::move(inner),
                 context,        StreamBlocks{context},       {context.shape, context.sample_rate}};
}

}  // namespace detail

}  // namespace portspan
