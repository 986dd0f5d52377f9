// SPDX-License-Identifier: MIT
// What somebody types to turn a callback's numbers: a Failure, or the number that stands there.
#include <cmath>
#include <cstring>
#include <failure.hpp>
#include <numbers.hpp>
#include <parameters.hpp>
#include <portspan/error.hpp>
#include <portspan/state_layout.hpp>
#include <text.hpp>

#include "input.hpp"

using run_callback::Failure;
using run_callback::Number;

namespace {

bool is_finite(const std::string& text) { return text.find_first_of("in") == text.npos; }

/// As it is shown it is the same number again, if it is one.
void expect_shown(const Number& number, std::uint64_t bits) {
    const std::string text = number.text_of(bits);
    if (number.type == "b1" ? bits > 1 : !is_finite(text)) return;
    // What is typed is a double first.
    if (std::abs(std::strtod(text.c_str(), nullptr)) > 0x1p53 && number.type.front() != 'f') return;
    EXPECT(number.bits_of(text) == bits || std::strtod(text.c_str(), nullptr) == 0);
}

void turn(const Number& number, std::vector<std::byte>& state, std::uint64_t bits) {
    number.store(state.data(), bits);
    const std::uint64_t there = number.load(state.data());
    EXPECT(number.size == 8 ? there == bits : there == (bits & ((1ull << 8 * number.size) - 1)));
    const auto value = [&](std::uint64_t its_bits) {
        const std::string text = number.text_of(its_bits);
        return number.type == "b1" ? double(text == "true") : std::strtod(text.c_str(), nullptr);
    };
    const std::uint64_t up = number.stepped(there, true), down = number.stepped(there, false);
    if (!is_finite(number.text_of(there)) || number.type == "b1") return;
    EXPECT(value(up) >= value(there) && value(down) <= value(there));
    expect_shown(number, there);
}

}  // namespace

/// The layout of a state, then lines as of --set, each with bits in front of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input in{data, size};
    std::vector<Number> numbers;
    std::vector<std::byte> state;
    try {
        const portspan::StateLayout layout = portspan::parse_layout(in.line());
        numbers = run_callback::numbers_in(layout);
        constexpr std::size_t most = 1 << 16;
        if (layout.size > most) return 0;
        state.resize(layout.size);
    } catch (const portspan::Error&) {
        return 0;
    }
    EXPECT(numbers.size() <= 256);
    for (const Number& number : numbers) {
        EXPECT(number.size <= 8 && number.offset + number.size <= state.size());
        turn(number, state, in.any<std::uint64_t>());
    }
    while (!in.empty()) {
        try {
            const run_callback::Setting setting = run_callback::setting_of(in.line());
            EXPECT(!setting.name.empty() && !setting.value.empty());
            for (const Number& number : numbers) {
                const std::uint64_t bits = number.bits_of(setting.value);
                number.store(state.data(), bits);
                EXPECT(number.load(state.data()) == bits);
                expect_shown(number, bits);
            }
        } catch (const Failure& failure) {
            EXPECT(std::strlen(failure.what()) > 0);
        }
    }
    return 0;
}
