// SPDX-License-Identifier: MIT
// One call that records an array.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include "buffers.hpp"
#include "callback.hpp"
#include "config.hpp"
#include "finite.hpp"
#include "mapping.hpp"
#include "open.hpp"
#include "recorder.hpp"
#include "tape.hpp"
#include "view.hpp"

namespace portspan {

/// How audio is recorded. The names are StreamConfig's.
struct RecordConfig {
    /// Its channels: those that the mapping needs; without one those of the view that is recorded
    /// into, or as many as the device has, at most two.
    Endpoint input = {};
    double sample_rate = default_sample_rate;                        ///< StreamConfig::sample_rate
    unsigned long frames_per_buffer = paFramesPerBufferUnspecified;  ///< StreamConfig's
    StreamFlags flags = StreamFlags::none;                           ///< StreamConfig::flags
    /// Which input channel each channel of the recording is; one may be recorded twice.
    Mapping mapping = {};
    /// How long wait() believes in a device that does not call.
    std::chrono::duration<double> patience = std::chrono::seconds{10};
};

/// Audio that is being recorded. What has come stays, whatever happens to the device.
template <Sample T, Layout L = Interleaved>
class [[nodiscard]] Recording final : private detail::FiniteStream {
public:
    using View = typename L::template View<const T>;  ///< of what has come

    /// What record() and play_and_record() do.
    Recording(detail::StreamHandle stream, std::shared_ptr<detail::Progress> progress,
              std::chrono::duration<double> patience, std::shared_ptr<detail::Tape<T, L>> tape)
        : FiniteStream(std::move(stream), std::move(progress), patience), tape_(std::move(tape)) {}

    using FiniteStream::abort;
    using FiniteStream::active;
    using FiniteStream::position;
    using FiniteStream::sample_rate;
    using FiniteStream::status;
    using FiniteStream::stop;
    using FiniteStream::wait;
    using FiniteStream::wait_for;

    /// The frames that have come so far, also while more are coming and after an Error. Valid as
    /// long as this object and until take(); any thread.
    [[nodiscard]] View recorded() const noexcept {
        return tape_ ? View{tape_->view.slice(0, position())} : View{};
    }

    /// Ends the recording where it still runs, and returns the frames that have come, interleaved.
    /// Nothing is left here: recorded() is empty, the calls that ask for the stream throw Error.
    [[nodiscard]] std::vector<T> take() {
        if (!tape_) return {};
        close();
        const auto tape = std::move(tape_);
        const auto view = tape->view.slice(0, position());
        const std::size_t count = view.frames() * view.channels();
        // A host that would not close the stream may still write to it.
        const bool is_ours = tape->is_owned() && tape.use_count() == 1;
        if constexpr (std::is_same_v<L, Interleaved>) {
            if (is_ours) {
                tape->samples.resize(count);
                return std::move(tape->samples);
            }
        }
        std::vector<T> samples(count);
        const InterleavedView<T> interleaved{samples.data(), view.frames(), view.channels()};
        for (std::size_t c = 0; c < view.channels(); ++c) {
            detail::copy_channel(view.channel(c), interleaved.channel(c));
        }
        return samples;
    }

private:
    std::shared_ptr<detail::Tape<T, L>> tape_;
};

namespace detail {

template <class T, class L>
Recording<T, L> start_recording(std::shared_ptr<Tape<T, L>> tape, std::size_t frames,
                                const RecordConfig& config) {
    const RecordingInput input{config.mapping, config.input, tape->view.channels(), "record"};
    const StreamConfig stream{.input = input.endpoint,
                              .sample_rate = config.sample_rate,
                              .frames_per_buffer = config.frames_per_buffer,
                              .flags = config.flags};
    auto progress = std::make_shared<Progress>(frames);
    auto run = [progress, recorder = Recorder{tape, input.places}](
                   Block<T, void, L>& block) mutable noexcept {
        if (!progress->begin(block.status())) return Next::abort;
        progress->advance(recorder.take(block.input(), block.frames()));
        return progress->is_complete() ? Next::complete : Next::keep_going;
    };
    StreamHandle handle = open_stream<T, void, L>(stream, std::move(run));
    if (tape->view.channels() == 0) tape->allocate(frames, input.channels(handle));
    return {std::move(handle), std::move(progress), config.patience, std::move(tape)};
}

}  // namespace detail

/// Starts to record so many frames and returns at once; wait() returns when they are there. Their
/// memory is allocated before the start. Throws Error: for no frames, a mapping or channels that
/// the device does not have, and what a stream throws.
template <Sample T, Layout L = Interleaved>
[[nodiscard]] Recording<T, L> record(std::size_t frames, const RecordConfig& config = {}) {
    if (frames == 0) {
        detail::raise(Error(Fault::invalid_argument, "record", "the audio has no frames"));
    }
    return detail::start_recording(std::make_shared<detail::Tape<T, L>>(), frames, config);
}

/// The same into the caller's memory, which has to live as long as what is returned.
template <detail::SampleView View>
[[nodiscard]] auto record(View view, const RecordConfig& config = {}) {
    using T = typename View::sample_type;
    static_assert(!std::is_const_v<T>,
                  "record() writes to the view: its samples must not be const");
    using L = detail::LayoutOf<View>;
    detail::require_audio(view, "record");
    const typename L::template View<T> into = view;
    return detail::start_recording(std::make_shared<detail::Tape<T, L>>(into), view.frames(),
                                   config);
}

/// One channel into an array, a std::vector, a std::span of samples, which has to live as long.
template <std::ranges::range Samples>
[[nodiscard]] auto record(Samples&& samples, const RecordConfig& config = {}) {
    static_assert(std::ranges::borrowed_range<Samples>,
                  "record() returns before this is recorded, and a temporary is gone by then: keep "
                  "it in a variable until wait() has returned");
    return record(detail::one_channel(samples), config);
}

}  // namespace portspan
