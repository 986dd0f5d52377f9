// SPDX-License-Identifier: MIT
#include <portspan/config.hpp>
#include <portspan/times.hpp>

#include "catch.hpp"

using portspan::StatusFlags;
using portspan::StreamFlags;

TEST_CASE("flags combine with each other and with nothing else") {
    StatusFlags seen = StatusFlags::none;
    CHECK_FALSE(any(seen));
    seen |= StatusFlags::output_underflow;
    seen |= StatusFlags::input_overflow;
    CHECK(any(seen & StatusFlags::output_underflow));
    CHECK(any(seen & StatusFlags::input_overflow));
    CHECK_FALSE(any(seen & StatusFlags::priming_output));
    CHECK(seen == (StatusFlags::input_overflow | StatusFlags::output_underflow));
    STATIC_REQUIRE(portspan::FlagSet<StreamFlags>);
    STATIC_REQUIRE_FALSE(portspan::FlagSet<portspan::Latency>);
    STATIC_REQUIRE_FALSE(portspan::FlagSet<int>);
}

TEST_CASE("flags have PortAudio's values") {
    const auto bits = [](auto flag) { return static_cast<unsigned long>(flag); };
    CHECK(bits(StatusFlags::input_underflow) == paInputUnderflow);
    CHECK(bits(StatusFlags::input_overflow) == paInputOverflow);
    CHECK(bits(StatusFlags::output_underflow) == paOutputUnderflow);
    CHECK(bits(StatusFlags::output_overflow) == paOutputOverflow);
    CHECK(bits(StatusFlags::priming_output) == paPrimingOutput);
    CHECK(bits(StreamFlags::clip_off) == paClipOff);
    CHECK(bits(StreamFlags::dither_off) == paDitherOff);
    CHECK(bits(StreamFlags::never_drop_input) == paNeverDropInput);
    CHECK(bits(StreamFlags::prime_output) == paPrimeOutputBuffersUsingStreamCallback);
}

TEST_CASE("status flags have names") {
    CHECK(to_string(StatusFlags::none).empty());
    CHECK(to_string(StatusFlags::priming_output) == "priming output");
    CHECK(to_string(StatusFlags::output_overflow | StatusFlags::output_underflow |
                    StatusFlags::input_overflow | StatusFlags::input_underflow) ==
          "input underflow, input overflow, output underflow, output overflow");
}
