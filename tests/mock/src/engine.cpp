// SPDX-License-Identifier: MIT
#include "engine.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "validation.hpp"

namespace portspan::mock {

namespace {

// What a blocking stream holds between the device and the program, frames.
constexpr std::size_t queue_length = 4096;
// More than anybody reads or writes at once: a negative count, or one in another unit.
constexpr std::size_t most_frames = std::size_t{1} << 28;
// What a host without an opinion uses, frames.
constexpr std::size_t host_block = 256;
// All streams pass so much time, or a host's block, before the first goes on: what a program hands
// from one to another arrives in time. Seconds.
constexpr double time_step = 0.001;
// Late enough that no time which a callback is told is 0, which means that there is none.
constexpr double first_second = 1;

std::size_t channels_of(const std::optional<PaStreamParameters>& direction) {
    return direction ? static_cast<std::size_t>(direction->channelCount) : 0;
}

double latency_of(const std::optional<PaStreamParameters>& direction) {
    const double latency = direction ? direction->suggestedLatency : 0;
    return std::isfinite(latency) && latency > 0 ? latency : 0;
}

bool is_running(const Stream& stream) { return stream.active && !stream.lost; }

/// What a blocking call answers that waited for a stream which is no longer active.
PaError ended(const Stream& stream) {
    return stream.lost == Loss::error ? paUnanticipatedHostError : paStreamIsStopped;
}

bool is_called_by_this_thread(const Stream& stream) {
    return stream.calling && stream.caller == std::this_thread::get_id();
}

// How many functions of the script's run on this thread; they are called with the lock held.
thread_local int scripted_functions = 0;

/// `use(function)` where the script has set one; by value, because it may set another meanwhile.
template <class F, class Use>
void call_script(Scripted<F> function, Use&& use) {
    struct Inside {
        Inside() { ++scripted_functions; }
        ~Inside() { --scripted_functions; }
    };
    if (!function) return;
    const Inside inside;
    use(*function);
}

}  // namespace

Engine& Engine::instance() {
    // Never destroyed: a program may close its streams in destructors of its own statics.
    static Engine& engine = *new Engine;
    return engine;
}

void Engine::reset(Script next) {
    const std::lock_guard control{clock_control_};
    stop_clock();
    Lock lock{mutex};
    for (const auto& stream : streams) {
        stream->finished = nullptr;  // what it would be given may be gone with the test
        stream->ending = false;
        stream->active = false;
    }
    changed_.notify_all();
    // Threads of the program's that are inside the mock hold on to their streams.
    wait(lock, [&] {
        return waiting_ == 1 &&
               std::ranges::none_of(streams, [](const auto& stream) { return stream->calling; });
    });
    streams.clear();
    calls.clear();
    initializations = 0;
    script = std::move(next);
    set_host_error(paInDevelopment, 0, {});
    // PortAudio begins with -1, a value that the enumeration does not have.
    std::memset(&host_error.hostApiType, 0xff, sizeof host_error.hostApiType);
    jack_client_name = "PortAudio";
}

// The library

PaError Engine::initialize() {
    if (initializations == 0) {
        for (const HostApi& api : script.machine.host_apis) {
            if (api.initialization != paNoError) return api.initialization;
        }
        found_ = std::make_unique<Found>(script.machine);
        open_jack_client_name = jack_client_name;
    }
    ++initializations;
    return paNoError;
}

PaError Engine::terminate(Lock& lock) {
    if (initializations == 0) return paNotInitialized;
    PaError result = paNoError;
    if (initializations == 1) {
        // By index: while a close waits another thread may open a stream.
        for (std::size_t i = 0; i < streams.size(); ++i) {
            // One that could not be closed is forgotten: nobody ends it any more.
            if (!streams[i]->open) continue;
            if (const PaError error = close(lock, *streams[i])) result = error;
        }
    }
    if (initializations > 0) --initializations;  // a finished callback may have terminated, too
    return result;
}

void Engine::set_host_error(PaHostApiTypeId type, long code, std::string text) {
    host_error_text_ = std::move(text);
    host_error = {type, code, host_error_text_.c_str()};
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
    if (const auto decide = script.intercept; decide && !code) {
        // Not locked: it is a call of the program's that is about to begin, nothing has happened.
        lock.unlock();
        code = (*decide)(function);
        lock.lock();
    }
    return code;
}

// Streams

void Engine::open(PaStream** handle, Opened opened) {
    auto stream = std::make_unique<Stream>();
    opened.handle = stream.get();
    stream->opened = opened;
    stream->number = streams.size();
    // Now: who opens a stream with host-specific settings may drop them afterwards.
    stream->host_api = host_api_of(*found_, opened.input ? *opened.input : *opened.output);
    stream->info = {1, latency_of(opened.input), latency_of(opened.output), opened.sample_rate};
    stream->null_inputs = script.null_inputs;
    stream->status = script.status;
    const std::size_t inputs = channels_of(opened.input), outputs = channels_of(opened.output);
    if (opened.callback) {
        if (opened.input) stream->input.emplace(opened.input->sampleFormat, inputs);
        if (opened.output) stream->output.emplace(opened.output->sampleFormat, outputs);
    } else {
        if (opened.input) stream->input_queue.emplace(queue_length, inputs);
        if (opened.output) stream->output_queue.emplace(queue_length, outputs);
        stream->device_block.resize(host_block * std::max(inputs, outputs));
    }
    *handle = stream.get();
    streams.push_back(std::move(stream));
}

Stream* Engine::find(PaStream* handle) const {
    for (const auto& stream : streams) {
        if (stream.get() == handle && stream->open) return stream.get();
    }
    return nullptr;
}

PaTime Engine::time_of(const Stream& stream) {
    return first_second + static_cast<double>(stream.position) / stream.opened.sample_rate;
}

void Engine::start(Stream& stream) {
    stream.stopped = false;
    stream.active = true;
    start_clock();
    changed_.notify_all();  // the clock stands while nothing runs
    stream.pending = 0;
    stream.owed = 0;
    stream.overflowed = stream.underflowed = stream.lost_frames > 0;
    stream.written = false;
    if (stream.input_queue) stream.input_queue->drop(stream.input_queue->frames());
}

bool Engine::is_to_be_ended_by_itself(const Stream& stream) {
    // Real back ends abort the process or hang here.
    if (is_called_by_this_thread(stream)) {
        set_host_error(paInDevelopment, -1, "the stream was to be ended by its own callback");
        return true;
    }
    // These run in the middle of the mock's own work.
    if (scripted_functions > 0) {
        set_host_error(paInDevelopment, -1, "the stream was to be ended by a script's function");
        return true;
    }
    return false;
}

PaError Engine::end(Lock& lock, Stream& stream, bool drain) {
    if (is_to_be_ended_by_itself(stream)) return paUnanticipatedHostError;
    const bool was_active = std::exchange(stream.active, false);
    if (was_active) {
        stream.ending = true;
    } else {
        // Somebody else is ending it: its finished callback comes before this call's return.
        wait(lock, [&] { return !stream.ending; });
    }
    changed_.notify_all();
    wait_for_callback(lock, stream);
    if (stream.output_queue) {
        if (drain && !stream.lost) pass_time(stream, stream.output_queue->frames());
        stream.output_queue->drop(stream.output_queue->frames());
    }
    if (was_active) become_inactive(lock, stream);
    stream.stopped = true;  // after the finished callback, as PortAudio does it
    return paNoError;
}

PaError Engine::close(Lock& lock, Stream& stream) {
    if (is_to_be_ended_by_itself(stream)) return paUnanticipatedHostError;
    if (stream.closing) {
        wait(lock, [&] { return !stream.closing; });
        return paBadStreamPtr;
    }
    stream.closing = true;
    std::thread racer;
    if (script.calls_while_closing && stream.open && stream.opened.callback && !stream.lost) {
        racer = std::thread{[&] {
            Lock own{mutex};
            wait_for_callback(own, stream);
            call(own, stream, 8);
        }};
    }
    const PaError error = stream.stopped ? PaError{paNoError} : end(lock, stream, false);
    if (racer.joinable()) {
        ++waiting_;
        lock.unlock();
        racer.join();
        lock.lock();
        --waiting_;
        changed_.notify_all();
    }
    stream.closing = false;
    if (waiting_ > 0) changed_.notify_all();
    if (error != paNoError || !std::exchange(stream.open, false)) return error;
    if (stream.opened.output) {
        call_script(script.listener,
                    [&](auto& hear) { hear(stream.number, std::span<const float>{}); });
    }
    // A program may open a stream for each sound that it plays.
    stream.input.reset();
    stream.output.reset();
    stream.input_queue.reset();
    stream.output_queue.reset();
    stream.device_block = {};
    return error;
}

void Engine::lose(Lock& lock, Stream& stream, Loss loss) {
    stream.lost = loss;
    if (loss == Loss::error) set_host_error(paInDevelopment, -1, "the device is gone");
    if (loss == Loss::silence || !stream.active) return;
    if (is_called_by_this_thread(stream)) return;  // call() ends it when its callback returns
    stream.active = false;
    stream.ending = true;
    changed_.notify_all();
    wait_for_callback(lock, stream);
    become_inactive(lock, stream);
}

template <class F>
void Engine::wait(Lock& lock, F&& until) {
    ++waiting_;
    changed_.wait(lock, until);
    if (--waiting_ > 0) changed_.notify_all();
}

void Engine::wait_for_callback(Lock& lock, Stream& stream) {
    if (stream.calling) wait(lock, [&] { return !stream.calling; });
}

template <class F>
void Engine::call_out(Lock& lock, Stream& stream, F&& f) {
    struct Outside {
        Engine& engine;
        Lock& lock;
        Stream& stream;
        ~Outside() {
            lock.lock();
            stream.calling = false;
            if (engine.waiting_ > 0) engine.changed_.notify_all();
        }
    };
    stream.calling = true;
    stream.caller = std::this_thread::get_id();
    lock.unlock();
    const Outside outside{*this, lock, stream};
    f();
}

void Engine::become_inactive(Lock& lock, Stream& stream) {
    stream.active = stream.ending = false;
    if (waiting_ > 0) changed_.notify_all();
    if (!stream.finished) return;
    call_out(lock, stream,
             [&stream, finished = stream.finished] { finished(stream.opened.user_data); });
}

// Time

template <class F>
void Engine::advance(Lock& lock, F&& frames_of) {
    // By index: a callback may open a stream.
    for (std::size_t i = 0; i < streams.size(); ++i) {
        Stream& stream = *streams[i];
        if (!is_running(stream) || is_called_by_this_thread(stream)) continue;
        const std::size_t frames = frames_of(stream);
        if (stream.opened.callback) {
            process(lock, stream, frames);
        } else {
            pass_time(stream, frames);
        }
    }
    if (waiting_ > 0) changed_.notify_all();
}

void Engine::pass_seconds(Lock& lock, double seconds) {
    for (double i = 0; i * time_step < seconds; ++i) {
        const double step = std::min(time_step, seconds - i * time_step);
        advance(lock, [this, step](Stream& stream) -> std::size_t {
            if (is_unlimited() && !stream.opened.callback) return 0;
            constexpr double rounding = 1e-6;
            stream.owed += step * stream.opened.sample_rate;
            const double whole = std::floor(stream.owed + rounding);
            stream.owed -= whole;
            return static_cast<std::size_t>(whole);
        });
    }
}

bool Engine::is_inside_a_callback() const {
    return std::ranges::any_of(
        streams, [](const auto& stream) { return is_called_by_this_thread(*stream); });
}

void Engine::refuse_inside_a_callback(const char* function) const {
    const Lock lock{mutex};
    if (!is_inside_a_callback() && scripted_functions == 0) return;
    throw std::logic_error(std::string{"portspan::mock: "} + function + " inside a callback");
}

void Engine::pump(std::size_t frames) {
    refuse_inside_a_callback("pump()");
    Lock lock{mutex};
    if (ticking_)
        throw std::logic_error("portspan::mock: pump() while run() pumps; halt() it first");
    while (frames > 0) {
        const std::size_t step = std::min(frames, host_block);
        frames -= step;
        advance(lock, [step](const Stream&) { return step; });
    }
}

void Engine::run(double speed) {
    if (!(speed > 0)) throw std::invalid_argument("portspan::mock: a speed is greater than 0");
    refuse_inside_a_callback("run()");
    const std::lock_guard control{clock_control_};
    stop_clock();
    const Lock lock{mutex};
    speed_ = speed;
    ticking_ = true;
    if (std::ranges::any_of(streams, [](const auto& stream) { return is_running(*stream); })) {
        start_clock();
    }
}

void Engine::start_clock() {
    if (!ticking_ || clock_.joinable()) return;
    clock_ = std::thread{[this, speed = speed_] { keep_time(speed); }};
}

void Engine::keep_time(double speed) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds tick{1}, too_late{100};
    const bool unlimited = std::isinf(speed);
    const double seconds = unlimited ? 0.01 : speed * 0.001;
    const auto has_work = [&] {
        return std::ranges::any_of(streams, [&](const auto& stream) {
            return is_running(*stream) && (stream->opened.callback || !unlimited);
        });
    };
    for (auto next = Clock::now() + tick; ticking_; next += tick) {
        {
            Lock lock{mutex};
            if (!has_work()) {
                changed_.wait(lock, [&] { return !ticking_ || has_work(); });
                next = Clock::now() + tick;
            }
            pass_seconds(lock, seconds);
        }
        if (unlimited) {
            std::this_thread::yield();
        } else {
            // A device does not wait for a machine that cannot keep up.
            next = std::max(next, Clock::now() - too_late);
            std::this_thread::sleep_until(next);
        }
    }
}

