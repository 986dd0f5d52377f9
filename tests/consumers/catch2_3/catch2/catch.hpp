// SPDX-License-Identifier: MIT
// What a user of Catch2 3 changes in the example.
#include <catch2/catch_all.hpp>
namespace Catch {
inline auto Contains(const std::string& text) { return Matchers::ContainsSubstring(text); }
}  // namespace Catch
