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
#include "named_device.hpp"
#include "open.hpp"
#include "pulse.hpp"
#include "quiet_start.hpp"
#include "refresh.hpp"
#include "result.hpp"
#include "watch.hpp"

namespace portspan::detail {

/// One of the streams that run the callback, one after the other.
struct TappedStream {
    std::shared_ptr<Tap> tap;
    StreamHandle stream;
};

class Reopener {
public:
    using MakeRequest = Result<OpenRequest> (*)(const StreamConfig&);

    /// `config` is what `request` was made of, `make_request` what makes another one.
    Reopener(StreamConfig config, const OpenRequest& request, Prepared prepared, Reopen where,
             MakeRequest make_request)
        : config_(fixed(std::move(config), request)),
          prepared_(std::move(prepared)),
          where_(where),
          make_request_(make_request) {}

    [[nodiscard]] Result<TappedStream> open(Session session, const OpenRequest& request) const {
        auto tap = std::make_shared<Tap>(prepared_, pulse_);
        Prepared tapped{RawCallback{&Tap::run, tap.get(), tap}, prepared_.control};
        tapped.callback.failures = prepared_.callback.failures;
        if (prepared_.finished) tapped.finished = &Tap::finish;
        auto stream = open_requested(std::move(session), request, std::move(tapped));
        if (!stream) return stream.error();
        return TappedStream{std::move(tap), std::move(*stream)};
    }

    /// An Error while no device is there that can be opened.
    [[nodiscard]] Result<TappedStream> open_again() const {
        look_for_devices();
        auto opened = open_on(config_);
        if (opened || where_ != Reopen::default_device) return opened;
        // A list that is older than the loss has the device, which does not open any more.
        return open_on(default_devices());
    }

    /// The names of the devices, as in DeviceLoss.
    [[nodiscard]] std::string devices() const {
        std::string names = name_of(config_.input);
        const std::string output = name_of(config_.output);
        if (!output.empty() && output != names) names.append(names.empty() ? "" : ", ") += output;
        return names;
    }

    [[nodiscard]] Pulse& pulse() const noexcept { return *pulse_; }
    [[nodiscard]] Control* control() const noexcept { return prepared_.control; }

private:
    /// The stream again as it is now: what its callback was prepared for.
    static StreamConfig fixed(StreamConfig config, const OpenRequest& request) {
        const auto fix = [](Endpoint& endpoint, const OpenEndpoint& opened) {
            if (!opened.present) return;
            Device device = opened.device;
            device.list = 0;  // of several of its name the one at its place will do
            if (!names_device(endpoint)) endpoint.device = std::move(device);
            endpoint.channels = opened.parameters.channelCount;
        };
        fix(config.input, request.input);
        fix(config.output, request.output);
        config.sample_rate = request.sample_rate;
        return config;
    }
    static std::string name_of(const Endpoint& endpoint) {
        const Device* const device = endpoint.device.listed();
        return device ? device->name : endpoint.host_info.device_name();
    }

    /// What was plugged in since; not where another stream is open, which that would end.
    static void look_for_devices() {
        const QuietStderr quiet;  // back ends say each time what they merely tried
        static_cast<void>(refreshed());
    }
    [[nodiscard]] StreamConfig default_devices() const {
        StreamConfig config = config_;
        config.input.device = config.output.device = std::nullopt;
        config.input.host_info = config.output.host_info = {};  // the lost devices' own
        return config;
    }
    [[nodiscard]] Result<TappedStream> open_on(const StreamConfig& config) const {
        auto session = Session::start(ForStream{});
        if (!session) return session.error();
        auto request = make_request_(config);
        if (!request) return request.error();
        return open(std::move(*session), *request);
    }

    const StreamConfig config_;
    Prepared prepared_;
    const Reopen where_;
    const MakeRequest make_request_;
    const std::shared_ptr<Pulse> pulse_ = std::make_shared<Pulse>();
};

}  // namespace portspan::detail
