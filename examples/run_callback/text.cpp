// SPDX-License-Identifier: MIT
// Numbers with their units, and text that is safe to show.
#include "text.hpp"

#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace run_callback {

std::string formatted(const char* format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    std::va_list again;
    va_copy(again, arguments);
    const int length = std::vsnprintf(nullptr, 0, format, arguments);
    va_end(arguments);
    std::string text(length > 0 ? static_cast<std::size_t>(length) : 0, '\0');
    std::vsnprintf(text.data(), text.size() + 1, format, again);
    va_end(again);
    return text;
}

namespace {
/// Three significant digits, no exponent.
std::string three_digits(double value) {
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return formatted("%.*f", decimals, value);
}
}  // namespace

std::string time_text(double seconds) {
    if (seconds < 0.9995e-6) return formatted("%.0f ns", seconds * 1e9);
    if (seconds < 0.9995e-3) return three_digits(seconds * 1e6) + " µs";
    if (seconds < 0.9995) return three_digits(seconds * 1e3) + " ms";
    return three_digits(seconds) + " s";
}

std::string clock_text(double seconds) {
    const auto tenths = static_cast<unsigned long long>(std::llround(seconds * 10));
    const auto minutes = tenths / 600;
    if (minutes >= 60) {
        return formatted("%llu:%02llu:%02llu", minutes / 60, minutes % 60, tenths % 600 / 10);
    }
    return formatted("%llu:%02llu.%llu", minutes, tenths % 600 / 10, tenths % 10);
}

std::string duration_text(double seconds) {
    if (seconds >= 60) return formatted("%.3f s (%s)", seconds, clock_text(seconds).c_str());
    return formatted("%.3f s", seconds);
}

std::string level_text(double amplitude) {
    if (!(amplitude > 0)) return "silence";
    const double level = 20 * std::log10(amplitude);
    return formatted("%.1f dBFS", std::abs(level) < 0.05 ? 0.0 : level);
}

std::string percent_text(double share) { return three_digits(share * 100) + " %"; }

std::string rate_text(double hertz) { return formatted("%.10g Hz", hertz); }

std::string count_text(std::uint64_t count, const char* noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

namespace {
/// Bytes of the UTF-8 sequence at the start of `text`; 0 where there is none that XML allows.
std::size_t sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
    std::uint32_t code = first & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
        code = code << 6 | (byte(i) & 0x3fu);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool control = code < 0xa0 || code == 0x2028 || code == 0x2029;
    const bool forbidden = (code >= 0xd800 && code < 0xe000) || code == 0xfffe || code == 0xffff;
    return overlong || control || forbidden || code > 0x10ffff ? 0 : length;
}
}  // namespace

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::string there_are(const std::vector<std::string>& names) {
    if (names.empty()) return "there are none";
    return (names.size() == 1 ? "there is " : "there are ") + listed(names);
}

std::string printable(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::size_t length = sequence(text);
        if (length == 0) {
            result += text.front() == '\n' || text.front() == '\t' ? ' ' : '?';
            text.remove_prefix(1);
        } else {
            result.append(text.substr(0, length));
            text.remove_prefix(length);
        }
    }
    return result;
}

namespace {
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Where the code point number `index` starts.
std::size_t offset(std::string_view text, std::size_t index) {
    std::size_t position = 0;
    while (position < text.size()) {
        if (!continues(text[position]) && index-- == 0) break;
        ++position;
    }
    return position;
}
}  // namespace

std::size_t width(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += continues(c) ? 0 : 1;
    return count;
}

std::string shortened(std::string_view text, std::size_t columns) {
    const std::size_t all = width(text);
    if (all <= columns) return std::string{text};
    const std::size_t kept = columns > 0 ? columns - 1 : 0;
    const std::size_t head = kept / 2;
    std::string result{text.substr(0, offset(text, head))};
    return result.append("…").append(text.substr(offset(text, all - (kept - head))));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
    std::vector<std::string> lines;
    while (width(text) > columns && columns > 0) {
        const std::size_t most = offset(text, columns);
        const std::size_t blank = text.rfind(' ', most);
        const bool has_blank = blank != text.npos && blank > 0;
        lines.emplace_back(text.substr(0, has_blank ? blank : most));
        text.remove_prefix(has_blank ? blank + 1 : most);
    }
    lines.emplace_back(text);
    return lines;
}

std::string padded(std::string_view text, std::size_t columns, bool left) {
    const std::size_t has = width(text);
    const std::string blanks(columns > has ? columns - has : 0, ' ');
    return left ? blanks + std::string{text} : std::string{text} + blanks;
}

}  // namespace run_callback
