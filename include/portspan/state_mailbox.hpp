// SPDX-License-Identifier: MIT
// Changes of a state on their way to the audio thread: nothing is lost, nothing comes twice.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
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

/// From one control thread at a time to the audio thread.
class StateMailbox {
public:
    explicit StateMailbox(std::size_t size) : messages_{Message(size), Message(size)} {}

    /// What the audio thread has not taken yet is taken back and goes on its way again, with more.
    template <class Write>
    void post(Write write) noexcept {
        Message* message = posted_.exchange(nullptr, std::memory_order_acq_rel);
        if (!message) {
            message = &unused();
            message->change.clear();
        }
        write(message->change);
        message->is_used.store(true, std::memory_order_relaxed);
        posted_.store(message, std::memory_order_release);
    }

    /// Audio thread: wait-free. `apply` of what has come, if something has.
    template <class Apply>
    void take(Apply apply) noexcept {
        if (!posted_.load(std::memory_order_relaxed)) [[likely]]
            return;
        Message* const message = posted_.exchange(nullptr, std::memory_order_acq_rel);
        if (!message) return;  // taken back: it comes with more, at the next block
        apply(message->change);
        message->is_used.store(false, std::memory_order_release);
    }

private:
    struct Message {
        explicit Message(std::size_t size) : change(size) {}
        StateChange change;
        std::atomic<bool> is_used{false};
    };

    // The audio thread has one at most, and none is in the mailbox.
    Message& unused() noexcept {
        return messages_[messages_[0].is_used.load(std::memory_order_acquire) ? 1 : 0];
    }

    static_assert(std::atomic<Message*>::is_always_lock_free);
    std::array<Message, 2> messages_;
    std::atomic<Message*> posted_{nullptr};
};

}  // namespace portspan::detail
