// SPDX-License-Identifier: MIT
// From the audio thread to a file that is written on the main thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <portspan/ring_buffer.hpp>
#include <portspan/view.hpp>

#include "audio_file.hpp"
#include "buffer.hpp"

namespace run_callback {

/// From the ring to the file, on the main thread.
template <class T>
class Recorder {
public:
    Recorder(AudioWriter& writer, std::size_t channels, double sample_rate)
        : writer_(writer), ring_(room(channels, sample_rate), channels), piece_(4096, channels) {}

    [[nodiscard]] const portspan::RingBuffer<T>& ring() const noexcept { return ring_; }

    void drain() {
        while (const std::size_t count = ring_.read(piece_.view())) {
            writer_.write(piece_.view().slice(0, count));
        }
    }

private:
    static constexpr std::size_t largest_block = 8192;  ///< frames, of most hosts
    /// Four seconds, in which a disk should answer; less only where that were a lot of memory.
    static std::size_t room(std::size_t channels, double sample_rate) {
        constexpr double most_samples = 1 << 26;
        const double most = std::max(sample_rate, most_samples / static_cast<double>(channels));
        return static_cast<std::size_t>(std::min(4 * sample_rate, most)) + largest_block;
    }

    AudioWriter& writer_;
    portspan::RingBuffer<T> ring_;
    Buffer<T, portspan::Interleaved> piece_;
};

}  // namespace run_callback
