// SPDX-License-Identifier: MIT
#include <portspan/mock.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "machine.hpp"

namespace conformance {

namespace {

using portspan::mock::Device;
using portspan::mock::HostApi;

portspan::mock::Scope* script = nullptr;
portspan::mock::Machine found;

Device alsa_device(const char* name, int inputs, int outputs,
                   std::vector<double> rates = {48000, 384000}) {
    return {.name = name,
            .max_input_channels = inputs,
            .max_output_channels = outputs,
            // Those that the table asks for; ALSA's null device would take more.
            .sample_rates = std::move(rates)};
}

HostApi alsa(bool with_devices) {
    HostApi api{.type = paALSA, .name = "ALSA"};
    if (!with_devices) {
        api.devices.clear();
        api.default_input = api.default_output = std::nullopt;
        return api;
    }
    api.devices = {alsa_device("silent", 128, 128), alsa_device("speaker", 0, 128, {}),
                   alsa_device("microphone", 128, 0), alsa_device("default", 128, 128)};
    api.default_input = api.default_output = 3;
    return api;
}

HostApi jack() {
    Device system{.name = "system", .sample_rates = {48000}};
    return {.type = paJACK, .name = "JACK Audio Connection Kit", .devices = {system}};
}

}  // namespace

struct Machine::Parts {
    portspan::mock::Scope scope;
};

Machine::Machine(const std::string& name) {
    found.host_apis = {
        alsa(name == "alsa" || name == "alsa+jack"),
        // Debian's PortAudio has it, and it has no devices any more.
        {.type = paOSS, .name = "OSS", .devices = {}, .default_input = {}, .default_output = {}}};
    if (name == "jack" || name == "alsa+jack") found.host_apis.push_back(jack());
    parts_.reset(new Parts{portspan::mock::Scope{found}});
    script = &parts_->scope;
}
Machine::~Machine() { script = nullptr; }
Machine::operator bool() const { return true; }

void let_time_pass() { script->pump(4096); }

void lose_device() {
    std::size_t opened = 0;
    try {
        while (true) static_cast<void>(script->opened(opened++));
    } catch (const std::out_of_range&) {
        script->lose_device(opened - 2, portspan::mock::Loss::error);
    }
}

Elsewhere::Elsewhere(Is what) {
    portspan::mock::Machine machine{{}};
    if (what == Is::core_audio) machine.host_apis = {{.type = paCoreAudio, .name = "Core Audio"}};
    script->machine(std::move(machine));
}
Elsewhere::~Elsewhere() { script->machine(found); }

struct VanishingDevice::Parts {};

VanishingDevice::VanishingDevice() {
    auto machine = found;
    machine.host_apis.back().devices.push_back({.name = name});
    script->machine(std::move(machine));
}
VanishingDevice::~VanishingDevice() { script->machine(found); }

void VanishingDevice::vanish() {
    script->fail("Pa_OpenStream", paUnanticipatedHostError);
    script->host_error(paJACK, -1, "unknown error");
}

}  // namespace conformance
