// SPDX-License-Identifier: MIT
// One PortAudio stream from its opening to its end, with all that goes on beside it.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <portspan/quiet_start.hpp>
#include <portspan/stream.hpp>
#include <string>
#include <utility>
#include <vector>

#include "audio_file.hpp"
#include "controls.hpp"
#include "ending_stream.hpp"
#include "failure.hpp"
#include "live_view.hpp"
#include "options.hpp"
#include "parameters.hpp"
#include "recorder.hpp"
#include "run.hpp"
#include "timed.hpp"
#include "watcher.hpp"

namespace run_callback {

/// What a stream is opened on.
struct Live {
    const Options& options;
    const Callback& callback;
    Run& run;
    Watcher* watcher;                        ///< null without --watch
    std::shared_ptr<Parameters> parameters;  ///< null where the callback has no state
    AudioReader* reader;
    AudioWriter* writer;
    portspan::StreamConfig config;
    std::uint64_t limit;
    bool hangs = false;  ///< PortAudio did not give the stream back
};

/// Runs one stream to its end. Whatever happens on the way, the ring is emptied into the file.
template <class Stream, class T, class L, class StreamCallback>
void run_stream(Live& live, Timed<T, L>& timed, Recorder<T>* recorder, Watcher::Exchange exchange,
                StreamCallback callback) {
    Run& run = live.run;
    std::optional<Stream> stream;
    try {
        const portspan::QuietStderr quiet{!live.options.verbose};
        stream.emplace(live.config, std::move(callback));
        stream->start();
    } catch (const portspan::Error& error) {
        const bool both = live.options.input.is_device() && live.options.output.is_device();
        const std::string devices = both                             ? run.input + ", " + run.output
                                    : live.options.input.is_device() ? run.input
                                                                     : run.output;
        throw Failure(devices + ": " + error.what());
    }

    const auto expected = live.limit == no_limit ? std::nullopt : std::optional{live.limit};
    std::optional<Controls> controls;
    if (live.options.has_controls()) controls.emplace(live.parameters);
    LiveView view{live.options, run, expected, controls ? live.parameters.get() : nullptr,
                  controls ? &*controls : nullptr};
    const auto start = std::chrono::steady_clock::now();
    std::exception_ptr failure;
    try {
        if (live.watcher) live.watcher->start(live.parameters, std::move(exchange));
        run.ending = wait(*stream, timed, run, [&] {
            if (recorder) recorder->drain();
            auto news = live.watcher ? live.watcher->take_news() : std::vector<News>{};
            const bool goes_on = !controls || controls->attend(news);
            view.show(news);
            return goes_on;
        });
    } catch (const portspan::Error&) {
        run.ending = Ending::device_lost;
    } catch (...) {
        failure = std::current_exception();  // the disk
    }
    run.elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    {
        const bool watcher_hangs = live.watcher && !live.watcher->stop();
        const portspan::QuietStderr quiet{!live.options.verbose};
        live.hangs = watcher_hangs | !close(*std::move(stream), run.ending != Ending::device_lost);
    }
    if (!failure && recorder) recorder->drain();
    view.clear();
    run.last_result = timed.result();
    if (run.last_result != not_ended) run.ending = ending_of(run.last_result);
    run.lost_frames = timed.lost_frames();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace run_callback
