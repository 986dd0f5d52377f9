// SPDX-License-Identifier: MIT
#include "callback_stream.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "sound_card.hpp"

namespace portspan::mock {

namespace {

std::size_t next_block(const Script& script, const Stream& stream) {
    const unsigned long asked = stream.opened.frames_per_buffer;
    if (!script.block_sizes.empty() && (asked == 0 || script.always_those_sizes)) {
        return script.block_sizes[stream.pattern % script.block_sizes.size()];
    }
    return asked != 0 ? asked : std::min(stream.pending, host_block);
}

/// What was handed over before paComplete is played; the stream is active for so long.
void drain(Engine& engine, Lock& lock, Stream& stream, std::size_t frames) {
    const std::size_t passed = std::min(*stream.draining, frames);
    stream.position += passed;
    *stream.draining -= passed;
    if (stream.draining == 0u) engine.become_inactive(lock, stream);
}

PaStreamCallbackTimeInfo times_of(const Stream& stream) {
    const PaTime now = time_of(stream);
    return {stream.opened.input ? now - stream.info.inputLatency : 0, now,
            stream.opened.output ? now + stream.info.outputLatency : 0};
}

/// One block up to where it is played; what the callback has answered, if it was called.
void run(Engine& engine, Lock& lock, Stream& stream, std::size_t frames,
         std::optional<int>& result) {
    const Opened& opened = stream.opened;
    const bool was_running = stream.is_running();
    PaStreamCallbackFlags flags = 0;
    if (!stream.status.empty()) {
        if (const auto due = stream.status.extract(stream.calls)) flags = due.mapped();
    }
    if (skip_lost_frames(engine, stream)) {
        flags |= (opened.input ? paInputOverflow : 0) | (opened.output ? paOutputUnderflow : 0);
    }
    void* input = nullptr;
    if (stream.input && stream.calls >= stream.null_inputs) {
        hear(engine, lock, stream, stream.input->channels(), stream.input->device(frames));
        input = stream.input->give(frames);
    } else {
        skip_input(engine, stream, frames);
    }
    void* const output = stream.output ? stream.output->give_old_memory(frames) : nullptr;
    PaStreamCallbackTimeInfo times = times_of(stream);
    if (engine.script.change_times) {
        engine.gate.call_out(lock, stream, engine.script.change_times,
                             [&](auto& change) { change(times); });
    }
    // The script's functions may have pulled out the device, or another thread waits to end it.
    if (was_running && !stream.is_running()) return;

    ++stream.calls;
    engine.gate.call_out(lock, stream, [&] {
        result = opened.callback(input, output, static_cast<unsigned long>(frames), &times, flags,
                                 opened.user_data);
    });
    stream.result = result;
    if (output && result != paAbort) play(engine, lock, stream, stream.output->take(frames));
}

/// What follows from a block.
void settle(Engine& engine, Lock& lock, Stream& stream, std::size_t frames,
            std::optional<int> result) {
    // Not earlier: who waits for the stream's clock finds the block played.
    if (result) stream.position += frames;
    if (!stream.active) return;
    const bool ends = result && *result != paContinue;
    if (ends && *result != paAbort && engine.script.drain > 0 && !stream.lost) {
        stream.draining = engine.script.drain;
    } else if (ends || stream.has_to_end()) {
        engine.become_inactive(lock, stream);
    }
}

}  // namespace

void process(Engine& engine, Lock& lock, Stream& stream, std::size_t frames) {
    engine.gate.wait_for_callback(lock, stream);
    stream.pending += frames;
    while (stream.is_running() && !stream.draining && stream.pending > 0) {
        const std::size_t block = next_block(engine.script, stream);
        if (block > stream.pending) return;
        stream.pending -= block;
        ++stream.pattern;
        call(engine, lock, stream, block);
    }
    if (stream.is_running() && stream.draining) {
        drain(engine, lock, stream, std::exchange(stream.pending, 0));
    }
}

void call(Engine& engine, Lock& lock, Stream& stream, std::size_t frames) {
    std::optional<int> result;
    try {
        run(engine, lock, stream, frames, result);
    } catch (...) {
        settle(engine, lock, stream, frames, result);
        throw;
    }
    settle(engine, lock, stream, frames, result);
}

}  // namespace portspan::mock
