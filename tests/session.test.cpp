// SPDX-License-Identifier: MIT
#include <portspan/session.hpp>

#include <utility>

#include "catch.hpp"
#include "fake_portaudio.hpp"

using portspan::Session;

TEST_CASE("a session initialises PortAudio and terminates it") {
    auto& fake = FakePortAudio::reset();
    {
        const Session session;
        CHECK(fake.initialized == 1);
        const Session another;
        CHECK(fake.initialized == 2);
    }
    CHECK(fake.initialized == 0);
}

TEST_CASE("a session that cannot start terminates nothing") {
    auto& fake = FakePortAudio::reset();
    fake.failures["Pa_Initialize"] = paUnanticipatedHostError;
    CHECK_THROWS_WITH(Session{}, "Pa_Initialize: Unanticipated host error: the wire is cut");
    CHECK(fake.initialized == 0);
    fake.failures.clear();
    CHECK_NOTHROW(Session{});
    CHECK(fake.initialized == 0);
}

TEST_CASE("a session is moved, not shared") {
    auto& fake = FakePortAudio::reset();
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<Session>);
    {
        Session first;
        Session second{std::move(first)};
        CHECK(fake.initialized == 1);
        Session third;
        CHECK(fake.initialized == 2);
        third = std::move(second);
        CHECK(fake.initialized == 1);
        Session& self = third;
        third = std::move(self);
        CHECK(fake.initialized == 1);
    }
    CHECK(fake.initialized == 0);
}
