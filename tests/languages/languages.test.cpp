// SPDX-License-Identifier: MIT
// Callbacks in several languages: each found in its library, rendered, and compared with the same
// written here.
#include <portspan/library.hpp>
#include <portspan/renderer.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "catch.hpp"

namespace {

using Stereo = std::array<float, 2>;

constexpr std::size_t frames = 1000;

std::vector<float> signal() {
    std::vector<float> samples(2 * frames);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        samples[i] = std::sin(0.37f * static_cast<float>(i * i % 1013));
    }
    return samples;
}

/// What `callback` makes of the signal in blocks of 64 frames, the last one of 40.
std::vector<float> rendered(const portspan::RawCallback& callback) {
    const std::vector<float> input = signal();
    std::vector<float> output(input.size(), 99);
    portspan::Renderer<float> renderer{{.frames_per_buffer = 64}, callback};
    const auto done = renderer.process(portspan::InterleavedView<const float>{input, 2},
                                       portspan::InterleavedView<float>{output, 2});
    CHECK(done.frames == frames);
    CHECK(done.result == paContinue);
    return output;
}

/// What a stream hears that has no input yet.
std::vector<float> rendered_without_input(const portspan::RawCallback& callback) {
    std::vector<float> output(2 * frames, 99);
    CHECK(portspan::detail::call(callback, nullptr, output.data(), frames, nullptr, 0) ==
          paContinue);
    return output;
}

template <class F>
void check_reference(const std::vector<float>& output, F&& reference) {
    const std::vector<float> input = signal();
    float largest = 0;
    for (std::size_t i = 0; i < input.size(); i += 2) {
        const Stereo expected = reference(Stereo{input[i], input[i + 1]});
        largest = std::fmax(largest, std::fabs(output[i] - expected[0]));
        largest = std::fmax(largest, std::fabs(output[i + 1] - expected[1]));
    }
    CHECK(largest < 1e-6f);
}

template <class State, class Reference>
void check_callback(const char* file, const char* symbol, State state, Reference reference) {
    const portspan::SharedLibrary library{file};
    const portspan::RawCallback callback = library.callback(symbol, &state);
    check_reference(rendered(callback), [&](Stereo x) { return reference(state, x); });
    CHECK(rendered_without_input(callback) == std::vector<float>(2 * frames, 0.0f));
    CHECK_THROWS_AS((portspan::Renderer<float>{{.input_channels = 1}, callback}), portspan::Error);
    CHECK_THROWS_AS((portspan::Renderer<std::int16_t>{{}, callback}), portspan::Error);
    std::array<State, 2> wrong{};
    CHECK_THROWS_AS(library.callback(symbol, &wrong), portspan::Error);
}

}  // namespace

TEST_CASE("a callback in C runs with its state, and says what it works on") {
    struct Balance {
        float left, right;
    };
    check_callback(BALANCE, "balance", Balance{.left = 0.5f, .right = 0.75f},
                   [](const Balance& state, Stereo x) {
                       return Stereo{state.left * x[0], state.right * x[1]};
                   });
}

#if defined(STEREO_WIDTH)
TEST_CASE("a callback in Rust runs with its state, and says what it works on") {
    struct Width {
        float width;
    };
    check_callback(STEREO_WIDTH, "stereo_width", Width{.width = 0.5f},
                   [](const Width& state, Stereo x) {
                       const float mid = (x[0] + x[1]) / 2;
                       const float side = state.width * (x[0] - x[1]) / 2;
                       return Stereo{mid + side, mid - side};
                   });
}
#endif

#if defined(CROSSFEED)
TEST_CASE("a callback in Fortran runs with its state, and says what it works on") {
    struct Feed {
        float amount;
    };
    check_callback(CROSSFEED, "crossfeed", Feed{.amount = 0.5f}, [](const Feed& state, Stereo x) {
        const float other = state.amount / 2;
        return Stereo{(1 - other) * x[0] + other * x[1], (1 - other) * x[1] + other * x[0]};
    });
}
#endif
