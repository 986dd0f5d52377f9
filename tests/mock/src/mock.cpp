// SPDX-License-Identifier: MIT
// The script's side of the mock.
#include <portspan/mock.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "answer.hpp"

namespace portspan::mock {

namespace {

/// The script, for one statement or as long as the name lives.
struct Locked {
    Engine::Lock lock{engine().mutex};
    Script* operator->() const { return &engine().script; }
};

Stream& stream_at(const Locked&, std::size_t stream) {
    const auto& streams = engine().streams;
    if (stream < streams.size()) return *streams[stream];
    throw std::out_of_range("portspan::mock: the program has opened " +
                            std::to_string(streams.size()) + " streams, there is no number " +
                            std::to_string(stream));
}

std::atomic<bool> a_scope_lives{false};

template <class F>
Scripted<F> scripted(std::function<F> function) {
    if (!function) return nullptr;
    return std::make_shared<const std::function<F>>(std::move(function));
}

/// A machine whose defaults are devices that it has.
Machine checked(Machine machine) {
    for (const HostApi& api : machine.host_apis) {
        for (const auto& place : {api.default_input, api.default_output}) {
            if (!place || (*place >= 0 && static_cast<std::size_t>(*place) < api.devices.size())) {
                continue;
            }
            throw std::invalid_argument("portspan::mock: \"" + api.name + "\" has no device " +
                                        std::to_string(*place) +
                                        " to be the default; an empty optional is none");
        }
    }
    return machine;
}

/// A function that can fail and that is in the log; a misspelt one would be neither, in silence.
std::string checked(std::string_view function) {
    constexpr std::string_view all =
        " Pa_Initialize Pa_Terminate Pa_GetLastHostErrorInfo Pa_GetHostApiCount"
        " Pa_GetDefaultHostApi Pa_GetHostApiInfo Pa_HostApiTypeIdToHostApiIndex"
        " Pa_HostApiDeviceIndexToDeviceIndex Pa_GetDeviceCount Pa_GetDefaultInputDevice"
        " Pa_GetDefaultOutputDevice Pa_GetDeviceInfo Pa_IsFormatSupported Pa_OpenStream"
        " Pa_OpenDefaultStream Pa_CloseStream Pa_SetStreamFinishedCallback Pa_StartStream"
        " Pa_StopStream Pa_AbortStream Pa_IsStreamStopped Pa_IsStreamActive Pa_GetStreamInfo"
        " Pa_GetStreamTime Pa_GetStreamCpuLoad Pa_ReadStream Pa_WriteStream"
        " Pa_GetStreamReadAvailable Pa_GetStreamWriteAvailable Pa_GetSampleSize"
        " Pa_GetStreamHostApiType PaAlsa_GetStreamInputCard PaAlsa_GetStreamOutputCard"
        " PaAlsa_SetNumPeriods PaAlsa_SetRetriesBusy PaJack_SetClientName PaJack_GetClientName"
        " PaPulseAudio_RenameSource PaPulseAudio_RenameSink ";
    std::string name{function};
    if (all.find(' ' + name + ' ') != all.npos) return name;
    throw std::invalid_argument("portspan::mock: PortAudio has no function " + name +
                                ", or it cannot fail and is not counted");
}

}  // namespace

Scope::Scope(Machine machine) {
    Script script;
    script.machine = checked(std::move(machine));
    if (a_scope_lives.exchange(true)) {
        throw std::logic_error("portspan::mock: one Scope at a time");
    }
    engine().reset(std::move(script));
}
Scope::~Scope() {
    engine().reset({});
    a_scope_lives = false;
}

void Scope::machine(Machine machine) { Locked()->machine = checked(std::move(machine)); }

void Scope::feed(std::span<const float> samples) {
    const Locked script;
    script->fed.insert(script->fed.end(), samples.begin(), samples.end());
}
void Scope::feed(std::function<float(std::size_t, std::size_t)> signal) {
    Locked()->signal = scripted(std::move(signal));
}
std::vector<float> Scope::captured(std::size_t stream) const {
    const Locked script;
    return stream_at(script, stream).captured;
}
void Scope::capture(bool on) { Locked()->capturing = on; }
void Scope::listen(std::function<void(std::size_t, std::span<const float>)> listener) {
    Locked()->listener = scripted(std::move(listener));
}

void Scope::pump(std::size_t frames) { engine().pump(frames); }
void Scope::pump_on_thread(std::size_t frames) {
    engine().refuse_inside_a_callback("pump_on_thread()");
    std::exception_ptr failure;
    std::thread{[&] {
        try {
            engine().pump(frames);
        } catch (...) {
            failure = std::current_exception();
        }
    }}.join();
    if (failure) std::rethrow_exception(failure);
}
void Scope::run(double speed) { engine().run(speed); }
void Scope::halt() { engine().halt(); }

void Scope::blocks(std::vector<unsigned long> sizes, bool always) {
    if (std::ranges::find(sizes, 0ul) != sizes.end()) {
        throw std::invalid_argument("portspan::mock: a block of 0 frames");
    }
    const Locked script;
    script->block_sizes = std::move(sizes);
    script->always_those_sizes = always;
    for (const auto& stream : engine().streams) stream->pattern = 0;
}
void Scope::null_input(std::size_t calls) {
    const Locked script;
    script->null_inputs = calls;
    for (const auto& stream : engine().streams) stream->null_inputs = stream->calls + calls;
}
void Scope::status(PaStreamCallbackFlags flags, std::size_t call) {
    const Locked script;
    script->status[call] |= flags;
    for (const auto& stream : engine().streams) stream->status[stream->calls + call] |= flags;
}
void Scope::xrun(std::size_t frames) {
    if (frames == 0) throw std::invalid_argument("portspan::mock: an xrun of 0 frames");
    const Locked script;
    for (const auto& stream : engine().streams) {
        stream->lost_frames += frames;
        stream->overflowed = stream->underflowed = true;
    }
}
void Scope::times(std::function<void(PaStreamCallbackTimeInfo&)> change) {
    Locked()->change_times = scripted(std::move(change));
}
void Scope::call_while_closing(bool on) { Locked()->calls_while_closing = on; }
void Scope::cpu_load(double load) { Locked()->load = load; }

void Scope::lose_device(std::size_t stream, Loss loss) {
    Locked script;
    engine().lose(script.lock, stream_at(script, stream), loss);
}
void Scope::fail(std::string_view function, PaError code, std::size_t nth, std::size_t times) {
    Locked()->faults.push_back({checked(function), code, nth, times});
}
void Scope::intercept(std::function<std::optional<PaError>(std::string_view)> decide) {
    Locked()->intercept = scripted(std::move(decide));
}
void Scope::host_error(PaHostApiTypeId type, long code, std::string text) {
    const Locked script;
    engine().set_host_error(type, code, std::move(text));
}

std::vector<Call> Scope::calls() const {
    const Locked script;
    return engine().calls;
}
std::size_t Scope::calls(std::string_view function) const {
    const std::string name = checked(function);
    const Locked script;
    return static_cast<std::size_t>(std::ranges::count(engine().calls, name, &Call::function));
}
void Scope::record_calls(bool on) { Locked()->recording_calls = on; }
int Scope::initialized() const {
    const Locked script;
    return engine().initializations;
}
std::size_t Scope::streams() const {
    const Locked script;
    return engine().streams.size();
}
std::size_t Scope::open_streams() const {
    const Locked script;
    return static_cast<std::size_t>(
        std::ranges::count_if(engine().streams, [](const auto& stream) { return stream->open; }));
}
Opened Scope::opened(std::size_t stream) const {
    const Locked script;
    return stream_at(script, stream).opened;
}

}  // namespace portspan::mock
