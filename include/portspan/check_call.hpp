// SPDX-License-Identifier: MIT
// One call of a callback on guarded buffers, and what was seen while it ran.
#pragma once

#include <portaudio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "callback.hpp"
#include "check_compare.hpp"
#include "check_report.hpp"
#include "check_words.hpp"
#include "exceptions.hpp"
#include "failure.hpp"
#include "float_control.hpp"
#include "guarded.hpp"

namespace portspan::detail {

/// How one run is other than the usual one.
struct Pass {
    std::uint8_t old_memory = 0x3d;  ///< 0.046 as a float; 0xbc is -0.023
    bool in_place = false;
    bool null_input = false;
    void* state = nullptr;  ///< instead of the callback's own
};

/// What one call did.
struct Called {
    int result = paAbort;
    double seconds = 0;
    Failure threw = {};
    std::vector<std::pair<Observation, std::string>> seen = {};
};

/// The buffers of all calls, and the audio that goes into them.
template <class In, class Out, class L>
class GuardedCall {
    // Where there is no such direction, buffers without channels.
    using InSample = std::conditional_t<std::is_void_v<In>, float, In>;
    using OutSample = std::conditional_t<std::is_void_v<Out>, float, Out>;

public:
    /// For blocks of at most `largest` frames out of `frames` in all.
    GuardedCall(Shape shape, std::size_t largest, std::size_t frames, double sample_rate)
        : shape_(shape),
          sample_rate_(sample_rate),
          signal_(check_signal<InSample>(frames, shape.input_channels)),
          input_(largest, shape.input_channels),
          output_(largest, shape.output_channels) {}

    /// With the `frames` frames from `first` on.
    Called call(RawCallback raw, std::size_t first, std::size_t frames, const Pass& pass) {
        const InSample* const signal = signal_.data() + first * shape_.input_channels;
        const auto input = input_.view(frames);
        const auto output = output_.view(frames);
        fill(input, signal);
        fill_with_old(output, pass.old_memory);
        void* const out = output_.pointer();
        void* in = pass.null_input ? nullptr : input_.pointer();
        if constexpr (std::is_same_v<In, Out>) {
            if (pass.in_place) {
                fill(output, signal);
                in = out;
            }
        }
        const double now = static_cast<double>(first) / sample_rate_;
        const double heard = now + static_cast<double>(frames) / sample_rate_;
        const PaStreamCallbackTimeInfo time{now, now, heard};
        if (pass.state) raw.user_data = pass.state;

        Called called;
        const auto control = FloatControl::get();
        const auto start = Clock::now();
        attempt(
            [&] {
                called.result =
                    detail::call(raw, in, out, static_cast<unsigned long>(frames), &time, 0);
            },
            [&] { called.threw = std::current_exception(); });
        const std::chrono::duration<double> took = Clock::now() - start;
        const auto control_after = FloatControl::get();
        FloatControl::set(control);

        called.seconds = took.count();
        const auto see = [&](Observation what, std::string text) {
            called.seen.emplace_back(what, std::move(text));
        };
        const std::string changes = changes_of(control, control_after);
        if (!changes.empty()) {
            see(Observation::changed_float_control,
                "leaves the processor's floating-point control changed: " + changes);
        }
        if (const Damage damage = output_.damage()) {
            see(Observation::wrote_outside_output,
                text_of(damage, "output", shape_.output_channels, is_planar));
        }
        if (const Damage damage = input_.damage()) {
            see(Observation::wrote_outside_input,
                text_of(damage, "input", shape_.input_channels, is_planar));
        }
        if (!is_filled(input, signal)) see(Observation::wrote_to_input, "writes to its input");
        return called;
    }

    /// Adds what the last call has left in the output.
    void record(std::size_t frames, std::vector<OutSample>& samples) {
        const auto output = output_.view(frames);
        for (std::size_t f = 0; f < output.frames(); ++f) {
            for (std::size_t c = 0; c < output.channels(); ++c) samples.push_back(output(f, c));
        }
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr bool is_planar = std::is_same_v<L, Planar>;

    template <class View>
    static void fill(const View& view, const InSample* signal) {
        for (std::size_t f = 0; f < view.frames(); ++f) {
            for (std::size_t c = 0; c < view.channels(); ++c) view(f, c) = *signal++;
        }
    }
    template <class View>
    static bool is_filled(const View& view, const InSample* signal) {
        for (std::size_t f = 0; f < view.frames(); ++f) {
            for (std::size_t c = 0; c < view.channels(); ++c, ++signal) {
                if (std::memcmp(&view(f, c), signal, sizeof *signal) != 0) return false;
            }
        }
        return true;
    }
    template <class View>
    static void fill_with_old(const View& view, std::uint8_t byte) {
        for (std::size_t f = 0; f < view.frames(); ++f) {
            for (std::size_t c = 0; c < view.channels(); ++c) {
                std::memset(static_cast<void*>(&view(f, c)), byte, sizeof view(f, c));
            }
        }
    }

    Shape shape_;
    double sample_rate_;
    std::vector<InSample> signal_;
    GuardedBuffer<InSample, L> input_;
    GuardedBuffer<OutSample, L> output_;
};

}  // namespace portspan::detail
