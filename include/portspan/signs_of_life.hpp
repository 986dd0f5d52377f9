// SPDX-License-Identifier: MIT
// What is taken for the loss of a device.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "error.hpp"
#include "handle.hpp"
#include "pulse.hpp"
#include "questions.hpp"
#include "watch.hpp"

namespace portspan::detail {

/// The looks at a stream that runs, one after the other.
class SignsOfLife {
public:
    /// What one look has seen; neither: it lives.
    struct Seen {
        bool has_ended = false;  ///< because the callback wanted it
        std::optional<LossCause> loss = {};
        std::error_code code = {};  ///< PortAudio's, where that is the cause
    };

    /// Without a call for longer than `silence` a stream is lost.
    explicit SignsOfLife(std::chrono::duration<double> silence) noexcept : silence_(silence) {}

    /// The stream has been started just now.
    void begin(const Pulse& pulse) noexcept {
        calls_ = pulse.calls;
        called_at_ = Clock::now();
    }

    [[nodiscard]] Seen look(const StreamHandle& stream, const Pulse& pulse) {
        const PaError active = ask_active(stream.handle());
        const auto calls = pulse.calls.load(std::memory_order_relaxed);
        if (std::exchange(calls_, calls) != calls) called_at_ = Clock::now();
        if (active < 0) return {.loss = LossCause::error, .code = portaudio_error(active)};
        const bool ended = pulse.ended.load(std::memory_order_acquire);
        if (active == 0 && ended) return {.has_ended = true};
        if (active == 0) return {.loss = LossCause::ended};
        const auto silence = Clock::now() - called_at_;
        if (silence > silence_ && silence > most_silence(stream, ended)) {
            return {.loss = LossCause::silent};
        }
        return {};
    }

    /// The time between two looks.
    [[nodiscard]] std::chrono::duration<double> interval() const noexcept {
        using Seconds = std::chrono::duration<double>;
        return (std::min)(silence_ / 4, Seconds{std::chrono::milliseconds{20}});
    }

private:
    using Clock = std::chrono::steady_clock;

    /// A host may have a whole buffer processed at once, which is about its latency, and after the
    /// last call it is silent until what it has is played.
    [[nodiscard]] std::chrono::duration<double> most_silence(const StreamHandle& stream,
                                                             bool ended) const {
        const auto output = stream.output_latency();
        if (ended) return silence_ + output + std::chrono::seconds{1};
        return (std::max)({silence_, output, stream.input_latency()});
    }

    std::chrono::duration<double> silence_;
    std::uint64_t calls_ = 0;
    Clock::time_point called_at_;
};

}  // namespace portspan::detail
