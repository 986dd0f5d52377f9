// SPDX-License-Identifier: MIT
// From --format and --planar to types.
#pragma once

#include <cstdint>
#include <portspan/sample.hpp>
#include <portspan/view.hpp>
#include <type_traits>

#include "options.hpp"

namespace run_callback {

/// Calls `f` with std::type_identity of the sample type and of the layout.
template <class F>
void with_types(const Options& options, F f) {
    const auto with_layout = [&](auto sample) {
        if (options.planar) {
            f(sample, std::type_identity<portspan::Planar>{});
        } else {
            f(sample, std::type_identity<portspan::Interleaved>{});
        }
    };
    switch (options.format) {
        case Format::float32:
            return with_layout(std::type_identity<float>{});
        case Format::int32:
            return with_layout(std::type_identity<std::int32_t>{});
        case Format::int24:
            return with_layout(std::type_identity<portspan::Int24>{});
        case Format::int16:
            return with_layout(std::type_identity<std::int16_t>{});
        case Format::int8:
            return with_layout(std::type_identity<std::int8_t>{});
        case Format::uint8:
            return with_layout(std::type_identity<std::uint8_t>{});
    }
}

}  // namespace run_callback
