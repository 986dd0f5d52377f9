// SPDX-License-Identifier: MIT
// The table, and in it the library and its devices.
#include <cstdint>
#include <functional>
#include <new>
#include <optional>
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
                             const portspan::HostError host{portspan::HostApiType::alsa, -77,
                                                            "the wire is cut"};
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
                     .act = [](World&) { return text_of(portspan::device_at(1)); },
                     .exceptions = {quiet_terminate, no_name},
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
    table.push_back(
        {.name = "find_duplex_device",
         .act = [](World&) { return std::to_string(portspan::find_duplex_device("plex").index); },
         .exceptions = {quiet_terminate, no_name},
         .result = [](const Log&) { return "2"; }});
    find("no such device", "Microphone", [](const Log& log) {
        const auto hosts = host_apis(log);
        return refusal(Fault::unknown_device, "find_device", "no such device",
                       "output \"Microphone\": there are \"Loudspeaker\" (" + hosts.at(1) +
                           "), \"Duplex\" (" + hosts.at(2) + ")");
    });
    find("two devices", "u", [](const Log& log) {
        const auto hosts = host_apis(log);
        return refusal(Fault::ambiguous_device, "find_device", "more than one device fits",
                       "output \"u\": there are \"Loudspeaker\" (" + hosts.at(1) +
                           ", index 1), \"Duplex\" (" + hosts.at(2) + ", index 2)");
    });
}

std::string text_of(const portspan::HostApi& api) {
    const auto index = [](const std::optional<int>& device) {
        return device ? std::to_string(*device) : "none";
    };
    return std::to_string(api.index) + ' ' + api.name + ' ' +
           std::to_string(static_cast<int>(api.type)) + ", " + std::to_string(api.device_count) +
           " devices, " + index(api.default_input) + ", " + index(api.default_output) + "; ";
}
const std::string first_host_api = "0 First 8, 2 devices, 0, 1; ";
const std::string second_host_api = "1 Second 12, 1 devices, 2, 2; ";

void add_host_apis(std::vector<Operation>& table) {
    const auto result = [](const std::string& text) { return [=](const Log&) { return text; }; };
    table.push_back({.name = "host_apis",
                     .act =
                         [](World&) {
                             std::string all;
                             for (const auto& api : portspan::host_apis()) all += text_of(api);
                             return all;
                         },
                     .exceptions = {quiet_terminate},
                     .result = result(first_host_api + second_host_api)});
    table.push_back({.name = "default_host_api",
                     .act = [](World&) { return text_of(portspan::default_host_api()); },
                     .exceptions = {quiet_terminate},
                     .result = result(first_host_api)});
    table.push_back({.name = "find_host_api",
                     .act =
                         [](World&) {
                             const auto found =
                                 portspan::find_host_api(portspan::HostApiType::jack);
                             return found ? text_of(*found) : "none";
                         },
                     .exceptions = {quiet_terminate},
                     .result = result(second_host_api)});
    table.push_back({.name = "device_of",
                     .act =
                         [](World&) {
                             const portspan::HostApi second{.index = 1, .name = "JACK"};
                             return text_of(portspan::device_of(second, 0));
                         },
                     .exceptions = {quiet_terminate, no_name},
                     .result =
                         [](const Log& log) {
                             const bool knows = has(log, "Pa_GetHostApiInfo", 0);
                             return std::string{"2 Duplex of ["} + (knows ? "Second" : "") + "]; ";
                         },
                     .devices = {2},
                     .detail = "JACK, device 0"});
}

/// Whether another part of the program holds PortAudio can only be seen by its answer.
const Exception asks_who_holds{"Pa_GetDeviceCount", "it asks whether PortAudio has terminated"};

