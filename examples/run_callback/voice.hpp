// SPDX-License-Identifier: MIT
// A callback with the state that it works on, whose numbers can be changed while it runs.
#pragma once

#include <portaudio.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <portspan/callback.hpp>
#include <string>
#include <vector>

#include "numbers.hpp"
#include "run.hpp"

namespace run_callback {

/// The memory behind user data.
class State {
public:
    /// As the library says that a new one is, else of the zeros that the callback says it needs,
    /// else NULL.
    explicit State(const LoadedCallback& callback);

    /// Those that the library tells of.
    [[nodiscard]] const std::vector<Number>& numbers() const noexcept { return numbers_; }
    /// Null where there is none.
    [[nodiscard]] std::byte* bytes() const noexcept { return memory_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// By its library, which says what a new one holds; else zeros, if anything.
    [[nodiscard]] bool is_described() const noexcept { return is_described_; }

private:
    std::vector<Number> numbers_;
    std::shared_ptr<std::byte> memory_;
    std::size_t size_ = 0;
    bool is_described_ = false;
};

/// The bytes of a block's output that are silence.
struct Silence {
    std::size_t channels = 0;
    std::size_t sample_size = 0;
    bool planar = false;
    unsigned char byte = 0;

    void write(void* output, unsigned long frames) const noexcept;
};

/// Between the stream and the callback of one library.
class Voice {
public:
    /// `goes_on`: where the callback ends there is silence, and not the end of the stream.
    Voice(portspan::RawCallback callback, State state, bool goes_on, Silence silence);
    Voice(const Voice&) = delete;
    Voice& operator=(const Voice&) = delete;

    /// For a stream, which keeps all of it alive.
    [[nodiscard]] static portspan::RawCallback raw(const std::shared_ptr<Voice>& voice) noexcept;

    // Any thread.

    [[nodiscard]] const std::vector<Number>& numbers() const noexcept { return state_.numbers(); }
    /// What user data is; NULL where there is no state.
    [[nodiscard]] const std::byte* state() const noexcept { return state_.bytes(); }
    /// Bytes behind it.
    [[nodiscard]] std::size_t state_size() const noexcept { return state_.size(); }
    /// From the next call on. A number has its own place here, which the audio thread empties
    /// before it calls: no lock, nothing torn, nothing that a callback would see change while it
    /// runs, and what comes faster than blocks do takes the place of what was there.
    void set(std::size_t number, std::uint64_t bits) noexcept;
    /// After the last call, or as it was before the first.
    [[nodiscard]] std::uint64_t now(std::size_t number) const noexcept;
    /// As it was before the first call.
    [[nodiscard]] std::uint64_t initial(std::size_t number) const noexcept {
        return initial_[number];
    }
    /// When it was called first.
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> first_call() const noexcept;
    /// The result that ended it, paContinue where none has.
    [[nodiscard]] int result() const noexcept { return result_.load(std::memory_order_acquire); }

private:
    struct Place {
        std::atomic<std::uint64_t> wanted{0};
        std::atomic<bool> is_wanted{false};
        std::atomic<std::uint64_t> now{0};
    };

    static int run(const void* input, void* output, unsigned long frames,
                   const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status, void* self);
    void take_wishes() noexcept;
    void show_numbers() noexcept;

    portspan::RawCallback callback_;
    State state_;
    bool goes_on_;
    Silence silence_;
    std::unique_ptr<Place[]> places_;
    std::vector<std::uint64_t> initial_;
    std::atomic<bool> has_wishes_{false};
    std::atomic<std::int64_t> first_call_{0};
    std::atomic<int> result_{paContinue};
};

}  // namespace run_callback
