// SPDX-License-Identifier: MIT
// The numbers in a callback's state, one by one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <portspan/state_layout.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace run_callback {

/// One number of a state, of at most 8 bytes.
struct Number {
    std::string name;  ///< "drive", "band[1].q"
    std::string type;  ///< as portspan/description.h spells it
    std::size_t size = 0;
    std::size_t offset = 0;

    /// What its bytes are to be, in the lowest ones; throws Failure with what is wanted.
    [[nodiscard]] std::uint64_t bits_of(const std::string& text) const;
    [[nodiscard]] std::string text_of(std::uint64_t bits) const;
    /// A step of a tenth of it up or down; a small one where it is 0.
    [[nodiscard]] std::uint64_t stepped(std::uint64_t bits, bool up) const;

    /// Out of a state and into it.
    [[nodiscard]] std::uint64_t load(const std::byte* state) const noexcept;
    void store(std::byte* state, std::uint64_t bits) const noexcept;
};

/// Those that somebody may want to turn: of a long array some, no complex ones, no pointers.
[[nodiscard]] std::vector<Number> numbers_in(const portspan::StateLayout& layout);

/// In their order.
[[nodiscard]] std::vector<std::string> names_of(const std::vector<Number>& numbers);

}  // namespace run_callback
