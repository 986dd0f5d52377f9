// SPDX-License-Identifier: MIT
// Function pointers that PortAudio could call, whoever made them.
#pragma once

#include <portaudio.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "description.h"

namespace portspan {

/// What a C++ callable may return; one that returns nothing keeps going.
enum class Next : int {
    keep_going = paContinue,
    complete = paComplete,  ///< play what there is, this block included, then stop
    abort = paAbort,        ///< stop as soon as possible, this block is dropped
};

namespace detail {

template <class F>
struct Signature {
    static constexpr std::size_t arity = 0;
};
template <class R, class... P>
struct Signature<R (*)(P...)> {
    using Result = R;
    using Parameters = std::tuple<P...>;
    static constexpr std::size_t arity = sizeof...(P);
};
template <class R, class... P>
struct Signature<R (*)(P...) noexcept> : Signature<R (*)(P...)> {};

template <class F, std::size_t I>
using Parameter = std::tuple_element_t<I, typename Signature<F>::Parameters>;

template <class T>
concept DataPointer = std::is_pointer_v<T> && !std::is_function_v<std::remove_pointer_t<T>>;

template <class T>
concept UnsignedLongSized = std::integral<T> && sizeof(T) == sizeof(unsigned long);

template <class T>
concept IntSized = (std::integral<T> || std::is_enum_v<T>) && sizeof(T) == sizeof(int);

template <class F>
concept SixParameters = Signature<F>::arity == 6;

}  // namespace detail

/// A function pointer with the ABI of PaStreamCallback: a pointer where PortAudio has a pointer, an
/// integer of the size of `unsigned long` for the frame count and the flags, an int-sized result.
template <class F>
concept PaCompatible = detail::SixParameters<F> &&                                 //
                       detail::IntSized<typename detail::Signature<F>::Result> &&  //
                       detail::DataPointer<detail::Parameter<F, 0>> &&             //
                       detail::DataPointer<detail::Parameter<F, 1>> &&             //
                       detail::UnsignedLongSized<detail::Parameter<F, 2>> &&       //
                       detail::DataPointer<detail::Parameter<F, 3>> &&             //
                       detail::UnsignedLongSized<detail::Parameter<F, 4>> &&       //
                       detail::DataPointer<detail::Parameter<F, 5>>;

/// What a library says of a callback's failures: how often one has ended a call, and why the last
/// one did; null before the first. Any thread. Beside the callback `gain` it is the function
/// `gain_portspan_error`, as it is in what portspan_add_numba_callback makes.
using FailureReport = const char*(unsigned long* count);

/// Anything that PortAudio could call, and what it needs: a stream passes both on untouched.
struct RawCallback {
    PaStreamCallback* function = nullptr;  ///< null is an Error when a stream is made of it
    void* user_data = nullptr;             ///< its last argument at each call
    /// Whatever has to live as long as the callback may run: a library, a Python object, the state.
    std::shared_ptr<const void> keep_alive = {};
    /// What the callback says about itself, or null; lives as long as keep_alive. Compared with the
    /// stream when that opens, and not looked at again.
    const portspan_description* description = nullptr;
    /// What errors call it, or null; lives as long as keep_alive.
    const char* name = nullptr;
    /// Asked when a stream has ended, or null.
    FailureReport* failures = nullptr;
};

namespace detail {
// clang's -fsanitize=function wants the very type of PaStreamCallback, where the ABI is all that
// PortAudio asks for: a typed function, or one from another language, is called through it.
#if defined(__clang__)
[[clang::no_sanitize("function")]]
#endif
inline int call(const RawCallback& callback, const void* input, void* output, unsigned long frames,
                const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status) {
    return callback.function(input, output, frames, time, status, callback.user_data);
}
}  // namespace detail

/// The callback at an address that another runtime handed over, such as Numba's `cfunc.address` or
/// `int(ffi.cast("intptr_t", pointer))`. Nothing can check what is there, except that it is not 0:
/// that is an Error when a stream or a renderer is made of it.
[[nodiscard]] inline RawCallback callback_at(std::uintptr_t address, void* user_data = nullptr,
                                             std::shared_ptr<const void> keep_alive = {}) {
    return {reinterpret_cast<PaStreamCallback*>(address), user_data, std::move(keep_alive)};
}

namespace detail {

template <class F>
consteval void explain_signature() {
    using S = Signature<F>;
    static_assert(S::arity == 6, "a foreign callback has the six parameters of PaStreamCallback");
    if constexpr (S::arity == 6) {
        static_assert(DataPointer<Parameter<F, 0>>, "parameter 1 (input) must be a pointer");
        static_assert(DataPointer<Parameter<F, 1>>, "parameter 2 (output) must be a pointer");
        static_assert(UnsignedLongSized<Parameter<F, 2>>,
                      "parameter 3 (frame count) must be an integer of the size of unsigned long");
        static_assert(DataPointer<Parameter<F, 3>>, "parameter 4 (time info) must be a pointer");
        static_assert(UnsignedLongSized<Parameter<F, 4>>,
                      "parameter 5 (status flags) must be an integer of the size of unsigned long");
        static_assert(DataPointer<Parameter<F, 5>>, "parameter 6 (user data) must be a pointer");
        static_assert(IntSized<typename S::Result>, "the result must be an integer of int's size");
    }
}

/// A typed function pointer with its state, until a stream has compared it with its sample types.
template <PaCompatible F>
struct Foreign {
    F function;
    Parameter<F, 5> state;
    const portspan_description* description = nullptr;
    const char* name = nullptr;

