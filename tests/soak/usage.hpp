// SPDX-License-Identifier: MIT
// What the process has, to be compared with what it had.
#pragma once

#include <cstddef>
#include <string>

namespace soak {

struct Usage {
    std::size_t allocated = 0;  ///< bytes that operator new has given and not got back
    std::size_t resident = 0;   ///< bytes of memory that the process has
    std::size_t threads = 0;
    std::size_t descriptors = 0;

    [[nodiscard]] static Usage now();
    /// "1,234,567 bytes in use, 12.3 MB resident"
    [[nodiscard]] std::string text() const;
    /// What there is more of than there was, beyond what may stay for reuse; empty: nothing.
    [[nodiscard]] std::string growth_since(const Usage& before) const;
};

}  // namespace soak