void add_refreshes(std::vector<Operation>& table) {
    const auto refresh = [](World&) { return portspan::refresh_devices(), ""; };
    const auto refused = [](const Log&) {
        return refusal(Fault::streams_open, "refresh_devices", "streams are open",
                       "1 stream to be closed first");
    };
    const auto answer = [=](const Log& log) {
        if (log.empty()) return refused(log);  // by the stream that runs beside
        if (has(log, "Pa_GetDeviceCount", paNotInitialized)) return std::string{};
        return refusal(Fault::held_elsewhere, "refresh_devices",
                       "PortAudio is held by something other than portspan",
                       "the list of devices is the old one");
    };
    const auto add = [&](const char* how, std::function<void(World&)> before, auto result,
                         std::vector<Exception> exceptions) {
        table.push_back({.name = "refresh_devices",
                         .how = how,
                         .before = std::move(before),
                         .act = refresh,
                         .exceptions = std::move(exceptions),
                         .result = result,
                         .has_failures = true});
    };
    add("no Session", [](World&) {}, answer, {asks_who_holds});
    add("two Sessions", [](World& w) { w.session.emplace(), w.other_session.emplace(); }, answer,
        {quiet_terminate, asks_who_holds});
    add("an open stream",
        [](World& w) {
            w.session.emplace();
            w.stream.emplace(Quiet{Owned{w.new_life()}});
        },
        refused, {});
}

void add_queries(std::vector<Operation>& table) {
    const auto add = [&](const char* how, auto query, std::vector<Exception> exceptions,
                         std::vector<int> devices, const char* detail,
                         portspan::StreamConfig config = {}) {
        table.push_back({.name = "check_supported",
                         .how = how,
                         .act = [=](World&) { return query(config), ""; },
                         .exceptions = exceptions,
                         .result = opened,
                         .devices = devices,
                         .detail = detail});
    };
    using Config = const portspan::StreamConfig&;
    add(
        "duplex", [](Config config) { portspan::check_supported<float>(config); },
        {quiet_terminate, no_name, no_input, no_output}, {0, 1},
        "48000 Hz, 2 float32 channels from \"Microphone\", 2 float32 channels to \"Loudspeaker\"");
    add(
        "an input", [](Config config) { portspan::check_supported<std::int16_t, void>(config); },
        {quiet_terminate, no_name, no_input}, {0},
        "48000 Hz, 2 int16 channels from \"Microphone\"");
    add("an output, configured",
        [](Config config) { portspan::check_supported<void, float, portspan::Planar>(config); },
        {quiet_terminate, no_name}, {2}, "44100 Hz, 1 float32 channel to \"Duplex\"",
        {.output = {.device = 2, .channels = 1}, .sample_rate = 44100});
    table.push_back({.name = "check_supported",
                     .how = "nothrow",
                     .act =
                         [](World&) {
                             return faults::text_of(portspan::check_supported<float>(
                                 {.input = {.device = 0}, .output = {.device = 1}}, std::nothrow));
                         },
                     .exceptions = {quiet_terminate, no_name},
                     .returns_code = true,
                     .devices = {0, 1}});
    table.push_back({.name = "sample_size",
                     .act = [](World&) { return std::to_string(portspan::sample_size(paInt24)); },
                     .result = [](const Log&) { return "3"; },
                     .detail = std::to_string(paInt24)});
    table.push_back(
        {.name = "portaudio_version",
         .act = [](World&) { return std::to_string(portspan::portaudio_version().major); },
         .result = [](const Log&) { return "19"; }});
    table.push_back({.name = "quiet_session", .act = [](World& w) {
                         return w.session.emplace(portspan::quiet_session()), "";
                     }});
}

}  // namespace

const std::vector<Operation>& operations() {
    static const std::vector<Operation> table = [] {
        std::vector<Operation> all;
        add_library(all);
        add_devices(all);
        add_host_apis(all);
        add_refreshes(all);
        add_queries(all);
        add_constructions(all);
        add_control_calls(all);
        add_ends(all);
        add_blocking(all);
        return all;
    }();
    return table;
}

}  // namespace faults
