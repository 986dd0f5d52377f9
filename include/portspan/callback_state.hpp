// SPDX-License-Identifier: MIT
// A state that a program makes of what a library says, without its header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "callback.hpp"
#include "error.hpp"
#include "loader.hpp"
#include "state.hpp"
#include "state_field.hpp"
#include "state_layout.hpp"

namespace portspan {

/// The memory of a state, with the names of what is in it. Copies share it:
/// `SharedLibrary::state_of` makes another. What uses it keeps it by `memory`.
struct CallbackState {
    std::shared_ptr<std::byte> memory = {};  ///< user data: aligned for every type
    StateLayout layout = {};                 ///< of what is there
    std::uint64_t hash = 0;                  ///< layout_hash() of the layout

    /// All of it.
    [[nodiscard]] std::span<std::byte> bytes() const noexcept {
        return {memory.get(), layout.size};
    }

    /// set_field() of this state.
    void set(std::string_view field, double value) const {
        set_field(bytes(), layout, field, value);
    }

    /// field_text() of this state.
    [[nodiscard]] std::string text(std::string_view field) const {
        return field_text(bytes(), layout, field);
    }
};

namespace detail {

/// Zeros, aligned for vector registers too.
inline std::shared_ptr<std::byte> state_memory(std::size_t size) {
    constexpr std::align_val_t alignment{64};
    void* const memory = ::operator new(size, alignment);
    std::memset(memory, 0, size);
    return {static_cast<std::byte*>(memory),
            [](std::byte* bytes) { ::operator delete(bytes, alignment); }};
}

/// The new state of the callback `name`, of the symbols that its library may have for it.
inline CallbackState make_state(const std::string& name, const Symbol& layout,
                                const Symbol& initial, const portspan_description* says) {
    const auto refuse = [&](const std::string& why) {
        raise(Error(Fault::unknown_description, name, why));
    };
    const auto is_data = [](const Symbol& symbol) {
        return symbol.kind == Symbol::Kind::data || symbol.kind == Symbol::Kind::unknown;
    };
    if (!is_data(layout)) {
        raise(Error(Fault::symbol_not_found, name,
                    "the library does not say what its state is, in a symbol _portspan_state"));
    }
    const auto* const text = static_cast<const char*>(layout.address);
    if (layout.size != 0 && !std::memchr(text, '\0', layout.size)) {
        refuse("the layout of its state has no end");
    }
    CallbackState state{.layout = parse_layout(text, name), .hash = layout_hash(text)};
    const std::size_t size = state.layout.size;
    if (says && says->state_size != 0 && says->state_size != size) {
        refuse("its state has " + std::to_string(says->state_size) + " bytes, the layout \"" +
               text + "\" " + std::to_string(size));
    }
    if (says && says->state_hash != 0 && says->state_hash != state.hash) {
        refuse("its state has the hash " + hexadecimal(says->state_hash) + ", the layout \"" +
               text + "\" " + hexadecimal(state.hash));
    }
    const bool has_initial = is_data(initial);
    if (has_initial && initial.size != 0 && initial.size != size) {
        refuse("a new state has " + std::to_string(initial.size) + " bytes, its layout says " +
               std::to_string(size));
    }
    state.memory = state_memory(size);
    if (has_initial) std::memcpy(state.memory.get(), initial.address, size);
    return state;
}

/// The callback on that state, which it keeps.
inline RawCallback on_state(RawCallback callback, const CallbackState& state) {
    require_state(callback, state.layout.size, state.hash);
    using Kept = std::pair<std::shared_ptr<const void>, std::shared_ptr<std::byte>>;
    callback.user_data = state.memory.get();
    callback.keep_alive =
        std::make_shared<const Kept>(std::move(callback.keep_alive), state.memory);
    return callback;
}

}  // namespace detail
}  // namespace portspan
