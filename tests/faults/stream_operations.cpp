// SPDX-License-Identifier: MIT
// The table: what one asks of a stream, in each state that it may be in.
#include <chrono>
#include <exception>
#include <utility>

#include "subject.hpp"
#include "tables.hpp"

namespace faults {

using namespace std::chrono_literals;
using portspan::Fault;
using portspan::Stream;

namespace {

std::string text(bool answer) { return answer ? "true" : "false"; }

/// The last answer to `function`; 0 where it was not asked.
long last(const Log& log, std::string_view function) {
    long result = 0;
    for (const auto& call : log) {
        if (call.function == function) result = call.result;
    }
    return result;
}

bool has_failed(const Log& log, std::string_view function) { return last(log, function) < 0; }

// What an operation's own result is, without failures
using Result = std::function<std::string(Subject, const Log&)>;

std::string nothing(Subject, const Log&) { return ""; }
std::string exception(Subject subject, const Log&) {
    return subject.state == State::threw ? "exception boo" : "";
}
std::string exception_code(Subject subject, const Log&) {
    return subject.state == State::threw
               ? "portspan " + std::to_string(static_cast<int>(Fault::callback_threw))
               : "";
}
Result exception_or(bool (*value)(const Log&)) {
    return [value](Subject subject, const Log& log) {
        return subject.state == State::threw ? "exception boo" : text(value(log));
    };
}
Result answer(const char* function) {
    return [function](Subject, const Log& log) { return text(last(log, function) != 0); };
}
Result unless_failed(const char* function, const char* value) {
    return [=](Subject subject, const Log& log) -> std::string {
        return subject.state == State::moved_from || has_failed(log, function) ? "0" : value;
    };
}
Result value(const char* text) {
    return [text](Subject, const Log&) { return text; };
}

const Exception no_time{"Pa_GetStreamTime", "PortAudio cannot tell an error from the time 0"};
const Exception no_load{"Pa_GetStreamCpuLoad", "PortAudio cannot tell an error from the load 0"};

std::string time_of(World& w) { return w.stream->time().time_since_epoch() > 0.5s ? "later" : "0"; }
std::string load_of(World& w) { return w.stream->cpu_load() == 0.5 ? "0.5" : "0"; }

struct ControlCall {
    const char* name;
    std::string how = {};
    std::string (*act)(World&);
    const char* needs = nullptr;  ///< a stream, else it fails in the name of this call
    Result result = nothing;
    bool returns_code = false;
    bool waits = false;
    bool ends_session = false;  ///< where there is a stream
    std::vector<Exception> exceptions = {};
};

std::string number(double value) { return std::to_string(value); }
std::string done() { return ""; }

const std::vector<ControlCall>& control_calls() {
    static const std::vector<ControlCall> calls{
        {.name = "start",
         .act = [](World& w) { return w.stream->start(), done(); },
         .needs = "Pa_StartStream",
         .result = exception},
        {.name = "start",
         .how = "nothrow",
         .act = [](World& w) { return text_of(w.stream->start(std::nothrow)); },
         .needs = "Pa_StartStream",
         .result = exception_code,
         .returns_code = true},
        {.name = "stop",
         .act = [](World& w) { return w.stream->stop(), done(); },
         .needs = "Pa_StopStream",
         .result = exception},
        {.name = "stop",
         .how = "nothrow",
         .act = [](World& w) { return text_of(w.stream->stop(std::nothrow)); },
         .needs = "Pa_StopStream",
         .result = exception_code,
         .returns_code = true},
        {.name = "abort",
         .act = [](World& w) { return w.stream->abort(), done(); },
         .needs = "Pa_AbortStream"},
        {.name = "abort",
         .how = "nothrow",
         .act = [](World& w) { return text_of(w.stream->abort(std::nothrow)); },
         .needs = "Pa_AbortStream",
         .returns_code = true},
        {.name = "close",
         .act = [](World& w) { return w.stream->close(), done(); },
         .result = exception,
         .ends_session = true,
         .exceptions = {quiet_terminate}},
        {.name = "close",
         .how = "nothrow",
         .act = [](World& w) { return text_of(w.stream->close(std::nothrow)); },
         .result = exception_code,
         .returns_code = true,
         .ends_session = true,
         .exceptions = {quiet_terminate}},
        {.name = "take_failure",
         .act =
             [](World& w) {
                 if (const auto failure = w.stream->take_failure()) std::rethrow_exception(failure);
                 return done();
             },
         .result = exception},
        {.name = "request_stop",
         .act = [](World& w) { return text(w.stream->request_stop()); },
         .result = [](Subject subject, const Log&) { return text(subject.has_callable()); }},
        {.name = "wait",
         .act = [](World& w) { return w.stream->wait(), done(); },
         .needs = "wait",
         .result = exception,
         .waits = true},
        {.name = "wait",
         .how = "nothrow",
         .act = [](World& w) { return text_of(w.stream->wait(std::nothrow)); },
         .needs = "wait",
         .result = exception_code,
         .returns_code = true,
         .waits = true},
        {.name = "wait_for",
         .how = "nothrow",
         .act = [](World& w) { return text_of(w.stream->wait_for(1h, std::nothrow)); },
         .needs = "wait",
         .result = exception_code,
         .returns_code = true,
         .waits = true},
        {.name = "wait_for",
         .how = "until it ends",
         .act = [](World& w) { return text(w.stream->wait_for(1h)); },
         .needs = "wait",
         .result = exception_or([](const Log&) { return true; }),
         .waits = true},
        {.name = "wait_for",
         .how = "no time",
         .act = [](World& w) { return text(w.stream->wait_for(0s)); },
         .needs = "wait",
         .result =
             exception_or([](const Log& log) { return last(log, "Pa_IsStreamActive") == 0; })},
        {.name = "active",
         .act = [](World& w) { return text(w.stream->active()); },
         .needs = "Pa_IsStreamActive",
         .result = answer("Pa_IsStreamActive")},
        {.name = "stopped",
         .act = [](World& w) { return text(w.stream->stopped()); },
         .needs = "Pa_IsStreamStopped",
         .result = answer("Pa_IsStreamStopped")},
        {.name = "time",
         .act = time_of,
         .result = unless_failed("Pa_GetStreamTime", "later"),
         .exceptions = {no_time}},
        {.name = "cpu_load",
         .act = load_of,
         .result = unless_failed("Pa_GetStreamCpuLoad", "0.5"),
         .exceptions = {no_load}},
        {.name = "sample_rate",
         .act = [](World& w) { return number(w.stream->sample_rate()); },
         .needs = "Pa_GetStreamInfo",
         .result = value("48000.000000")},
        {.name = "input_latency",
         .act = [](World& w) { return number(w.stream->input_latency().count()); },
         .needs = "Pa_GetStreamInfo",
         .result = value("0.040000")},
        {.name = "output_latency",
         .act = [](World& w) { return number(w.stream->output_latency().count()); },
         .needs = "Pa_GetStreamInfo",
         .result = value("0.040000")},
        {.name = "host_api_type",
         .act = [](World& w) { return portspan::host_api_name(w.stream->host_api_type()); },
         .result = [](Subject, const Log&) { return "ALSA"; }},
        {.name = "input_channels",
         .act = [](World& w) { return std::to_string(w.stream->input_channels()); },
         .result = [](Subject, const Log&) { return "2"; }},
        {.name = "output_channels",
         .act = [](World& w) { return std::to_string(w.stream->output_channels()); },
         .result = [](Subject, const Log&) { return "2"; }},
        {.name = "handle",
         .act = [](World& w) { return text(w.stream->handle() != nullptr); },
         .result = [](Subject subject,
                      const Log&) { return text(subject.state != State::moved_from); }},
    };
    return calls;
}

/// While an operation waits, the callable completes; the audio goes on between two questions.
void complete_while_waiting(World& w) {
    if (w.life().does == Does::keep_going) w.life().does = Does::complete;
    w.at_each_call = [&w, asked = 0](std::string_view function) mutable {
        if (function == "Pa_IsStreamActive" && ++asked > 1) w.pump_by_hand();
    };
    w.waits_for_end = true;
}

/// A callable that asks its own stream.
struct Curious {
    Owned owned;
    World* world;

