// SPDX-License-Identifier: MIT
// The part of an application that makes sound: a fader between the microphone and the loudspeaker.
#pragma once

#include <atomic>
#include <portspan/stream.hpp>

class Fader {
public:
    Fader() { stream_.start(); }

    /// From any thread; 1 changes nothing.
    void level(float level) { level_ = level; }
    /// False when the device has gone.
    [[nodiscard]] bool runs() const { return stream_.active(); }

private:
    std::atomic<float> level_{1};  // before the stream, which uses it until it is closed
    portspan::Stream<float> stream_{[this](auto& block) noexcept {
        const float level = level_;
        for (float& sample : block.in_place().samples()) sample *= level;
    }};
};

/// Fades out within a second and waits for it; false when the device goes before that.
inline bool fade_out(Fader& fader) {
    for (int percent = 99; percent >= 0; --percent) {
        fader.level(0.01f * static_cast<float>(percent));
        Pa_Sleep(10);
        if (!fader.runs()) return false;
    }
    return true;
}
