// SPDX-License-Identifier: MIT
#include "blocking_stream.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sound_card.hpp"

namespace portspan::mock {

namespace {

// More than anybody reads or writes at once: a negative count, or one in another unit.
constexpr std::size_t most_transferred = std::size_t{1} << 28;

/// What the device hears goes to the program's queue.
void fill(Engine& engine, Lock& lock, Stream& stream, std::size_t frames) {
    if (!stream.input_queue) return;
    const std::size_t channels = stream.input_queue->channels();
    const auto samples = std::span{stream.device_block}.first(frames * channels);
    hear(engine, lock, stream, channels, samples);
    FrameQueue& queue = *stream.input_queue;
    if (frames > queue.room()) {
        stream.overflowed = true;
        queue.drop(frames - queue.room());
    }
    queue.push(samples);
}

/// What the program has written is played.
void play_out(Engine& engine, Lock& lock, Stream& stream, std::size_t frames) {
    if (!stream.output_queue) return;
    FrameQueue& queue = *stream.output_queue;
    const auto samples = std::span{stream.device_block}.first(frames * queue.channels());
    const std::size_t written = queue.pop(samples);
    if (written < frames && stream.written) stream.underflowed = true;
    std::ranges::fill(samples.subspan(written * queue.channels()), 0.0f);
    play(engine, lock, stream, samples);
}

/// Returns whether the stream goes on; one whose device has fallen silent lets its program wait.
bool wait_for_device(Engine& engine, Lock& lock, Stream& stream, std::size_t frames) {
    Clock& clock = engine.clock;
    const bool is_inside = engine.is_inside_a_callback();
    if (!stream.is_running()) {
        // Who halts the clock waits for its thread.
        const auto is_halted = [&] { return Clock::is_this_thread() && !clock.is_ticking(); };
        engine.gate.wait(lock, [&] { return !stream.active || is_halted(); });
        return stream.active && !is_halted();
    }
    if (stream.calling && is_inside) {
        // Time passes for it in another thread, which must not be waited for: it may wait for this.
        constexpr std::chrono::milliseconds turn{1};
        engine.gate.wait_at_most(lock, turn, [&] { return !stream.calling || !stream.active; });
    } else if (clock.is_unlimited()) {
        pass_time(engine, lock, stream, frames);
        engine.gate.notify();
    } else if (!clock.is_ticking() || is_inside) {
        // Nobody else moves the clock while this thread waits.
        clock.pass(lock, static_cast<double>(frames) / stream.opened.sample_rate);
    } else {
        const std::size_t position = stream.position;
        engine.gate.wait(lock, [&] {
            return !stream.is_running() || stream.position != position || !clock.is_ticking() ||
                   clock.is_unlimited();
        });
    }
    return stream.active;
}

/// What a blocking call answers that waited for a stream which is no longer active.
PaError ended(const Stream& stream) {
    return stream.lost == Loss::error ? paUnanticipatedHostError : paStreamIsStopped;
}

/// Reading and writing go on when a function of the script's has returned.
bool is_its_own_listener(Engine& engine, const Stream& stream) {
    if (!stream.is_called_by_this_thread()) return false;
    engine.set_host_error(paInDevelopment, -1, "a blocking stream waits for this function's end");
    return true;
}

/// Taken away from the stream: another thread may transfer while this one waits.
std::optional<std::vector<float>> taken(std::vector<float>& memory, std::size_t samples) try {
    auto floats = std::exchange(memory, {});
    floats.resize(samples);
    return floats;
} catch (const std::bad_alloc&) {
    return std::nullopt;
}

}  // namespace

void pass_time(Engine& engine, Lock& lock, Stream& stream, std::size_t frames) {
    engine.gate.wait_for_callback(lock, stream);
    skip_lost_frames(engine, stream);
    try {
        while (frames > 0) {
            const std::size_t block = std::min(frames, host_block);
            frames -= block;
            fill(engine, lock, stream, block);
            play_out(engine, lock, stream, block);
            stream.position += block;
        }
    } catch (...) {
        engine.end_if_lost(lock, stream);
        throw;
    }
    engine.end_if_lost(lock, stream);
}

void polled(Engine& engine, Lock& lock, Stream& stream, std::size_t frames) {
    if (!stream.is_running() || !engine.clock.is_unlimited()) return;
    // One that is called waits for this thread, or for another one that may wait for this.
    if (stream.calling && engine.is_inside_a_callback()) return;
    pass_time(engine, lock, stream, std::min(frames, host_block));
    engine.gate.notify();
}

PaError read(Engine& engine, Lock& lock, Stream& stream, void* buffer, std::size_t frames) {
    if (stream.opened.callback) return paCanNotReadFromACallbackStream;
    if (!stream.opened.input) return paCanNotReadFromAnOutputOnlyStream;
    if (frames > most_transferred) return paBufferTooBig;
    if (is_its_own_listener(engine, stream)) return paUnanticipatedHostError;
    const std::size_t channels = stream.input_queue->channels();
    auto samples = taken(stream.read_floats, frames * channels);
    if (!samples) return paInsufficientMemory;
    for (std::size_t done = 0; done < frames;) {
        done += stream.input_queue->pop(std::span{*samples}.subspan(done * channels));
        const std::size_t missing = std::min(frames - done, queue_length);
        if (missing > 0 && !wait_for_device(engine, lock, stream, missing)) return ended(stream);
    }
    to_program(*samples, stream.opened.input->sampleFormat, channels, buffer);
    stream.read_floats = std::move(*samples);
    return std::exchange(stream.overflowed, false) ? paInputOverflowed : paNoError;
}

PaError write(Engine& engine, Lock& lock, Stream& stream, const void* buffer, std::size_t frames) {
    if (stream.opened.callback) return paCanNotWriteToACallbackStream;
    if (!stream.opened.output) return paCanNotWriteToAnInputOnlyStream;
    if (frames > most_transferred) return paBufferTooBig;
    if (is_its_own_listener(engine, stream)) return paUnanticipatedHostError;
    const std::size_t channels = stream.output_queue->channels();
    auto samples = taken(stream.write_floats, frames * channels);
    if (!samples) return paInsufficientMemory;
    from_program(buffer, stream.opened.output->sampleFormat, channels, *samples);
    for (std::size_t done = 0; done < frames;) {
        done += stream.output_queue->push(std::span{*samples}.subspan(done * channels));
        stream.written = true;
        const std::size_t waiting = std::min(frames - done, queue_length);
        if (waiting > 0 && !wait_for_device(engine, lock, stream, waiting)) return ended(stream);
    }
    stream.write_floats = std::move(*samples);
    return std::exchange(stream.underflowed, false) ? paOutputUnderflowed : paNoError;
}

}  // namespace portspan::mock
