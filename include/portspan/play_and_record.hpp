// SPDX-License-Identifier: MIT
// One call that plays an array and records what comes back.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <ranges>
#include <type_traits>
#include <utility>

#include "play.hpp"
#include "record.hpp"

namespace portspan {

/// PlayConfig and RecordConfig in one: a single stream does both.
struct PlayAndRecordConfig {
    Endpoint input = {};                                             ///< RecordConfig::input
    Endpoint output = {};                                            ///< PlayConfig::output
    double sample_rate = default_sample_rate;                        ///< StreamConfig::sample_rate
    unsigned long frames_per_buffer = paFramesPerBufferUnspecified;  ///< StreamConfig's
    StreamFlags flags = StreamFlags::none;                           ///< StreamConfig::flags
    Mapping input_mapping = {};                                      ///< RecordConfig::mapping
    Mapping output_mapping = {};                                     ///< PlayConfig::mapping
    /// PlayConfig::patience.
    std::chrono::duration<double> patience = std::chrono::seconds{10};
};

/// Plays the view and records as many frames meanwhile, from the first one that is played: what is
/// heard comes back later by the latency of both directions. `Recorded` is another sample type for
/// the recording. Returns at once; the memory of the view has to live as long as what is returned.
/// Throws Error as play() and record() do.
template <class Recorded = void, detail::SampleView View>
[[nodiscard]] auto play_and_record(View view, const PlayAndRecordConfig& config = {}) {
    using Out = std::remove_const_t<typename View::sample_type>;
    using In = std::conditional_t<std::is_void_v<Recorded>, Out, Recorded>;
    using L = detail::LayoutOf<View>;
    constexpr const char* call = "play_and_record";
    const typename L::template View<const Out> source = view;
    detail::require_audio(source, call);
    auto places = detail::checked_output(config.output_mapping, source.channels(), call);
    const detail::RecordingInput input{config.input_mapping, config.input, 0, call};
    const StreamConfig stream{
        .input = input.endpoint,
        .output = detail::output_for(places, config.output_mapping, config.output, call),
        .sample_rate = config.sample_rate,
        .frames_per_buffer = config.frames_per_buffer,
        .flags = config.flags};
    auto tape = std::make_shared<detail::Tape<In, L>>();
    auto progress = std::make_shared<detail::Progress>(source.frames());
    auto run = [progress, player = detail::Player{source, std::move(places), false},
                recorder = detail::Recorder{tape, input.places}](
                   Block<In, Out, L>& block) mutable noexcept {
        if (!progress->begin(block.status())) {
            detail::fill_silence(block.output());
            return Next::abort;
        }
        player.fill(block.output());
        progress->advance(recorder.take(block.input(), block.frames()));
        return progress->is_complete() ? Next::complete : Next::keep_going;
    };
    detail::StreamHandle handle = detail::open_stream<In, Out, L>(stream, std::move(run));
    tape->allocate(source.frames(), input.channels(handle));
    return Recording<In, L>{std::move(handle), std::move(progress), config.patience,
                            std::move(tape)};
}

/// Plays one channel: an array, a std::vector, a std::span of samples, which has to live as long.
template <class Recorded = void, std::ranges::range Samples>
[[nodiscard]] auto play_and_record(Samples&& samples, const PlayAndRecordConfig& config = {}) {
    static_assert(std::ranges::borrowed_range<Samples>,
                  "play_and_record() returns before this is played, and a temporary is gone by "
                  "then: keep it in a variable until wait() has returned");
    return play_and_record<Recorded>(detail::one_channel(samples), config);
}

}  // namespace portspan
