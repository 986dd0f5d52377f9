// SPDX-License-Identifier: MIT
// The table, and in it the library and its devices.
#include <functional>
#include <portspan/portspan.hpp>
#include <utility>

#include "operation.hpp"
#include "tables.hpp"

namespace faults {

using portspan::Device;
using portspan::Direction;
using portspan::Fault;
using portspan::Session;

std::string refusal(Fault fault, const std::string& call, const std::string& message,
                    const std::string& detail) {
    const std::string what = call + ": " + message + (detail.empty() ? "" : " (" + detail + ')');
    return error_text("portspan", static_cast<int>(fault), call, what);
}

bool has(const Log& log, std::string_view function, long result) {
    for (const auto& call : log) {
        if (call.function == function && call.result == result) return true;
    }
    return false;
}

namespace {

/// The host APIs of the devices, where the call for them has failed none.
std::vector<std::string> host_apis(const Log& log) {
    std::vector<std::string> names;
    for (const auto& call : log) {
        if (call.function != "Pa_GetHostApiInfo") continue;
        names.push_back(call.result < 0 ? "" : names.size() == 2 ? "Second" : "First");
    }
    return names;
}

std::string text_of(const Device& device) {
    return std::to_string(device.index) + ' ' + device.name + " of [" + device.host_api + "]; ";
}

/// One of the first two devices, asked for as the last of all.
std::function<std::string(const Log&)> one(const char* device) {
    return [device](const Log& log) {
        return std::string{device} + " of [" + (host_apis(log).back()) + "]; ";
    };
}

void add_library(std::vector<Operation>& table) {
    table.push_back({.name = "Session", .how = "constructed", .act = [](World& w) {
                         return w.session.emplace(), "";
                     }});
    const auto with_session = [](World& w) { w.session.emplace(); };
    const auto with_two = [](World& w) { w.session.emplace(), w.other_session.emplace(); };
    table.push_back({.name = "~Session",
                     .before = with_session,
                     .act = [](World& w) { return w.session.reset(), ""; },
                     .exceptions = {quiet_terminate}});
    table.push_back({.name = "Session",
                     .how = "moved, and destroyed",
                     .before = with_session,
                     .act = [](World& w) { return Session{std::move(*w.session)}, ""; },
                     .exceptions = {quiet_terminate}});
    table.push_back({.name = "operator=",
                     .how = "a Session over another",
                     .before = with_two,
                     .act = [](World& w) { return *w.session = std::move(*w.other_session), ""; },
                     .exceptions = {quiet_terminate}});
    table.push_back({.name = "operator=",
                     .how = "a Session to itself",
                     .before = with_session,
                     .act = [](World& w) {
                         Session& self = *w.session;
                         *w.session = std::move(self);
                         return "";
                     }});
    table.push_back({.name = "portaudio_failure",
                     .act = [](World&) -> std::string {
                         throw portspan::portaudio_failure(paUnanticipatedHostError,
                                                           "Pa_Something");
                     },
                     .exceptions = {{"Pa_GetLastHostErrorInfo", "PortAudio has no more to say"}},
                     .result =
                         [](const Log& log) {
                             const portspan::HostError host{paALSA, -77, "the wire is cut"};
                             const bool knows = has(log, "Pa_GetLastHostErrorInfo", 0);
                             return failure(paUnanticipatedHostError, "Pa_Something", "",
                                            knows ? std::optional{host} : std::nullopt);
                         }});
    table.push_back({.name = "check", .how = "no error", .act = [](World&) {
                         return portspan::check(0, "Pa_Something"), "";
                     }});
}

void add_devices(std::vector<Operation>& table) {
    table.push_back({.name = "devices",
                     .act =
                         [](World&) {
                             std::string all;
                             for (const Device& device : portspan::devices())
                                 all += text_of(device);
                             return all;
                         },
                     .exceptions = {quiet_terminate, no_name},
                     .result =
                         [](const Log& log) {
                             const auto hosts = host_apis(log);
                             return "0 Microphone of [" + hosts.at(0) + "]; 1 Loudspeaker of [" +
                                    hosts.at(1) + "]; 2 Duplex of [" + hosts.at(2) + "]; ";
                         }});
    table.push_back({.name = "device_at",
                     .before = [](World& w) { w.session.emplace(); },
                     .act = [](World&) { return text_of(portspan::device_at(1)); },
                     .exceptions = {no_name},
                     .result = one("1 Loudspeaker"),
                     .devices = {1}});
    const auto ask_default = [](Direction direction) {
        const auto device = portspan::default_device(direction);
        return device ? text_of(*device) : "none";
    };
    table.push_back({.name = "default_device",
                     .how = "input",
                     .act = [=](World&) { return ask_default(Direction::input); },
                     .exceptions = {quiet_terminate, no_name, no_input},
                     .result =
                         [](const Log& log) {
                             const bool none = has(log, no_input.function, paNoDevice);
                             return none ? "none" : one("0 Microphone")(log);
                         },
                     .devices = {0}});
    table.push_back({.name = "default_device",
                     .how = "output",
                     .act = [=](World&) { return ask_default(Direction::output); },
                     .exceptions = {quiet_terminate, no_name, no_output},
                     .result =
                         [](const Log& log) {
                             const bool none = has(log, no_output.function, paNoDevice);
                             return none ? "none" : one("1 Loudspeaker")(log);
                         },
                     .devices = {1}});
    const auto find = [&table](const char* how, const char* name, auto result) {
        table.push_back({.name = "find_device",
                         .how = how,
                         .act =
                             [name](World&) {
                                 const auto device = portspan::find_device(name, Direction::output);
                                 return std::to_string(device.index);
                             },
                         .exceptions = {quiet_terminate, no_name},
                         .result = result});
    };
    find("the exact name", "Loudspeaker", [](const Log&) { return "1"; });
    find("a part of the name", "SPEAK", [](const Log&) { return "1"; });
    find("no such device", "Microphone", [](const Log&) {
        return refusal(Fault::unknown_device, "find_device", "no such device",
                       "output \"Microphone\": there are \"Loudspeaker\", "
                       "\"Duplex\"");
    });
    find("two devices", "u", [](const Log& log) {
        const auto hosts = host_apis(log);
        return refusal(Fault::ambiguous_device, "find_device", "more than one device fits",
                       "output \"u\": there are \"Loudspeaker\" (" + hosts.at(1) +
                           ", index 1) \"Duplex\" (" + hosts.at(2) + ", index 2)");
    });
}

}  // namespace

const std::vector<Operation>& operations() {
    static const std::vector<Operation> table = [] {
        std::vector<Operation> all;
        add_library(all);
        add_devices(all);
        add_constructions(all);
        add_control_calls(all);
        add_ends(all);
        add_blocking(all);
        return all;
    }();
    return table;
}

}  // namespace faults
