// SPDX-License-Identifier: MIT
// What examples/callbacks/soft_clip.py has to give.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

/// The demo in double precision, one voice for each output channel.
class SoftClipReference {
public:
    SoftClipReference(double drive, int inputs, int outputs)
        : drive_{drive}, inputs_{inputs}, outputs_{outputs} {}

    std::vector<double> operator()(const std::vector<float>& input) {
        const std::size_t frames = input.size() / static_cast<std::size_t>(inputs_);
        std::vector<double> output;
        for (std::size_t frame = 0; frame < frames; ++frame) {
            for (int channel = 0; channel < outputs_; ++channel) {
                const auto from = frame * static_cast<std::size_t>(inputs_) +
                                  static_cast<std::size_t>(std::min(channel, inputs_ - 1));
                const double clipped = std::tanh(drive_ * input[from] + 0.25) - std::tanh(0.25);
                double& before = clipped_[static_cast<std::size_t>(channel)];
                double& blocked = blocked_[static_cast<std::size_t>(channel)];
                blocked = clipped - before + 0.995 * blocked;
                before = clipped;
                output.push_back(0.8 * blocked);
            }
        }
        return output;
    }

private:
    double drive_;
    int inputs_, outputs_;
    std::array<double, 8> clipped_{}, blocked_{};
};
