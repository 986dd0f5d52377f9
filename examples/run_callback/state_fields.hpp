// SPDX-License-Identifier: MIT
// The numbers in a callback's state, by the layout that it tells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace run_callback {

/// One number of a state.
struct Field {
    std::string name;  ///< "drive", "band[1].q"
    char kind = 'f';   ///< f, i, u or b, as in portspan/description.h
    std::size_t size = 4;
    std::size_t offset = 0;

    /// What its bytes are to be, in the lowest ones; throws Failure with what is wanted.
    [[nodiscard]] std::uint64_t bits_of(const std::string& text) const;
    /// To be read; to be the same number again.
    [[nodiscard]] std::string text_of(std::uint64_t bits) const;
    [[nodiscard]] std::string exact_text_of(std::uint64_t bits) const;
    /// A step of a tenth of it up or down; a small one where it is 0.
    [[nodiscard]] std::uint64_t stepped(std::uint64_t bits, bool up) const;

    /// Out of a state and into it.
    [[nodiscard]] std::uint64_t load(const std::byte* state) const noexcept;
    void store(std::byte* state, std::uint64_t bits) const noexcept;

private:
    [[nodiscard]] double number(std::uint64_t bits) const noexcept;
    [[nodiscard]] std::uint64_t nearest(double number) const noexcept;
};

struct StateFields {
    std::vector<Field> fields;  ///< of elements of arrays some only
    std::size_t size = 0;       ///< of the whole state

    [[nodiscard]] const Field* find(std::string_view name) const noexcept;
    /// "drive, tone, mix"
    [[nodiscard]] std::string names() const;
};

/// Of "drive:f4:0;...;size:8"; empty where the text is none, or says what cannot be.
[[nodiscard]] std::optional<StateFields> fields_of(std::string_view layout);

}  // namespace run_callback
