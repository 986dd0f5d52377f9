// SPDX-License-Identifier: MIT
#include "engine.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <thread>
#include <utility>

#include "blocking_stream.hpp"
#include "callback_stream.hpp"
#include "sound_card.hpp"
#include "validation.hpp"

namespace portspan::mock {

namespace {

// Late enough that no time which a callback is told is 0, which means that there is none.
constexpr double first_second = 1;
// More than any device has; buffers are made for all of them.
constexpr std::size_t most_channels = std::size_t{1} << 16;
// Handles are numbers that no stream has had before, and no addresses of anything: one that a
// program kept from an earlier test is found out.
constexpr std::uintptr_t first_handle = 0x10;
constexpr std::uintptr_t handle_step = 0x10;

double latency_of(const std::optional<PaStreamParameters>& direction) {
    const double latency = direction ? direction->suggestedLatency : 0;
    return std::isfinite(latency) && latency > 0 ? latency : 0;
}

/// The last call of a stream's callback that a host makes while the stream is closed.
class Racer {
public:
    Racer(Engine& engine, Stream& stream)
        : thread_{[&] {
              try {
                  Lock lock = engine.gate.lock();
                  engine.gate.wait_for_callback(lock, stream);
                  call(engine, lock, stream, 8);
              } catch (...) {
                  thrown_ = std::current_exception();
              }
          }} {}
    /// Without the lock.
    std::exception_ptr join() {
        thread_.join();
        return std::exchange(thrown_, nullptr);
    }

private:
    std::exception_ptr thrown_;
    std::thread thread_;
};

}  // namespace

PaTime time_of(const Stream& stream) {
    return first_second + static_cast<double>(stream.position) / stream.opened.sample_rate;
}

Engine& Engine::instance() {
    // Never destroyed: a program may close its streams in destructors of its own statics.
    static Engine& engine = *new Engine;
    return engine;
}

void Engine::reset(Script next) {
    const auto end_all = [this] {
        for (const auto& stream : streams) {
            stream->finished = nullptr;  // what it would be given may be gone with the test
            stream->ending = false;
            stream->active = false;
        }
        initializations = 0;  // nobody starts or opens another one
        gate.notify();
    };
    {
        // Before the clock: its thread may wait for one of them.
        const Lock lock = gate.lock();
        resetting_ = true;
        end_all();
    }
    clock.halt();
    Lock lock = gate.lock();
    end_all();
    // Threads of the program's that are inside the mock hold on to their streams.
    gate.wait(lock, [&] {
        return gate.waiting() == 1 &&
               std::ranges::none_of(streams, [](const auto& stream) { return stream->calling; });
    });
    handles_ += streams.size();
    streams.clear();
    calls.clear();
    std::swap(script, next);  // what its functions hold may use the mock: it ends without the lock
    set_host_error(-1, 0, {});  // as PortAudio begins: a value that the enumeration does not have
    jack_client_name = "PortAudio";
    resetting_ = false;
    gate.notify();
}

// The library

PaError Engine::initialize(Lock& lock) {
    if (resetting_ && gate.is_inside()) return paInternalError;  // which waits for this thread
    gate.idle(lock, [this] { return !resetting_; });
    if (initializations == 0) {
        for (const HostApi& api : script.machine.host_apis) {
            if (api.initialization != paNoError) return api.initialization;
        }
        found_ = std::make_unique<Found>(script.machine);
        open_jack_client_name = jack_client_name;
        ++session_;
    }
    ++initializations;
    return paNoError;
}

PaError Engine::terminate(Lock& lock) {
    if (initializations == 0) return paNotInitialized;
    // While a stream is closed others may terminate and initialise.
    const auto is_over = [this, session = session_] {
        return initializations == 0 || session_ != session;
    };
    PaError result = paNoError;
    std::exception_ptr thrown;
    if (initializations == 1) {
        // By index: another thread may open a stream.
        for (std::size_t i = 0; i < streams.size() && !is_over(); ++i) {
            Stream& stream = *streams[i];
            // One that could not be closed is forgotten: nobody ends it any more.
            if (!stream.open) continue;
            if (stream.is_called_by_this_thread()) {
                stream.open = false;
                stream.terminated = true;
            }
            try {
                // A bad pointer: another thread has closed it meanwhile.
                const PaError error = close(lock, stream);
                if (error != paNoError && error != paBadStreamPtr) result = error;
            } catch (...) {
                thrown = std::current_exception();
            }
        }
    }
    if (!is_over()) --initializations;
    if (thrown) std::rethrow_exception(thrown);
    return result;
}

void Engine::set_host_error(int type, long code, std::string text) {
    const auto [place, is_new] = host_errors_.try_emplace({type, code, std::move(text)});
    auto& [words, error] = *place;
    if (is_new) {
        error = {{}, code, std::get<std::string>(words).c_str()};
        std::memcpy(&error.hostApiType, &type, sizeof type);
    }
    host_error = &error;
}

std::optional<PaError> Engine::ordered(Lock& lock, const char* function) {
    std::optional<PaError> code;
    for (Script::Fault& fault : script.faults) {
        if (fault.function != function) continue;
        // Each counts every call, also those that another one answers.
        if (fault.after > 0) {
            --fault.after;
        } else if (fault.times > 0) {
            --fault.times;
            if (!code) code = fault.code;
        }
    }
    if (script.intercept && !code) {
        gate.outside(lock, script.intercept, [&](auto& decide) { code = decide(function); });
    }
    return code;
}

// Streams

PaError Engine::open(Lock& lock, PaStream** handle, Opened opened) try {
    const std::size_t inputs = channels_of(opened.input), outputs = channels_of(opened.output);
    if (std::max(inputs, outputs) > most_channels) return paInsufficientMemory;
    auto stream = std::make_unique<Stream>();
    stream->info = {1, latency_of(opened.input), latency_of(opened.output), opened.sample_rate};
    // Now: who opens a stream with host-specific settings may drop them afterwards.
    stream->host_api = host_api_of(*found_, opened.input ? *opened.input : *opened.output);
    if (script.change_info) {
        gate.outside(lock, script.change_info, [&](auto& change) { change(stream->info); });
        if (!is_initialized()) return paNotInitialized;
    }
    stream->number = streams.size();
    opened.handle =
        reinterpret_cast<PaStream*>(first_handle + (handles_ + stream->number) * handle_step);
    stream->opened = opened;
    stream->null_inputs = script.null_inputs;
    stream->status = script.status;
    if (opened.callback) {
        if (opened.input) stream->input.emplace(opened.input->sampleFormat, inputs);
        if (opened.output) stream->output.emplace(opened.output->sampleFormat, outputs);
    } else {
        if (opened.input) stream->input_queue.emplace(queue_length, inputs);
        if (opened.output) stream->output_queue.emplace(queue_length, outputs);
        stream->device_block.resize(host_block * std::max(inputs, outputs));
    }
    *handle = opened.handle;
    streams.push_back(std::move(stream));
    return paNoError;
} catch (const std::bad_alloc&) {
    return paInsufficientMemory;
}

Stream* Engine::find(PaStream* handle) const {
    const auto value = reinterpret_cast<std::uintptr_t>(handle) - first_handle;
    const std::size_t number = value / handle_step - handles_;
    if (value % handle_step != 0 || number >= streams.size()) return nullptr;
    Stream& stream = *streams[number];
    return stream.open ? &stream : nullptr;
}

void Engine::start(Stream& stream) {
    clock.has_work();
    stream.stopped = false;
    stream.active = true;
    stream.pending = 0;
    stream.owed = 0;
    stream.draining.reset();
    stream.overflowed = stream.underflowed = stream.lost_frames > 0;
    stream.written = false;
    for (auto* queue : {&stream.input_queue, &stream.output_queue}) {
        if (*queue) (*queue)->drop((*queue)->frames());
    }
    gate.notify();  // the clock stands while nothing runs
}

bool Engine::is_inside_a_callback() const {
    return std::ranges::any_of(
        streams, [](const auto& stream) { return stream->is_called_by_this_thread(); });
}

bool Engine::is_to_be_ended_by_itself(const Stream& stream) {
    // Real back ends abort the process or hang here.
    if (!stream.is_called_by_this_thread()) return false;
    set_host_error(paInDevelopment, -1, "the stream was to be ended by its own callback");
    return true;
}

PaError Engine::end(Lock& lock, Stream& stream, bool drain) {
    if (is_to_be_ended_by_itself(stream)) return paUnanticipatedHostError;
    const bool was_active = std::exchange(stream.active, false);
    if (was_active) {
        stream.ending = true;
    } else {
        // Somebody else is ending it: its finished callback comes before this call's return.
        gate.wait(lock, [&] { return !stream.ending; });
    }
    gate.notify();
    gate.wait_for_callback(lock, stream);
    // Another thread may have stopped it meanwhile, and a third one started it again.
    if (!was_active && (stream.stopped || stream.active)) return paNoError;
    // After the finished callback, as PortAudio does it; also where that throws.
    struct Stopped {
        Engine& engine;
        Stream& stream;
        ~Stopped() {
            stream.stopped = true;
            stream.ending = false;
            engine.gate.notify();
        }
    };
    const Stopped stopped{*this, stream};
    std::exception_ptr thrown;
    if (stream.output_queue && drain && !stream.lost) {
        try {
            pass_time(*this, lock, stream, stream.output_queue->frames());
        } catch (...) {
            thrown = std::current_exception();
        }
    }
    if (stream.output_queue) stream.output_queue->drop(stream.output_queue->frames());
    if (was_active) become_inactive(lock, stream);
    if (thrown) std::rethrow_exception(thrown);
    return paNoError;
}

PaError Engine::close(Lock& lock, Stream& stream) {
    if (is_to_be_ended_by_itself(stream)) return paUnanticipatedHostError;
    if (stream.closing) {
        gate.wait(lock, [&] { return !stream.closing; });
        return paBadStreamPtr;
    }
    stream.closing = true;
    const bool races =
        script.calls_while_closing && stream.open && stream.opened.callback && !stream.lost;
    std::optional<Racer> racer;
    // What the program's functions throw comes out when the stream is closed.
    std::exception_ptr thrown;
    try {
        if (races) racer.emplace(*this, stream);
        if (!stream.stopped) end(lock, stream, false);
    } catch (...) {
        thrown = std::current_exception();
    }
    if (racer) {
        std::exception_ptr its;
        gate.outside(lock, [&] { its = racer->join(); });
        if (!thrown) thrown = its;
    }
    stream.open = false;
    gate.wait_for_callback(lock, stream);
    try {
        if (stream.opened.output) play(*this, lock, stream, {});
    } catch (...) {
        if (!thrown) thrown = std::current_exception();
    }
    // A program may open a stream for each sound that it plays.
    stream.input.reset();
    stream.output.reset();
    stream.input_queue.reset();
    stream.output_queue.reset();
    stream.device_block = {};
    stream.closing = false;
    gate.notify();
    if (thrown) std::rethrow_exception(thrown);
    return paNoError;
}

void Engine::lose(Lock& lock, Stream& stream, Loss loss) {
    // What is gone for good does not fall silent afterwards.
    stream.lost = stream.lost ? std::max(*stream.lost, loss) : loss;
    if (loss == Loss::error) set_host_error(paInDevelopment, -1, "the device is gone");
    if (loss == Loss::silence || !stream.active) return;
    // It ends when that returns; two callbacks must not wait for each other.
    if (stream.calling && gate.is_inside()) return;
    stream.active = false;
    stream.ending = true;
    gate.notify();
    gate.wait_for_callback(lock, stream);
    become_inactive(lock, stream);
}

void Engine::end_if_lost(Lock& lock, Stream& stream) {
    if (stream.active && stream.has_to_end()) become_inactive(lock, stream);
}

void Engine::become_inactive(Lock& lock, Stream& stream) {
    stream.active = stream.ending = false;
    gate.notify();
    if (!stream.finished) return;
    gate.call_out(lock, stream,
                  [&stream, finished = stream.finished] { finished(stream.opened.user_data); });
}

}  // namespace portspan::mock
