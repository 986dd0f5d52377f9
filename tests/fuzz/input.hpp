// SPDX-License-Identifier: MIT
// The bytes that a fuzzer gives, as the decisions of a test.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Ends the program, as a crash would: the fuzzer then keeps the input.
#define EXPECT(...)                                                                        \
    do {                                                                                   \
        if (!(__VA_ARGS__)) {                                                              \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #__VA_ARGS__); \
            std::abort();                                                                  \
        }                                                                                  \
    } while (false)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

/// Taken from the front; zeros once there is nothing left.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : bytes_{data, size} {}

    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    /// Any bits.
    template <class T>
    T any() {
        T value{};
        const std::size_t count = std::min(sizeof value, bytes_.size());
        if (count > 0) std::memcpy(&value, bytes_.data(), count);
        bytes_ = bytes_.subspan(count);
        return value;
    }
    /// 0 to `end` - 1, of which there are at most 65,536.
    std::size_t below(std::size_t end) {
        return (end <= 256 ? any<std::uint8_t>() : any<std::uint16_t>()) % end;
    }
    bool flag() { return below(2) == 1; }
    /// One of these.
    template <class T, std::size_t Size>
    T one_of(const T (&choices)[Size]) {
        return choices[below(Size)];
    }
    /// Up to a line's end.
    std::string line() {
        const auto* const end = std::find(bytes_.data(), bytes_.data() + bytes_.size(), '\n');
        const auto length = static_cast<std::size_t>(end - bytes_.data());
        std::string text{bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(length)};
        bytes_ = bytes_.subspan(std::min(length + 1, bytes_.size()));
        return text;
    }
    /// All that is left.
    [[nodiscard]] std::span<const std::uint8_t> rest() const { return bytes_; }

private:
    std::span<const std::uint8_t> bytes_;
};

/// Steps of a program that asks the input what to do in each, until there is no more of it.
template <class Program>
int run_program(const std::uint8_t* data, std::size_t size) {
    Input in{data, size};
    Program program{in};
    for (int step = 0; step < 200 && !in.empty(); ++step) program.step();
    return 0;
}

}  // namespace fuzz
