// SPDX-License-Identifier: MIT
// Ten tasks with PortAudioCpp, while a portaudio::AutoSystem lives.
#include <algorithm>
#include <atomic>
#include <iostream>
#include <portaudiocpp/PortAudioCpp.hxx>

#include "gain.h"
#include "portaudiocpp_tasks.hpp"

static portaudio::StreamParameters parameters(int inputs, int outputs) {
    using Side = portaudio::DirectionSpecificStreamParameters;
    portaudio::System& system = portaudio::System::instance();
    const auto side = [](portaudio::Device& device, int channels, PaTime latency) {
        return channels == 0 ? Side::null()
                             : Side{device, channels, portaudio::FLOAT32, true, latency, nullptr};
    };
    portaudio::Device& input = system.defaultInputDevice();
    portaudio::Device& output = system.defaultOutputDevice();
    return {side(input, inputs, input.defaultHighInputLatency()),
            side(output, outputs, output.defaultHighOutputLatency()), 48000,
            paFramesPerBufferUnspecified, paNoFlag};
}

static void run(portaudio::Stream& stream, long milliseconds) {
    stream.start();
    portaudio::System::instance().sleep(milliseconds);
    stream.stop();
}

void list_devices() {
    portaudio::System& system = portaudio::System::instance();
    for (auto device = system.devicesBegin(); device != system.devicesEnd(); ++device) {
        std::cout << device->index() << "  " << device->name() << ", " << device->hostApi().name()
                  << '\n';
    }
}

portaudio::Device& find_output(const std::string& name) {
    portaudio::System& system = portaudio::System::instance();
    for (auto device = system.devicesBegin(); device != system.devicesEnd(); ++device) {
        const std::string is = device->name();
        if (!device->isInputOnlyDevice() && is.find(name) != std::string::npos) return *device;
    }
    return portaudio::System::nullDevice();
}

void play_array(const std::vector<float>& audio) {
    portaudio::BlockingStream stream{parameters(0, 1)};
    stream.start();
    stream.write(audio.data(), audio.size());
    stream.stop();
}

std::vector<float> record_array(std::size_t frames) {
    std::vector<float> audio(frames);
    portaudio::BlockingStream stream{parameters(1, 0)};
    stream.start();
    stream.read(audio.data(), frames);  // an overflow is an exception
    stream.stop();
    return audio;
}

static int pan_callback(const void* input, void* output, unsigned long frames,
                        const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, void*) {
    const auto* in = static_cast<const float*>(input);
    auto* out = static_cast<float*>(output);
    for (unsigned long i = 0; i < frames; ++i) {
        const float sample = in ? in[i] : 0;
        out[2 * i] = 0.25f * sample;
        out[2 * i + 1] = 0.75f * sample;
    }
    return paContinue;
}

void pan(long milliseconds) {
    portaudio::FunCallbackStream stream{parameters(1, 2), &pan_callback, nullptr};
    run(stream, milliseconds);
}

class Halver {
public:
    int halve(const void* input, void* output, unsigned long frames,
              const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags) {
        const auto* in = static_cast<const float*>(input);
        auto* out = static_cast<float*>(output);
        if (in) {
            std::copy_n(in, 2 * frames, out);
        } else {
            std::fill_n(out, 2 * frames, 0.0f);
        }
        for (unsigned long i = 0; i < 2 * frames; ++i) out[i] *= 0.5f;
        return paContinue;
    }
};

void halve(long milliseconds) {
    Halver halver;
    portaudio::MemFunCallbackStream<Halver> stream{parameters(2, 2), halver, &Halver::halve};
    run(stream, milliseconds);
}

void run_c_callback(long milliseconds) {
    gain state{.factor = 0.5f, .channels = 2};
    portaudio::CFunCallbackStream stream{parameters(2, 2), &gain_callback, &state};
    run(stream, milliseconds);
}

void echo(int blocks) {
    portaudio::BlockingStream stream{parameters(1, 1)};
    std::vector<float> block(480);
    stream.start();
    for (int i = 0; i < blocks; ++i) {
        stream.read(block.data(), block.size());
        stream.write(block.data(), block.size());
    }
    stream.stop();
}

static int beep_callback(const void*, void* output, unsigned long frames,
                         const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, void* user_data) {
    auto& left = *static_cast<unsigned long*>(user_data);
    auto* out = static_cast<float*>(output);
    for (unsigned long i = 0; i < frames; ++i) {
        out[i] = left == 0 ? 0 : left-- / 50 % 2 == 0 ? 0.1f : -0.1f;
    }
    return left == 0 ? paComplete : paContinue;
}

void beep(unsigned long frames) {
    unsigned long left = frames;
    portaudio::FunCallbackStream stream{parameters(0, 1), &beep_callback, &left};
    stream.start();
    for (int i = 0; i < 1000 && stream.isActive(); ++i) portaudio::System::instance().sleep(10);
    stream.stop();
}

class Watcher {
public:
    int count(const void* input, void* output, unsigned long frames,
              const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status) {
        if (status & (paInputOverflow | paOutputUnderflow)) ++xruns;
        return Halver{}.halve(input, output, frames, time, status);
    }
    std::atomic<int> xruns = 0;
};

void watch(long milliseconds) try {
    Watcher watcher;
    portaudio::MemFunCallbackStream<Watcher> stream{parameters(2, 2), watcher, &Watcher::count};
    run(stream, milliseconds);
    std::cout << "xruns: " << watcher.xruns << '\n';
} catch (const portaudio::PaException& error) {
    std::cout << (error.isHostApiError() ? error.lastHostApiErrorText() : error.paErrorText())
              << '\n';
}
