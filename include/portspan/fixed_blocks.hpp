// SPDX-License-Identifier: MIT
// A callback for blocks of one size, on devices whose blocks have any.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "bound_fixed_blocks.hpp"
#include "callback.hpp"

namespace portspan {

// Frame t out needs a block that ends at most N - 1 frames after the frame in that is `latency`
// before t: with N - 1 that is no later than t, wherever the device cuts; with less, a device's
// first block of latency + 1 frames has to be filled without frame N - 1 in, which its last needs.
/// Frames by which the output of fixed_blocks<N>() is later than the callback's own: N - 1, the
/// least with which it has what the device asks for, whatever the sizes of its blocks are.
template <std::size_t N>
inline constexpr std::size_t fixed_blocks_latency = N - 1;

/// What fixed_blocks() returns, until a stream completes it.
template <std::size_t N, class Callback>
struct FixedBlocks {
    static constexpr std::size_t latency = fixed_blocks_latency<N>;  ///< frames
    Callback inner;                                                  ///< gets N frames a call
};

namespace detail {
template <std::size_t N, class C>
inline constexpr bool is_adaptor<FixedBlocks<N, C>> = true;
}  // namespace detail

/// `callback` is called with N frames, always, whatever the blocks of the device. What comes out is
/// fixed_blocks_latency<N> frames later, the first frames are silence; in every stream, those
/// without input too. The times of a call are those at which its own first frame was recorded and
/// is heard; its status flags are all since the last call. Input that is not there is silence.
/// When the callback completes, what it has given is still played; then the stream completes. An
/// abort, or an exception, ends it at once.
///
/// Nothing in it cuts the N frames: in `fixed_blocks<64>(with_state(live, dsp))` a Ramp is one step
/// each call, to where it is at the call's end; in `fixed_blocks<64>(with_events(queue, dsp,
/// on_event))` an event is due before the call that has its frame.
template <std::size_t N, class Callback>
[[nodiscard]] FixedBlocks<N, std::decay_t<Callback>> fixed_blocks(Callback&& callback) {
    static_assert(N > 0, "fixed_blocks() needs blocks of at least one frame");
    return {std::forward<Callback>(callback)};
}
/// The same for a function pointer with its state.
template <std::size_t N, detail::ForeignFunction F, class State>
[[nodiscard]] auto fixed_blocks(const F& function, State state) {
    return fixed_blocks<N>(detail::foreign(function, state));
}

namespace detail {

template <class In, class Out, class L, std::size_t N, class Callback>
auto bind(FixedBlocks<N, Callback> adaptor, const Context& context) {
    static_assert(is_direction<In> && is_direction<Out>,
                  "fixed_blocks() needs sample types: it has to know what silence is");
    Context of_blocks = context;
    of_blocks.frames_per_buffer = N;
    of_blocks.is_fixed = true;
    auto inner = bind<In, Out, L>(std::move(adaptor.inner), of_blocks);
    return BoundFixedBlocks<N, In, Out, L, decltype(inner)>{std::move(inner), context};
}

}  // namespace detail

}  // namespace portspan
