// SPDX-License-Identifier: MIT
// The life of a stream: starting, ending, the finished callback, blocking reads and writes, streams
// that are none.
#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "machine.hpp"
#include "table.hpp"

namespace conformance {

namespace {

/// What a finished callback sees. A stream's user data points at it.
struct Finished {
    PaStream* stream = nullptr;
    std::atomic<bool> may_end{false};
    std::atomic<int> calls{0}, calls_of_another{0};
    long active = -1, stopped = -1;  ///< inside the callback
};

void finished(void* user_data) {
    auto& record = *static_cast<Finished*>(user_data);
    record.active = Pa_IsStreamActive(record.stream);
    record.stopped = Pa_IsStreamStopped(record.stream);
    ++record.calls;
}
void another_finished(void* user_data) { ++static_cast<Finished*>(user_data)->calls_of_another; }

/// Ends its stream with `result`, and not before Pa_StartStream has returned: on JACK the stream
/// may have finished by then and be stopped still.
template <int result>
int ending(const void*, void*, unsigned long, Time, PaStreamCallbackFlags, void* user_data) {
    return static_cast<Finished*>(user_data)->may_end ? result : int{paContinue};
}

/// JACK's side calls it with a pointer of its own.
int finished_blocking_streams = 0;
void count_blocking(void*) { ++finished_blocking_streams; }

void states(const std::string& name, PaStream* stream) {
    row(name + ": active", Pa_IsStreamActive(stream));
    row(name + ": stopped", Pa_IsStreamStopped(stream));
}

void life(const std::string& name, PaDeviceIndex device, PaStreamCallback* callback) {
    const auto say = [&](const char* call, long result) { row(name + ": " + call, result); };
    PaStream* stream = nullptr;
    const auto both = stereo(device);
    say("open", Pa_OpenStream(&stream, &both, &both, 48000, 64, 0, callback, nullptr));
    states(name + ": before start", stream);
    say("stop before start", Pa_StopStream(stream));
    say("abort before start", Pa_AbortStream(stream));
    char buffer[64 * 8]{};
    say("read before start", Pa_ReadStream(stream, buffer, 1));
    say("write before start", Pa_WriteStream(stream, buffer, 1));
    say("read of 0 frames", Pa_ReadStream(stream, buffer, 0));
    say("write of 0 frames", Pa_WriteStream(stream, buffer, 0));
    say("read of 0 frames into NULL", Pa_ReadStream(stream, nullptr, 0));
    say("write of 0 frames from NULL", Pa_WriteStream(stream, nullptr, 0));
    say("read into NULL", Pa_ReadStream(stream, nullptr, 1));
    say("write from NULL", Pa_WriteStream(stream, nullptr, 1));
    say("read available before start", Pa_GetStreamReadAvailable(stream));
    say("write available before start", Pa_GetStreamWriteAvailable(stream));
    say("info is there", Pa_GetStreamInfo(stream) != nullptr);
    say("info rate", static_cast<long>(Pa_GetStreamInfo(stream)->sampleRate));
    differs(name + ": info structVersion", Pa_GetStreamInfo(stream)->structVersion, 1, 0,
            "portaudio.h promises 1, neither ALSA's nor JACK's side sets it");
    say("CPU load before start is 0", Pa_GetStreamCpuLoad(stream) == 0);
    say("no finished callback", Pa_SetStreamFinishedCallback(stream, nullptr));
    say("start", Pa_StartStream(stream));
    say("stopped after start", Pa_IsStreamStopped(stream));
    if (callback == &keep_going) {
        say("active after start", Pa_IsStreamActive(stream));
        say("start again", Pa_StartStream(stream));
        say("read from a callback stream", Pa_ReadStream(stream, buffer, 1));
        say("write to a callback stream", Pa_WriteStream(stream, buffer, 1));
        say("read 0 from a callback stream", Pa_ReadStream(stream, buffer, 0));
        say("write NULL to a callback stream", Pa_WriteStream(stream, nullptr, 1));
        say("read available of a callback stream", Pa_GetStreamReadAvailable(stream));
        say("write available of a callback stream", Pa_GetStreamWriteAvailable(stream));
        let_time_pass();
    } else {
        wait_until_inactive(stream);
        states(name + ": at the end", stream);
        say("start at the end", Pa_StartStream(stream));
        say("read at the end", Pa_ReadStream(stream, buffer, 1));
        say("write at the end", Pa_WriteStream(stream, buffer, 1));
    }
    say("finished callback while not stopped", Pa_SetStreamFinishedCallback(stream, nullptr));
    say("stop", Pa_StopStream(stream));
    states(name + ": after stop", stream);
    say("stop again", Pa_StopStream(stream));
    say("abort again", Pa_AbortStream(stream));
    say("read after stop", Pa_ReadStream(stream, buffer, 1));
    say("start once more", Pa_StartStream(stream));
    say("abort", Pa_AbortStream(stream));
    states(name + ": after abort", stream);
    say("stop after abort", Pa_StopStream(stream));
    say("start a third time", Pa_StartStream(stream));
    if (callback != &keep_going) {
        wait_until_inactive(stream);
        say("abort at the end", Pa_AbortStream(stream));
        states(name + ": after abort at the end", stream);
        say("start a fourth time", Pa_StartStream(stream));
        wait_until_inactive(stream);
    }
    say("close while it runs", Pa_CloseStream(stream));
}

/// A stream with a finished callback, started and, where its callback ends it, ended.
struct Run {
    Finished record;
    PaStream* stream;

