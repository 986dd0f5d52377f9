// SPDX-License-Identifier: MIT
#include "engine.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include "convert.hpp"

namespace portspan::mock {

namespace {

// What a blocking stream holds between the device and the program.
constexpr std::size_t blocking_capacity = 4096;
// What a host without an opinion uses.
constexpr std::size_t host_block = 256;

PaSampleFormat format_of(const std::optional<PaStreamParameters>& direction) {
    return direction ? direction->sampleFormat : paFloat32;
}

/// Room for `frames` frames and, where the layout wants it, a pointer to each channel's part.
void* make_room(std::vector<std::byte>& memory, std::vector<void*>& planes, PaSampleFormat format,
                std::size_t frames, std::size_t channels) {
    const std::size_t plane = frames * bytes_per_sample(format);
    if (memory.size() < plane * channels) memory.resize(plane * channels);
    if (!(format & paNonInterleaved)) return memory.data();
    planes.resize(channels);
    for (std::size_t c = 0; c < channels; ++c) planes[c] = memory.data() + c * plane;
    return planes.data();
}

/// Interleaved device samples into a callback's buffer of either layout.
void fill(void* buffer, PaSampleFormat format, const float* samples, std::size_t frames,
          std::size_t channels) {
    if (!(format & paNonInterleaved)) {
        return from_floats(samples, 1, format, buffer, frames * channels);
    }
    for (std::size_t c = 0; c < channels; ++c) {
        from_floats(samples + c, channels, format, static_cast<void* const*>(buffer)[c], frames);
    }
}

/// The reverse.
void take(const void* buffer, PaSampleFormat format, float* samples, std::size_t frames,
          std::size_t channels) {
    if (!(format & paNonInterleaved)) {
        return to_floats(buffer, format, samples, 1, frames * channels);
    }
    for (std::size_t c = 0; c < channels; ++c) {
        to_floats(static_cast<void* const*>(buffer)[c], format, samples + c, channels, frames);
    }
}

}  // namespace

Engine& Engine::instance() {
    // Never destroyed: a program may close its streams in destructors of its own statics.
    static Engine& engine = *new Engine;
    return engine;
}

void Engine::reset(Machine next) {
    halt();
    Lock lock{mutex};
    for (auto& stream : streams) {
        if (stream->open) close(lock, *stream);
    }
    streams.clear();
    initializations = 0;
    next_machine_ = std::move(next);
    fed.clear();
    signal = nullptr;
    capturing = true;
    block_sizes.clear();
    always_those_sizes = false;
    null_inputs = 0;
    ordered_flags.clear();
    lost_frames = 0;
    change_times = nullptr;
    calls_while_closing = false;
    load = 0;
    faults.clear();
    host_error_text.clear();
    host_error = {paInDevelopment, 0, host_error_text.c_str()};
    calls.clear();
}

PaError Engine::initialize() {
    if (initializations > 0) return ++initializations, paNoError;
    machine = next_machine_;
    for (const HostApi& api : machine.host_apis) {
        if (api.initialization != paNoError) return api.initialization;
    }
    host_infos.clear();
    device_infos.clear();
    default_host_api = -1;
    for (const HostApi& api : machine.host_apis) {
        const int base = device_count();
        const auto global = [base](const std::optional<int>& place) {
            return place ? base + *place : paNoDevice;
        };
        if (default_host_api < 0 && (api.default_input || api.default_output)) {
            default_host_api = static_cast<int>(host_infos.size());
        }
        for (const Device& device : api.devices) {
            device_infos.push_back({2, device.name.c_str(), static_cast<int>(host_infos.size()),
                                    device.max_input_channels, device.max_output_channels,
                                    device.low_input_latency, device.low_output_latency,
                                    device.high_input_latency, device.high_output_latency,
                                    device.default_sample_rate});
        }
        host_infos.push_back({1, api.type, api.name.c_str(), static_cast<int>(api.devices.size()),
                              global(api.default_input), global(api.default_output)});
    }
    if (default_host_api < 0) default_host_api = 0;
    ++initializations;
    return paNoError;
}

PaError Engine::terminate() {
    if (initializations == 0) return paNotInitialized;
    if (--initializations > 0) return paNoError;
    Lock lock{mutex};
    for (auto& stream : streams) {
        if (stream->open) close(lock, *stream);
    }
    return paNoError;
}

std::optional<Engine::Place> Engine::find(PaDeviceIndex index) const {
    if (index < 0) return std::nullopt;
    for (std::size_t api = 0; api < machine.host_apis.size(); ++api) {
        const auto& devices = machine.host_apis[api].devices;
        if (static_cast<std::size_t>(index) < devices.size()) {
            return Place{&devices[static_cast<std::size_t>(index)], static_cast<int>(api)};
        }
        index -= static_cast<int>(devices.size());
    }
    return std::nullopt;
}

PaError Engine::validate(const PaStreamParameters* input, const PaStreamParameters* output,
                         double sample_rate, unsigned long frames_per_buffer, PaStreamFlags flags,
                         const void* callback) const {
    if (!input && !output) return paInvalidDevice;
    int host_apis[2] = {-1, -1};
    const PaStreamParameters* directions[2] = {input, output};
    for (int i = 0; i < 2; ++i) {
        const PaStreamParameters* direction = directions[i];
        if (!direction) continue;
        const auto* info = static_cast<const HostInfoHead*>(direction->hostApiSpecificStreamInfo);
        if (direction->device == paUseHostApiSpecificDeviceSpecification) {
            if (!info) return paInvalidDevice;
            for (std::size_t api = 0; api < host_infos.size(); ++api) {
                if (host_infos[api].type == info->type) host_apis[i] = static_cast<int>(api);
            }
            if (host_apis[i] < 0) return paInvalidDevice;
            continue;
        }
        const auto place = find(direction->device);
        if (!place) return paInvalidDevice;
        host_apis[i] = place->host_api;
        if (direction->channelCount <= 0) return paInvalidChannelCount;
        const bool custom = (direction->sampleFormat & ~paNonInterleaved) == paCustomFormat;
        if (!custom && bytes_per_sample(direction->sampleFormat) == 0) {
            return paSampleFormatNotSupported;
        }
        if (info && info->type != host_infos[static_cast<std::size_t>(host_apis[i])].type) {
            return paIncompatibleHostApiSpecificStreamInfo;
        }
    }
    if (input && output && host_apis[0] != host_apis[1]) return paBadIODeviceCombination;
    if (sample_rate < 1000.0 || sample_rate > 384000.0) return paInvalidSampleRate;
    constexpr PaStreamFlags known = paClipOff | paDitherOff | paNeverDropInput |
                                    paPrimeOutputBuffersUsingStreamCallback |
                                    paPlatformSpecificFlags;
    if (flags & ~known) return paInvalidFlag;
    if ((flags & paNeverDropInput) &&
        (!callback || !input || !output || frames_per_buffer != paFramesPerBufferUnspecified)) {
        return paInvalidFlag;
    }
    return paNoError;
}

PaError Engine::device_refuses(const PaStreamParameters* input, const PaStreamParameters* output,
                               double sample_rate) const {
    for (const PaStreamParameters* direction : {input, output}) {
        if (!direction) continue;
        const auto place = find(direction->device);
        if (!place) return paInvalidDevice;  // a device by its host's own name: the mock has none
        if ((direction->sampleFormat & ~paNonInterleaved) == paCustomFormat) {
            return paSampleFormatNotSupported;
        }
        const int most = direction == input ? place->device->max_input_channels
                                            : place->device->max_output_channels;
        if (direction->channelCount > most) return paInvalidChannelCount;
    }
    for (const PaStreamParameters* direction : {input, output}) {
        if (!direction) continue;
        const auto& rates = find(direction->device)->device->sample_rates;
        if (!rates.empty() && std::ranges::find(rates, sample_rate) == rates.end()) {
            return paInvalidSampleRate;
        }
    }
    return paNoError;
}

PaError Engine::open(PaStream** handle, Opened opened) {
    auto stream = std::make_unique<Stream>();
    stream->opened = opened;
    stream->opened.handle = stream.get();
    const auto latency = [](const std::optional<PaStreamParameters>& direction) {
        return direction ? std::max(direction->suggestedLatency, 0.0) : 0;
    };
    if (opened.input) stream->input_channels = static_cast<std::size_t>(opened.input->channelCount);
    if (opened.output) {
        stream->output_channels = static_cast<std::size_t>(opened.output->channelCount);
    }
    stream->info = {1, latency(opened.input), latency(opened.output), opened.sample_rate};
    *handle = stream.get();
    streams.push_back(std::move(stream));
    return paNoError;
}

Stream* Engine::find(PaStream* handle) const {
    for (const auto& stream : streams) {
        if (stream.get() == handle && stream->open) return stream.get();
    }
    return nullptr;
}

PaError Engine::start(Stream& stream) {
    stream.stopped = false;
    stream.active = true;
    stream.pending = 0;
    return paNoError;
}

void Engine::wait_for_callback(Lock& lock, Stream& stream) {
    ++waiting_;
    callback_returned_.wait(lock, [&] { return !stream.calling; });
    --waiting_;
}

PaError Engine::end(Lock& lock, Stream& stream) {
    if (stream.calling && stream.caller == std::this_thread::get_id()) {
        // Real back ends abort the process or hang here.
        host_error_text = "the stream was to be ended by its own callback";
        host_error = {paInDevelopment, -1, host_error_text.c_str()};
        return paUnanticipatedHostError;
    }
    const bool was_active = stream.active;
    stream.active = false;
    wait_for_callback(lock, stream);
    stream.stopped = true;
    if (was_active) become_inactive(lock, stream);
    return paNoError;
}

PaError Engine::close(Lock& lock, Stream& stream) {
    if (calls_while_closing && stream.opened.callback && !stream.stopped) call(lock, stream, 8);
    const PaError error = stream.stopped ? PaError{paNoError} : end(lock, stream);
    stream.open = false;
    return error;
}

void Engine::become_inactive(Lock& lock, Stream& stream) {
    stream.active = false;
    if (!stream.finished) return;
    lock.unlock();
    stream.finished(stream.opened.user_data);
    lock.lock();
}

void Engine::lose(Lock& lock, Stream& stream, Loss loss) {
    stream.lost = loss;
    if (loss == Loss::error) {
        host_error_text = "the device is gone";
        host_error = {paInDevelopment, -1, host_error_text.c_str()};
    }
    if (loss == Loss::silence || !stream.active) return;
    stream.active = false;
    wait_for_callback(lock, stream);
    become_inactive(lock, stream);
}

void Engine::read_input(std::size_t frame, std::size_t channels, std::span<float> to) const {
    if (signal) {
        for (std::size_t i = 0; i < to.size(); ++i) {
            to[i] = signal(frame + i / channels, i % channels);
        }
        return;
    }
    const std::size_t first = std::min(frame * channels, fed.size());
    const std::size_t there = std::min(to.size(), fed.size() - first);
    std::copy_n(fed.data() + first, there, to.data());
    std::ranges::fill(to.subspan(there), 0.0f);
}

std::size_t Engine::next_block(Stream& stream, std::size_t frames) const {
    const unsigned long asked = stream.opened.frames_per_buffer;
    if (!block_sizes.empty() && (asked == 0 || always_those_sizes)) {
        return block_sizes[stream.pattern % block_sizes.size()];
    }
    return asked != 0 ? asked : std::min(frames, host_block);
}

void Engine::pump(std::size_t frames) {
    Lock lock{mutex};
    for (std::size_t i = 0; i < streams.size(); ++i) {
        Stream& stream = *streams[i];
        if (!stream.open || !stream.active || stream.lost) continue;
        if (stream.opened.callback) {
            process(lock, stream, frames);
        } else {
            pass_time(stream, frames);
        }
    }
}

void Engine::process(Lock& lock, Stream& stream, std::size_t frames) {
    stream.pending += frames;
    while (stream.active && stream.pending > 0) {
        const std::size_t block = next_block(stream, stream.pending);
        if (block == 0 || block > stream.pending) return;
        stream.pending -= block;
        ++stream.pattern;
        if (!call(lock, stream, block)) return;
    }
}

bool Engine::call(Lock& lock, Stream& stream, std::size_t frames) {
    const Opened& opened = stream.opened;
    const PaSampleFormat in_format = format_of(opened.input);
    const PaSampleFormat out_format = format_of(opened.output);
    PaStreamCallbackFlags flags = 0;
    if (const auto found = ordered_flags.find(stream.calls); found != ordered_flags.end()) {
        flags = found->second;
    }
    if (lost_frames > 0) {
        flags |= (opened.input ? paInputOverflow : 0) | (opened.output ? paOutputUnderflow : 0);
        stream.position += std::exchange(lost_frames, 0);
    }

    void* input = nullptr;
    if (opened.input && stream.calls >= null_inputs) {
        input = make_room(stream.input_memory, stream.input_planes, in_format, frames,
                          stream.input_channels);
        stream.device_input.resize(frames * stream.input_channels);
        read_input(stream.position, stream.input_channels, stream.device_input);
        fill(input, in_format, stream.device_input.data(), frames, stream.input_channels);
    }
    void* output = nullptr;
    if (opened.output) {
        output = make_room(stream.output_memory, stream.output_planes, out_format, frames,
                           stream.output_channels);
        // Old memory, as a device has it: who does not write it hears it.
        std::memset(stream.output_memory.data(), 0x55,
                    frames * stream.output_channels * bytes_per_sample(out_format));
    }
    const double now = static_cast<double>(stream.position) / opened.sample_rate;
    PaStreamCallbackTimeInfo times{opened.input ? now - stream.info.inputLatency : 0, now,
                                   opened.output ? now + stream.info.outputLatency : 0};
    if (change_times) change_times(times);

    ++stream.calls;
    stream.calling = true;
    stream.caller = std::this_thread::get_id();
    lock.unlock();
    const int result = opened.callback(input, output, static_cast<unsigned long>(frames), &times,
                                       flags, opened.user_data);
    lock.lock();
    stream.calling = false;
    if (waiting_ > 0) callback_returned_.notify_all();

    stream.position += frames;
    if (opened.output && capturing && result != paAbort) {
        const std::size_t before = stream.captured.size();
        stream.captured.resize(before + frames * stream.output_channels);
        take(output, out_format, stream.captured.data() + before, frames, stream.output_channels);
    }
    if (result == paContinue) return true;
    if (stream.active) become_inactive(lock, stream);
    return false;
}

void Engine::pass_time(Stream& stream, std::size_t frames) {
    for (std::size_t f = 0; f < frames; ++f, ++stream.position) {
        if (stream.input_channels > 0) {
            if (stream.input_waiting.size() >= blocking_capacity * stream.input_channels) {
                stream.overflowed = true;
                for (std::size_t c = 0; c < stream.input_channels; ++c) {
                    stream.input_waiting.pop_front();
                }
            }
            stream.device_input.resize(stream.input_channels);
            read_input(stream.position, stream.input_channels, stream.device_input);
            stream.input_waiting.insert(stream.input_waiting.end(), stream.device_input.begin(),
                                        stream.device_input.end());
        }
        for (std::size_t c = 0; c < stream.output_channels; ++c) {
            float sample = 0;
            if (!stream.output_waiting.empty()) {
                sample = stream.output_waiting.front();
                stream.output_waiting.pop_front();
            } else if (stream.written) {
                stream.underflowed = true;
            }
            if (capturing) stream.captured.push_back(sample);
        }
    }
}

PaError Engine::read(Stream& stream, void* buffer, unsigned long frames) {
    if (stream.opened.callback) return paCanNotReadFromACallbackStream;
    if (!stream.opened.input) return paCanNotReadFromAnOutputOnlyStream;
    const std::size_t count = frames * stream.input_channels;
    std::vector<float> samples;
    while (samples.size() < count) {
        // Waiting is passing time: nobody else moves the clock while this thread waits.
        if (stream.input_waiting.empty()) pass_time(stream, 1);
        samples.push_back(stream.input_waiting.front());
        stream.input_waiting.pop_front();
    }
    fill(buffer, stream.opened.input->sampleFormat, samples.data(), frames, stream.input_channels);
    return std::exchange(stream.overflowed, false) ? paInputOverflowed : paNoError;
}

PaError Engine::write(Stream& stream, const void* buffer, unsigned long frames) {
    if (stream.opened.callback) return paCanNotWriteToACallbackStream;
    if (!stream.opened.output) return paCanNotWriteToAnInputOnlyStream;
    std::vector<float> samples(frames * stream.output_channels);
    take(buffer, stream.opened.output->sampleFormat, samples.data(), frames,
         stream.output_channels);
    stream.written = true;
    for (const float sample : samples) {
        while (stream.output_waiting.size() >= blocking_capacity * stream.output_channels) {
            pass_time(stream, 1);
        }
        stream.output_waiting.push_back(sample);
    }
    return std::exchange(stream.underflowed, false) ? paOutputUnderflowed : paNoError;
}

long Engine::read_available(const Stream& stream) const {
    if (stream.opened.callback) return paCanNotReadFromACallbackStream;
    if (!stream.opened.input) return paCanNotReadFromAnOutputOnlyStream;
    return static_cast<long>(stream.input_waiting.size() / stream.input_channels);
}

long Engine::write_available(const Stream& stream) const {
    if (stream.opened.callback) return paCanNotWriteToACallbackStream;
    if (!stream.opened.output) return paCanNotWriteToAnInputOnlyStream;
    return static_cast<long>(blocking_capacity -
                             stream.output_waiting.size() / stream.output_channels);
}

std::optional<PaError> Engine::ordered(const char* function) {
    for (Fault& fault : faults) {
        if (fault.function != function) continue;
        if (fault.after > 0) {
            --fault.after;
        } else if (fault.times > 0) {
            --fault.times;
            return fault.code;
        }
    }
    return std::nullopt;
}

void Engine::run(double speed) {
    halt();
    ticking_ = true;
    clock_ = std::thread{[this, speed] {
        using Clock = std::chrono::steady_clock;
        constexpr double tick = 0.001;
        auto next = Clock::now();
        double owed = 0;
        while (ticking_) {
            double rate = 48000;
            {
                const Lock lock{mutex};
                for (const auto& stream : streams) {
                    if (stream->open) rate = stream->opened.sample_rate;
                }
            }
            owed += rate * tick * speed;
            const auto frames = static_cast<std::size_t>(owed);
            owed -= static_cast<double>(frames);
            pump(frames);
            next +=
                std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{tick});
            std::this_thread::sleep_until(next);
        }
    }};
}

void Engine::halt() {
    ticking_ = false;
    if (clock_.joinable()) clock_.join();
}

}  // namespace portspan::mock
