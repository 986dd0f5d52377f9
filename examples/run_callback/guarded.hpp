// SPDX-License-Identifier: MIT
// Buffers for a callback that may have been written for others: a write beyond them is seen, a read
// beyond them hurts nobody.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <portspan/view.hpp>
#include <type_traits>
#include <vector>

namespace run_callback {

/// Room behind a buffer of so many bytes: enough for a callback that takes it for one eight times
/// as large; never less than the buffer, where eight times were a lot.
[[nodiscard]] constexpr std::size_t room_behind(std::size_t bytes) noexcept {
    constexpr std::size_t least = 4096, much = 1u << 20;
    return std::max({bytes, least, std::min(8 * std::min(bytes, much), much)});
}

/// Some regions of memory with room before and behind each. The room holds one value, and should
/// hold it still after the callback.
class Guarded {
public:
    /// `spare`: behind the last there is another one, which is nothing but room.
    Guarded(std::size_t regions, bool spare, std::size_t bytes, std::uint8_t value)
        : stride_((bytes + room_behind(bytes) + alignment - 1) / alignment * alignment),
          regions_(regions),
          used_(bytes),
          value_(value),
          memory_(regions == 0 ? 0 : before + (regions + spare) * stride_, value) {}

    [[nodiscard]] void* region(std::size_t index) noexcept {
        return memory_.data() + before + index * stride_;
    }

    /// From here on that much of each region is the callback's; the rest is room.
    void use(std::size_t bytes) noexcept {
        for (std::size_t i = 0; bytes < used_ && i < regions_; ++i) {
            std::memset(static_cast<std::uint8_t*>(region(i)) + bytes, value_, used_ - bytes);
        }
        used_ = bytes;
    }

    /// Whether all room is as it was.
    [[nodiscard]] bool intact() noexcept {
        const std::uint8_t* room = memory_.data();
        for (std::size_t i = 0; i < regions_; ++i) {
            const auto* start = static_cast<const std::uint8_t*>(region(i));
            if (!is_filled(room, start)) return false;
            room = start + used_;
        }
        return is_filled(room, memory_.data() + memory_.size());
    }

    /// Of room that is not intact: whether nothing is wrong but what lies before a region.
    [[nodiscard]] bool only_before() noexcept {
        const auto* room = memory_.data();
        for (std::size_t i = 0; i < regions_; ++i) {
            const auto* start = static_cast<const std::uint8_t*>(region(i));
            const auto* first =
                std::find_if(room, start, [&](std::uint8_t byte) { return byte != value_; });
            // Between two regions: who writes behind the one starts there.
            if (i > 0 && first != start && first - room <= start - first) return false;
            room = start + used_;
        }
        return is_filled(room, memory_.data() + memory_.size());
    }

private:
    static constexpr std::size_t alignment = 64;
    static constexpr std::size_t before = 4096;

    /// Every byte is like the one before it.
    [[nodiscard]] bool is_filled(const std::uint8_t* from, const std::uint8_t* to) const noexcept {
        if (from == to) return true;
        const auto rest = static_cast<std::size_t>(to - from) - 1;
        return *from == value_ && std::memcmp(from, from + 1, rest) == 0;
    }

    std::size_t stride_;
    std::size_t regions_;
    std::size_t used_;
    std::uint8_t value_;
    std::vector<std::uint8_t> memory_;
};

/// One direction of a callback: its samples and, planar, the pointers to its channels.
template <class T, class Layout>
class GuardedBuffer {
public:
    using View = typename Layout::template View<T>;

    GuardedBuffer(std::size_t frames, std::size_t channels, std::uint8_t value)
        : channels_(channels),
          samples_(planar ? channels : std::min<std::size_t>(channels, 1), planar,
                   frames * frame_bytes(channels), value) {
        if (!planar || channels == 0) return;
        // Who takes them for samples writes as many bytes as all samples have. Who uses a channel
        // too many is led to where it is seen.
        const std::size_t bytes = frames * channels * sizeof(T);
        intended_.assign(before + channels + room_behind(bytes) / sizeof(T*),
                         static_cast<T*>(samples_.region(channels)));
        for (std::size_t c = 0; c < channels; ++c) {
            intended_[before + c] = static_cast<T*>(samples_.region(c));
        }
        pointers_ = intended_;
    }

    /// As many frames as the next call has.
    [[nodiscard]] View view(std::size_t frames) noexcept {
        if (channels_ == 0) return View{nullptr, frames, 0};
        samples_.use(frames * frame_bytes(channels_));
        if constexpr (planar) {
            return View{intended_.data() + before, frames, channels_};
        } else {
            return View{static_cast<T*>(samples_.region(0)), frames, channels_};
        }
    }

    /// What the callback gets: NULL where there are no channels.
    [[nodiscard]] void* pointer() noexcept {
        if (channels_ == 0) return nullptr;
        if constexpr (planar) {
            return pointers_.data() + before;
        } else {
            return samples_.region(0);
        }
    }

    [[nodiscard]] bool intact() noexcept { return samples_.intact(); }
    [[nodiscard]] bool only_before() noexcept { return samples_.only_before(); }
    [[nodiscard]] bool pointers_intact() const noexcept { return pointers_ == intended_; }

private:
    static constexpr bool planar = std::is_same_v<Layout, portspan::Planar>;
    static constexpr std::size_t before = 64;  // pointers
    static std::size_t frame_bytes(std::size_t channels) noexcept {
        return sizeof(T) * (planar ? 1 : channels);
    }

    std::size_t channels_;
    Guarded samples_;
    std::vector<T*> intended_;  // the callback does not get these
    std::vector<T*> pointers_;  // but these
};

}  // namespace run_callback
