// SPDX-License-Identifier: MIT
// Numbers with their units, and text that is safe to show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace run_callback {

/// As std::printf, into a string.
[[nodiscard]] [[gnu::format(printf, 1, 2)]] std::string formatted(const char* format, ...);

/// "1.23 µs"
[[nodiscard]] std::string time_text(double seconds);
/// "0:03.2", "1:02:03"
[[nodiscard]] std::string clock_text(double seconds);
/// "1.428 s"
[[nodiscard]] std::string duration_text(double seconds);
/// "-12.3 dBFS" for an amplitude where 1 is full scale; "silence" for 0.
[[nodiscard]] std::string level_text(double amplitude);
/// "0.21 %"
[[nodiscard]] std::string percent_text(double share);
/// "48000 Hz", "11025.5 Hz"
[[nodiscard]] std::string rate_text(double hertz);
/// "1 channel", "2 channels"
[[nodiscard]] std::string count_text(std::uint64_t count, const char* noun);
/// "level, steps"
[[nodiscard]] std::string listed(const std::vector<std::string>& names);
/// "there is level", "there are level, steps", "there are none"
[[nodiscard]] std::string there_are(const std::vector<std::string>& names);

/// Valid UTF-8 without control characters, on one line: names come from file systems and drivers.
[[nodiscard]] std::string printable(std::string_view text);
/// How many code points, which is what fills the columns of a terminal.
[[nodiscard]] std::size_t width(std::string_view text);
/// At most `columns` code points, the middle left out; `text` must be printable.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t columns);
/// The same text in lines of at most `columns` code points, cut at blanks where there are some.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t columns);
/// Blanks on the right (left: on the left) up to `columns`.
[[nodiscard]] std::string padded(std::string_view text, std::size_t columns, bool left = false);

}  // namespace run_callback
