// SPDX-License-Identifier: MIT
// A callback with the state that it works on, whose numbers can be changed while it runs.
#include "voice.hpp"

#include <cstring>
#include <portspan/loader.hpp>
#include <string_view>
#include <utility>

#include "failure.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

constexpr std::uint64_t most_bytes = 1u << 30;

/// A constant of the library that has `callback`, beside it: "_portspan_state".
portspan::detail::Symbol beside(const portspan::RawCallback& callback, const char* suffix) {
#if defined(__GLIBC__)
    const std::string_view name = callback.name ? callback.name : "";
    const std::string symbol{name.substr(name.rfind(' ') + 1)};
    Dl_info info{};
    link_map* library = nullptr;
    if (dladdr1(reinterpret_cast<void*>(callback.function), &info,
                reinterpret_cast<void**>(&library), RTLD_DL_LINKMAP) == 0) {
        return {};
    }
    // glibc's handle of a library is its link map.
    const auto found = portspan::detail::look_up(library, (symbol + suffix).c_str());
    if (found.kind == portspan::detail::Symbol::Kind::data) return found;
#else
    static_cast<void>(callback);
    static_cast<void>(suffix);
#endif
    return {};
}

}  // namespace

State::State(const portspan::RawCallback& callback) {
    const auto layout = beside(callback, "_portspan_state");
    if (layout.address && layout.size > 0) {
        const auto* text = static_cast<const char*>(layout.address);
        fields_ = fields_of({text, strnlen(text, layout.size)});
        if (!fields_) {
            throw Failure(std::string{callback.name} + ": what it says of its state is no layout");
        }
        size_ = fields_->size;
    } else if (callback.description &&
               (callback.description->properties & PORTSPAN_NEEDS_STATE) != 0) {
        if (callback.description->state_size > most_bytes) {
            throw Failure(std::string{callback.name} + ": " +
                          std::to_string(callback.description->state_size) +
                          " bytes of state are too many");
        }
        size_ = static_cast<std::size_t>(callback.description->state_size);
    }
    memory_.resize(size_);
    const auto initial = beside(callback, "_portspan_initial");
    if (fields_ && initial.address && initial.size == size_ && size_ > 0) {
        std::memcpy(memory_.data(), initial.address, size_);
    }
}

std::byte* State::bytes() noexcept { return size_ == 0 ? nullptr : memory_.data(); }
const std::byte* State::bytes() const noexcept { return size_ == 0 ? nullptr : memory_.data(); }

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
    if (!state_.fields()) return;
    const std::vector<Field>& fields = state_.fields()->fields;
    places_ = std::make_unique<Place[]>(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
        initial_.push_back(fields[i].load(state_.bytes()));
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

void Voice::set(std::size_t field, std::uint64_t bits) noexcept {
    Place& place = places_[field];
    place.wanted.store(bits, std::memory_order_relaxed);
    place.is_wanted.store(true, std::memory_order_release);
    has_wishes_.store(true, std::memory_order_release);
}

std::uint64_t Voice::now(std::size_t field) const noexcept {
    const Place& place = places_[field];
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
    const std::vector<Field>& fields = state_.fields()->fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        Place& place = places_[i];
        // Shown before it is no wish any more: who looks meanwhile sees one of both.
        const std::uint64_t bits = place.wanted.load(std::memory_order_relaxed);
        if (!place.is_wanted.load(std::memory_order_acquire)) continue;
        place.now.store(bits, std::memory_order_relaxed);
        place.is_wanted.exchange(false, std::memory_order_acq_rel);
        fields[i].store(state_.bytes(), place.wanted.load(std::memory_order_relaxed));
    }
}

void Voice::show_numbers() noexcept {
    const std::vector<Field>& fields = state_.fields()->fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        places_[i].now.store(fields[i].load(state_.bytes()), std::memory_order_relaxed);
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
    if (voice.fields()) voice.take_wishes();
    const int result =
        voice.callback_.function(input, output, frames, time, status, voice.state_.bytes());
    if (voice.fields()) voice.show_numbers();
    if (result == paContinue) [[likely]]
        return result;
    voice.result_.store(result, std::memory_order_release);
    if (!voice.goes_on_) return result;
    if (result != paComplete) voice.silence_.write(output, frames);
    return paContinue;
}

}  // namespace run_callback
