// SPDX-License-Identifier: MIT
// What callbacks that consist of several have in common: failures that are told at once, an input
// that outlives its output, blocks that are larger than the memory for them.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "buffer.hpp"
#include "call_in_parts.hpp"
#include "failure_news.hpp"

namespace portspan::detail {

/// One callback of several. Only here is it known which library was called, so what that one says
/// of an abort is taken here.
template <class Inner>
struct BoundStage {
    static constexpr bool is_foreign = Inner::is_foreign;
    Inner inner;
    Control* control;
    FailureNews failures;

    int operator()(const RawBlock& raw) noexcept(
        std::is_nothrow_invocable_v<Inner&, const RawBlock&>) {
        const int result = inner(raw);
        if (result == paAbort) [[unlikely]] {
            if (const char* text = failures.take()) control->fail(text);
        }
        return result;
    }
};

template <class In, class Out, class L, class Callback>
auto bind_stage(Callback callback, const Context& context) {
    auto inner = bind<In, Out, L>(std::move(callback), context);
    FailureNews failures{failures_of(inner)};
    failures.begin();
    return BoundStage<decltype(inner)>{std::move(inner), context.control.get(),
                                       std::move(failures)};
}

/// Cuts what is larger than an adaptor's memory. Audio thread only.
template <class In, class Out, class L>
class InParts {
public:
    explicit InParts(const Context& context)
        : parts_(context.shape, context.sample_rate),
          shape_(context.shape),
          most_(most_frames(context)) {}

    /// `call(part)` until one does not continue; what is left of the output then is silent.
    template <class Call>
    int operator()(const RawBlock& raw, Call call) noexcept(noexcept(call(raw))) {
        if (raw.frames <= most_) [[likely]]
            return call(raw);
        return call_in_parts(parts_, shape_, call, raw, [&](std::size_t first) noexcept {
            return (std::min)(most_, raw.frames - first);
        });
    }

private:
    Parts<In, Out, L> parts_;
    Shape shape_;
    std::size_t most_;
};

/// The input for those who read it when some of the output has been written: a copy where both are
/// one memory, as far as that can be.
template <class In, class Out, class L>
class KeptInput {
    static constexpr bool may_share = std::is_same_v<In, Out> && !std::is_void_v<In>;

public:
    KeptInput() = default;
    explicit KeptInput(const Context& context) : shape_(context.shape) {
        if constexpr (may_share) copy_ = {most_frames(context), shape_.input_channels};
    }

    /// Of a part of at most most_frames().
    [[nodiscard]] const void* of(const RawBlock& raw) noexcept {
        if constexpr (may_share) {
            if (shares_memory(raw)) {
                using View = typename L::template View<const In>;
                copy_through(view_of<View>(raw.input, raw.frames, shape_.input_channels),
                             copy_.view(raw.frames));
                return copy_.raw();
            }
        }
        return raw.input;
    }

private:
    [[nodiscard]] bool shares_memory(const RawBlock& raw) const noexcept {
        if (raw.input == raw.output) return true;
        if constexpr (std::is_same_v<L, Planar>) {
            // Arrays of their own may lead to the same channels.
            const auto* inputs = static_cast<const void* const*>(raw.input);
            const auto* outputs = static_cast<const void* const*>(raw.output);
            const std::size_t both = (std::min)(shape_.input_channels, shape_.output_channels);
            for (std::size_t c = 0; inputs && c < both; ++c) {
                if (inputs[c] == outputs[c]) return true;
            }
        }
        return false;
    }

    using Memory = std::conditional_t<may_share, In, float>;
    Shape shape_;
    Buffer<Memory, L> copy_;
};

}  // namespace portspan::detail
