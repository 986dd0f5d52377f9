// SPDX-License-Identifier: MIT
#include <portspan/block.hpp>

#include <array>
#include <limits>

#include "catch.hpp"

using portspan::Block;
using portspan::InterleavedView;
using portspan::Planar;
using portspan::PlanarView;
using portspan::RawBlock;
using portspan::StatusFlags;

namespace {
const PaStreamCallbackTimeInfo moments{1.5, 2.5, 3.5};
}

TEST_CASE("an interleaved block gives the raw buffers as views") {
    const std::array<float, 4> in{1, 2, 3, 4};
    std::array<float, 6> out{9, 9, 9, 9, 9, 9};
    Block<float, float> block{{in.data(), out.data(), 2, &moments, paOutputUnderflow}, {2, 3}};

    SECTION("input and output") {
        CHECK(block.frames() == 2);
        CHECK(block.input().data() == in.data());
        CHECK(block.input().channels() == 2);
        CHECK(block.output().data() == out.data());
        CHECK(block.output().channels() == 3);
        STATIC_REQUIRE(std::is_same_v<decltype(block.input()), InterleavedView<const float>>);
        STATIC_REQUIRE(std::is_same_v<decltype(block.output()), InterleavedView<float>>);
    }
    SECTION("times and status") {
        CHECK(block.time().input_adc->time_since_epoch().count() == 1.5);
        CHECK(block.time().current.time_since_epoch().count() == 2.5);
        CHECK(block.time().output_dac->time_since_epoch().count() == 3.5);
        CHECK(any(block.status() & StatusFlags::output_underflow));
        CHECK_FALSE(any(block.status() & StatusFlags::input_overflow));
    }
    SECTION("in place the shared channels are copied and the others are silent") {
        CHECK(block.in_place().data() == out.data());
        CHECK(out == std::array<float, 6>{1, 2, 0, 3, 4, 0});
    }
    SECTION("in place twice does not undo the work in between") {
        block.in_place()(0, 0) = 42;
        CHECK(block.in_place()(0, 0) == 42);
    }
    SECTION("with the channel counts as constants") {
        CHECK(block.input<2>()(1, 1) == 4);
        CHECK(block.output<3>().channels() == 3);
        CHECK(block.in_place<3>()(1, 1) == 4);
        CHECK(block.wrong_channels() == 0);
        STATIC_REQUIRE(decltype(block.input<2>())::extent == 2);
    }
    SECTION("a constant that is not the stream's count gives nothing and is remembered") {
        CHECK(block.output<2>().empty());
        CHECK(block.wrong_channels() == 2);
    }
}

TEST_CASE("a planar block gives the raw buffers as views") {
    const std::array<float, 2> left{1, 2};
    const std::array<float, 2> right{3, 4};
    const std::array<const float*, 2> in{left.data(), right.data()};
    std::array<float, 2> first{9, 9}, second{9, 9}, third{9, 9};
    const std::array<float*, 3> out{first.data(), second.data(), third.data()};
    const void* out_memory = out.data();
    Block<float, float, Planar> block{
        {in.data(), const_cast<void*>(out_memory), 2, &moments, paOutputUnderflow}, {2, 3}};

    SECTION("input and output") {
        CHECK(block.frames() == 2);
        CHECK(block.input()(1, 1) == 4);
        CHECK(block.output().channel(2).data() == third.data());
        STATIC_REQUIRE(std::is_same_v<decltype(block.input()), PlanarView<const float>>);
        STATIC_REQUIRE(std::is_same_v<decltype(block.output()), PlanarView<float>>);
    }
    SECTION("in place the shared channels are copied and the others are silent") {
        const auto audio = block.in_place();
        CHECK(audio(1, 0) == 2);
        CHECK(second == std::array<float, 2>{3, 4});
        CHECK(third == std::array<float, 2>{0, 0});
    }
    SECTION("in place twice does not undo the work in between") {
        block.in_place()(0, 0) = 42;
        CHECK(block.in_place()(0, 0) == 42);
    }
    SECTION("with the channel counts as constants") {
        CHECK(block.input<2>()(0, 1) == 3);
        CHECK(block.in_place<3>()(0, 1) == 3);
        CHECK(block.wrong_channels() == 0);
    }
    SECTION("a constant that is not the stream's count gives nothing and is remembered") {
        CHECK(block.input<1>().empty());
        CHECK(block.wrong_channels() == 1);
    }
}

