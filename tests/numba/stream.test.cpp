// SPDX-License-Identifier: MIT
#include <portspan/library.hpp>
#include <portspan/mock.hpp>
#include <portspan/stream.hpp>

#include <failures.hpp>

#include <string>

#include "catch.hpp"

TEST_CASE("a stream tells why a callback from Python has ended it") {
    portspan::mock::Scope audio;
    const portspan::SharedLibrary library{FAILURES_LIBRARY};
    FailuresState state{.divisor = 1.0f};
    portspan::Stream<float> stream{{.input = {.channels = 1}, .output = {.channels = 1}},
                                   library.callback("failures", &state)};
    stream.start();
    audio.pump(64);
    CHECK(stream.active());

    state.failure = 1;
    audio.pump(64);
    CHECK_THROWS_WITH(stream.wait(), ContainsSubstring("ValueError: boo (failures.py:26)"));
    CHECK_NOTHROW(stream.stop());

    state.failure = 0;
    stream.start();
    audio.pump(64);
    CHECK_NOTHROW(stream.stop());
}
