// SPDX-License-Identifier: MIT
// From one signal to another without a click.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <type_traits>
#include <utility>

#include "buffers.hpp"
#include "error.hpp"
#include "sample.hpp"

namespace portspan {

/// What both signals are multiplied by on the way from one to the other.
enum class FadeCurve {
    linear,       ///< adds up to 1: for signals that are alike, as of an effect that was edited
    equal_power,  ///< the squares add up to 1: for signals that have nothing to do with each other
};

/// How one callback takes another one's place.
struct Fade {
    std::size_t frames = 512;             ///< that hear both; 0: from one block to the next
    FadeCurve curve = FadeCurve::linear;  ///< of those frames
    /// Where the stream runs and its device makes no call for this long, and for two blocks, the
    /// old callback goes without a fade. With a Renderer only exchange() has a patience.
    std::chrono::duration<double> patience{0.25};
};

namespace detail {

struct Gains {
    double from;
    double to;
};

/// Of frame `position` of a fade. The frame before the first one has the old signal alone, the one
/// after the last one the new.
inline Gains gains_at(const Fade& fade, std::size_t position) noexcept {
    const double way = (static_cast<double>(position) + 1) / (static_cast<double>(fade.frames) + 1);
    if (fade.curve == FadeCurve::linear) return {1 - way, way};
    const double angle = way * std::numbers::pi / 2;
    return {std::cos(angle), std::sin(angle)};
}

/// Around silence; integers are rounded, and clamped to what they can hold.
template <Sample T>
T mixed(T from, T to, Gains gains) noexcept {
    if constexpr (std::is_same_v<T, float>) {
        return static_cast<float>(static_cast<double>(from) * gains.from +
                                  static_cast<double>(to) * gains.to);
    } else {
        constexpr double zero = silence<T>;
        const double sum = zero + (from - zero) * gains.from + (to - zero) * gains.to;
        if constexpr (std::is_same_v<T, Int24>) {
            return Int24(std::nearbyint(sum));
        } else {
            using Range = std::numeric_limits<T>;
            return static_cast<T>(
                std::clamp(std::nearbyint(sum), double{(Range::min)()}, double{(Range::max)()}));
        }
    }
}

/// `signal`, with `to` instead where the fade is over, and both before that. `position`: that of
/// the first frame.
template <class View>
void cross_fade(View signal, View to, const Fade& fade, std::size_t position) noexcept {
    const std::size_t rest = fade.frames - (std::min)(position, fade.frames);
    const std::size_t both = (std::min)(rest, signal.frames());
    for (std::size_t frame = 0; frame < both; ++frame) {
        const Gains gains = gains_at(fade, position + frame);
        for (std::size_t c = 0; c < signal.channels(); ++c) {
            signal(frame, c) = mixed(signal(frame, c), to(frame, c), gains);
        }
    }
    const std::size_t after = signal.frames() - both;
    copy_through(to.slice(both, after), signal.slice(both, after));
}

/// Throws Error for one that makes no sense.
inline Fade checked(const Fade& fade) {
    if (!(fade.patience >= fade.patience.zero())) {
        raise(Error(Fault::invalid_argument, "Slot", "a fade's patience must be 0 s or more"));
    }
    if (fade.curve != FadeCurve::linear && fade.curve != FadeCurve::equal_power) {
        raise(Error(Fault::invalid_argument, "Slot", "a fade curve that is none"));
    }
    return fade;
}

}  // namespace detail

}  // namespace portspan
