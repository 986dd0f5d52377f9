// SPDX-License-Identifier: MIT
// With a device on one side or on both.
#include "live.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <future>
#include <memory>
#include <new>
#include <optional>
#include <portspan/quiet_start.hpp>
#include <portspan/session.hpp>
#include <portspan/stream.hpp>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "buffer.hpp"
#include "controls.hpp"
#include "devices.hpp"
#include "failure.hpp"
#include "live_view.hpp"
#include "parameters.hpp"
#include "platform.hpp"
#include "report.hpp"
#include "ring.hpp"
#include "summary.hpp"
#include "swappable.hpp"
#include "text.hpp"
#include "timed.hpp"
#include "types.hpp"
#include "voice.hpp"
#include "watcher.hpp"

namespace run_callback {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds look_interval{5};
/// A device that is unplugged may just go quiet, without any error. Its blocks come on top.
constexpr std::chrono::seconds longest_silence{5};
/// A back end may wait for ever for a device that is gone (JACK's, for a server that has died).
constexpr std::chrono::seconds longest_close{5};
/// The host's blocks where it chooses them; larger ones are processed in pieces.
constexpr std::size_t scratch_frames = 8192;

/// From the ring to the file, on the main thread.
template <class T>
class Recorder {
public:
    Recorder(AudioWriter& writer, std::size_t channels, double sample_rate)
        : writer_(writer),
          ring_(std::make_shared<Ring<T>>(room(channels, sample_rate), channels)),
          piece_(4096, channels) {}

    [[nodiscard]] const std::shared_ptr<Ring<T>>& ring() const noexcept { return ring_; }

    void drain() {
        while (const std::size_t count = ring_->pop(piece_.view())) {
            writer_.write(piece_.view().slice(0, count));
        }
    }

private:
    /// Four seconds, in which a disk should answer; less only where that were a lot of memory.
    static std::size_t room(std::size_t channels, double sample_rate) {
        constexpr double most_samples = 1 << 26;
        const double most = std::max(sample_rate, most_samples / static_cast<double>(channels));
        return static_cast<std::size_t>(std::min(4 * sample_rate, most)) + scratch_frames;
    }

