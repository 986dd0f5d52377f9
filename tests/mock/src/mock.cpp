// SPDX-License-Identifier: MIT
// The script's side of the mock.
#include <portspan/mock.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "answer.hpp"

namespace portspan::mock {

namespace {

/// The script, for one statement or as long as the name lives.
struct Locked {
    Lock lock = engine().gate.lock();
    Script* operator->() const { return &engine().script; }
};

Stream& stream_at(const Locked&, std::size_t stream) {
    const auto& streams = engine().streams;
    if (stream < streams.size()) return *streams[stream];
    throw std::out_of_range("portspan::mock: the program has opened " +
                            std::to_string(streams.size()) + " streams, there is no number " +
                            std::to_string(stream));
}

// Hours of audio; more is a negative number.
constexpr std::size_t most_lost_frames = std::size_t{1} << 30;

std::atomic<bool> a_scope_lives{false};

/// Sets a function of the script's; an empty one takes it away.
template <class F>
void set(Scripted<F> Script::* place, std::function<F> function) {
    // Holds the old one in the end, which is let go of without the lock: what it holds may use the
    // mock.
    Scripted<F> other;
    if (function) other = std::make_shared<const std::function<F>>(std::move(function));
    const Locked script;
    std::swap(engine().script.*place, other);
}

/// std::invalid_argument for what no device has; 0 Hz is what PortAudio says where it knows none.
void check_device(const Device& device) {
    const auto refuse = [&](const std::string& what) {
        throw std::invalid_argument("portspan::mock: \"" + device.name + "\" with " + what);
    };
    for (const int channels : {device.max_input_channels, device.max_output_channels}) {
        if (channels < 0) refuse(std::to_string(channels) + " channels");
    }
    const double rate = device.default_sample_rate;
    if (!(rate >= 0 && std::isfinite(rate))) {
        refuse("a default sample rate of " + std::to_string(rate));
    }
}

/// The same, unless the defaults are devices that it has, too.
Machine checked(Machine machine) {
    for (const HostApi& api : machine.host_apis) {
        std::ranges::for_each(api.devices, check_device);
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
std::string known(std::string_view function) {
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

/// std::logic_error: it waits until what the mock calls has returned.
void refuse_inside(const char* what) {
    if (!Gate::is_inside()) return;
    throw std::logic_error(std::string{"portspan::mock: "} + what + " inside a callback");
}
/// The same, but for functions that belong to no stream.
void refuse_inside_a_callback(const char* what) {
    const Lock lock = engine().gate.lock();
    if (!engine().is_inside_a_callback()) return;
    throw std::logic_error(std::string{"portspan::mock: "} + what + " inside a callback");
}

}  // namespace

Scope::Scope(Machine machine) {
    refuse_inside("a Scope");
    Script script;
    script.machine = checked(std::move(machine));
    if (a_scope_lives.exchange(true)) {
        throw std::logic_error("portspan::mock: one Scope at a time");
    }
    engine().reset(std::move(script));
}
Scope::~Scope() {
    // Ends the program with this for a message; it would wait for itself.
    refuse_inside("the end of a Scope");
    engine().reset({});
    a_scope_lives = false;
}

void Scope::machine(Machine machine) { Locked()->machine = checked(std::move(machine)); }

void Scope::feed(std::span<const float> samples) {
    const Locked script;
    script->fed.insert(script->fed.end(), samples.begin(), samples.end());
}
void Scope::feed(std::function<float(std::size_t, std::size_t)> signal) {
    set(&Script::signal, std::move(signal));
}
std::vector<float> Scope::captured(std::size_t stream) const {
    const Locked script;
    return stream_at(script, stream).captured;
}
void Scope::capture(bool on) { Locked()->capturing = on; }
void Scope::listen(std::function<void(std::size_t, std::span<const float>)> listener) {
    set(&Script::listener, std::move(listener));
}

void Scope::pump(std::size_t frames) {
    refuse_inside_a_callback("pump()");
    engine().clock.pump(frames);
}
void Scope::pump_on_thread(std::size_t frames) {
    refuse_inside_a_callback("pump_on_thread()");
    std::exception_ptr failure;
    std::thread{[&] {
        try {
            engine().clock.pump(frames);
        } catch (...) {
            failure = std::current_exception();
        }
    }}.join();
    if (failure) std::rethrow_exception(failure);
}
void Scope::run(double speed) {
    refuse_inside_a_callback("run()");
    engine().clock.run(speed);
}
void Scope::halt() {
    refuse_inside_a_callback("halt()");
    engine().clock.halt();
}

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
    for (const auto& stream : engine().streams) {
        constexpr std::size_t always = std::numeric_limits<std::size_t>::max();
        stream->null_inputs = calls < always - stream->calls ? stream->calls + calls : always;
    }
}
void Scope::status(PaStreamCallbackFlags flags, std::size_t call) {
    const Locked script;
    script->status[call] |= flags;
    for (const auto& stream : engine().streams) stream->status[stream->calls + call] |= flags;
}
void Scope::xrun(std::size_t frames) {
    if (frames == 0 || frames > most_lost_frames) {
        throw std::invalid_argument("portspan::mock: an xrun of " + std::to_string(frames) +
                                    " frames");
    }
    const Locked script;
    for (const auto& stream : engine().streams) {
        stream->lost_frames += frames;
        stream->overflowed = stream->underflowed = true;
    }
}
void Scope::times(std::function<void(PaStreamCallbackTimeInfo&)> change) {
    set(&Script::change_times, std::move(change));
}
void Scope::info(std::function<void(PaStreamInfo&)> change) {
    set(&Script::change_info, std::move(change));
}
void Scope::drain(std::size_t frames) { Locked()->drain = frames; }
void Scope::call_while_closing(bool on) { Locked()->calls_while_closing = on; }
void Scope::cpu_load(double load) {
    if (!(load >= 0)) {
        throw std::invalid_argument("portspan::mock: a load of " + std::to_string(load));
    }
    Locked()->load = load;
}

void Scope::lose_device(std::size_t stream, Loss loss) {
    Locked script;
    engine().lose(script.lock, stream_at(script, stream), loss);
}
void Scope::fail(std::string_view function, PaError code, std::size_t nth, std::size_t times) {
    Locked()->faults.push_back({known(function), code, nth, times});
}
void Scope::intercept(std::function<std::optional<PaError>(std::string_view)> decide) {
    set(&Script::intercept, std::move(decide));
}
void Scope::host_error(int type, long code, std::string text) {
    const Locked script;
    engine().set_host_error(type, code, std::move(text));
}

std::vector<std::string> Scope::unused_faults() const {
    const Locked script;
    std::vector<std::string> functions;
    for (const Script::Fault& fault : script->faults) {
        if (fault.times > 0) functions.push_back(fault.function);
    }
    return functions;
}

std::vector<Call> Scope::calls() const {
    const Locked script;
    return engine().calls;
}
std::size_t Scope::calls(std::string_view function) const {
    const std::string name = known(function);
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
std::optional<int> Scope::last_result(std::size_t stream) const {
    const Locked script;
    return stream_at(script, stream).result;
}

}  // namespace portspan::mock
