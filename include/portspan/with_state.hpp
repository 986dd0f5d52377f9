// SPDX-License-Identifier: MIT
// A callback that works on a LiveState.
#pragma once

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "block.hpp"
#include "buffer.hpp"
#include "call_in_parts.hpp"
#include "callback.hpp"
#include "error.hpp"
#include "live_state.hpp"
#include "sole_use.hpp"
#include "state.hpp"

namespace portspan {

/// What with_state() returns, until a stream completes it.
template <class T, class Callback>
struct WithState {
    LiveState<T> live;  ///< what it works on
    Callback callback;  ///< what gets that
};

namespace detail {

template <class T, class C>
inline constexpr bool is_adaptor<WithState<T, C>> = true;

template <class F>
inline constexpr bool is_typed = false;
template <class F>
inline constexpr bool is_typed<Foreign<F>> = true;

template <class T, class F>
consteval void explain_state() {
    static_assert(std::is_convertible_v<T*, Parameter<F, 5>>,
                  "parameter 6 (user data) of the callback is no pointer to the LiveState's type");
}

}  // namespace detail

/// `callback` on the state of `live`: a RawCallback or a function gets a pointer to it as its user
/// data, a callable is called as `callable(block, state)` with a T&, or as `callable(block)`. It
/// belongs to the callback: what it keeps there nobody touches, but for publish(). A description is
/// compared with T as for a state that is passed by its address. Other adaptors go around this one:
/// `in_place(with_state(live, gain))`, `fixed_blocks<64>(with_state(live, gain))`. An Error when
/// the stream opens where another callback that is not destroyed yet has `live`, or a foreign
/// callback has user data already.
///
/// New code in a Slot is such another callback, as both are heard during the fade. It gets a
/// LiveState of its own that goes on from the old one's: `LiveState next{live.copy()};
/// slot.exchange(with_state(next, new_code));`, and from there on changes are for `next`.
template <class T, class Callback>
[[nodiscard]] auto with_state(const LiveState<T>& live, Callback&& callback) {
    using C = std::decay_t<Callback>;
    static_assert(!detail::is_adaptor<C> || std::is_same_v<C, RawCallback> || detail::is_typed<C>,
                  "with_state() goes around the function or callable itself, other adaptors go "
                  "around with_state()");
    if constexpr (detail::ForeignFunction<C>) {
        using F = decltype(+std::declval<const C&>());
        detail::explain_signature<F>();
        detail::explain_state<T, F>();
        return WithState<T, detail::Foreign<F>>{live, {+callback, nullptr}};
    } else {
        if constexpr (detail::is_typed<C>) detail::explain_state<T, decltype(C::function)>();
        return WithState<T, C>{live, std::forward<Callback>(callback)};
    }
}

namespace detail {

/// A callable with its state as another one of a block.
template <class T, class Callable>
struct CallableOnState {
    Callable callable;
    T* state;

    template <class B>
        requires std::is_invocable_v<Callable&, B&, T&>
    auto operator()(B& block) noexcept(std::is_nothrow_invocable_v<Callable&, B&, T&>) {
        return std::invoke(callable, block, *state);
    }
};

/// What the callback inside some adaptor works on, a T*; null where there is no LiveState.
template <class Bound>
auto live_state_of(Bound& bound) noexcept {
    if constexpr (requires { bound.live_state(); }) {
        return bound.live_state();
    } else if constexpr (requires { bound.inner; }) {
        return live_state_of(bound.inner);
    } else {
        return nullptr;
    }
}

template <class In, class Out, class L, class T, class Inner>
struct BoundWithState {
    static constexpr bool is_foreign = Inner::is_foreign;
    SoleUse<SharedState<T>> use;
    Inner inner;
    Shape shape;
    bool is_fixed;
    Parts<In, Out, L> parts;

    [[nodiscard]] T* live_state() const noexcept { return &use->state; }

    int operator()(const RawBlock& raw) noexcept(
        std::is_nothrow_invocable_v<Inner&, const RawBlock&>) {
        SharedState<T>& shared = *use;
        shared.begin_block();
        const int result = shared.ramps.empty() ? inner(raw) : call_on_ramps(shared, raw);
        shared.end_block();
        return result;
    }

private:
    int call_on_ramps(SharedState<T>& shared, const RawBlock& raw) noexcept(
        std::is_nothrow_invocable_v<Inner&, const RawBlock&>) {
        return call_in_parts(parts, shape, inner, raw, [&](std::size_t first) noexcept {
            const std::size_t left = raw.frames - first;
            const std::size_t count = is_fixed ? left : shared.ramps.next_part(left);
            shared.ramps.advance(shared.bytes(), count);
            return count;
        });
    }
};

/// The callback with the state that it works on, as a stream would take it.
template <class T>
RawCallback on_state(RawCallback callback, T* state) {
    if (callback.user_data) {
        raise(Error(Fault::invalid_argument, "with_state",
                    "the callback has user data already, it would not get the LiveState"));
    }
    require_state(callback, state);
    callback.user_data = state;
    return callback;
}
template <class T, class F>
Foreign<F> on_state(Foreign<F> callback, T* state) {
    on_state(callback.raw(), state);
    callback.state = state;
    return callback;
}

template <class In, class Out, class L, class T, class Callback>
auto bind(WithState<T, Callback> adaptor, const Context& context) {
    SoleUse use{SharedOf::get(adaptor.live), "with_state",
                "another callback has the LiveState, which is not destroyed yet: give this one a "
                "LiveState of its own, LiveState next{live.copy()}"};
    T* const state = &use->state;
    auto inner = [&] {
        if constexpr (is_adaptor<Callback>) {
            return bind<In, Out, L>(on_state(std::move(adaptor.callback), state), context);
        } else if constexpr (std::is_invocable_v<Callback&, Block<In, Out, L>&, T&>) {
            if constexpr (requires { adaptor.callback == nullptr; }) {
                refuse_null(adaptor.callback == nullptr);
            }
            using OnState = CallableOnState<T, Callback>;
            return bind<In, Out, L>(OnState{std::move(adaptor.callback), state}, context);
        } else {
            static_assert(std::is_invocable_v<Callback&, Block<In, Out, L>&>,
                          "a callable in with_state() takes `auto& block` and the LiveState's type "
                          "by reference, or `auto& block` alone");
            return bind<In, Out, L>(std::move(adaptor.callback), context);
        }
    }();
    return BoundWithState<In, Out, L, T, decltype(inner)>{std::move(use),
                                                          std::move(inner),
                                                          context.shape,
                                                          context.is_fixed,
                                                          {context.shape, context.sample_rate}};
}

}  // namespace detail

}  // namespace portspan
