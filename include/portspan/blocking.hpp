// SPDX-License-Identifier: MIT
// A PortAudio stream without a callback: the program reads and writes, and waits meanwhile.
#pragma once

#include <portaudio.h>

#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <system_error>
#include <type_traits>
#include <utility>

#include "config.hpp"
#include "handle.hpp"
#include "open_blocking.hpp"
#include "questions.hpp"
#include "transfer.hpp"

namespace portspan {

/// A PortAudio stream of `In` samples to `Out` samples without a callback; void for a direction
/// that it does not have, std::byte where Endpoint::format says the format. Open, but not started,
/// from its construction, which throws Error; its end aborts the audio and does not throw.
///
/// One thread may read while another writes and a third asks or stops: PortAudio is given one call
/// at a time, in pieces of 256 frames. stop() and abort() end a read or a write that waits, which
/// then fails with paStreamIsStopped. Where the device is gone a host may wait for ever; they end
/// the stream after a second all the same, and are given up after 3 more, and whether that wakes
/// the read is the host's. Two reads, or two writes, come one after the other. Start before the
/// threads that read and write; move and destroy after them.
template <class In, class Out = In, Layout L = Interleaved>
class BlockingStream final : private detail::StreamHandle {
    static_assert(
        detail::is_stream_direction<In> && detail::is_stream_direction<Out>,
        "In and Out are sample types of PortAudio's (float, std::int32_t, portspan::Int24, "
        "std::int16_t, std::int8_t, std::uint8_t), std::byte for a format that is known at run "
        "time, or void for no such direction");

public:
    static constexpr bool has_input = !std::is_void_v<In>;    ///< it has read()
    static constexpr bool has_output = !std::is_void_v<Out>;  ///< it has write()
    using InputView = typename detail::ViewOf<L, In>::type;   ///< what read() fills
    /// What write() plays.
    using OutputView = typename detail::ViewOf<L, std::add_const_t<Out>>::type;
    /// Whole interleaved frames.
    using InputSpan = std::span<std::conditional_t<has_input, In, std::byte>>;
    /// Whole interleaved frames.
    using OutputSpan = std::span<std::conditional_t<has_output, const Out, const std::byte>>;

    /// By default on the default devices, as Stream.
    explicit BlockingStream(const StreamConfig& config = {})
        : StreamHandle(detail::open_blocking<In, Out, L>(config)),
          transfers_(std::make_unique<Transfers>(shape())) {}

    // Named, so that a compiler says in one line that this stream has no callback.
    template <class Callback>
        requires(!std::is_convertible_v<Callback, StreamConfig> &&
                 !std::is_same_v<Callback, BlockingStream>)
    explicit BlockingStream(Callback) = delete;
    template <class Callback>
    BlockingStream(const StreamConfig&, Callback) = delete;

    /// Fills the view with the frames that come next, and waits for them. Overflow means that the
    /// device had frames before these that nobody has read in time and that are lost; these are
    /// good. Throws Error: for another channel count or sample size than the stream's, with
    /// paStreamIsStopped where the stream is not started or is stopped meanwhile, with PortAudio's
    /// code. The overload that does not throw tells how many frames had come before the error.
    StatusFlags read(InputView view)
        requires has_input
    {
        return detail::told(read(view, std::nothrow), "Pa_ReadStream", "BlockingStream::read", view,
                            input_channels(), shape().input_format);
    }
    [[nodiscard]] Transfer read(InputView view, std::nothrow_t) noexcept
        requires has_input
    {
        if (!handle()) return {.error = portaudio_error(paBadStreamPtr)};
        const auto call = [this](auto buffer, unsigned long frames) {
            return Pa_ReadStream(handle(), buffer, frames);
        };
        return transfers_->input.run(view, transfers_->turns, call, paInputOverflowed,
                                     StatusFlags::input_overflow);
    }
    /// The same for interleaved samples, or bytes of them, whole frames.
    StatusFlags read(InputSpan samples)
        requires(has_input && std::is_same_v<L, Interleaved>)
    {
        return read(detail::whole_frames<InputView>(samples, input_channels(), shape().input_format,
                                                    "BlockingStream::read"));
    }

    /// Fault::invalid_argument where those are no whole frames.
    template <std::convertible_to<InputSpan> Samples>
        requires(has_input && std::is_same_v<L, Interleaved>)
    [[nodiscard]] Transfer read(Samples&& samples, std::nothrow_t) noexcept {
        return detail::if_whole<InputView>(
            InputSpan{samples}, input_channels(), shape().input_format,
            [this](InputView view) { return read(view, std::nothrow); });
    }

