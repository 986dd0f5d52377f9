// SPDX-License-Identifier: MIT
// The script's side of the mock.
#include <portspan/mock.hpp>

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <utility>

#include "engine.hpp"

namespace portspan::mock {

namespace {

Engine& engine() { return Engine::instance(); }

struct Locked {
    Engine::Lock lock{engine().mutex};
    Engine* operator->() const { return &engine(); }
};

const Stream& stream_at(const Locked& locked, std::size_t stream) {
    if (stream < locked->streams.size()) return *locked->streams[stream];
    throw std::out_of_range("portspan::mock: the program has opened " +
                            std::to_string(locked->streams.size()) +
                            " streams, there is no number " + std::to_string(stream));
}

}  // namespace

Scope::Scope(Machine machine) { engine().reset(std::move(machine)); }
Scope::~Scope() { engine().reset({}); }

void Scope::machine(Machine machine) {
    Locked { } -> next_machine_ = std::move(machine); }

void Scope::feed(std::span<const float> samples) {
    const Locked locked;
    locked->fed.insert(locked->fed.end(), samples.begin(), samples.end());
}
void Scope::feed(std::function<float(std::size_t, std::size_t)> signal) {
    Locked { } -> signal = std::move(signal); }
std::vector<float> Scope::captured(std::size_t stream) const {
    const Locked locked;
    return stream_at(locked, stream).captured;
}
void Scope::capture(bool on) {
    Locked { } -> capturing = on; }

void Scope::pump(std::size_t frames) { engine().pump(frames); }
void Scope::pump_on_thread(std::size_t frames) {
    std::thread{[frames] { engine().pump(frames); }}.join();
}
void Scope::run(double speed) { engine().run(speed); }
void Scope::halt() { engine().halt(); }

void Scope::blocks(std::vector<unsigned long> sizes, bool always) {
    if (std::ranges::find(sizes, 0ul) != sizes.end()) {
        throw std::invalid_argument("portspan::mock: a block of 0 frames");
    }
    const Locked locked;
    locked->block_sizes = std::move(sizes);
    locked->always_those_sizes = always;
}
void Scope::null_input(std::size_t calls) {
    Locked { } -> null_inputs = calls; }
void Scope::status(PaStreamCallbackFlags flags, std::size_t call) {
    Locked { } -> ordered_flags[call] |= flags; }
void Scope::xrun(std::size_t frames) {
    Locked { } -> lost_frames += frames; }
void Scope::times(std::function<void(PaStreamCallbackTimeInfo&)> change) {
    Locked { } -> change_times = std::move(change); }
void Scope::call_while_closing(bool on) {
    Locked { } -> calls_while_closing = on; }
void Scope::cpu_load(double load) {
    Locked { } -> load = load; }

void Scope::lose_device(std::size_t stream, Loss loss) {
    const Locked locked;
    stream_at(locked, stream);
    engine().lose(const_cast<Engine::Lock&>(locked.lock), *locked->streams[stream], loss);
}
void Scope::fail(std::string_view function, PaError code, std::size_t nth, std::size_t times) {
    Locked { } -> faults.push_back({std::string{function}, code, nth, times}); }
void Scope::host_error(PaHostApiTypeId type, long code, std::string text) {
    const Locked locked;
    locked->host_error_text = std::move(text);
    locked->host_error = {type, code, locked->host_error_text.c_str()};
}

std::vector<Call> Scope::calls() const {
    return Locked { } -> calls; }
std::size_t Scope::calls(std::string_view function) const {
    const Locked locked;
    return static_cast<std::size_t>(std::ranges::count(locked->calls, function, &Call::function));
}
int Scope::initialized() const {
    return Locked { } -> initializations; }
std::size_t Scope::open_streams() const {
    const Locked locked;
    return static_cast<std::size_t>(
        std::ranges::count_if(locked->streams, [](const auto& stream) { return stream->open; }));
}
Opened Scope::opened(std::size_t stream) const {
    const Locked locked;
    return stream_at(locked, stream).opened;
}

}  // namespace portspan::mock
