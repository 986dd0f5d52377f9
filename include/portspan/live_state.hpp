// SPDX-License-Identifier: MIT
// The state of a callback, changed and watched from other threads while the callback runs.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <memory>
#include <mutex>
#include <type_traits>
#include <vector>

#include "control.hpp"
#include "error.hpp"
#include "ramp.hpp"
#include "sole_use.hpp"
#include "state_mailbox.hpp"
#include "state_snapshot.hpp"

namespace portspan {

namespace detail {

/// What the handles of one LiveState and its callback share.
template <class T>
struct SharedState {
    /// A larger one, with a delay line in it say, is copied after each block for who asks only.
    static constexpr std::size_t always_copied = 4096;

    explicit SharedState(const T& initial) : state(initial), latest(initial) {}

    // The audio thread's.
    T state;
    RampList ramps;
    std::atomic<bool> is_used{false};

    StateMailbox mailbox{sizeof(T)};
    StateSnapshot after_block{sizeof(T), sizeof(T) <= always_copied};

    // The other threads'.
    std::mutex control;  // never taken by the audio thread
    T latest;            // with all that was set

    [[nodiscard]] std::byte* bytes() noexcept { return reinterpret_cast<std::byte*>(&state); }

    /// Audio thread.
    void begin_block() noexcept {
        mailbox.take([this](const StateChange& change) { change.apply(bytes(), ramps); });
    }
    void end_block() noexcept { after_block.write(&state, mailbox.taken(), ramps); }
};

/// `member` of a `T`, from T itself or a base of it.
template <class T, class M, class C>
concept MemberOf =
    std::is_base_of_v<C, T> && std::is_object_v<M> && !std::is_const_v<M> && !std::is_empty_v<M>;

}  // namespace detail

/// A struct that a callback works on, see with_state(), and that any other thread changes and
/// reads: no lock on the audio thread, no half of a change, the last one wins. What is changed
/// by one call is heard together, from the next block on that begins when the call has returned;
/// what a stopped stream is told it has when it starts.
/// Copies share the state. None of this is for the callback: it has the T itself, and from inside
/// one the calls throw Fault::inside_callback.
///
/// A block that follows changes costs the audio thread a copy of the members that were set, of all
/// of T after publish(); each block costs it one of T for read(), or where T is larger than 4096
/// bytes each that follows the first read() or copy().
template <class T>
class LiveState {
    static_assert(std::is_trivially_copyable_v<T> && std::is_copy_constructible_v<T> &&
                      std::is_copy_assignable_v<T>,
                  "a LiveState holds a trivially copyable struct: it goes from thread to thread "
                  "byte by byte");

public:
    /// As it is before the first change.
    explicit LiveState(const T& initial)
        : shared_(std::make_shared<detail::SharedState<T>>(initial)) {}
    /// All its numbers are 0, or what T says of them.
    LiveState()
        requires std::default_initializable<T>
        : LiveState(T{}) {}
    /// Shares the state. Moving copies, too: a handle without one would be a trap.
    LiveState(const LiveState&) = default;
    /// Likewise.
    LiveState& operator=(const LiveState&) = default;
    ~LiveState() = default;

    /// The whole state, with what the callback itself keeps there; ends all ramps.
    void publish(const T& value) {
        detail::refuse_inside("LiveState::publish");
        const std::lock_guard lock{shared_->control};
        shared_->latest = value;
        shared_->mailbox.post(
            [&](detail::StateChange& change) { change.set(0, &value, sizeof value); });
    }

    /// One member, `live.set(&Filter::cutoff, 440)`: a number, an array or a struct of its own. All
    /// else stays as the callback has it. Throws Error where `member` is null.
    template <class M, class C>
        requires detail::MemberOf<T, M, C>
    void set(M C::* member, const std::type_identity_t<M>& value) {
        detail::refuse_inside("LiveState::set");
        const std::lock_guard lock{shared_->control};
        const std::size_t offset = write(member, value);
        shared_->mailbox.post(
            [&](detail::StateChange& change) { change.set(offset, &value, sizeof value); });
    }

    /// A float or double, in a straight line from what it is when the next block begins. While it
    /// is on its way the callback is called with parts of a block, of 32 frames at most, but with
    /// all of it in fixed_blocks(); in each of them the number is the one that belongs to the
    /// part's end, in the last one exactly `value`, whatever the callback writes there. From an
    /// infinity or NaN it is there at once. 16 of them at once: for one more the oldest goes to its
    /// end.
    template <class M, class C>
        requires detail::MemberOf<T, M, C> && (std::same_as<M, float> || std::same_as<M, double>)
    void set(M C::* member, std::type_identity_t<M> value, Ramp ramp) {
        if (ramp.frames == 0) return set(member, value);
        detail::refuse_inside("LiveState::set");
        const std::lock_guard lock{shared_->control};
        const detail::MemberRamp way{write(member, value), sizeof(M), value, ramp.frames};
        shared_->mailbox.post([&](detail::StateChange& change) { change.set(way); });
    }

    /// As it was after the last block: what the callback has measured is in it. Before the first
    /// block, or where T is larger than 4096 bytes before the first block after the first read():
    /// what was set last.
    [[nodiscard]] T read() const {
        detail::refuse_inside("LiveState::read");
        const std::lock_guard lock{shared_->control};
        T value = shared_->latest;
        if (const auto* block = shared_->after_block.read()) {
            std::memcpy(static_cast<void*>(&value), block->bytes.data(), sizeof value);
        }
        return value;
    }

    /// The same, with all that was set since on it, and ramps at their ends: what another LiveState
    /// goes on from.
    [[nodiscard]] T copy() const {
        detail::refuse_inside("LiveState::copy");
        const std::lock_guard lock{shared_->control};
        T value = shared_->latest;
        if (const auto* block = shared_->after_block.read()) {
            std::vector<std::byte> bytes = block->bytes;
            block->ramps.write_targets(bytes.data());
            shared_->mailbox.complete(bytes.data(), block->number);
            std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
        }
        return value;
    }

private:
    friend struct detail::SharedOf;

    /// The offset of the member in T, in bytes.
    template <class M, class C>
    std::size_t write(M C::* member, const M& value) {
        if (!member) {
            detail::raise(Error(Fault::invalid_argument, "LiveState::set", "a null member"));
        }
        M& written = shared_->latest.*member;
        std::memcpy(static_cast<void*>(&written), &value, sizeof value);
        return static_cast<std::size_t>(reinterpret_cast<const std::byte*>(&written) -
                                        reinterpret_cast<const std::byte*>(&shared_->latest));
    }

    std::shared_ptr<detail::SharedState<T>> shared_;
};

}  // namespace portspan
