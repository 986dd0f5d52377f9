// SPDX-License-Identifier: MIT
// Audio memory seen as frames and channels, without owning or copying it.
#pragma once

#include <portaudio.h>

#include <cassert>
#include <cstddef>
#include <span>
#include <type_traits>

#include "sample.hpp"
#include "strided.hpp"

namespace portspan {

namespace detail {

/// A channel count that takes no space where the compiler knows it.
template <std::size_t N>
struct ChannelCount {
    constexpr ChannelCount() = default;
    constexpr explicit ChannelCount([[maybe_unused]] std::size_t count) { assert(count == N); }
    static constexpr std::size_t value = N;
};
template <>
struct ChannelCount<std::dynamic_extent> {
    constexpr ChannelCount() = default;
    constexpr explicit ChannelCount(std::size_t count) : value(count) {}
    std::size_t value = 0;
};

/// A static channel count may be forgotten and a sample may become read-only, never the reverse.
template <class T, std::size_t N, class U, std::size_t M>
concept WidensTo = !(std::is_same_v<T, U> && N == M) && std::is_convertible_v<T (*)[], U (*)[]> &&
                   (N == M || M == std::dynamic_extent);

}  // namespace detail

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

/// Layout tag: frames one after the other.
struct Interleaved {
    template <class T, std::size_t Channels = std::dynamic_extent>
    using View = InterleavedView<T, Channels>;        ///< the view of this layout
    static constexpr PaSampleFormat format_flag = 0;  ///< beside a PaSampleFormat
};

/// Layout tag: a buffer for each channel.
struct Planar {
    template <class T, std::size_t Channels = std::dynamic_extent>
    using View = PlanarView<T, Channels>;                            ///< the view of this layout
    static constexpr PaSampleFormat format_flag = paNonInterleaved;  ///< beside a PaSampleFormat
};

/// One of the layout tags.
template <class L>
concept Layout = std::is_same_v<L, Interleaved> || std::is_same_v<L, Planar>;

}  // namespace portspan
