// SPDX-License-Identifier: MIT
// Adaptors that protect the listener from a callback, or a callback from the processor. A stream
// completes them, as it does in_place(); they go around any callback and around each other.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "bound_guards.hpp"
#include "number.hpp"

namespace portspan {

/// What flush_denormals() returns, until a stream completes it.
template <class Callback>
struct FlushDenormals {
    Callback callback;  ///< what it goes around
};
/// What zero_output_first() returns, until a stream completes it.
template <class Callback>
struct ZeroOutputFirst {
    Callback callback;  ///< what it goes around
};
/// What silence_non_finite() returns, until a stream completes it.
template <class Callback>
struct SilenceNonFinite {
    Callback callback;     ///< what it goes around
    SampleCount silenced;  ///< samples so far
};
/// What limit() returns, until a stream completes it.
template <class Callback, class Value>
struct Limit {
    Callback callback;  ///< what it goes around
    Value low;          ///< a sample value
    Value high;         ///< likewise
};

namespace detail {

template <class C>
inline constexpr bool is_adaptor<FlushDenormals<C>> = true;
template <class C>
inline constexpr bool is_adaptor<ZeroOutputFirst<C>> = true;
template <class C>
inline constexpr bool is_adaptor<SilenceNonFinite<C>> = true;
template <class C, class V>
inline constexpr bool is_adaptor<Limit<C, V>> = true;

}  // namespace detail

/// Denormal numbers count as 0 while `callback` runs: calculating with them, as the tail of a
/// reverb does, takes many times as long. Afterwards the thread's control word is what it was
/// before, whatever the callback did to it. On x86-64 and AArch64; elsewhere only the rounding mode
/// is put back.
template <class Callback>
[[nodiscard]] FlushDenormals<std::decay_t<Callback>> flush_denormals(Callback&& callback) {
    return {std::forward<Callback>(callback)};
}
/// The same for a function pointer with its state.
template <detail::ForeignFunction F, detail::StatePointer State>
[[nodiscard]] auto flush_denormals(const F& function, State state) {
    return flush_denormals(detail::foreign(function, state));
}

/// The output is silent before `callback` is called: frames that it leaves out are no old memory.
/// Output that is the input's own memory is left as it is.
template <class Callback>
[[nodiscard]] ZeroOutputFirst<std::decay_t<Callback>> zero_output_first(Callback&& callback) {
    return {std::forward<Callback>(callback)};
}
/// The same for a function pointer with its state.
template <detail::ForeignFunction F, detail::StatePointer State>
[[nodiscard]] auto zero_output_first(const F& function, State state) {
    return zero_output_first(detail::foreign(function, state));
}

/// What is NaN or infinite in the output becomes silence, and is counted in `silenced`, which any
/// thread may read. For float output alone: with an integer it does not compile, there is nothing
/// to find.
template <class Callback>
[[nodiscard]] SilenceNonFinite<std::decay_t<Callback>> silence_non_finite(
    Callback&& callback, SampleCount silenced = {}) {
    return {std::forward<Callback>(callback), std::move(silenced)};
}
/// The same for a function pointer with its state.
template <detail::ForeignFunction F, detail::StatePointer State>
[[nodiscard]] auto silence_non_finite(const F& function, State state, SampleCount silenced = {}) {
    return silence_non_finite(detail::foreign(function, state), std::move(silenced));
}

/// Output samples below `low` become `low`, above `high` become `high`; NaN stays, see
/// silence_non_finite(). Both are sample values: whole numbers where the output has integers.
/// Where low > high, or the sample type has no such value: an Error when the stream opens.
template <class Callback, class Value>
    requires std::is_arithmetic_v<Value>
[[nodiscard]] Limit<std::decay_t<Callback>, Value> limit(Callback&& callback, Value low,
                                                         std::type_identity_t<Value> high) {
    return {std::forward<Callback>(callback), low, high};
}
/// The same for a function pointer with its state.
template <detail::ForeignFunction F, detail::StatePointer State, class Value>
    requires std::is_arithmetic_v<Value>
[[nodiscard]] auto limit(const F& function, State state, Value low,
                         std::type_identity_t<Value> high) {
    return limit(detail::foreign(function, state), low, high);
}

namespace detail {

template <class In, class Out, class L, class Callback>
auto bind(FlushDenormals<Callback> adaptor, const Context& context) {
    auto inner = bind<In, Out, L>(std::move(adaptor.callback), context);
    return BoundFlushDenormals<decltype(inner)>{std::move(inner)};
}

template <class In, class Out, class L, class Callback>
auto bind(ZeroOutputFirst<Callback> adaptor, const Context& context) {
    static_assert(!std::is_void_v<Out>, "zero_output_first() needs a stream with output");
    auto inner = bind<In, Out, L>(std::move(adaptor.callback), context);
    return BoundZeroOutputFirst<In, Out, L, decltype(inner)>{std::move(inner), context.shape};
}

template <class In, class Out, class L, class Callback>
auto bind(SilenceNonFinite<Callback> adaptor, const Context& context) {
    static_assert(std::is_same_v<Out, float>,
                  "silence_non_finite() is for float output: integers are always finite");
    auto inner = bind<In, Out, L>(std::move(adaptor.callback), context);
    return BoundSilenceNonFinite<L, decltype(inner)>{std::move(inner), context.shape,
                                                     std::move(adaptor.silenced)};
}

template <class In, class Out, class L, class Callback, class Value>
auto bind(Limit<Callback, Value> adaptor, const Context& context) {
    static_assert(!std::is_void_v<Out>, "limit() needs a stream with output");
    const Out low = limit_of<Out>(adaptor.low);
    const Out high = limit_of<Out>(adaptor.high);
    if (!(low <= high)) {
        raise(Error(Fault::invalid_argument, "limit",
                    number(static_cast<double>(adaptor.low)) + " to " +
                        number(static_cast<double>(adaptor.high)) + " is no range"));
    }
    auto inner = bind<In, Out, L>(std::move(adaptor.callback), context);
    return BoundLimit<Out, L, decltype(inner)>{std::move(inner), context.shape, low, high};
}

}  // namespace detail

}  // namespace portspan
