// SPDX-License-Identifier: MIT
// From the pointers of a PaStreamCallback to views, and what can be done with both directions.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <type_traits>

#include "byte_view.hpp"
#include "raw_format.hpp"
#include "sample.hpp"
#include "view.hpp"

namespace portspan {

/// The channels of both directions; 0 where the stream has no such direction.
struct Shape {
    std::size_t input_channels = 0;   ///< what a stream records
    std::size_t output_channels = 0;  ///< what a stream plays
    RawFormat input_format = {};      ///< of a std::byte direction
    RawFormat output_format = {};     ///< likewise
};

/// The arguments of a PaStreamCallback, user data aside.
struct RawBlock {
    const void* input;                     ///< null where PortAudio passes none
    void* output;                          ///< null where the stream has none
    unsigned long frames;                  ///< of both buffers
    const PaStreamCallbackTimeInfo* time;  ///< of this call; may be null
    PaStreamCallbackFlags status;          ///< xruns before this call
};

/// The view of a direction that a stream does not have.
struct NoView {};

namespace detail {

template <class L, class T>
struct ViewOf {
    using type = typename L::template View<T>;
};
template <class L, class T>
    requires std::is_void_v<T>
struct ViewOf<L, T> {
    using type = NoView;
};
template <Byte T>
struct ViewOf<Interleaved, T> {
    using type = InterleavedBytes<T>;
};
template <Byte T>
struct ViewOf<Planar, T> {
    using type = PlanarBytes<T>;
};

template <class View>
concept InterleavedSamples = requires(View view) { view.samples(); };

/// "the audio is null", "channel 1 of the audio is null"; empty where there is memory. An array of
/// pointers that is null is all channels that are.
template <class View>
std::string missing_memory(const View& view, const char* audio) {
    if constexpr (InterleavedSamples<View>) {
        return view.data() ? std::string{} : std::string{audio} + " is null";
    } else {
        std::size_t missing = 0;
        std::size_t last = 0;
        for (std::size_t c = 0; c < view.channels(); ++c) {
            if (view.channel(c).data()) continue;
            ++missing;
            last = c;
        }
        if (missing == 0) return {};
        if (missing == view.channels()) return std::string{audio} + " is null";
        return "channel " + std::to_string(last) + " of " + audio + " is null";
    }
}

/// A view of one of PortAudio's buffers. NULL, which input may be, becomes an empty one.
template <class View, class Pointer>
constexpr View view_of(Pointer buffer, std::size_t frames, std::size_t channels,
                       [[maybe_unused]] RawFormat format = {}) noexcept {
    if constexpr (std::is_same_v<View, NoView>) {
        return {};
    } else {
        using T = typename View::sample_type;
        if constexpr (std::is_const_v<T>) frames = buffer ? frames : 0;
        if constexpr (Byte<T> && requires(View view) { view.bytes(); }) {
            return {static_cast<T*>(buffer), frames, channels, format.sample_size};
        } else if constexpr (Byte<T>) {
            return {static_cast<T* const*>(buffer), frames, channels, format.sample_size};
        } else if constexpr (InterleavedSamples<View>) {
            return {static_cast<T*>(buffer), frames, channels};
        } else {
            return {static_cast<T* const*>(buffer), frames, channels};
        }
    }
}

/// Bytes of which nobody knows what silence is: 0, as for all formats but paUInt8.
template <Byte B>
constexpr void fill_silence(InterleavedBytes<B> view) noexcept {
    std::ranges::fill(view.bytes(), std::byte{});
}
template <Byte B>
constexpr void fill_silence(PlanarBytes<B> view) noexcept {
    for (std::size_t c = 0; c < view.channels(); ++c) {
        std::ranges::fill(view.channel(c), std::byte{});
    }
}

template <class View>
constexpr void fill_silence(View view, std::size_t first_channel = 0) noexcept {
    constexpr auto zero = silence<typename View::sample_type>;
    if constexpr (InterleavedSamples<View>) {
        if (first_channel == 0) return void(std::ranges::fill(view.samples(), zero));
    }
    for (std::size_t c = first_channel; c < view.channels(); ++c) {
        for (auto& sample : view.channel(c)) sample = zero;
    }
}

/// Channel by channel: those that both have are copied, the rest of the output is silent.
template <class InView, class OutView>
constexpr void copy_channels(InView input, OutView output) noexcept {
    constexpr auto zero = silence<typename OutView::sample_type>;
    const std::size_t frames = (std::min)(input.frames(), output.frames());
    const std::size_t shared = frames == 0 ? 0 : (std::min)(input.channels(), output.channels());
    for (std::size_t c = 0; c < shared; ++c) {
        const auto from = input.channel(c);
        const auto to = output.channel(c);
        if (&from[0] == &to[0]) continue;
        for (std::size_t frame = 0; frame < frames; ++frame) to[frame] = from[frame];
        for (std::size_t frame = frames; frame < to.size(); ++frame) to[frame] = zero;
    }
    fill_silence(output, shared);
}

/// The same for interleaved audio. Neither inlined nor given views, which would have to be put into
/// memory: either would cost the usual case, which stands beside its call, more than itself.
template <class T>
#if defined(__GNUC__)
[[gnu::noinline]]
#endif
constexpr void copy_interleaved_channels(const T* input, std::size_t input_frames,
                                         std::size_t input_channels, T* output,
                                         std::size_t output_frames,
                                         std::size_t output_channels) noexcept {
    copy_channels(InterleavedView<const T>{input, input_frames, input_channels},
                  InterleavedView<T>{output, output_frames, output_channels});
}

/// Input to output: the channels that both have are copied, what is left of the output is silent.
template <class InView, class OutView>
constexpr void copy_through(InView input, OutView output) noexcept {
    if constexpr (!InterleavedSamples<OutView>) {
        copy_channels(input, output);
    } else if (!input.empty() && input.frames() == output.frames() &&
               input.channels() == output.channels()) [[likely]] {
        if (std::is_constant_evaluated()) return copy_channels(input, output);
        // Moved, not copied: both may be the same memory.
        const std::size_t count = output.frames() * input.channels();
        std::memmove(output.data(), input.data(), count * sizeof *output.data());
    } else {
        copy_interleaved_channels(input.data(), input.frames(), input.channels(), output.data(),
                                  output.frames(), output.channels());
    }
}

}  // namespace detail

}  // namespace portspan
