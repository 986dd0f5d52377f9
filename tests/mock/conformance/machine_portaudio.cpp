// SPDX-License-Identifier: MIT
#include <dlfcn.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>

#include "../../integration/jack_server.hpp"
#include "machine.hpp"

namespace conformance {

namespace {

const std::string alsa_devices =
    "pcm.silent { type plug slave { pcm { type null } channels 2 rate 48000 format S16_LE } }\n"
    "pcm.speaker { type asym playback.pcm silent }\n"
    "pcm.microphone { type asym capture.pcm silent }\n"
    "pcm.!default { type plug slave.pcm silent }\n"
    "ctl.!default { type null }\n";

/// One that PortAudio 19.6 does not get open: it aborts where there is none at all.
const std::string no_alsa_devices =
    "pcm.broken { type hw card 99 }\n"
    "ctl.!default { type null }\n";

/// libjack is in the process, PortAudio uses it; its header may not be on this computer.
template <class Function>
Function* of_libjack(const char* name) {
    if (void* address = dlsym(RTLD_DEFAULT, name)) return reinterpret_cast<Function*>(address);
    std::fprintf(stderr, "libjack has no %s\n", name);
    std::exit(1);
}

}  // namespace

struct Machine::Parts {
    std::optional<JackServer> jack;
    std::optional<AlsaConfiguration> alsa;
};

Machine::Machine(const std::string& name) : parts_{new Parts} {
    if (name == "jack" || name == "alsa+jack") {
        parts_->jack.emplace();
    } else {
        // A server of this computer's own must not be found.
        setenv("JACK_DEFAULT_SERVER", "portspan-no-such-server", 1);
    }
    parts_->alsa.emplace(name == "alsa" || name == "alsa+jack" ? alsa_devices : no_alsa_devices);
}
Machine::~Machine() = default;
Machine::operator bool() const { return !parts_->jack || *parts_->jack; }

void let_time_pass() { std::this_thread::sleep_for(std::chrono::milliseconds{20}); }
void lose_device() {}

Elsewhere::Elsewhere(Is) {}
Elsewhere::~Elsewhere() = default;

struct VanishingDevice::Parts {
    void* client;
};

VanishingDevice::VanishingDevice() : parts_{new Parts} {
    // The values of jack/types.h.
    constexpr int no_start_server = 1;
    constexpr unsigned long is_input = 1, is_output = 2;
    parts_->client = of_libjack<void*(const char*, int, int*, ...)>("jack_client_open")(
        name, no_start_server, nullptr);
    const auto add =
        of_libjack<void*(void*, const char*, const char*, unsigned long, unsigned long)>(
            "jack_port_register");
    for (const auto& [port, flags] : {std::pair{"in", is_input}, std::pair{"out", is_output}}) {
        if (!parts_->client || !add(parts_->client, port, "32 bit float mono audio", flags, 0)) {
            std::fprintf(stderr, "no client of the JACK server\n");
            std::exit(1);
        }
    }
}
VanishingDevice::~VanishingDevice() { vanish(); }

void VanishingDevice::vanish() {
    if (!parts_->client) return;
    of_libjack<int(void*)>("jack_client_close")(parts_->client);
    parts_->client = nullptr;
}

}  // namespace conformance
