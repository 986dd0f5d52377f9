// SPDX-License-Identifier: MIT
// When the callback that another one takes the place of may be destroyed.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "bind.hpp"
#include "call_watch.hpp"
#include "control.hpp"
#include "swap.hpp"

namespace portspan::detail {

/// The control side of one change: one thread at a time, while the stream has the slot.
template <class In, class Out, class L>
class Departure {
public:
    /// Begins it.
    Departure(Swap<In, Out, L>& swap, const Context& context, Change& change)
        : swap_(swap), context_(context), change_(change), watch_(swap.calls()) {
        swap_.begin(change_);
    }

    /// Whether the old callback will not be called any more, and no call has it. `is_async`: who
    /// asks keeps nobody from asking for the calls of a stream that is offline.
    [[nodiscard]] bool is_done(bool is_async) {
        if (!is_leaving_) {
            if (!is_over(is_async)) return false;
            swap_.end(*change_.next);
            is_leaving_ = true;
            last_call_ = swap_.calls().count();
        }
        return !swap_.calls().is_calling(last_call_);
    }

private:
    /// The old callback is called no more, or nobody calls at all.
    [[nodiscard]] bool is_over(bool is_async) {
        if (change_.is_over.load(std::memory_order_acquire)) return true;
        if (!context_.control->is_running()) return true;
        if (context_.is_offline && is_async) return false;
        return watch_.silence() > (std::max)(change_.fade.patience, two_blocks());
    }

    /// What a device that is well may be silent for.
    [[nodiscard]] std::chrono::duration<double> two_blocks() const {
        if (!(context_.sample_rate > 0)) return {};
        return std::chrono::duration<double>{2 * static_cast<double>(context_.frames_per_buffer) /
                                             context_.sample_rate};
    }

    Swap<In, Out, L>& swap_;
    const Context& context_;
    Change& change_;
    CallWatch watch_;
    bool is_leaving_ = false;      ///< only a call that goes on may still use the old one
    std::uint64_t last_call_ = 0;  ///< that may
};

}  // namespace portspan::detail
