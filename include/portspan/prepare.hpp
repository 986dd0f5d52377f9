// SPDX-License-Identifier: MIT
// From anything that a stream takes to the one function pointer that PortAudio calls.
// Stream and Renderer both come here, so what is heard and what is rendered cannot differ.
#pragma once

#include <portaudio.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "buffers.hpp"
#include "callback.hpp"
#include "control.hpp"
#include "exceptions.hpp"
#include "nonblocking.hpp"

namespace portspan::detail {

/// What goes to Pa_OpenStream, and what has to live until the stream is closed.
struct Prepared {
    RawCallback callback;
    /// Null where a foreign function is passed on untouched: then nothing of ours is in between.
    Control* control;
    /// For Pa_SetStreamFinishedCallback; null where nobody wants to be told.
    PaStreamFinishedCallback* finished = nullptr;

    Prepared(RawCallback raw, Control* its_control)
        : callback(std::move(raw)), control(its_control) {}
    // What was moved from has no callback; a copy would share a callable that is not the copy's.
    Prepared(Prepared&& other) noexcept
        : callback(std::exchange(other.callback, {})),
          control(std::exchange(other.control, nullptr)),
          finished(std::exchange(other.finished, nullptr)) {}
    Prepared& operator=(Prepared&& other) noexcept {
        Prepared local{std::move(other)};
        std::swap(callback, local.callback);
        std::swap(control, local.control);
        std::swap(finished, local.finished);
        return *this;
    }
    ~Prepared() = default;
};

/// A bound callback pinned in memory, with the barrier that nothing may pass.
template <class Out, class L, class Bound>
struct Node {
    static constexpr bool is_nothrow = std::is_nothrow_invocable_v<Bound&, const RawBlock&>;

    Control control;
    Shape shape;
    std::optional<Bound> bound;  // goes with the stream; the rest when nobody has the control

    Node(Finished finished, const Shape& its_shape)
        : control(std::move(finished)), shape(its_shape) {}

    static int run(const void* input, void* output, unsigned long frames,
                   const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status,
                   void* user_data) noexcept PORTSPAN_NONBLOCKING(is_nothrow) {
        Node& node = *static_cast<Node*>(user_data);
        const InCallback here{node.control};
        const RawBlock raw{input, output, frames, time, status};
        const int result = node.guarded(raw);
        if (result == paContinue && !node.control.stop_requested()) [[likely]]
            return paContinue;
        return node.ending(result, raw);
    }

    static void finish(void* user_data) noexcept {
        static_cast<Node*>(user_data)->control.finish();
    }

private:
    int guarded(const RawBlock& raw) noexcept {
        if constexpr (is_nothrow) {
            return (*bound)(raw);
        } else {
            return attempt([&]() -> int { return (*bound)(raw); },
                           [&] {
                               control.fail(std::current_exception());
                               return paAbort;
                           });
        }
    }

    int ending(int result, const RawBlock& raw) noexcept {
        control.end();
        if (result == paContinue || result == paComplete) return paComplete;
        if (result == paAbort) {
            // Most hosts drop the block of an abort; those that play it must not play old memory.
            if constexpr (!std::is_void_v<Out>) {
                using View = typename ViewOf<L, Out>::type;
                if (raw.output) {
                    fill_silence(view_of<View>(raw.output, raw.frames, shape.output_channels,
                                               shape.output_format));
                }
            }
            return paAbort;
        }
        control.fail(Fault::unknown_result, static_cast<std::size_t>(result));
        return paComplete;
    }
};

/// A foreign function as it is, unless somebody wants to be told of the end; anything else in a
/// node of its own. Throws Error for what cannot work, before PortAudio is called. `setting` is
/// the context that it gets, but for the control.
template <class In, class Out, class L, class Callback>
Prepared prepare(Callback callback, const Context& setting, const Finished& finished = {}) {
    const auto make = [&](const Context& context) {
        return bind<In, Out, L>(std::move(callback), context);
    };
    using Bound = decltype(make(std::declval<const Context&>()));
    if constexpr (std::is_same_v<Bound, BoundRaw>) {
        if (!finished) return {make(setting).callback, nullptr};
    }
    using Pinned = Node<Out, L, Bound>;
    const auto node = std::make_shared<Pinned>(finished, setting.shape);
    Context context = setting;
    context.control = {node, &node->control};
    node->bound.emplace(make(context));
    // What is bound has the control, and so the node.
    RawCallback run{&Pinned::run, node.get(),
                    std::shared_ptr<Pinned>{node.get(), [node](Pinned*) { node->bound.reset(); }}};
    run.failures = failures_of(*node->bound);
    Prepared prepared{std::move(run), &node->control};
    if (finished) prepared.finished = &Pinned::finish;
    return prepared;
}

}  // namespace portspan::detail