void Engine::halt() {
    refuse_inside_a_callback("halt()");
    const std::lock_guard control{clock_control_};
    stop_clock();
}

void Engine::stop_clock() {
    {
        // Under the lock, so that nobody is between looking at the clock and waiting for it.
        const Lock lock{mutex};
        ticking_ = false;
    }
    changed_.notify_all();  // who waits for a device moves the clock now
    if (clock_.joinable()) clock_.join();
}

void Engine::sleep(double seconds) {
    using Seconds = std::chrono::duration<double>;
    {
        Lock lock{mutex};
        struct Goal {
            std::size_t stream;
            PaTime time;
        };
        std::vector<Goal> goals;
        for (const auto& stream : streams) {
            if (is_running(*stream)) goals.push_back({stream->number, time_of(*stream) + seconds});
        }
        const bool waits_for_streams =
            !goals.empty() && !is_inside_a_callback() && scripted_functions == 0;
        if (!ticking_ && waits_for_streams) return pass_seconds(lock, seconds);
        if (is_unlimited() && waits_for_streams) {
            ++waiting_;
            // Never longer than it would be: nobody may read the blocking stream.
            changed_.wait_for(lock, Seconds{seconds}, [&] {
                return std::ranges::all_of(goals, [&](const Goal& goal) {
                    return goal.stream >= streams.size() || !is_running(*streams[goal.stream]) ||
                           time_of(*streams[goal.stream]) >= goal.time;
                });
            });
            --waiting_;
            return;
        }
        if (ticking_) seconds = is_unlimited() ? std::min(seconds, 0.001) : seconds / speed_;
    }
    std::this_thread::sleep_for(Seconds{seconds});
}

