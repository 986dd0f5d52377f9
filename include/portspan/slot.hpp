// SPDX-License-Identifier: MIT
// A callback that is replaced while its stream runs.
#pragma once

#include <concepts>
#include <cstddef>
#include <future>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>

#include "bind.hpp"
#include "callback.hpp"
#include "cross_fade.hpp"
#include "sample.hpp"
#include "slot_core.hpp"
#include "view.hpp"

namespace portspan {

template <class In, class Out = In, Layout L = Interleaved>
class Slot;

namespace detail {
template <class In, class Out, class L, class SlotIn, class SlotOut, class SlotL>
auto bind(Slot<SlotIn, SlotOut, SlotL> slot, const Context& context);
}  // namespace detail

/// What a stream of the same types runs instead of one callback for ever: its callback can be
/// replaced by any other that the stream would take, foreign or C++, while it sounds. Copies are
/// the same slot. One stream at a time has it; the next one starts with a copy of the last
/// callback, and one that cannot be copied is for the first stream that is asked for, whether it
/// opens or not. in_place(slot) needs as many channels in as out, since a foreign function may
/// come.
template <class In, class Out, Layout L>
class Slot {
public:
    /// What a stream takes. Throws Error for null; whether it fits, the stream sees that opens.
    template <class Callback>
        requires(!std::same_as<std::remove_cvref_t<Callback>, Slot>)
    explicit Slot(Callback callback) : core_(std::make_shared<Core>(any(std::move(callback)))) {}
    /// A foreign function with the state that it gets as its user data.
    template <detail::ForeignFunction F, detail::StatePointer State>
    Slot(const F& function, State state) : Slot(detail::foreign(function, state)) {}

    // Copies alone: a slot that was moved from would be a trap.
    /// Of the same slot.
    Slot(const Slot&) = default;
    /// Likewise.
    Slot& operator=(const Slot&) = default;
    ~Slot() = default;

    /// The stream goes over to `next`, both being heard while the fade lasts. Returns when the old
    /// callback will not be called any more and is destroyed: its library is unloaded, its state
    /// is the caller's. At once where the stream does not run. What the old one returns or throws
    /// during the fade ends the old one alone, and nobody is told why. Exchanges follow one another
    /// in the order of the calls. Throws Error where the stream would refuse `next`, and from
    /// inside a callback; then the old one goes on. Without a stream only null is refused, the next
    /// stream compares the rest. Any thread but the audio thread, and no one that has to let it
    /// run: with a Renderer or a mock that is pumped, see exchange_async(). Two slots that are
    /// given each other without a stream keep each other for ever.
    template <class Callback>
    void exchange(Callback next, const Fade& fade = {}) {
        core_->wait(core_->begin(any(std::move(next)), fade), false);
    }
    /// The same for a function pointer with its state.
    template <detail::ForeignFunction F, detail::StatePointer State>
    void exchange(const F& next, State state, const Fade& fade = {}) {
        exchange(detail::foreign(next, state), fade);
    }

    /// The same without waiting: the new callback is heard from the next block on, where no other
    /// exchange is under way. The future is ready when exchange() would return; who throws it away
    /// does not want to know. In a Renderer the fade has its frames however long they take, and
    /// until they are rendered, or the Renderer ends, get() waits. Throws at once what exchange()
    /// throws, and std::system_error where there is no thread to be had; that exchange is made all
    /// the same.
    template <class Callback>
    [[nodiscard]] std::future<void> exchange_async(Callback next, const Fade& fade = {}) {
        std::packaged_task<void()> wait{
            [core = core_, ticket = core_->begin(any(std::move(next)), fade)]() mutable {
                const auto shared = std::move(core);  // let go of before the future is ready
                shared->wait(ticket, true);
            }};
        std::future<void> done = wait.get_future();
        // Not std::async(), whose future would wait where it dies.
        std::thread{std::move(wait)}.detach();
        return done;
    }
    /// The same for a function pointer with its state.
    template <detail::ForeignFunction F, detail::StatePointer State>
    [[nodiscard]] std::future<void> exchange_async(const F& next, State state,
                                                   const Fade& fade = {}) {
        return exchange_async(detail::foreign(next, state), fade);
    }

private:
    using Core = detail::SlotCore<In, Out, L>;

    template <class Callback>
    static std::shared_ptr<detail::AnyCallback> any(Callback callback) {
        return std::make_shared<detail::CallbackAs<In, Out, L, Callback>>(std::move(callback));
    }

    template <class I, class O, class M, class SlotIn, class SlotOut, class SlotL>
    friend auto detail::bind(Slot<SlotIn, SlotOut, SlotL> slot, const detail::Context& context);

    std::shared_ptr<Core> core_;
};

namespace detail {

template <class In, class Out, class L>
inline constexpr bool is_adaptor<Slot<In, Out, L>> = true;

/// A slot in a stream; the stream's end gives it free.
template <class In, class Out, class L>
class BoundSlot {
public:
    static constexpr bool is_foreign = true;  // one of them may be

    BoundSlot(std::shared_ptr<SlotCore<In, Out, L>> core, const Context& context)
        : swap_(&core->bind(context)), core_(std::move(core)) {}
    BoundSlot(BoundSlot&&) noexcept = default;
    BoundSlot& operator=(BoundSlot&&) = delete;
    ~BoundSlot() {
        if (core_) core_->unbind();
    }

    int operator()(const RawBlock& raw) { return swap_->run(raw); }

private:
    Swap<In, Out, L>* swap_;
    std::shared_ptr<SlotCore<In, Out, L>> core_;
};

template <class In, class Out, class L, class SlotIn, class SlotOut, class SlotL>
auto bind(Slot<SlotIn, SlotOut, SlotL> slot, const Context& context) {
    static_assert(
        std::is_same_v<In, SlotIn> && std::is_same_v<Out, SlotOut> && std::is_same_v<L, SlotL>,
        "the slot has other sample types or another layout than the stream: an OutputStream<float> "
        "takes a Slot<void, float>, an InputStream<float> a Slot<float, void>");
    return BoundSlot<In, Out, L>{std::move(slot.core_), context};
}

}  // namespace detail

}  // namespace portspan