    /// Plays the view after what was written before, and waits until all of it is handed over, not
    /// until it is heard. Underflow means that the device had nothing to play before this. Throws
    /// as read() does.
    StatusFlags write(OutputView view)
        requires has_output
    {
        return detail::told(write(view, std::nothrow), "Pa_WriteStream", "BlockingStream::write",
                            view, output_channels(), shape().output_format);
    }
    [[nodiscard]] Transfer write(OutputView view, std::nothrow_t) noexcept
        requires has_output
    {
        if (!handle()) return {.error = portaudio_error(paBadStreamPtr)};
        const auto call = [this](auto buffer, unsigned long frames) {
            return Pa_WriteStream(handle(), buffer, frames);
        };
        return transfers_->output.run(view, transfers_->turns, call, paOutputUnderflowed,
                                      StatusFlags::output_underflow);
    }
    /// The same for interleaved samples, or bytes of them, whole frames.
    StatusFlags write(OutputSpan samples)
        requires(has_output && std::is_same_v<L, Interleaved>)
    {
        return write(detail::whole_frames<OutputView>(
            samples, output_channels(), shape().output_format, "BlockingStream::write"));
    }

    /// Fault::invalid_argument where those are no whole frames.
    template <std::convertible_to<OutputSpan> Samples>
        requires(has_output && std::is_same_v<L, Interleaved>)
    [[nodiscard]] Transfer write(Samples&& samples, std::nothrow_t) noexcept {
        return detail::if_whole<OutputView>(
            OutputSpan{samples}, output_channels(), shape().output_format,
            [this](OutputView view) { return write(view, std::nothrow); });
    }

    /// How many frames could be read or written now without waiting. Throws Error, also with
    /// paStreamIsStopped while another thread stops the stream. May wait for another thread's read
    /// or write to get its next piece.
    [[nodiscard]] std::size_t read_available() const
        requires has_input
    {
        return available(Pa_GetStreamReadAvailable, "Pa_GetStreamReadAvailable");
    }
    /// As read_available().
    [[nodiscard]] std::size_t write_available() const
        requires has_output
    {
        return available(Pa_GetStreamWriteAvailable, "Pa_GetStreamWriteAvailable");
    }

    // Named, so that a compiler says in one line that the stream has no such direction.
    template <class Samples>
    void read(Samples)
        requires(!has_input)
    = delete;
    template <class Samples>
    void write(Samples)
        requires(!has_output)
    = delete;

    /// As Stream::start(). Waits for the piece that another thread reads or writes.
    void start() {
        if (!transfers_) return StreamHandle::start();
        const detail::Turn turn{transfers_->turns};
        StreamHandle::start();
    }
    [[nodiscard]] std::error_code start(std::nothrow_t) noexcept {
        if (!transfers_) return StreamHandle::start(std::nothrow);
        const detail::Turn turn{transfers_->turns};
        return StreamHandle::start(std::nothrow);
    }

    /// Plays what was written, then stops; no error where nothing runs.
    void stop() {
        ending([this] { StreamHandle::stop(); });
    }
    [[nodiscard]] std::error_code stop(std::nothrow_t) noexcept {
        return ending([this] { return StreamHandle::stop(std::nothrow); });
    }
    /// Stops as soon as possible; what was written and not heard is not played.
    void abort() {
        ending([this] { StreamHandle::abort(); });
    }
    [[nodiscard]] std::error_code abort(std::nothrow_t) noexcept {
        return ending([this] { return StreamHandle::abort(std::nothrow); });
    }

    using StreamHandle::active;
    using StreamHandle::close;     // after the threads that read and write
    using StreamHandle::cpu_load;  // PortAudio: 0
    using StreamHandle::handle;
    using StreamHandle::host_api_type;
    using StreamHandle::input_channels;
    using StreamHandle::input_latency;
    using StreamHandle::output_channels;
    using StreamHandle::output_latency;
    using StreamHandle::sample_rate;
    using StreamHandle::stopped;
    using StreamHandle::time;

private:
    struct Transfers {
        detail::Turns turns;
        detail::TransferSide<InputView> input;
        detail::TransferSide<OutputView> output;

        explicit Transfers(const Shape& shape)
            : input(shape.input_channels, shape.input_format),
              output(shape.output_channels, shape.output_format) {}
    };

    std::size_t available(signed long (*ask)(PaStream*), const char* call) const {
        if (!handle()) detail::raise(detail::closed_failure(call));
        const signed long frames = [&] {
            const detail::Turn turn{transfers_->turns};
            return turn ? ask(handle()) : long{paStreamIsStopped};
        }();
        if (frames < 0) detail::raise(detail::question_failure(static_cast<PaError>(frames), call));
        return static_cast<std::size_t>(frames);
    }

    template <class End>
    auto ending(End end) {
        return transfers_ ? transfers_->turns.end(end) : end();
    }

    std::unique_ptr<Transfers> transfers_;
};

/// A blocking stream that records alone.
template <class T, Layout L = Interleaved>
using BlockingInputStream = BlockingStream<T, void, L>;
/// A blocking stream that plays alone.
template <class T, Layout L = Interleaved>
using BlockingOutputStream = BlockingStream<void, T, L>;

}  // namespace portspan
