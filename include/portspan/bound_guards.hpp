// SPDX-License-Identifier: MIT
// What guards.hpp puts around a callback, once the sample type and the channels are known.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "buffers.hpp"
#include "error.hpp"
#include "finite_number.hpp"
#include "float_control.hpp"

namespace portspan {

/// A number of samples that grows in the audio thread and is read by any other, without a lock.
/// Copies share the number.
class SampleCount {
public:
    /// The number so far. Any thread.
    [[nodiscard]] std::size_t get() const noexcept {
        return samples_->load(std::memory_order_relaxed);
    }
    /// For a guard of one's own; the audio thread may call it.
    void add(std::size_t samples) noexcept {
        samples_->fetch_add(samples, std::memory_order_relaxed);
    }

private:
    static_assert(std::atomic<std::size_t>::is_always_lock_free);
    std::shared_ptr<std::atomic<std::size_t>> samples_ =
        std::make_shared<std::atomic<std::size_t>>(0);
};

namespace detail {

/// `f` of every sample of the output.
template <class Out, class L, class F>
void for_each_sample(const RawBlock& raw, Shape shape, F f) noexcept {
    using View = typename L::template View<Out>;
    const auto output = view_of<View>(raw.output, raw.frames, shape.output_channels);
    if constexpr (InterleavedSamples<View>) {
        for (Out& sample : output.samples()) f(sample);
    } else {
        for (std::size_t c = 0; c < output.channels(); ++c) {
            for (Out& sample : output.channel(c)) f(sample);
        }
    }
}

template <class Inner>
struct BoundFlushDenormals {
    static constexpr bool is_foreign = Inner::is_foreign;
    Inner inner;

    int operator()(const RawBlock& raw) noexcept(
        std::is_nothrow_invocable_v<Inner&, const RawBlock&>) {
        const FlushingDenormals flushing;
        return inner(raw);
    }
};

template <class In, class Out, class L, class Inner>
struct BoundZeroOutputFirst {
    static constexpr bool is_foreign = Inner::is_foreign;
    Inner inner;
    Shape shape;

    int operator()(const RawBlock& raw) noexcept(
        std::is_nothrow_invocable_v<Inner&, const RawBlock&>) {
        silence_output(raw);
        return inner(raw);
    }

private:
    void silence_output(const RawBlock& raw) const noexcept {
        if (raw.input == raw.output) return;
        if constexpr (std::is_same_v<L, Interleaved>) {
            fill_silence(InterleavedView<Out>{static_cast<Out*>(raw.output), raw.frames,
                                              shape.output_channels});
        } else {
            // Arrays of their own may lead to the same channels.
            const auto* inputs = static_cast<const void* const*>(raw.input);
            const auto* outputs = static_cast<Out* const*>(raw.output);
            const std::size_t shared = inputs ? shape.input_channels : 0;
            for (std::size_t c = 0; c < shape.output_channels; ++c) {
                if (c < shared && inputs[c] == outputs[c]) continue;
                for (std::size_t frame = 0; frame < raw.frames; ++frame) {
                    outputs[c][frame] = silence<Out>;
                }
            }
        }
    }
};

template <class L, class Inner>
struct BoundSilenceNonFinite {
    static constexpr bool is_foreign = Inner::is_foreign;
    Inner inner;
    Shape shape;
    SampleCount silenced;

    int operator()(const RawBlock& raw) noexcept(
        std::is_nothrow_invocable_v<Inner&, const RawBlock&>) {
        const int result = inner(raw);
        std::size_t count = 0;
        for_each_sample<float, L>(raw, shape, [&](float& sample) {
            const bool finite = is_finite(sample);
            count += finite ? 0 : 1;
            sample = finite ? sample : 0;
        });
        if (count != 0) silenced.add(count);
        return result;
    }
};

template <class Out, class L, class Inner>
struct BoundLimit {
    static constexpr bool is_foreign = Inner::is_foreign;
    Inner inner;
    Shape shape;
    Out low;
    Out high;

    int operator()(const RawBlock& raw) noexcept(
        std::is_nothrow_invocable_v<Inner&, const RawBlock&>) {
        const int result = inner(raw);
        for_each_sample<Out, L>(raw, shape, [this](Out& sample) {
            sample = sample < low ? low : sample > high ? high : sample;
        });
        return result;
    }
};

/// `value` as a sample; throws Error where there is no such sample.
template <class Out, class Value>
Out limit_of(Value value) {
    if constexpr (!std::is_same_v<Out, float>) {
        static_assert(std::is_integral_v<Value>,
                      "the limits of integer output are whole sample values");
        const auto sample = static_cast<Out>(value);
        if (std::cmp_not_equal(static_cast<std::int32_t>(sample), +value)) {
            raise(Error(Fault::invalid_argument, "limit",
                        std::to_string(value) + " is none of the output's sample values"));
        }
        return sample;
    } else {
        return static_cast<float>(value);
    }
}

}  // namespace detail

}  // namespace portspan
