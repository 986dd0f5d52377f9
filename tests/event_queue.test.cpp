// SPDX-License-Identifier: MIT
// The queue alone: what goes in comes out, in its order.
#include <portspan/event_queue.hpp>

#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "catch.hpp"
#include "error_of.hpp"
#include "sanitizer.hpp"

using portspan::EventQueue;
using portspan::Fault;
using portspan::Timed;

namespace {

using Clock = portspan::StreamClock;

Clock::time_point at(double seconds) { return Clock::time_point{Clock::duration{seconds}}; }

}  // namespace

TEST_CASE("Events come out in the order of pushing, with their times") {
    EventQueue<int> queue{3};
    CHECK(queue.front() == nullptr);
    CHECK_FALSE(queue.pop());
    // Around the ring more than once.
    for (int round = 0; round < 5; ++round) {
        CHECK(queue.push(at(2), round));
        CHECK(queue.push(at(1), round + 1));
        REQUIRE(queue.front());
        CHECK(queue.front()->event == round);
        const auto first = queue.pop();
        REQUIRE(first);
        CHECK(first->event == round);
        CHECK(first->when == at(2));
        REQUIRE(queue.front());
        CHECK(queue.front()->when == at(1));
        CHECK(queue.pop()->event == round + 1);
        CHECK(queue.front() == nullptr);
        CHECK_FALSE(queue.pop());
    }
}

TEST_CASE("A full queue takes no event until one is out") {
    EventQueue<int> queue{2};
    CHECK(queue.push({}, 1));
    CHECK(queue.push({}, 2));
    CHECK_FALSE(queue.push({}, 3));
    CHECK(queue.pop()->event == 1);
    CHECK(queue.push({}, 4));
    CHECK_FALSE(queue.push({}, 5));
    CHECK(queue.pop()->event == 2);
    CHECK(queue.pop()->event == 4);
}

TEST_CASE("A time that never comes is refused, any other one is taken") {
    using Limits = std::numeric_limits<double>;
    EventQueue<int> queue{8};
    for (const double never : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
        CHECK_FALSE(queue.push(at(never), 1));
    }
    CHECK(queue.front() == nullptr);
    for (const double time : {0.0, -1.0, Limits::lowest(), Limits::max(), Limits::denorm_min()}) {
        CHECK(queue.push(at(time), 1));
    }
}

TEST_CASE("A queue has room") {
    for (const std::size_t none : {std::size_t{0}, std::numeric_limits<std::size_t>::max()}) {
        const auto error = error_of([&] { EventQueue<int>{none}; });
        REQUIRE(error);
        CHECK(error->code() == Fault::invalid_argument);
    }
    CHECK_FALSE(error_of([] { EventQueue<int>{1}; }));
}

#if !defined(PORTSPAN_TEST_ASAN) && !defined(PORTSPAN_TEST_TSAN)  // they end the program
TEST_CASE("A queue that does not fit into memory is refused with a sentence") {
    // One place more than can be counted, and more than a vector can have.
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    for (const std::size_t vast : {most, most - 1, most / 64}) {
        const auto error = error_of([&] { EventQueue<int>{vast}; });
        REQUIRE(error);
        CHECK(error->code() == Fault::invalid_argument);
        CHECK(std::string{error->what()}.find("a capacity of " + std::to_string(vast) +
                                              " does not fit into memory") != std::string::npos);
    }
}
#endif

TEST_CASE("An event may own something, copies of a queue share it") {
    std::weak_ptr<int> owned;
    {
        EventQueue<std::unique_ptr<std::shared_ptr<int>>> queue{2};
        auto copy = queue;
        const auto moved = std::move(copy);
        auto event = std::make_unique<std::shared_ptr<int>>(std::make_shared<int>(3));
        owned = *event;
        CHECK(queue.push({}, std::move(event)));
        REQUIRE(moved.front());
        CHECK(**moved.front()->event == 3);
        CHECK(**copy.pop()->event == 3);
        CHECK(owned.expired());
        CHECK(queue.front() == nullptr);
    }
}
