// SPDX-License-Identifier: MIT
// A stream that can be opened again, with the same callback, on the devices that are there then.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "config.hpp"
#include "device.hpp"
#include "handle.hpp"
#include "open.hpp"
#include "pulse.hpp"
#include "watch.hpp"

namespace portspan::detail {

/// A device as it can be found again in another list.
struct DeviceName {
    std::string name;
    std::string host_api;
    bool is_listed = true;

    [[nodiscard]] std::optional<PaDeviceIndex> find(Direction direction) const {
        if (!is_listed) return paUseHostApiSpecificDeviceSpecification;
        for (const Device& device : devices()) {
            if (device.name == name && device.host_api == host_api &&
                device.max_channels(direction) > 0) {
                return device.index;
            }
        }
        return std::nullopt;
    }
};

/// One of the streams that run the callback, one after the other.
struct TappedStream {
    std::shared_ptr<Tap> tap;
    StreamHandle stream;
};

class Reopener {
public:
    using MakePlan = StreamPlan (*)(const StreamConfig&);

    /// `config` is what `plan` was made of, `make_plan` what makes another one.
    Reopener(StreamConfig config, const StreamPlan& plan, Prepared prepared, Reopen where,
             MakePlan make_plan)
        : config_(fixed(std::move(config), plan)),
          input_(name_of(plan.input)),
          output_(name_of(plan.output)),
          prepared_(std::move(prepared)),
          where_(where),
          make_plan_(make_plan) {}

    [[nodiscard]] TappedStream open(StreamPlan plan) const {
        auto tap = std::make_shared<Tap>(prepared_, pulse_);
        Prepared tapped{RawCallback{&Tap::run, tap.get(), tap}, prepared_.control};
        tapped.callback.failures = prepared_.callback.failures;
        if (prepared_.finished) tapped.finished = &Tap::finish;
        return {tap, open_planned(std::move(plan), std::move(tapped))};
    }

    /// Throws Error while no device is there that can be opened.
    [[nodiscard]] TappedStream open_again() const {
        const Session session;  // one list, in which the devices are found and opened
        try {
            return open_on(config_, find(input_, Direction::input),
                           find(output_, Direction::output));
        } catch (const Error&) {
            // A list that is older than the loss has the device, which does not open any more.
            if (where_ != Reopen::default_device) throw;
            StreamConfig config = config_;
            config.input.host_info = config.output.host_info = {};  // the lost devices' own
            return open_on(std::move(config), {}, {});
        }
    }

    /// The names of the devices, as in DeviceLoss.
    [[nodiscard]] std::string devices() const {
        if (!input_ || !output_) return (input_ ? *input_ : *output_).name;
        return input_->name == output_->name ? input_->name : input_->name + ", " + output_->name;
    }

    Pulse& pulse() const noexcept { return *pulse_; }
    [[nodiscard]] Control* control() const noexcept { return prepared_.control; }

private:
    static std::optional<PaDeviceIndex> find(const std::optional<DeviceName>& name,
                                             Direction direction) {
        if (!name) return std::nullopt;
        if (const auto index = name->find(direction)) return index;
        throw Error(Fault::device_lost, "WatchedStream", name->name);
    }
    [[nodiscard]] TappedStream open_on(StreamConfig config, std::optional<PaDeviceIndex> input,
                                       std::optional<PaDeviceIndex> output) const {
        config.input.device = input;
        config.output.device = output;
        return open(make_plan_(config));
    }

    /// The stream again as it is now: what its callback was prepared for.
    static StreamConfig fixed(StreamConfig config, const StreamPlan& plan) {
        if (plan.input.present) config.input.channels = plan.input.parameters.channelCount;
        if (plan.output.present) config.output.channels = plan.output.parameters.channelCount;
        config.sample_rate = plan.sample_rate;
        return config;
    }
    static std::optional<DeviceName> name_of(const OpenEndpoint& endpoint) {
        if (!endpoint.present) return std::nullopt;
        if (endpoint.parameters.device == paUseHostApiSpecificDeviceSpecification) {
            return DeviceName{endpoint.device_name, host_api_name(endpoint.host_api), false};
        }
        Device device = device_at(endpoint.parameters.device);
        return DeviceName{std::move(device.name), std::move(device.host_api)};
    }

    const StreamConfig config_;
    const std::optional<DeviceName> input_;
    const std::optional<DeviceName> output_;
    Prepared prepared_;
    const Reopen where_;
    const MakePlan make_plan_;
    const std::shared_ptr<Pulse> pulse_ = std::make_shared<Pulse>();
};

}  // namespace portspan::detail
