// SPDX-License-Identifier: MIT
// What the environment asks of the drop-in library; drop_in.cpp says what each variable means.
#pragma once

#include <cstddef>
#include <optional>
#include <portspan/mock.hpp>
#include <string>
#include <vector>

namespace drop_in {

struct Sound {
    std::string name;
    std::vector<float> samples;  ///< interleaved
    std::size_t channels = 0;    ///< 0: there is no sound
    int sample_rate = 48000;
};

struct DeviceLoss {
    double seconds;
    portspan::mock::Loss how;
};

struct Fault {
    std::string function;
    PaError code;
    long calls_before;
};

/// How long, or how often; the other is 0.
struct BackToBack {
    double seconds;
    unsigned long calls;
};

struct Environment {
    portspan::mock::Machine machine;
    Sound input;
    std::string output;  ///< empty: nothing is written
    unsigned long block = 256;
    std::optional<DeviceLoss> loss;
    std::optional<BackToBack> back_to_back;
    std::vector<Fault> faults;
};

/// Infinity: as fast as possible. 1 where the value is wrong, which read_environment() says.
[[nodiscard]] double speed_in_environment();

/// std::runtime_error where a value is wrong; it begins with the variable's name.
[[nodiscard]] Environment read_environment();

}  // namespace drop_in
