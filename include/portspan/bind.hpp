// SPDX-License-Identifier: MIT
// Each kind of callback as a function object of a RawBlock. Adaptors bind what they hold, so a
// chain of them is one type and the calls in it are direct.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "block.hpp"
#include "callback.hpp"
#include "control.hpp"
#include "error.hpp"
#include "fit.hpp"
#include "nonblocking.hpp"
#include "sample.hpp"

namespace portspan::detail {

/// What a bound callback may rely on: it lives as long as the callback does.
struct Context {
    Shape shape;
    std::size_t frames_per_buffer;  ///< the most frames of one call; 0: nobody knows
    double sample_rate;             ///< Hz, as asked for
    /// Outlives the stream for another thread that still has it: a Slot's, a Mixer's.
    std::shared_ptr<Control> control = nullptr;
    bool in_place = false;  ///< input and output are one buffer
    /// Every call has frames_per_buffer frames, and nothing may cut it.
    bool is_fixed = false;
    bool is_offline = false;  ///< calls come when somebody asks for them, a Renderer say
};

/// The frames that an adaptor has memory for; a larger block is one that it takes in parts.
inline std::size_t most_frames(const Context& context) noexcept {
    if (context.is_fixed) return context.frames_per_buffer;
    constexpr std::size_t usual_at_most = 4096;
    constexpr std::size_t most = 1 << 16;
    return context.frames_per_buffer == 0 ? usual_at_most
                                          : (std::min)(context.frames_per_buffer, most);
}

/// A foreign function; called as PortAudio would. Every bound callback says whether it ends in one.
struct BoundRaw {
    static constexpr bool is_foreign = true;
    RawCallback callback;

    // What a foreign function does is its author's business.
    int operator()(const RawBlock& raw) const noexcept PORTSPAN_NONBLOCKING(true) {
        PORTSPAN_NOT_SEEN(
            return call(callback, raw.input, raw.output, raw.frames, raw.time, raw.status));
    }
};

/// What the library of a foreign function says of its failures, whatever is around it.
template <class Bound>
FailureReport* failures_of(const Bound& bound) noexcept {
    if constexpr (requires { bound.inner; }) {
        return failures_of(bound.inner);
    } else if constexpr (requires { bound.callback.failures; }) {
        return bound.callback.failures;
    } else {
        return nullptr;
    }
}

/// Whether a bound callback says that its input may be its output. A C++ callable cannot.
template <class Bound>
bool works_in_place(const Bound& bound) noexcept {
    if constexpr (requires { bound.works_in_place(); }) {
        return bound.works_in_place();
    } else if constexpr (requires { bound.inner; }) {
        return works_in_place(bound.inner);
    } else if constexpr (requires { bound.callback.description; }) {
        const portspan_description* says = bound.callback.description;
        return says && (says->properties & PORTSPAN_IN_PLACE) != 0;
    } else {
        return false;
    }
}

/// A C++ callable on typed views.
template <class In, class Out, class L, class Callable>
struct BoundCallable {
    using TypedBlock = Block<In, Out, L>;
    using Result = std::invoke_result_t<Callable&, TypedBlock&>;
    static constexpr bool is_foreign = false;

    Callable callable;
    Context context;

    int operator()(const RawBlock& raw) noexcept(
        std::is_nothrow_invocable_v<Callable&, TypedBlock&>) {
        TypedBlock block{raw, context.shape};
        Next next = Next::keep_going;
        if constexpr (std::is_void_v<Result>) {
            std::invoke(callable, block);
        } else {
            next = std::invoke(callable, block);
        }
        if (block.wrong_channels() != 0) [[unlikely]] {
            const Shape& shape = context.shape;
            const bool output_fits = shape.output_channels == block.wrong_channels();
            context.control->fail(
                Fault::channel_mismatch,
                has_output && !output_fits ? shape.output_channels : shape.input_channels,
                block.wrong_channels());
            return paAbort;
        }
        return static_cast<int>(next);
    }

    static constexpr bool has_output = TypedBlock::has_output;
};

/// The input copied to the output, then the inner callback on that one buffer.
template <class Sample, class L, class Inner>
struct BoundInPlace {
    static constexpr bool is_foreign = Inner::is_foreign;
    static constexpr bool works_in_place() noexcept { return true; }
    Inner inner;
    Context context;

