// SPDX-License-Identifier: MIT
// The control side of a slot: which callback comes next, and when the old one may go.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "any_callback.hpp"
#include "call_watch.hpp"
#include "control.hpp"
#include "cross_fade.hpp"
#include "departure.hpp"
#include "error.hpp"
#include "exceptions.hpp"
#include "sole_binding.hpp"
#include "swap.hpp"

namespace portspan::detail {

/// Any thread but the audio thread, which has the Swap.
template <class In, class Out, class L>
class SlotCore {
public:
    /// Set when the callback that was there before is destroyed.
    using Ticket = std::shared_ptr<std::atomic<bool>>;

    explicit SlotCore(std::shared_ptr<AnyCallback> first) : callback_(std::move(first)) {}

    /// For a stream. Throws Error where the slot has one, or what the callback throws at it.
    Swap<In, Out, L>& bind(const Context& context) {
        const SoleBinding binding{this};
        std::shared_ptr<AnyCallback> callback;
        {
            const std::lock_guard lock{mutex_};
            if (swap_ || is_opening_) {
                raise(Error(Fault::invalid_argument, "Slot",
                            "it is in a stream already, which is not closed"));
            }
            is_opening_ = true;
            callback = callback_;
        }
        const Opening opening{*this};
        // Without the lock, as all that is the callback's own code.
        std::unique_ptr<AnyBound> bound = callback->bound_to(context);
        const std::lock_guard lock{mutex_};
        swap_.emplace(context, *bound);
        bound_ = std::move(bound);
        context_ = context;
        ++streams_;
        return *swap_;
    }
    /// The stream is closed: no call is made any more.
    void unbind() noexcept {
        std::unique_ptr<AnyBound> bound;
        std::deque<Exchange> exchanges;
        std::shared_ptr<AnyCallback> callback;
        {
            const std::lock_guard lock{mutex_};
            bound = std::move(bound_);
            exchanges = std::move(exchanges_);
            exchanges_.clear();
            if (!exchanges.empty()) {
                callback = std::exchange(callback_, std::move(exchanges.back().callback));
            }
            departure_.reset();
            swap_.reset();
            context_.reset();
        }
        bound.reset();
        callback.reset();
        for (Exchange& exchange : exchanges) {
            const Ticket ticket = exchange.ticket;
            exchange = {};
            ticket->store(true, std::memory_order_release);
        }
    }

    /// Throws Error where the new callback does not fit: then nothing has changed.
    [[nodiscard]] Ticket begin(std::shared_ptr<AnyCallback> callback, const Fade& fade) {
        refuse_inside("Slot::exchange");
        const SoleBinding binding{this};
        Exchange exchange{.callback = std::move(callback),
                          .change = std::make_unique<Change>(),
                          .ticket = std::make_shared<std::atomic<bool>>(false)};
        exchange.change->fade = checked(fade);
        const Ticket ticket = exchange.ticket;
        std::shared_ptr<AnyCallback> old;
        while (true) {
            // Bound for one stream, without the lock: it may have another one by then.
            const auto [context, stream] = stream_now();
            std::unique_ptr<AnyBound> bound;
            if (context) bound = exchange.callback->bound_to(*context);
            std::unique_lock lock{mutex_};
            if (is_opening_) {
                lock.unlock();
                std::this_thread::sleep_for(glance);
                continue;
            }
            if (stream != streams_ || context.has_value() != swap_.has_value()) continue;
            if (swap_) {
                exchange.change->next = std::move(bound);
                exchanges_.push_back(std::move(exchange));
                if (exchanges_.size() == 1) publish();
                return ticket;
            }
            if (!exchange.callback->is_there()) {
                raise(Error(Fault::invalid_argument, "Slot::exchange",
                            "the stream has ended meanwhile, and the callback, which cannot be "
                            "copied for the next one, with it"));
            }
            old = std::exchange(callback_, std::move(exchange.callback));
            break;
        }
        old.reset();
        ticket->store(true, std::memory_order_release);
        return ticket;
    }

    /// Until the callback that was there before `ticket` is destroyed. `is_async`: nobody is kept
    /// by it from asking for the calls of a stream that is offline.
    void wait(const Ticket& ticket, bool is_async) {
        while (true) {
            const bool has_advanced = advance(is_async);
            if (ticket->load(std::memory_order_acquire)) return;
            if (!has_advanced) std::this_thread::sleep_for(glance);
        }
    }

private:
    struct Exchange {
        std::shared_ptr<AnyCallback> callback;
        std::unique_ptr<Change> change;
        Ticket ticket;
    };

    /// The end of `is_opening_`, whatever came of it.
    class Opening {
    public:
        explicit Opening(SlotCore& slot) : slot_(slot) {}
        Opening(const Opening&) = delete;
        Opening& operator=(const Opening&) = delete;
        ~Opening() {
            const std::lock_guard lock{slot_.mutex_};
            slot_.is_opening_ = false;
        }

    private:
        SlotCore& slot_;
    };

    /// What the stream of now has, and its number; no context where there is none.
    [[nodiscard]] std::pair<std::optional<Context>, std::uint64_t> stream_now() {
        const std::lock_guard lock{mutex_};
        return {swap_ ? context_ : std::nullopt, streams_};
    }

    /// Of what is to happen next; false where it has to be waited for.
    bool advance(bool is_async) {
        Exchange over;
        std::unique_ptr<AnyBound> bound;
        {
            const std::lock_guard lock{mutex_};
            if (exchanges_.empty()) return false;
            Exchange& first = exchanges_.front();
            if (!departure_->is_done(is_async)) return false;
            bound = std::exchange(bound_, std::move(first.change->next));
            std::swap(callback_, first.callback);
            over = std::move(first);
            exchanges_.pop_front();
            departure_.reset();
            if (!exchanges_.empty()) publish();
        }
        // Without the lock: nobody knows what a callback's end does.
        bound.reset();
        const Ticket ticket = over.ticket;
        over = {};
        ticket->store(true, std::memory_order_release);
        return true;
    }

    void publish() { departure_.emplace(*swap_, *context_, *exchanges_.front().change); }

    std::mutex mutex_;  // never taken by the audio thread, nor while a callback's own code runs
    std::shared_ptr<AnyCallback> callback_;
    std::optional<Context> context_;
    std::unique_ptr<AnyBound> bound_;
    std::optional<Swap<In, Out, L>> swap_;            ///< in a stream
    std::uint64_t streams_ = 0;                       ///< that the slot was in
    bool is_opening_ = false;                         ///< a stream binds the callback
    std::deque<Exchange> exchanges_;                  ///< the first one is under way
    std::optional<Departure<In, Out, L>> departure_;  ///< of the old callback, if one is
};

}  // namespace portspan::detail
