// SPDX-License-Identifier: MIT
// The fields of a state by their names.
#pragma once

#include <charconv>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "error.hpp"
#include "state_layout.hpp"

namespace portspan {

/// Sets a number in a state of that layout: `set_field(bytes, layout, "drive", 3)`. Part of a field
/// is "line[2]", "notes[1][0]", "band.f" or "bands[1].f". Throws Error where there is no such
/// field, where it is no number, and where its type cannot hold `value`: a whole one in its range
/// for integers, 0 or 1 for a bool, what does not become infinite for a float. Not while another
/// thread uses the state.
void set_field(std::span<std::byte> state, const StateLayout& layout, std::string_view field,
               double value);

/// What a field holds, "0.5", "true", "1+2i", "[0, 0.25]" or "{f: 440, on: false}"; of a long array
/// the first eight. Throws Error where there is no such field.
[[nodiscard]] std::string field_text(std::span<const std::byte> state, const StateLayout& layout,
                                     std::string_view field);

namespace detail {

/// Where a field is, or a part of it.
struct StatePlace {
    const StateField* field = nullptr;
    std::size_t offset = 0;                     ///< in the whole state
    std::span<const std::size_t> extents = {};  ///< those that the path has no index for
};

inline StatePlace find_field(const StateLayout& layout, std::string_view path) {
    const auto refuse = [&](const std::string& why) {
        raise(Error(Fault::invalid_argument, path, why));
    };
    const auto names = [](const std::vector<StateField>& fields) {
        std::string text;
        for (const StateField& field : fields) text.append(text.empty() ? "" : ", ") += field.name;
        return text.empty() ? "none" : text;
    };
    StatePlace place;
    const std::vector<StateField>* fields = &layout.fields;
    std::string_view rest = path;
    while (true) {
        const std::string_view name = rest.substr(0, rest.find_first_of(".["));
        place.field = nullptr;
        for (const StateField& field : *fields) {
            if (field.name == name) place.field = &field;
        }
        if (!place.field) refuse("the state has no such field, it has " + names(*fields));
        rest.remove_prefix(name.size());
        place.offset += place.field->offset;
        place.extents = place.field->extents;
        while (rest.starts_with('[')) {
            std::size_t index = 0;
            const auto [end, error] =
                std::from_chars(rest.data() + 1, rest.data() + rest.size(), index);
            if (error != std::errc{} || end == rest.data() + rest.size() || *end != ']') {
                refuse("an index is a number in brackets");
            }
            if (place.extents.empty()) refuse(std::string{name} + " has no such index");
            if (index >= place.extents.front()) {
                refuse("an index is " + std::to_string(index) + ", it has to be below " +
                       std::to_string(place.extents.front()));
            }
            place.extents = place.extents.subspan(1);
            std::size_t step = place.field->size;
            for (const std::size_t extent : place.extents) step *= extent;
            place.offset += index * step;
            rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
        }
        if (rest.empty()) return place;
        if (!rest.starts_with('.')) refuse("a field is name, name[0] or name.part");
        if (place.field->fields.empty() || !place.extents.empty()) {
            refuse(std::string{name} + " has no parts with names");
        }
        rest.remove_prefix(1);
        fields = &place.field->fields;
    }
}

inline void require_whole_state(std::size_t bytes, const StateLayout& layout,
                                std::string_view field) {
    if (bytes >= layout.size) return;
    raise(Error(Fault::invalid_argument, field,
                "the state has " + std::to_string(bytes) + " bytes, its layout " +
                    std::to_string(layout.size)));
}

/// Calls `f` with a value of the C++ type that is spelled so; false where there is none.
template <class F>
bool with_type(std::string_view type, F&& f) {
    const auto is = [&]<class T>(std::string_view name, T value) {
        return type == name && (f(value), true);
    };
    return is("f4", float{}) || is("f8", double{}) || is("b1", bool{}) || is("i1", std::int8_t{}) ||
           is("i2", std::int16_t{}) || is("i4", std::int32_t{}) || is("i8", std::int64_t{}) ||
           is("u1", std::uint8_t{}) || is("u2", std::uint16_t{}) || is("u4", std::uint32_t{}) ||
           is("u8", std::uint64_t{}) || is("c8", std::complex<float>{}) ||
           is("c16", std::complex<double>{});
}

template <class T>
T read_as(const std::byte* at) noexcept {
    if constexpr (std::is_same_v<T, bool>) {
        return *at != std::byte{0};  // no other byte may become a bool
    } else {
        T value;
        std::memcpy(&value, at, sizeof value);
        return value;
    }
}

template <class T>
std::string number_text(T value) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}
inline std::string number_text(bool value) { return value ? "true" : "false"; }
template <class T>
std::string number_text(std::complex<T> value) {
    const std::string imaginary = number_text(value.imag());
    return number_text(value.real()) + (imaginary.starts_with('-') ? "" : "+") + imaginary + "i";
}

/// Why a type cannot hold a number; empty where it can.
template <class T>
std::string misfit(double value) {
    if constexpr (std::is_same_v<T, bool>) {
        return value == 0 || value == 1 ? "" : "a bool is 0 or 1";
    } else if constexpr (std::is_integral_v<T>) {
        using Limits = std::numeric_limits<T>;
        // The largest one plus 1: as a double it is exact.
        const double beyond = std::ldexp(1.0, Limits::digits);
        const bool fits = value >= static_cast<double>((Limits::min)()) && value < beyond;
        if (fits && std::trunc(value) == value) return {};
        return "it holds whole numbers from " + std::to_string((Limits::min)()) + " to " +
               std::to_string((Limits::max)());
    } else if constexpr (std::is_same_v<T, float>) {
        const bool fits =
            !std::isfinite(value) ||
            std::abs(value) <= static_cast<double>((std::numeric_limits<float>::max)());
        return fits ? "" : "it holds numbers up to 3.4e38";
    } else if constexpr (std::is_same_v<T, double>) {
        return {};
    } else {
        return misfit<typename T::value_type>(value);
    }
}

inline std::string element_text(const std::byte* at, const StateField& field);

inline std::string array_text(const std::byte* at, const StateField& field,
                              std::span<const std::size_t> extents) {
    if (extents.empty()) return element_text(at, field);
    std::size_t step = field.size;
    for (const std::size_t extent : extents.subspan(1)) step *= extent;
    constexpr std::size_t most = 8;
    std::string text = "[";
    for (std::size_t i = 0; i < extents.front() && i < most; ++i) {
        text.append(i == 0 ? "" : ", ") += array_text(at + i * step, field, extents.subspan(1));
    }
    return text + (extents.front() > most ? ", ...]" : "]");
}

inline std::string element_text(const std::byte* at, const StateField& field) {
    std::string text;
    if (field.type.starts_with('{')) {
        for (const StateField& part : field.fields) {
            text.append(text.empty() ? "" : ", ").append(part.name) +=
                ": " + array_text(at + part.offset, part, part.extents);
        }
        return "{" + text + "}";
    }
    const bool known =
        with_type(field.type, [&]<class T>(T) { text = number_text(read_as<T>(at)); });
    return known ? text : "a pointer";
}

}  // namespace detail

