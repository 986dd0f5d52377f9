// SPDX-License-Identifier: MIT
#include <portspan/buffers.hpp>

#include <array>

#include "catch.hpp"

using portspan::InterleavedView;
using portspan::PlanarView;
namespace detail = portspan::detail;

TEST_CASE("silence fills from a channel on and leaves the others") {
    std::array<std::uint8_t, 6> memory{1, 2, 3, 4, 5, 6};
    const InterleavedView<std::uint8_t> view{memory, 3};
    detail::fill_silence(view, 1);
    CHECK(memory == std::array<std::uint8_t, 6>{1, 128, 128, 4, 128, 128});
    detail::fill_silence(view);
    CHECK(memory[0] == 128);
    CHECK(memory[3] == 128);
}

TEST_CASE("input goes through to the output") {
    const std::array<float, 6> input{1, 2, 3, 4, 5, 6};
    std::array<float, 6> output{9, 9, 9, 9, 9, 9};
    const auto through = [&](std::size_t in_channels, std::size_t out_channels,
                             std::size_t frames) {
        detail::copy_through(InterleavedView<const float>{input.data(), frames, in_channels},
                             InterleavedView<float>{output.data(), frames, out_channels});
    };
    SECTION("with equal channel counts") {
        through(2, 2, 3);
        CHECK(output == input);
    }
    SECTION("to more channels") {
        through(1, 2, 3);
        CHECK(output == std::array<float, 6>{1, 0, 2, 0, 3, 0});
    }
    SECTION("to fewer channels") {
        through(3, 1, 2);
        CHECK(output == std::array<float, 6>{1, 4, 9, 9, 9, 9});
    }
    SECTION("of nothing") {
        through(2, 2, 0);
        CHECK(output[0] == 9);
    }
}

TEST_CASE("an input that is shorter than the output is followed by silence") {
    const std::array<float, 2> input{1, 2};
    std::array<float, 6> output{9, 9, 9, 9, 9, 9};
    detail::copy_through(InterleavedView<const float>{input.data(), 1, 2},
                         InterleavedView<float>{output.data(), 3, 2});
    CHECK(output == std::array<float, 6>{1, 2, 0, 0, 0, 0});
}

TEST_CASE("a channel that is its own input is left alone") {
    std::array<float, 2> shared{1, 2}, right{3, 4}, other{9, 9};
    const std::array<const float*, 2> input{shared.data(), right.data()};
    const std::array<float*, 2> output{shared.data(), other.data()};
    detail::copy_through(PlanarView<const float>{input.data(), 2, 2},
                         PlanarView<float>{output.data(), 2, 2});
    CHECK(shared == std::array<float, 2>{1, 2});
    CHECK(other == std::array<float, 2>{3, 4});
}

TEST_CASE("copying works at compile time too") {
    constexpr auto last = [] {
        const std::array<float, 4> input{1, 2, 3, 4};
        std::array<float, 4> output{};
        detail::copy_through(InterleavedView<const float, 2>{input.data(), 2},
                             InterleavedView<float, 2>{output.data(), 2});
        return output[3];
    }();
    STATIC_REQUIRE(last == 4);
}