// A callback stream

std::size_t Engine::next_block(const Stream& stream) const {
    const unsigned long asked = stream.opened.frames_per_buffer;
    if (!script.block_sizes.empty() && (asked == 0 || script.always_those_sizes)) {
        return script.block_sizes[stream.pattern % script.block_sizes.size()];
    }
    return asked != 0 ? asked : std::min(stream.pending, host_block);
}

void Engine::process(Lock& lock, Stream& stream, std::size_t frames) {
    wait_for_callback(lock, stream);
    stream.pending += frames;
    while (is_running(stream) && stream.pending > 0) {
        const std::size_t block = next_block(stream);
        if (block > stream.pending) return;
        stream.pending -= block;
        ++stream.pattern;
        if (!call(lock, stream, block)) return;
    }
}

bool Engine::call(Lock& lock, Stream& stream, std::size_t frames) {
    const Opened& opened = stream.opened;
    const bool was_running = is_running(stream);
    PaStreamCallbackFlags flags = 0;
    if (!stream.status.empty()) {
        if (const auto due = stream.status.extract(stream.calls)) flags = due.mapped();
    }
    if (stream.lost_frames > 0) {
        flags |= (opened.input ? paInputOverflow : 0) | (opened.output ? paOutputUnderflow : 0);
        skip_input(stream, stream.lost_frames);
        stream.position += std::exchange(stream.lost_frames, 0);
    }
    void* input = nullptr;
    if (stream.input && stream.calls >= stream.null_inputs) {
        read_device(stream, stream.input->channels(), stream.input->device(frames));
        input = stream.input->give(frames);
    } else {
        skip_input(stream, frames);
    }
    void* const output = stream.output ? stream.output->give_old_memory(frames) : nullptr;
    const PaTime now = time_of(stream);
    PaStreamCallbackTimeInfo times{opened.input ? now - stream.info.inputLatency : 0, now,
                                   opened.output ? now + stream.info.outputLatency : 0};
    call_script(script.change_times, [&](auto& change) { change(times); });
    // The script's functions may have pulled out the device.
    if (was_running && !is_running(stream)) return false;

    ++stream.calls;
    int result = paAbort;
    call_out(lock, stream, [&] {
        result = opened.callback(input, output, static_cast<unsigned long>(frames), &times, flags,
                                 opened.user_data);
    });
    stream.position += frames;
    if (output && result != paAbort) play(stream, stream.output->take(frames));
    const bool lost = stream.lost && stream.lost != Loss::silence;  // while its callback ran
    if (result == paContinue && !lost) return true;
    if (stream.active) become_inactive(lock, stream);
    return false;
}