inline void set_field(std::span<std::byte> state, const StateLayout& layout, std::string_view field,
                      double value) {
    const detail::StatePlace place = detail::find_field(layout, field);
    detail::require_whole_state(state.size(), layout, field);
    const auto refuse = [&](const std::string& why) {
        detail::raise(Error(Fault::invalid_argument, field, why));
    };
    if (!place.extents.empty()) refuse("it is an array, and one number is for one element");
    const auto store = [&]<class T>(T) {
        const std::string why = detail::misfit<T>(value);
        if (!why.empty()) refuse(detail::number_text(value) + ": " + why);
        T number;
        if constexpr (requires { typename T::value_type; }) {
            number = {static_cast<typename T::value_type>(value), 0};
        } else {
            number = static_cast<T>(value);
        }
        std::memcpy(state.data() + place.offset, &number, sizeof number);
    };
    if (!detail::with_type(place.field->type, store)) {
        refuse(place.field->fields.empty() ? "it is no number" : "it has parts: name one of them");
    }
}

inline std::string field_text(std::span<const std::byte> state, const StateLayout& layout,
                              std::string_view field) {
    const detail::StatePlace place = detail::find_field(layout, field);
    detail::require_whole_state(state.size(), layout, field);
    return detail::array_text(state.data() + place.offset, *place.field, place.extents);
}

}  // namespace portspan