    Run(PaDeviceIndex device, PaStreamCallback* callback)
        : stream{opened(device, callback, true, true, paFloat32, &record)} {
        record.stream = stream;
        Pa_SetStreamFinishedCallback(stream, &finished);
        Pa_StartStream(stream);
        record.may_end = true;
        if (callback == &keep_going) {
            let_time_pass();
        } else {
            wait_until_finished(1);
        }
    }

    /// ALSA's side calls it before the stream is inactive, JACK's after.
    void wait_until_finished(int calls) {
        for (int i = 0; i < 400 && record.calls < calls; ++i) let_time_pass();
        wait_until_inactive(stream);
    }
};

}  // namespace

void lives(const std::string& name, PaDeviceIndex device) {
    life(name + ": continue", device, &keep_going);
    life(name + ": complete", device, &complete);
    life(name + ": abort", device, &abort_at_once);
    life(name + ": nonsense", device, &nonsense);
}

void finished_callbacks(const std::string& name, PaDeviceIndex device) {
    struct End {
        const char* how;
        PaStreamCallback* callback;
        PaError (*end)(PaStream*);
    };
    const End ends[] = {{"stop", &keep_going, &Pa_StopStream},
                        {"abort", &keep_going, &Pa_AbortStream},
                        {"close", &keep_going, &Pa_CloseStream},
                        {"complete and stop", &ending<paComplete>, &Pa_StopStream},
                        {"complete and abort", &ending<paComplete>, &Pa_AbortStream},
                        {"complete and close", &ending<paComplete>, &Pa_CloseStream},
                        {"abort result and stop", &ending<paAbort>, &Pa_StopStream},
                        {"abort result and abort", &ending<paAbort>, &Pa_AbortStream},
                        {"abort result and close", &ending<paAbort>, &Pa_CloseStream},
                        {"nonsense and stop", &ending<7>, &Pa_StopStream}};
    const bool is_alsa = name == "ALSA";
    for (const End& end : ends) {
        const std::string call = name + ": finished callback, " + end.how;
        Run run{device, end.callback};
        row(call + ": calls before it", run.record.calls);
        row(call, end.end(run.stream));
        row(call + ": calls after it", run.record.calls);
        row(call + ": stopped inside it", run.record.stopped);
        if (is_alsa) {
            differs(call + ": active inside it", run.record.active, 0, 1,
                    "portaudio.h: it is called when the stream becomes inactive, as on JACK");
        } else {
            row(call + ": active inside it", run.record.active);
        }
        if (end.end == &Pa_CloseStream) continue;
        row(call + ": close", Pa_CloseStream(run.stream));
        row(call + ": calls after close", run.record.calls);
    }

    Run again{device, &ending<paComplete>};
    Pa_StopStream(again.stream);
    row(name + ": finished callback, restart", Pa_StartStream(again.stream));
    again.wait_until_finished(2);
    row(name + ": finished callback, restart: calls", again.record.calls);
    row(name + ": finished callback, set while not stopped",
        Pa_SetStreamFinishedCallback(again.stream, &another_finished));
    Pa_StopStream(again.stream);
    Pa_StartStream(again.stream);
    again.wait_until_finished(3);
    row(name + ": finished callback, not replaced then: calls", again.record.calls);
    row(name + ": finished callback, not replaced then: calls of the other",
        again.record.calls_of_another);
    Pa_StopStream(again.stream);
    row(name + ": finished callback, replaced",
        Pa_SetStreamFinishedCallback(again.stream, &another_finished));
    Pa_StartStream(again.stream);
    wait_until_inactive(again.stream);
    Pa_StopStream(again.stream);
    row(name + ": finished callback, replaced: calls", again.record.calls);
    row(name + ": finished callback, replaced: calls of the other", again.record.calls_of_another);
    row(name + ": finished callback, removed", Pa_SetStreamFinishedCallback(again.stream, nullptr));
    Pa_StartStream(again.stream);
    wait_until_inactive(again.stream);
    row(name + ": finished callback, removed: close", Pa_CloseStream(again.stream));
    row(name + ": finished callback, removed: calls", again.record.calls);
    row(name + ": finished callback, removed: calls of the other", again.record.calls_of_another);

    Finished record;
    record.stream = opened(device, &keep_going, true, true, paFloat32, &record);
    row(name + ": finished callback of a stream that never starts",
        Pa_SetStreamFinishedCallback(record.stream, &finished));
    row(name + ": finished callback of a stream that never starts: close",
        Pa_CloseStream(record.stream));
    row(name + ": finished callback of a stream that never starts: calls", record.calls);

    finished_blocking_streams = 0;
    PaStream* stream = opened(device, nullptr);
    Pa_SetStreamFinishedCallback(stream, &count_blocking);
    Pa_StartStream(stream);
    row(name + ": finished callback, blocking: stop", Pa_StopStream(stream));
    if (is_alsa) {
        differs(name + ": finished callback, blocking: calls", finished_blocking_streams, 1, 0,
                "portaudio.h makes no exception for blocking streams, nor does JACK");
    } else {
        row(name + ": finished callback, blocking: calls", finished_blocking_streams);
    }
    Pa_CloseStream(stream);
}

void blocking(const std::string& name, PaDeviceIndex device) {
    const auto both = stereo(device);
    const auto say = [&](const char* call, long result) {
        row(name + ": blocking: " + call, result);
    };
    std::vector<float> buffer(2 * 256);
    PaStream* stream = nullptr;
    say("open", Pa_OpenStream(&stream, &both, &both, 48000, 256, 0, nullptr, nullptr));
    const auto bad_calls = [&](const std::string& when) {
        const auto call = [&](const char* what, PaError result) {
            row(name + ": blocking, " + when + ": " + what, result);
        };
        call("read 0", Pa_ReadStream(stream, buffer.data(), 0));
        call("read 0 into NULL", Pa_ReadStream(stream, nullptr, 0));
        call("read NULL", Pa_ReadStream(stream, nullptr, 256));
        call("write 0", Pa_WriteStream(stream, buffer.data(), 0));
        call("write 0 from NULL", Pa_WriteStream(stream, nullptr, 0));
        call("write NULL", Pa_WriteStream(stream, nullptr, 256));
    };
    say("read before start", Pa_ReadStream(stream, buffer.data(), 256));
    say("write before start", Pa_WriteStream(stream, buffer.data(), 256));
    bad_calls("before start");
    states(name + ": blocking, before start", stream);
    say("start", Pa_StartStream(stream));
    states(name + ": blocking, after start", stream);
    say("start again", Pa_StartStream(stream));
    bad_calls("running");
    say("read", Pa_ReadStream(stream, buffer.data(), 256));
    say("write", Pa_WriteStream(stream, buffer.data(), 256));
    say("CPU load is 0", Pa_GetStreamCpuLoad(stream) == 0);
    say("stop", Pa_StopStream(stream));
    states(name + ": blocking, after stop", stream);
    say("read after stop", Pa_ReadStream(stream, buffer.data(), 256));
    say("write after stop", Pa_WriteStream(stream, buffer.data(), 256));
    bad_calls("after stop");
    say("stop again", Pa_StopStream(stream));
    say("start once more", Pa_StartStream(stream));
    say("abort", Pa_AbortStream(stream));
    states(name + ": blocking, after abort", stream);
    say("start a third time", Pa_StartStream(stream));
    say("close while it runs", Pa_CloseStream(stream));
}

void directions_of_blocking_streams() {
    const PaDeviceIndex device = device_of(paALSA);
    std::vector<float> buffer(2 * 256);
    std::array<float*, 2> channels{buffer.data(), buffer.data() + 256};
    for (const PaSampleFormat format : {PaSampleFormat{paFloat32}, paFloat32 | paNonInterleaved}) {
        const bool planar = format & paNonInterleaved;
        const std::string name = planar ? "blocking, non-interleaved, " : "blocking, interleaved, ";
        void* memory = planar ? static_cast<void*>(channels.data()) : buffer.data();
        PaStream* stream = opened(device, nullptr, true, false, format);
        row(name + "input: write before start", Pa_WriteStream(stream, memory, 256));
        row(name + "input: start", Pa_StartStream(stream));
        row(name + "input: write NULL", Pa_WriteStream(stream, nullptr, 256));
        row(name + "input: write 0", Pa_WriteStream(stream, memory, 0));
        row(name + "input: write", Pa_WriteStream(stream, memory, 256));
        row(name + "input: read", Pa_ReadStream(stream, memory, 256));
        only_on_mock(
            name + "input: write available", [&] { return Pa_GetStreamWriteAvailable(stream); },
            paCanNotWriteToAnInputOnlyStream, "it dereferences a NULL pointer");
        row(name + "input: close", Pa_CloseStream(stream));

        stream = opened(device, nullptr, false, true, format);
        row(name + "output: read before start", Pa_ReadStream(stream, memory, 256));
        row(name + "output: start", Pa_StartStream(stream));
        row(name + "output: read NULL", Pa_ReadStream(stream, nullptr, 256));
        row(name + "output: read 0", Pa_ReadStream(stream, memory, 0));
        row(name + "output: read", Pa_ReadStream(stream, memory, 256));
        row(name + "output: write", Pa_WriteStream(stream, memory, 256));
        only_on_mock(
            name + "output: read available", [&] { return Pa_GetStreamReadAvailable(stream); },
            paCanNotReadFromAnOutputOnlyStream, "it dereferences a NULL pointer");
        row(name + "output: close", Pa_CloseStream(stream));

        stream = opened(device, nullptr, true, true, format);
        row(name + "duplex: start", Pa_StartStream(stream));
        row(name + "duplex: read", Pa_ReadStream(stream, memory, 256));
        row(name + "duplex: write", Pa_WriteStream(stream, memory, 256));
        row_sign(name + "duplex: write available", Pa_GetStreamWriteAvailable(stream));
        row(name + "duplex: close", Pa_CloseStream(stream));
    }
}

void lost_audio() {
    std::vector<float> buffer(2 * 256);
    PaStream* stream = opened(device_of(paALSA), nullptr);
    Pa_StartStream(stream);
    const auto alone = [&](const char* call, auto function, long expected) {
        only_on_mock(std::string{"blocking: "} + call, function, expected,
                     "ALSA's null device loses nothing, and JACK's side does not say so");
    };
    const auto read = [&] { return Pa_ReadStream(stream, buffer.data(), 256); };
    const auto write = [&] { return Pa_WriteStream(stream, buffer.data(), 256); };
    alone("write before anything is lost", write, paNoError);
    for (int i = 0; i < 3; ++i) let_time_pass();
    alone("read after input was lost", read, paInputOverflowed);
    alone("read after that", read, paNoError);
    alone("write after output was missing", write, paOutputUnderflowed);
    alone("write after that", write, paNoError);
    row("blocking: close", Pa_CloseStream(stream));
}

void lost_device() {
    PaStream* stream = opened(device_of(paALSA), &keep_going);
    lose_device();
    const auto alone = [&](const char* call, auto function) {
        only_on_mock(
            std::string{"lost device: "} + call, [&] { return function(stream); },
            paUnanticipatedHostError, "ALSA's null device cannot be pulled out");
    };
    alone("start", &Pa_StartStream);
    alone("is active", &Pa_IsStreamActive);
    alone("is stopped", &Pa_IsStreamStopped);
    alone("close", &Pa_CloseStream);
    only_on_mock(
        "lost device: errorCode", [] { return Pa_GetLastHostErrorInfo()->errorCode; }, -1,
        "ALSA's null device cannot be pulled out");
    if constexpr (!on_mock) Pa_CloseStream(stream);
}

void bad_streams() {
    char buffer[64]{};
    // Long enough that PortAudio may look for its mark inside it.
    alignas(16) static std::array<unsigned char, 512> memory{};
    for (const auto& [name, stream] : {std::pair<const char*, PaStream*>{"NULL", nullptr},
                                       std::pair<const char*, PaStream*>{"no stream", &memory}}) {
        const auto say = [&, n = name](const char* call, long result) {
            row(std::string{call} + "(" + n + ")", result);
        };
        say("Pa_CloseStream", Pa_CloseStream(stream));
        say("Pa_SetStreamFinishedCallback", Pa_SetStreamFinishedCallback(stream, nullptr));
        say("Pa_SetStreamFinishedCallback, a callback",
            Pa_SetStreamFinishedCallback(stream, &another_finished));
        say("Pa_StartStream", Pa_StartStream(stream));
        say("Pa_StopStream", Pa_StopStream(stream));
        say("Pa_AbortStream", Pa_AbortStream(stream));
        say("Pa_IsStreamStopped", Pa_IsStreamStopped(stream));
        say("Pa_IsStreamActive", Pa_IsStreamActive(stream));
        say("Pa_GetStreamInfo is NULL", Pa_GetStreamInfo(stream) == nullptr);
        say("Pa_GetStreamTime is 0", Pa_GetStreamTime(stream) == 0);
        say("Pa_GetStreamCpuLoad is 0", Pa_GetStreamCpuLoad(stream) == 0);
        say("Pa_ReadStream", Pa_ReadStream(stream, buffer, 1));
        say("Pa_ReadStream, 0 frames", Pa_ReadStream(stream, buffer, 0));
        say("Pa_ReadStream, NULL", Pa_ReadStream(stream, nullptr, 1));
        say("Pa_WriteStream", Pa_WriteStream(stream, buffer, 1));
        say("Pa_WriteStream, 0 frames", Pa_WriteStream(stream, buffer, 0));
        say("Pa_WriteStream, NULL", Pa_WriteStream(stream, nullptr, 1));
        say("Pa_GetStreamReadAvailable", Pa_GetStreamReadAvailable(stream));
        say("Pa_GetStreamWriteAvailable", Pa_GetStreamWriteAvailable(stream));
    }
}

void ended_by_its_own_callback() {
    struct Ends {
        PaError (*end)(PaStream*);
        PaStream* stream = nullptr;
        PaError result = 1;
    };
    const auto callback = [](const void*, void*, unsigned long, Time, PaStreamCallbackFlags,
                             void* user_data) -> int {
        auto& ends = *static_cast<Ends*>(user_data);
        if (ends.result == 1) ends.result = ends.end(ends.stream);
        return paContinue;
    };
    for (PaError (*const end)(PaStream*) : {&Pa_StopStream, &Pa_AbortStream}) {
        only_on_mock(
            std::string{end == &Pa_StopStream ? "stop" : "abort"} + " by the stream's own callback",
            [&]() -> long {
                Pa_Initialize();
                Ends ends{end};
                ends.stream = opened(device_of(paALSA), callback, true, true, paFloat32, &ends);
                Pa_StartStream(ends.stream);
                let_time_pass();
                Pa_Terminate();
                return ends.result;
            },
            paUnanticipatedHostError, "an assertion ends the program, other host APIs hang");
    }
}

void ended_by_another_thread(const std::string& name, PaDeviceIndex device) {
    std::atomic<bool> inside{false};
    const auto callback = [](const void*, void*, unsigned long, Time, PaStreamCallbackFlags,
                             void* user_data) -> int {
        // Only the first call: the host waits for no late callback.
        if (!static_cast<std::atomic<bool>*>(user_data)->exchange(true)) {
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
        return paContinue;
    };
    for (PaError (*const end)(PaStream*) : {&Pa_StopStream, &Pa_AbortStream}) {
        inside = false;
        PaStream* stream = opened(device, callback, true, true, paFloat32, &inside);
        Pa_StartStream(stream);
        std::atomic<int> result{1};
        std::thread other{[&] {
            while (!inside) std::this_thread::yield();
            result = end(stream);
        }};
        while (result == 1) let_time_pass();
        other.join();
        const std::string call = name + ": " + (end == &Pa_StopStream ? "stop" : "abort") +
                                 " by another thread, during the callback";
        row(call, result);
        states(call, stream);
        Pa_CloseStream(stream);
    }
}

void terminating(const std::string& name, PaHostApiTypeId type) {
    const auto say = [&](const char* call, long result) {
        row(name + ": terminate: " + call, result);
    };
    for (PaStreamCallback* const callback : {&keep_going, &ending<paComplete>}) {
        const bool runs = callback == &keep_going;
        say("initialize", Pa_Initialize());
        Run first{device_of(type), callback};
        say(runs ? "running: calls" : "complete: calls", first.record.calls);
        Finished record;
        record.stream = opened(device_of(type), &keep_going, true, true, paFloat32, &record);
        say("finished callback of one that never starts",
            Pa_SetStreamFinishedCallback(record.stream, &finished));
        say("terminate", Pa_Terminate());
        say(runs ? "running: calls afterwards" : "complete: calls afterwards", first.record.calls);
        say("calls of one that never started", record.calls);
        say("close afterwards", Pa_CloseStream(first.stream));
        say("is active afterwards", Pa_IsStreamActive(first.stream));
    }

    say("initialize", Pa_Initialize());
    say("initialize again", Pa_Initialize());
    Run run{device_of(type), &keep_going};
    say("once of two", Pa_Terminate());
    states(name + ": terminate: once of two", run.stream);
    say("once of two: calls", run.record.calls);
    say("twice of two", Pa_Terminate());
    say("twice of two: calls", run.record.calls);
}

void stale_streams() {
    const char* freed = "it reads freed memory";
    Pa_Initialize();
    PaStream* stream = opened(device_of(paALSA), &keep_going);
    row("stale: close", Pa_CloseStream(stream));
    only_on_mock(
        "stale: close again", [&] { return Pa_CloseStream(stream); }, paBadStreamPtr, freed);
    only_on_mock(
        "stale: start after close", [&] { return Pa_StartStream(stream); }, paBadStreamPtr, freed);
    only_on_mock(
        "stale: is active after close", [&] { return Pa_IsStreamActive(stream); }, paBadStreamPtr,
        freed);
    stream = opened(device_of(paALSA), &keep_going);
    row("stale: terminate", Pa_Terminate());
    row("stale: initialize again", Pa_Initialize());
    only_on_mock(
        "stale: close of a stream of before", [&] { return Pa_CloseStream(stream); },
        paBadStreamPtr, freed);
    row("stale: terminate again", Pa_Terminate());
}

}  // namespace conformance
