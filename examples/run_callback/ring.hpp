// SPDX-License-Identifier: MIT
// From the audio thread to the one that writes the file.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <vector>

namespace run_callback {

/// Frames on their way from one thread to one other, in memory that is there from the beginning.
/// Neither side ever waits.
template <class T>
class Ring {
public:
    Ring(std::size_t least_frames, std::size_t channels)
        : capacity_(std::bit_ceil(least_frames)),
          channels_(channels),
          samples_(capacity_ * channels) {}

    /// Takes as many frames of the view as there is room for, and returns how many.
    template <class View>
    std::size_t push(View view) noexcept {
        const std::size_t written = written_.load(std::memory_order_relaxed);
        const std::size_t room = capacity_ - (written - read_.load(std::memory_order_acquire));
        const std::size_t count = view.frames() < room ? view.frames() : room;
        for (std::size_t f = 0; f < count; ++f) {
            T* to = frame(written + f);
            for (std::size_t c = 0; c < channels_; ++c) to[c] = view(f, c);
        }
        written_.store(written + count, std::memory_order_release);
        return count;
    }

    /// Fills the view as far as there are frames, and returns how many.
    template <class View>
    std::size_t pop(View view) noexcept {
        const std::size_t read = read_.load(std::memory_order_relaxed);
        const std::size_t there = written_.load(std::memory_order_acquire) - read;
        const std::size_t count = view.frames() < there ? view.frames() : there;
        for (std::size_t f = 0; f < count; ++f) {
            const T* from = frame(read + f);
            for (std::size_t c = 0; c < channels_; ++c) view(f, c) = from[c];
        }
        read_.store(read + count, std::memory_order_release);
        return count;
    }

private:
    // Both counts only grow; their difference is right even when they wrap around.
    T* frame(std::size_t position) noexcept {
        return samples_.data() + (position & (capacity_ - 1)) * channels_;
    }

    std::size_t capacity_;
    std::size_t channels_;
    std::vector<T> samples_;
    alignas(64) std::atomic<std::size_t> written_{0};
    alignas(64) std::atomic<std::size_t> read_{0};
};

}  // namespace run_callback
