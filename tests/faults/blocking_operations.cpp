// SPDX-License-Identifier: MIT
// The table: streams without a callback, and arrays that one call plays and records.
#include <array>
#include <utility>

#include "tables.hpp"

namespace faults {

using portspan::BlockingStream;

namespace {

enum class Rest { fresh, running, ended, moved_from };
constexpr std::array all_rests{Rest::fresh, Rest::running, Rest::ended, Rest::moved_from};

std::string text(Rest rest) {
    constexpr std::array names{"fresh", "running", "ended", "moved from"};
    return std::string{"blocking, "} + names[static_cast<std::size_t>(rest)];
}

void bring(World& w, Rest rest) {
    w.new_life();  // nobody gets it: there is no callable
    w.blocking.emplace();
    if (rest == Rest::fresh) return;
    if (rest == Rest::moved_from) {
        const BlockingStream<float> moved{std::move(*w.blocking)};
        return;
    }
    w.blocking->start();
    if (rest == Rest::ended) w.blocking->stop();
}

const Exception overflowed{"Pa_ReadStream", "the frames are good", paInputOverflowed};
const Exception underflowed{"Pa_WriteStream", "the frames are good", paOutputUnderflowed};

/// Where a stream that was moved from is asked for `function`.
std::string bad_stream(Rest rest, const char* function) {
    return rest == Rest::moved_from ? failure(paBadStreamPtr, function) : "";
}
std::string closed(Rest rest, const char* function) {
    return rest == Rest::moved_from ? faults::closed(function) : "";
}
std::string bad_stream_code(Rest rest) {
    return rest == Rest::moved_from ? "portaudio " + std::to_string(paBadStreamPtr) : "";
}

std::string told(portspan::StatusFlags status) {
    return portspan::any(status) ? std::to_string(static_cast<PaStreamCallbackFlags>(status)) : "";
}
std::string told(const portspan::Transfer& transfer) {
    return transfer.error ? text_of(transfer.error) : told(transfer.status);
}
std::string told_of(const Log& log, const Exception& xrun, portspan::StatusFlags flag) {
    return has(log, xrun.function, *xrun.code) ? told(flag) : "";
}

struct Call {
    const char* name;
    const char* how;
    std::function<std::string(World&)> act;
    std::function<std::string(Rest, const Log&)> result;
    bool returns_code = false;
    bool waits = false;
    std::vector<Exception> exceptions = {};
};

std::array<float, 4> two_frames{};

const std::vector<Call>& calls() {
    using portspan::StatusFlags;
    static const auto overflow = [](const Log& log) {
        return told_of(log, overflowed, StatusFlags::input_overflow);
    };
    static const auto underflow = [](const Log& log) {
        return told_of(log, underflowed, StatusFlags::output_underflow);
    };
    static const std::vector<Call> all{
        {.name = "read",
         .how = "",
         .act = [](World& w) { return told(w.blocking->read(two_frames)); },
         .result = [](Rest rest,
                      const Log& log) { return bad_stream(rest, "Pa_ReadStream") + overflow(log); },
         .waits = true,
         .exceptions = {overflowed}},
        {.name = "read",
         .how = "nothrow; ",
         .act = [](World& w) { return told(w.blocking->read({two_frames, 2}, std::nothrow)); },
         .result = [](Rest rest, const Log& log) { return bad_stream_code(rest) + overflow(log); },
         .returns_code = true,
         .waits = true,
         .exceptions = {overflowed}},
        {.name = "write",
         .how = "",
         .act = [](World& w) { return told(w.blocking->write(two_frames)); },
         .result =
             [](Rest rest, const Log& log) {
                 return bad_stream(rest, "Pa_WriteStream") + underflow(log);
             },
         .waits = true,
         .exceptions = {underflowed}},
        {.name = "write",
         .how = "nothrow; ",
         .act = [](World& w) { return told(w.blocking->write({two_frames, 2}, std::nothrow)); },
         .result = [](Rest rest, const Log& log) { return bad_stream_code(rest) + underflow(log); },
         .returns_code = true,
         .waits = true,
         .exceptions = {underflowed}},
        {.name = "read_available",
         .how = "",
         .act = [](World& w) { return w.blocking->read_available() <= 4096 ? "" : "too many"; },
         .result = [](Rest rest, const Log&) { return closed(rest, "Pa_GetStreamReadAvailable"); }},
        {.name = "write_available",
         .how = "",
         .act = [](World& w) { return w.blocking->write_available() <= 4096 ? "" : "too many"; },
         .result = [](Rest rest,
                      const Log&) { return closed(rest, "Pa_GetStreamWriteAvailable"); }},
        {.name = "start",
         .how = "",
         .act = [](World& w) { return w.blocking->start(), ""; },
         .result = [](Rest rest, const Log&) { return closed(rest, "Pa_StartStream"); }},
        {.name = "stop",
         .how = "",
         .act = [](World& w) { return w.blocking->stop(), ""; },
         .result = [](Rest rest, const Log&) { return closed(rest, "Pa_StopStream"); }},
        {.name = "stop",
         .how = "nothrow; ",
         .act = [](World& w) { return text_of(w.blocking->stop(std::nothrow)); },
         .result = [](Rest rest, const Log&) { return bad_stream_code(rest); },
         .returns_code = true},
        {.name = "abort",
         .how = "",
         .act = [](World& w) { return w.blocking->abort(), ""; },
         .result = [](Rest rest, const Log&) { return closed(rest, "Pa_AbortStream"); }},
        {.name = "abort",
         .how = "nothrow; ",
         .act = [](World& w) { return text_of(w.blocking->abort(std::nothrow)); },
         .result = [](Rest rest, const Log&) { return bad_stream_code(rest); },
         .returns_code = true},
        {.name = "~BlockingStream",
         .how = "",
         .act = [](World& w) { return w.blocking.reset(), ""; },
         .result = [](Rest, const Log&) { return ""; },
         .exceptions = {quiet_terminate, quiet_close}},
    };
    return all;
}

/// While a playback or a recording is waited for, the audio goes on between two questions.
void pump_while_waiting(World& w) {
    w.new_life();
    w.at_each_call = [&w, asked = 0](std::string_view function) mutable {
        if (function == "Pa_IsStreamActive" && ++asked > 1) w.pump_by_hand();
    };
}

void add_program(std::vector<Operation>& table, const char* name, std::vector<Exception> exceptions,
                 std::vector<int> devices, std::function<std::string(World&)> act) {
    const std::string opens = devices == std::vector{0}   ? "input \"Microphone\""
                              : devices == std::vector{1} ? "output \"Loudspeaker\""
                                                          : Operation{}.opens;
    exceptions.insert(exceptions.end(), {quiet_terminate, quiet_close, no_name});
    table.push_back({.name = name,
                     .how = "and wait",
                     .before = pump_while_waiting,
                     .act = std::move(act),
                     .exceptions = std::move(exceptions),
                     .result = opened,
                     .constructs = true,
                     .starts_and_waits = true,
                     .devices = std::move(devices),
                     .opens = opens});
}

}  // namespace

void add_blocking(std::vector<Operation>& table) {
    const auto construct = [&](const char* how, auto make, std::vector<Exception> exceptions,
                               std::vector<int> devices) {
        table.push_back({.name = "BlockingStream",
                         .how = how,
                         .before = [](World& w) { w.new_life(); },
                         .act = [make](World& w) { return make(w), ""; },
                         .exceptions = std::move(exceptions),
                         .result = opened,
                         .constructs = true,
                         .devices = std::move(devices)});
    };
    construct("constructed", [](World& w) { w.blocking.emplace(); },
              {quiet_terminate, no_name, no_input, no_output}, {0, 1, 0, 1});
    construct("configured",
              [](World& w) {
                  w.blocking.emplace(
                      portspan::StreamConfig{.input = {.device = 0}, .output = {.device = 1}});
              },
              {no_name}, {0, 1, 0, 1});
    for (const Rest rest : all_rests) {
        for (const Call& call : calls()) {
            table.push_back({.name = call.name,
                             .how = call.how + text(rest),
                             .before = [rest](World& w) { bring(w, rest); },
                             .act = call.act,
                             .exceptions = rest != Rest::moved_from ? call.exceptions
                                                                    : std::vector<Exception>{},
                             .result = [rest, result = call.result](
                                           const Log& log) { return result(rest, log); },
                             .returns_code = call.returns_code,
                             .starts_and_waits = call.waits,
                             .has_failures = rest != Rest::running});
        }
        table.push_back({.name = "BlockingStream",
                         .how = "moved; " + text(rest),
                         .before = [rest](World& w) { bring(w, rest); },
                         .act =
                             [](World& w) {
                                 BlockingStream<float> moved{std::move(*w.blocking)};
                                 *w.blocking = std::move(moved);
                                 return "";
                             },
                         .has_failures = rest != Rest::running});
    }

    add_program(table, "play", {no_output}, {1}, [](World&) {
        portspan::Playback playback =
            portspan::play(portspan::InterleavedView<const float>{two_frames, 2});
        playback.wait();
        playback.stop();
        return "";
    });
    add_program(table, "record", {no_input}, {0}, [](World&) {
        auto recording = portspan::record<float>(2);
        recording.wait();
        return recording.take().size() == 4 ? "" : "too few";
    });
    add_program(table, "play_and_record", {no_input, no_output}, {0, 1}, [](World&) {
        auto recording =
            portspan::play_and_record(portspan::InterleavedView<const float>{two_frames, 2});
        recording.wait();
        return recording.take().size() == 4 ? "" : "too few";
    });
}

}  // namespace faults
