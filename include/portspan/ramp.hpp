// SPDX-License-Identifier: MIT
// Numbers of a state that go to their new values along straight lines.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <optional>

#include "finite_number.hpp"

namespace portspan {

/// How long a number of a LiveState is on its way to a new value, in a straight line.
struct Ramp {
    std::size_t frames = 0;  ///< of the stream; 0: it is there at once
};

namespace detail {

/// A float or a double somewhere in a state, and the way that it goes.
struct MemberRamp {
    std::size_t offset;  ///< bytes
    std::size_t size;    ///< of float or of double
    double target;
    std::size_t frames;
    double from = 0;
    std::size_t done = 0;  ///< frames

    [[nodiscard]] double read(const std::byte* state) const noexcept {
        return size == sizeof(float) ? read_as<float>(state) : read_as<double>(state);
    }
    void write(std::byte* state, double value) const noexcept {
        if (size == sizeof(float)) {
            const auto number = static_cast<float>(value);
            std::memcpy(state + offset, &number, sizeof number);
        } else {
            std::memcpy(state + offset, &value, sizeof value);
        }
    }
    /// At the end exactly the target; there is no line from an infinity, which begins at the
    /// target.
    [[nodiscard]] double value() const noexcept {
        if (done >= frames || !is_finite(from)) return target;
        return std::lerp(from, target, static_cast<double>(done) / static_cast<double>(frames));
    }
    [[nodiscard]] bool overlaps(std::size_t first, std::size_t count) const noexcept {
        return first < offset + size && offset < first + count;
    }

private:
    template <class Number>
    [[nodiscard]] double read_as(const std::byte* state) const noexcept {
        Number number;
        std::memcpy(&number, state + offset, sizeof number);
        return static_cast<double>(number);
    }
};

/// Ramps of one state, the oldest first.
class RampList {
public:
    static constexpr std::size_t longest_part = 32;  ///< frames with one value

    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] const MemberRamp* begin() const noexcept { return ramps_.data(); }
    [[nodiscard]] const MemberRamp* end() const noexcept { return ramps_.data() + count_; }
    void clear() noexcept { count_ = 0; }

    template <class Condition>
    void remove_if(Condition condition) noexcept {
        MemberRamp* const first = ramps_.data();
        count_ = static_cast<std::size_t>(std::remove_if(first, first + count_, condition) - first);
    }

    /// In the place of those on the same bytes. The one that there is no room for any more, whose
    /// number is to be set to its target.
    [[nodiscard]] std::optional<MemberRamp> add(const MemberRamp& ramp) noexcept {
        remove_if([&](const MemberRamp& r) { return r.overlaps(ramp.offset, ramp.size); });
        std::optional<MemberRamp> oldest;
        if (count_ == ramps_.size()) {
            oldest = ramps_[0];
            std::copy(begin() + 1, end(), ramps_.data());
            --count_;
        }
        ramps_[count_++] = ramp;
        return oldest;
    }

    /// So many of the frames that are left may see the same values.
    [[nodiscard]] std::size_t next_part(std::size_t left) const noexcept {
        if (!empty()) left = (std::min)(left, longest_part);
        for (const MemberRamp& r : *this) left = (std::min)(left, r.frames - r.done);
        return left;
    }

    /// The numbers as they are at the end of the next `frames`.
    void advance(std::byte* state, std::size_t frames) noexcept {
        for (MemberRamp* r = ramps_.data(); r != end(); ++r) {
            r->done += frames;
            r->write(state, r->value());
        }
        remove_if([](const MemberRamp& r) { return r.done >= r.frames; });
    }

    /// As they will be in the end.
    void write_targets(std::byte* state) const noexcept {
        for (const MemberRamp& r : *this) r.write(state, r.target);
    }

private:
    std::array<MemberRamp, 16> ramps_{};
    std::size_t count_ = 0;
};

}  // namespace detail

}  // namespace portspan
