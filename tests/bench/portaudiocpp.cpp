// SPDX-License-Identifier: MIT
// The same pass-through by PortAudioCpp. usage: as callbacks.cpp's
#include <cstring>
#include <iostream>
#include <portaudiocpp/PortAudioCpp.hxx>
#include <sstream>
#include <string>

namespace {

int copy(const void* input, void* output, unsigned long frames, const PaStreamCallbackTimeInfo*,
         PaStreamCallbackFlags, void*) {
    if (input) {
        std::memcpy(output, input, 2 * frames * sizeof(float));
    } else {
        std::memset(output, 0, 2 * frames * sizeof(float));
    }
    return paContinue;
}

struct Copy {
    int run(const void* input, void* output, unsigned long frames,
            const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status) {
        return copy(input, output, frames, time, status, this);
    }
};

void start(unsigned long frames, const std::string& kind) {
    portaudio::System& system = portaudio::System::instance();
    portaudio::DirectionSpecificStreamParameters in{
        system.defaultInputDevice(), 2, portaudio::FLOAT32, true, 0.01, nullptr};
    portaudio::DirectionSpecificStreamParameters out{
        system.defaultOutputDevice(), 2, portaudio::FLOAT32, true, 0.01, nullptr};
    const portaudio::StreamParameters parameters{in, out, 48000, frames, paNoFlag};
    if (kind == "fun") {
        portaudio::FunCallbackStream stream{parameters, &copy, nullptr};
        stream.start();
    } else if (kind == "mem_fun") {
        Copy state;
        portaudio::MemFunCallbackStream<Copy> stream{parameters, state, &Copy::run};
        stream.start();
    } else {
        std::cerr << "failed: no kind " << kind << std::endl;
    }
}

}  // namespace

int main() {
    const portaudio::AutoSystem system;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words{line};
        unsigned long frames = 0;
        std::string kind;
        words >> frames >> kind;
        try {
            start(frames, kind);
        } catch (const std::exception& error) {
            std::cerr << "failed: " << error.what() << std::endl;
        }
    }
}
