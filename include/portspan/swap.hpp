// SPDX-License-Identifier: MIT
// What the audio thread calls while one callback takes another one's place. It waits for nobody;
// the other side learns from two counters when it has let go.
#pragma once

#include <portaudio.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "any_callback.hpp"
#include "buffer.hpp"
#include "buffers.hpp"
#include "call_counter.hpp"
#include "call_in_parts.hpp"
#include "control.hpp"
#include "cross_fade.hpp"
#include "exceptions.hpp"

namespace portspan::detail {

/// From the callback that is called now to `next`.
struct Change {
    std::unique_ptr<AnyBound> next;
    Fade fade;
    AnyBound* old = nullptr;  ///< since begin()

    /// Audio thread: the old one is called no more.
    std::atomic<bool> is_over{false};
    // The audio thread's own.
    std::size_t position = 0;  ///< frames of the fade that are heard
    bool old_has_ended = false;
};

template <class In, class Out, class L>
class Swap {
public:
    Swap(const Context& context, AnyBound& first)
        : parts_(context.shape, context.sample_rate),
          to_(can_fade ? most_frames(context) : 0, context.shape.output_channels),
          shape_(context.shape),
          control_(context.control.get()),
          current_(&first) {}

    /// Audio thread.
    int run(const RawBlock& raw) {
        const CallCounter::Call call{calls_};
        Change* const change = change_.load();
        if (!change) [[likely]]
            return current_.load(std::memory_order_relaxed)->run(raw);
        if constexpr (can_fade) {
            if (change->position < change->fade.frames) return fade(*change, raw);
        }
        change->is_over.store(true, std::memory_order_release);
        return change->next->run(raw);
    }

    // Another thread, one at a time.

    /// From the next call on.
    void begin(Change& change) noexcept {
        change.old = current_.load(std::memory_order_relaxed);
        change_.store(&change);
    }
    /// From the next call on `next` alone is called, and nothing more of the change.
    void end(AnyBound& next) noexcept {
        current_.store(&next);
        change_.store(nullptr);
    }
    [[nodiscard]] const CallCounter& calls() const noexcept { return calls_; }

private:
    static constexpr bool can_fade = Sample<Out>;

    int fade(Change& change, const RawBlock& raw) {
        const auto both = [&](const RawBlock& part) { return fade_part(change, part); };
        const int result = call_in_parts(parts_, shape_, both, raw, [&](std::size_t first) {
            return (std::min)(raw.frames - first, to_.frames());
        });
        if (change.position >= change.fade.frames) {
            change.is_over.store(true, std::memory_order_release);
        }
        return result;
    }

    int fade_part(Change& change, const RawBlock& part) {
        const auto to = to_.view(part.frames);
        RawBlock next = part;
        next.output = to_.raw();
        if constexpr (std::is_same_v<In, Out>) {
            if (part.input == part.output) {  // each works in a buffer of its own
                copy_through(output_of(part), to);
                next.input = next.output;
            }
        }
        const int result = change.next->run(next);
        if (change.old_has_ended) {
            fill_silence(output_of(part));
        } else {
            const int of_old = run_old(*change.old, part);
            change.old_has_ended = of_old != paContinue;
            if (of_old == paAbort) fill_silence(output_of(part));
        }
        if (result == paAbort) fill_silence(to);
        cross_fade(output_of(part), to, change.fade, change.position);
        change.position += part.frames;
        return result;
    }

    /// Its end, by an exception too, is its own.
    int run_old(AnyBound& old, const RawBlock& part) {
        const Control::Deaf deaf{*control_};
        return attempt([&]() -> int { return old.run(part); }, []() -> int { return paAbort; });
    }

    auto output_of(const RawBlock& part) const noexcept {
        using View = typename ViewOf<L, Out>::type;
        return view_of<View>(part.output, part.frames, shape_.output_channels);
    }

    using Faded = std::conditional_t<can_fade, Out, float>;
    Parts<In, Out, L> parts_;
    Buffer<Faded, L> to_;  ///< of the new callback, while both are called
    Shape shape_;
    Control* control_;
    CallCounter calls_;
    std::atomic<AnyBound*> current_;
    std::atomic<Change*> change_{nullptr};
};

}  // namespace portspan::detail
