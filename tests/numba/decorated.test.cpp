// SPDX-License-Identifier: MIT
#include "library.hpp"

#include <numba_decorated.hpp>

#include <array>
#include <numeric>
#include <type_traits>

namespace {

using Values = std::vector<std::uint64_t>;
constexpr std::uint64_t abi = PORTSPAN_ABI_VERSION, size = sizeof(portspan_description);
constexpr auto none = static_cast<std::uint64_t>(PORTSPAN_NO_CHANNELS);
constexpr std::size_t long_block = 10000;  // more than the silence that the library has

template <class Function>
Library<Function> load(const char* name) {
    return {DECORATED_LIBRARY, name};
}

}  // namespace

TEST_CASE("a decorated function has the signature that its decorator says") {
    STATIC_REQUIRE(std::is_same_v<decltype(d_gain), int(const float*, float*, unsigned long,
                                                        const PaStreamCallbackTimeInfo*,
                                                        PaStreamCallbackFlags, void*)>);
    STATIC_REQUIRE(std::is_same_v<decltype(d_state), int(const float*, float*, unsigned long,
                                                         const PaStreamCallbackTimeInfo*,
                                                         PaStreamCallbackFlags, DStateState*)>);
    STATIC_REQUIRE(
        std::is_same_v<decltype(d_planar),
                       int(const float* const*, std::int16_t* const*, unsigned long,
                           const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, void*)>);
    STATIC_REQUIRE(std::is_same_v<decltype(d_tone), int(const void*, float*, unsigned long,
                                                        const PaStreamCallbackTimeInfo*,
                                                        PaStreamCallbackFlags, void*)>);
}

TEST_CASE("a decorated function says of itself what its decorator says") {
    const auto says = [](const char* name) {
        return values(*Library<int(void)>{DECORATED_LIBRARY, name}.description);
    };
    CHECK(says("d_gain") == Values{abi, size, paFloat32, paFloat32, PORTSPAN_INTERLEAVED,
                                   PORTSPAN_IN_PLACE, 2, 2, 0, 0, 0, 0});
    CHECK(says("d_slice")[5] == PORTSPAN_NOT_IN_PLACE);
    CHECK(says("d_state") == Values{abi, size, paFloat32, paFloat32, PORTSPAN_INTERLEAVED, 0, 1, 2,
                                    sizeof(DStateState),
                                    portspan_state_hash(static_cast<DStateState*>(nullptr)), 0, 0});
    CHECK(says("d_planar") ==
          Values{abi, size, paFloat32, paInt16, PORTSPAN_PLANAR, 0, 2, 3, 0, 0, 0, 0});
    CHECK(says("d_tone") ==
          Values{abi, size, 0, paFloat32, PORTSPAN_INTERLEAVED, 0, none, 1, 0, 0, 0, 0});
    CHECK(says("d_meter") == Values{abi, size, paFloat32, 0, PORTSPAN_INTERLEAVED, 0, 2, none,
                                    sizeof(DMeterState),
                                    portspan_state_hash(static_cast<DMeterState*>(nullptr)), 0, 0});
    CHECK(says("d_bytes")[2] == paUInt8);
    CHECK(says("d_raises")[3] == paInt32);
}

TEST_CASE("a decorated function gets its buffers as arrays of frames and channels") {
    const std::vector<float> x = noise(2 * 100);
    std::vector<float> y(x.size());

    SECTION("in loops") {
        const auto library = load<decltype(d_gain)>("d_gain");
        CHECK(library.call(x.data(), y.data(), 100, nullptr, 0, nullptr) == paContinue);
        CHECK(distance(y, each(x, [](double v) { return 0.5 * v; })) == 0);
    }
    SECTION("in array expressions") {
        const auto library = load<decltype(d_slice)>("d_slice");
        CHECK(library.call(x.data(), y.data(), 100, nullptr, 0, nullptr) == paContinue);
        CHECK(distance(y, each(x, [](double v) { return 0.5 * v + 0.25; })) < 1e-7);
    }
    SECTION("of any length") {
        const auto library = load<decltype(d_gain)>("d_gain");
        y.assign(x.size(), 9.0f);
        CHECK(library.call(x.data(), y.data(), 0, nullptr, 0, nullptr) == paContinue);
        CHECK(y == std::vector<float>(x.size(), 9.0f));
        CHECK(library.call(x.data(), y.data(), 3, nullptr, 0, nullptr) == paContinue);
        CHECK(y[5] == 0.5f * x[5]);
        CHECK(y[6] == 9.0f);
    }
}

