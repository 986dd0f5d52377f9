// SPDX-License-Identifier: MIT
// Several threads on one stream without a callback, one at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace portspan::detail {

/// One call on a stream at a time. In PortAudio's ALSA streams a write hides the input from a read
/// that goes on beside it, for ever; in its JACK streams one of the two takes the other's wake-up,
/// and nobody wakes a read after a stop.
class Turns {
public:
    /// In the order of asking. False where the stream is about to end: there is no turn.
    [[nodiscard]] bool take() {
        std::unique_lock lock{mutex_};
        const std::uint64_t ticket = next_++;
        changed_.wait(lock, [&] { return now_ == ticket; });
        if (endings_ == 0) return true;
        pass();
        return false;
    }
    void give_back() {
        const std::lock_guard lock{mutex_};
        pass();
    }

    /// Lets the turn go by that somebody has, and gives no other until end_stream() has returned.
    /// Where a host waits for a device that is gone, the stream is ended all the same.
    template <class End>
    auto end(End end_stream) {
        struct Ending {
            Turns& turns;
            explicit Ending(Turns& its_turns) : turns(its_turns) {
                std::unique_lock lock{turns.mutex_};
                ++turns.endings_;
                constexpr std::chrono::seconds patience{1};
                turns.changed_.wait_for(lock, patience,
                                        [this] { return turns.now_ == turns.next_; });
            }
            Ending(const Ending&) = delete;
            Ending& operator=(const Ending&) = delete;
            ~Ending() {
                const std::lock_guard lock{turns.mutex_};
                --turns.endings_;
            }
        } const ending{*this};
        return end_stream();
    }

private:
    void pass() {
        ++now_;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t next_ = 0;
    std::uint64_t now_ = 0;
    int endings_ = 0;
};

/// A turn as long as it lives.
class Turn {
public:
    explicit Turn(Turns& turns) : turns_(turns), taken_(turns.take()) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        if (taken_) turns_.give_back();
    }
    explicit operator bool() const noexcept { return taken_; }

private:
    Turns& turns_;
    bool taken_;
};

}  // namespace portspan::detail
