// SPDX-License-Identifier: MIT
// PortAudio's devices: the list, and the one that is meant.
#include "devices.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <portspan/find_device.hpp>
#include <portspan/host_api.hpp>
#include <portspan/quiet_start.hpp>
#include <portspan/session.hpp>
#include <portspan/version.hpp>
#include <vector>

#include "failure.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

/// One moment of PortAudio's list.
struct DeviceList {
    std::vector<portspan::HostApi> host_apis;
    std::vector<portspan::Device> devices;
    std::optional<PaDeviceIndex> default_input;
    std::optional<PaDeviceIndex> default_output;
};

DeviceList all_devices(bool verbose) {
    const portspan::QuietStderr quiet{!verbose};
    const portspan::Session session;
    const auto index = [](portspan::Direction direction) {
        const auto device = portspan::default_device(direction);
        return device ? std::optional{device->index} : std::nullopt;
    };
    return {.host_apis = portspan::host_apis(),
            .devices = portspan::devices(),
            .default_input = index(portspan::Direction::input),
            .default_output = index(portspan::Direction::output)};
}

const char* name_of(portspan::Direction direction) {
    return direction == portspan::Direction::input ? "input" : "output";
}

/// Once: the Error's detail names the device, and so does who shows it.
std::string why_not_found(const portspan::Error& error, const std::string& name,
                          portspan::Direction direction) {
    const std::string before = name_of(direction) + (" \"" + name + "\": ");
    if (!error.detail().starts_with(before)) return reason_of(error);
    const std::string detail = error.detail().substr(before.size());
    return detail.starts_with("there are ") ? error.code().message() + ", " + detail : detail;
}

using Json = nlohmann::ordered_json;

template <class T>
Json json(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}

Json json(const portspan::HostApi& host_api) {
    return {{"index", host_api.index},
            {"type", host_api_name(host_api.type)},
            {"type_id", static_cast<int>(host_api.type)},
            {"name", host_api.name},
            {"device_count", host_api.device_count},
            {"default_input", json(host_api.default_input)},
            {"default_output", json(host_api.default_output)}};
}

Json json(const portspan::Device& device) {
    return {{"index", device.index},
            {"name", device.name},
            {"host_api", device.host_api_index},
            {"host_api_name", device.host_api},
            {"max_input_channels", device.max_input_channels},
            {"max_output_channels", device.max_output_channels},
            {"default_sample_rate", device.default_sample_rate},
            {"default_low_input_latency", device.default_low_input_latency},
            {"default_low_output_latency", device.default_low_output_latency},
            {"default_high_input_latency", device.default_high_input_latency},
            {"default_high_output_latency", device.default_high_output_latency}};
}

template <class T>
Json json(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(json(value));
    return array;
}

Json json(const DeviceList& list) {
    return {{"portaudio", portspan::portaudio_version().text},
            {"default_input", json(list.default_input)},
            {"default_output", json(list.default_output)},
            {"host_apis", json(list.host_apis)},
            {"devices", json(list.devices)}};
}

void print_table(const DeviceList& list) {
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
        std::printf("%s %s  %s  %s  %s  %s  %s\n", padded(marks, 1).c_str(),
                    padded(index, 3, true).c_str(), padded(name, name_width).c_str(),
                    padded(host, host_width).c_str(), padded(in, 4, true).c_str(),
                    padded(out, 4, true).c_str(), padded(rate, 9, true).c_str());
    };
    row("", "#", "name", "host API", "in", "out", "rate");
    for (const portspan::Device& device : list.devices) {
        const bool is_input = device.index == list.default_input;
        const bool is_output = device.index == list.default_output;
        const char* marks = is_input ? is_output ? "*" : ">" : is_output ? "<" : " ";
        row(marks, std::to_string(device.index), printable(device.name), printable(device.host_api),
            std::to_string(device.max_input_channels), std::to_string(device.max_output_channels),
            rate_text(device.default_sample_rate));
    }
}

}  // namespace

void list_devices(bool as_json, bool verbose) {
    const DeviceList list = all_devices(verbose);
    if (as_json) {
        std::puts(json(list).dump(2).c_str());
    } else {
        print_table(list);
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
