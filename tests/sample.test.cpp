// SPDX-License-Identifier: MIT
#include <portspan/sample.hpp>

#include <cstring>
#include <limits>

#include "catch.hpp"

using portspan::Int24;

TEST_CASE("PortAudio's sample types are samples, others are not") {
    STATIC_REQUIRE(portspan::Sample<float>);
    STATIC_REQUIRE(portspan::Sample<const float>);
    STATIC_REQUIRE(portspan::Sample<std::int32_t>);
    STATIC_REQUIRE(portspan::Sample<Int24>);
    STATIC_REQUIRE(portspan::Sample<std::int16_t>);
    STATIC_REQUIRE(portspan::Sample<std::int8_t>);
    STATIC_REQUIRE(portspan::Sample<std::uint8_t>);
    STATIC_REQUIRE_FALSE(portspan::Sample<double>);
    STATIC_REQUIRE_FALSE(portspan::Sample<std::uint16_t>);
    STATIC_REQUIRE_FALSE(portspan::Sample<bool>);
    STATIC_REQUIRE_FALSE(portspan::Sample<void>);
    STATIC_REQUIRE_FALSE(portspan::Sample<float*>);
}

TEST_CASE("every sample type has PortAudio's constant and its silence") {
    STATIC_REQUIRE(portspan::sample_format<float> == paFloat32);
    STATIC_REQUIRE(portspan::sample_format<std::int32_t> == paInt32);
    STATIC_REQUIRE(portspan::sample_format<Int24> == paInt24);
    STATIC_REQUIRE(portspan::sample_format<std::int16_t> == paInt16);
    STATIC_REQUIRE(portspan::sample_format<std::int8_t> == paInt8);
    STATIC_REQUIRE(portspan::sample_format<std::uint8_t> == paUInt8);
    STATIC_REQUIRE(portspan::sample_format<const std::int16_t> == paInt16);
    STATIC_REQUIRE(portspan::silence<float> == 0.0f);
    STATIC_REQUIRE(portspan::silence<Int24> == Int24(0));
    STATIC_REQUIRE(portspan::silence<std::uint8_t> == 128);
    STATIC_REQUIRE(portspan::silence<const std::uint8_t> == 128);
}

TEST_CASE("Int24 is three bytes without padding or alignment") {
    STATIC_REQUIRE(sizeof(Int24) == 3);
    STATIC_REQUIRE(alignof(Int24) == 1);
    STATIC_REQUIRE(sizeof(Int24[4]) == 12);
    STATIC_REQUIRE(std::is_trivially_copyable_v<Int24>);
    STATIC_REQUIRE(std::is_trivially_default_constructible_v<Int24>);
    STATIC_REQUIRE(std::is_standard_layout_v<Int24>);
}

TEST_CASE("Int24 keeps its bytes in host order") {
    const Int24 value{0x123456};
    unsigned char bytes[3];
    std::memcpy(bytes, &value, 3);
    if constexpr (std::endian::native == std::endian::little) {
        CHECK((bytes[0] == 0x56 && bytes[1] == 0x34 && bytes[2] == 0x12));
    } else {
        CHECK((bytes[0] == 0x12 && bytes[1] == 0x34 && bytes[2] == 0x56));
    }
}

TEST_CASE("Int24 holds every value of its range") {
    std::int32_t wrong = 0;
    for (std::int32_t i = Int24::min; i <= Int24::max; ++i) wrong += std::int32_t{Int24{i}} != i;
    CHECK(wrong == 0);
}

TEST_CASE("Int24 clamps what does not fit") {
    CHECK(Int24(Int24::max + 1) == Int24(Int24::max));
    CHECK(Int24(Int24::min - 1) == Int24(Int24::min));
    CHECK(Int24(std::numeric_limits<std::uint64_t>::max()) == Int24(Int24::max));
    CHECK(Int24(std::numeric_limits<std::int64_t>::min()) == Int24(Int24::min));
    CHECK(Int24(1e30) == Int24(Int24::max));
    CHECK(Int24(-1e30f) == Int24(Int24::min));
    CHECK(Int24(std::numeric_limits<float>::quiet_NaN()) == Int24(0));
    CHECK(Int24(-1.9f) == Int24(-1));
    CHECK(Int24(true) == Int24(1));
}

TEST_CASE("Int24 is a constant where its number is one") {
    constexpr auto half = [] {
        Int24 value{8'000'000.0};
        value *= 0.5;
        return value;
    }();
    STATIC_REQUIRE(half == Int24{4'000'000});
    STATIC_REQUIRE(Int24{'A'} == Int24{65});
    STATIC_REQUIRE(Int24{std::uint64_t{5}} == Int24{5});
}

TEST_CASE("Int24 calculates like an integer and clamps at the end") {
    Int24 x{1000};
    x *= 0.5f;
    CHECK(x == Int24(500));
    x += 7;
    CHECK(x == Int24(507));
    x -= 8;
    CHECK(x == Int24(499));
    x /= 2;
    CHECK(x == Int24(249));
    x *= std::numeric_limits<std::int32_t>::max();
    CHECK(x == Int24(Int24::max));
    x = Int24(-5);
    x /= 0;
    CHECK(x == Int24(Int24::min));
    CHECK(Int24(-3) + Int24(5) == 2);
    CHECK(Int24(-3) < Int24(5));
    CHECK_FALSE(Int24(5) < Int24(-3));
    CHECK((Int24(3) <=> Int24(3)) == std::strong_ordering::equal);
}
