// SPDX-License-Identifier: MIT
#include <portspan/device.hpp>
#include <portspan/mock.hpp>

#include "catch.hpp"

using portspan::Direction;
using portspan::mock::Machine;
using portspan::mock::Scope;

namespace {
const Machine three_devices{{{.name = "Mock API",
                              .devices = {{"USB Audio", 2, 2, 48000, 0.01, 0.02, 0.1, 0.2},
                                          {"usb audio loopback", 1, 0, 44100, 0.03, 0.04, 0.3, 0.4},
                                          {"HDMI", 0, 8, 96000, 0.05, 0.06, 0.5, 0.6}},
                              .default_input = 1,
                              .default_output = 2}}};
}  // namespace

TEST_CASE("devices are copied with all that PortAudio says") {
    Scope audio{three_devices};
    const auto all = portspan::devices();
    CHECK(audio.initialized() == 0);
    audio.machine(Machine::without_devices());
    CHECK(portspan::devices().empty());  // what PortAudio said of the three is no more
    REQUIRE(all.size() == 3);
    CHECK(all[1].index == 1);
    CHECK(all[1].name == "usb audio loopback");
    CHECK(all[1].host_api == "Mock API");
    CHECK(all[1].max_channels(Direction::input) == 1);
    CHECK(all[1].max_channels(Direction::output) == 0);
    CHECK(all[1].default_sample_rate == 44100);
    CHECK(all[1].default_low_input_latency == 0.03);
    CHECK(all[1].default_low_output_latency == 0.04);
    CHECK(all[1].default_high_input_latency == 0.3);
    CHECK(all[1].default_high_output_latency == 0.4);
}

TEST_CASE("the default devices are found, or there are none") {
    Scope audio{three_devices};
    CHECK(portspan::default_device(Direction::input)->name == "usb audio loopback");
    CHECK(portspan::default_device(Direction::output)->name == "HDMI");
    Machine machine = three_devices;
    machine.host_apis[0].default_input = machine.host_apis[0].default_output = std::nullopt;
    audio.machine(machine);
    CHECK_FALSE(portspan::default_device(Direction::input).has_value());
    CHECK_FALSE(portspan::default_device(Direction::output).has_value());
}

TEST_CASE("an index without a device is an error") {
    const Scope audio{three_devices};
    const portspan::Session session;
    CHECK(portspan::device_at(0).name == "USB Audio");
    CHECK_THROWS_WITH(portspan::device_at(3), "Pa_GetDeviceInfo: Invalid device (index 3)");
    CHECK_THROWS_AS(portspan::device_at(-1), portspan::Error);
}

TEST_CASE("a failing list is an error") {
    Scope audio{three_devices};
    audio.fail("Pa_GetDeviceCount", paUnanticipatedHostError);
    CHECK_THROWS_AS(portspan::devices(), portspan::Error);
    CHECK(audio.initialized() == 0);
}

TEST_CASE("a device is found by its name, or by a part of it that only it has") {
    const Scope audio{three_devices};
    CHECK(portspan::find_device("USB Audio", Direction::input).index == 0);
    CHECK(portspan::find_device("LOOP", Direction::input).index == 1);
    CHECK(portspan::find_device("usb", Direction::output).index == 0);
    CHECK(portspan::find_device("hdmi", Direction::output).index == 2);
}

TEST_CASE("a name that fits no device or two is an error that lists them") {
    Scope audio{three_devices};
    CHECK_THROWS_WITH(portspan::find_device("usb", Direction::input),
                      ContainsSubstring("more than one device fits (input \"usb\": there are "
                                        "\"USB Audio\" (Mock API, index 0) "
                                        "\"usb audio loopback\" (Mock API, index 1))"));
    CHECK_THROWS_WITH(portspan::find_device("HDMI", Direction::input),
                      ContainsSubstring("there are \"USB Audio\", \"usb audio loopback\""));
    audio.machine(Machine::without_devices());
    CHECK_THROWS_WITH(portspan::find_device("x", Direction::output),
                      ContainsSubstring("there is no device at all"));
}
