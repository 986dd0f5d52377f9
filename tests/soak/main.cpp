// SPDX-License-Identifier: MIT
// Does anything grow, or drift, in a day? Audio in virtual time on the mock, then streams that are
// opened and closed. usage: soak HOURS CYCLES [SEED]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <stdexcept>

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
    // In parts of equal lengths: an hour, or half of what is less.
    const double part = std::min(1.0, hours / 2);
    for (double hour = part; hour < hours + part / 2; hour += part) {
        const soak::Happened happened = soak::play(part * 3600, seed++);
        all += happened;
        watch.look("hour " + std::to_string(hour).substr(0, 5) + ": " + happened.text());
    }
    std::printf("%.2f hours of audio, each sample as it has to be: %s\n", hours,
                all.text().c_str());
}

void open_and_close(std::uint64_t cycles, std::uint64_t seed) {
    Watch watch;
    constexpr std::uint64_t parts = 10;
    for (std::uint64_t part = 1; part <= parts; ++part) {
        soak::open_and_close(cycles / parts, seed++);
        watch.look(std::to_string(part * (cycles / parts)) + " streams opened and closed");
    }
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 3) return std::fputs("usage: soak HOURS CYCLES [SEED]\n", stderr), 2;
    const std::uint64_t seed =
        argc > 3 ? std::strtoull(argv[3], nullptr, 10) : std::random_device{}();
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    play(std::strtod(argv[1], nullptr), seed);
    open_and_close(std::strtoull(argv[2], nullptr, 10), seed);
    return 0;
} catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "soak: %s\n", error.what());
    return 1;
}
