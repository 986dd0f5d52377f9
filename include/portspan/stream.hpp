// SPDX-License-Identifier: MIT
// A PortAudio stream that runs a callback of any origin.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include "config.hpp"
#include "handle.hpp"
#include "open.hpp"
#include "prepare.hpp"

namespace portspan {

/// A PortAudio stream of `In` samples to `Out` samples; void for a direction that it does not have,
/// std::byte for samples whose format is Endpoint::format.
/// Open from its construction to its end, which stops the audio and does not throw: where PortAudio
/// cannot close it, a host may still call, and the callback is kept for ever. A callback is
///   - a callable that takes `auto& block` (Block<In, Out, Layout>) and returns nothing or Next;
///   - a function pointer or captureless lambda with PaStreamCallback's six parameters, and its
///     state: passed to PortAudio as it is; sample and state types are compared at compile time;
///   - a RawCallback (SharedLibrary::callback, callback_at): passed to PortAudio as it is;
///   - an adaptor such as in_place().
/// A callable that is not noexcept may throw: the stream aborts, stop() and wait() rethrow,
/// take_failure() hands it over.
/// Every constructor throws Error; then nothing is left open.
/// Movable while it runs, but not while another thread calls it. The control calls are serialised,
/// any thread but the callback's may make them.
template <class In, class Out = In, Layout L = Interleaved>
class Stream final : private detail::StreamHandle {
    static_assert(
        detail::is_stream_direction<In> && detail::is_stream_direction<Out>,
        "In and Out are sample types of PortAudio's (float, std::int32_t, portspan::Int24, "
        "std::int16_t, std::int8_t, std::uint8_t), std::byte for a format that is known at run "
        "time, or void for no such direction");

public:
    using Block = portspan::Block<In, Out, L>;  ///< what a callable is given

    /// On the default devices with their default sample rate and at most two channels a direction.
    template <class Callback>
        requires(!std::same_as<Callback, Stream> && !std::same_as<Callback, StreamConfig>)
    explicit Stream(Callback callback) : Stream(StreamConfig{}, std::move(callback)) {}

    /// As `config` says.
    template <class Callback>
    Stream(const StreamConfig& config, Callback callback)
        : StreamHandle(detail::open_stream<In, Out, L>(config, std::move(callback))) {}

    /// A foreign function with the state that it gets as its user data.
    template <detail::ForeignFunction F, class State>
    Stream(const F& function, State state)
        : Stream(StreamConfig{}, detail::foreign(function, state)) {}

    /// The same as `config` says.
    template <detail::ForeignFunction F, class State>
    Stream(const StreamConfig& config, const F& function, State state)
        : Stream(config, detail::foreign(function, state)) {}

    // Named, so that a compiler says in one line what is wrong.
    Stream() = delete;  // without a callback
    /// Does not compile: a callable holds its state itself.
    template <class Callback, class State>
        requires(!detail::ForeignFunction<Callback> && !std::convertible_to<Callback, StreamConfig>)
    Stream(Callback callback, State&& state)
        : Stream(StreamConfig{}, std::move(callback), std::forward<State>(state)) {}
    /// Likewise.
    template <class Callback, class State>
        requires(!detail::ForeignFunction<Callback>)
    Stream(const StreamConfig& config, Callback, State&&)
        : Stream(config, [](Block&) noexcept {}) {  // no second error
        static_assert(detail::ForeignFunction<Callback>,
                      "a state stands beside a function with PaStreamCallback's parameters only: a "
                      "callable holds its own, and an object's member function goes into a lambda, "
                      "[&object](auto& block) { object.process(block); }");
    }

    using StreamHandle::abort;
    using StreamHandle::active;
    using StreamHandle::close;
    using StreamHandle::cpu_load;
    using StreamHandle::handle;
    using StreamHandle::host_api_type;
    using StreamHandle::input_channels;
    using StreamHandle::input_latency;
    using StreamHandle::output_channels;
    using StreamHandle::output_latency;
    using StreamHandle::request_stop;
    using StreamHandle::sample_rate;
    using StreamHandle::start;
    using StreamHandle::stop;
    using StreamHandle::stopped;
    using StreamHandle::take_failure;
    using StreamHandle::time;
    using StreamHandle::wait;
    using StreamHandle::wait_for;
};

/// A stream that records alone.
template <class T, Layout L = Interleaved>
using InputStream = Stream<T, void, L>;
/// A stream that plays alone.
template <class T, Layout L = Interleaved>
using OutputStream = Stream<void, T, L>;

}  // namespace portspan