TEST_CASE("a decorated function that only reads its state has its defaults, or what it is given") {
    const std::vector<float> x = noise(2 * 100);
    std::vector<float> y(x.size());
    const auto reads = load<decltype(d_reads)>("d_reads");
    CHECK(reads.call(x.data(), y.data(), 100, nullptr, 0, nullptr) == paContinue);
    CHECK(y[0] == 2 * x[0]);
    CHECK(y[1] == 2 * x[1] + 0.5f);
    DReadsState given{.gain = 3, .offset = {1, 0}};
    CHECK(reads.call(x.data(), y.data(), 100, nullptr, 0, &given) == paContinue);
    CHECK(y[1] == 3 * x[1]);

    const auto zero = load<decltype(d_reads_zero)>("d_reads_zero");
    CHECK(zero.call(x.data(), y.data(), 100, nullptr, 0, nullptr) == paContinue);
    CHECK(y == std::vector<float>(y.size(), 0.0f));
}

TEST_CASE("where PortAudio has no input, a decorated function hears silence") {
    std::vector<float> y(2 * long_block, 9.0f);

    SECTION("in a loop") {
        const auto library = load<decltype(d_gain)>("d_gain");
        CHECK(library.call(nullptr, y.data(), long_block, nullptr, 0, nullptr) == paContinue);
        CHECK(y == std::vector<float>(y.size(), 0.0f));
    }
    SECTION("in an array expression") {
        const auto library = load<decltype(d_slice)>("d_slice");
        CHECK(library.call(nullptr, y.data(), long_block, nullptr, 0, nullptr) == paContinue);
        CHECK(y == std::vector<float>(y.size(), 0.25f));
    }
    SECTION("whatever it writes meanwhile") {
        const auto library = load<decltype(d_side)>("d_side");
        CHECK(library.call(nullptr, y.data(), long_block, nullptr, 0, nullptr) == paContinue);
        for (std::size_t i = 0; i < y.size(); i += 2) REQUIRE((y[i] == 1 && y[i + 1] == 2));
    }
    SECTION("of unsigned samples, which is 128") {
        const auto library = load<decltype(d_bytes)>("d_bytes");
        std::vector<std::uint8_t> bytes(long_block);
        CHECK(library.call(nullptr, bytes.data(), long_block, nullptr, 0, nullptr) == paContinue);
        CHECK(bytes == std::vector<std::uint8_t>(long_block, 128));
    }
    SECTION("in planar buffers") {
        const auto library = load<decltype(d_planar)>("d_planar");
        std::vector<std::int16_t> planes[3];
        for (auto& plane : planes) plane.assign(long_block, 9);
        std::int16_t* const out[3] = {planes[0].data(), planes[1].data(), planes[2].data()};
        CHECK(library.call(nullptr, out, long_block, nullptr, 0, nullptr) == paContinue);
        CHECK(planes[0] == std::vector<std::int16_t>(long_block, 0));
        CHECK(planes[1] == std::vector<std::int16_t>(long_block, 100));
    }
    SECTION("and it ends the stream as before") {
        const auto library = load<decltype(d_planar)>("d_planar");
        std::vector<std::int16_t> plane(long_block, 9);
        std::int16_t* const out[3] = {plane.data(), plane.data(), plane.data()};
        CHECK(library.call(nullptr, out, long_block, nullptr, paComplete, nullptr) == paComplete);
        CHECK(plane.back() == 9);
    }
}

TEST_CASE("without an output a decorated function that has one is not called") {
    const auto library = load<decltype(d_gain)>("d_gain");
    const std::vector<float> x(8);
    CHECK(library.call(x.data(), nullptr, 4, nullptr, 0, nullptr) == paAbort);
    CHECK(library.error() == nullptr);
}

