// SPDX-License-Identifier: MIT
// What a C++ callable is given: one block of audio, typed.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <type_traits>

#include "buffers.hpp"
#include "finite_number.hpp"
#include "times.hpp"
#include "view.hpp"

namespace portspan {

/// One block of a stream of `In` samples to `Out` samples; void for a direction it does not have.
/// Belongs to one call of the callback: keep nothing of it. Audio thread only.
template <class In, class Out, Layout L = Interleaved>
class Block {
    static_assert(
        detail::is_stream_direction<In> && detail::is_stream_direction<Out>,
        "In and Out are sample types of PortAudio's (float, std::int32_t, portspan::Int24, "
        "std::int16_t, std::int8_t, std::uint8_t), std::byte for a format that is known at run "
        "time, or void for no such direction");

public:
    /// NoView without an input.
    using InputView = typename detail::ViewOf<L, std::add_const_t<In>>::type;
    using OutputView = typename detail::ViewOf<L, Out>::type;  ///< NoView without an output
    static constexpr bool has_input = !std::is_void_v<In>;     ///< the stream records
    static constexpr bool has_output = !std::is_void_v<Out>;   ///< the stream plays

    /// As PortAudio delivers it.
    constexpr Block(const RawBlock& raw, Shape shape) noexcept
        : input_(detail::view_of<InputView>(raw.input, raw.frames, shape.input_channels,
                                            shape.input_format)),
          output_(detail::view_of<OutputView>(raw.output, raw.frames, shape.output_channels,
                                              shape.output_format)),
          frames_(raw.frames),
          time_(raw.time),
          status_(static_cast<StatusFlags>(raw.status)) {}

    /// Over memory of one's own, so that a callable is tested without a stream.
    constexpr Block(InputView input, OutputView output,
                    StatusFlags status = StatusFlags::none) noexcept
        requires(has_input && has_output)
        : input_(input), output_(output), frames_(output.frames()), status_(status) {}

    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    /// Frames in this block; may differ from call to call.
    [[nodiscard]] constexpr std::size_t frames() const noexcept { return frames_; }

    /// The xruns that the host has seen since the last block.
    [[nodiscard]] constexpr StatusFlags status() const noexcept { return status_; }

    /// When this block was recorded and is heard, on the clock of Stream::time().
    [[nodiscard]] constexpr StreamTimes time() const noexcept {
        using Moment = StreamClock::time_point;
        const auto moment = [](PaTime t) { return Moment{StreamClock::duration{t}}; };
        StreamTimes times;
        if (!time_) return times;
        times.current = moment(time_->currentTime);
        // Hosts that cannot tell say 0, as WDM-KS does; at the clock's own 0 that is the time.
        const auto given = [this](PaTime t) {
            return detail::is_finite(t) && (t != 0 || time_->currentTime == 0);
        };
        if constexpr (has_input) {
            if (given(time_->inputBufferAdcTime))
                times.input_adc = moment(time_->inputBufferAdcTime);
        }
        if constexpr (has_output) {
            if (given(time_->outputBufferDacTime))
                times.output_dac = moment(time_->outputBufferDacTime);
        }
        return times;
    }

    /// The input, read-only; empty where PortAudio passes none, as it may at any call.
    [[nodiscard]] constexpr auto input() const noexcept
        requires has_input
    {
        return input_;
    }

    /// The output: every sample of it has to be written, it holds old memory.
    [[nodiscard]] constexpr auto output() const noexcept
        requires has_output
    {
        return output_;
    }

    /// The output, already holding the input: the one buffer to process. With different channel
    /// counts the shared channels are copied and the others silent. Copies at the first call only.
    constexpr auto in_place() noexcept
        requires(has_input && has_output)
    {
        static_assert(std::is_same_v<In, Out>,
                      "in_place() needs the same sample type for input and output: use input() and "
                      "output(), or a stream of one type");
        static_assert(Sample<In>, "in_place() needs a sample type: bytes are copied by hand");
        if (!copied_) {
            detail::copy_through(input_, output_);
            copied_ = true;
        }
        return output_;
    }

    // Named, so that a compiler says in one line that the stream has no such direction.
    auto input() const
        requires(!has_input)
    = delete;
    auto output() const
        requires(!has_output)
    = delete;
    auto in_place()
        requires(!has_input || !has_output)
    = delete;

    /// The same views with a channel count that the compiler knows. Where the stream has another
    /// one the view is empty and the stream aborts with an Error that says both counts. A callable
    /// of `auto& block` calls them `block.template in_place<2>()`.
    template <std::size_t Channels>
    [[nodiscard]] constexpr auto input() noexcept
        requires has_input
    {
        return with_channels<Channels>(input());
    }
    /// Output() with such a count.
    template <std::size_t Channels>
    [[nodiscard]] constexpr auto output() noexcept
        requires has_output
    {
        return with_channels<Channels>(output());
    }
    /// In_place() with such a count.
    template <std::size_t Channels>
    constexpr auto in_place() noexcept
        requires(has_input && has_output)
    {
        return with_channels<Channels>(in_place());
    }

    /// The channel count that was asked for and is not the stream's; 0 where all was well.
    [[nodiscard]] constexpr std::size_t wrong_channels() const noexcept { return wrong_channels_; }

private:
    template <std::size_t Channels, class View>
    constexpr auto with_channels(View view) noexcept {
        using Static = decltype(view.template with_channels<Channels>());
        if (view.channels() == Channels) [[likely]]
            return view.template with_channels<Channels>();
        wrong_channels_ = Channels;
        return Static{};
    }

    [[no_unique_address]] InputView input_;
    [[no_unique_address]] OutputView output_;
    std::size_t frames_;
    const PaStreamCallbackTimeInfo* time_ = nullptr;
    StatusFlags status_ = StatusFlags::none;
    std::size_t wrong_channels_ = 0;
    bool copied_ = false;
};

}  // namespace portspan
