// SPDX-License-Identifier: MIT
// The struct behind user data, as a library spells it out.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "error.hpp"

namespace portspan {

/// A member of a state, or of a struct in it.
struct StateField {
    std::string name;                       ///< as the layout has it
    std::string type;                       ///< as description.h spells it, without extents: "f4"
    std::size_t size = 0;                   ///< of one element, in bytes
    std::size_t offset = 0;                 ///< from the beginning of the struct that it is in
    std::vector<std::size_t> extents = {};  ///< of an array, {2, 3} for [2][3]; else empty
    std::vector<StateField> fields = {};    ///< what a struct has

    /// How many elements: 1 where it is no array.
    [[nodiscard]] std::size_t count() const noexcept {
        std::size_t product = 1;
        for (const std::size_t extent : extents) product *= extent;
        return product;
    }
};

/// What a layout says.
struct StateLayout {
    std::vector<StateField> fields = {};  ///< in the order of their offsets
    std::size_t size = 0;                 ///< of the whole, in bytes
};

/// "gain:f4:0;line:f8[4]:8;size:40" taken apart; description.h says what there may be. Throws Error
/// where it is anything else, or its fields are not one after the other within its size. Errors
/// call it `name`.
[[nodiscard]] StateLayout parse_layout(std::string_view text,
                                       std::string_view name = "parse_layout");

namespace detail {

class LayoutParser {
public:
    LayoutParser(std::string_view text, std::string_view name) : text_(text), name_(name) {}

    StateLayout whole() {
        StateLayout layout = record(0);
        if (at_ != text_.size()) refuse("it does not end there");
        return layout;
    }

private:
    // More than any struct is nested; the stack is not to be at the mercy of a library.
    static constexpr int most_nested = 32;
    static constexpr std::size_t most = PTRDIFF_MAX;

    StateLayout record(int depth) {
        if (depth == most_nested) refuse("it is nested too deeply");
        StateLayout layout;
        std::size_t end = 0;
        while (true) {
            const std::size_t start = at_;
            std::string name{this->name()};
            expect(':');
            if (name == "size" && is_digit()) {
                layout.size = number();
                if (layout.size < end) refuse("its fields have more bytes");
                return layout;
            }
            for (const StateField& other : layout.fields) {
                if (other.name != name) continue;
                at_ = start;
                refuse("it has that name twice");
            }
            layout.fields.push_back(field(std::move(name), end, depth));
        }
    }

    StateField field(std::string name, std::size_t& end, int depth) {
        StateField field{.name = std::move(name), .type = {}};
        const std::size_t start = at_;
        if (next('{')) {
            StateLayout inner = record(depth + 1);
            expect('}');
            field.fields = std::move(inner.fields);
            field.size = inner.size;
        } else {
            field.size = scalar();
        }
        field.type = text_.substr(start, at_ - start);
        std::size_t bytes = field.size;
        while (next('[')) {
            field.extents.push_back(number());
            expect(']');
            if (field.extents.back() == 0) refuse("an array has no elements");
            if (bytes > most / field.extents.back()) refuse("an array is too large");
            bytes *= field.extents.back();
        }
        // Of what has no bytes there could be more than anybody can look at.
        if (bytes == 0 && !field.extents.empty()) refuse("an array has no bytes");
        expect(':');
        field.offset = number();
        if (field.offset < end) refuse("a field begins before the one in front of it ends");
        if (bytes > most - field.offset) refuse("it is too large");
        end = field.offset + bytes;
        expect(';');
        return field;
    }

    std::string_view name() {
        const auto is_letter = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        };
        const std::size_t start = at_;
        while (at_ < text_.size() && (is_letter(text_[at_]) || (at_ > start && is_digit()))) ++at_;
        if (at_ == start) refuse("a name is missing");
        return text_.substr(start, at_ - start);
    }

    std::size_t scalar() {
        static constexpr std::string_view known[] = {"f4", "f8", "i1",  "i2", "i4",
                                                     "i8", "u1", "u2",  "u4", "u8",
                                                     "b1", "c8", "c16", "p4", "p8"};
        for (const std::string_view type : known) {
            if (text_.substr(at_, type.size()) != type) continue;
            at_ += type.size();
            if (is_digit())
                at_ -= type.size();
            else
                return type == "c16" ? 16 : static_cast<std::size_t>(type[1] - '0');
        }
        refuse("there is no such type");
    }

    std::size_t number() {
        std::uint64_t value = 0;
        const char* const begin = text_.data() + at_;
        const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
        if (end == begin) refuse("a number is missing");
        if (error != std::errc{} || value > most) refuse("a number is too large");
        at_ += static_cast<std::size_t>(end - begin);
        return static_cast<std::size_t>(value);
    }

    [[nodiscard]] bool is_digit() const noexcept {
        return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9';
    }
    bool next(char c) noexcept {
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!next(c)) refuse(std::string{"a "} + c + " is missing");
    }

    [[noreturn]] void refuse(const std::string& why) const {
        // A library may have anything there.
        const std::size_t shown = 40;
        const std::size_t first = at_ > shown ? at_ - shown : 0;
        raise(Error(Fault::unknown_description, name_,
                    "the layout of its state, character " + std::to_string(at_ + 1) + " after \"" +
                        std::string{text_.substr(first, at_ - first)} + "\": " + why));
    }

    std::string_view text_;
    std::string_view name_;
    std::size_t at_ = 0;
};

}  // namespace detail

inline StateLayout parse_layout(std::string_view text, std::string_view name) {
    return detail::LayoutParser{text, name}.whole();
}

}  // namespace portspan
