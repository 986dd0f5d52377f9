// SPDX-License-Identifier: MIT
// The sentences of check().
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "float_control.hpp"
#include "guarded_memory.hpp"

namespace portspan::detail {

inline std::string count_of(std::size_t count, const char* noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// One way to cut audio into calls: these blocks, again and again.
struct Cut {
    std::vector<std::size_t> blocks;

    [[nodiscard]] std::size_t block(std::size_t call) const noexcept {
        return blocks[call % blocks.size()];
    }
    /// "blocks of 64 frames", "blocks of 256, 64 and 1 frames in turn"
    [[nodiscard]] std::string text() const {
        if (blocks.size() == 1) return "blocks of " + count_of(blocks.front(), "frame");
        std::string text = "blocks of ";
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            if (i != 0) text += i + 1 == blocks.size() ? " and " : ", ";
            text += std::to_string(blocks[i]);
        }
        return text + " frames in turn";
    }
};

/// "writes 4 bytes behind channel 0 of its output"
inline std::string text_of(const Damage& damage, const char* side, std::size_t channels,
                           bool planar) {
    if (damage.where == Damage::Where::pointers) {
        return std::string{"writes over the pointers to its "} + side +
               " channels: it takes the layout for another";
    }
    std::string place = side;
    if (planar) {
        place = "channel " + std::to_string(damage.region) + " of its " + side;
        if (damage.region >= channels) {
            return "writes to " + place + ", which has " + count_of(channels, "channel");
        }
    } else {
        place = "its " + place;
    }
    return "writes up to " + count_of(damage.bytes, "byte") +
           (damage.where == Damage::Where::before ? " before " : " behind ") + place;
}

/// What is other than before: "flush-to-zero on, rounding changed"; empty where nothing is.
inline std::string changes_of(FloatControl::Word before, FloatControl::Word after) {
    std::string text;
    const auto add = [&](const std::string& change) {
        text += (text.empty() ? "" : ", ") + change;
    };
    const FloatControl::Word changed = before ^ after;
    const auto on_off = [&](FloatControl::Word bit, const char* what) {
        if ((changed & bit) != 0) add(std::string{what} + ((after & bit) != 0 ? " on" : " off"));
    };
    constexpr bool apart = FloatControl::flush_results != FloatControl::flush_operands;
    on_off(FloatControl::flush_results, "flush-to-zero");
    if (apart) on_off(FloatControl::flush_operands, "denormals-are-zero");
    if ((changed & FloatControl::rounding) != 0) add("another rounding mode");
    if ((changed & ~(FloatControl::rounding | FloatControl::flush)) != 0) {
        add("other exceptions or precision");
    }
    return text;
}

}  // namespace portspan::detail
