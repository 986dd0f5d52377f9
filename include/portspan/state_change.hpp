// SPDX-License-Identifier: MIT
// What a state is to become, in parts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "ramp.hpp"

namespace portspan::detail {

/// Bytes of a state that become others, and ramps that begin there.
class StateChange {
public:
    explicit StateChange(std::size_t size) : value_(size) { ranges_.reserve(64); }

    void clear() noexcept {
        ranges_.clear();
        ramps_.clear();
    }
    /// The next set() takes no memory.
    void make_room() { ranges_.reserve(ranges_.size() + 1); }

    /// Of one that is as large.
    void copy(const StateChange& other) {
        ranges_ = other.ranges_;
        ramps_ = other.ramps_;
        other.write(value_.data());
    }

    void set(std::size_t offset, const void* bytes, std::size_t size) {
        ramps_.remove_if([&](const MemberRamp& r) { return r.overlaps(offset, size); });
        std::memcpy(value_.data() + offset, bytes, size);
        cover({offset, offset + size});
    }

    void set(const MemberRamp& ramp) {
        if (const auto oldest = ramps_.add(ramp)) {
            oldest->write(value_.data(), oldest->target);
            cover({oldest->offset, oldest->offset + oldest->size});
        }
    }

    /// Audio thread.
    void apply(std::byte* state, RampList& active) const noexcept {
        active.remove_if([this](const MemberRamp& r) { return covers(r); });
        write(state);
        for (MemberRamp ramp : ramps_) {
            ramp.from = ramp.read(state);
            if (const auto oldest = active.add(ramp)) oldest->write(state, oldest->target);
        }
    }

    /// With the ramps at their ends.
    void apply_all(std::byte* state) const noexcept {
        write(state);
        ramps_.write_targets(state);
    }

private:
    struct Range {
        std::size_t first;
        std::size_t last;  ///< behind it
    };

    void write(std::byte* state) const noexcept {
        for (const Range& r : ranges_) {
            std::memcpy(state + r.first, value_.data() + r.first, r.last - r.first);
        }
    }
    void cover(Range added) {
        const auto joins = [&added](const Range& r) {
            return r.first <= added.last && added.first <= r.last;
        };
        for (const Range& r : ranges_) {
            if (!joins(r)) continue;
            added = {(std::min)(r.first, added.first), (std::max)(r.last, added.last)};
        }
        std::erase_if(ranges_, joins);
        ranges_.push_back(added);
    }
    [[nodiscard]] bool covers(const MemberRamp& ramp) const noexcept {
        return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& r) {
            return ramp.overlaps(r.first, r.last - r.first);
        });
    }

    std::vector<std::byte> value_;  // as large as the state; what is not in a range does not count
    std::vector<Range> ranges_;     // with other bytes between them
    RampList ramps_;
};

}  // namespace portspan::detail
