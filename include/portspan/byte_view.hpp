// SPDX-License-Identifier: MIT
// Audio memory whose sample format is known when the program runs: bytes.
#pragma once

#include <cassert>
#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

namespace portspan {

template <class T>
concept Byte = std::same_as<std::remove_const_t<T>, std::byte>;

/// Frames one after the other, each with its channels side by side: frames() * channels() samples
/// of sample_size() bytes. Pass it by value; in a callback it is valid for that call.
template <Byte B>
class InterleavedBytes {
public:
    using sample_type = B;  ///< std::byte, const or not

    constexpr InterleavedBytes() = default;
    /// `data` points at frames * channels * sample_size bytes.
    constexpr InterleavedBytes(B* data, std::size_t frames, std::size_t channels,
                               std::size_t sample_size) noexcept
        : data_(data), frames_(frames), channels_(channels), sample_size_(sample_size) {}

    /// To read only.
    constexpr operator InterleavedBytes<const std::byte>() const noexcept
        requires(!std::is_const_v<B>)
    {
        return {data_, frames_, channels_, sample_size_};
    }

    /// Samples of one channel.
    [[nodiscard]] constexpr std::size_t frames() const noexcept { return frames_; }
    /// Samples of one frame.
    [[nodiscard]] constexpr std::size_t channels() const noexcept { return channels_; }
    /// Bytes of one sample.
    [[nodiscard]] constexpr std::size_t sample_size() const noexcept { return sample_size_; }
    /// No frames, as where PortAudio passes no buffer.
    [[nodiscard]] constexpr bool empty() const noexcept { return frames_ == 0; }

    /// All of it.
    [[nodiscard]] constexpr std::span<B> bytes() const noexcept {
        return {data_, frames_ * frame_size()};
    }
    /// The first byte of the first frame.
    [[nodiscard]] constexpr B* data() const noexcept { return data_; }
    /// One frame: channels() samples.
    [[nodiscard]] constexpr std::span<B> frame(std::size_t frame) const noexcept {
        return bytes().subspan(frame * frame_size(), frame_size());
    }
    /// One sample.
    [[nodiscard]] constexpr std::span<B> operator()(std::size_t frame,
                                                    std::size_t channel) const noexcept {
        assert(frame < frames_ && channel < channels_);
        return bytes().subspan(frame * frame_size() + channel * sample_size_, sample_size_);
    }
    /// `count` frames from `first` on.
    [[nodiscard]] constexpr InterleavedBytes slice(std::size_t first,
                                                   std::size_t count) const noexcept {
        assert(first <= frames_ && count <= frames_ - first);
        return {data_ + first * frame_size(), count, channels_, sample_size_};
    }

private:
    [[nodiscard]] constexpr std::size_t frame_size() const noexcept {
        return channels_ * sample_size_;
    }

    B* data_ = nullptr;
    std::size_t frames_ = 0;
    std::size_t channels_ = 0;
    std::size_t sample_size_ = 0;
};

/// A buffer for each channel, frames() samples of sample_size() bytes.
template <Byte B>
class PlanarBytes {
public:
    using sample_type = B;  ///< std::byte, const or not

    constexpr PlanarBytes() = default;
    /// `data` points at `channels` pointers, each to samples of which frames `first` to
    /// `first + frames` are seen.
    constexpr PlanarBytes(B* const* data, std::size_t frames, std::size_t channels,
                          std::size_t sample_size, std::size_t first = 0) noexcept
        : data_(data),
          first_(first),
          frames_(frames),
          channels_(channels),
          sample_size_(sample_size) {}

    /// To read only.
    constexpr operator PlanarBytes<const std::byte>() const noexcept
        requires(!std::is_const_v<B>)
    {
        return {data_, frames_, channels_, sample_size_, first_};
    }

    /// Samples of one channel.
    [[nodiscard]] constexpr std::size_t frames() const noexcept { return frames_; }
    /// Samples of one frame.
    [[nodiscard]] constexpr std::size_t channels() const noexcept { return channels_; }
    /// Bytes of one sample.
    [[nodiscard]] constexpr std::size_t sample_size() const noexcept { return sample_size_; }
    /// No frames, as where PortAudio passes no buffer.
    [[nodiscard]] constexpr bool empty() const noexcept { return frames_ == 0; }

    /// One channel: frames() samples; of null where the memory is null.
    [[nodiscard]] constexpr std::span<B> channel(std::size_t channel) const noexcept {
        assert(channel < channels_);
        B* const plane = data_ ? data_[channel] : nullptr;
        return {plane ? plane + first_ * sample_size_ : nullptr, frames_ * sample_size_};
    }
    /// One sample.
    [[nodiscard]] constexpr std::span<B> operator()(std::size_t frame,
                                                    std::size_t channel) const noexcept {
        return this->channel(channel).subspan(frame * sample_size_, sample_size_);
    }
    /// `count` frames from `first` on.
    [[nodiscard]] constexpr PlanarBytes slice(std::size_t first, std::size_t count) const noexcept {
        assert(first <= frames_ && count <= frames_ - first);
        return {data_, count, channels_, sample_size_, first_ + first};
    }

private:
    B* const* data_ = nullptr;
    std::size_t first_ = 0;
    std::size_t frames_ = 0;
    std::size_t channels_ = 0;
    std::size_t sample_size_ = 0;
};

}  // namespace portspan
