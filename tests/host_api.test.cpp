// SPDX-License-Identifier: MIT
#include <portspan/host_api.hpp>
#include <portspan/mock.hpp>

#include <optional>
#include <vector>

#include "catch.hpp"

using portspan::HostApiType;
using portspan::mock::Machine;
using portspan::mock::Scope;

namespace {

const Machine three_host_apis{
    {{.type = paOSS, .name = "OSS", .devices = {}, .default_input = {}, .default_output = {}},
     {.type = paALSA,
      .name = "ALSA",
      .devices = {{"microphone", 1, 0}, {"speakers", 0, 2}},
      .default_input = 0,
      .default_output = 1},
     {.type = 99,
      .name = "Newer \xff",
      .devices = {{"sink", 0, 2}, {"other", 0, 2}},
      .default_input = {},
      .default_output = 1}}};

}  // namespace

TEST_CASE("host APIs are copied with all that PortAudio says") {
    Scope audio{three_host_apis};
    const auto all = portspan::host_apis();
    CHECK(audio.initialized() == 0);
    audio.machine(Machine::without_devices());
    CHECK(portspan::host_apis().size() == 1);  // what PortAudio said of the three is no more
    REQUIRE(all.size() == 3);
    CHECK(all[0].index == 0);
    CHECK(all[0].type == HostApiType::oss);
    CHECK(all[0].device_count == 0);
    CHECK_FALSE(all[0].default_input.has_value());
    CHECK_FALSE(all[0].default_output.has_value());
    CHECK(all[1].name == "ALSA");
    CHECK(all[1].device_count == 2);
    CHECK(all[1].default_input == 0);
    CHECK(all[1].default_output == 1);
    CHECK(all[2].index == 2);
    CHECK(all[2].type == HostApiType{99});
    CHECK(all[2].name == "Newer \xef\xbf\xbd");
    CHECK_FALSE(all[2].default_input.has_value());
    CHECK(all[2].default_output == 3);  // of all devices, not of its own
}

TEST_CASE("the default host API is the one of the default devices") {
    const Scope audio{three_host_apis};
    CHECK(portspan::default_host_api().name == "ALSA");
    CHECK(portspan::default_host_api().default_output ==
          portspan::default_device(portspan::Direction::output)->index);
}

TEST_CASE("a host API is found by its type, also by one that portaudio.h does not know") {
    const Scope audio{three_host_apis};
    CHECK(portspan::find_host_api(HostApiType::alsa)->index == 1);
    CHECK(portspan::find_host_api(HostApiType{99})->index == 2);
    CHECK_FALSE(portspan::find_host_api(HostApiType::jack).has_value());
}

TEST_CASE("a host API's own numbers lead to its devices") {
    const Scope audio{three_host_apis};
    std::optional<portspan::Session> session;
    if (GENERATE(true, false)) session.emplace();
    const auto newer = portspan::find_host_api(HostApiType{99});
    CHECK(portspan::device_of(*newer, 0).index == 2);
    CHECK(portspan::device_of(*newer, 1).name == "other");
    CHECK_THROWS_WITH(portspan::device_of(*newer, 2),
                      "Pa_HostApiDeviceIndexToDeviceIndex: Invalid device "
                      "(Newer \xef\xbf\xbd, device 2)");
    CHECK_THROWS_AS(portspan::device_of(*newer, -1), portspan::Error);
}

TEST_CASE("a failing list of host APIs is an error") {
    Scope audio{three_host_apis};
    audio.fail("Pa_GetHostApiCount", paInternalError);
    CHECK_THROWS_WITH(portspan::host_apis(), "Pa_GetHostApiCount: Internal PortAudio error");
    audio.fail("Pa_GetHostApiInfo", paInternalError, 1);
    CHECK_THROWS_WITH(portspan::host_apis(), "Pa_GetHostApiInfo: Invalid host API (index 1)");
    audio.fail("Pa_GetDefaultHostApi", paInternalError);
    CHECK_THROWS_AS(portspan::default_host_api(), portspan::Error);
    CHECK(audio.initialized() == 0);
}
