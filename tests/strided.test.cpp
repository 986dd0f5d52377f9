// SPDX-License-Identifier: MIT
#include <portspan/strided.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include "catch.hpp"

using portspan::StridedSpan;

TEST_CASE("a strided span is a random-access range") {
    std::array<int, 9> memory{};
    std::iota(memory.begin(), memory.end(), 0);
    const StridedSpan<int> thirds{memory.data() + 1, 3, 3};  // 1, 4, 7
    STATIC_REQUIRE(std::random_access_iterator<StridedSpan<int>::iterator>);
    STATIC_REQUIRE(std::random_access_iterator<StridedSpan<const int>::iterator>);
    STATIC_REQUIRE_FALSE(std::contiguous_iterator<StridedSpan<int>::iterator>);

    CHECK(thirds.size() == 3);
    CHECK_FALSE(thirds.empty());
    CHECK(thirds.front() == 1);
    CHECK(thirds.back() == 7);
    CHECK(thirds[1] == 4);
    CHECK(std::accumulate(thirds.begin(), thirds.end(), 0) == 12);

    auto it = thirds.begin();
    CHECK(*it++ == 1);
    CHECK(*it == 4);
    CHECK(*++it == 7);
    CHECK(*it-- == 7);
    CHECK(*--it == 1);
    CHECK(it[2] == 7);
    CHECK(*(it + 1) == 4);
    CHECK(*(1 + it) == 4);
    CHECK(*(thirds.end() - 1) == 7);
    CHECK(thirds.end() - it == 3);
    CHECK(it < thirds.end());
    CHECK(it.operator->() == &memory[1]);
    it += 2;
    it -= 1;
    CHECK(*it == 4);

    std::ranges::sort(thirds, std::greater{});
    CHECK(memory == std::array{0, 7, 2, 3, 4, 5, 6, 1, 8});
    std::ranges::fill(thirds, 0);
    CHECK(memory == std::array{0, 0, 2, 3, 0, 5, 6, 0, 8});
    CHECK(StridedSpan<int>{}.empty());
}
