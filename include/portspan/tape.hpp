// SPDX-License-Identifier: MIT
// The memory that is played and recorded.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "buffers.hpp"
#include "error.hpp"
#include "number.hpp"
#include "view.hpp"

namespace portspan::detail {

template <class View>
inline constexpr bool is_view = false;
template <Sample T, std::size_t N>
inline constexpr bool is_view<InterleavedView<T, N>> = true;
template <Sample T, std::size_t N>
inline constexpr bool is_view<PlanarView<T, N>> = true;

/// An InterleavedView or a PlanarView.
template <class View>
concept SampleView = is_view<View>;

template <SampleView View>
using LayoutOf = std::conditional_t<InterleavedSamples<View>, Interleaved, Planar>;

/// Throws Error where there is nothing to play from or to record into.
template <SampleView View>
void require_audio(const View& view, const char* call) {
    const auto refuse = [&](std::string_view why) {
        raise(Error(Fault::invalid_argument, call, why));
    };
    if (view.channels() == 0) refuse("the audio has no channels");
    if (view.frames() == 0) refuse("the audio has no frames");
    if (const std::string why = missing_memory(view, "the audio"); !why.empty()) refuse(why);
}

/// What play() and the others take as one channel; what else there is, the compiler is told why
/// not.
template <class Samples>
auto one_channel(Samples& samples) {
    using T = std::remove_reference_t<std::ranges::range_reference_t<Samples>>;
    static_assert(
        Sample<std::remove_const_t<T>>,
        "only samples of PortAudio's are played and recorded: float, std::int32_t, "
        "portspan::Int24, std::int16_t, std::int8_t or std::uint8_t; others have to be converted");
    static_assert(std::ranges::contiguous_range<Samples>,
                  "only samples that are side by side are played and recorded, as those of a "
                  "std::vector");
    return InterleavedView<T>{std::span<T>{samples}, 1};
}

/// The places are 0, 1, 2 and so on for all channels: the audio is copied as it is.
inline bool is_straight(const std::vector<std::size_t>& places, std::size_t channels) {
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (places[i] != i) return false;
    }
    return places.size() == channels;
}

void copy_channel(auto from, auto to) noexcept { std::ranges::copy(from, to.begin()); }

/// Where a recording goes: memory of its own, or the caller's.
template <class T, class L>
struct Tape {
    std::vector<T> samples;
    std::vector<T*> planes;
    typename L::template View<T> view;

    Tape() = default;
    explicit Tape(typename L::template View<T> its_view) : view(its_view) {}
    Tape(const Tape&) = delete;
    Tape& operator=(const Tape&) = delete;

    void allocate(std::size_t frames, std::size_t channels) {
        const auto too_large = [&] {
            const double bytes = static_cast<double>(frames) * static_cast<double>(channels) *
                                 static_cast<double>(sizeof(T));
            return Error(Fault::invalid_argument, "record",
                         std::to_string(frames) + " frames of " + std::to_string(channels) +
                             " channels are " + number(bytes) +
                             " bytes, more than there is memory");
        };
        if (frames > samples.max_size() / channels) raise(too_large());
        detail::allocate([&] { samples.resize(frames * channels, silence<T>); }, too_large);
        if constexpr (std::is_same_v<L, Interleaved>) {
            view = {samples.data(), frames, channels};
        } else {
            for (std::size_t c = 0; c < channels; ++c) planes.push_back(&samples[c * frames]);
            view = {planes.data(), frames, channels};
        }
    }

    [[nodiscard]] bool is_owned() const noexcept { return !samples.empty(); }
};

}  // namespace portspan::detail
