// SPDX-License-Identifier: MIT
// Changes of a state on their way to the audio thread: nothing is lost, nothing comes twice.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "ramp.hpp"

namespace portspan::detail {

/// Bytes of a state that become others, and ramps that begin there.
class StateChange {
public:
    explicit StateChange(std::size_t size) : value_(size), mask_(size), first_(size) {}

    void clear() noexcept {
        if (first_ < last_) std::fill(mask_.data() + first_, mask_.data() + last_, std::byte{});
        first_ = mask_.size();
        last_ = 0;
        is_whole_ = false;
        ramps_.clear();
    }

    /// Of one that is as large.
    void copy(const StateChange& other) noexcept {
        clear();
        first_ = other.first_;
        last_ = other.last_;
        is_whole_ = other.is_whole_;
        ramps_ = other.ramps_;
        if (first_ >= last_) return;
        std::memcpy(value_.data() + first_, other.value_.data() + first_, last_ - first_);
        std::memcpy(mask_.data() + first_, other.mask_.data() + first_, last_ - first_);
    }

    void set(std::size_t offset, const void* bytes, std::size_t size) noexcept {
        ramps_.remove_if([&](const MemberRamp& r) { return r.overlaps(offset, size); });
        std::memcpy(value_.data() + offset, bytes, size);
        std::fill_n(mask_.data() + offset, size, std::byte{0xff});
        first_ = (std::min)(first_, offset);
        last_ = (std::max)(last_, offset + size);
        is_whole_ = is_whole_ || size == value_.size();
    }

    void set(const MemberRamp& ramp) noexcept {
        if (const auto oldest = ramps_.add(ramp)) {
            oldest->write(value_.data(), oldest->target);
            set(oldest->offset, value_.data() + oldest->offset, oldest->size);
        }
    }

    /// Audio thread.
    void apply(std::byte* state, RampList& active) const noexcept {
        active.remove_if([this](const MemberRamp& r) { return covers(r); });
        if (is_whole_) {
            std::memcpy(state, value_.data(), value_.size());
        } else {
            for (std::size_t i = first_; i < last_; ++i) {
                state[i] = (state[i] & ~mask_[i]) | (value_[i] & mask_[i]);
            }
        }
        for (MemberRamp ramp : ramps_) {
            ramp.from = ramp.read(state);
            if (const auto oldest = active.add(ramp)) oldest->write(state, oldest->target);
        }
    }

private:
    [[nodiscard]] bool covers(const MemberRamp& ramp) const noexcept {
        const std::byte* const begin = mask_.data() + ramp.offset;
        return std::any_of(begin, begin + ramp.size, [](std::byte b) { return b != std::byte{}; });
    }

    std::vector<std::byte> value_;
    std::vector<std::byte> mask_;  // 0xff where value_ counts; 0 outside of [first_, last_)
    std::size_t first_;
    std::size_t last_ = 0;
    bool is_whole_ = false;
    RampList ramps_;
};

/// From one control thread at a time to the audio thread. What is posted stays there until it is
/// taken, or until a message with more is exchanged for it: no block misses it.
class StateMailbox {
public:
    explicit StateMailbox(std::size_t size)
        : messages_{Message(size), Message(size), Message(size)}, pending_(size) {}

    template <class Write>
    void post(Write write) noexcept {
        Message& message = unused();
        message.number = ++posts_;
        message.change.clear();
        write(message.change);
        message.all.copy(pending_);
        write(message.all);
        message.is_used.store(true, std::memory_order_relaxed);
        Message* const before = posted_.exchange(&message, std::memory_order_acq_rel);
        // Which of the two the audio thread will apply is certain from here on.
        if (before) {
            before->is_used.store(false, std::memory_order_relaxed);
        } else {
            pending_.clear();
        }
        write(pending_);
    }

    /// Audio thread: wait-free. `apply` of what has come, if something has.
    template <class Apply>
    void take(Apply apply) noexcept {
        if (!posted_.load(std::memory_order_relaxed)) [[likely]]
            return;
        Message* const message = posted_.exchange(nullptr, std::memory_order_acq_rel);
        apply(message->number == taken_ + 1 ? message->change : message->all);
        taken_ = message->number;
        message->is_used.store(false, std::memory_order_release);
    }

private:
    struct Message {
        explicit Message(std::size_t size) : change(size), all(size) {}
        std::uint64_t number = 0;
        StateChange change;  ///< where the message before this one was taken
        StateChange all;     ///< where it was not: with all that it would have changed
        std::atomic<bool> is_used{false};
    };

    // One is in the mailbox at most, and the audio thread has one at most.
    Message& unused() noexcept {
        const auto is_free = [](const Message& message) {
            return !message.is_used.load(std::memory_order_acquire);
        };
        return *std::find_if(messages_.begin(), messages_.end() - 1, is_free);
    }

    static_assert(std::atomic<Message*>::is_always_lock_free);
    std::array<Message, 3> messages_;
    std::atomic<Message*> posted_{nullptr};
    // The control thread's.
    StateChange pending_;  // what the message in the mailbox changes
    std::uint64_t posts_ = 0;
    // The audio thread's.
    std::uint64_t taken_ = 0;  // the number of the last one
};

}  // namespace portspan::detail
