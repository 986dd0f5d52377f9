// SPDX-License-Identifier: MIT
// Nine of ten tasks with RtAudio 6, which has no blocking reads and writes.
#include <RtAudio.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "gain.h"

namespace {

void open(RtAudio& audio, unsigned inputs, unsigned outputs, RtAudioCallback callback, void* data) {
    RtAudio::StreamParameters input{audio.getDefaultInputDevice(), inputs, 0};
    RtAudio::StreamParameters output{audio.getDefaultOutputDevice(), outputs, 0};
    unsigned frames_per_buffer = 256;
    audio.openStream(outputs > 0 ? &output : nullptr, inputs > 0 ? &input : nullptr,
                     RTAUDIO_FLOAT32, 48000, &frames_per_buffer, callback, data);
}

void run(RtAudio& audio, std::chrono::milliseconds time) {
    audio.startStream();
    std::this_thread::sleep_for(time);
    audio.stopStream();
}

void run_to_the_end(RtAudio& audio) {
    audio.startStream();
    while (audio.isStreamRunning()) std::this_thread::sleep_for(std::chrono::milliseconds{10});
}

}  // namespace

void list_devices() {
    RtAudio audio;
    for (const unsigned id : audio.getDeviceIds()) {
        std::cout << id << "  " << audio.getDeviceInfo(id).name << '\n';
    }
}

unsigned find_output(const std::string& name) {
    RtAudio audio;
    for (const unsigned id : audio.getDeviceIds()) {
        const RtAudio::DeviceInfo device = audio.getDeviceInfo(id);
        if (device.outputChannels > 0 && device.name.find(name) != std::string::npos) return id;
    }
    return 0;
}

struct Player {
    const std::vector<float>& audio;
    std::size_t done;
};

int play_callback(void* output, void*, unsigned frames, double, RtAudioStreamStatus, void* data) {
    auto& player = *static_cast<Player*>(data);
    auto* out = static_cast<float*>(output);
    const std::size_t count = std::min<std::size_t>(frames, player.audio.size() - player.done);
    std::copy_n(player.audio.data() + player.done, count, out);
    std::fill(out + count, out + frames, 0.0f);
    player.done += count;
    return player.done == player.audio.size() ? 1 : 0;
}

void play_array(const std::vector<float>& samples) {
    Player player{samples, 0};
    RtAudio audio;
    open(audio, 0, 1, &play_callback, &player);
    run_to_the_end(audio);
}

struct Recorder {
    std::vector<float> audio;
    std::size_t done;
};

int record_callback(void*, void* input, unsigned frames, double, RtAudioStreamStatus, void* data) {
    auto& recorder = *static_cast<Recorder*>(data);
    const std::size_t count = std::min<std::size_t>(frames, recorder.audio.size() - recorder.done);
    std::copy_n(static_cast<const float*>(input), count, recorder.audio.data() + recorder.done);
    recorder.done += count;
    return recorder.done == recorder.audio.size() ? 1 : 0;
}

std::vector<float> record_array(std::size_t frames) {
    Recorder recorder{std::vector<float>(frames), 0};
    RtAudio audio;
    open(audio, 1, 0, &record_callback, &recorder);
    run_to_the_end(audio);
    return recorder.audio;
}

int pan_callback(void* output, void* input, unsigned frames, double, RtAudioStreamStatus, void*) {
    const auto* in = static_cast<const float*>(input);
    auto* out = static_cast<float*>(output);
    for (unsigned i = 0; i < frames; ++i) {
        out[2 * i] = 0.25f * in[i];
        out[2 * i + 1] = 0.75f * in[i];
    }
    return 0;
}

void pan(std::chrono::milliseconds time) {
    RtAudio audio;
    open(audio, 1, 2, &pan_callback, nullptr);
    run(audio, time);
}

int halve_callback(void* output, void* input, unsigned frames, double, RtAudioStreamStatus, void*) {
    const auto* in = static_cast<const float*>(input);
    auto* out = static_cast<float*>(output);
    std::copy_n(in, 2 * frames, out);
    for (unsigned i = 0; i < 2 * frames; ++i) out[i] *= 0.5f;
    return 0;
}

void halve(std::chrono::milliseconds time) {
    RtAudio audio;
    open(audio, 2, 2, &halve_callback, nullptr);
    run(audio, time);
}

int call_gain(void* output, void* input, unsigned frames, double, RtAudioStreamStatus, void* data) {
    return gain_callback(input, output, frames, nullptr, 0, data);
}

void run_c_callback(std::chrono::milliseconds time) {
    gain state{.factor = 0.5f, .channels = 2};
    RtAudio audio;
    open(audio, 2, 2, &call_gain, &state);
    run(audio, time);
}

int beep_callback(void* output, void*, unsigned frames, double, RtAudioStreamStatus, void* data) {
    auto& left = *static_cast<unsigned long*>(data);
    auto* out = static_cast<float*>(output);
    for (unsigned i = 0; i < frames; ++i) {
        out[i] = left == 0 ? 0 : left-- / 50 % 2 == 0 ? 0.1f : -0.1f;
    }
    return left == 0 ? 1 : 0;
}

void beep(unsigned long frames) {
    unsigned long left = frames;
    RtAudio audio;
    open(audio, 0, 1, &beep_callback, &left);
    run_to_the_end(audio);
}

int watch_callback(void* output, void* input, unsigned frames, double time,
                   RtAudioStreamStatus status, void* data) {
    if (status != 0) ++*static_cast<std::atomic<int>*>(data);
    return halve_callback(output, input, frames, time, status, nullptr);
}

void watch(std::chrono::milliseconds time) {
    std::atomic<int> xruns = 0;
    RtAudio audio{RtAudio::UNSPECIFIED,
                  [](RtAudioErrorType, const std::string& text) { std::cout << text << '\n'; }};
    open(audio, 2, 2, &watch_callback, &xruns);
    if (!audio.isStreamOpen()) return;
    run(audio, time);
    std::cout << "xruns: " << xruns << '\n';
}
