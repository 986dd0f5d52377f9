// SPDX-License-Identifier: MIT
#include "machine.hpp"

#include <cstring>
#include <utility>

namespace portspan::mock {

Found::Found(Machine machine) : machine_(std::move(machine)) {
    bool has_default = false;
    for (const HostApi& api : machine_.host_apis) {
        const int base = static_cast<int>(devices_.size());
        const auto global = [base](const std::optional<int>& place) {
            return place ? base + *place : paNoDevice;
        };
        // The first host API with a default device is the default one.
        if (!std::exchange(has_default, has_default || api.default_input || api.default_output) &&
            has_default) {
            default_host_api_ = host_apis_.size();
        }
        for (const Device& device : api.devices) {
            devices_.push_back({2, device.name.c_str(), static_cast<int>(host_apis_.size()),
                                device.max_input_channels, device.max_output_channels,
                                device.low_input_latency, device.low_output_latency,
                                device.high_input_latency, device.high_output_latency,
                                device.default_sample_rate});
            scripted_.push_back(&device);
        }
        host_apis_.push_back({1,
                              {},
                              api.name.c_str(),
                              static_cast<int>(api.devices.size()),
                              global(api.default_input),
                              global(api.default_output)});
        std::memcpy(&host_apis_.back().type, &api.type, sizeof api.type);
    }
}

std::optional<Found::Place> Found::find(PaDeviceIndex index) const {
    if (index < 0 || static_cast<std::size_t>(index) >= devices_.size()) return std::nullopt;
    const auto place = static_cast<std::size_t>(index);
    return Place{*scripted_[place], static_cast<std::size_t>(devices_[place].hostApi)};
}

std::optional<std::size_t> Found::find_host_api(int type) const {
    for (std::size_t i = 0; i < host_apis_.size(); ++i) {
        if (machine_.host_apis[i].type == type) return i;
    }
    return std::nullopt;
}

std::span<const Device> Found::devices_of(int type) const {
    const auto place = find_host_api(type);
    if (!place) return {};
    return machine_.host_apis[*place].devices;
}

}  // namespace portspan::mock
