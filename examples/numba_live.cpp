// SPDX-License-Identifier: MIT
// You hear the microphone through a Numba callback whose drive swells up and down: another thread
// turns it while the callback runs, as one that reads MIDI would. Each value is reached on a ramp,
// so nothing clicks, and what the callback keeps in the same state nobody touches.
#include <atomic>
#include <chrono>
#include <cmath>
#include <iostream>
#include <portspan/portspan.hpp>
#include <soft_clip.hpp>
#include <thread>

int main() try {
    portspan::SharedLibrary dsp{"libsoft_clip.so"};
    portspan::LiveState live{SoftClipState{.gain = 1, .input_channels = 1}};
    portspan::Stream<float> stream{{.input = {.channels = 1},
                                    .output = {.channels = 2},
                                    .sample_rate = 48000,
                                    .frames_per_buffer = 64},
                                   portspan::with_state(live, dsp.callback("soft_clip"))};
    stream.start();

    std::atomic<bool> done{false};
    std::thread knob{[&] {
        for (float turn = 0; !done; turn += 0.05f) {
            live.set(&SoftClipState::gain, 10 + 9 * std::sin(turn), portspan::Ramp{480});
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
    }};

    std::cout << "Press Enter to stop.\n";
    std::cin.get();
    done = true;
    knob.join();
    const SoftClipState last = live.read();
    std::cout << "drive " << last.gain << ", left output " << last.blocked[0] << '\n';
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
