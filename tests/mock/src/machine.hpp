// SPDX-License-Identifier: MIT
// The devices that the library has found, as PortAudio lists them.
#pragma once

#include <portaudio.h>

#include <optional>
#include <portspan/mock.hpp>
#include <span>
#include <vector>

namespace portspan::mock {

/// A machine as Pa_Initialize has found it. The infos point into it: it is never copied.
class Found {
public:
    Found() = default;
    explicit Found(Machine machine);
    Found(const Found&) = delete;
    Found& operator=(const Found&) = delete;

    struct Place {
        const Device& device;
        std::size_t host_api;
    };
    /// A device by its index in the whole list.
    [[nodiscard]] std::optional<Place> find(PaDeviceIndex index) const;
    /// The place of a host API in the list; newer types than portaudio.h knows are ints too.
    [[nodiscard]] std::optional<std::size_t> find_host_api(int type) const;

    /// What the script says of the devices of a host API.
    [[nodiscard]] std::span<const Device> devices_of(int type) const;

    /// The PaHostApiTypeId of the one at a place in the list.
    [[nodiscard]] int type_of(std::size_t host_api) const {
        return machine_.host_apis[host_api].type;
    }
    [[nodiscard]] const std::vector<PaHostApiInfo>& host_apis() const { return host_apis_; }
    [[nodiscard]] const std::vector<PaDeviceInfo>& devices() const { return devices_; }
    [[nodiscard]] std::size_t default_host_api() const { return default_host_api_; }

private:
    Machine machine_;
    std::vector<PaHostApiInfo> host_apis_;
    std::vector<PaDeviceInfo> devices_;
    std::vector<const Device*> scripted_;  ///< for each of `devices_`
    std::size_t default_host_api_ = 0;
};

}  // namespace portspan::mock
