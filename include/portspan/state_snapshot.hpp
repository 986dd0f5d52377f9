// SPDX-License-Identifier: MIT
// A state on its way back from the audio thread: three copies, of which each side has its own.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "ramp.hpp"

namespace portspan::detail {

/// The audio thread writes, one thread at a time reads; neither waits for the other.
class StateSnapshot {
public:
    struct Copy {
        std::vector<std::byte> bytes;
        std::uint64_t number = 0;  ///< of the last message that is in it
        RampList ramps;            ///< that are under way
    };

    StateSnapshot(std::size_t size, bool is_wanted) : is_wanted_(is_wanted) {
        for (Copy& copy : copies_) copy.bytes.resize(size);
    }

    /// Audio thread.
    void write(const void* state, std::uint64_t number, const RampList& ramps) noexcept {
        if (!is_wanted_.load(std::memory_order_relaxed)) return;
        Copy& copy = copies_[back_];
        std::memcpy(copy.bytes.data(), state, copy.bytes.size());
        copy.number = number;
        if (!ramps.empty() || !copy.ramps.empty()) copy.ramps = ramps;
        back_ = shared_.exchange(back_ | fresh, std::memory_order_acq_rel) & ~fresh;
    }

    /// The last one that was written; null before the first one. Valid until the next call.
    [[nodiscard]] const Copy* read() noexcept {
        is_wanted_.store(true, std::memory_order_relaxed);
        if (shared_.load(std::memory_order_relaxed) & fresh) {
            front_ = shared_.exchange(front_, std::memory_order_acq_rel) & ~fresh;
            is_there_ = true;
        }
        return is_there_ ? &copies_[front_] : nullptr;
    }

private:
    static constexpr unsigned fresh = 4;  // beside the number of a copy

    static_assert(std::atomic<unsigned>::is_always_lock_free);
    std::array<Copy, 3> copies_;
    std::atomic<unsigned> shared_{0};
    unsigned back_ = 1;   // the audio thread's
    unsigned front_ = 2;  // the reader's
    bool is_there_ = false;
    std::atomic<bool> is_wanted_;
};

}  // namespace portspan::detail
