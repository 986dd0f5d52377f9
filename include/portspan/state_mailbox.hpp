// SPDX-License-Identifier: MIT
// Changes of a state on their way to the audio thread: nothing is lost, nothing comes twice.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "state_change.hpp"

namespace portspan::detail {

/// From one control thread at a time to the audio thread. What is posted stays there until it is
/// taken, or until a message with more is exchanged for it: no block misses it.
class StateMailbox {
public:
    explicit StateMailbox(std::size_t size)
        : messages_{Message(size), Message(size), Message(size)}, pending_(size), in_block_(size) {}

    template <class Write>
    void post(Write write) {
        Message& message = unused();
        message.change.clear();
        write(message.change);
        message.all.copy(pending_);
        write(message.all);
        pending_.make_room();
        message.number = ++posts_;
        message.is_used.store(true, std::memory_order_relaxed);
        Message* const before = posted_.exchange(&message, std::memory_order_acq_rel);
        // Which of the two the audio thread will apply is certain from here on.
        if (before) {
            before->is_used.store(false, std::memory_order_relaxed);
        } else {
            std::swap(in_block_, pending_);
            last_in_block_ = posts_ - 1;
            pending_.clear();
        }
        write(pending_);
    }
    /// What the state of a block, with the messages up to `number`, will be with the others.
    void complete(std::byte* state, std::uint64_t number) const noexcept {
        if (number < last_in_block_) in_block_.apply_all(state);
        if (number < posts_) pending_.apply_all(state);
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

    /// Audio thread: the number of the last one that was taken.
    [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }

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
    StateChange pending_;   // what the message in the mailbox changes, or the last one did
    StateChange in_block_;  // what was taken before that, by a block that may not have ended
    std::uint64_t last_in_block_ = 0;
    std::uint64_t posts_ = 0;
    // The audio thread's.
    std::uint64_t taken_ = 0;
};

}  // namespace portspan::detail
