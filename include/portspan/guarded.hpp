// SPDX-License-Identifier: MIT
// The buffers of a callback with room around them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "guarded_memory.hpp"
#include "view.hpp"

namespace portspan::detail {

/// One direction of a callback: its samples and, planar, the pointers to its channels.
template <class T, class L>
class GuardedBuffer {
public:
    using View = typename L::template View<T>;

    GuardedBuffer(std::size_t frames, std::size_t channels)
        : channels_(channels),
          // Who uses a channel too many is led to one that is nothing but room.
          samples_(channels == 0 ? 0
                   : planar      ? channels + 1
                                 : 1,
                   frames * frame_bytes()) {
        if (!planar || channels == 0) return;
        // Who takes the pointers for samples writes as many bytes as all samples have.
        const std::size_t bytes = 8 * frames * channels * sizeof(T);
        pointers_.assign(before + channels + bytes / sizeof(T*) + before,
                         reinterpret_cast<T*>(samples_.region(channels)));
        for (std::size_t c = 0; c < channels; ++c) {
            pointers_[before + c] = reinterpret_cast<T*>(samples_.region(c));
        }
        given_ = pointers_;
        spare_.assign(samples_.region(channels), samples_.region(channels) + frames * sizeof(T));
    }

    // The pointers lead into it.
    GuardedBuffer(const GuardedBuffer&) = delete;
    GuardedBuffer& operator=(const GuardedBuffer&) = delete;

    /// As many frames as the next call has.
    [[nodiscard]] View view(std::size_t frames) noexcept {
        if (channels_ == 0) return View{nullptr, 0, 0};
        samples_.use(frames * frame_bytes());
        if constexpr (planar) {
            return View{pointers_.data() + before, frames, channels_};
        } else {
            return View{reinterpret_cast<T*>(samples_.region(0)), frames, channels_};
        }
    }

    /// What the callback gets: NULL where there are no channels.
    [[nodiscard]] void* pointer() noexcept {
        if (channels_ == 0) return nullptr;
        if constexpr (planar) {
            return given_.data() + before;
        } else {
            return samples_.region(0);
        }
    }

    /// What was written outside since the last time.
    [[nodiscard]] Damage damage() noexcept {
        if (given_ != pointers_) {
            given_ = pointers_;
            return {Damage::Where::pointers, 0, 0};
        }
        if constexpr (planar) {
            if (channels_ != 0) {
                auto* const spare = samples_.region(channels_);
                if (!std::equal(spare_.begin(), spare_.end(), spare)) {
                    std::copy(spare_.begin(), spare_.end(), spare);
                    return {Damage::Where::behind, channels_, spare_.size()};
                }
            }
        }
        return samples_.damage();
    }

private:
    static constexpr bool planar = std::is_same_v<L, Planar>;
    static constexpr std::size_t before = 64;  // pointers
    [[nodiscard]] std::size_t frame_bytes() const noexcept {
        return sizeof(T) * (planar ? 1 : channels_);
    }

    std::size_t channels_;
    GuardedMemory samples_;
    std::vector<T*> pointers_;  // the callback does not get these
    std::vector<T*> given_;     // but these
    std::vector<std::uint8_t> spare_;
};

}  // namespace portspan::detail
