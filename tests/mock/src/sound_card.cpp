// SPDX-License-Identifier: MIT
#include "sound_card.hpp"

#include <algorithm>
#include <utility>

namespace portspan::mock {

void hear(Engine& engine, Lock& lock, Stream& stream, std::size_t channels, std::span<float> to) {
    if (engine.script.signal) {
        const std::size_t start = stream.position;
        return engine.gate.call_out(lock, stream, engine.script.signal, [&](auto& signal) {
            for (std::size_t i = 0; i < to.size(); ++i) {
                to[i] = signal(start + i / channels, i % channels);
            }
        });
    }
    const std::vector<float>& fed = engine.script.fed;
    const std::size_t there = std::min(to.size(), fed.size() - stream.fed);
    std::copy_n(fed.data() + stream.fed, there, to.data());
    std::ranges::fill(to.subspan(there), 0.0f);
    stream.fed += there;
}

void skip_input(const Engine& engine, Stream& stream, std::size_t frames) {
    if (engine.script.signal) return;
    const std::size_t samples = frames * channels_of(stream.opened.input);
    stream.fed = std::min(stream.fed + samples, engine.script.fed.size());
}

bool skip_lost_frames(const Engine& engine, Stream& stream) {
    if (stream.lost_frames == 0) return false;
    skip_input(engine, stream, stream.lost_frames);
    stream.position += std::exchange(stream.lost_frames, 0);
    return true;
}

void play(Engine& engine, Lock& lock, Stream& stream, std::span<const float> samples) {
    if (engine.script.capturing) {
        stream.captured.insert(stream.captured.end(), samples.begin(), samples.end());
    }
    if (!engine.script.listener) return;
    engine.gate.call_out(lock, stream, engine.script.listener,
                         [&](auto& hears) { hears(stream.number, samples); });
}

}  // namespace portspan::mock
