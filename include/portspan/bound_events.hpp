// SPDX-License-Identifier: MIT
// What with_events.hpp puts around a callback, once the sample type and the channels are known.
#pragma once

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "block.hpp"
#include "block_clock.hpp"
#include "buffer.hpp"
#include "call_in_parts.hpp"
#include "event_queue.hpp"
#include "sole_use.hpp"
#include "with_state.hpp"

namespace portspan::detail {

/// The callable itself has a member on_event().
struct OwnOnEvent {};

template <class In, class Out, class L, class Callable>
Callable& callable_of(BoundCallable<In, Out, L, Callable>& bound) noexcept {
    return bound.callable;
}
template <class In, class Out, class L, class T, class Callable>
Callable& callable_of(BoundCallable<In, Out, L, CallableOnState<T, Callable>>& bound) noexcept {
    return bound.callable.callable;
}
template <class Bound>
    requires requires(Bound& bound) { bound.inner; }
auto& callable_of(Bound& bound) noexcept {
    return callable_of(bound.inner);
}

/// Whoever is called with an event, and with the state where there is one.
template <class OnEvent>
struct EventTarget {
    template <class Inner, class... Arguments>
        requires std::is_invocable_v<OnEvent&, Arguments&...>
    static auto call(Inner&, OnEvent& on_event, Arguments&... arguments) noexcept(
        std::is_nothrow_invocable_v<OnEvent&, Arguments&...>) {
        return std::invoke(on_event, arguments...);
    }
};
template <>
struct EventTarget<OwnOnEvent> {
    template <class Inner, class... Arguments>
        requires requires(Inner& inner, Arguments&... arguments) {
            callable_of(inner).on_event(arguments...);
        }
    static auto call(Inner& inner, OwnOnEvent&, Arguments&... arguments) noexcept(
        noexcept(callable_of(inner).on_event(arguments...))) {
        return callable_of(inner).on_event(arguments...);
    }
};

template <class In, class Out, class L, class E, class OnEvent, class Inner>
struct BoundWithEvents {
    static constexpr bool is_foreign = Inner::is_foreign;
    SoleUse<SharedEvents<E>> use;
    OnEvent on_event;
    Inner inner;
    Context context;
    StreamBlocks blocks;
    Parts<In, Out, L> parts;

    using Target = EventTarget<OnEvent>;
    using State = std::remove_pointer_t<decltype(live_state_of(std::declval<Inner&>()))>;
    template <class... Arguments>
    static constexpr bool takes = requires(Inner& in, OnEvent& on, Arguments&... arguments) {
        Target::call(in, on, arguments...);
    };
    template <class... Arguments>
    static constexpr bool is_nothrow_with() {
        return noexcept(Target::call(std::declval<Inner&>(), std::declval<OnEvent&>(),
                                     std::declval<Arguments&>()...));
    }
    static constexpr bool takes_state() {
        if constexpr (std::is_null_pointer_v<State>) {
            return false;
        } else {
            return takes<const E, State>;
        }
    }
    static constexpr bool is_event_nothrow() {
        if constexpr (takes_state()) {
            return is_nothrow_with<const E, State>();
        } else {
            return is_nothrow_with<const E>();
        }
    }
    static constexpr bool is_nothrow() {
        return is_event_nothrow() && std::is_nothrow_invocable_v<Inner&, const RawBlock&>;
    }

    int operator()(const RawBlock& raw) noexcept(is_nothrow()) {
        // What is pushed from now on waits: this thread cannot be kept busy.
        std::size_t waiting = use->waiting();
        blocks.begin();
        const int result = waiting == 0 ? inner(raw) : call_with_events(raw, waiting);
        blocks.end(raw.frames);
        return result;
    }

private:
    struct Drop {
        SharedEvents<E>& events;
        ~Drop() { events.drop(); }
    };

    int call_with_events(const RawBlock& raw, std::size_t waiting) noexcept(is_nothrow()) {
        const StreamTimes times = Block<In, Out, L>{raw, context.shape}.time();
        const BlockClock clock =
            blocks.clock_of(raw, times, std::is_void_v<Out> ? times.input_adc : times.output_dac);
        return call_in_parts(parts, context.shape, inner, raw,
                             [&](std::size_t first) noexcept(is_event_nothrow()) {
                                 return next_part(raw, clock, first, waiting);
                             });
    }

    /// Calls on_event with what is due at `first`. The frames from there to the next event.
    std::size_t next_part(const RawBlock& raw, const BlockClock& clock, std::size_t first,
                          std::size_t& waiting) noexcept(is_event_nothrow()) {
        // A callable may pop some, too.
        for (; waiting > 0 && use->waiting() > 0; --waiting) {
            const Timed<E>& timed = use->front();
            const double frame = clock.frame_at(timed.when.time_since_epoch().count());
            if (frame > static_cast<double>(first)) {
                if (frame >= static_cast<double>(raw.frames)) break;
                if (!context.is_fixed) return static_cast<std::size_t>(frame) - first;
            }
            const Drop when_done{*use};
            call_on_event(timed.event);
        }
        return raw.frames - first;
    }

    void call_on_event(const E& event) noexcept(is_event_nothrow()) {
        if constexpr (takes_state()) {
            Target::call(inner, on_event, event, *live_state_of(inner));
        } else {
            Target::call(inner, on_event, event);
        }
    }
};

}  // namespace portspan::detail
