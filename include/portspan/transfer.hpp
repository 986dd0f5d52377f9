// SPDX-License-Identifier: MIT
// Blocking reads and writes of a stream, piece by piece.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include "buffers.hpp"
#include "byte_view.hpp"
#include "error.hpp"
#include "questions.hpp"
#include "raw_format.hpp"
#include "times.hpp"
#include "turns.hpp"
#include "view.hpp"

namespace portspan {

/// What came of a read or a write.
struct Transfer {
    std::size_t frames = 0;  ///< of the view, from its first on, are read or written: all, or those
                             ///< before the error
    StatusFlags status = StatusFlags::none;  ///< input_overflow, output_underflow
    std::error_code error = {};              ///< what ended it early, without the host's own words
};

namespace detail {

/// One direction of a blocking stream, what Pa_ReadStream or Pa_WriteStream takes.
template <class View>
class TransferSide {
public:
    TransferSide(std::size_t channels, RawFormat format) : channels_(channels), format_(format) {
        if constexpr (!is_interleaved) pointers_.resize(channels);
    }

    /// `call` is asked for at most `piece` frames at once: others may have their turn in between,
    /// and hosts count in an int. What it answers as `notice` is the flag `told`: the audio is
    /// good.
    template <class Call>
    Transfer run(View view, Turns& turns, Call call, PaError notice, StatusFlags told) {
        Transfer result;
        if (view.channels() != channels_) {
            result.error = Fault::channel_mismatch;
            return result;
        }
        if constexpr (Byte<typename View::sample_type>) {
            if (view.sample_size() != format_.sample_size) {
                result.error = Fault::invalid_argument;
                return result;
            }
        }
        const std::lock_guard whole{busy_};
        while (!result.error && result.frames < view.frames()) {
            const std::size_t count = (std::min)(piece, view.frames() - result.frames);
            PaError error = paStreamIsStopped;
            if (const Turn turn{turns}) {
                const auto buffer = buffer_of(view.slice(result.frames, count));
                error = buffer ? call(buffer, static_cast<unsigned long>(count)) : paBadBufferPtr;
            }
            if (error == notice) {
                result.status |= told;
            } else {
                result.error = portaudio_error(error);
            }
            if (!result.error) result.frames += count;
        }
        return result;
    }

private:
    static constexpr std::size_t piece = 256;
    static constexpr bool is_interleaved = requires(View view) { view.data(); };

    auto buffer_of(View view) {
        using Pointer = typename View::sample_type*;
        if constexpr (is_interleaved) {
            return view.data();
        } else {
            for (std::size_t c = 0; c < channels_; ++c) pointers_[c] = view.channel(c).data();
            const bool is_whole = std::ranges::count(pointers_, Pointer{}) == 0;
            return is_whole ? pointers_.data() : nullptr;
        }
    }

    std::size_t channels_;
    RawFormat format_;
    std::mutex busy_;
    std::vector<std::add_pointer_t<typename View::sample_type>> pointers_;
};

/// That of a direction which a stream does not have.
template <>
class TransferSide<NoView> {
public:
    TransferSide(std::size_t, RawFormat) {}
};

/// The status of what has gone well, or an Error; `name` is that of BlockingStream's function.
template <class View>
StatusFlags told(const Transfer& transfer, const char* call, const char* name, View view,
                 std::size_t channels, [[maybe_unused]] RawFormat format) {
    if (!transfer.error) return transfer.status;
    if constexpr (Byte<typename View::sample_type>) {
        if (transfer.error == Fault::invalid_argument) {
            raise(Error(transfer.error, name,
                        "samples of " + std::to_string(view.sample_size()) +
                            " bytes in the view, the stream's have " +
                            std::to_string(format.sample_size)));
        }
    }
    if (transfer.error == Fault::channel_mismatch) {
        raise(Error(transfer.error, name,
                    std::to_string(view.channels()) + " channels in the view, the stream has " +
                        std::to_string(channels)));
    }
    const auto after = [&] {
        return "after " + std::to_string(transfer.frames) + " of " + std::to_string(view.frames()) +
               " frames";
    };
    raise(question_failure(transfer.error.value(), call, transfer.frames ? after() : ""));
}

/// A view of a whole number of frames; empty where it would not be.
template <class View, class Span>
std::optional<View> view_of_whole(Span samples, std::size_t channels, RawFormat format) noexcept {
    constexpr bool is_bytes = Byte<typename View::sample_type>;
    const std::size_t frame = channels * (is_bytes ? format.sample_size : 1);
    if (frame != 0 && samples.size() % frame != 0) return std::nullopt;
    if constexpr (is_bytes) {
        return View{samples.data(), frame ? samples.size() / frame : 0, channels,
                    format.sample_size};
    } else {
        return View{samples, channels};
    }
}

/// The same, or an Error.
template <class View, class Span>
View whole_frames(Span samples, std::size_t channels, RawFormat format, const char* name) {
    if (const auto view = view_of_whole<View>(samples, channels, format)) return *view;
    constexpr bool is_bytes = Byte<typename View::sample_type>;
    raise(Error(
        Fault::invalid_argument, name,
        std::to_string(samples.size()) +
            (is_bytes ? " bytes are no whole frames of " : " samples are no whole frames of ") +
            std::to_string(channels) + " channels"));
}

/// The same, or the code of that Error; `transfer` gets the view.
template <class View, class Span, class Make>
Transfer if_whole(Span samples, std::size_t channels, RawFormat format, Make transfer) noexcept {
    if (const auto view = view_of_whole<View>(samples, channels, format)) return transfer(*view);
    return {.error = Fault::invalid_argument};
}

}  // namespace detail

}  // namespace portspan
