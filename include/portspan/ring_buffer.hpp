// SPDX-License-Identifier: MIT
// Audio on its way from one thread to another, of which either may be the audio thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "buffers.hpp"
#include "error.hpp"
#include "exceptions.hpp"
#include "sample.hpp"
#include "tape.hpp"
#include "view.hpp"

namespace portspan {

namespace detail {

/// What the handles of a RingBuffer share. Its counters go on for ever and wrap around, which the
/// number of places, a power of two, does not notice.
template <Sample T>
class Ring {
public:
    Ring(std::size_t frames, std::size_t channels)
        : frames_(checked(frames, channels)),
          places_(std::bit_ceil(frames)),
          channels_(channels),
          samples_(allocated(frames, channels)) {}

    /// Places that follow one another in memory.
    struct Run {
        std::size_t first;
        std::size_t frames;
    };

    [[nodiscard]] std::size_t frames() const noexcept { return frames_; }
    [[nodiscard]] std::size_t channels() const noexcept { return channels_; }
    /// Of the first place; the others follow it, interleaved.
    [[nodiscard]] T* data() noexcept { return samples_.data(); }

    // Any thread: at least so many for the side that asks for its own.
    [[nodiscard]] std::size_t readable() const noexcept {
        const std::size_t read = read_.load(std::memory_order_acquire);
        return (std::min)(written_.load(std::memory_order_acquire) - read, frames_);
    }
    [[nodiscard]] std::size_t writable() const noexcept { return frames_ - readable(); }

    // The reader.
    [[nodiscard]] Run next_to_read(std::size_t at_most) const noexcept {
        return run_from(read_.load(std::memory_order_relaxed), (std::min)(at_most, readable()));
    }
    void has_read(std::size_t frames) noexcept {
        read_.store(read_.load(std::memory_order_relaxed) + frames, std::memory_order_release);
    }

    // The writer.
    [[nodiscard]] Run next_to_write(std::size_t at_most) const noexcept {
        return run_from(written_.load(std::memory_order_relaxed), (std::min)(at_most, writable()));
    }
    void has_written(std::size_t frames) noexcept {
        written_.store(written_.load(std::memory_order_relaxed) + frames,
                       std::memory_order_release);
    }
    void finish() noexcept { is_finished_.store(true, std::memory_order_release); }
    /// To be asked before readable(): what was written before the end is seen then.
    [[nodiscard]] bool is_finished() const noexcept {
        return is_finished_.load(std::memory_order_acquire);
    }

    std::atomic<bool> is_played{false};    ///< a mixer reads
    std::atomic<bool> is_recorded{false};  ///< a mixer writes

private:
    static std::size_t checked(std::size_t frames, std::size_t channels) {
        if (frames == 0 || channels == 0) {
            raise(Error(
                Fault::invalid_argument, "RingBuffer",
                std::to_string(frames) + " frames of " + std::to_string(channels) + " channels"));
        }
        // Half of all there is: the number of places is up to twice that of the frames.
        constexpr std::size_t most = (std::numeric_limits<std::size_t>::max)() / 2;
        if (frames > most / sizeof(T) / channels) raise(too_large(frames, channels));
        return frames;
    }
    static std::vector<T> allocated(std::size_t frames, std::size_t channels) {
        return allocate(
            [&] { return std::vector<T>(std::bit_ceil(frames) * channels, silence<T>); },
            [&] { return too_large(frames, channels); });
    }
    static Error too_large(std::size_t frames, std::size_t channels) {
        return {Fault::invalid_argument, "RingBuffer",
                std::to_string(frames) + " frames of " + std::to_string(channels) +
                    " channels do not fit into memory"};
    }

    [[nodiscard]] Run run_from(std::size_t count, std::size_t frames) const noexcept {
        const std::size_t first = count & (places_ - 1);
        return {first, (std::min)(frames, places_ - first)};
    }

