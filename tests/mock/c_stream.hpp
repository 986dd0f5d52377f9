// SPDX-License-Identifier: MIT
// A stream as a C program has it, with any callable as its callback.
#pragma once

#include <portaudio.h>

#include <functional>
#include <optional>
#include <utility>

#include "catch.hpp"

namespace mock_test {

/// One direction of a stream.
struct Side {
    PaSampleFormat format = paFloat32;
    int channels = 2;
    PaDeviceIndex device = 0;
    PaTime latency = 0.01;
};

/// What a callback is given.
struct Block {
    const void* input;
    void* output;
    unsigned long frames;
    PaStreamCallbackTimeInfo times;
    PaStreamCallbackFlags flags;
};

/// Initialises PortAudio and opens a stream; closes and terminates at its end.
class CStream {
public:
    using Callback = std::function<int(const Block&)>;

    /// Without a callback it is a stream for blocking reads and writes.
    CStream(std::optional<Side> input, std::optional<Side> output, Callback callback = {},
            unsigned long frames_per_buffer = paFramesPerBufferUnspecified, double rate = 48000)
        : callback_(std::move(callback)) {
        REQUIRE(Pa_Initialize() == paNoError);
        const auto in = parameters(input), out = parameters(output);
        REQUIRE(Pa_OpenStream(&stream_, input ? &in : nullptr, output ? &out : nullptr, rate,
                              frames_per_buffer, paNoFlag, callback_ ? &CStream::call : nullptr,
                              this) == paNoError);
    }
    CStream(const CStream&) = delete;
    CStream& operator=(const CStream&) = delete;
    ~CStream() {
        Pa_CloseStream(stream_);
        Pa_Terminate();
    }

    operator PaStream*() const { return stream_; }

    /// While it is stopped.
    void on_finished(std::function<void()> finished) {
        finished_ = std::move(finished);
        REQUIRE(Pa_SetStreamFinishedCallback(stream_, [](void* self) {
                    static_cast<CStream*>(self)->finished_();
                }) == paNoError);
    }

private:
    static PaStreamParameters parameters(const std::optional<Side>& side) {
        if (!side) return {};
        return {side->device, side->channels, side->format, side->latency, nullptr};
    }
    static int call(const void* input, void* output, unsigned long frames,
                    const PaStreamCallbackTimeInfo* times, PaStreamCallbackFlags flags,
                    void* self) {
        return static_cast<CStream*>(self)->callback_({input, output, frames, *times, flags});
    }

    Callback callback_;
    std::function<void()> finished_;
    PaStream* stream_ = nullptr;
};

}  // namespace mock_test
