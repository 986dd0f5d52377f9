// SPDX-License-Identifier: MIT
// Text of unknown encoding as valid UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace portspan::detail {

/// The bytes at the start of `text`, which is not empty, that are one well-formed code point, or
/// the most that could have become one (Unicode, table 3-7).
struct Utf8Sequence {
    std::size_t length;
    bool is_whole;
};

[[nodiscard]] constexpr Utf8Sequence utf8_sequence(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) return {1, true};
    if (first < 0xc2 || first > 0xf4) return {1, false};
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    // The second byte rules out what is overlong, a surrogate or beyond U+10FFFF.
    unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    for (std::size_t i = 1; i < length; ++i, low = 0x80, high = 0xbf) {
        if (i == text.size() || byte(i) < low || byte(i) > high) return {i, false};
    }
    return {length, true};
}

/// `text`, each part that is not UTF-8 replaced by U+FFFD, one for each maximal part, as Unicode
/// recommends and as other programs do. For text that a driver has written.
[[nodiscard]] inline std::string valid_utf8(std::string_view text) {
    std::string valid;
    while (!text.empty()) {
        const Utf8Sequence next = utf8_sequence(text);
        valid.append(next.is_whole ? text.substr(0, next.length) : "\xef\xbf\xbd");
        text.remove_prefix(next.length);
    }
    return valid;
}

/// The same of a string of C's, which may be null.
[[nodiscard]] inline std::string valid_utf8(const char* text) {
    return text ? valid_utf8(std::string_view{text}) : std::string{};
}

}  // namespace portspan::detail
