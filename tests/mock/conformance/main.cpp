// SPDX-License-Identifier: MIT
// usage: conformance MACHINE > TABLE, where MACHINE is one of machine.hpp's
#include <cstdio>
#include <string>

#include "machine.hpp"
#include "table.hpp"

using namespace conformance;

namespace {

constexpr int cannot_run = 77;

void on_alsa() {
    no_host_errors();
    not_initialized();
    constants();
    counting();
    extensions_without_jack();
    extensions_of_alsa();
    Pa_Initialize();
    enumeration();
    parameters_of_alsa();
    host_specific_devices();
    default_stream();
    const PaDeviceIndex device = device_of(paALSA);
    lives("ALSA", device);
    finished_callbacks("ALSA", device);
    blocking("ALSA", device);
    directions_of_blocking_streams();
    lost_audio();
    lost_device();
    ended_by_another_thread("ALSA", device);
    bad_streams();
    row("the last Pa_Terminate", Pa_Terminate());
    terminating("ALSA", paALSA);
    stale_streams();
    ended_by_its_own_callback();
    no_host_apis();
}

void on_alsa_and_jack() {
    host_errors();
    found_once();
    extensions_of_jack();
    Pa_Initialize();
    enumeration();
    two_host_apis();
    combinations_of_host_apis();
    parameters_of_jack();
    default_stream();
    const PaDeviceIndex device = device_of(paJACK);
    lives("JACK", device);
    finished_callbacks("JACK", device);
    blocking("JACK", device);
    ended_by_another_thread("JACK", device);
    row("the last Pa_Terminate", Pa_Terminate());
    terminating("JACK", paJACK);
}

void on_jack() {
    Pa_Initialize();
    second_host_api_is_default();
    default_stream();
    row("the last Pa_Terminate", Pa_Terminate());
}

void on_none() {
    not_initialized();
    counting();
    Pa_Initialize();
    no_devices();
    row("the last Pa_Terminate", Pa_Terminate());
    extensions_elsewhere();
}

}  // namespace

int main(int count, char** arguments) {
    const std::string name = count == 2 ? arguments[1] : "";
    const std::pair<const char*, void (*)()> machines[] = {{"alsa", &on_alsa},
                                                           {"none", &on_none},
                                                           {"alsa+jack", &on_alsa_and_jack},
                                                           {"jack", &on_jack}};
    for (const auto& [machine_name, table] : machines) {
        if (name != machine_name) continue;
        const Machine machine{name};
        if (!machine) {
            std::fprintf(stderr, "jackd is not installed\n");
            return cannot_run;
        }
        table();
        std::fprintf(stderr, "%d rows\n", rows());
        return as_expected() ? 0 : 1;
    }
    std::fprintf(stderr, "usage: %s alsa|none|alsa+jack|jack > TABLE\n", arguments[0]);
    return 2;
}
