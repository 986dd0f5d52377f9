// SPDX-License-Identifier: MIT
// The state that a callback says it works on, and callbacks linked into the program that say so.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "callback.hpp"
#include "fit.hpp"

namespace portspan {

/// The 64-bit FNV-1a hash of a layout that is spelled out as description.h says:
/// `layout_hash("gain:f4:0;channels:i4:4;size:8")`. What a description has as its state_hash, and
/// what `portspan_state_hash(const GainState*)`, declared beside GainState, returns.
[[nodiscard]] constexpr std::uint64_t layout_hash(std::string_view layout) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : layout) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

namespace detail {

/// Found by argument-dependent lookup; a class without one has its base's.
template <class State>
concept HashedState = requires(const State* state) {
    { portspan_state_hash(state) } -> std::convertible_to<std::uint64_t>;
};

inline std::string hexadecimal(std::uint64_t number) {
    std::string text = "0x";
    for (int bit = 60; bit >= 0; bit -= 4) text += "0123456789abcdef"[number >> bit & 15];
    return text;
}

/// Throws Error where a state of that size and layout is not what the callback says it works on; 0
/// is what is not known.
inline void require_state(const RawCallback& callback, std::uint64_t size, std::uint64_t hash) {
    if (!callback.description) return;
    const portspan_description& says = *callback.description;
    check_description(says, name_of(callback));
    const auto compare = [&](std::uint64_t wanted, std::uint64_t has, const std::string& why) {
        if (wanted == 0 || has == 0 || wanted == has) return;
        raise(Error(Fault::state_mismatch, name_of(callback), why));
    };
    compare(says.state_size, size,
            "it works on " + std::to_string(says.state_size) + " bytes, the state has " +
                std::to_string(size));
    compare(says.state_hash, hash,
            "it works on another layout, " + hexadecimal(says.state_hash) +
                ", than that of the state, " + hexadecimal(hash) +
                ": the state's header is of another version of the callback");
}

/// The same of a state of this type. Of an incomplete one, as of void, nothing is known.
template <class State>
void require_state(const RawCallback& callback, const State* state) {
    std::uint64_t size = 0;
    std::uint64_t hash = 0;
    if constexpr (requires { sizeof(State); }) size = sizeof(State);
    if constexpr (HashedState<State>) hash = portspan_state_hash(state);
    require_state(callback, size, hash);
}

}  // namespace detail

/// A function of this program with the description that stands beside it, for a stream or a
/// renderer: `described(&gain, gain_portspan, &state)`. `description` has to live as long as the
/// callback. Errors call it `name`. Throws Error where the state is not the callback's.
template <detail::ForeignFunction F, class State>
[[nodiscard]] auto described(const F& function, const portspan_description& description,
                             State state, const char* name = nullptr) {
    auto foreign = detail::foreign(function, state);
    foreign.description = &description;
    foreign.name = name;
    if constexpr (std::is_pointer_v<State>) detail::require_state(foreign.raw(), state);
    return foreign;
}

/// The same for one without a state.
template <detail::ForeignFunction F>
[[nodiscard]] auto described(const F& function, const portspan_description& description) {
    auto foreign = detail::foreign(function);
    foreign.description = &description;
    return foreign;
}

// A temporary one would be gone before the stream opens.
template <detail::ForeignFunction F, class... State>
void described(const F& function, const portspan_description&& temporary, State...) = delete;

}  // namespace portspan
