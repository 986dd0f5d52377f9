// SPDX-License-Identifier: MIT
#include <portspan/device.hpp>

#include "catch.hpp"
#include "fake_portaudio.hpp"

using portspan::Direction;

namespace {
FakePortAudio& with_three_devices() {
    auto& fake = FakePortAudio::reset();
    fake.devices = {{2, "USB Audio", 0, 2, 2, 0.01, 0.02, 0.1, 0.2, 48000},
                    {2, "usb audio loopback", 0, 1, 0, 0.03, 0.04, 0.3, 0.4, 44100},
                    {2, "HDMI", 0, 0, 8, 0.05, 0.06, 0.5, 0.6, 96000}};
    fake.default_input = 1;
    fake.default_output = 2;
    return fake;
}
}  // namespace

TEST_CASE("devices are copied with all that PortAudio says") {
    auto& fake = with_three_devices();
    const auto all = portspan::devices();
    fake.devices.clear();
    REQUIRE(all.size() == 3);
    CHECK(all[1].index == 1);
    CHECK(all[1].name == "usb audio loopback");
    CHECK(all[1].host_api == "Fake API");
    CHECK(all[1].max_channels(Direction::input) == 1);
    CHECK(all[1].max_channels(Direction::output) == 0);
    CHECK(all[1].default_sample_rate == 44100);
    CHECK(all[1].default_low_input_latency == 0.03);
    CHECK(all[1].default_low_output_latency == 0.04);
    CHECK(all[1].default_high_input_latency == 0.3);
    CHECK(all[1].default_high_output_latency == 0.4);
    CHECK(fake.initialized == 0);
}

TEST_CASE("the default devices are found, or there are none") {
    auto& fake = with_three_devices();
    CHECK(portspan::default_device(Direction::input)->name == "usb audio loopback");
    CHECK(portspan::default_device(Direction::output)->name == "HDMI");
    fake.default_input = fake.default_output = paNoDevice;
    CHECK_FALSE(portspan::default_device(Direction::input).has_value());
    CHECK_FALSE(portspan::default_device(Direction::output).has_value());
    fake.devices.clear();
    CHECK(portspan::devices().empty());
}

TEST_CASE("an index without a device is an error") {
    with_three_devices();
    CHECK(portspan::device_at(0).name == "USB Audio");
    CHECK_THROWS_WITH(portspan::device_at(3), "Pa_GetDeviceInfo: Invalid device (index 3)");
    CHECK_THROWS_AS(portspan::device_at(-1), portspan::Error);
}

TEST_CASE("a failing list is an error") {
    auto& fake = with_three_devices();
    fake.failures["Pa_GetDeviceCount"] = paUnanticipatedHostError;
    CHECK_THROWS_AS(portspan::devices(), portspan::Error);
    CHECK(fake.initialized == 0);
}

TEST_CASE("a device is found by its name, or by a part of it that only it has") {
    with_three_devices();
    CHECK(portspan::find_device("USB Audio", Direction::input).index == 0);
    CHECK(portspan::find_device("LOOP", Direction::input).index == 1);
    CHECK(portspan::find_device("usb", Direction::output).index == 0);
    CHECK(portspan::find_device("hdmi", Direction::output).index == 2);
}

TEST_CASE("a name that fits no device or two is an error that lists them") {
    auto& fake = with_three_devices();
    CHECK_THROWS_WITH(portspan::find_device("usb", Direction::input),
                      ContainsSubstring("more than one device fits (input \"usb\": there are "
                                        "\"USB Audio\" (Fake API, index 0) "
                                        "\"usb audio loopback\" (Fake API, index 1))"));
    CHECK_THROWS_WITH(portspan::find_device("HDMI", Direction::input),
                      ContainsSubstring("there are \"USB Audio\", \"usb audio loopback\""));
    fake.devices.clear();
    CHECK_THROWS_WITH(portspan::find_device("x", Direction::output),
                      ContainsSubstring("there is no device at all"));
}
