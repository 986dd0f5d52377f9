// SPDX-License-Identifier: MIT
// Audio memory with its channels side by side, without owning or copying it.
#pragma once

#include <cassert>
#include <cstddef>
#include <ranges>
#include <span>
#include <type_traits>

#include "channel_count.hpp"
#include "sample.hpp"
#include "strided.hpp"

namespace portspan {

/// Frames one after the other, each with its channels side by side: PortAudio's usual buffer.
/// A pointer and two counts; pass it by value. Valid as long as the memory, in a callback that
/// call.
template <Sample T, std::size_t Channels = std::dynamic_extent>
class InterleavedView {
public:
    using sample_type = T;                           ///< const where the samples are read only
    static constexpr std::size_t extent = Channels;  ///< std::dynamic_extent: known at run time

    constexpr InterleavedView() = default;

    /// `data` points at frames * channels samples.
    constexpr InterleavedView(T* data, std::size_t frames, std::size_t channels) noexcept
        : data_(data), frames_(frames), channels_(channels) {}

    /// The whole frames in `samples`; an incomplete last frame is not part of the view.
    constexpr InterleavedView(std::span<T> samples, std::size_t channels) noexcept
        : InterleavedView(samples.data(), channels ? samples.size() / channels : 0, channels) {}

    // A pointer and no array: beside an array the number is the channels, as everywhere.
    /// `data` points at frames * Channels samples.
    template <class Pointer>
        requires(Channels != std::dynamic_extent && std::is_same_v<Pointer, T*>)
    constexpr InterleavedView(const Pointer& data, std::size_t frames) noexcept
        : InterleavedView(data, frames, Channels) {}

    /// The whole frames in `samples`, of Channels samples each.
    constexpr explicit InterleavedView(std::span<T> samples) noexcept
        requires(Channels != std::dynamic_extent)
        : InterleavedView(samples, Channels) {}

    // A conversion operator: a converting constructor would suppress the implicit copy constructor.
    /// To read only, and to a channel count known at run time.
    template <Sample U, std::size_t M>
        requires detail::WidensTo<T, Channels, U, M>
    constexpr operator InterleavedView<U, M>() const noexcept {
        return {data_, frames_, channels()};
    }

    /// Samples of one channel.
    [[nodiscard]] constexpr std::size_t frames() const noexcept { return frames_; }
    /// Samples of one frame.
    [[nodiscard]] constexpr std::size_t channels() const noexcept { return channels_.value; }
    /// No frames, as where PortAudio passes no buffer.
    [[nodiscard]] constexpr bool empty() const noexcept { return frames_ == 0; }
    /// The first sample of the first frame.
    [[nodiscard]] constexpr T* data() const noexcept { return data_; }

    /// All samples of all channels: frames() * channels() of them.
    [[nodiscard]] constexpr std::span<T> samples() const noexcept {
        return {data_, frames_ * channels()};
    }
    /// One frame: channels() samples.
    [[nodiscard]] constexpr std::span<T, Channels> frame(std::size_t frame) const noexcept {
        assert(frame < frames_);
        return std::span<T, Channels>{data_ + frame * channels(), channels()};
    }
    /// One channel: frames() samples, channels() apart.
    [[nodiscard]] constexpr StridedSpan<T> channel(std::size_t channel) const noexcept {
        assert(channel < channels());
        return {empty() ? nullptr : data_ + channel, frames_, channels()};
    }
    /// One sample; both counted from 0.
    [[nodiscard]] constexpr T& operator()(std::size_t frame, std::size_t channel) const noexcept {
        assert(frame < frames_ && channel < channels());
        return data_[frame * channels() + channel];
    }
    /// `count` frames from `first` on.
    [[nodiscard]] constexpr InterleavedView slice(std::size_t first,
                                                  std::size_t count) const noexcept {
        assert(first <= frames_ && count <= frames_ - first);
        return {data_ + first * channels(), count, channels()};
    }
    /// The same samples with a channel count that the compiler knows; it must be channels().
    template <std::size_t N>
    [[nodiscard]] constexpr InterleavedView<T, N> with_channels() const noexcept {
        return {data_, frames_, channels()};
    }

private:
    T* data_ = nullptr;
    std::size_t frames_ = 0;
    [[no_unique_address]] detail::ChannelCount<Channels> channels_;
};

/// Of an array, a std::vector, a std::span: `InterleavedView{samples, 2}`, const where they are.
template <std::ranges::contiguous_range Samples>
    requires std::ranges::borrowed_range<Samples> && Sample<std::ranges::range_value_t<Samples>>
InterleavedView(Samples&&, std::size_t)
    -> InterleavedView<std::remove_reference_t<std::ranges::range_reference_t<Samples>>>;

}  // namespace portspan