void Engine::read_device(Stream& stream, std::size_t channels, std::span<float> to) {
    if (script.signal) {
        return call_script(script.signal, [&](auto& signal) {
            for (std::size_t i = 0; i < to.size(); ++i) {
                to[i] = signal(stream.position + i / channels, i % channels);
            }
        });
    }
    const std::size_t there = std::min(to.size(), script.fed.size() - stream.fed);
    std::copy_n(script.fed.data() + stream.fed, there, to.data());
    std::ranges::fill(to.subspan(there), 0.0f);
    stream.fed += there;
}

void Engine::skip_input(Stream& stream, std::size_t frames) {
    if (script.signal) return;
    const std::size_t samples = frames * channels_of(stream.opened.input);
    stream.fed = std::min(stream.fed + samples, script.fed.size());
}

void Engine::play(Stream& stream, std::span<const float> samples) {
    if (script.capturing) {
        stream.captured.insert(stream.captured.end(), samples.begin(), samples.end());
    }
    call_script(script.listener, [&](auto& hear) { hear(stream.number, samples); });
}

// A blocking stream

void Engine::pass_time(Stream& stream, std::size_t frames) {
    skip_input(stream, stream.lost_frames);
    stream.position += std::exchange(stream.lost_frames, 0);
    while (frames > 0) {
        const std::size_t block = std::min(frames, host_block);
        frames -= block;
        if (auto& queue = stream.input_queue) {
            const auto samples = std::span{stream.device_block}.first(block * queue->channels());
            read_device(stream, queue->channels(), samples);
            if (block > queue->room()) {
                stream.overflowed = true;
                queue->drop(block - queue->room());
            }
            queue->push(samples);
        }
        if (auto& queue = stream.output_queue) {
            const auto samples = std::span{stream.device_block}.first(block * queue->channels());
            const std::size_t written = queue->pop(samples);
            if (written < block && stream.written) stream.underflowed = true;
            std::ranges::fill(samples.subspan(written * queue->channels()), 0.0f);
            play(stream, samples);
        }
        stream.position += block;
    }
}