    AudioWriter& writer_;
    std::shared_ptr<Ring<T>> ring_;
    Buffer<T, portspan::Interleaved> piece_;
};

/// Waits until the stream has ended, by itself or by Ctrl-C; `attend` is called all the while, and
/// says whether it should go on.
template <class Stream, class TimedCallback, class Attend>
Ending wait(Stream& stream, const TimedCallback& timed, const Run& run, Attend attend) {
    const Statistics& statistics = *run.statistics;
    std::uint64_t calls = 0;
    auto last_call = Clock::now();
    while (stream.active()) {
        std::this_thread::sleep_for(look_interval);
        if (!attend() || interrupted()) return Ending::interrupted;
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

struct Live {
    const Options& options;
    const Callback& callback;
    Run& run;
    Watcher* watcher;                        ///< null without --watch
    std::shared_ptr<Parameters> parameters;  ///< null without --watch and --set
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
    if (live.parameters) controls.emplace(live.parameters);
    LiveView view{live.options, run, expected, live.parameters.get(),
                  controls ? &*controls : nullptr};
    const auto start = Clock::now();
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
    run.elapsed = std::chrono::duration<double>(Clock::now() - start).count();
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

/// Up to `limit` frames of a file. What its header claims is not believed: only what has been read
/// takes memory.
template <class T, class L>
Buffer<T, L> all_of(AudioReader& reader, std::size_t channels, std::uint64_t limit) {
    constexpr std::uint64_t piece_frames = 16384;
    const std::uint64_t expected = std::min(limit, reader.frames().value_or(no_limit));
    try {
        Buffer<T, L> all{0, channels};
        Buffer<T, L> piece{piece_frames, channels};
        while (all.frames() < expected && !interrupted()) {
            const auto wanted =
                static_cast<std::size_t>(std::min(piece_frames, expected - all.frames()));
            const std::size_t got = reader.read(piece.view().slice(0, wanted));
            all.append(piece.view().slice(0, got), expected);
            if (got < wanted) break;
        }
        return all;
    } catch (const std::bad_alloc&) {
    } catch (const std::length_error&) {
    }
    throw Failure(reader.name() + " does not fit into memory: take less of it with --seconds");
}

/// The beginning once more behind the end of a file that loops.
template <class T, class L>
void continue_with_beginning(Buffer<T, L>& all, std::size_t frames) {
    const std::size_t period = all.frames();
    Buffer<T, L> more{frames, all.view().channels()};
    const auto from = all.view();
    const auto to = more.view();
    for (std::size_t c = 0; c < to.channels(); ++c) {
        for (std::size_t f = 0; f < frames; ++f) to(f, c) = from(f % period, c);
    }
    all.append(more.view(), period + frames);
}

/// Bytes that are silent in this format.
template <class T>
Silence silence_of(const Live& live) {
    return {.channels = live.run.output_channels,
            .sample_size = sizeof(T),
            .planar = live.options.planar,
            .byte = static_cast<unsigned char>(std::is_same_v<T, std::uint8_t> ? 0x80 : 0)};
}

template <class T, class L>
void run_as(Live& live) {
    Run& run = live.run;
    const bool stream_input = live.options.input.is_device();
    const bool stream_output = live.options.output.is_device();

    // A file is read as a whole: the audio thread must not wait for a disk.
    std::optional<Buffer<T, L>> memory;
    if (live.reader) {
        memory.emplace(all_of<T, L>(*live.reader, run.input_channels, live.limit));
        if (!live.watcher) live.limit = memory->frames();
    }
    const std::size_t longest_piece = std::max(scratch_frames, live.options.frames_per_buffer);
    std::size_t loop_frames = 0;
    if (live.watcher && memory) {
        loop_frames = memory->frames();
        if (loop_frames == 0) throw Failure(live.reader->name() + " has no audio");
        continue_with_beginning(*memory, longest_piece);
    }

    portspan::RawCallback callback = live.callback.raw();
    std::size_t state_size = 0;
    if (live.parameters) {
        const auto voice = live.parameters->new_voice(live.callback.loaded(), callback,
                                                      live.watcher != nullptr, silence_of<T>(live));
        state_size = voice->state_size();
        callback = Voice::raw(voice);
        live.parameters->keep();
    }
    expect_crashes(live.callback, live.options, run, state_size);
    Swappable slot{std::move(callback), {}};
    if (live.watcher) {
        live.watcher->check_first(live.options,
                                  {.input_channels = run.input_channels,
                                   .output_channels = run.output_channels,
                                   .sample_rate = run.sample_rate,
                                   .silence = silence_of<T>(live)},
                                  interrupted);
        const double fade = live.options.fade * run.sample_rate / 1000;
        slot = swappable<T, L>(slot.raw,
                               {.shape = {run.input_channels, run.output_channels},
                                .frames_per_buffer = live.options.frames_per_buffer,
                                .sample_rate = run.sample_rate,
                                .in_place = live.options.in_place},
                               static_cast<std::size_t>(std::lround(fade)));
    }
    std::optional<Recorder<T>> recorder;
    if (live.writer) recorder.emplace(*live.writer, run.output_channels, run.sample_rate);

    const auto timed = std::make_shared<Timed<T, L>>(
        typename Timed<T, L>::Setup{
            .callback = slot.raw,
            .shape = {run.input_channels, run.output_channels},
            .sample_rate = run.sample_rate,
            .stream_has_input = stream_input,
            .stream_has_output = stream_output,
            .copy_in_place = live.options.in_place && !(stream_input && stream_output),
            .memory = std::move(memory),
            .loop_frames = loop_frames,
            .limit = live.limit,
            .recorder = recorder ? recorder->ring() : nullptr,
            .scratch_frames = longest_piece},
        run.statistics);
    const auto go = [&]<class Stream>(std::type_identity<Stream>, auto stream_callback) {
        run_stream<Stream>(live, *timed, recorder ? &*recorder : nullptr, slot.exchange,
                           std::move(stream_callback));
    };
    if (!stream_input) {
        go(std::type_identity<portspan::OutputStream<T, L>>{}, Timed<T, L>::raw(timed));
    } else if (!stream_output) {
        go(std::type_identity<portspan::InputStream<T, L>>{}, Timed<T, L>::raw(timed));
    } else if (live.options.in_place) {
        go(std::type_identity<portspan::Stream<T, T, L>>{},
           portspan::in_place(Timed<T, L>::raw(timed)));
    } else {
        go(std::type_identity<portspan::Stream<T, T, L>>{}, Timed<T, L>::raw(timed));
    }
}

std::string device_text(const portspan::Device& device) { return "device \"" + device.name + "\""; }

void run_stream_of(const Options& options, const Callback& callback, Watcher* watcher) {
    const auto run = std::make_unique<Run>();
    run->callback = callback.name();
    run->live = true;
    std::shared_ptr<Parameters> parameters;
    if (watcher || !options.settings.empty()) {
        parameters = std::make_shared<Parameters>(settings_of(options), callback.loaded());
    }
    std::optional<AudioReader> reader;
    if (options.input.is_file()) {
        reader.emplace(options.input.name);
        take_from_file(*reader, options, *run);
    }

    std::optional<portspan::Session> session;
    std::optional<portspan::Device> input;
    std::optional<portspan::Device> output;
    struct EndQuietly {
        std::optional<portspan::Session>& session;
        bool verbose;
        bool hangs = false;
        ~EndQuietly() {
            const portspan::QuietStderr quiet{!verbose};
            // Pa_Terminate would wait for the same.
            if (hangs) new portspan::Session{*std::move(session)};
            session.reset();
        }
    } end_quietly{session, options.verbose};
    {
        const portspan::QuietStderr quiet{!options.verbose};
        session.emplace();
        using portspan::Direction;
        if (options.input.is_device()) input = device_for(options.input, Direction::input);
        if (options.output.is_device()) output = device_for(options.output, Direction::output);
    }

    const auto at_most_two = [](const portspan::Device& device, portspan::Direction direction) {
        return static_cast<std::size_t>(std::min(2, device.max_channels(direction)));
    };
    if (input) {
        run->input_channels =
            options.input_channels.value_or(at_most_two(*input, portspan::Direction::input));
    }
    if (!reader) {
        const portspan::Device& preferred = output ? *output : *input;
        run->sample_rate = options.sample_rate.value_or(preferred.default_sample_rate);
    }
    const bool has_input = reader || input;
    const std::size_t like_input =
        has_input ? run->input_channels : at_most_two(*output, portspan::Direction::output);
    run->output_channels = options.output_channels.value_or(like_input);
    check_in_place(options, *run);
    check_fit(callback, options, *run);

    run->input = reader ? reader->name() : input ? device_text(*input) : "none";
    run->input_description = reader ? reader->description() : input ? input->host_api : "";
    run->output = options.output.is_file() ? options.output.name
                  : output                 ? device_text(*output)
                                           : "none";
    if (output) run->output_description = output->host_api;

    Live live{
        .options = options,
        .callback = callback,
        .run = *run,
        .watcher = watcher,
        .parameters = parameters,
        .reader = reader ? &*reader : nullptr,
        .writer = nullptr,
        .config = {.sample_rate = run->sample_rate, .frames_per_buffer = options.frames_per_buffer},
        .limit = limit_of(options, *run)};
    // Who plays through it wants to hear it at once; who records or listens wants no gaps.
    const auto latency = input && output ? portspan::Latency::low : portspan::Latency::high;
    if (input) {
        live.config.input = {.device = *input,
                             .channels = static_cast<int>(run->input_channels),
                             .latency = latency};
    }
    if (output) {
        live.config.output = {.device = *output,
                              .channels = static_cast<int>(run->output_channels),
                              .latency = latency};
    }

    std::optional<AudioWriter> writer;
    if (options.output.is_file()) {
        const auto frames = live.limit == no_limit ? std::nullopt : std::optional{live.limit};
        writer.emplace(options.output.name, options.format, run->output_channels, run->sample_rate,
                       frames);
        run->output_description = writer->description();
        live.writer = &*writer;
    }
    std::optional<NewFile> report;
    if (options.report) report.emplace(*options.report);

    restart_interrupted_calls();
    std::exception_ptr failure;
    try {
        with_types(options, [&](auto sample, auto layout) {
            run_as<typename decltype(sample)::type, typename decltype(layout)::type>(live);
        });
    } catch (...) {
        failure = std::current_exception();
    }
    end_quietly.hangs = live.hangs;
    if (live.hangs) leave_without_cleaning_up();
    // What was recorded is kept, whatever went wrong; a stream that never ran has recorded nothing.
    if (writer && run->statistics->frames.get() > 0) {
        try {
            writer->finish();
            writer->publish();
        } catch (...) {
            if (!failure) failure = std::current_exception();
        }
    }
    if (failure) std::rethrow_exception(failure);

    if (report) {
        write_report(*report, options, *run);
        report->publish();
    }
    print_summary(options, *run);
    switch (run->ending) {
        case Ending::aborted:
        case Ending::no_result:
        case Ending::device_lost:
            throw Failure(failure_text(callback, *run));
        default:
            break;
    }
    if (run->lost_frames > 0) {
        throw Failure(run->output + ": " + count_text(run->lost_frames, "frame") +
                      " could not be recorded, the file did not keep up with the stream");
    }
}

}  // namespace

void run_live(const Options& options, const Callback& callback) {
    run_stream_of(options, callback, nullptr);
}

void run_watched(Options options) {
    Watcher watcher{options};
    const LoadedCallback first = watcher.first(interrupted);
    options.symbol = first.symbol;
    const Callback callback{first, options.watch};
    take_from_callback(callback, options);
    run_stream_of(options, callback, &watcher);
}

}  // namespace run_callback
