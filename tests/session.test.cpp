// SPDX-License-Identifier: MIT
#include <portspan/mock.hpp>
#include <portspan/session.hpp>

#include <utility>

#include "catch.hpp"

using portspan::Session;
using portspan::mock::Scope;

// PortAudio's count does not fall below 0: one Pa_Terminate too many shows in the calls only.

TEST_CASE("a session initialises PortAudio and terminates it") {
    const Scope audio;
    {
        const Session session;
        CHECK(audio.initialized() == 1);
        const Session another;
        CHECK(audio.initialized() == 2);
    }
    CHECK(audio.initialized() == 0);
    CHECK(audio.calls("Pa_Terminate") == 2);
}

TEST_CASE("a session that cannot start terminates nothing") {
    Scope audio;
    audio.host_error(paALSA, -77, "the wire is cut");
    audio.fail("Pa_Initialize", paUnanticipatedHostError);
    CHECK_THROWS_WITH(Session{},
                      "Pa_Initialize: Unanticipated host error: host API ALSA: the wire is cut");
    CHECK(audio.initialized() == 0);
    CHECK(audio.calls("Pa_Terminate") == 0);
    CHECK_NOTHROW(Session{});
    CHECK(audio.initialized() == 0);
    CHECK(audio.calls("Pa_Terminate") == 1);
}

TEST_CASE("a session is moved, not shared") {
    const Scope audio;
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<Session>);
    {
        Session first;
        Session second{std::move(first)};
        CHECK(audio.initialized() == 1);
        Session third;
        CHECK(audio.initialized() == 2);
        third = std::move(second);
        CHECK(audio.initialized() == 1);
        Session& self = third;
        third = std::move(self);
        CHECK(audio.initialized() == 1);
    }
    CHECK(audio.initialized() == 0);
    CHECK(audio.calls("Pa_Terminate") == 2);
}
