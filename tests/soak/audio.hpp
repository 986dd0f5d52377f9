// SPDX-License-Identifier: MIT
// Hours of audio in virtual time, in which everything happens, each sample compared.
#pragma once

#include <cstdint>
#include <string>

namespace soak {

/// How often what has happened.
struct Happened {
    std::uint64_t frames = 0;
    std::uint64_t blocks = 0;
    std::uint64_t exchanges = 0;
    std::uint64_t changes = 0;
    std::uint64_t events = 0;
    std::uint64_t stops = 0;
    std::uint64_t xruns = 0;
    std::uint64_t null_inputs = 0;
    std::uint64_t losses = 0;

    Happened& operator+=(const Happened& more);
    [[nodiscard]] std::string text() const;
};

/// Throws std::runtime_error where a sample is another one.
Happened play(double seconds, std::uint64_t seed);

/// At least so many streams that are opened, maybe run, and closed; how many there were. Throws
/// likewise, for what is left of them and for an error that nobody asked the mock for.
std::uint64_t open_and_close(std::uint64_t streams, std::uint64_t seed);

}  // namespace soak
