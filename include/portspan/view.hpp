// SPDX-License-Identifier: MIT
// Audio memory seen as frames and channels: the layouts that it may have.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <span>
#include <type_traits>

#include "interleaved_view.hpp"
#include "planar_view.hpp"

namespace portspan {

/// Layout tag: frames one after the other.
struct Interleaved {
    template <class T, std::size_t Channels = std::dynamic_extent>
    using View = InterleavedView<T, Channels>;        ///< the view of this layout
    static constexpr PaSampleFormat format_flag = 0;  ///< beside a PaSampleFormat
};

/// Layout tag: a buffer for each channel.
struct Planar {
    template <class T, std::size_t Channels = std::dynamic_extent>
    using View = PlanarView<T, Channels>;                            ///< the view of this layout
    static constexpr PaSampleFormat format_flag = paNonInterleaved;  ///< beside a PaSampleFormat
};

/// One of the layout tags.
template <class L>
concept Layout = std::is_same_v<L, Interleaved> || std::is_same_v<L, Planar>;

}  // namespace portspan
