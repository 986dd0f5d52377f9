// SPDX-License-Identifier: MIT
// Programs that run for long, or on a clock that waits for nothing.
#include <portspan/mock.hpp>

#include "catch.hpp"

using portspan::mock::Scope;

TEST_CASE("calls are noted where the script wants them") {
    Scope audio;
    audio.record_calls(false);
    Pa_Initialize();
    CHECK(audio.calls().empty());
    audio.record_calls(true);
    Pa_Terminate();
    CHECK(audio.calls("Pa_Terminate") == 1);
    CHECK(audio.calls().size() == 1);
}