TEST_CASE("a block without input is silent in place") {
    std::array<std::uint8_t, 4> out{9, 9, 9, 9};
    Block<std::uint8_t, std::uint8_t> block{{nullptr, out.data(), 2, &moments, 0}, {2, 2}};
    CHECK(block.input().empty());
    CHECK(block.input().channels() == 2);
    CHECK(block.input<2>().empty());
    CHECK(block.wrong_channels() == 0);
    CHECK(block.frames() == 2);
    CHECK(block.in_place().frames() == 2);
    CHECK(out == std::array<std::uint8_t, 4>{128, 128, 128, 128});
}

TEST_CASE("fewer channels out than in: the shared ones are copied") {
    const std::array<std::int16_t, 4> in{1, 2, 3, 4};
    std::array<std::int16_t, 2> out{9, 9};
    Block<std::int16_t, std::int16_t> block{{in.data(), out.data(), 2, &moments, 0}, {2, 1}};
    block.in_place();
    CHECK(out == std::array<std::int16_t, 2>{1, 3});
}

TEST_CASE("a direction that the stream does not have is not there") {
    using InputOnly = Block<float, void>;
    using OutputOnly = Block<void, std::int16_t>;
    const std::array<float, 2> in{1, 2};
    InputOnly recorder{{in.data(), nullptr, 1, &moments, 0}, {2, 0}};
    CHECK(recorder.input()(0, 1) == 2);
    CHECK(recorder.frames() == 1);
    CHECK(recorder.time().input_adc.has_value());
    CHECK_FALSE(recorder.time().output_dac.has_value());

    std::array<std::int16_t, 2> out{};
    OutputOnly player{{nullptr, out.data(), 1, &moments, 0}, {0, 2}};
    player.output()(0, 1) = 5;
    CHECK(out[1] == 5);
    CHECK_FALSE(player.time().input_adc.has_value());
    CHECK(player.time().output_dac.has_value());

    const auto has_input = [](auto& block) { return requires { block.input(); }; };
    const auto has_output = [](auto& block) { return requires { block.output(); }; };
    CHECK(has_input(recorder));
    CHECK_FALSE(has_output(recorder));
    CHECK(has_output(player));
    CHECK_FALSE(has_input(player));
}

TEST_CASE("a block is made of two arrays to test a callable") {
    const std::array<float, 4> in{1, 2, 3, 4};
    std::array<float, 4> out{};
    const auto gain = [](auto& block) {
        for (float& x : block.in_place().samples()) x *= 2;
    };
    Block<float, float> block{InterleavedView<const float>{in, 2}, InterleavedView<float>{out, 2}};
    gain(block);
    CHECK(out == std::array<float, 4>{2, 4, 6, 8});
    CHECK(block.time().current.time_since_epoch().count() == 0);
}

TEST_CASE("input and output in the same memory are left alone in place") {
    std::array<float, 4> memory{1, 2, 3, 4};
    Block<float, float> block{{memory.data(), memory.data(), 2, nullptr, 0}, {2, 2}};
    block.in_place();
    CHECK(memory == std::array<float, 4>{1, 2, 3, 4});
}

TEST_CASE("a time that the host does not give is not there") {
    const PaStreamCallbackTimeInfo time{
        .inputBufferAdcTime = 0, .currentTime = 2, .outputBufferDacTime = 0};
    const PaStreamCallbackTimeInfo origin{
        .inputBufferAdcTime = 0, .currentTime = 0, .outputBufferDacTime = 0.5};
    std::array<float, 2> samples{};
    const auto times_of = [&](const PaStreamCallbackTimeInfo* info) {
        return Block<float, float>{{samples.data(), samples.data(), 1, info, 0}, {2, 2}}.time();
    };
    CHECK_FALSE(times_of(&time).input_adc);
    CHECK_FALSE(times_of(&time).output_dac);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const PaStreamCallbackTimeInfo no_numbers{
        .inputBufferAdcTime = -infinity,
        .currentTime = 2,
        .outputBufferDacTime = std::numeric_limits<double>::quiet_NaN()};
    CHECK_FALSE(times_of(&no_numbers).input_adc);
    CHECK_FALSE(times_of(&no_numbers).output_dac);
    CHECK(times_of(&time).current.time_since_epoch().count() == 2);
    CHECK(times_of(&origin).input_adc);
    CHECK(times_of(&origin).output_dac->time_since_epoch().count() == 0.5);
}
