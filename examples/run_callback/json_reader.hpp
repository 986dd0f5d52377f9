// SPDX-License-Identifier: MIT
// JSON (RFC 8259) as a helper answers it: one object of texts, numbers and lists of texts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace run_callback {

/// Each member as the texts in it: one, or those of a list. Numbers, true, false and null are
/// texts as they stand.
using JsonTexts = std::map<std::string, std::vector<std::string>>;

/// Empty for what is no object, or has objects in it.
[[nodiscard]] std::optional<JsonTexts> read_json(std::string_view text);

}  // namespace run_callback
