// SPDX-License-Identifier: MIT
// The callback between PortAudio (or a Renderer) and the one that is run: it measures, and stands
// in for what the stream does not have.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <portspan/block.hpp>
#include <portspan/callback.hpp>
#include <portspan/ring_buffer.hpp>
#include <type_traits>
#include <utility>
#include <vector>

#include "buffer.hpp"
#include "crash.hpp"
#include "guarded.hpp"
#include "statistics.hpp"

namespace run_callback {

/// How the inner callback ended: nothing, or its last result.
constexpr int not_ended = paContinue;

/// What a callback wrote to that is not its own.
enum class Overrun {
    none,
    output,
    before_output,
    input,
    before_input,
    output_pointers,
    input_pointers
};

/// `callback` as a PaStreamCallback with a clock around it. Nothing in run() allocates, locks or
/// makes a system call but reading the clock.
template <class T, class L>
class Timed {
public:
    using InputView = typename L::template View<const T>;
    using OutputView = typename L::template View<T>;

    struct Setup {
        portspan::RawCallback callback;
        portspan::Shape shape;  ///< what the inner callback is to see; 0: NULL
        double sample_rate;
        bool stream_has_input;   ///< false: the input is `memory`, or NULL
        bool stream_has_output;  ///< false: the inner callback writes to memory of ours
        /// The stream lacks a side, so portspan::in_place() cannot do it around this one.
        bool copy_in_place = false;
        std::optional<Buffer<T, L>> memory = {};  ///< all of the input file
        /// 0, or the frames after which `memory` begins again; it has scratch_frames more, which
        /// are those of its beginning, so that no block is cut there.
        std::size_t loop_frames = 0;
        std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  ///< frames
        std::optional<portspan::RingBuffer<T>> recorder = {};
        /// Needed where the stream has no output, or the input loops: longer blocks are cut.
        std::size_t scratch_frames = 0;
        /// The callback gets memory of ours, of so many frames at most, and what it writes beyond
        /// that is seen; 0: it gets the stream's.
        std::size_t guarded_frames = 0;
    };

    Timed(Setup setup, std::shared_ptr<Statistics> statistics)
        : setup_(std::move(setup)),
          statistics_(std::move(statistics)),
          scratch_(setup_.stream_has_output ? 0 : setup_.scratch_frames,
                   setup_.shape.output_channels),
          input_planes_(setup_.shape.input_channels),
          output_planes_(setup_.shape.output_channels) {
        if (setup_.guarded_frames == 0) return;
        guards_.emplace(
            Guards{{setup_.guarded_frames, setup_.shape.input_channels, 0},
                   {setup_.guarded_frames, setup_.shape.output_channels, unlikely_byte}});
    }
    Timed(const Timed&) = delete;
    Timed& operator=(const Timed&) = delete;

    /// For a Stream or a Renderer, which keeps all of it alive: a stream on a device that is gone
    /// may outlive everything else.
    [[nodiscard]] static portspan::RawCallback raw(const std::shared_ptr<Timed>& timed) noexcept {
        return {&Timed::run, timed.get(), timed};
    }

    /// The inner callback's last result, not_ended as long as it wants more. Any thread.
    [[nodiscard]] int result() const noexcept { return result_.load(std::memory_order_acquire); }
    /// The limit is reached, or the callback has ended. Any thread.
    [[nodiscard]] bool done() const noexcept { return done_.load(std::memory_order_acquire); }
    /// Frames that the recorder had no room for. Any thread.
    [[nodiscard]] std::uint64_t lost_frames() const noexcept { return lost_.get(); }
    /// With guarded_frames; the result is then paAbort. Not while it runs, as the next.
    [[nodiscard]] Overrun overrun() const noexcept { return overrun_; }
    [[nodiscard]] std::size_t frames_of_overrun() const noexcept { return frames_of_overrun_; }

private:
    struct Guards {
        GuardedBuffer<T, L> input;
        GuardedBuffer<T, L> output;
    };
    /// Nobody's silence, and a tiny number as a float.
    static constexpr std::uint8_t unlikely_byte = 0xa5;

    static int run(const void* input, void* output, unsigned long frames,
                   const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags flags, void* self) {
        return static_cast<Timed*>(self)->call({input, output, frames, time, flags});
    }

    int call(const portspan::RawBlock& raw) noexcept {
        statistics_->note_flags(raw.status);
        // PortAudio may call once more after the last result.
        const std::uint64_t left = done() ? 0 : setup_.limit - position_;
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(raw.frames, left));
        std::size_t first = 0;
        while (first < wanted && !done()) {
            const bool is_cut = use_scratch() || setup_.loop_frames != 0;
            const std::size_t count =
                is_cut ? std::min(wanted - first, setup_.scratch_frames) : wanted;
            if (!piece(raw, first, count)) break;
            first += count;
        }
        if (setup_.stream_has_output && first < raw.frames) {
            silence(output_view(raw).slice(first, raw.frames - first));
        }
        if (position_ >= setup_.limit) done_.store(true, std::memory_order_release);
        if (!done()) return paContinue;
        // What is no result at all ends the stream too; the program then says what it was.
        return result() == paAbort ? paAbort : paComplete;
    }