    int operator()(RawBlock raw) noexcept(std::is_nothrow_invocable_v<Inner&, const RawBlock&>) {
        using In = typename L::template View<const Sample>;
        using Out = typename L::template View<Sample>;
        copy_through(view_of<In>(raw.input, raw.frames, context.shape.input_channels),
                     view_of<Out>(raw.output, raw.frames, context.shape.output_channels));
        raw.input = raw.output;
        return inner(raw);
    }
};

inline void refuse_null(bool is_null) {
    if (is_null) raise(Error(Fault::null_callback, "portspan"));
}

/// A sample type behind a foreign function's parameter has to be the stream's; other pointees
/// (void, a struct of the author's own) are the author's reading of the same memory.
template <class Pointer, class StreamSample, class L>
consteval bool reads_as() {
    using Pointee = std::remove_cv_t<std::remove_pointer_t<Pointer>>;
    using Inner = std::remove_cv_t<std::remove_pointer_t<Pointee>>;
    if constexpr (std::is_void_v<StreamSample>) {
        return true;
    } else if constexpr (Sample<Pointee>) {
        return std::is_same_v<Pointee, StreamSample> && std::is_same_v<L, Interleaved>;
    } else if constexpr (std::is_pointer_v<Pointee> && Sample<Inner>) {
        return std::is_same_v<Inner, StreamSample> && std::is_same_v<L, Planar>;
    } else {
        return true;
    }
}

template <class In, class Out, class L>
BoundRaw bind(RawCallback callback, const Context& context) {
    refuse_null(callback.function == nullptr);
    constexpr bool is_planar = std::is_same_v<L, Planar>;
    const auto format = [](PaSampleFormat of_type, const RawFormat& at_run_time) {
        return of_type != 0 ? of_type : at_run_time.format;
    };
    require_fit(callback, {.input_format = format(format_of<In>, context.shape.input_format),
                           .output_format = format(format_of<Out>, context.shape.output_format),
                           .layout = is_planar ? PORTSPAN_PLANAR : PORTSPAN_INTERLEAVED,
                           .shape = context.shape,
                           .frames_per_buffer = context.frames_per_buffer,
                           .in_place = context.in_place});
    return {std::move(callback)};
}

template <class In, class Out, class L, class F>
BoundRaw bind(const Foreign<F>& foreign, const Context& context) {
    static_assert(reads_as<Parameter<F, 0>, In, L>(),
                  "parameter 1 (input) of the callback has another sample type or layout than the "
                  "stream's input");
    static_assert(reads_as<Parameter<F, 1>, Out, L>(),
                  "parameter 2 (output) of the callback has another sample type or layout than the "
                  "stream's output");
    return bind<In, Out, L>(foreign.raw(), context);
}

template <class In, class Out, class L, class Callback>
auto bind(InPlace<Callback> adaptor, const Context& context) {
    static_assert(!std::is_void_v<In> && !std::is_void_v<Out>,
                  "in_place() needs a stream with input and output");
    static_assert(std::is_same_v<In, Out>,
                  "in_place() needs the same sample type for input and output");
    static_assert(Sample<Out>, "in_place() needs a sample type: bytes are copied by hand");
    const auto inputs = context.shape.input_channels;
    const auto outputs = context.shape.output_channels;
    Context inner_context = context;
    inner_context.shape.input_channels = outputs;  // what the inner callback sees is the output
    inner_context.in_place = true;
    auto inner = bind<In, Out, L>(std::move(adaptor.callback), inner_context);
    if (decltype(inner)::is_foreign && inputs != outputs) {
        raise(
            Error(Fault::channel_mismatch, "in_place",
                  "a foreign callback in place needs as many channels in as out, the stream has " +
                      std::to_string(inputs) + " and " + std::to_string(outputs)));
    }
    return BoundInPlace<Out, L, decltype(inner)>{std::move(inner), context};
}

template <class In, class Out, class L, class Callable>
auto bind(Callable callable, const Context& context) {
    if constexpr (ForeignFunction<Callable>) {
        return bind<In, Out, L>(foreign(callable), context);
    } else {
        using TypedBlock = Block<In, Out, L>;
        constexpr bool takes_block = std::is_invocable_v<Callable&, TypedBlock&>;
        static_assert(
            takes_block ||
                !std::is_invocable_v<Callable&, const void*, void*, unsigned long,
                                     const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, void*>,
            "a lambda or object with PaStreamCallback's parameters cannot become a function "
            "pointer: it must not capture; let it take `auto& block` instead");
        static_assert(
            takes_block,
            "not a callback: a callable takes `auto& block`; a foreign one is a function "
            "pointer with PaStreamCallback's six parameters, a RawCallback or an adaptor");
        using Result = std::invoke_result_t<Callable&, TypedBlock&>;
        static_assert(std::is_void_v<Result> || std::is_same_v<Result, Next>,
                      "a callable returns nothing or portspan::Next");
        if constexpr (requires { callable == nullptr; }) refuse_null(callable == nullptr);
        return BoundCallable<In, Out, L, Callable>{std::move(callable), context};
    }
}

}  // namespace portspan::detail
