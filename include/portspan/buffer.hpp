// SPDX-License-Identifier: MIT
// Audio memory that an adaptor owns, and parts of a block, for a callback that is not called with
// the buffers of the host.
#pragma once

#include <portaudio.h>

#include <cassert>
#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "buffers.hpp"
#include "error.hpp"
#include "exceptions.hpp"
#include "sample.hpp"

namespace portspan::detail {

/// Memory for so many frames, silent at first, as PortAudio would pass it.
template <Sample T, class L>
class Buffer {
public:
    using View = typename L::template View<T>;

    Buffer() = default;
    /// Throws Error for more than memory holds.
    Buffer(std::size_t frames, std::size_t channels)
        : samples_(silent(frames, channels)), frames_(frames), channels_(channels) {
        if constexpr (std::is_same_v<L, Planar>) {
            for (std::size_t c = 0; c < channels; ++c) {
                planes_.push_back(samples_.data() + c * frames);
            }
        }
    }
    // The planes point into the samples.
    Buffer(Buffer&&) noexcept = default;
    Buffer& operator=(Buffer&&) noexcept = default;
    ~Buffer() = default;

    /// Audio thread.
    void swap(Buffer& other) noexcept {
        samples_.swap(other.samples_);
        planes_.swap(other.planes_);
        std::swap(frames_, other.frames_);
        std::swap(channels_, other.channels_);
    }

    [[nodiscard]] std::size_t frames() const noexcept { return frames_; }

    /// What a callback is given: the samples, or an array of pointers to them.
    [[nodiscard]] void* raw() noexcept {
        if constexpr (std::is_same_v<L, Planar>) {
            return planes_.data();
        } else {
            return samples_.data();
        }
    }
    /// The first frames of it.
    [[nodiscard]] View view(std::size_t frames) noexcept {
        assert(frames <= frames_);
        return view_of<View>(raw(), frames, channels_);
    }

private:
    static std::vector<T> silent(std::size_t frames, std::size_t channels) {
        constexpr std::size_t most = (std::numeric_limits<std::size_t>::max)();
        if (channels != 0 && frames > most / channels) raise(too_large(frames, channels));
        return allocate([&] { return std::vector<T>(frames * channels, silence<T>); },
                        [&] { return too_large(frames, channels); });
    }
    static Error too_large(std::size_t frames, std::size_t channels) {
        return {Fault::invalid_argument, "portspan",
                std::to_string(frames) + " frames of " + std::to_string(channels) +
                    " channels do not fit into memory"};
    }

    std::vector<T> samples_;
    std::vector<T*> planes_;
    std::size_t frames_ = 0;
    std::size_t channels_ = 0;
};

/// A moment in a block, `seconds` after that of its first frame. Hosts that cannot tell say 0; at
/// the clock's own 0 that is the time.
inline PaTime later(const PaStreamCallbackTimeInfo& of, PaTime moment, double seconds) noexcept {
    return moment != 0 || of.currentTime == 0 ? moment + seconds : 0;
}

/// The buffers of a block from a later frame on, as PortAudio would pass them. Audio thread only.
template <class In, class Out, class L>
class Parts {
public:
    /// `sample_rate` in Hz, for the times; 0: they stay those of the block.
    Parts(const Shape& shape, double sample_rate)
        : sample_rate_(sample_rate),
          input_(shape.input_channels, shape.input_format),
          output_(shape.output_channels, shape.output_format) {}

    /// Frames `first` to `first + count`, valid until the next call. The status flags are told with
    /// frame 0 alone.
    [[nodiscard]] RawBlock part(const RawBlock& raw, std::size_t first,
                                std::size_t count) noexcept {
        RawBlock part = raw;
        part.frames = static_cast<unsigned long>(count);
        if (first == 0) return part;
        part.status = 0;
        part.output = output_.from(raw.output, first);
        // A callback that works in place knows that by the same pointer.
        part.input = raw.input == raw.output ? part.output : input_.from(raw.input, first);
        if (raw.time && sample_rate_ > 0) part.time = time_from(*raw.time, first);
        return part;
    }

private:
    template <class T>
    class Direction {
    public:
        Direction(std::size_t channels, RawFormat format)
            : channels_(channels), planes_(is_planar ? channels : 0) {
            if constexpr (std::is_same_v<T, const std::byte> || std::is_same_v<T, std::byte>) {
                step_ = format.sample_size;
            }
        }
        template <class Pointer>
        Pointer from(Pointer buffer, std::size_t first) noexcept {
            if (!buffer) return buffer;
            if constexpr (is_planar) {
                for (std::size_t c = 0; c < channels_; ++c) {
                    planes_[c] = static_cast<T* const*>(buffer)[c] + first * step_;
                }
                return planes_.data();
            } else {
                return static_cast<T*>(buffer) + first * channels_ * step_;
            }
        }

    private:
        static constexpr bool is_planar = std::is_same_v<L, Planar>;
        std::size_t channels_;
        std::size_t step_ = 1;  ///< objects of T a sample
        std::vector<T*> planes_;
    };
    template <class T>
    using Memory = std::conditional_t<std::is_void_v<T>, std::byte, T>;

    const PaStreamCallbackTimeInfo* time_from(const PaStreamCallbackTimeInfo& time,
                                              std::size_t first) noexcept {
        const double seconds = static_cast<double>(first) / sample_rate_;
        time_ = time;
        if constexpr (!std::is_void_v<In>) {
            time_.inputBufferAdcTime = later(time, time.inputBufferAdcTime, seconds);
        }
        if constexpr (!std::is_void_v<Out>) {
            time_.outputBufferDacTime = later(time, time.outputBufferDacTime, seconds);
        }
        return &time_;
    }

    double sample_rate_;
    Direction<const Memory<In>> input_;
    Direction<Memory<Out>> output_;
    PaStreamCallbackTimeInfo time_{};
};

}  // namespace portspan::detail
