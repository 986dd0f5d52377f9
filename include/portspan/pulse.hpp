// SPDX-License-Identifier: MIT
// A callback that several streams run one after the other, and the signs of its life.
#pragma once

#include <portaudio.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "callback.hpp"
#include "prepare.hpp"

namespace portspan::detail {

/// Shared by the audio thread, which writes, and the threads that look.
struct Pulse {
    std::atomic<std::uint64_t> calls{0};
    /// The callback's result was not "keep going".
    std::atomic<bool> ended{false};
    std::atomic<bool> stop_requested{false};
};

/// What one stream calls: the callback, until the stream is given up. A host that was given up may
/// still call, and then the callback may be another stream's already.
class Tap {
public:
    Tap(const Prepared& prepared, std::shared_ptr<Pulse> pulse)
        : callback_(prepared.callback), finished_(prepared.finished), pulse_(std::move(pulse)) {}

    /// No call begins after this; one that runs is waited for by closing the stream.
    void give_up() noexcept { is_open_.store(false); }

    static int run(const void* input, void* output, unsigned long frames,
                   const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status,
                   void* user_data) {
        Tap& tap = *static_cast<Tap*>(user_data);
        Pulse& pulse = *tap.pulse_;
        if (!tap.is_open_.load(std::memory_order_relaxed)) return paAbort;
        const int result = call(tap.callback_, input, output, frames, time, status);
        pulse.calls.store(pulse.calls.load(std::memory_order_relaxed) + 1,
                          std::memory_order_relaxed);
        if (result == paContinue && !pulse.stop_requested.load(std::memory_order_relaxed))
            [[likely]]
            return paContinue;
        pulse.ended.store(true, std::memory_order_release);
        return result == paContinue ? paComplete : result;
    }

    /// The program is told of the end that somebody wanted; of another one by Watch::on_loss.
    static void finish(void* user_data) noexcept {
        Tap& tap = *static_cast<Tap*>(user_data);
        const bool wanted = tap.pulse_->ended.load() || tap.is_stopping_.load();
        if (tap.finished_ && wanted) tap.finished_(tap.callback_.user_data);
    }
    void stopping() noexcept { is_stopping_.store(true); }
    void starting() noexcept { is_stopping_.store(false); }

private:
    RawCallback callback_;
    PaStreamFinishedCallback* finished_;
    std::shared_ptr<Pulse> pulse_;
    std::atomic<bool> is_open_{true};
    std::atomic<bool> is_stopping_{false};
};

}  // namespace portspan::detail
