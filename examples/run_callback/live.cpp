// SPDX-License-Identifier: MIT
// With a device on one side or on both.
#include "live.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <portspan/quiet_start.hpp>
#include <portspan/session.hpp>
#include <portspan/stream.hpp>
#include <type_traits>
#include <utility>

#include "audio_file.hpp"
#include "buffer.hpp"
#include "devices.hpp"
#include "failure.hpp"
#include "live_stream.hpp"
#include "parameters.hpp"
#include "platform.hpp"
#include "recorder.hpp"
#include "report.hpp"
#include "summary.hpp"
#include "swappable.hpp"
#include "text.hpp"
#include "timed.hpp"
#include "types.hpp"
#include "voice.hpp"
#include "watcher.hpp"
#include "whole_file.hpp"

namespace run_callback {

namespace {

/// The host's blocks where it chooses them; larger ones are processed in pieces.
constexpr std::size_t scratch_frames = 8192;

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
            .recorder = recorder ? std::optional{recorder->ring()} : std::nullopt,
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

/// The devices of both sides, as far as there are any, in a Session that keeps their list.
class Devices {
public:
    explicit Devices(const Options& options) : verbose_(options.verbose) {
        const portspan::QuietStderr quiet{!verbose_};
        session_.emplace();
        using portspan::Direction;
        if (options.input.is_device()) input = device_for(options.input, Direction::input);
        if (options.output.is_device()) output = device_for(options.output, Direction::output);
    }
    Devices(const Devices&) = delete;
    Devices& operator=(const Devices&) = delete;
    ~Devices() {
        const portspan::QuietStderr quiet{!verbose_};
        // Pa_Terminate would wait for the same.
        if (hang) new portspan::Session{*std::move(session_)};
        session_.reset();
    }

    std::optional<portspan::Device> input;
    std::optional<portspan::Device> output;
    bool hang = false;  ///< PortAudio does not give a stream of theirs back

private:
    bool verbose_;
    std::optional<portspan::Session> session_;
};

std::size_t at_most_two(const portspan::Device& device, portspan::Direction direction) {
    return static_cast<std::size_t>(std::min(2, device.max_channels(direction)));
}

/// Channels, sample rate and names, where a device decides them.
void take_from_devices(const Devices& devices, const AudioReader* reader, const Options& options,
                       Run& run) {
    const std::optional<portspan::Device>& input = devices.input;
    const std::optional<portspan::Device>& output = devices.output;
    if (input) {
        run.input_channels =
            options.input_channels.value_or(at_most_two(*input, portspan::Direction::input));
    }
    if (!reader) {
        const portspan::Device& preferred = output ? *output : *input;
        run.sample_rate = options.sample_rate.value_or(preferred.default_sample_rate);
    }
    const std::size_t like_input =
        reader || input ? run.input_channels : at_most_two(*output, portspan::Direction::output);
    run.output_channels = options.output_channels.value_or(like_input);

    const auto text = [](const portspan::Device& device) {
        return "device \"" + device.name + "\"";
    };
    run.input = reader ? reader->name() : input ? text(*input) : "none";
    run.input_description = reader ? reader->description() : input ? input->host_api : "";
    run.output = options.output.is_file() ? options.output.name : output ? text(*output) : "none";
    if (output) run.output_description = output->host_api;
}

portspan::StreamConfig config_of(const Devices& devices, const Options& options, const Run& run) {
    // Who plays through it wants to hear it at once; who records or listens wants no gaps.
    const auto latency =
        devices.input && devices.output ? portspan::Latency::low : portspan::Latency::high;
    portspan::StreamConfig config{.sample_rate = run.sample_rate,
                                  .frames_per_buffer = options.frames_per_buffer};
    if (devices.input) {
        config.input = {.device = *devices.input,
                        .channels = static_cast<int>(run.input_channels),
                        .latency = latency};
    }
    if (devices.output) {
        config.output = {.device = *devices.output,
                         .channels = static_cast<int>(run.output_channels),
                         .latency = latency};
    }
    return config;
}

/// The summary, and a Failure for an end that is one.
void tell(const Options& options, const Callback& callback, const Run& run) {
    print_summary(options, run);
    switch (run.ending) {
        case Ending::aborted:
        case Ending::no_result:
        case Ending::device_lost:
            throw Failure(failure_text(callback, run));
        default:
            break;
    }
    if (run.lost_frames > 0) {
        throw Failure(run.output + ": " + count_text(run.lost_frames, "frame") +
                      " could not be recorded, the file did not keep up with the stream");
    }
}

void run_stream_of(const Options& options, const Callback& callback, Watcher* watcher) {
    const auto run = std::make_unique<Run>();
    run->callback = callback.name();
    run->live = true;
    const std::shared_ptr<Parameters> parameters = parameters_for(options, callback.loaded());
    std::optional<AudioReader> reader;
    if (options.input.is_file()) {
        reader.emplace(options.input.name);
        take_from_file(*reader, options, *run);
    }
    Devices devices{options};
    take_from_devices(devices, reader ? &*reader : nullptr, options, *run);
    check_in_place(options, *run);
    check_fit(callback, State{callback.loaded()}.bytes(), options, *run);

    Live live{.options = options,
              .callback = callback,
              .run = *run,
              .watcher = watcher,
              .parameters = parameters,
              .reader = reader ? &*reader : nullptr,
              .writer = nullptr,
              .config = config_of(devices, options, *run),
              .limit = limit_of(options, *run)};
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
    devices.hang = live.hangs;
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
    tell(options, callback, *run);
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