bool Engine::wait_for_device(Lock& lock, Stream& stream, std::size_t frames) {
    if (is_running(stream) && (!ticking_ || is_inside_a_callback())) {
        // Nobody else moves the clock while this thread waits.
        pass_seconds(lock, static_cast<double>(frames) / stream.opened.sample_rate);
    } else if (is_running(stream) && is_unlimited()) {
        pass_time(stream, frames);
        if (waiting_ > 0) changed_.notify_all();
    } else if (stream.active) {
        ++waiting_;
        changed_.wait(lock);
        --waiting_;
        if (!stream.active) changed_.notify_all();  // it waits no more
    }
    return stream.active;
}

void Engine::polled(Stream& stream, std::size_t frames) {
    if (!is_running(stream) || !is_unlimited()) return;
    pass_time(stream, std::min(frames, host_block));
    if (waiting_ > 0) changed_.notify_all();
}

PaError Engine::read(Lock& lock, Stream& stream, void* buffer, std::size_t frames) {
    if (stream.opened.callback) return paCanNotReadFromACallbackStream;
    if (!stream.opened.input) return paCanNotReadFromAnOutputOnlyStream;
    if (frames > most_frames) return paBufferTooBig;
    const std::size_t channels = stream.input_queue->channels();
    // Taken away from the stream: another thread may read while this one waits.
    auto samples = std::exchange(stream.read_floats, {});
    samples.resize(frames * channels);
    for (std::size_t done = 0; done < frames;) {
        done += stream.input_queue->pop(std::span{samples}.subspan(done * channels));
        const std::size_t missing = std::min(frames - done, queue_length);
        if (missing > 0 && !wait_for_device(lock, stream, missing)) return ended(stream);
    }
    to_program(samples, stream.opened.input->sampleFormat, channels, buffer);
    stream.read_floats = std::move(samples);
    return std::exchange(stream.overflowed, false) ? paInputOverflowed : paNoError;
}

PaError Engine::write(Lock& lock, Stream& stream, const void* buffer, std::size_t frames) {
    if (stream.opened.callback) return paCanNotWriteToACallbackStream;
    if (!stream.opened.output) return paCanNotWriteToAnInputOnlyStream;
    if (frames > most_frames) return paBufferTooBig;
    const std::size_t channels = stream.output_queue->channels();
    auto samples = std::exchange(stream.write_floats, {});
    samples.resize(frames * channels);
    from_program(buffer, stream.opened.output->sampleFormat, channels, samples);
    for (std::size_t done = 0; done < frames;) {
        done += stream.output_queue->push(std::span{samples}.subspan(done * channels));
        stream.written = true;
        const std::size_t waiting = std::min(frames - done, queue_length);
        if (waiting > 0 && !wait_for_device(lock, stream, waiting)) return ended(stream);
    }
    stream.write_floats = std::move(samples);
    return std::exchange(stream.underflowed, false) ? paOutputUnderflowed : paNoError;
}

}  // namespace portspan::mock
