// SPDX-License-Identifier: MIT
// A callback with the state that it works on, whose numbers can be changed while it runs.
#include "voice.hpp"

#include <cstring>
#include <portspan/callback_state.hpp>
#include <portspan/error.hpp>
#include <utility>

#include "failure.hpp"
#include "text.hpp"

namespace run_callback {

State::State(const LoadedCallback& callback) {
    const char* const symbol = callback.symbol.c_str();
    try {
        const portspan::CallbackState state = callback.library.state_of(symbol);
        numbers_ = numbers_in(state.layout);
        memory_ = state.memory;
        size_ = state.layout.size;
        is_described_ = true;
        return;
    } catch (const portspan::Error& error) {
        if (error.code() != portspan::Fault::symbol_not_found) throw;
    }
    const portspan_description* const says = callback.library.description(symbol);
    if (!says || (says->properties & PORTSPAN_NEEDS_STATE) == 0 || says->state_size == 0) return;
    constexpr std::uint64_t most = 1u << 30;
    if (says->state_size > most) {
        throw Failure(callback.library.name() + ": " + callback.symbol + ": " +
                      std::to_string(says->state_size) + " bytes of state are too many");
    }
    size_ = static_cast<std::size_t>(says->state_size);
    const auto zeros = std::make_shared<std::vector<std::byte>>(size_);
    memory_ = {zeros, zeros->data()};
}

void Silence::write(void* output, unsigned long frames) const noexcept {
    if (!output) return;
    if (!planar) {
        std::memset(output, byte, frames * channels * sample_size);
        return;
    }
    for (std::size_t c = 0; c < channels; ++c) {
        std::memset(static_cast<void* const*>(output)[c], byte, frames * sample_size);
    }
}

Voice::Voice(portspan::RawCallback callback, State state, bool goes_on, Silence silence)
    : callback_(std::move(callback)),
      state_(std::move(state)),
      goes_on_(goes_on),
      silence_(silence) {
    places_ = std::make_unique<Place[]>(numbers().size());
    for (std::size_t i = 0; i < numbers().size(); ++i) {
        initial_.push_back(numbers()[i].load(state_.bytes()));
        places_[i].now.store(initial_.back(), std::memory_order_relaxed);
    }
}

portspan::RawCallback Voice::raw(const std::shared_ptr<Voice>& voice) noexcept {
    portspan::RawCallback raw = voice->callback_;
    raw.function = &Voice::run;
    raw.user_data = voice.get();
    raw.keep_alive = voice;
    return raw;
}

void Voice::set(std::size_t number, std::uint64_t bits) noexcept {
    Place& place = places_[number];
    place.wanted.store(bits, std::memory_order_relaxed);
    place.is_wanted.store(true, std::memory_order_release);
    has_wishes_.store(true, std::memory_order_release);
}

std::uint64_t Voice::now(std::size_t number) const noexcept {
    const Place& place = places_[number];
    // What is asked for counts: the next step goes on from there.
    if (place.is_wanted.load(std::memory_order_acquire)) {
        return place.wanted.load(std::memory_order_relaxed);
    }
    return place.now.load(std::memory_order_relaxed);
}

std::optional<std::chrono::steady_clock::time_point> Voice::first_call() const noexcept {
    const std::int64_t ticks = first_call_.load(std::memory_order_acquire);
    if (ticks == 0) return std::nullopt;
    using Clock = std::chrono::steady_clock;
    return Clock::time_point{Clock::duration{ticks}};
}

void Voice::take_wishes() noexcept {
    if (!has_wishes_.exchange(false, std::memory_order_acquire)) return;
    for (std::size_t i = 0; i < numbers().size(); ++i) {
        Place& place = places_[i];
        // Shown before it is no wish any more: who looks meanwhile sees one of both.
        const std::uint64_t bits = place.wanted.load(std::memory_order_relaxed);
        if (!place.is_wanted.load(std::memory_order_acquire)) continue;
        place.now.store(bits, std::memory_order_relaxed);
        place.is_wanted.exchange(false, std::memory_order_acq_rel);
        numbers()[i].store(state_.bytes(), place.wanted.load(std::memory_order_relaxed));
    }
}

void Voice::show_numbers() noexcept {
    for (std::size_t i = 0; i < numbers().size(); ++i) {
        places_[i].now.store(numbers()[i].load(state_.bytes()), std::memory_order_relaxed);
    }
}

int Voice::run(const void* input, void* output, unsigned long frames,
               const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status, void* self) {
    Voice& voice = *static_cast<Voice*>(self);
    if (voice.first_call_.load(std::memory_order_relaxed) == 0) [[unlikely]] {
        voice.first_call_.store(std::chrono::steady_clock::now().time_since_epoch().count(),
                                std::memory_order_release);
    }
    if (voice.result() != paContinue) {
        voice.silence_.write(output, frames);
        return voice.goes_on_ ? int{paContinue} : voice.result();
    }
    voice.take_wishes();
    const int result =
        voice.callback_.function(input, output, frames, time, status, voice.state_.bytes());
    voice.show_numbers();
    if (result == paContinue) [[likely]]
        return result;
    voice.result_.store(result, std::memory_order_release);
    if (!voice.goes_on_) return result;
    if (result != paComplete) voice.silence_.write(output, frames);
    return paContinue;
}

}  // namespace run_callback
