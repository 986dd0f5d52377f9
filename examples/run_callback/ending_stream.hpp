// SPDX-License-Identifier: MIT
// How a stream that runs comes to its end, whoever ends it.
#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "platform.hpp"
#include "run.hpp"

namespace run_callback {

/// A device that is unplugged may just go quiet, without any error. Its blocks come on top.
constexpr std::chrono::seconds longest_silence{5};
/// A back end may wait for ever for a device that is gone (JACK's, for a server that has died).
constexpr std::chrono::seconds longest_close{5};

/// Waits until the stream has ended, by itself or by Ctrl-C; `attend` is called all the while, and
/// says whether it should go on.
template <class Stream, class TimedCallback, class Attend>
Ending wait(Stream& stream, const TimedCallback& timed, const Run& run, Attend attend) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds look_interval{5};
    const Statistics& statistics = *run.statistics;
    std::uint64_t calls = 0;
    auto last_call = Clock::now();
    while (stream.active()) {
        std::this_thread::sleep_for(look_interval);
        if (!attend()) return Ending::all_done;
        if (interrupted()) return Ending::interrupted;
        const auto now = Clock::now();
        if (calls != statistics.times.count() || timed.done()) {
            calls = statistics.times.count();
            last_call = now;
        }
        const std::chrono::duration<double> blocks{
            4 * static_cast<double>(statistics.largest_block.get()) / run.sample_rate};
        if (now - last_call > longest_silence + blocks) return Ending::device_lost;
    }
    return timed.done() ? Ending::all_done : Ending::device_lost;
}

/// Stops and closes; false where that does not come to an end. The stream, with all that its
/// callback needs, is then left to a thread that waits for it as long as the process lives.
template <class Stream>
bool close(Stream stream, bool play_what_is_buffered) {
    struct Closing {
        std::optional<Stream> stream;
        std::promise<void> done;
    };
    const auto closing = std::make_shared<Closing>();
    closing->stream.emplace(std::move(stream));
    std::future<void> done = closing->done.get_future();
    std::thread{[closing, play_what_is_buffered] {
        // What goes wrong here changes nothing any more: the audio is over.
        if (play_what_is_buffered) {
            static_cast<void>(closing->stream->stop(std::nothrow));
        } else {
            static_cast<void>(closing->stream->abort(std::nothrow));
        }
        closing->stream.reset();
        closing->done.set_value();
    }}.detach();
    return done.wait_for(longest_close) == std::future_status::ready;
}

}  // namespace run_callback
