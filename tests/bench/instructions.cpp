// SPDX-License-Identifier: MIT
// Kernels written by hand for PortAudio and the same ones for portspan, for an instruction counter:
// each of VARIANTS at each of FRAMES, in this order, BLOCKS times.
// usage: instructions BLOCKS FRAMES,... VARIANT...
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <portspan/prepare.hpp>
#include <stdexcept>
#include <string>

#include "engine.hpp"

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

// By hand: what a careful author writes, who knows that PortAudio may pass no input. The author of
// the stoppable ones also wants to end the stream from outside, which every portspan callable can.

struct Gain {
    unsigned long channels;
    float gain;
    std::atomic<int> stop{0};

    int next() const { return stop.load(std::memory_order_relaxed) ? paComplete : paContinue; }
};

template <bool Stoppable>
int by_hand_in_place(const void* input, void* output, unsigned long frames, Time, Flags,
                     void* user_data) {
    const Gain* state = static_cast<const Gain*>(user_data);
    float* samples = static_cast<float*>(output);
    const unsigned long count = frames * state->channels;
    if (input) {
        std::memcpy(output, input, count * sizeof(float));
    } else {
        std::memset(output, 0, count * sizeof(float));
    }
    for (float* x = samples; x != samples + count; ++x) *x *= state->gain;
    return Stoppable ? state->next() : paContinue;
}

template <bool Stoppable>
int by_hand_frames(const void* input, void* output, unsigned long frames, Time, Flags,
                   void* user_data) {
    const Gain* state = static_cast<const Gain*>(user_data);
    const float* in = static_cast<const float*>(input);
    float* out = static_cast<float*>(output);
    if (!in) {
        std::memset(output, 0, frames * 2 * sizeof(float));
        return Stoppable ? state->next() : paContinue;
    }
    for (unsigned long frame = 0; frame < frames; ++frame) {
        for (unsigned long channel = 0; channel < 2; ++channel) {
            out[2 * frame + channel] = state->gain * in[2 * frame + channel];
        }
    }
    return Stoppable ? state->next() : paContinue;
}

template <bool Stoppable>
int by_hand_frames_in_place(const void* input, void* output, unsigned long frames, Time, Flags,
                            void* user_data) {
    const Gain* state = static_cast<const Gain*>(user_data);
    float* samples = static_cast<float*>(output);
    if (input) {
        std::memcpy(output, input, frames * 2 * sizeof(float));
    } else {
        std::memset(output, 0, frames * 2 * sizeof(float));
    }
    for (unsigned long frame = 0; frame < frames; ++frame) {
        for (unsigned long channel = 0; channel < 2; ++channel) {
            samples[2 * frame + channel] *= state->gain;
        }
    }
    return Stoppable ? state->next() : paContinue;
}

template <class Callback>
portspan::detail::Prepared stereo(Callback callback) {
    return portspan::detail::prepare<float, float, portspan::Interleaved>(
        callback, {.shape = {2, 2}, .frames_per_buffer = 0, .sample_rate = 48000});
}

/// What a program without portspan passes to PortAudio.
portspan::detail::Prepared raw(PaStreamCallback* callback, Gain& state) {
    return {{callback, &state}, nullptr};
}

portspan::detail::Prepared variant(const std::string& name, Gain& state) {
    using portspan::detail::foreign;
    const float gain = state.gain;
    if (name == "in_place/C") return raw(&by_hand_in_place<false>, state);
    if (name == "in_place/C stoppable") return raw(&by_hand_in_place<true>, state);
    if (name == "in_place/foreign") {
        auto prepared = stereo(foreign(&by_hand_in_place<false>, &state));
        if (prepared.callback.function != &by_hand_in_place<false> ||
            prepared.callback.user_data != &state) {
            throw std::logic_error("a foreign function is not passed on as it is");
        }
        return prepared;
    }
    if (name == "in_place/portspan") {
        return stereo([gain](auto& block) noexcept {
            for (float& x : block.in_place().samples()) x *= gain;
        });
    }
    if (name == "frames/C") return raw(&by_hand_frames<false>, state);
    if (name == "frames/C stoppable") return raw(&by_hand_frames<true>, state);
    if (name == "frames/portspan") {
        return stereo([gain](auto& block) noexcept {
            const auto in = block.template input<2>();
            const auto out = block.template output<2>();
            if (in.empty()) {
                for (float& x : out.samples()) x = 0;
                return;
            }
            for (std::size_t frame = 0; frame < out.frames(); ++frame) {
                for (std::size_t c = 0; c < 2; ++c) out(frame, c) = gain * in(frame, c);
            }
        });
    }
    if (name == "frames_in_place/C") return raw(&by_hand_frames_in_place<false>, state);
    if (name == "frames_in_place/C stoppable") return raw(&by_hand_frames_in_place<true>, state);
    if (name == "frames_in_place/portspan") {
        return stereo([gain](auto& block) noexcept {
            const auto audio = block.template in_place<2>();
            for (std::size_t frame = 0; frame < audio.frames(); ++frame) {
                for (std::size_t c = 0; c < 2; ++c) audio(frame, c) *= gain;
            }
        });
    }
    throw std::invalid_argument("no variant " + name);
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 4) {
        std::cerr << "usage: instructions BLOCKS FRAMES,... VARIANT...\n";
        return 2;
    }
    const unsigned long blocks = std::strtoul(argv[1], nullptr, 10);
    for (int i = 3; i < argc; ++i) {
        Gain state{2, 0.5f};
        const auto prepared = variant(argv[i], state);
        for (char* rest = argv[2]; *rest != '\0'; rest += *rest == ',') {
            const unsigned long frames = std::strtoul(rest, &rest, 10);
            if (frames == 0) return 2;
            drive(prepared.callback.function, prepared.callback.user_data, frames, blocks);
        }
    }
    return 0;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