    /// One call of the inner callback; false where its block is void.
    bool piece(const portspan::RawBlock& raw, std::size_t first, std::size_t count) noexcept {
        const InputView input = input_view(raw, first, count);
        const OutputView wanted =
            use_scratch() ? scratch_.view().slice(0, count) : output_view(raw).slice(first, count);
        const OutputView output = guards_ ? guards_->output.view(count) : wanted;
        statistics_->input.add(input);
        const void* input_pointer = nullptr;
        void* output_pointer = nullptr;
        if (guards_) {
            copy(input, guards_->input.view(count));
            input_pointer = guards_->input.pointer();
            output_pointer = guards_->output.pointer();
        } else {
            if (!input.empty()) input_pointer = pointer(input, input_planes_);
            if (setup_.shape.output_channels != 0) output_pointer = pointer(output, output_planes_);
        }
        if (use_scratch() || guards_) silence(output);
        if (setup_.copy_in_place) {
            portspan::Block<T, T, L> block{input, output};
            block.in_place();
            input_pointer = output_pointer;
        }

        note_call(count);
        const auto start = std::chrono::steady_clock::now();
        const int result = setup_.callback.function(input_pointer, output_pointer, count, raw.time,
                                                    raw.status, setup_.callback.user_data);
        const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - start;
        statistics_->note_call(static_cast<std::uint64_t>(took.count()), count, setup_.sample_rate);

        if (guards_ && !guards_intact(count)) return false;
        if (result != paContinue) {
            result_.store(result, std::memory_order_release);
            done_.store(true, std::memory_order_release);
        }
        if (result == paAbort) return false;  // its block is dropped
        if (guards_) copy(output, wanted);
        position_ += count;
        statistics_->frames.add(count);
        statistics_->output.add(output);
        if (setup_.recorder) lost_.add(count - setup_.recorder->write(output));
        return true;
    }

    bool guards_intact(std::size_t count) noexcept {
        // The pointers first: who writes over them takes them for samples.
        const auto side = [](auto& buffer, Overrun behind, Overrun before) {
            return buffer.only_before() ? before : behind;
        };
        overrun_ = !guards_->output.pointers_intact()  ? Overrun::output_pointers
                   : !guards_->input.pointers_intact() ? Overrun::input_pointers
                   : !guards_->output.intact()
                       ? side(guards_->output, Overrun::output, Overrun::before_output)
                   : !guards_->input.intact()
                       ? side(guards_->input, Overrun::input, Overrun::before_input)
                       : Overrun::none;
        if (overrun_ == Overrun::none) return true;
        frames_of_overrun_ = count;
        result_.store(paAbort, std::memory_order_release);
        done_.store(true, std::memory_order_release);
        return false;
    }

    [[nodiscard]] bool use_scratch() const noexcept {
        return !setup_.stream_has_output && setup_.shape.output_channels != 0;
    }

    InputView input_view(const portspan::RawBlock& raw, std::size_t first,
                         std::size_t count) noexcept {
        if (setup_.memory) {
            const std::size_t loop = setup_.loop_frames;
            return setup_.memory->view().slice(loop == 0 ? position_ : position_ % loop, count);
        }
        if (!setup_.stream_has_input || !raw.input) return {};
        const std::size_t channels = setup_.shape.input_channels;
        if constexpr (std::is_same_v<L, portspan::Planar>) {
            return InputView{static_cast<const T* const*>(raw.input), count, channels, first};
        } else {
            return InputView{static_cast<const T*>(raw.input), raw.frames, channels}.slice(first,
                                                                                           count);
        }
    }

    OutputView output_view(const portspan::RawBlock& raw) const noexcept {
        if (!setup_.stream_has_output) return {nullptr, raw.frames, 0};
        if constexpr (std::is_same_v<L, portspan::Planar>) {
            return {static_cast<T* const*>(raw.output), raw.frames, setup_.shape.output_channels};
        } else {
            return {static_cast<T*>(raw.output), raw.frames, setup_.shape.output_channels};
        }
    }

    /// A view as PortAudio hands it over.
    template <class View, class Plane>
    static auto pointer(View view, std::vector<Plane>& planes) noexcept {
        if constexpr (std::is_same_v<L, portspan::Interleaved>) {
            return view.data();
        } else {
            for (std::size_t c = 0; c < planes.size(); ++c) planes[c] = view.channel(c).data();
            return planes.data();
        }
    }

    template <class From, class To>
    static void copy(From from, To to) noexcept {
        if constexpr (std::is_same_v<L, portspan::Interleaved>) {
            std::copy_n(from.data(), from.frames() * from.channels(), to.data());
        } else {
            for (std::size_t c = 0; c < from.channels(); ++c) {
                std::copy_n(from.channel(c).data(), from.frames(), to.channel(c).data());
            }
        }
    }

    static void silence(OutputView view) noexcept {
        for (std::size_t c = 0; c < view.channels(); ++c) {
            for (T& sample : view.channel(c)) sample = portspan::silence<T>;
        }
    }

    Setup setup_;
    std::shared_ptr<Statistics> statistics_;
    Buffer<T, L> scratch_;
    std::vector<const void*> input_planes_;
    std::vector<void*> output_planes_;
    std::optional<Guards> guards_;
    Overrun overrun_ = Overrun::none;
    std::size_t frames_of_overrun_ = 0;
    std::uint64_t position_ = 0;  // audio thread only
    std::atomic<int> result_{not_ended};
    std::atomic<bool> done_{false};
    Shared<std::uint64_t> lost_;
};

}  // namespace run_callback
