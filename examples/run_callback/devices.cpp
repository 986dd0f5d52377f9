// SPDX-License-Identifier: MIT
// PortAudio's devices: the list, and the one that is meant.
#include "devices.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <portspan/session.hpp>
#include <vector>

#include "failure.hpp"
#include "platform.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

struct DeviceList {
    std::vector<portspan::Device> devices;
    PaDeviceIndex default_input = paNoDevice;
    PaDeviceIndex default_output = paNoDevice;
};

DeviceList all_devices() {
    const QuietStderr quiet;
    const portspan::Session session;
    DeviceList list{.devices = portspan::devices()};
    const auto index = [](portspan::Direction direction) {
        const auto device = portspan::default_device(direction);
        return device ? device->index : paNoDevice;
    };
    list.default_input = index(portspan::Direction::input);
    list.default_output = index(portspan::Direction::output);
    return list;
}

const char* name_of(portspan::Direction direction) {
    return direction == portspan::Direction::input ? "input" : "output";
}

/// Once: the Error names the device, and so does who shows it.
std::string why_not_found(const portspan::Error& error, const std::string& name,
                          portspan::Direction direction) {
    const std::string reason = reason_of(error);
    const std::string before = name_of(direction) + (" \"" + name + "\": ");
    const std::size_t found = reason.find(before);
    if (found == std::string::npos || !reason.ends_with(')')) return reason;
    const std::size_t start = found + before.size();
    const std::string detail = reason.substr(start, reason.size() - 1 - start);
    return detail.starts_with("there are ") ? error.code().message() + ", " + detail : detail;
}

}  // namespace

void list_devices() {
    const DeviceList list = all_devices();
    if (list.devices.empty()) {
        std::puts("There is no audio device.");
        return;
    }
    std::size_t name_width = 4;
    std::size_t host_width = 8;
    for (const portspan::Device& device : list.devices) {
        name_width = std::max(name_width, width(printable(device.name)));
        host_width = std::max(host_width, width(printable(device.host_api)));
    }
    const auto row = [&](std::string_view marks, std::string_view index, std::string_view name,
                         std::string_view host, std::string_view in, std::string_view out,
                         std::string_view rate) {
        std::printf("%s %s  %s  %s  %s  %s  %s\n", padded(marks, 2).c_str(),
                    padded(index, 3, true).c_str(), padded(name, name_width).c_str(),
                    padded(host, host_width).c_str(), padded(in, 4, true).c_str(),
                    padded(out, 4, true).c_str(), padded(rate, 9, true).c_str());
    };
    row("", "#", "name", "host API", "in", "out", "rate");
    for (const portspan::Device& device : list.devices) {
        std::string marks;
        if (device.index == list.default_input) marks += '>';
        if (device.index == list.default_output) marks += '<';
        row(marks, std::to_string(device.index), printable(device.name), printable(device.host_api),
            std::to_string(device.max_input_channels), std::to_string(device.max_output_channels),
            rate_text(device.default_sample_rate));
    }
}

std::string reason_of(const portspan::Error& error) {
    const std::string what = error.what();
    const std::string call = error.call() + ": ";
    return what.starts_with(call) ? what.substr(call.size()) : what;
}

portspan::Device device_for(const Side& side, portspan::Direction direction) {
    const std::string label = std::string{name_of(direction)} + " device";
    if (side.name.empty()) {
        if (auto device = portspan::default_device(direction)) return *std::move(device);
        throw Failure("there is no default " + label + " (see --list-devices)");
    }
    try {
        const bool is_index = side.name.find_first_not_of("0123456789") == std::string::npos;
        if (!is_index || side.name.size() > 6) return portspan::find_device(side.name, direction);
        portspan::Device device = portspan::device_at(std::stoi(side.name));
        if (device.max_channels(direction) > 0) return device;
    } catch (const portspan::Error& error) {
        const std::string named = label + " \"" + side.name + "\": ";
        if (error.code() == portspan::portaudio_error(paInvalidDevice)) {
            throw Failure(named + reason_of(error) + "; --list-devices shows the devices");
        }
        throw Failure(named + why_not_found(error, side.name, direction));
    }
    throw Failure(label + " \"" + side.name + "\": it has no " + name_of(direction) + " channels");
}

}  // namespace run_callback
