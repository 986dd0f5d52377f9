// SPDX-License-Identifier: MIT
// Audio in two channels that is found again in what was played.
#pragma once

#include <algorithm>
#include <cstddef>
#include <portspan/sample.hpp>
#include <random>
#include <vector>

#include "levels.hpp"

/// Noise in two channels, none of whose samples is silent.
template <class T>
std::vector<T> noise(std::size_t frames) {
    std::minstd_rand random{42};
    std::vector<T> samples(2 * frames);
    for (T& sample : samples) {
        do {
            sample = sample_of<T>(static_cast<double>(random()) / std::minstd_rand::max() * 2 - 1);
        } while (sample == portspan::silence<T>);
    }
    return samples;
}

/// The frames from the first one on that is not silent. A stream's start plays one buffer of
/// silence, whose length is the host's.
template <class T>
std::vector<T> after_silence(const std::vector<T>& played) {
    const auto begin = std::ranges::find_if(
        played, [](const T& sample) { return sample != portspan::silence<T>; });
    return {begin - (begin - played.begin()) % 2, played.end()};
}
