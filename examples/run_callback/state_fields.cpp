// SPDX-License-Identifier: MIT
// The numbers in a callback's state, by the layout that it tells.
#include "state_fields.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

#include "failure.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

constexpr std::size_t most_fields = 256;   // that anybody would turn by hand
constexpr std::size_t most_elements = 16;  // of one array
constexpr std::size_t most_bytes = 1u << 30;
constexpr int deepest = 8;  // structs in structs

bool is_signed(char kind) { return kind == 'i'; }

/// The largest of an integer of so many bytes.
double highest(const Field& field) {
    if (field.kind == 'b') return 1;
    return std::ldexp(1.0, static_cast<int>(8 * field.size) - (is_signed(field.kind) ? 1 : 0)) - 1;
}
double lowest(const Field& field) { return is_signed(field.kind) ? -highest(field) - 1 : 0; }

class Parser {
public:
    explicit Parser(std::string_view text) : rest_(text) {}

    std::optional<StateFields> all() {
        StateFields state;
        const auto size = members("", 0, state.fields, 0);
        if (!size || !rest_.empty()) return std::nullopt;
        state.size = *size;
        for (const Field& field : state.fields) {
            if (field.offset > state.size || state.size - field.offset < field.size) return {};
        }
        return state;
    }

private:
    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::optional<std::size_t> number() {
        std::size_t value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc{} || value > most_bytes) return std::nullopt;
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }
    std::string name() {
        const std::size_t colon = std::min(rest_.find(':'), rest_.size());
        std::string text{rest_.substr(0, colon)};
        rest_.remove_prefix(colon);
        return text;
    }
    std::vector<std::size_t> extents(bool& good) {
        std::vector<std::size_t> all;
        while (take('[')) {
            const auto extent = number();
            good = good && extent && take(']');
            if (!good) break;
            all.push_back(*extent);
        }
        return all;
    }

    /// name:type:offset;... up to size:bytes, which it returns.
    std::optional<std::size_t> members(const std::string& prefix, std::size_t base,
                                       std::vector<Field>& fields, int depth) {
        if (depth > deepest) return std::nullopt;
        while (true) {
            const std::string own = name();
            if (own.empty() || !take(':')) return std::nullopt;
            if (own == "size" && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
                return number();
            }
            if (!member(prefix + own, base, fields, depth) || !take(';')) return std::nullopt;
        }
    }

    bool member(const std::string& full_name, std::size_t base, std::vector<Field>& fields,
                int depth) {
        Field field{.name = full_name};
        std::vector<Field> inner;  // of a struct, from its own beginning
        if (take('{')) {
            const auto size = members("", 0, inner, depth + 1);
            if (!size || !take('}')) return false;
            field.kind = '{';
            field.size = *size;
        } else {
            if (rest_.empty()) return false;
            field.kind = rest_.front();
            rest_.remove_prefix(1);
            const auto size = number();
            if (!size) return false;
            field.size = *size;
        }
        bool good = true;
        const std::vector<std::size_t> counts = extents(good);
        if (!good || !take(':')) return false;
        const auto offset = number();
        if (!offset) return false;
        field.offset = base + *offset;
        add(field, inner, counts, 0, fields);
        return true;
    }

    /// An element, or all of an array.
    static void add(Field field, const std::vector<Field>& inner,
                    const std::vector<std::size_t>& counts, std::size_t level,
                    std::vector<Field>& fields) {
        if (level < counts.size()) {
            std::size_t size = field.size;
            for (std::size_t i = level + 1; i < counts.size(); ++i) size *= counts[i];
            for (std::size_t i = 0; i < std::min(counts[level], most_elements); ++i) {
                Field element = field;
                element.name += "[" + std::to_string(i) + "]";
                element.offset += i * size;
                add(element, inner, counts, level + 1, fields);
            }
            return;
        }
        if (field.kind == '{') {
            for (Field each : inner) {
                each.name = field.name + "." + each.name;
                each.offset += field.offset;
                if (fields.size() < most_fields) fields.push_back(std::move(each));
            }
            return;
        }
        const bool is_float = field.kind == 'f' && (field.size == 4 || field.size == 8);
        const bool is_whole = (field.kind == 'i' || field.kind == 'u') &&
                              std::has_single_bit(field.size) && field.size <= 8;
        const bool is_bool = field.kind == 'b' && field.size == 1;
        if (!is_float && !is_whole && !is_bool) return;  // complex numbers, pointers
        if (fields.size() < most_fields) fields.push_back(std::move(field));
    }

    std::string_view rest_;
};

