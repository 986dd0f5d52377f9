// SPDX-License-Identifier: MIT
// Where samples wait between the mock's devices, which are interleaved floats, and a program.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

#include "convert.hpp"

namespace portspan::mock {

/// What a callback gets for one direction, in its own format and layout; made anew for each block
/// in memory that is kept.
class CallbackBuffer {
public:
    CallbackBuffer(PaSampleFormat format, std::size_t channels)
        : format_(format), channels_(channels), is_device_(format == paFloat32) {}

    [[nodiscard]] std::size_t channels() const { return channels_; }

    /// The samples of one block as the device has them, to be filled before give().
    [[nodiscard]] std::span<float> device(std::size_t frames) {
        make_room(frames);
        return {is_device_ ? reinterpret_cast<float*>(memory_.data()) : floats_.data(),
                frames * channels_};
    }
    /// The callback's input: what device() holds.
    [[nodiscard]] void* give(std::size_t frames) {
        if (!is_device_) {
            to_program({floats_.data(), frames * channels_}, format_, channels_, pointer());
        }
        return pointer();
    }
    /// The callback's output. Old memory, as devices have it: who does not write it hears it.
    [[nodiscard]] void* give_old_memory(std::size_t frames) {
        make_room(frames);
        std::memset(memory_.data(), 0x55, frames * channels_ * bytes_per_sample(format_));
        return pointer();
    }
    /// What the callback has written, as the device plays it.
    [[nodiscard]] std::span<const float> take(std::size_t frames) {
        const std::span<float> samples = device(frames);
        if (!is_device_) from_program(pointer(), format_, channels_, samples);
        return samples;
    }

private:
    void make_room(std::size_t frames) {
        if (frames == frames_) return;
        frames_ = frames;
        const std::size_t plane = frames * bytes_per_sample(format_);
        memory_.resize(std::max(memory_.size(), plane * channels_));
        if (!is_device_) floats_.resize(std::max(floats_.size(), frames * channels_));
        if (!(format_ & paNonInterleaved)) return;
        planes_.resize(channels_);
        for (std::size_t c = 0; c < channels_; ++c) planes_[c] = memory_.data() + c * plane;
    }
    [[nodiscard]] void* pointer() {
        if (format_ & paNonInterleaved) return planes_.data();
        return memory_.data();
    }

    PaSampleFormat format_;
    std::size_t channels_;
    bool is_device_;  ///< the callback's buffer is what a device has: nothing to convert
    std::size_t frames_ = 0;
    std::vector<std::byte> memory_;
    std::vector<float> floats_;
    std::vector<void*> planes_;
};

/// What a blocking stream holds for one direction; allocates when it is made.
class FrameQueue {
public:
    FrameQueue(std::size_t frames, std::size_t channels)
        : samples_(frames * channels), channels_(channels) {}

    [[nodiscard]] std::size_t channels() const { return channels_; }
    [[nodiscard]] std::size_t frames() const { return size_ / channels_; }
    [[nodiscard]] std::size_t room() const { return (samples_.size() - size_) / channels_; }

    /// Puts as many frames at the end as there is room for; returns how many.
    std::size_t push(std::span<const float> from) {
        const std::size_t count = std::min(from.size(), samples_.size() - size_);
        for (std::size_t i = 0; i < count; ++i) at(size_ + i) = from[i];
        size_ += count;
        return count / channels_;
    }
    /// Takes as many frames from the front as there are; returns how many.
    std::size_t pop(std::span<float> to) {
        const std::size_t count = std::min(to.size(), size_);
        for (std::size_t i = 0; i < count; ++i) to[i] = at(i);
        drop(count / channels_);
        return count / channels_;
    }
    /// Lets the oldest frames go.
    void drop(std::size_t frames) {
        first_ = (first_ + frames * channels_) % samples_.size();
        size_ -= frames * channels_;
    }

private:
    float& at(std::size_t i) {
        const std::size_t place = first_ + i;
        return samples_[place < samples_.size() ? place : place - samples_.size()];
    }

    std::vector<float> samples_;
    std::size_t channels_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

}  // namespace portspan::mock
