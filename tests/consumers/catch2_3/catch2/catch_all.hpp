// SPDX-License-Identifier: MIT
// Catch2 3 for a machine that has Catch2 2: the header's name, without the names that are gone.
#include_next <catch2/catch.hpp>
#pragma GCC poison Contains Predicate
