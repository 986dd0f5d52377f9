// SPDX-License-Identifier: MIT
// One block of the host as several calls of a callback.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <type_traits>

#include "block.hpp"
#include "buffer.hpp"

namespace portspan::detail {

/// Calls `inner` with part after part. `next(first)` is asked before each of them how many frames
/// the one that begins at `first` has: 1 at least where there are some, and no more than there are.
/// Where the callback wants no more calls the rest of the block is silent. Audio thread.
template <class In, class Out, class L, class Inner, class NextPart>
int call_in_parts(Parts<In, Out, L>& parts, const Shape& shape, Inner& inner, const RawBlock& raw,
                  NextPart next) noexcept(noexcept(inner(raw)) && noexcept(next(0))) {
    std::size_t first = 0;
    while (true) {
        const std::size_t count = next(first);
        const int result = inner(parts.part(raw, first, count));
        first += count;
        if (first == raw.frames) return result;
        if (result == paContinue) continue;
        if constexpr (!std::is_void_v<Out>) {
            const RawBlock rest = parts.part(raw, first, raw.frames - first);
            using View = typename ViewOf<L, Out>::type;
            if (rest.output) {
                fill_silence(view_of<View>(rest.output, rest.frames, shape.output_channels,
                                           shape.output_format));
            }
        }
        return result;
    }
}

}  // namespace portspan::detail
