// SPDX-License-Identifier: MIT
// Pass-through as PortAudio's own callback and by each way of portspan's, and callbacks out of
// libraries. Linked to PortAudio; measured on the drop-in one, which says what each start has
// found. usage: callbacks    reads lines from stdin: FRAMES KIND ["LIBRARY" SYMBOL]
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <portspan/portspan.hpp>
#include <sstream>
#include <stdexcept>
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

struct Gain {
    float gain;
};

portspan::StreamConfig stereo(unsigned long frames) {
    return {.input = {.channels = 2},
            .output = {.channels = 2},
            .sample_rate = 48000,
            .frames_per_buffer = frames};
}

template <class L = portspan::Interleaved, class... Callback>
void start(unsigned long frames, Callback&&... callback) {
    portspan::Stream<float, float, L> stream{stereo(frames), std::forward<Callback>(callback)...};
    stream.start();
}

void check(PaError error) {
    if (error != paNoError) throw std::runtime_error(Pa_GetErrorText(error));
}

void start_raw(unsigned long frames, PaStreamCallback* callback, void* user_data) {
    PaStream* stream = nullptr;
    check(Pa_OpenDefaultStream(&stream, 2, 2, paFloat32, 48000, frames, callback, user_data));
    check(Pa_StartStream(stream));
    check(Pa_CloseStream(stream));
}

/// Zeros, as a callback that keeps something from block to block begins with.
void* new_state() {
    alignas(64) static std::array<float, 16384> state;
    state.fill(0);
    return state.data();
}

const auto cpp_callable = [](auto& block) noexcept {
    const auto in = block.input();
    const auto out = block.output();
    if (in.empty()) {
        std::ranges::fill(out.samples(), 0.0f);
    } else {
        std::copy(in.samples().begin(), in.samples().end(), out.samples().begin());
    }
};

const auto cpp_in_place = [](auto& block) noexcept { block.in_place(); };

const auto cpp_planar = [](auto& block) noexcept {
    const auto in = block.input();
    const auto out = block.output();
    for (std::size_t c = 0; c < out.channels(); ++c) {
        if (in.empty()) {
            std::ranges::fill(out.channel(c), 0.0f);
        } else {
            std::copy(in.channel(c).begin(), in.channel(c).end(), out.channel(c).begin());
        }
    }
};

using Kind = std::function<void(unsigned long frames)>;

const std::map<std::string, Kind> kinds{
    {"raw", [](unsigned long frames) { start_raw(frames, &copy, nullptr); }},
    {"foreign",
     [](unsigned long frames) {
         Gain state{1};
         start(frames, &copy, &state);
     }},
    {"callable", [](unsigned long frames) { start(frames, cpp_callable); }},
    {"in_place", [](unsigned long frames) { start(frames, cpp_in_place); }},
    {"planar", [](unsigned long frames) { start<portspan::Planar>(frames, cpp_planar); }},
    {"slot", [](unsigned long frames) { start(frames, portspan::Slot<float>{&copy}); }},
    {"chain", [](unsigned long frames) { start(frames, portspan::chain(&copy, &copy)); }},
    {"monitor", [](unsigned long frames) { start(frames, portspan::monitor(&copy)); }},
    {"with_state",
     [](unsigned long frames) {
         const portspan::LiveState<Gain> live{{1}};
         start(frames, portspan::with_state(live, &copy));
     }},
};

/// As any program would load it, and as portspan does.
void start_out_of_library(unsigned long frames, const std::string& kind, const std::string& library,
                          const std::string& symbol) {
    if (kind == "foreign") {
        portspan::SharedLibrary loaded{library};
        start(frames, loaded.callback(symbol.c_str(), new_state()));
        return;
    }
    void* const handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    void* const found = handle ? dlsym(handle, symbol.c_str()) : nullptr;
    if (!found) throw std::runtime_error(dlerror());
    start_raw(frames, reinterpret_cast<PaStreamCallback*>(found), new_state());
}

void answer(const std::string& line) {
    std::istringstream words{line};
    unsigned long frames = 0;
    std::string kind, library, symbol;
    words >> frames >> kind >> std::quoted(library) >> symbol;
    if (!library.empty()) return start_out_of_library(frames, kind, library, symbol);
    const auto found = kinds.find(kind);
    if (found == kinds.end()) throw std::invalid_argument("no kind " + kind);
    found->second(frames);
}

}  // namespace

int main() try {
    const portspan::Session session;
    for (std::string line; std::getline(std::cin, line);) {
        try {
            answer(line);
        } catch (const std::exception& error) {
            std::cerr << "failed: " << error.what() << std::endl;
        }
    }
    return 0;
} catch (const portspan::Error& error) {
    std::cerr << "failed: " << error.what() << '\n';
    return 1;
}
