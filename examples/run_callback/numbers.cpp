// SPDX-License-Identifier: MIT
// The numbers in a callback's state, one by one.
#include "numbers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <portspan/error.hpp>
#include <portspan/state_field.hpp>
#include <span>
#include <utility>

#include "failure.hpp"

namespace run_callback {

namespace {

constexpr std::size_t most_numbers = 256;  // that anybody would turn by hand
constexpr std::size_t most_elements = 16;  // of one array

/// A state of that number alone: the library knows what each type can hold, and how it is shown.
struct Alone {
    std::array<std::byte, 8> bytes{};
    portspan::StateLayout layout;

    explicit Alone(const Number& number)
        : layout{.fields = {{.name = "x", .type = number.type, .size = number.size}},
                 .size = number.size} {}
    Alone(const Number& number, std::uint64_t bits) : Alone(number) { store(number, bits); }
    void store(const Number& number, std::uint64_t bits) {
        Number here = number;
        here.offset = 0;
        here.store(bytes.data(), bits);
    }
    [[nodiscard]] std::uint64_t bits(const Number& number) const {
        Number here = number;
        here.offset = 0;
        return here.load(bytes.data());
    }
    [[nodiscard]] std::string text() const { return portspan::field_text(bytes, layout, "x"); }
    void set(double value) { portspan::set_field(bytes, layout, "x", value); }
};

void add(const portspan::StateField& field, const std::string& name, std::size_t offset,
         std::size_t level, std::vector<Number>& numbers) {
    if (numbers.size() == most_numbers) return;
    if (level < field.extents.size()) {
        std::size_t step = field.size;
        for (std::size_t i = level + 1; i < field.extents.size(); ++i) step *= field.extents[i];
        for (std::size_t i = 0; i < std::min(field.extents[level], most_elements); ++i) {
            add(field, name + "[" + std::to_string(i) + "]", offset + i * step, level + 1, numbers);
        }
        return;
    }
    for (const portspan::StateField& part : field.fields) {
        add(part, name + "." + part.name, offset + part.offset, 0, numbers);
    }
    constexpr std::string_view kinds = "fiub";
    if (field.fields.empty() && kinds.find(field.type.front()) != kinds.npos) {
        numbers.push_back({name, field.type, field.size, offset});
    }
}

}  // namespace

std::uint64_t Number::bits_of(const std::string& text) const {
    const auto refuse = [&](const std::string& why) {
        throw Failure(name + " \"" + text + "\": " + why);
    };
    const bool is_word = type == "b1" && (text == "true" || text == "false");
    char* end = nullptr;
    const double value = is_word ? text == "true" : std::strtod(text.c_str(), &end);
    const bool is_number = is_word || (!text.empty() && *end == '\0' &&
                                       text.find_first_not_of("0123456789.eE+-") == text.npos);
    if (!is_number || !std::isfinite(value)) refuse("it is no finite number");
    Alone alone{*this};
    try {
        alone.set(value);
    } catch (const portspan::Error& error) {
        // "x (300: it holds whole numbers from 0 to 255)"
        const std::string words = error.what();
        const std::size_t first = words.find("it holds"), other = words.find("a bool");
        const std::size_t start = std::min(first, other);
        refuse(start == words.npos ? words : words.substr(start, words.rfind(')') - start));
    }
    return alone.bits(*this);
}

std::string Number::text_of(std::uint64_t bits) const { return Alone{*this, bits}.text(); }

std::uint64_t Number::stepped(std::uint64_t bits, bool up) const {
    Alone alone{*this, bits};
    const bool is_float = type.front() == 'f';
    const double value =
        type == "b1" ? double(alone.text() == "true") : std::strtod(alone.text().c_str(), nullptr);
    const double least = is_float ? (value == 0 ? 0.01 : 0) : 1;
    const double step = std::max(std::abs(value) * 0.1, least);
    const double wanted = value + (up ? step : -step);
    try {
        alone.set(is_float ? wanted : std::nearbyint(wanted));
    } catch (const portspan::Error&) {  // it is as high, or as low, as it can be
    }
    return alone.bits(*this);
}

std::uint64_t Number::load(const std::byte* state) const noexcept {
    std::uint64_t bits = 0;
    const auto copy = [&]<class T>(T value) {
        std::memcpy(&value, state + offset, sizeof value);
        bits = value;
    };
    switch (size) {
        case 1:
            copy(std::uint8_t{});
            break;
        case 2:
            copy(std::uint16_t{});
            break;
        case 4:
            copy(std::uint32_t{});
            break;
        default:
            copy(std::uint64_t{});
    }
    return bits;
}

void Number::store(std::byte* state, std::uint64_t bits) const noexcept {
    const auto copy = [&]<class T>(T value) { std::memcpy(state + offset, &value, sizeof value); };
    switch (size) {
        case 1:
            return copy(static_cast<std::uint8_t>(bits));
        case 2:
            return copy(static_cast<std::uint16_t>(bits));
        case 4:
            return copy(static_cast<std::uint32_t>(bits));
        default:
            return copy(bits);
    }
}

std::vector<Number> numbers_in(const portspan::StateLayout& layout) {
    std::vector<Number> numbers;
    for (const portspan::StateField& field : layout.fields) {
        add(field, field.name, field.offset, 0, numbers);
    }
    return numbers;
}

std::vector<std::string> names_of(const std::vector<Number>& numbers) {
    std::vector<std::string> names;
    for (const Number& number : numbers) names.push_back(number.name);
    return names;
}

}  // namespace run_callback
