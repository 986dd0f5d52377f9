// SPDX-License-Identifier: MIT
// File to file, or without any end, and without a device.
#include "offline.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <portspan/render.hpp>
#include <type_traits>

#include "buffer.hpp"
#include "failure.hpp"
#include "parameters.hpp"
#include "platform.hpp"
#include "progress.hpp"
#include "report.hpp"
#include "summary.hpp"
#include "text.hpp"
#include "timed.hpp"
#include "types.hpp"

namespace run_callback {

namespace {

constexpr std::size_t least_chunk = 8192;  // frames between two looks at the files and at Ctrl-C

/// Renders until somebody has had enough; In and Out are void for a side that is not there.
template <class In, class Out, class L, class T>
void render(portspan::Renderer<In, Out, L> renderer, Timed<T, L>& timed, std::size_t block,
            std::uint64_t limit, AudioReader* reader, AudioWriter* writer, Run& run,
            Progress& progress) {
    const std::size_t chunk = (least_chunk + block - 1) / block * block;
    Buffer<T, L> input{reader ? chunk : 0, run.input_channels};
    Buffer<T, L> output{chunk, run.output_channels};
    std::uint64_t position = 0;
    while (!timed.done() && position < limit && !interrupted()) {
        auto count = static_cast<std::size_t>(std::min<std::uint64_t>(chunk, limit - position));
        if (reader) count = reader->read(input.view().slice(0, count));
        if (count == 0) break;
        const auto in = [&] {
            if constexpr (std::is_void_v<In>)
                return portspan::NoView{};
            else
                return input.view().slice(0, count);
        }();
        const auto out = output.view().slice(0, count);
        portspan::Rendered done;
        if constexpr (std::is_void_v<Out>) {
            done = renderer.process(in, portspan::NoView{});
        } else {
            done = renderer.process(in, out);
        }
        if (timed.result() == paAbort) break;
        if (writer) writer->write(out.slice(0, done.frames));
        position += count;
        progress.show(*run.statistics);
    }
}

/// "wrote beyond its output of 1 channel x 256 frames; is --channels right?"
std::string overrun_text(const Options& options, const Callback& callback, const Run& run,
                         Overrun overrun, std::size_t frames) {
    const bool is_before = overrun == Overrun::before_output || overrun == Overrun::before_input;
    const bool is_output = overrun == Overrun::output || overrun == Overrun::before_output ||
                           overrun == Overrun::output_pointers;
    const std::string side = is_output ? "output" : "input";
    if (overrun == Overrun::output_pointers || overrun == Overrun::input_pointers) {
        return "wrote over the pointers to its " + side + " channels; is --planar right?";
    }
    const bool is_widest = options.format == Format::float32 || options.format == Format::int32;
    // No count of channels leads to what lies before.
    const char* hint = is_before                    ? ""
                       : callback.raw().description ? "; is what it says about itself right?"
                       : is_widest                  ? "; is --channels right?"
                                                    : "; are --channels and --format right?";
    return (is_before ? "wrote before the start of its " : "wrote beyond its ") + side + " of " +
           count_text(is_output ? run.output_channels : run.input_channels, "channel") + " x " +
           count_text(frames, "frame") + hint;
}

template <class T, class L>
void run_as(const Options& options, const Callback& callback, const portspan::RawCallback& raw,
            AudioReader* reader, AudioWriter* writer, std::uint64_t limit, Run& run,
            Progress& progress) {
    const std::size_t block = options.frames_per_buffer ? options.frames_per_buffer : default_block;
    const portspan::Shape shape{run.input_channels, run.output_channels};
    const auto timed = std::make_shared<Timed<T, L>>(
        typename Timed<T, L>::Setup{.callback = raw,
                                    .shape = shape,
                                    .sample_rate = run.sample_rate,
                                    .stream_has_input = shape.input_channels > 0,
                                    .stream_has_output = shape.output_channels > 0,
                                    .copy_in_place = options.in_place,
                                    .guarded_frames = block},
        run.statistics);
    const portspan::RenderConfig config{.input_channels = shape.input_channels,
                                        .output_channels = shape.output_channels,
                                        .sample_rate = run.sample_rate,
                                        .frames_per_buffer = block};
    const auto go = [&](auto renderer) {
        render(std::move(renderer), *timed, block, limit, reader, writer, run, progress);
    };
    if (shape.input_channels == 0) {
        go(portspan::Renderer<void, T, L>{config, Timed<T, L>::raw(timed)});
    } else if (shape.output_channels == 0) {
        go(portspan::Renderer<T, void, L>{config, Timed<T, L>::raw(timed)});
    } else {
        go(portspan::Renderer<T, T, L>{config, Timed<T, L>::raw(timed)});
    }
    run.last_result = timed->result();
    run.ending = ending_of(run.last_result);
    static_cast<void>(interrupted());  // nobody waits for the callback any more
    if (run.ending == Ending::all_done && interrupted()) run.ending = Ending::interrupted;
    if (timed->overrun() != Overrun::none) {
        run.ending = Ending::overrun;
        run.overrun =
            overrun_text(options, callback, run, timed->overrun(), timed->frames_of_overrun());
    }
}

}  // namespace

void run_offline(const Options& options, const Callback& callback) {
    const auto run = std::make_unique<Run>();
    run->callback = callback.name();
    run->input = options.input.is_file() ? options.input.name : "none";
    run->output = options.output.is_file() ? options.output.name : "none";
    run->sample_rate = options.sample_rate.value_or(48000);

    std::optional<AudioReader> reader;
    std::uint64_t limit = no_limit;
    if (options.input.is_file()) {
        reader.emplace(options.input.name);
        take_from_file(*reader, options, *run);
        run->input_description = reader->description();
        if (const auto frames = reader->frames()) limit = *frames;
    }
    const std::size_t like_input = reader ? run->input_channels : 2;
    run->output_channels = options.output_channels.value_or(like_input);
    check_in_place(options, *run);
    const std::shared_ptr<Parameters> parameters = parameters_for(options, callback.loaded());
    const std::shared_ptr<Voice> voice =
        parameters ? parameters->new_voice(callback.loaded(), callback.raw(), false, {}) : nullptr;
    check_fit(callback, voice ? voice->state() : nullptr, options, *run);
    limit = std::min(limit, limit_of(options, *run));
    const auto expected = limit == no_limit ? std::nullopt : std::optional{limit};

    std::optional<AudioWriter> writer;
    if (options.output.is_file()) {
        writer.emplace(options.output.name, options.format, run->output_channels, run->sample_rate,
                       expected);
        run->output_description = writer->description();
    }
    std::optional<NewFile> report;
    if (options.report) report.emplace(*options.report);

    const portspan::RawCallback raw = voice ? Voice::raw(voice) : callback.raw();
    expect_crashes(callback, options, *run, voice ? voice->state_size() : 0);
    restart_interrupted_calls();
    Progress progress{expected, run->sample_rate, options.quiet};
    const auto start = std::chrono::steady_clock::now();
    with_types(options, [&](auto sample, auto layout) {
        run_as<typename decltype(sample)::type, typename decltype(layout)::type>(
            options, callback, raw, reader ? &*reader : nullptr, writer ? &*writer : nullptr, limit,
            *run, progress);
    });
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    run->elapsed = elapsed.count();
    progress.clear();

    if (run->ending == Ending::aborted || run->ending == Ending::no_result ||
        run->ending == Ending::overrun) {
        throw Failure(failure_text(callback, *run));
    }
    if (writer) writer->finish();
    if (report) write_report(*report, options, *run);
    // Names at the very end: a disk that has no room for the one leaves nothing of the other.
    if (writer) writer->publish();
    if (report) report->publish();
    print_summary(options, *run);
    if (run->ending == Ending::interrupted) {
        throw Failure(failure_text(callback, *run) +
                      (writer ? ": " + writer->name() + " ends there" : ""));
    }
}

}  // namespace run_callback
