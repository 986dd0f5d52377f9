// SPDX-License-Identifier: MIT
// What a library says of its callback's state: any text, any path, any value.
#include <cmath>
#include <cstdlib>
#include <portspan/callback_state.hpp>
#include <portspan/state_field.hpp>
#include <portspan/state_layout.hpp>

#include "input.hpp"

using portspan::StateField;
using portspan::StateLayout;

namespace {

/// A layout spelled out again.
std::string text_of(const std::vector<StateField>& fields, std::size_t size) {
    std::string text;
    for (const StateField& field : fields) {
        text += field.name + ":";
        text += field.type.starts_with('{') ? "{" + text_of(field.fields, field.size) + "}"
                                            : field.type;
        for (const std::size_t extent : field.extents) text += "[" + std::to_string(extent) + "]";
        text += ":" + std::to_string(field.offset) + ";";
    }
    return text + "size:" + std::to_string(size);
}

/// One after the other, within `size`.
void expect_in_order(const std::vector<StateField>& fields, std::size_t size) {
    std::size_t end = 0;
    for (const StateField& field : fields) {
        EXPECT(field.offset >= end && field.count() > 0);
        EXPECT(field.size == 0 || field.count() <= (size - field.offset) / field.size);
        end = field.offset + field.count() * field.size;
        EXPECT(end <= size);
        if (field.type.starts_with('{')) expect_in_order(field.fields, field.size);
    }
}

/// A number that was set is there, and nothing else has changed.
void set(const portspan::CallbackState& state, const std::string& path, double value) {
    const std::vector<std::byte> before(state.bytes().begin(), state.bytes().end());
    try {
        state.set(path, value);
    } catch (const portspan::Error&) {
        EXPECT(std::ranges::equal(before, state.bytes()));
        return;
    }
    const portspan::detail::StatePlace place = portspan::detail::find_field(state.layout, path);
    EXPECT(place.extents.empty());
    for (std::size_t i = 0; i < before.size(); ++i) {
        const bool is_inside = i >= place.offset && i - place.offset < place.field->size;
        EXPECT(is_inside || before[i] == state.bytes()[i]);
    }
    const std::string text = state.text(path);
    const std::string& type = place.field->type;
    if (type == "b1") {
        EXPECT(text == (value == 1 ? "true" : "false"));
    } else if (type == "f4") {
        const auto is = std::strtof(text.c_str(), nullptr), wanted = static_cast<float>(value);
        EXPECT(is == wanted || (std::isnan(is) && std::isnan(wanted)));
    } else if (type == "i8" || type == "u8") {
        EXPECT(std::strtold(text.c_str(), nullptr) == static_cast<long double>(value));
    } else if (type != "c8" && type != "c16") {
        const double is = std::strtod(text.c_str(), nullptr);
        EXPECT(is == value || (std::isnan(is) && std::isnan(value)));
    }
}

void look_at(const portspan::CallbackState& state, const std::string& path, double value) {
    try {
        set(state, path, value);
        EXPECT(!state.text(path).empty());
    } catch (const portspan::Error&) {
    }
}

}  // namespace

/// Lines: what is set, the layout, paths.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input in{data, size};
    const double value = in.flag() ? in.any<double>() : in.any<std::int16_t>();
    const bool is_cut = in.flag(), has_initial = in.flag();
    const std::string text = in.line();
    using Symbol = portspan::detail::Symbol;
    // As it stands in a library, where nothing says that it ends.
    const std::vector<char> bytes(text.c_str(), text.c_str() + text.size() + (is_cut ? 0 : 1));
    const Symbol spelled{Symbol::Kind::data, const_cast<char*>(bytes.data()), bytes.size()};
    try {
        const StateLayout layout = portspan::parse_layout(text);
        expect_in_order(layout.fields, layout.size);
        const std::string again = text_of(layout.fields, layout.size);
        const StateLayout same = portspan::parse_layout(again);
        EXPECT(text_of(same.fields, same.size) == again);
        constexpr std::size_t most = 1 << 16;
        if (layout.size > most) return 0;
    } catch (const portspan::Error&) {
    }
    try {
        std::vector<std::byte> initial(1 + in.below(63), std::byte{0x3f});
        const Symbol first{has_initial ? Symbol::Kind::data : Symbol::Kind::none, initial.data(),
                           initial.size()};
        if (bytes.empty()) return 0;  // a size that nobody knows
        const portspan::CallbackState state =
            portspan::detail::make_state("f", spelled, first, nullptr);
        EXPECT(state.bytes().size() == state.layout.size);
        EXPECT(!has_initial || std::ranges::equal(state.bytes(), initial));
        for (const StateField& field : state.layout.fields) {
            EXPECT(!state.text(field.name).empty());
            set(state, field.name, value);
        }
        while (!in.empty()) look_at(state, in.line(), value);
    } catch (const portspan::Error&) {
    }
    return 0;
}