    static_assert(std::atomic<std::size_t>::is_always_lock_free);
    const std::size_t frames_;
    const std::size_t places_;
    const std::size_t channels_;
    std::vector<T> samples_;
    // Each on a cache line of its own: both sides write.
    alignas(64) std::atomic<std::size_t> read_{0};
    alignas(64) std::atomic<std::size_t> written_{0};
    std::atomic<bool> is_finished_{false};
};

}  // namespace detail

/// So many frames at most, between one thread that writes and one that reads: a callback and the
/// thread that has its file, say, or a Mixer. Neither waits for the other, nothing is allocated but
/// by the constructor. Copies are the same ring buffer.
template <Sample T>
class RingBuffer {
public:
    /// Throws Error for 0 of either, and for more than memory holds.
    RingBuffer(std::size_t frames, std::size_t channels)
        : ring_(std::make_shared<detail::Ring<T>>(frames, channels)) {}
    // Copied where it is moved: one without a ring would be a trap.
    /// The same ring buffer.
    RingBuffer(const RingBuffer&) = default;
    /// Likewise.
    RingBuffer& operator=(const RingBuffer&) = default;
    ~RingBuffer() = default;

    /// Frames that it can hold.
    [[nodiscard]] std::size_t capacity() const noexcept { return ring_->frames(); }
    /// Of each frame.
    [[nodiscard]] std::size_t channels() const noexcept { return ring_->channels(); }
    /// Frames that can be read now. Any thread; for the reader it does not get less.
    [[nodiscard]] std::size_t readable() const noexcept { return ring_->readable(); }
    /// Frames that there is room for now. Any thread; for the writer it does not get less.
    [[nodiscard]] std::size_t writable() const noexcept { return ring_->writable(); }

    /// The writer: as many of the view's frames as there is room for, from its first on. Returns
    /// how many. None after finish(). Throws Error for a view of other channels.
    template <detail::SampleView View>
    std::size_t write(View view) {
        static_assert(std::is_same_v<std::remove_const_t<typename View::sample_type>, T>,
                      "the view has other samples than the ring buffer");
        require_channels(view.channels(), "RingBuffer::write");
        std::size_t done = 0;
        while (done < view.frames() && !ring_->is_finished()) {
            const auto run = ring_->next_to_write(view.frames() - done);
            if (run.frames == 0) break;
            copy(view.slice(done, run.frames), places(run));
            ring_->has_written(run.frames);
            done += run.frames;
        }
        return done;
    }

    /// The reader: as many frames as there are, into the view from its first frame on. Returns how
    /// many; the rest of the view is left as it is. Throws Error for a view of other channels.
    template <detail::SampleView View>
    std::size_t read(View view) {
        static_assert(std::is_same_v<typename View::sample_type, T>,
                      "the view has other samples than the ring buffer, or const ones");
        require_channels(view.channels(), "RingBuffer::read");
        std::size_t done = 0;
        while (done < view.frames()) {
            const auto run = ring_->next_to_read(view.frames() - done);
            if (run.frames == 0) break;
            copy(places(run), view.slice(done, run.frames));
            ring_->has_read(run.frames);
            done += run.frames;
        }
        return done;
    }

    /// The writer: no more will come.
    void finish() noexcept { ring_->finish(); }
    /// No more will come, and all is read. Any thread.
    [[nodiscard]] bool finished() const noexcept {
        return ring_->is_finished() && ring_->readable() == 0;
    }

private:
    template <class In, class Out, Layout L>
    friend class Mixer;

    InterleavedView<T> places(typename detail::Ring<T>::Run run) const noexcept {
        return {ring_->data() + run.first * channels(), run.frames, channels()};
    }
    static void copy(auto from, auto to) noexcept {
        for (std::size_t c = 0; c < to.channels(); ++c) {
            detail::copy_channel(from.channel(c), to.channel(c));
        }
    }
    void require_channels(std::size_t given, const char* call) const {
        if (given == channels()) return;
        detail::raise(Error(Fault::channel_mismatch, call,
                            std::to_string(given) + " channels in the view, the ring buffer has " +
                                std::to_string(channels())));
    }

    std::shared_ptr<detail::Ring<T>> ring_;
};

}  // namespace portspan
