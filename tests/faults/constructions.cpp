// SPDX-License-Identifier: MIT
// The table: a stream constructed in every way.
#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "tables.hpp"

namespace faults {

using namespace std::chrono_literals;
using portspan::Direction;
using portspan::Fault;
using portspan::InputStream;
using portspan::OutputStream;
using portspan::Planar;
using portspan::RawCallback;
using portspan::Stream;
using portspan::StreamConfig;

std::string opened(const Log& log) {
    const auto none = [](const char* direction) {
        return failure(paInvalidDevice, "Stream",
                       std::string{"there is no default "} + direction + " device");
    };
    if (has(log, no_input.function, paNoDevice)) return none("input");
    if (has(log, no_output.function, paNoDevice)) return none("output");
    return "";
}

namespace {

const std::vector<Exception> on_defaults{quiet_terminate, no_name, no_input, no_output};
const std::vector<Exception> on_input{quiet_terminate, no_name, no_input};
const std::vector<Exception> on_output{quiet_terminate, no_name, no_output};
const std::vector<Exception> on_indices{no_name};

/// One way to construct a stream.
struct Form {
    const char* how;
    std::function<void(World&)> construct;
    std::vector<Exception> exceptions = on_defaults;
    std::vector<int> devices = {0, 1, 2};
    std::string opens = Operation{}.opens;
    std::function<std::string(const Log&)> result = opened;
};

Quiet quiet(World& w) { return {Owned{w.life()}}; }
Loud loud(World& w) { return {Owned{w.life()}}; }

/// A callable that can be copied, for std::function.
auto shared(World& w) {
    return [owned = std::make_shared<Owned>(w.life())](Stream<float>::Block&) noexcept {
        return owned->life().called();
    };
}

const StreamConfig by_index{.input = {.device = 0, .channels = 1},
                            .output = {.device = 1, .channels = 2, .latency = 20ms},
                            .sample_rate = 44100,
                            .frames_per_buffer = 16,
                            .flags = portspan::StreamFlags::clip_off};
const StreamConfig mono_output{.output = {.channels = 1}};
const StreamConfig told{.finished = [] {}};

/// Settings that name a device of ALSA's.
struct Named {
    static constexpr portspan::HostApiType host_api = portspan::HostApiType::alsa;
    struct Info {
        unsigned long size = sizeof(Info);
        PaHostApiTypeId type = paALSA;
        unsigned long version = 1;
        const char* device = "Loudspeaker";
    };
    [[nodiscard]] static std::string device_name() { return "Loudspeaker"; }
    [[nodiscard]] static Info stream_info() { return {}; }
};
const StreamConfig named{.output = {.channels = 2, .host_info = Named{}}};

/// Both host APIs are asked for their types, and after that one for a name that nobody needs.
std::string opened_by_name(const Log& log) {
    int index = 0;
    for (const auto& call : log) {
        if (call.function != no_name.function) continue;
        if (index == 2) break;
        const std::string which = "index " + std::to_string(index++);
        if (call.result < 0) return failure(paInvalidHostApi, "Pa_GetHostApiInfo", which);
    }
    return "";
}

const std::vector<Form> callables{
    {"a callable that is noexcept", [](World& w) { w.construct<Stream<float>>(quiet(w)); }},
    {"a callable that may throw", [](World& w) { w.construct<Stream<float>>(loud(w)); }},
    {"a std::function",
     [](World& w) {
         using Function = std::function<portspan::Next(Stream<float>::Block&)>;
         w.construct<Stream<float>>(Function{shared(w)});
     }},
    {"configured", [](World& w) { w.construct<Stream<float>>(by_index, loud(w)); }, on_indices},
    {"planar", [](World& w) { w.construct<Stream<float, float, Planar>>(quiet(w)); }},
    {"two sample types",
     [](World& w) { w.construct<Stream<std::int16_t, portspan::Int24>>(loud(w)); }},
    {"in place", [](World& w) { w.construct<Stream<float>>(portspan::in_place(quiet(w))); }},
    {"in place, configured, may throw",
     [](World& w) { w.construct<Stream<float>>(mono_output, portspan::in_place(loud(w))); }},
    {"a callable, told of the end", [](World& w) { w.construct<Stream<float>>(told, loud(w)); }},
    {"an input",
     [](World& w) { w.construct<InputStream<float>>(quiet(w)); },
     on_input,
     {0},
     "input \"Microphone\""},
    {"an output",
     [](World& w) { w.construct<OutputStream<std::uint8_t, Planar>>(loud(w)); },
     on_output,
     {1},
     "output \"Loudspeaker\""},
    {"an output that the settings name",
     [](World& w) {
         static_cast<void>(portspan::Session{});  // what ends after a failure ends without one, too
         w.construct<OutputStream<float>>(named, quiet(w));
     },
     {quiet_terminate, no_name},
     {1},
     "output \"Loudspeaker\"",
     opened_by_name},
    {"an input by its name",
     [](World& w) {
         const auto device = portspan::find_device("micro", Direction::input);
         w.construct<Stream<float>>(StreamConfig{.input = {.device = device.index}}, loud(w));
     },
     on_output,
     {0, 1, 2, 0, 1}},
    {"an input as it was listed",
     [](World& w) {
         // Listed before, with all that PortAudio tells.
         const portspan::Device device{.index = 7, .name = "Microphone", .host_api = "First"};
         w.construct<Stream<float>>(StreamConfig{.input = {.device = device}}, loud(w));
     },
     on_output,
     {0, 1, 2, 1},
     Operation{}.opens,
     [](const Log& log) {
         // Without its host API's name it is another device.
         const auto first =
             std::ranges::find(log, "Pa_GetHostApiInfo", &portspan::mock::Call::function);
         if (first != log.end() && first->result < 0) {
             return refusal(Fault::unknown_device, "Stream", "no such device",
                            "\"Microphone\" (First), listed with index 7, is gone");
         }
         return opened(log);
     }},
};

const std::vector<Form> foreign_functions{
    {"a raw callback", [](World& w) { w.construct<Stream<float>>(raw(w.life())); }},
    {"a raw callback, configured",
     [](World& w) { w.construct<Stream<float>>(by_index, raw(w.life())); }, on_indices},
    {"a raw callback, told of the end",
     [](World& w) { w.construct<Stream<float>>(told, raw(w.life())); }},
    {"an address",
     [](World& w) {
         const auto address = reinterpret_cast<std::uintptr_t>(&untyped);
         w.construct<Stream<float>>(
             portspan::callback_at(address, &w.life(), std::make_shared<Owned>(w.life())));
     }},
    {"a function without state", [](World& w) { w.construct<Stream<float>>(&stateless); }},
    {"a lambda without state, configured",
     [](World& w) {
         w.construct<Stream<float>>(
             by_index, [](const void*, void*, unsigned long, Time, Flags, void*) noexcept {
                 Life::add(calls_without_state);
                 return 0;
             });
     },
     on_indices},
    {"a typed function", [](World& w) { w.construct<Stream<float>>(&typed, &w.life()); }},
    {"a typed function, configured",
     [](World& w) { w.construct<Stream<float>>(by_index, &typed, &w.life()); }, on_indices},
    {"a typed function for an output",
     [](World& w) { w.construct<OutputStream<std::int16_t>>(&typed_output, &w.life()); },
     on_output,
     {1},
     "output \"Loudspeaker\""},
    {"a raw callback in place",
     [](World& w) { w.construct<Stream<float>>(portspan::in_place(raw(w.life()))); }},
    {"a typed function in place",
     [](World& w) { w.construct<Stream<float>>(portspan::in_place(&typed, &w.life())); }},
};

/// What portspan itself refuses, after it has asked for the devices.
Form refused(const char* how, std::function<void(World&)> construct, const std::string& error) {
    Form form{how, std::move(construct)};
    form.result = [error](const Log& log) {
        const std::string no_device = opened(log);
        return no_device.empty() ? error : no_device;
    };
    return form;
}

const std::vector<Form> refusals{
    refused(
        "refused: a null callback",
        [](World& w) {
            w.construct<Stream<float>>(
                RawCallback{nullptr, nullptr, std::make_shared<Owned>(w.life())});
        },
        refusal(Fault::null_callback, "portspan", "the callback is null")),
    refused(
        "refused: a sample rate",
        [](World& w) { w.construct<Stream<float>>(StreamConfig{.sample_rate = 0}, quiet(w)); },
        failure(paInvalidSampleRate, "Stream", "0")),
    refused(
        "refused: a block size",
        [](World& w) {
            w.construct<Stream<float>>(StreamConfig{.frames_per_buffer = 1ul << 21}, loud(w));
        },
        failure(paBufferTooBig, "Stream", "2097152 frames per buffer")),
    refused(
        "refused: a channel count",
        [](World& w) {
            w.construct<Stream<float>>(StreamConfig{.output = {.channels = 3}}, quiet(w));
        },
        failure(paInvalidChannelCount, "Stream", "3 output channels, \"Loudspeaker\" has 2")),
    refused(
        "refused: a latency",
        [](World& w) {
            w.construct<Stream<float>>(StreamConfig{.output = {.latency = -1ms}}, loud(w));
        },
        refusal(Fault::invalid_argument, "Stream", "invalid argument",
                "output latency of -0.001 s, it may be 0 to 10")),
    refused(
        "refused: a foreign function in place, other channels out than in",
        [](World& w) {
            w.construct<Stream<float>>(mono_output, portspan::in_place(raw(w.life())));
        },
        refusal(Fault::channel_mismatch, "in_place", "channel counts do not fit",
                "a foreign callback in place needs as many channels in as out, the stream has 2 "
                "and 1")),
};

}  // namespace

void add_constructions(std::vector<Operation>& table) {
    for (const auto* forms : {&callables, &foreign_functions, &refusals}) {
        for (const Form& form : *forms) {
            table.push_back(
                {.name = "Stream",
                 .how = form.how,
                 .before = [](World& w) { w.new_life(); },
                 .act = [construct = form.construct](World& w) { return construct(w), ""; },
                 .exceptions = form.exceptions,
                 .result = form.result,
                 .constructs = true,
                 .devices = form.devices,
                 .opens = form.opens});
        }
    }
}

}  // namespace faults
