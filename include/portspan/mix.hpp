// SPDX-License-Identifier: MIT
// Several callbacks at once, as one.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "bound_mix.hpp"

namespace portspan {

/// What mix() returns, until a stream completes it.
template <class... Callbacks>
struct Mix {
    std::tuple<Callbacks...> sources;  ///< each has the stream's input and its output
};

namespace detail {
template <class... C>
inline constexpr bool is_adaptor<Mix<C...>> = true;
}  // namespace detail

/// What the callbacks make of the same input, added up: foreign and C++ ones in any order, a
/// function with a state as bound(function, &state). Integers are added exactly and clamped once to
/// what the sample type has; float is a plain sum. Each has to write all of its output.
///
/// A source that completes is silent from its next block on, the stream completes with the last of
/// them; it starts with all of them again. An abort, or an exception, of one ends the stream at
/// once, and what is no result after this block. Blocks of unknown size are processed 4096 frames
/// at a time, larger ones than 65,536 that many, but for those of fixed_blocks().
template <class... Callbacks>
[[nodiscard]] Mix<std::decay_t<Callbacks>...> mix(Callbacks&&... callbacks) {
    static_assert(sizeof...(Callbacks) > 0, "mix() needs at least one callback");
    static_assert(detail::are_callbacks<Callbacks...>,
                  "mix() takes callbacks: a function with its state is bound(function, &state)");
    return {{std::forward<Callbacks>(callbacks)...}};
}

namespace detail {

template <class In, class Out, class L, class... Callbacks>
auto bind(Mix<Callbacks...> mix, const Context& context) {
    static_assert(!std::is_void_v<Out>, "mix() needs a stream with output");
    static_assert(Sample<Out>, "mix() needs a sample type for the output: bytes have no sum");
    // Even in place: the others need what the first one would write over.
    Context of_source = context;
    of_source.in_place = false;
    return std::apply(
        [&](auto&... callback) {
            std::tuple sources{bind_stage<In, Out, L>(std::move(callback), of_source)...};
            return BoundMix<In, Out, L, decltype(sources)>{std::move(sources), context};
        },
        mix.sources);
}

}  // namespace detail

}  // namespace portspan
