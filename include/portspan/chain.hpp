// SPDX-License-Identifier: MIT
// Several callbacks, one after the other, as one.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "bound_chain.hpp"

namespace portspan {

/// What chain() returns, until a stream completes it.
template <class... Callbacks>
struct Chain {
    std::tuple<Callbacks...> stages;  ///< in the order of the signal
};

namespace detail {

template <class... C>
inline constexpr bool is_adaptor<Chain<C...>> = true;

}  // namespace detail

/// The output of each callback is the input of the next: foreign and C++ ones in any order, a
/// function with a state as bound(function, &state). The first reads the stream's input and gives
/// its output channels, the others have those on both sides; a callback that describes itself has
/// to fit its place. One that says that it works in place, or stands in in_place(), gets one buffer
/// for both, the others alternate between the output and one buffer that the stream takes when it
/// opens: nothing is copied in between, but for the input of a chain in place whose first stage
/// cannot work there.
///
/// Where a stage completes, or returns what is no result, the others still get this block, then the
/// stream ends with that; an abort, or an exception, ends it at once. Blocks of unknown size are
/// processed 4096 frames at a time, larger ones than 65,536 that many, but for those of
/// fixed_blocks().
template <class... Callbacks>
[[nodiscard]] Chain<std::decay_t<Callbacks>...> chain(Callbacks&&... callbacks) {
    static_assert(sizeof...(Callbacks) > 0, "chain() needs at least one callback");
    static_assert(detail::are_callbacks<Callbacks...>,
                  "chain() takes callbacks: a function with its state is bound(function, &state)");
    return {{std::forward<Callbacks>(callbacks)...}};
}

namespace detail {

/// A stage that reads what the one before it has written.
template <class Out, class L, class Callback>
auto bind_later(Callback& callback, Context context) {
    context.shape.input_channels = context.shape.output_channels;
    context.shape.input_format = context.shape.output_format;
    const portspan_description* const says = description_of(callback);
    context.in_place = says && (says->properties & PORTSPAN_IN_PLACE) != 0;
    return bind_stage<Out, Out, L>(std::move(callback), context);
}

template <class In, class Out, class L, class... Callbacks>
auto bind(Chain<Callbacks...> chain, const Context& context) {
    static_assert(!std::is_void_v<Out>,
                  "chain() needs a stream with output: each callback reads what the one before "
                  "it has written");
    static_assert(Sample<Out>, "chain() needs a sample type for the output, not bytes");
    // Even in place: it is called so where it says that it can, and gets a copy elsewhere.
    Context at_input = context;
    at_input.in_place = false;
    return std::apply(
        [&](auto& first, auto&... later) {
            // In braces, so that the first is bound first.
            std::tuple stages{bind_stage<In, Out, L>(std::move(first), at_input),
                              bind_later<Out, L>(later, context)...};
            return BoundChain<In, Out, L, decltype(stages)>{std::move(stages), context};
        },
        chain.stages);
}

}  // namespace detail

}  // namespace portspan