    [[nodiscard]] RawCallback raw() const noexcept {
        // By way of a plain function pointer: compilers warn about a direct cast between two
        // shapes.
        const auto plain = reinterpret_cast<void (*)()>(function);
        return {reinterpret_cast<PaStreamCallback*>(plain),
                const_cast<void*>(static_cast<const volatile void*>(state)),
                {},
                description,
                name};
    }
};

/// The function pointer that a function, a pointer to one or a captureless lambda decays to.
template <class F>
concept ForeignFunction = SixParameters<decltype(+std::declval<const F&>())>;

/// What a foreign function is given with: `&state` or nullptr.
template <class T>
concept StatePointer = DataPointer<T> || std::is_null_pointer_v<T>;

template <ForeignFunction F, class State>
[[nodiscard]] auto foreign(const F& f, State state) {
    using Pointer = decltype(+f);
    explain_signature<Pointer>();
    static_assert(std::is_convertible_v<State, Parameter<Pointer, 5>>,
                  "the state is not what parameter 6 (user data) of the callback points to");
    return Foreign<Pointer>{+f, state};
}

template <ForeignFunction F>
[[nodiscard]] auto foreign(const F& f) {
    using Pointer = decltype(+f);
    explain_signature<Pointer>();
    static_assert(std::is_void_v<std::remove_pointer_t<Parameter<Pointer, 5>>>,
                  "the callback has a state of its own type: pass a pointer to one, or nullptr");
    return Foreign<Pointer>{+f, nullptr};
}

}  // namespace detail

/// A callback that is to be called with input == output. The stream completes it: it knows the
/// sample type and the channel counts.
template <class Callback>
struct InPlace {
    Callback callback;  ///< what a stream takes
};

namespace detail {
/// What a stream completes; anything else of a class is a callable.
template <class C>
inline constexpr bool is_adaptor = std::is_same_v<C, RawCallback>;
template <class F>
inline constexpr bool is_adaptor<Foreign<F>> = true;
template <class C>
inline constexpr bool is_adaptor<InPlace<C>> = true;

/// What a foreign callback says about itself, whatever is around it; null where it says nothing, or
/// what is around it calls it in another way than the stream does.
template <class Callback>
const portspan_description* description_of(const Callback& callback) noexcept {
    if constexpr (!is_adaptor<Callback>) {
        return nullptr;
    } else if constexpr (requires { callback.description; }) {
        return callback.description;
    } else if constexpr (requires { callback.callback; }) {
        return description_of(callback.callback);
    } else {
        return nullptr;
    }
}

/// False for the state of a function that should have been in bound().
template <class... C>
inline constexpr bool are_callbacks =
    (!(DataPointer<std::decay_t<C>> || std::is_null_pointer_v<std::decay_t<C>>) && ...);
}  // namespace detail

/// A function pointer with its state as one callback, where there are several: for chain() and
/// mix(). The state has to live as long as the callback may run.
template <detail::ForeignFunction F, class State>
[[nodiscard]] auto bound(const F& function, State state) {
    return detail::foreign(function, state);
}

/// Input copied to the output, then `callback` called with input == output. A foreign callback
/// needs as many channels in as out: an Error when the stream opens. Code that reads a sample after
/// it has written its neighbour must not be used so; nothing can check that here.
template <class Callback>
[[nodiscard]] InPlace<std::decay_t<Callback>> in_place(Callback&& callback) {
    return {std::forward<Callback>(callback)};
}

/// The same for a function pointer with its state.
template <detail::ForeignFunction F, class State>
[[nodiscard]] auto in_place(const F& function, State state) {
    return in_place(detail::foreign(function, state));
}

}  // namespace portspan
