// SPDX-License-Identifier: MIT
// What chain() becomes once the sample types and the channels are known.
#pragma once

#include <portaudio.h>

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "bound_stage.hpp"

namespace portspan::detail {

/// Stages that hand on one signal, in the output or in one buffer beside it.
template <class In, class Out, class L, class Stages>
class BoundChain;
template <class In, class Out, class L, class... Stages>
class BoundChain<In, Out, L, std::tuple<Stages...>> {
    static constexpr std::size_t count = sizeof...(Stages);
    static constexpr bool is_nothrow =
        (std::is_nothrow_invocable_v<Stages&, const RawBlock&> && ...);

public:
    // Of the one that sees the input.
    static constexpr bool is_foreign = std::tuple_element_t<0, std::tuple<Stages...>>::is_foreign;

    BoundChain(std::tuple<Stages...> stages, const Context& context)
        : stages_(std::move(stages)), in_parts_(context) {
        const auto in_place = std::apply(
            [](const auto&... stage) { return std::array{detail::works_in_place(stage)...}; },
            stages_);
        // From behind: the last one writes to the output, each that does not work in place reads
        // what is in the other buffer.
        bool in_output = true;
        bool needs_scratch = false;
        for (std::size_t i = count; i-- > 0;) {
            writes_output_[i] = in_output;
            if (i > 0 && !in_place[i]) in_output = !in_output;
            needs_scratch = needs_scratch || !in_output;
        }
        if (needs_scratch) scratch_ = {most_frames(context), context.shape.output_channels};
        copies_input_ = in_output && !in_place[0];
        if (copies_input_) input_ = KeptInput<In, Out, L>{context};
    }

    /// Without a copy, that is.
    [[nodiscard]] bool works_in_place() const noexcept { return !copies_input_; }

    int operator()(const RawBlock& raw) noexcept(is_nothrow) {
        return in_parts_(raw, [this](const RawBlock& part) noexcept(is_nothrow) {
            return run(part, std::index_sequence_for<Stages...>{});
        });
    }

private:
    template <std::size_t... I>
    int run(const RawBlock& part, std::index_sequence<I...>) noexcept(is_nothrow) {
        RawBlock block = part;
        if (copies_input_) block.input = input_.of(part);
        int ended = paContinue;
        static_cast<void>((run_stage<I>(block, part.output, ended) && ...));
        return ended;
    }

    /// False where the rest is not to be called.
    template <std::size_t I>
    bool run_stage(RawBlock& block, void* output, int& ended) noexcept(is_nothrow) {
        block.output = writes_output_[I] ? output : scratch_.raw();
        const int result = std::get<I>(stages_)(block);
        block.input = block.output;
        if (result == paContinue) [[likely]]
            return true;
        if (result == paAbort || ended == paContinue || ended == paComplete) ended = result;
        return result != paAbort;
    }

    std::tuple<Stages...> stages_;
    InParts<In, Out, L> in_parts_;
    std::array<bool, count> writes_output_{};
    bool copies_input_ = false;
    KeptInput<In, Out, L> input_;
    Buffer<Out, L> scratch_;
};

/// Its stages tell theirs.
template <class In, class Out, class L, class Stages>
FailureReport* failures_of(const BoundChain<In, Out, L, Stages>&) noexcept {
    return nullptr;
}

}  // namespace portspan::detail
