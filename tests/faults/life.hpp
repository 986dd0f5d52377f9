// SPDX-License-Identifier: MIT
// Callables that tell what becomes of them: how often they are called, and when they are destroyed.
#pragma once

#include <portspan/stream.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <utility>

namespace faults {

enum class Does { keep_going, complete, throws };

/// The story of one callable, in memory that outlives it. Relaxed: what orders the threads has to
/// be portspan's and PortAudio's own, or TSan would miss where they forget to.
struct Life {
    std::atomic<int> given{0};      ///< 1: portspan owns the callable, or has owned it
    std::atomic<int> destroyed{0};  ///< how often
    std::atomic<int> calls{0};
    std::atomic<int> calls_after_end{0};
    std::atomic<Does> does{Does::keep_going};

    portspan::Next called() noexcept {
        if (count(destroyed) > 0) add(calls_after_end);
        add(calls);
        const Does what = does.load(std::memory_order_relaxed);
        return what == Does::complete ? portspan::Next::complete : portspan::Next::keep_going;
    }
    static int count(const std::atomic<int>& counter) noexcept {
        return counter.load(std::memory_order_relaxed);
    }
    static void add(std::atomic<int>& counter) noexcept {
        counter.fetch_add(1, std::memory_order_relaxed);
    }
};

/// What portspan is given to own; one that was moved from is nothing.
class Owned {
public:
    explicit Owned(Life& life) : life_(&life) { Life::add(life.given); }
    Owned(Owned&& other) noexcept : life_(std::exchange(other.life_, nullptr)) {}
    // Tells of a second destruction as well: the pointer stays.
    ~Owned() {
        if (life_) Life::add(life_->destroyed);
    }

    [[nodiscard]] Life& life() const noexcept { return *life_; }

private:
    Life* life_;
};

struct Quiet {
    Owned owned;
    portspan::Next operator()(auto&) noexcept { return owned.life().called(); }
};

struct Loud {
    Owned owned;
    portspan::Next operator()(auto&) {
        const portspan::Next next = owned.life().called();
        if (owned.life().does.load(std::memory_order_relaxed) == Does::throws) {
            throw std::runtime_error{"boo"};
        }
        return next;
    }
};

// Foreign functions; the state belongs to nobody, unless a RawCallback keeps something alive.
using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;
inline int typed(const float*, float*, unsigned long, Time, Flags, Life* life) noexcept {
    return static_cast<int>(life->called());
}
inline int typed_output(const void*, std::int16_t*, unsigned long, Time, Flags,
                        Life* life) noexcept {
    return static_cast<int>(life->called());
}
inline int untyped(const void*, void*, unsigned long, Time, Flags, void* life) noexcept {
    return static_cast<int>(static_cast<Life*>(life)->called());
}
inline std::atomic<int> calls_without_state{0};
inline int stateless(const void*, void*, unsigned long, Time, Flags, void*) noexcept {
    Life::add(calls_without_state);
    return 0;
}

inline portspan::RawCallback raw(Life& life) {
    return {&untyped, &life, std::make_shared<Owned>(life)};
}

/// portspan has to keep this callable until the process ends, because a host may call it still.
/// Looked at after everything else of the process has been destroyed.
void kept_for_ever(std::unique_ptr<Life> life);

}  // namespace faults
