// SPDX-License-Identifier: MIT
#include <portspan/mock.hpp>
#include <portspan/portspan.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "catch.hpp"
#include "error_of.hpp"

using portspan::Device;
using portspan::Direction;
using portspan::HostApiType;
using portspan::OutputStream;
using portspan::Stream;
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
    CHECK(all[1].host_api_index == 0);
    CHECK(all[1].host_api_type == paInDevelopment);
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

TEST_CASE("an index without a device is an error, with a Session or without") {
    const Scope audio{three_devices};
    std::optional<portspan::Session> session;
    if (GENERATE(true, false)) session.emplace();
    CHECK(portspan::device_at(0).name == "USB Audio");
    CHECK_THROWS_WITH(portspan::device_at(3), "Pa_GetDeviceInfo: Invalid device (index 3)");
    CHECK_THROWS_AS(portspan::device_at(-1), portspan::Error);
    session.reset();
    CHECK(audio.initialized() == 0);
}

TEST_CASE("a failing list is an error") {
    Scope audio{three_devices};
    audio.fail("Pa_GetDeviceCount", paUnanticipatedHostError);
    CHECK_THROWS_AS(portspan::devices(), portspan::Error);
    CHECK(audio.initialized() == 0);
}

TEST_CASE("a device belongs to its host API, of which it has the type") {
    constexpr int pulse_audio = 16;  // newer than this portaudio.h
    Scope audio{{{{.type = paALSA, .name = "ALSA", .devices = {{"card"}}},
                  {.type = pulse_audio, .name = "PulseAudio", .devices = {{"sink"}}}}}};
    const auto all = portspan::devices();
    REQUIRE(all.size() == 2);
    CHECK(all[0].host_api_type == HostApiType::alsa);
    CHECK(all[1].host_api == "PulseAudio");
    CHECK(all[1].host_api_index == 1);
    CHECK(all[1].host_api_type == HostApiType::pulse_audio);
    audio.fail("Pa_GetHostApiInfo", paInternalError);
    const auto unknown = portspan::devices();
    CHECK(unknown[0].host_api.empty());
    CHECK(unknown[0].host_api_type == HostApiType{-1});
    CHECK(unknown[0].host_api_index == 0);
}

TEST_CASE("a name that is not UTF-8 becomes UTF-8, and the device is found by it") {
    const Scope audio{{{{.name = "ALS\xc4", .devices = {{"Lautsprecher \xfc"}, {"L\xc3\xbc"}}}}}};
    const auto all = portspan::devices();
    CHECK(all[0].name == "Lautsprecher \xef\xbf\xbd");
    CHECK(all[0].host_api == "ALS\xef\xbf\xbd");
    CHECK(all[1].name == "L\xc3\xbc");
    CHECK(portspan::find_device(all[0].name, Direction::output).index == 0);
    CHECK(portspan::host_apis()[0].name == all[0].host_api);
}

TEST_CASE("a Device opens where it is now") {
    Scope audio{three_devices};
    const std::optional<Device> hdmi = portspan::devices()[2];
    const auto plays_on = [&](const Device& device) {
        const OutputStream<float> stream{{.output = {.device = device}}, [](auto&) noexcept {}};
        return audio.opened(audio.streams() - 1).output->device;
    };
    CHECK(plays_on(*hdmi) == 2);

    Machine machine = three_devices;
    auto& list = machine.host_apis[0].devices;
    SECTION("at another index, where another one has been pulled out") {
        list.erase(list.begin());
        machine.host_apis[0].default_output = 1;
        audio.machine(machine);
        CHECK(plays_on(*hdmi) == 1);
    }
    SECTION("and not on the one that has its index") {
        list.pop_back();
        list.push_back({"Loudspeaker", 0, 2});
        audio.machine(machine);
        CHECK_THROWS_WITH(plays_on(*hdmi),
                          "Stream: no such device (\"HDMI\" (Mock API), listed with index 2, is "
                          "gone)");
        CHECK(audio.streams() == 1);
    }
    SECTION("of two with its name only where the list is the same") {
        const auto ambiguous = ContainsSubstring("more than one device fits (\"HDMI\"");
        list.push_back(list.back());
        audio.machine(machine);
        CHECK_THROWS_WITH(plays_on(*hdmi), ambiguous);

        const auto twins = portspan::devices();
        CHECK(plays_on(twins[2]) == 2);
        CHECK(plays_on(twins[3]) == 3);
        list.insert(list.begin(), {"New"});  // at index 3 is what was at 2
        audio.machine(machine);
        CHECK_THROWS_WITH(plays_on(twins[3]), ambiguous);
        CHECK_THROWS_WITH(plays_on(twins[2]), ambiguous);

        const portspan::Session session;
        const Device alone = portspan::device_at(4);
        CHECK(plays_on(alone) == 4);
        list.insert(list.begin(), {"Newer"});
        audio.machine(machine);
        CHECK(plays_on(alone) == 4);
        portspan::refresh_devices();
        CHECK_THROWS_WITH(plays_on(alone), ambiguous);
        CHECK(plays_on(portspan::device_at(5)) == 5);
    }
}

TEST_CASE("a device that does not open is named") {
    Scope audio{three_devices};
    const auto refusal = [&](PaError code, auto open) {
        audio.fail("Pa_OpenStream", code);
        const auto error = error_of(open);
        return error ? std::string{error->what()} : "no error";
    };
    const auto duplex = [] { Stream<float>{[](auto&) noexcept {}}; };
    const auto output = [] { OutputStream<float>{[](auto&) noexcept {}}; };
    CHECK(refusal(paDeviceUnavailable, duplex) ==
          "Pa_OpenStream: Device unavailable (input \"usb audio loopback\", output \"HDMI\")");
    CHECK(refusal(paBadIODeviceCombination, output) ==
          "Pa_OpenStream: Illegal combination of I/O devices (output \"HDMI\")");
    audio.host_error(paALSA, -19, "No such device");
    CHECK(
        refusal(paUnanticipatedHostError, output) ==
        "Pa_OpenStream: Unanticipated host error (output \"HDMI\"): host API ALSA: No such device");
    for (const PaError code :
         {paInvalidSampleRate, paInvalidChannelCount, paSampleFormatNotSupported}) {
        CHECK(refusal(code, output) == "Pa_OpenStream: " + std::string{Pa_GetErrorText(code)} +
                                           " (96000 Hz, 2 float32 channels to \"HDMI\")");
    }
}

TEST_CASE("the list is of one moment, also while another thread makes it anew") {
    Scope audio{three_devices};
    const portspan::Session session;
    std::atomic<bool> over{false};
    std::thread refreshing{[&] {
        while (!over) portspan::refresh_devices();
    }};
    for (int i = 0; i < 300; ++i) {
        const auto all = portspan::devices();
        REQUIRE(all.size() == 3);
        REQUIRE(all[2].name == "HDMI");
        REQUIRE(portspan::host_apis().size() == 1);
    }
    over = true;
    refreshing.join();
}
