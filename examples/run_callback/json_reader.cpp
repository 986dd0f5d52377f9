// SPDX-License-Identifier: MIT
// JSON (RFC 8259) as a helper answers it: one object of texts, numbers and lists of texts.
#include "json_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace run_callback {

namespace {

void append_utf8(std::string& text, std::uint32_t code) {
    const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) return add(code);
    if (code < 0x800) {
        add(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            add(0xe0 | code >> 12);
        } else {
            add(0xf0 | code >> 18);
            add(0x80 | (code >> 12 & 0x3f));
        }
        add(0x80 | (code >> 6 & 0x3f));
    }
    add(0x80 | (code & 0x3f));
}

class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    std::optional<JsonTexts> object() {
        JsonTexts texts;
        if (!take('{')) return std::nullopt;
        if (take('}')) return texts;
        do {
            const auto name = string();
            if (!name || !take(':')) return std::nullopt;
            std::vector<std::string>& values = texts[*name];
            if (!(take('[') ? list(values) : value(values))) return std::nullopt;
        } while (take(','));
        return take('}') && at_end() ? std::optional{texts} : std::nullopt;
    }

private:
    bool at_end() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
        return rest_.empty();
    }
    bool take(char c) {
        if (at_end() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool list(std::vector<std::string>& values) {
        if (take(']')) return true;
        do {
            if (!value(values)) return false;
        } while (take(','));
        return take(']');
    }
    bool value(std::vector<std::string>& values) {
        if (at_end()) return false;
        if (rest_.front() == '"') {
            auto text = string();
            if (text) values.push_back(*text);
            return text.has_value();
        }
        const std::size_t end = std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size());
        values.emplace_back(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return end > 0 && values.back().find_first_of("{[\"") == std::string::npos;
    }
    std::optional<std::uint32_t> unit() {
        std::uint32_t code = 0;
        if (rest_.size() < 4) return std::nullopt;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + 4, code, 16);
        if (error != std::errc{} || end != rest_.data() + 4) return std::nullopt;
        rest_.remove_prefix(4);
        return code;
    }
    bool escape(std::string& text) {
        if (rest_.empty()) return false;
        const char c = rest_.front();
        rest_.remove_prefix(1);
        constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
        if (const std::size_t at = letters.find(c); at != letters.npos) {
            text += meanings[at];
            return true;
        }
        if (c != 'u') return false;
        auto code = unit();
        if (code && *code >= 0xd800 && *code < 0xdc00 && rest_.starts_with("\\u")) {
            rest_.remove_prefix(2);
            const auto low = unit();
            if (!low) return false;
            code = 0x10000 + ((*code - 0xd800) << 10) + ((*low - 0xdc00) & 0x3ff);
        }
        if (code) append_utf8(text, *code);
        return code.has_value();
    }
    std::optional<std::string> string() {
        if (!take('"')) return std::nullopt;
        std::string text;
        while (!rest_.empty()) {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') return text;
            if (c != '\\') {
                text += c;
            } else if (!escape(text)) {
                return std::nullopt;
            }
        }
        return std::nullopt;
    }

    std::string_view rest_;
};

}  // namespace

std::optional<JsonTexts> read_json(std::string_view text) { return Reader{text}.object(); }

}  // namespace run_callback