TEST_CASE("a decorated function has the stream's state, or its own") {
    const auto library = load<decltype(d_state)>("d_state");
    const std::array<float, 4> x{1, 2, 3, 4};
    std::array<float, 8> y{};
    DStateState state{};
    CHECK(state.gain == 0.5f);
    CHECK(state.line[1] == 0.25);
    CHECK(state.line[2] == 0.0);

    SECTION("which starts with the defaults") {
        CHECK(library.call(x.data(), y.data(), 4, nullptr, 0, &state) == paContinue);
        CHECK(y == std::array<float, 8>{0, 0, 0.125f, 0.125f, 0, 0, 0.5f, 0.5f});
        CHECK(state.line[0] == 4);
        CHECK(state.count == 4);
    }
    SECTION("that of the library, too, and keeps it") {
        CHECK(library.call(x.data(), y.data(), 2, nullptr, 0, nullptr) == paContinue);
        CHECK(y[2] == 0.125f);
        CHECK(library.call(&x[2], &y[4], 2, nullptr, 0, nullptr) == paContinue);
        CHECK(y[6] == 0.5f);
    }
    SECTION("and what it returns on one path only counts there") {
        state.mode = 7;
        CHECK(library.call(x.data(), y.data(), 4, nullptr, 0, &state) == paComplete);
    }
}

TEST_CASE("a decorated function has one direction only") {
    SECTION("an output") {
        const auto library = load<decltype(d_tone)>("d_tone");
        std::vector<float> y(64);
        CHECK(library.call(nullptr, y.data(), y.size(), nullptr, 0, nullptr) == paContinue);
        std::vector<double> expected;
        for (int i = 0; i < 64; ++i) expected.push_back(std::sin(0.1 * i));
        CHECK(distance(y, expected) < 1e-7);
    }
    SECTION("an input, and a truth value for a result") {
        const auto library = load<decltype(d_meter)>("d_meter");
        DMeterState state{};
        const std::array<float, 4> quiet{0.1f, -0.75f, 0.5f, 0}, loud{0, 0, -2, 0};
        CHECK(library.call(quiet.data(), nullptr, 2, nullptr, 0, &state) == paContinue);
        CHECK(state.peak == 0.75f);
        CHECK(library.call(loud.data(), nullptr, 2, nullptr, 0, &state) == paComplete);
        CHECK(state.peak == 2.0f);
    }
}

TEST_CASE("planar buffers are one array for each channel, of the samples of its side") {
    const auto library = load<decltype(d_planar)>("d_planar");
    const std::array<float, 3> left{1, 2, 3}, right{10, 20, 30};
    std::array<std::int16_t, 3> out[3]{};
    const float* const in_planes[2] = {left.data(), right.data()};
    std::int16_t* const out_planes[3] = {out[0].data(), out[1].data(), out[2].data()};
    const PaStreamCallbackTimeInfo time{1.0, 7.0, 3.0};
    CHECK(library.call(in_planes, out_planes, 3, &time, 1, nullptr) == paComplete);
    CHECK(out[0] == std::array<std::int16_t, 3>{8, 9, 10});
    CHECK(out[1] == std::array<std::int16_t, 3>{117, 127, 137});
    CHECK(out[2] == std::array<std::int16_t, 3>{60, 207, 207});
}

TEST_CASE("an exception in a decorated function has the user's line") {
    const auto library = load<decltype(d_raises)>("d_raises");
    std::int32_t x = 4, y = 0;
    CHECK(library.call(&x, &y, 1, nullptr, 0, nullptr) == paContinue);
    CHECK(y == 3);
    x = 3;
    CHECK(library.call(&x, &y, 1, nullptr, 0, nullptr) == paAbort);
    CHECK(library.text() == "ValueError: three (decorated.py:78)");
    x = 0;
    CHECK(library.call(&x, &y, 1, nullptr, 0, nullptr) == paAbort);
    CHECK(library.text() == "ZeroDivisionError: integer division by zero (decorated.py:79)");
}

TEST_CASE("a decorated function looks at its indices where it is told to") {
    const auto library = load<decltype(d_checked)>("d_checked");
    std::vector<float> x{0, 1, 2, 3};
    std::vector<float> y(4);
    CHECK(library.call(x.data(), y.data(), 2, nullptr, 0, nullptr) == paContinue);
    CHECK(y == std::vector<float>{0, 1, 7, 3});
    x[0] = 1;
    CHECK(library.call(x.data(), y.data(), 2, nullptr, 0, nullptr) == paAbort);
    CHECK(library.text() == "IndexError: index is out of bounds (decorated.py:85)");
}