    portspan::Next operator()(auto&) noexcept {
        if (world->note.empty()) {
            world->note = time_of(*world) + ", " + load_of(*world);
            world->stream->request_stop();
        }
        return owned.life().called();
    }
};

/// Whole programs, whose clean-up is the unwinding after a failure.
void add_programs(std::vector<Operation>& table) {
    table.push_back({.name = "request_stop",
                     .how = "and wait",
                     .before =
                         [](World& w) {
                             bring(w, {Kind::callable, State::running});
                             complete_while_waiting(w);
                             w.life().does = Does::keep_going;
                         },
                     .act =
                         [](World& w) {
                             w.stream->request_stop();
                             w.stream->wait();
                             return "";
                         }});
    table.push_back({.name = "Stream",
                     .how = "a program: start, wait, stop",
                     .before =
                         [](World& w) {
                             w.new_life();
                             complete_while_waiting(w);
                             w.waits_for_end = false;
                         },
                     .act =
                         [](World& w) {
                             Stream<float> stream{Loud{Owned{w.life()}}};
                             stream.start();
                             stream.wait();
                             stream.stop();
                             return "";
                         },
                     .exceptions = {quiet_terminate, quiet_close, no_name, no_input, no_output},
                     .result = opened,
                     .constructs = true,
                     .starts_and_waits = true});
    table.push_back({.name = "time",
                     .how = "and cpu_load and request_stop, by the callback",
                     .before =
                         [](World& w) {
                             w.stream.emplace(Curious{Owned{w.new_life()}, &w});
                             w.stream->start();
                             w.ends_by_itself = true;
                         },
                     .act = [](World& w) { return w.audio.pump(64), w.note; },
                     .exceptions = {no_time, no_load},
                     .result =
                         [](const Log& log) {
                             return std::string{has_failed(log, "Pa_GetStreamTime") ? "0, "
                                                                                    : "later, "} +
                                    (has_failed(log, "Pa_GetStreamCpuLoad") ? "0" : "0.5");
                         },
                     .by_hand = true});
}

}  // namespace

void add_control_calls(std::vector<Operation>& table) {
    static const std::string bad_stream = "portaudio " + std::to_string(paBadStreamPtr);
    for (const ControlCall& call : control_calls()) {
        for (const Subject subject : all_subjects()) {
            const bool is_none = subject.state == State::moved_from && call.ends_session;
            table.push_back({.name = call.name,
                             .how = (call.how.empty() ? "" : call.how + "; ") + subject.text(),
                             .before =
                                 [subject, waits = call.waits](World& w) {
                                     bring(w, subject);
                                     if (waits) complete_while_waiting(w);
                                 },
                             .act = call.act,
                             .exceptions = is_none ? std::vector<Exception>{} : call.exceptions,
                             .result =
                                 [&call, subject](const Log& log) {
                                     if (subject.state != State::moved_from || !call.needs) {
                                         return call.result(subject, log);
                                     }
                                     return call.returns_code ? bad_stream : closed(call.needs);
                                 },
                             .returns_code = call.returns_code,
                             .has_failures = subject.state == State::moved_from,
                             .has_thrown = subject.state == State::threw});
        }
    }
    add_programs(table);
}

}  // namespace faults
