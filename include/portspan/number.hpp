// SPDX-License-Identifier: MIT
// A number as a sentence has it.
#pragma once

#include <cstdio>
#include <string>

namespace portspan::detail {

/// "44100", "0.001", "1e+300": ten digits and no more than it needs.
inline std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", value);
    return text;
}

}  // namespace portspan::detail