template <class T>
std::optional<std::uint64_t> whole_bits(const std::string& text) {
    T value{};
    const char* const end_of_text = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), end_of_text, value);
    if (text.empty() || error != std::errc{} || end != end_of_text) return std::nullopt;
    return static_cast<std::uint64_t>(value);
}

}  // namespace

std::uint64_t Field::bits_of(const std::string& text) const {
    if (kind == 'f') {
        char* end = nullptr;
        const double value = std::strtod(text.c_str(), &end);
        const bool is_number = !text.empty() && *end == '\0' &&
                               text.find_first_not_of("0123456789.eE+-") == std::string::npos;
        const bool fits = size == 8 || std::abs(value) <= std::numeric_limits<float>::max();
        if (!is_number || !std::isfinite(value) || !fits) {
            throw Failure(name + " \"" + text + "\": a finite number");
        }
        return nearest(value);
    }
    if (kind == 'b') {
        if (text == "1" || text == "true" || text == "on") return 1;
        if (text == "0" || text == "false" || text == "off") return 0;
        throw Failure(name + " \"" + text + "\": true or false");
    }
    const auto bits =
        is_signed(kind) ? whole_bits<std::int64_t>(text) : whole_bits<std::uint64_t>(text);
    const bool fits =
        bits && (size == 8 || (number(*bits) ==
                               (is_signed(kind) ? double(std::int64_t(*bits)) : double(*bits))));
    if (!fits) {
        throw Failure(name + " \"" + text + "\": a whole number from " +
                      formatted("%.0f to %.0f", lowest(*this), highest(*this)));
    }
    return *bits;
}

double Field::number(std::uint64_t bits) const noexcept {
    if (kind == 'f' && size == 4) {
        return double{std::bit_cast<float>(static_cast<std::uint32_t>(bits))};
    }
    if (kind == 'f') return std::bit_cast<double>(bits);
    const auto unused = static_cast<int>(64 - 8 * size);
    if (is_signed(kind)) {
        return static_cast<double>(static_cast<std::int64_t>(bits << unused) >> unused);
    }
    return static_cast<double>((bits << unused) >> unused);
}

std::uint64_t Field::nearest(double value) const noexcept {
    if (kind == 'f' && size == 4) return std::bit_cast<std::uint32_t>(static_cast<float>(value));
    if (kind == 'f') return std::bit_cast<std::uint64_t>(value);
    const double whole = std::clamp(std::nearbyint(value), lowest(*this), highest(*this));
    // The double above the largest 64-bit number is no such number.
    if (is_signed(kind)) {
        if (whole >= 0x1p63) return static_cast<std::uint64_t>(INT64_MAX);
        return static_cast<std::uint64_t>(static_cast<std::int64_t>(whole));
    }
    return whole >= 0x1p64 ? UINT64_MAX : static_cast<std::uint64_t>(whole);
}

std::string Field::text_of(std::uint64_t bits) const {
    if (kind == 'b') return bits & 0xff ? "true" : "false";
    if (kind != 'f') return formatted("%.0f", number(bits));
    return formatted("%.*g", size == 4 ? 6 : 10, number(bits));
}

std::string Field::exact_text_of(std::uint64_t bits) const {
    if (kind == 'f') return formatted("%.*g", size == 4 ? 9 : 17, number(bits));
    if (kind == 'u') return std::to_string(bits);
    // Nobody's double holds all of 64 bits.
    return kind == 'i' && size == 8 ? std::to_string(static_cast<std::int64_t>(bits))
                                    : text_of(bits);
}

std::uint64_t Field::stepped(std::uint64_t bits, bool up) const {
    const double value = number(bits);
    if (kind == 'b') return up ? 1 : 0;
    const double least = kind == 'f' ? (value == 0 ? 0.01 : 0) : 1;
    const double step = std::max(std::abs(value) * 0.1, least);
    return nearest(value + (up ? step : -step));
}

std::uint64_t Field::load(const std::byte* state) const noexcept {
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

void Field::store(std::byte* state, std::uint64_t bits) const noexcept {
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

const Field* StateFields::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(fields, name, &Field::name);
    return found == fields.end() ? nullptr : &*found;
}

std::string StateFields::names() const {
    std::string text;
    for (const Field& field : fields) text += (text.empty() ? "" : ", ") + field.name;
    return text;
}

std::optional<StateFields> fields_of(std::string_view layout) { return Parser{layout}.all(); }

}  // namespace run_callback
