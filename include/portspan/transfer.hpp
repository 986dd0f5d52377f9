// SPDX-License-Identifier: MIT
// Blocking reads and writes of a stream, one piece at a time.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <type_traits>
#include <vector>

#include "buffers.hpp"
#include "error.hpp"
#include "times.hpp"

namespace portspan {

/// What came of a read or a write.
struct Transfer {
    std::size_t frames = 0;  ///< of the view, from its first on, are read or written: all, or those
                             ///< before the error
    StatusFlags status = StatusFlags::none;  ///< input_overflow, output_underflow
    std::error_code error = {};
};

namespace detail {

/// One call on a stream at a time. In PortAudio's ALSA streams a write hides the input from a read
/// that goes on beside it, for ever; in its JACK streams one of the two takes the other's wake-up,
/// and nobody wakes a read after a stop.
class Turns {
public:
    /// In the order of asking. False where the stream is about to end: there is no turn.
    [[nodiscard]] bool take() {
        std::unique_lock lock{mutex_};
        const std::uint64_t ticket = next_++;
        changed_.wait(lock, [&] { return now_ == ticket; });
        if (endings_ == 0) return true;
        pass();
        return false;
    }
    void give_back() {
        const std::lock_guard lock{mutex_};
        pass();
    }

    /// Lets the turn go by that somebody has, and gives no other until end_stream() has returned.
    /// Where a host waits for a device that is gone, the stream is ended all the same.
    template <class End>
    auto end(End end_stream) {
        struct Ending {
            Turns& turns;
            explicit Ending(Turns& its_turns) : turns(its_turns) {
                std::unique_lock lock{turns.mutex_};
                ++turns.endings_;
                constexpr std::chrono::seconds patience{1};
                turns.changed_.wait_for(lock, patience,
                                        [this] { return turns.now_ == turns.next_; });
            }
            Ending(const Ending&) = delete;
            Ending& operator=(const Ending&) = delete;
            ~Ending() {
                const std::lock_guard lock{turns.mutex_};
                --turns.endings_;
            }
        } const ending{*this};
        return end_stream();
    }

private:
    void pass() {
        ++now_;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t next_ = 0;
    std::uint64_t now_ = 0;
    int endings_ = 0;
};

/// A turn as long as it lives.
class Turn {
public:
    explicit Turn(Turns& turns) : turns_(turns), taken_(turns.take()) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        if (taken_) turns_.give_back();
    }
    explicit operator bool() const noexcept { return taken_; }

private:
    Turns& turns_;
    bool taken_;
};

/// One direction of a blocking stream, what Pa_ReadStream or Pa_WriteStream takes.
template <class View>
class TransferSide {
public:
    explicit TransferSide(std::size_t channels) : channels_(channels) {
        if constexpr (!InterleavedSamples<View>) pointers_.resize(channels);
    }

    [[nodiscard]] std::size_t channels() const noexcept { return channels_; }

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

    auto buffer_of(View view) {
        using Pointer = typename View::sample_type*;
        if constexpr (InterleavedSamples<View>) {
            return view.data();
        } else {
            for (std::size_t c = 0; c < channels_; ++c) pointers_[c] = view.channel(c).data();
            const bool is_whole = std::ranges::count(pointers_, Pointer{}) == 0;
            return is_whole ? pointers_.data() : nullptr;
        }
    }

    std::size_t channels_;
    std::mutex busy_;
    std::vector<std::add_pointer_t<typename View::sample_type>> pointers_;
};

/// That of a direction which a stream does not have.
template <>
class TransferSide<NoView> {
public:
    explicit TransferSide(std::size_t) {}
};

}  // namespace detail

}  // namespace portspan
