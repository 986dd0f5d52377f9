// SPDX-License-Identifier: MIT
#include <portspan/control.hpp>

#include <stdexcept>

#include "catch.hpp"

using portspan::Fault;
using portspan::detail::Control;

namespace {
void rethrow(Control& control) {
    if (const auto failure = control.take()) failure.raise();
}
}  // namespace

TEST_CASE("a control keeps the first failure and hands it over once") {
    Control control;
    CHECK_NOTHROW(rethrow(control));
    control.fail(std::make_exception_ptr(std::runtime_error{"first"}));
    control.fail(std::make_exception_ptr(std::runtime_error{"second"}));
    control.fail(Fault::unknown_result, 7);
    CHECK(control.failed());
    CHECK_THROWS_WITH(rethrow(control), "first");
    CHECK_FALSE(control.failed());
    CHECK_NOTHROW(rethrow(control));
}

TEST_CASE("a control finds the words for what it kept") {
    Control control;
    control.fail(Fault::unknown_result, static_cast<std::size_t>(-7));
    CHECK_THROWS_WITH(rethrow(control),
                      "stream callback: the callback returned no "
                      "PaStreamCallbackResult (-7)");
    control.fail(Fault::channel_mismatch, 2, 6);
    CHECK_THROWS_WITH(rethrow(control),
                      ContainsSubstring("asked for 6 channels, the stream has 2"));
}

TEST_CASE("a reset forgets the last run") {
    Control control;
    control.request_stop();
    control.end();
    control.fail(Fault::unknown_result, 7);
    CHECK(control.stop_requested());
    CHECK(control.ended());
    control.reset();
    CHECK_FALSE(control.stop_requested());
    CHECK_FALSE(control.ended());
    CHECK_NOTHROW(rethrow(control));
}
