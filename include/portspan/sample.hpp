// SPDX-License-Identifier: MIT
// The sample types that PortAudio can put into a buffer.
#pragma once

#include <portaudio.h>

#include <array>
#include <bit>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace portspan {

/// Packed signed 24-bit integer in host byte order, as PortAudio's paInt24: three bytes, no
/// padding. Calculates as its std::int32_t value; what does not fit is clamped, because a sample
/// that wraps around is a full-scale click.
class Int24 {
public:
    static constexpr std::int32_t min = -8'388'608;  ///< full scale
    static constexpr std::int32_t max = 8'388'607;   ///< full scale

private:
    using Bytes = std::array<std::uint8_t, 3>;

    /// Where the byte of significance `low` (0: least) is kept.
    static constexpr std::size_t at(std::size_t low) noexcept {
        return std::endian::native == std::endian::little ? low : 2 - low;
    }

    static constexpr Bytes pack(std::int32_t value) noexcept {
        const auto bits = static_cast<std::uint32_t>(value);
        Bytes bytes{};
        for (std::size_t i = 0; i < 3; ++i) bytes[at(i)] = static_cast<std::uint8_t>(bits >> 8 * i);
        return bytes;
    }

    template <class Number>
    static constexpr std::int32_t clamp(Number value) noexcept {
        if constexpr (std::is_floating_point_v<Number>) {
            if (value >= Number{max}) return max;
            if (value <= Number{min}) return min;
            return value == value ? static_cast<std::int32_t>(value) : 0;
        } else if constexpr (sizeof(Number) < sizeof(std::int64_t)) {
            return clamp(static_cast<std::int64_t>(value));
        } else {
            if (std::cmp_greater(value, max)) return max;
            if (std::cmp_less(value, min)) return min;
            return static_cast<std::int32_t>(value);
        }
    }

public:
    Int24() = default;

    /// Clamped to [min, max]; floating-point values lose their fraction, NaN becomes 0.
    template <class Number>
        requires std::is_arithmetic_v<Number>
    constexpr explicit Int24(Number value) noexcept : bytes_(pack(clamp(value))) {}

    /// Implicit, because every value fits.
    constexpr operator std::int32_t() const noexcept {
        const auto byte = [this](std::size_t low) { return std::uint32_t{bytes_[at(low)]}; };
        const std::uint32_t high_aligned = byte(0) << 8 | byte(1) << 16 | byte(2) << 24;
        return static_cast<std::int32_t>(high_aligned) >> 8;
    }

    /// In double: exact wherever the result is inside [min, max], and no overflow on the way there.
    constexpr Int24& operator+=(double n) noexcept { return *this = Int24(value() + n); }
    /// Likewise.
    constexpr Int24& operator-=(double n) noexcept { return *this = Int24(value() - n); }
    /// Likewise.
    constexpr Int24& operator*=(double n) noexcept { return *this = Int24(value() * n); }
    /// Likewise.
    constexpr Int24& operator/=(double n) noexcept { return *this = Int24(value() / n); }

    friend constexpr bool operator==(Int24 a, Int24 b) noexcept { return a.bytes_ == b.bytes_; }
    friend constexpr std::strong_ordering operator<=>(Int24 a, Int24 b) noexcept {
        return std::int32_t{a} <=> std::int32_t{b};
    }

private:
    constexpr double value() const noexcept { return std::int32_t{*this}; }

    Bytes bytes_;
};

namespace detail {
template <class T>
inline constexpr PaSampleFormat format_of = 0;
template <>
inline constexpr PaSampleFormat format_of<float> = paFloat32;
template <>
inline constexpr PaSampleFormat format_of<std::int32_t> = paInt32;
template <>
inline constexpr PaSampleFormat format_of<Int24> = paInt24;
template <>
inline constexpr PaSampleFormat format_of<std::int16_t> = paInt16;
template <>
inline constexpr PaSampleFormat format_of<std::int8_t> = paInt8;
template <>
inline constexpr PaSampleFormat format_of<std::uint8_t> = paUInt8;
}  // namespace detail

/// float, std::int32_t, Int24, std::int16_t, std::int8_t or std::uint8_t; const where only read.
template <class T>
concept Sample = detail::format_of<std::remove_const_t<T>> != 0;

namespace detail {
/// What `In` and `Out` of a stream may be: a sample type, or void for no such direction.
template <class T>
inline constexpr bool is_direction = std::is_void_v<T> || (Sample<T> && !std::is_const_v<T>);
/// The same, or std::byte for samples of a format that is known at run time.
template <class T>
inline constexpr bool is_stream_direction = is_direction<T> || std::is_same_v<T, std::byte>;
}  // namespace detail

/// PortAudio's constant for a sample type, without the layout bit paNonInterleaved.
template <class T>
    requires Sample<T>
inline constexpr PaSampleFormat sample_format = detail::format_of<std::remove_const_t<T>>;

/// The value of no sound: 0, but 128 for std::uint8_t (portaudio.h, PaSampleFormat).
template <class T>
    requires Sample<T>
inline constexpr std::remove_const_t<T> silence{};
template <>
inline constexpr std::uint8_t silence<std::uint8_t> = 128;
template <>
inline constexpr std::uint8_t silence<const std::uint8_t> = 128;

}  // namespace portspan
