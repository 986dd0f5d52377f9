// SPDX-License-Identifier: MIT
// You hear the microphone overdriven by a Python function that Numba compiled
// (callbacks/soft_clip.py), and behind that in a room that is written here, in C++. There is no
// Python in this program. Run it beside libsoft_clip.so.
#include <array>
#include <cstddef>
#include <iostream>
#include <portspan/portspan.hpp>
#include <soft_clip.hpp>
#include <vector>

namespace {

/// Walls: each ear hears itself again after its own delay, and the other one through that.
class Room {
public:
    void operator()(portspan::Block<float, float>& block) noexcept {
        const auto audio = block.in_place<2>();
        for (std::size_t f = 0; f < audio.frames(); ++f) {
            const float from_left = echoes_[0][at_[0]];
            const float from_right = echoes_[1][at_[1]];
            echoes_[0][at_[0]] = 0.6f * (audio(f, 0) + from_right);
            echoes_[1][at_[1]] = 0.6f * (audio(f, 1) + from_left);
            for (std::size_t c = 0; c < 2; ++c) at_[c] = (at_[c] + 1) % echoes_[c].size();
            audio(f, 0) += from_left;
            audio(f, 1) += from_right;
        }
    }

private:
    std::array<std::vector<float>, 2> echoes_{std::vector<float>(13'001),   // 271 ms
                                              std::vector<float>(17'389)};  // 362 ms
    std::array<std::size_t, 2> at_{};
};

}  // namespace

int main() try {
    portspan::SharedLibrary dsp{"libsoft_clip.so"};
    SoftClipState state{.gain = 2.0f, .input_channels = 1};
    portspan::Stream<float> stream{
        {.input = {.channels = 1}, .output = {.channels = 2}, .sample_rate = 48000},
        portspan::chain(dsp.callback("soft_clip", &state), portspan::in_place(Room{}))};
    stream.start();

    std::cout << "Press Enter to stop.\n";
    std::cin.get();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
