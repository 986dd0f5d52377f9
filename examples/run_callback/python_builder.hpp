// SPDX-License-Identifier: MIT
// From a Python source to a shared library, by a Python that stays.
#pragma once

#include <memory>
#include <string>

#include "builder.hpp"

namespace run_callback {

/// Throws Failure where there is no exporter. Numba takes seconds to be imported: the Python that
/// has it is kept, ended where it does not answer in time, and started again.
[[nodiscard]] std::unique_ptr<Builder> python_builder(const std::string& source,
                                                      const std::string& function, double seconds);

}  // namespace run_callback
