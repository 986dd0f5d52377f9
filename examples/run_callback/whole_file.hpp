// SPDX-License-Identifier: MIT
// A sound file in memory: the audio thread must not wait for a disk.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <stdexcept>

#include "audio_file.hpp"
#include "buffer.hpp"
#include "failure.hpp"
#include "platform.hpp"
#include "run.hpp"

namespace run_callback {

/// Up to `limit` frames of a file. What its header claims is not believed: only what has been read
/// takes memory.
template <class T, class L>
Buffer<T, L> all_of(AudioReader& reader, std::size_t channels, std::uint64_t limit) {
    constexpr std::uint64_t piece_frames = 16384;
    const std::uint64_t expected = std::min(limit, reader.frames().value_or(no_limit));
    try {
        Buffer<T, L> all{0, channels};
        Buffer<T, L> piece{piece_frames, channels};
        while (all.frames() < expected && !interrupted()) {
            const auto wanted =
                static_cast<std::size_t>(std::min(piece_frames, expected - all.frames()));
            const std::size_t got = reader.read(piece.view().slice(0, wanted));
            all.append(piece.view().slice(0, got), expected);
            if (got < wanted) break;
        }
        return all;
    } catch (const std::bad_alloc&) {
    } catch (const std::length_error&) {
    }
    throw Failure(reader.name() + " does not fit into memory: take less of it with --seconds");
}

/// The beginning once more behind the end of a file that loops.
template <class T, class L>
void continue_with_beginning(Buffer<T, L>& all, std::size_t frames) {
    const std::size_t period = all.frames();
    Buffer<T, L> more{frames, all.view().channels()};
    const auto from = all.view();
    const auto to = more.view();
    for (std::size_t c = 0; c < to.channels(); ++c) {
        for (std::size_t f = 0; f < frames; ++f) to(f, c) = from(f % period, c);
    }
    all.append(more.view(), period + frames);
}

}  // namespace run_callback
