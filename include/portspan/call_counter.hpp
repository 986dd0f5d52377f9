// SPDX-License-Identifier: MIT
// How other threads learn that the audio thread has let go of something, which waits for nobody.
#pragma once

#include <atomic>
#include <cstdint>

namespace portspan::detail {

/// The calls of one callback, of which one at a time is made.
///
/// Sequentially consistent, and so has to be what the other thread takes away before it looks here,
/// and the audio thread's look for it in a Call: either the call sees that it is gone, or the other
/// thread sees that there is a call.
class CallCounter {
public:
    /// Audio thread: from its beginning to its end, by an exception too.
    class Call {
    public:
        explicit Call(CallCounter& counter) noexcept
            : count_(counter.count_), number_(count_.load(std::memory_order_relaxed) + 1) {
            count_.store(number_);
        }
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;
        ~Call() { count_.store(number_ + 1, std::memory_order_release); }

    private:
        std::atomic<std::uint64_t>& count_;
        std::uint64_t number_;
    };

    // Any other thread.

    /// The number of calls, doubled: odd while one is made.
    [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(); }
    /// Whether a call that `count` was told of still goes on.
    [[nodiscard]] bool is_calling(std::uint64_t count) const noexcept {
        return count % 2 != 0 && count_.load() == count;
    }

private:
    std::atomic<std::uint64_t> count_{0};
};

}  // namespace portspan::detail
