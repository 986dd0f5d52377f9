// SPDX-License-Identifier: MIT
#include <portspan/utf8.hpp>

#include <string>
#include <string_view>

#include "catch.hpp"

using portspan::detail::valid_utf8;
using namespace std::string_view_literals;

namespace {
const std::string r = "\xef\xbf\xbd";  // U+FFFD
}

TEST_CASE("what is UTF-8 stays as it is") {
    for (const auto text :
         {""sv, "HDA Intel"sv, "\0"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv,
          "\xed\x9f\xbf"sv, "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv,
          "\xf4\x8f\xbf\xbf"sv, "K\xc3\xb6ln \xe2\x82\xac"sv}) {
        CHECK(valid_utf8(text) == text);
    }
}

TEST_CASE("what is not UTF-8 is replaced, each maximal part once") {
    CHECK(valid_utf8("\xfc"sv) == r);
    CHECK(valid_utf8("Ger\xe4t 1"sv) == "Ger" + r + "t 1");
    CHECK(valid_utf8("\x80\xbf"sv) == r + r);
    CHECK(valid_utf8("\xc3"sv) == r);
    CHECK(valid_utf8("\xe2\x82"sv) == r);
    CHECK(valid_utf8("\xe2\x82x"sv) == r + "x");
    CHECK(valid_utf8("\xf0\x9f\x8e"sv) == r);
    CHECK(valid_utf8("\xc0\xaf"sv) == r + r);  // overlong
    CHECK(valid_utf8("\xc1\xbf"sv) == r + r);
    CHECK(valid_utf8("\xe0\x9f\xbf"sv) == r + r + r);
    CHECK(valid_utf8("\xf0\x8f\xbf\xbf"sv) == r + r + r + r);
    CHECK(valid_utf8("\xed\xa0\x80"sv) == r + r + r);          // a surrogate
    CHECK(valid_utf8("\xf4\x90\x80\x80"sv) == r + r + r + r);  // beyond U+10FFFF
    CHECK(valid_utf8("\xf5\x80"sv) == r + r);
    CHECK(valid_utf8("\xff\xfe"sv) == r + r);
}

TEST_CASE("no text at all is empty") {
    CHECK(valid_utf8(static_cast<const char*>(nullptr)) == "");
    CHECK(valid_utf8("abc") == "abc");
}
