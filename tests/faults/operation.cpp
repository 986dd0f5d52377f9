// SPDX-License-Identifier: MIT
#include "operation.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <regex>
#include <sstream>
#include <thread>

#include "catch.hpp"

namespace faults {

using portspan::Error;
using portspan::HostApiType;
using portspan::HostError;
using portspan::mock::Call;
using portspan::mock::Loss;

namespace {

const HostError wire{HostApiType::alsa, -77, "the wire is cut"};
const HostError gone{HostApiType::in_development, -1, "the device is gone"};

/// Names the try in which portspan hangs, which no check could.
class Watch {
public:
    ~Watch() {
        {
            const std::lock_guard lock{mutex_};
            over_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    void now(std::string what) {
        const std::lock_guard lock{mutex_};
        what_ = std::move(what);
        ++tries_;
    }

private:
    void run() {
        std::unique_lock lock{mutex_};
        for (std::size_t seen = 0; !over_; seen = tries_) {
            constexpr std::chrono::seconds too_long{50};
            if (changed_.wait_for(lock, too_long, [this] { return over_; })) return;
            if (seen != tries_) continue;
            std::fprintf(stderr, "for ever in %s\n", what_.c_str());
            std::abort();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::string what_;
    std::size_t tries_ = 1;
    bool over_ = false;
    std::thread thread_{[this] { run(); }};
};

bool is_one_of(std::string_view function, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, function) != names.end();
}

bool is_what_was_asked(PaError code) {
    return code == paInvalidSampleRate || code == paInvalidChannelCount ||
           code == paSampleFormatNotSupported;
}

bool names_devices(PaError code) {
    return code == paInvalidDevice || code == paDeviceUnavailable ||
           code == paBadIODeviceCombination || code == paUnanticipatedHostError ||
           is_what_was_asked(code);
}

/// "input \"Microphone\"" for "48000 Hz, 1 float32 channel from \"Microphone\"".
std::string without_what_was_asked(std::string what) {
    what = std::regex_replace(what, std::regex{", if there is such a device"}, "");
    what = std::regex_replace(what, std::regex{"[0-9]+ Hz, "}, "");
    what = std::regex_replace(what, std::regex{"[0-9]+ u?(int|float)[0-9]+ channels? from "},
                              "input ");
    return std::regex_replace(what, std::regex{"[0-9]+ u?(int|float)[0-9]+ channels? to "},
                              "output ");
}

bool answers_pointer_or_double(std::string_view function) {
    return is_one_of(function,
                     {"Pa_GetDeviceInfo", "Pa_GetHostApiInfo", "Pa_GetStreamInfo",
                      "Pa_GetLastHostErrorInfo", "Pa_GetStreamTime", "Pa_GetStreamCpuLoad"});
}

const Exception* exception_for(const Operation& operation, const Call& call) {
    for (const Exception& exception : operation.exceptions) {
        if (exception.function != call.function) continue;
        if (!exception.code || *exception.code == call.result) return &exception;
    }
    return nullptr;
}

/// Before Pa_CloseStream it is asked whether the host has ended the stream: Pa_IsStreamActive and,
/// where it has, Pa_IsStreamStopped. A failure of either means no, and the close says the same.
bool is_question_before_close(const Log& log, std::size_t i) {
    const auto function = [&](std::size_t at) -> std::string_view {
        return at < log.size() ? std::string_view{log[at].function} : "";
    };
    if (function(i) == "Pa_IsStreamActive" && log[i].result == 0) {
        return function(i + 1) == "Pa_IsStreamStopped" && is_question_before_close(log, i + 1);
    }
    return is_one_of(function(i), {"Pa_IsStreamActive", "Pa_IsStreamStopped"}) &&
           function(i + 1) == "Pa_CloseStream";
}

/// What has to come out, by what PortAudio has answered; what else is wrong with these calls.
std::string expected_result(const Operation& operation, const Log& log, const HostError& host,
                            Wrong& wrong) {
    std::size_t devices = 0;
    std::size_t host_apis = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        const Call& call = log[i];
        const std::size_t device = devices;
        host_apis += call.function == "Pa_GetHostApiInfo";
        devices += call.function == "Pa_GetDeviceInfo";
        if (call.result >= 0 || exception_for(operation, call)) continue;
        if (is_question_before_close(log, i)) continue;
        for (std::size_t later = i + 1; later < log.size(); ++later) {
            if (is_one_of(log[later].function,
                          {"Pa_GetLastHostErrorInfo", "Pa_CloseStream", "Pa_Terminate"}) ||
                is_question_before_close(log, later)) {
                continue;
            }
            wrong += "goes on with " + std::string{log[later].function} + " after " +
                     std::string{call.function} + '\n';
        }
        PaError code = static_cast<PaError>(call.result);
        std::string detail;
        if (call.function == "Pa_GetStreamInfo") code = paBadStreamPtr;
        if (call.function == "Pa_GetDeviceInfo") {
            code = paInvalidDevice;
            detail = "index " + std::to_string(operation.devices.at(device));
        }
        if (call.function == "Pa_GetHostApiInfo") {
            code = paInvalidHostApi;
            detail = "index " + std::to_string(host_apis - 1);
        }
        if (call.function == "Pa_OpenStream" && names_devices(code)) detail = operation.opens;
        if (is_one_of(call.function, {"Pa_IsFormatSupported", "Pa_HostApiDeviceIndexToDeviceIndex",
                                      "Pa_GetSampleSize"})) {
            detail = operation.detail;
        }
        if (operation.returns_code) return "portaudio " + std::to_string(code);
        std::optional<HostError> told;
        if (code == paUnanticipatedHostError) {
            // Asked for at once, or they would be another failure's.
            const Call* next = i + 1 < log.size() ? &log[i + 1] : nullptr;
            const bool asks = next && next->function == "Pa_GetLastHostErrorInfo";
            if (!asks) wrong += "the host's words are not asked for at once\n";
            if (asks && next->result >= 0) told = host;
        }
        return failure(code, std::string{call.function}, detail, told);
    }
    return operation.result(log);
}

}  // namespace

std::string title_of(const Operation& operation) {
    return operation.how.empty() ? operation.name : operation.name + " (" + operation.how + ')';
}

std::string text_of(const std::error_code& code) {
    if (!code) return "";
    return std::string{code.category().name()} + ' ' + std::to_string(code.value());
}

std::string text_of(const Error& error) {
    const int code = error.code().value();
    const bool asked = error.call() == "Pa_OpenStream" &&
                       (is_what_was_asked(code) || code == paBadIODeviceCombination);
    return error_text(error.code().category().name(), code, error.call(),
                      asked ? without_what_was_asked(error.what()) : error.what(),
                      error.host_error());
}

std::string error_text(const std::string& category, int code, const std::string& call,
                       const std::string& what, const std::optional<HostError>& host) {
    std::ostringstream text;
    text << "Error " << category << ' ' << code << " of " << call << ", \"" << what << '"';
    if (host)
        text << ", host " << static_cast<int>(host->host_api) << ' ' << host->code << " ["
             << host->text << ']';
    return text.str();
}

std::string failure(PaError code, const std::string& function, const std::string& detail,
                    const std::optional<HostError>& host) {
    std::string what = function + ": " + Pa_GetErrorText(code);
    if (!detail.empty()) what += " (" + detail + ')';
    if (host)
        what += (host->host_api == paALSA ? ": host API ALSA: " : ": host API in development: ") +
                host->text;
    return error_text("portaudio", code, function, what, host);
}

Try try_once(const Operation& operation, const Setting& setting, const Plan& plan) {
    Try result;
    World world{setting};
    world.audio.host_error(paALSA, wire.code, wire.text);
    operation.before(world);
    const bool needs_stream = setting.threaded || setting.loss;
    const bool has_stream = world.stream || world.blocking;
    if (needs_stream && !has_stream && !operation.starts_and_waits) world.run_beside();

    std::string got;
    bool failed = true;
    world.arm(plan);
    try {
        got = operation.act(world);
        failed = false;
    } catch (const Error& error) {
        world.audio.host_error(paInDevelopment, 0, "the words of a later failure");
        got = text_of(error);
    } catch (const std::exception& error) {
        got = std::string{"exception "} + error.what();
        ++world.told_exceptions;
    }
    result.log = world.disarm();
    result.asked = world.asked();

    Wrong& wrong = result.wrong;
    const bool says_gone = world.lost() && setting.loss == Loss::error;
    const std::string expected =
        expected_result(operation, result.log, says_gone ? gone : wire, wrong);
    if (got != expected) wrong += "got [" + got + "] instead of [" + expected + "]\n";
    // At once, not only when everything else ends; but what could not be closed is kept.
    const bool keeps = std::ranges::any_of(result.log, [](const Call& call) {
        return call.function == "Pa_CloseStream" && call.result < 0;
    });
    if (operation.constructs && failed && !keeps) wrong += world.left_open();
    if (!world.lost()) {
        wrong += world.use_what_is_left();
        const int most = operation.has_thrown ? 1 : 0;
        const bool is_left = world.stream || world.other;
        if (world.told_exceptions > most || (is_left && world.told_exceptions != most)) {
            wrong += "the callable's exception was told " + std::to_string(world.told_exceptions) +
                     " times\n";
        }
    }
    // A device that is gone does not start again.
    const bool gone_for_good = setting.loss && setting.loss != Loss::silence;
    wrong += world.end(operation.has_failures || gone_for_good);
    return result;
}

Plan at(std::size_t n, PaError code) {
    return [=](std::size_t call, std::string_view) -> std::optional<PaError> {
        return call == n ? std::optional{code} : std::nullopt;
    };
}

Plan at(std::size_t n, PaError code, std::size_t m, PaError other) {
    return [=](std::size_t call, std::string_view) -> std::optional<PaError> {
        return call == n ? std::optional{code} : call == m ? std::optional{other} : std::nullopt;
    };
}

std::vector<PaError> answers_of(std::string_view function) {
    if (answers_pointer_or_double(function)) return {paInternalError};
    std::vector<PaError> codes;
    for (PaError code = paNotInitialized; code <= paBadBufferPtr; ++code) codes.push_back(code);
    codes.push_back(-12345);  // of a PortAudio that is younger than this one
    if (is_one_of(function, {"Pa_GetDefaultInputDevice", "Pa_GetDefaultOutputDevice"})) {
        codes.push_back(paNoDevice);
    }
    return codes;
}

std::vector<PaError> kinds_of_answers(std::string_view function) {
    if (answers_pointer_or_double(function)) return {paInternalError};
    if (is_one_of(function, {"Pa_GetDefaultInputDevice", "Pa_GetDefaultOutputDevice"})) {
        return {paUnanticipatedHostError, paTimedOut, paNoDevice};
    }
    return {paUnanticipatedHostError, paTimedOut};
}

std::size_t Tries::add(const Operation& operation, const Setting& setting, const Plan& plan,
                       const std::string& what) {
    static Watch watch;
    const std::string title = title_of(operation);
    watch.now(title + ": " + what);
    ++count;
    Try one = try_once(operation, setting, plan);
    asked_ = std::move(one.asked);
    if (!one.wrong.empty()) {
        ++wrong;
        if (std::exchange(last_wrong_, title) != title) {
            text += '\n' + title + ": " + what + '\n' + one.wrong;
        }
    }
    return asked_.size();
}

void report(const Tries& tries, std::size_t least) {
    static std::size_t all = 0;
    std::printf("%zu runs of an operation, %zu in all\n", tries.count, all += tries.count);
    INFO(tries.text);
    CHECK(tries.wrong == 0);
    CHECK(tries.count >= least);
}

void try_each_call(Tries& tries, const Operation& operation, const Setting& setting,
                   std::vector<PaError> (*answers)(std::string_view)) {
    tries.add(operation, setting, none(), "no call fails");
    for (std::size_t n = 0;; ++n) {
        const auto answer = [&](const std::string& function, PaError code) {
            return tries.add(
                operation, setting, at(n, code),
                "call " + std::to_string(n) + function + " answers " + std::to_string(code));
        };
        // The name of the call is known once it has been made.
        constexpr PaError first = paUnanticipatedHostError;
        if (answer("", first) <= n) return;
        const std::string function = tries.asked()[n];
        for (const PaError code : answers(function)) {
            if (code != first && !answers_pointer_or_double(function)) {
                answer(", " + function + ',', code);
            }
        }
    }
}

}  // namespace faults
