// SPDX-License-Identifier: MIT
// A sample format that is known when the program runs.
#pragma once

#include <portaudio.h>

#include <cstddef>

namespace portspan {

/// The format of the samples of a std::byte stream: one of PortAudio's, or a host API's own
/// (paCustomFormat), whose size PortAudio does not know.
struct RawFormat {
    /// paFloat32, paInt32, paInt24, paInt16, paInt8, paUInt8 or paCustomFormat with what the host
    /// API defines for it, without paNonInterleaved; 0: none.
    PaSampleFormat format = 0;
    /// Bytes a sample; 0 for a format that is none of PortAudio's.
    std::size_t sample_size = 0;

    constexpr RawFormat() = default;
    /// One of PortAudio's, whose size is known.
    constexpr RawFormat(PaSampleFormat of_portaudio) noexcept
        : format(of_portaudio), sample_size(size_of(of_portaudio)) {}
    /// Any, with the bytes of a sample.
    constexpr RawFormat(PaSampleFormat any, std::size_t bytes) noexcept
        : format(any), sample_size(bytes) {}

private:
    static constexpr std::size_t size_of(PaSampleFormat format) noexcept {
        switch (format) {
            case paFloat32:
            case paInt32:
                return 4;
            case paInt24:
                return 3;
            case paInt16:
                return 2;
            case paInt8:
            case paUInt8:
                return 1;
            default:
                return 0;
        }
    }
};

}  // namespace portspan
