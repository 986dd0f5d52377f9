// SPDX-License-Identifier: MIT
// Events with times, from one thread to the audio thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "error.hpp"
#include "exceptions.hpp"
#include "finite_number.hpp"
#include "sole_use.hpp"
#include "times.hpp"

namespace portspan {

/// An event and when it is due.
template <class E>
struct Timed {
    StreamClock::time_point when;  ///< on the clock of the stream that plays it
    E event;                       ///< what happens then
};

namespace detail {

/// What the handles of one EventQueue share: a ring with one place that is always free. Who takes
/// leaves an event where it is; it dies when the pusher needs the place, not in the audio thread.
template <class E>
class SharedEvents {
public:
    explicit SharedEvents(std::size_t capacity) : places_(capacity + 1) {}

    std::atomic<bool> is_used{false};

    bool push(StreamClock::time_point when, E&& event) noexcept {
        const std::size_t place = end_.load(std::memory_order_relaxed);
        const std::size_t next = after(place);
        if (next == begin_.load(std::memory_order_acquire)) return false;
        places_[place].emplace(Timed<E>{when, std::move(event)});
        end_.store(next, std::memory_order_release);
        return true;
    }

    /// Audio thread: how many there are, at least.
    [[nodiscard]] std::size_t waiting() const noexcept {
        const std::size_t begin = begin_.load(std::memory_order_relaxed);
        const std::size_t end = end_.load(std::memory_order_acquire);
        return end >= begin ? end - begin : end + places_.size() - begin;
    }
    /// Audio thread: the first one; there has to be one.
    [[nodiscard]] Timed<E>& front() noexcept {
        return *places_[begin_.load(std::memory_order_relaxed)];
    }
    /// Audio thread: the same is not the first one any more.
    void drop() noexcept {
        begin_.store(after(begin_.load(std::memory_order_relaxed)), std::memory_order_release);
    }

private:
    [[nodiscard]] std::size_t after(std::size_t place) const noexcept {
        return place + 1 == places_.size() ? 0 : place + 1;
    }

    static_assert(std::atomic<std::size_t>::is_always_lock_free);
    std::vector<std::optional<Timed<E>>> places_;
    // Each on a cache line of its own: both sides write.
    alignas(64) std::atomic<std::size_t> begin_{0};
    alignas(64) std::atomic<std::size_t> end_{0};
};

}  // namespace detail

/// Events that one thread pushes and one callback takes, see with_events(), in the order of
/// pushing. Neither waits for the other, nothing is allocated but by the constructor. Copies share
/// the queue.
template <class E>
class EventQueue {
    static_assert(std::is_object_v<E> && std::is_nothrow_move_constructible_v<E> &&
                      std::is_nothrow_destructible_v<E>,
                  "an event of an EventQueue is moved without exceptions: best a small struct");

public:
    /// Room for so many events that are not due yet. Throws Error for 0, and for what does not fit
    /// into memory.
    explicit EventQueue(std::size_t capacity) : shared_(allocated(capacity)) {}
    /// Shares the queue. Moving copies, too: a handle without one would be a trap.
    EventQueue(const EventQueue&) = default;
    /// Likewise.
    EventQueue& operator=(const EventQueue&) = default;
    ~EventQueue() = default;

    /// One thread at a time. False, and nothing is pushed, where the queue is full, or `when` is
    /// infinite or not a number: such an event would stand before all others for ever.
    [[nodiscard]] bool push(StreamClock::time_point when, E event) noexcept {
        return detail::is_finite(when.time_since_epoch().count()) &&
               shared_->push(when, std::move(event));
    }

    /// The first event, due or not; null where there is none. Valid until the next pop(). For a
    /// callback that looks itself: audio thread, and no other at the same time.
    [[nodiscard]] const Timed<E>* front() const noexcept {
        return shared_->waiting() == 0 ? nullptr : &shared_->front();
    }
    /// The same taken out. An event that owns memory gives that back wherever the result dies.
    std::optional<Timed<E>> pop() noexcept {
        if (shared_->waiting() == 0) return {};
        std::optional<Timed<E>> first{std::move(shared_->front())};
        shared_->drop();
        return first;
    }

private:
    friend struct detail::SharedOf;

    using Shared = detail::SharedEvents<E>;
    static std::shared_ptr<Shared> allocated(std::size_t capacity) {
        const auto refusal = [&](const char* why) {
            return Error(Fault::invalid_argument, "EventQueue",
                         "a capacity of " + std::to_string(capacity) + why);
        };
        const auto too_large = [&] { return refusal(" does not fit into memory"); };
        if (capacity == 0) detail::raise(refusal(""));
        // There is one place more.
        if (capacity == (std::numeric_limits<std::size_t>::max)()) detail::raise(too_large());
        return detail::allocate([&] { return std::make_shared<Shared>(capacity); }, too_large);
    }

    std::shared_ptr<detail::SharedEvents<E>> shared_;
};

}  // namespace portspan
