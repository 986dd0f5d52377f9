// SPDX-License-Identifier: MIT
// The audio that a renderer is given: what of it fits the callback, and what of it becomes silent.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "block.hpp"
#include "buffers.hpp"
#include "callback.hpp"
#include "error.hpp"
#include "fit.hpp"

namespace portspan::detail {

/// As many frames in as out, of the sides that there are.
template <class In, class Out, class L>
struct RenderViews {
    using InputView = typename Block<In, Out, L>::InputView;
    using OutputView = typename Block<In, Out, L>::OutputView;
    InputView input;
    OutputView output;

    [[nodiscard]] std::size_t frames() const noexcept {
        if constexpr (Block<In, Out, L>::has_output) {
            return output.frames();
        } else {
            return input.frames();
        }
    }
    [[nodiscard]] RenderViews slice(std::size_t first, std::size_t count) const {
        return {slice_of(input, first, count), slice_of(output, first, count)};
    }

    /// Throws Error for other channel counts, for frames in that are not those out, for memory that
    /// is null, and for memory that overlaps as the callback cannot have it.
    void check(Shape shape, const RawCallback& callback) const {
        const auto expect = [](std::size_t has, std::size_t wants, const char* what) {
            if (has == wants) return;
            raise(Error(Fault::channel_mismatch, "Renderer::process",
                        std::to_string(has) + what + std::to_string(wants)));
        };
        constexpr bool has_input = Block<In, Out, L>::has_input;
        constexpr bool has_output = Block<In, Out, L>::has_output;
        if constexpr (has_input) {
            expect(input.channels(), shape.input_channels, " input channels, configured: ");
        }
        if constexpr (has_output) {
            expect(output.channels(), shape.output_channels, " output channels, configured: ");
        }
        const auto expect_memory = [](const auto& view, const char* audio) {
            if (view.empty()) return;
            const std::string why = missing_memory(view, audio);
            if (!why.empty()) raise(Error(Fault::invalid_argument, "Renderer::process", why));
        };
        if constexpr (has_input) expect_memory(input, "the input");
        if constexpr (has_output) expect_memory(output, "the output");
        if constexpr (has_input && has_output) {
            if (input.frames() != output.frames()) {
                raise(Error(Fault::invalid_argument, "Renderer::process",
                            std::to_string(input.frames()) + " frames in, " +
                                std::to_string(output.frames()) + " out"));
            }
            check_overlap(callback);
        }
    }

    void silence_rest(std::size_t first) const {
        if constexpr (Block<In, Out, L>::has_output) {
            fill_silence(output.slice(first, output.frames() - first));
        }
    }

    /// A device leaves old memory in the output; here a result has to be repeatable. Output that is
    /// the input's own memory is left alone.
    void silence_before() const {
        const auto is_input = [&](std::size_t channel) {
            if constexpr (Block<In, Out, L>::has_input && Block<In, Out, L>::has_output) {
                if (channel >= input.channels()) return false;
                const void* const first = &input(0, channel);
                return first == &output(0, channel);
            } else {
                return false;
            }
        };
        if constexpr (std::is_same_v<L, Interleaved> && Block<In, Out, L>::has_output) {
            if (!is_input(0)) fill_silence(output);
        } else if constexpr (Block<In, Out, L>::has_output) {
            for (std::size_t channel = 0; channel < output.channels(); ++channel) {
                if (!is_input(channel)) std::ranges::fill(output.channel(channel), silence<Out>);
            }
        }
    }

private:
    void check_overlap(const RawCallback& callback) const {
        const bool takes_same =
            !callback.description || !(callback.description->properties & PORTSPAN_NOT_IN_PLACE);
        const auto refuse_unless = [&](bool same, const auto& in, const auto& out) {
            const auto address = [](const auto* p) { return reinterpret_cast<std::uintptr_t>(p); };
            const bool apart = address(in.data() + in.size()) <= address(out.data()) ||
                               address(out.data() + out.size()) <= address(in.data());
            if (apart) return;
            if (same && address(in.data()) == address(out.data())) {
                if (takes_same) return;
                raise(Error(Fault::callback_mismatch, name_of(callback),
                            "it must not work in place, input and output are the same memory"));
            }
            raise(Error(Fault::invalid_argument, "Renderer::process",
                        "input and output overlap without being the same"));
        };
        if constexpr (std::is_same_v<L, Interleaved>) {
            refuse_unless(input.channels() == output.channels(), input.samples(), output.samples());
        } else {
            for (std::size_t i = 0; i < input.channels(); ++i) {
                for (std::size_t o = 0; o < output.channels(); ++o) {
                    refuse_unless(i == o, input.channel(i), output.channel(o));
                }
            }
        }
    }

    template <class View>
    static View slice_of(const View& view, std::size_t first, std::size_t count) {
        if constexpr (std::is_same_v<View, NoView>) {
            return view;
        } else {
            return view.slice(first, count);
        }
    }
};

}  // namespace portspan::detail
