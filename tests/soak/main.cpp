// SPDX-License-Identifier: MIT
// Does anything grow, or drift, in a day? Audio in virtual time on the mock, then streams that are
// opened and closed. usage: soak HOURS STREAMS [SEED]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <stdexcept>
#include <string>

#include "audio.hpp"
#include "usage.hpp"

namespace {

using soak::Usage;

/// What there is after the first part is what there may be after all others.
class Watch {
public:
    void look(const std::string& what) {
        const Usage now = Usage::now();
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start_;
        std::printf("%s; %s; %.0f s\n", what.c_str(), now.text().c_str(), time.count());
        std::fflush(stdout);
        if (!has_first_) first_ = now;
        has_first_ = true;
        const std::string grown = now.growth_since(first_);
        if (!grown.empty()) throw std::runtime_error{"there is more of this: " + grown};
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    Usage first_;
    bool has_first_ = false;
};

void play(double hours, std::uint64_t seed) {
    soak::Happened all;
    Watch watch;
    // In parts of equal lengths: of an hour at most, and two at least.
    const int parts = std::max(2, static_cast<int>(std::ceil(hours)));
    for (int part = 1; part <= parts; ++part) {
        const soak::Happened happened = soak::play(hours / parts * 3600, seed++);
        all += happened;
        watch.look("part " + std::to_string(part) + " of " + std::to_string(parts) + ": " +
                   happened.text());
    }
    std::printf("%.2f hours of audio, each sample as it has to be: %s\n", hours,
                all.text().c_str());
}

void open_and_close(std::uint64_t streams, std::uint64_t seed) {
    Watch watch;
    constexpr std::uint64_t parts = 10;
    std::uint64_t opened = 0;
    for (std::uint64_t part = 1; part <= parts; ++part) {
        opened += soak::open_and_close((streams + parts - 1) / parts, seed++);
        watch.look(std::to_string(opened) + " streams opened and closed");
    }
}

/// The whole argument as a number above 0.
double number(const char* argument) {
    char* end = nullptr;
    const double value = std::strtod(argument, &end);
    if (end == argument || *end != 0 || !(value > 0) || value > 1e9) {
        throw std::invalid_argument{std::string{argument} + " is no number above 0"};
    }
    return value;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 3) return std::fputs("usage: soak HOURS STREAMS [SEED]\n", stderr), 2;
    const std::uint64_t seed =
        argc > 3 ? std::strtoull(argv[3], nullptr, 10) : std::random_device{}();
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    const double hours = number(argv[1]);
    const auto streams = static_cast<std::uint64_t>(number(argv[2]));
    play(hours, seed);
    open_and_close(streams, seed);
    return 0;
} catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "soak: %s\n", error.what());
    return 1;
}
