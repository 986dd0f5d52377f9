// SPDX-License-Identifier: MIT
// Between the mock's device, which is float, and the formats of PortAudio's callbacks: the results
// of PortAudio's converters, without dither. Buffers may be unaligned. Differences only where
// PortAudio converts what an integer cannot hold, which is undefined in C:
// - NaN is 0 here; on x86 PortAudio makes the lowest code of it.
// - Beyond 32 bits after scaling (65,538 for paInt16, 1.7e7 for 8 bits, and infinities there) it is
//   clipped here; on x86 PortAudio makes the lowest code of it.
// - paClipOff clips here as well; in the range from -1 to 1 it makes a difference in PortAudio only
//   to paInt24 (the lowest bit) and to 1.0 as paInt32.
#pragma once

#include <portaudio.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <portspan/raw_format.hpp>
#include <portspan/sample.hpp>
#include <span>

namespace portspan::mock {

/// 0 for what is no sample format that PortAudio converts.
[[nodiscard]] inline std::size_t bytes_per_sample(PaSampleFormat format) noexcept {
    return RawFormat{format & ~paNonInterleaved}.sample_size;
}

/// A float as an integer sample: scaled by the largest value, clipped, the fraction dropped.
template <class Integer, int Bits>
Integer integer_sample(float sample) noexcept {
    constexpr auto largest = static_cast<std::int32_t>((std::int64_t{1} << (Bits - 1)) - 1);
    constexpr double most = largest;
    // A float as PortAudio's scale and product are: 2^31 for 32 bits, and rounded products.
    const auto value = static_cast<double>(sample * static_cast<float>(largest));
    if (std::isnan(value)) return Integer(0);
    const double clipped = value < -most - 1 ? -most - 1 : value > most ? most : value;
    return static_cast<Integer>(static_cast<std::int32_t>(clipped));
}

/// Calls `f` with how one sample of `format` is made of a float, and the reverse.
template <class F>
void with_format(PaSampleFormat format, F&& f) {
    const auto integer = [&]<class T, int Bits>(T, std::integral_constant<int, Bits>) {
        constexpr double half = static_cast<double>(std::int64_t{1} << (Bits - 1));
        f([](float x) { return integer_sample<T, Bits>(x); },
          [](T x) { return static_cast<float>(static_cast<double>(std::int32_t{x}) / half); });
    };
    switch (format & ~paNonInterleaved) {
        case paInt32:
            return integer(std::int32_t{}, std::integral_constant<int, 32>{});
        case paInt16:
            return integer(std::int16_t{}, std::integral_constant<int, 16>{});
        case paInt8:
            return integer(std::int8_t{}, std::integral_constant<int, 8>{});
        case paInt24:
            // By way of 32 bits, as PortAudio does: the low byte is cut off, not rounded.
            return f([](float x) { return Int24{integer_sample<std::int32_t, 32>(x) >> 8}; },
                     [](Int24 x) { return static_cast<float>(std::int32_t{x} / 8388608.0); });
        case paUInt8:
            return f(
                [](float x) {
                    return static_cast<std::uint8_t>(128 + integer_sample<std::int8_t, 8>(x));
                },
                [](std::uint8_t x) { return static_cast<float>((x - 128) / 128.0); });
        default:
            return f([](float x) { return x; }, [](float x) { return x; });
    }
}

/// `count` samples of a device, each `step`-th one, into a contiguous buffer of `format`.
inline void from_floats(const float* from, std::size_t step, PaSampleFormat format, void* to,
                        std::size_t count) {
    with_format(format, [&](auto make, auto) {
        auto* bytes = static_cast<std::byte*>(to);
        for (std::size_t i = 0; i < count; ++i) {
            const auto sample = make(from[i * step]);
            std::memcpy(bytes + i * sizeof sample, &sample, sizeof sample);
        }
    });
}

/// The reverse: a contiguous buffer of `format` as each `step`-th sample of a device.
inline void to_floats(const void* from, PaSampleFormat format, float* to, std::size_t step,
                      std::size_t count) {
    with_format(format, [&](auto make, auto read) {
        const auto* bytes = static_cast<const std::byte*>(from);
        auto sample = make(0.0f);
        for (std::size_t i = 0; i < count; ++i) {
            std::memcpy(&sample, bytes + i * sizeof sample, sizeof sample);
            to[i * step] = read(sample);
        }
    });
}

/// A device's interleaved samples in a program's buffer of either layout.
inline void to_program(std::span<const float> device, PaSampleFormat format, std::size_t channels,
                       void* buffer) {
    if (!(format & paNonInterleaved)) {
        return from_floats(device.data(), 1, format, buffer, device.size());
    }
    for (std::size_t c = 0; c < channels; ++c) {
        from_floats(device.data() + c, channels, format, static_cast<void* const*>(buffer)[c],
                    device.size() / channels);
    }
}

/// The reverse.
inline void from_program(const void* buffer, PaSampleFormat format, std::size_t channels,
                         std::span<float> device) {
    if (!(format & paNonInterleaved)) {
        return to_floats(buffer, format, device.data(), 1, device.size());
    }
    for (std::size_t c = 0; c < channels; ++c) {
        to_floats(static_cast<void* const*>(buffer)[c], format, device.data() + c, channels,
                  device.size() / channels);
    }
}

}  // namespace portspan::mock
