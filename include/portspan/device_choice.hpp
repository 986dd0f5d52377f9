// SPDX-License-Identifier: MIT
// Which device a direction of a stream is on.
#pragma once

#include <portaudio.h>

#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "device.hpp"
#include "kept.hpp"

namespace portspan {

/// The default device, a PortAudio device index (Device::index), or a Device as it was listed,
/// which is found again where the list has changed since.
class DeviceChoice {
public:
    DeviceChoice() = default;
    DeviceChoice(std::nullopt_t) noexcept {}                       ///< the default device
    DeviceChoice(PaDeviceIndex index) noexcept : index_(index) {}  ///< Device::index
    /// Empty: the default device.
    DeviceChoice(std::optional<PaDeviceIndex> index) noexcept : index_(index) {}
    /// Of devices(), find_device() and the others.
    DeviceChoice(Device listed) : listed_(std::make_shared<const Device>(std::move(listed))) {}
    /// Empty: the default device.
    DeviceChoice(std::optional<Device> listed) {
        if (listed) *this = DeviceChoice{*std::move(listed)};
    }
    /// Does not compile: a name may fit no device, or several, which find_device() tells.
    template <class Name>
        requires std::is_convertible_v<const Name&, std::string_view>
    DeviceChoice(const Name&) {
        static_assert(!std::is_convertible_v<const Name&, std::string_view>,
                      "a device is no string: find_device(\"part of its name\", Direction::output) "
                      "finds the one that has it");
    }

    /// False: the default device.
    [[nodiscard]] explicit operator bool() const noexcept { return index_ || listed_; }
    /// Empty where it is not an index.
    [[nodiscard]] std::optional<PaDeviceIndex> index() const noexcept { return index_; }
    /// Null where it is not a Device.
    [[nodiscard]] const Device* listed() const noexcept { return listed_.get(); }

private:
    std::optional<PaDeviceIndex> index_;
    detail::Kept<const Device> listed_;
};

}  // namespace portspan
