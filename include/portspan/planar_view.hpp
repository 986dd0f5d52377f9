// SPDX-License-Identifier: MIT
// Audio memory with a buffer for each channel, without owning or copying it.
#pragma once

#include <cassert>
#include <cstddef>
#include <ranges>
#include <span>
#include <type_traits>

#include "channel_count.hpp"
#include "sample.hpp"

namespace portspan {

/// A buffer for each channel, PortAudio's paNonInterleaved: an array of pointers to them.
/// The array is PortAudio's too, so in a callback a view is valid for that call and no longer.
template <Sample T, std::size_t Channels = std::dynamic_extent>
class PlanarView {
public:
    using sample_type = T;                           ///< const where the samples are read only
    static constexpr std::size_t extent = Channels;  ///< std::dynamic_extent: known at run time

    constexpr PlanarView() = default;

    /// `data` points at `channels` pointers, each to samples of which frames `first` to
    /// `first + frames` are seen.
    constexpr PlanarView(T* const* data, std::size_t frames, std::size_t channels,
                         std::size_t first = 0) noexcept
        : data_(data), first_(first), frames_(frames), channels_(channels) {}

    /// `data` points at Channels pointers, each to `frames` samples.
    constexpr PlanarView(T* const* data, std::size_t frames) noexcept
        requires(Channels != std::dynamic_extent)
        : PlanarView(data, frames, Channels) {}

    /// `planes` has a pointer for each channel, each to `frames` samples.
    constexpr PlanarView(std::span<T* const> planes, std::size_t frames) noexcept
        requires(Channels == std::dynamic_extent)
        : PlanarView(planes.data(), frames, planes.size()) {}

    /// To read only, and to a channel count known at run time.
    template <Sample U, std::size_t M>
        requires detail::WidensTo<T, Channels, U, M>
    constexpr operator PlanarView<U, M>() const noexcept {
        return {data_, frames_, channels(), first_};
    }

    /// Samples of one channel.
    [[nodiscard]] constexpr std::size_t frames() const noexcept { return frames_; }
    /// Samples of one frame.
    [[nodiscard]] constexpr std::size_t channels() const noexcept { return channels_.value; }
    /// No frames, as where PortAudio passes no buffer.
    [[nodiscard]] constexpr bool empty() const noexcept { return frames_ == 0; }

    /// One channel: frames() samples, side by side; of null where the memory is null.
    [[nodiscard]] constexpr std::span<T> channel(std::size_t channel) const noexcept {
        assert(channel < channels());
        T* const plane = data_ ? data_[channel] : nullptr;
        return {plane ? plane + first_ : nullptr, frames_};
    }
    /// One sample; both counted from 0.
    [[nodiscard]] constexpr T& operator()(std::size_t frame, std::size_t channel) const noexcept {
        assert(frame < frames_ && channel < channels());
        return data_[channel][first_ + frame];
    }
    /// `count` frames from `first` on.
    [[nodiscard]] constexpr PlanarView slice(std::size_t first, std::size_t count) const noexcept {
        assert(first <= frames_ && count <= frames_ - first);
        return {data_, count, channels(), first_ + first};
    }
    /// The same samples with a channel count that the compiler knows; it must be channels().
    template <std::size_t N>
    [[nodiscard]] constexpr PlanarView<T, N> with_channels() const noexcept {
        return {data_, frames_, channels(), first_};
    }

private:
    T* const* data_ = nullptr;
    std::size_t first_ = 0;
    std::size_t frames_ = 0;
    [[no_unique_address]] detail::ChannelCount<Channels> channels_;
};

/// Of an array or a std::vector of pointers, one for each channel: `PlanarView{planes, frames}`.
template <std::ranges::contiguous_range Planes>
    requires std::ranges::borrowed_range<Planes> &&
             std::is_pointer_v<std::ranges::range_value_t<Planes>> &&
             Sample<std::remove_pointer_t<std::ranges::range_value_t<Planes>>>
PlanarView(Planes&&, std::size_t)
    -> PlanarView<std::remove_pointer_t<std::ranges::range_value_t<Planes>>>;

}  // namespace portspan
