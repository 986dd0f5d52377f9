// SPDX-License-Identifier: MIT
// Memory with room around it that nobody may write to: what a callback does beyond its own is seen,
// and hurts nobody.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace portspan::detail {

/// What was written outside of a buffer, or of one of several side by side.
struct Damage {
    enum class Where { none, before, behind, pointers };
    Where where = Where::none;
    std::size_t region = 0;
    std::size_t bytes = 0;  ///< how far from the edge

    explicit operator bool() const noexcept { return where != Where::none; }
};

/// Regions of one size with room before, between and behind them. All room holds a pattern.
class GuardedMemory {
public:
    GuardedMemory(std::size_t regions, std::size_t bytes)
        : stride_((bytes + room_behind(bytes) + alignment - 1) / alignment * alignment),
          regions_(regions),
          used_(bytes),
          pattern_(regions == 0 ? 0 : room_before + regions * stride_) {
        // No two bytes side by side are the same: no sample looks like it.
        std::uint32_t random = 0x2545f491;
        for (std::uint8_t& byte : pattern_) {
            random = random * 1664525 + 1013904223;
            byte = static_cast<std::uint8_t>(random >> 24);
        }
        memory_ = pattern_;
    }

    [[nodiscard]] std::uint8_t* region(std::size_t index) noexcept {
        return memory_.data() + start_of(index);
    }

    /// From here on that much of each region is the callback's, the rest is room.
    void use(std::size_t bytes) noexcept {
        for (std::size_t i = 0; bytes < used_ && i < regions_; ++i) {
            renew(start_of(i) + bytes, start_of(i) + used_);
        }
        used_ = bytes;
    }

    /// The first that was written outside; afterwards all room is as new.
    [[nodiscard]] Damage damage() noexcept {
        if (regions_ == 0) return {};
        std::size_t from = 0;
        for (std::size_t i = 0; i <= regions_; ++i) {
            const bool is_last = i == regions_;
            const std::size_t to = is_last ? memory_.size() : start_of(i);
            if (std::memcmp(memory_.data() + from, pattern_.data() + from, to - from) != 0) {
                // Half of what is between two is the room of either.
                const std::size_t middle = i == 0 ? from : is_last ? to : from + (to - from) / 2;
                const Damage found = damage_between(from, middle, to, i);
                renew_all();
                return found;
            }
            from = is_last ? to : to + used_;
        }
        return {};
    }

private:
    static constexpr std::size_t alignment = 64;
    static constexpr std::size_t room_before = 4096;

    /// Enough for a callback that takes the buffer for one eight times as large; never less than
    /// the buffer, where eight times were a lot.
    static constexpr std::size_t room_behind(std::size_t bytes) noexcept {
        constexpr std::size_t least = 4096, much = 1u << 20;
        return (std::max)({bytes, least, (std::min)(8 * (std::min)(bytes, much), much)});
    }

    [[nodiscard]] std::size_t start_of(std::size_t index) const noexcept {
        return room_before + index * stride_;
    }

    void renew(std::size_t from, std::size_t to) noexcept {
        std::copy(pattern_.begin() + static_cast<std::ptrdiff_t>(from),
                  pattern_.begin() + static_cast<std::ptrdiff_t>(to),
                  memory_.begin() + static_cast<std::ptrdiff_t>(from));
    }
    void renew_all() noexcept {
        std::size_t from = 0;
        for (std::size_t i = 0; i < regions_; ++i) {
            renew(from, start_of(i));
            from = start_of(i) + used_;
        }
        renew(from, memory_.size());
    }

    /// In the room before the region `next`: up to `middle` it is that of the region before.
    [[nodiscard]] Damage damage_between(std::size_t from, std::size_t middle, std::size_t to,
                                        std::size_t next) const noexcept {
        const auto differs = [&](std::size_t i) { return memory_[i] != pattern_[i]; };
        for (std::size_t i = middle; i > from; --i) {
            if (differs(i - 1)) return {Damage::Where::behind, next - 1, i - from};
        }
        for (std::size_t i = middle; i < to; ++i) {
            if (differs(i)) return {Damage::Where::before, next, to - i};
        }
        return {};
    }

    std::size_t stride_;
    std::size_t regions_;
    std::size_t used_;
    std::vector<std::uint8_t> pattern_;
    std::vector<std::uint8_t> memory_;
};

}  // namespace portspan::detail
