// SPDX-License-Identifier: MIT
// The audio of one action of a mixer.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "cue.hpp"
#include "mixer_job.hpp"
#include "ring_buffer.hpp"
#include "sample.hpp"
#include "sum.hpp"

namespace portspan::detail {

/// One channel of an action's memory, and the stream's channel that it is played on or recorded
/// from.
template <class T>
struct Lane {
    T* data;
    std::size_t step;  ///< from one frame to the next
    std::size_t place;
};

/// The audio of an action: of const samples where it is played.
template <class T>
class Reel final : public Job {
public:
    using Value = std::remove_const_t<T>;

    Reel(const Cue& cue, std::vector<Lane<T>> lanes)
        : Job(cue, std::is_const_v<T>), lanes_(std::move(lanes)), loop_(cue.loop) {
        for (const Lane<T>& lane : lanes_) channels = (std::max)(channels, lane.place + 1);
    }
    ~Reel() override { release_ring(); }

    /// Its memory is that of `samples`, or of a view, and so long.
    void set_length(std::size_t frames, std::vector<Value> samples = {}) {
        frames_ = frames;
        length = loop_ ? 0 : frames;
        samples_ = std::move(samples);
    }
    /// Its memory is that of a ring buffer; false where another action has its end of it.
    [[nodiscard]] bool claim(std::shared_ptr<Ring<Value>> ring) noexcept {
        if (claim_of(*ring).exchange(true, std::memory_order_acq_rel)) return false;
        ring_ = std::move(ring);
        length = 0;
        return true;
    }
    void release() noexcept override {
        Job::release();
        release_ring();
        samples_ = {};
    }

    /// Audio thread.
    Moved play(auto output, std::size_t first, std::size_t count) noexcept {
        const auto mix = [&](const Lane<T>& lane, std::size_t from, std::size_t done,
                             std::size_t count_here) {
            auto to = output.channel(lane.place);
            const T* source = lane.data + from * lane.step;
            for (std::size_t i = 0; i < count_here; ++i) {
                auto& sample = to[first + done + i];
                sample = superposed<Value>(sample, source[i * lane.step]);
            }
        };
        return move(count, mix);
    }
    /// Audio thread. `input` is empty where the host has none: that is silence.
    Moved record(auto input, std::size_t first, std::size_t count) noexcept {
        const auto copy = [&](const Lane<T>& lane, std::size_t to, std::size_t done,
                              std::size_t count_here) {
            T* target = lane.data + to * lane.step;
            if (input.empty()) {
                for (std::size_t i = 0; i < count_here; ++i) {
                    target[i * lane.step] = silence<T>;
                }
                return;
            }
            const auto from = input.channel(lane.place);
            for (std::size_t i = 0; i < count_here; ++i) {
                target[i * lane.step] = from[first + done + i];
            }
        };
        return move(count, copy);
    }

private:
    using Run = typename Ring<Value>::Run;

    template <class Work>
    Moved move(std::size_t count, Work work) noexcept {
        Moved moved;
        const bool is_finished = ring_ && std::is_const_v<T> && ring_->is_finished();
        while (moved.frames < count) {
            const Run piece = next(count - moved.frames);
            if (piece.frames == 0) break;
            for (const Lane<T>& lane : lanes_) {
                work(lane, piece.first, moved.frames, piece.frames);
            }
            moved.frames += piece.frames;
            has_moved(piece.frames);
        }
        if (!ring_) {
            moved.is_last = position_ == frames_;
        } else if (is_finished) {
            moved.is_last = ring_->readable() == 0;
        } else {
            moved.missing = count - moved.frames;
        }
        return moved;
    }

    [[nodiscard]] Run next(std::size_t at_most) const noexcept {
        if (!ring_) return {position_, (std::min)(at_most, frames_ - position_)};
        if constexpr (std::is_const_v<T>) {
            return ring_->next_to_read(at_most);
        } else {
            return ring_->next_to_write(at_most);
        }
    }
    void has_moved(std::size_t count) noexcept {
        if (!ring_) {
            position_ += count;
            if (loop_ && position_ == frames_) position_ = 0;
        } else if constexpr (std::is_const_v<T>) {
            ring_->has_read(count);
        } else {
            ring_->has_written(count);
        }
    }

    static std::atomic<bool>& claim_of(Ring<Value>& ring) noexcept {
        return std::is_const_v<T> ? ring.is_played : ring.is_recorded;
    }
    void release_ring() noexcept {
        if (!ring_) return;
        claim_of(*ring_).store(false, std::memory_order_release);
        ring_ = nullptr;
    }

    std::vector<Lane<T>> lanes_;
    std::vector<Value> samples_;
    std::shared_ptr<Ring<Value>> ring_;
    bool loop_;
    std::size_t frames_ = 0;
    std::size_t position_ = 0;
};

}  // namespace portspan::detail
