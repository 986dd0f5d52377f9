// SPDX-License-Identifier: MIT
// What one call of a callback takes, without a host around it.
#pragma once

#include <portspan/mock.hpp>
#include <string>

#include "environment.hpp"

namespace drop_in {

/// Calls the callback of a stream again and again, on a thread of its own as a host would, and says
/// in a line what it has found. `input` is heard block by block, and again from its beginning.
[[nodiscard]] std::string call_back_to_back(const portspan::mock::Opened& stream,
                                            unsigned long frames, const Sound& input,
                                            const BackToBack& amount);

}  // namespace drop_in
