// SPDX-License-Identifier: MIT
// Each public operation of portspan's while the calls that it makes fail.
#include "catch.hpp"
#include "operation.hpp"

using faults::answers_of;
using faults::at;
using faults::kinds_of_answers;
using faults::operations;
using faults::report;
using faults::Tries;

TEST_CASE("each call may fail with each code that it can answer") {
    Tries tries;
    for (const auto& operation : operations()) try_each_call(tries, operation, {}, answers_of);
    report(tries, 15000);
}

TEST_CASE("each call may fail while the closing of a stream races the callback") {
    Tries tries;
    for (const auto& operation : operations()) {
        try_each_call(tries, operation, {.call_while_closing = true}, kinds_of_answers);
    }
    report(tries, 1900);
}

TEST_CASE("each two calls may fail, so the clean-up after a failure too") {
    Tries tries;
    for (const auto& operation : operations()) {
        const auto answer = [&](std::size_t n, PaError code, std::size_t m, PaError other) {
            return tries.add(operation, {}, at(n, code, m, other),
                             "calls " + std::to_string(n) + " and " + std::to_string(m) +
                                 " answer " + std::to_string(code) + " and " +
                                 std::to_string(other));
        };
        // The name of a call is known once it has been made.
        for (std::size_t n = 0; answer(n, paTimedOut, n, paTimedOut) > n; ++n) {
            const std::string first = tries.asked()[n];
            for (const PaError code : kinds_of_answers(first)) {
                for (std::size_t m = n + 1; answer(n, code, m, paTimedOut) > m; ++m) {
                    const std::string second = tries.asked()[m];
                    for (const PaError other : kinds_of_answers(second)) {
                        if (other != paTimedOut) answer(n, code, m, other);
                    }
                }
            }
        }
    }
    report(tries, 5000);
}

TEST_CASE("from each call on all may fail") {
    Tries tries;
    for (const auto& operation : operations()) {
        for (const PaError code : {PaError{paUnanticipatedHostError}, PaError{paNotInitialized}}) {
            const auto from = [&](std::size_t first) {
                const auto plan = [=](std::size_t n, std::string_view) -> std::optional<PaError> {
                    return n >= first ? std::optional{code} : std::nullopt;
                };
                return tries.add(operation, {}, plan,
                                 "from call " + std::to_string(first) + " on all answer " +
                                     std::to_string(code));
            };
            for (std::size_t first = 0; from(first) > first; ++first) {
            }
        }
    }
    report(tries, 2000);
}
