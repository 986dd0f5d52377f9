// SPDX-License-Identifier: MIT
// A state on its way back from the audio thread: three copies, of which each side has its own.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <vector>

namespace portspan::detail {

/// The audio thread writes, one thread at a time reads; neither waits for the other.
class StateSnapshot {
public:
    StateSnapshot(std::size_t size, bool is_wanted) : is_wanted_(is_wanted) {
        for (auto& copy : copies_) copy.resize(size);
    }

    /// Audio thread.
    void write(const void* state) noexcept {
        if (!is_wanted_.load(std::memory_order_relaxed)) return;
        std::memcpy(copies_[back_].data(), state, copies_[back_].size());
        back_ = shared_.exchange(back_ | fresh, std::memory_order_acq_rel) & ~fresh;
    }

    /// The last one that was written; null before the first one. Valid until the next call.
    [[nodiscard]] const std::byte* read() noexcept {
        is_wanted_.store(true, std::memory_order_relaxed);
        if (shared_.load(std::memory_order_relaxed) & fresh) {
            front_ = shared_.exchange(front_, std::memory_order_acq_rel) & ~fresh;
            is_there_ = true;
        }
        return is_there_ ? copies_[front_].data() : nullptr;
    }

private:
    static constexpr unsigned fresh = 4;  // beside the number of a copy

    static_assert(std::atomic<unsigned>::is_always_lock_free);
    std::array<std::vector<std::byte>, 3> copies_;
    std::atomic<unsigned> shared_{0};
    unsigned back_ = 1;   // the audio thread's
    unsigned front_ = 2;  // the reader's
    bool is_there_ = false;
    std::atomic<bool> is_wanted_;
};

}  // namespace portspan::detail
