// SPDX-License-Identifier: MIT
// What a monitor counts and measures, and that reading it is safe.
#include <portspan/guards.hpp>
#include <portspan/mock.hpp>
#include <portspan/monitor.hpp>
#include <portspan/renderer.hpp>
#include <portspan/slot.hpp>
#include <portspan/stream.hpp>

#include <atomic>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"

using namespace std::chrono_literals;
using portspan::Distribution;
using portspan::Fault;
using portspan::Next;
using portspan::OutputStream;
using portspan::RawCallback;
using portspan::Stream;
using portspan::Telemetry;
using portspan::TelemetrySnapshot;
using portspan::mock::Scope;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

const auto silent = [](auto& block) noexcept { block.in_place(); };

void spend(std::chrono::nanoseconds time) {
    const auto start = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - start < time) {
    }
}

int half(const void* input, void* output, unsigned long frames, Time, Flags, void*) {
    for (unsigned long i = 0; i < frames; ++i) {
        static_cast<float*>(output)[i] = static_cast<const float*>(input)[i] / 2;
    }
    return paContinue;
}
int seven(const void*, void*, unsigned long, Time, Flags, void*) { return 7; }

}  // namespace

TEST_CASE("a histogram tells percentiles to a sixteenth, and extremes exactly") {
    portspan::detail::Histogram histogram;
    const auto told = [&] {
        portspan::detail::Histogram::Copy copy;
        histogram.copy_to(copy);
        return copy.distribution();
    };
    const auto is_near = [](std::chrono::nanoseconds time, double exact) {
        const auto taken = static_cast<double>(time.count());
        return taken >= exact && taken <= exact * 17 / 16;
    };
    CHECK(told().maximum == 0ns);
    CHECK(told().median == 0ns);

    SECTION("of one time") {
        histogram.count(12345);
        for (const auto time : {told().minimum, told().median, told().percentile_99,
                                told().percentile_99_9, told().maximum}) {
            CHECK(time == 12345ns);
        }
    }
    SECTION("of a thousand") {
        for (std::uint64_t time = 1; time <= 1000; ++time) histogram.count(time * 1000);
        CHECK(told().minimum == 1us);
        CHECK(is_near(told().median, 500'000));
        CHECK(is_near(told().percentile_99, 990'000));
        CHECK(is_near(told().percentile_99_9, 999'000));
        CHECK(told().maximum == 1ms);
    }
    SECTION("of any length") {
        for (const std::uint64_t time : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{15},
                                         std::uint64_t{16}, std::uint64_t{1} << 39}) {
            histogram.clear();
            histogram.count(0);
            histogram.count(time);
            histogram.count(time);
            histogram.count(std::numeric_limits<std::int64_t>::max());
            CHECK(is_near(told().median, static_cast<double>(time)));
            CHECK(told().minimum == 0ns);
            CHECK(told().maximum == std::chrono::nanoseconds::max());
        }
    }
    SECTION("with the bars") {
        for (const std::uint64_t time : {3u, 3u, 1000u}) histogram.count(time);
        portspan::detail::Histogram::Copy copy;
        histogram.copy_to(copy);
        std::vector<portspan::HistogramBar> bars;
        copy.for_each_bar([&](const auto& bar) { bars.push_back(bar); });
        REQUIRE(bars.size() == 2);
        CHECK(bars[0].up_to == 3ns);
        CHECK(bars[0].count == 2);
        CHECK(is_near(bars[1].up_to, 1000));
        CHECK(bars[1].count == 1);
    }
    SECTION("of more than 18 minutes: what is longer has one bar, up to the maximum") {
        constexpr std::uint64_t longest = std::uint64_t{1} << 40;
        for (const std::uint64_t time : {longest - 1, longest, 2 * longest, 8 * longest}) {
            histogram.count(time);
        }
        portspan::detail::Histogram::Copy copy;
        histogram.copy_to(copy);
        std::vector<portspan::HistogramBar> bars;
        copy.for_each_bar([&](const auto& bar) { bars.push_back(bar); });
        REQUIRE(bars.size() == 2);
        CHECK(bars[0].up_to.count() == longest - 1);
        CHECK(bars[0].count == 1);
        CHECK(bars[1].up_to.count() == 8 * longest);
        CHECK(bars[1].count == 3);
        CHECK(told().median.count() == 8 * longest);
    }
}

TEST_CASE("a monitor counts calls, frames, flags and results") {
    Scope audio;
    Telemetry telemetry;
    int results = 0;
    Stream<float> stream{portspan::monitor(
        [&](auto& block) {
            block.in_place();
            switch (++results) {
                case 4:
                    return Next::complete;
                case 5:
                    return Next::abort;
                case 6:
                    throw std::runtime_error("six");
                default:
                    return Next::keep_going;
            }
        },
        telemetry)};
    CHECK(telemetry.snapshot().calls == 0);
    CHECK(telemetry.snapshot().smallest_block == 0);
    audio.blocks({7, 64, 200});
    audio.status(paInputOverflow | paOutputUnderflow, 1);
    audio.status(paInputOverflow | paInputUnderflow, 2);
    stream.start();
    audio.pump(271);
    {
        const TelemetrySnapshot now = telemetry.snapshot();
        CHECK(now.calls == 3);
        CHECK(now.frames == 271);
        CHECK(now.smallest_block == 7);
        CHECK(now.largest_block == 200);
        CHECK(now.input_overflows == 2);
        CHECK(now.input_underflows == 1);
        CHECK(now.output_underflows == 1);
        CHECK(now.output_overflows == 0);
        CHECK(now.priming_outputs == 0);
        CHECK(now.completed + now.aborted + now.threw + now.unknown_results == 0);
    }
    for (int end = 0; end < 3; ++end) {
        audio.pump(300);
        try {
            stream.wait();
        } catch (const std::runtime_error&) {
        }
        stream.start();
    }
    const TelemetrySnapshot now = telemetry.snapshot();
    CHECK(now.calls == 6);
    CHECK(now.completed == 1);
    CHECK(now.aborted == 1);
    CHECK(now.threw == 1);
    CHECK(now.unknown_results == 0);
}

TEST_CASE("a monitor counts results that are none, and further flags") {
    Scope audio;
    Telemetry telemetry;
    OutputStream<float> stream{portspan::monitor(&seven, nullptr, telemetry)};
    audio.status(paPrimingOutput | paOutputOverflow);
    stream.start();
    audio.pump(1);
    CHECK(telemetry.snapshot().unknown_results == 1);
    CHECK(telemetry.snapshot().priming_outputs == 1);
    CHECK(telemetry.snapshot().output_overflows == 1);
}

TEST_CASE("a monitor measures calls against their deadline") {
    Scope audio;
    Telemetry telemetry;
    int calls = 0;
    // 48 frames at 48 kHz are due within 1 ms.
    OutputStream<float> stream{{.sample_rate = 48000, .frames_per_buffer = 48},
                               portspan::monitor(
                                   [&](auto&) noexcept {
                                       if (++calls % 10 == 0) spend(3ms);
                                   },
                                   telemetry)};
    stream.start();
    audio.pump(100 * 48);
    const TelemetrySnapshot now = telemetry.snapshot();
    CHECK(now.calls == 100);
    CHECK(now.deadline_misses >= 10);  // more where the machine was busy
    CHECK(now.deadline_misses < 50);
    CHECK(now.duration.maximum >= 3ms);
    CHECK(now.duration.median < 1ms);
    CHECK(now.duration.percentile_99 >= 3ms);
    CHECK(now.duration.minimum <= now.duration.median);
    CHECK(now.duration.percentile_99 <= now.duration.percentile_99_9);
    CHECK(now.duration.percentile_99_9 <= now.duration.maximum);
    CHECK(now.largest_load >= 3);
    CHECK(now.load >= 0.3);
    CHECK(now.load <= now.largest_load);
    std::uint64_t counted = 0;
    for (const auto& bar : now.durations) counted += bar.count;
    CHECK(counted == 100);
}

TEST_CASE("gaps are measured from call to call of one run") {
    Scope audio;
    Telemetry telemetry;
    OutputStream<float> stream{{.frames_per_buffer = 8},
                               portspan::monitor([](auto&) noexcept {}, telemetry)};
    stream.start();
    audio.pump(8);
    CHECK(telemetry.snapshot().gap.maximum == 0ns);
    std::this_thread::sleep_for(5ms);
    audio.pump(8);
    CHECK(telemetry.snapshot().gap.maximum >= 5ms);
    telemetry.reset();
    stream.stop();
    std::this_thread::sleep_for(5ms);
    stream.start();
    audio.pump(8);
    CHECK(telemetry.snapshot().calls == 1);
    CHECK(telemetry.snapshot().gap.maximum == 0ns);
}

TEST_CASE("a reset holds from the next call on") {
    Scope audio;
    Telemetry telemetry;
    OutputStream<float> stream{{.frames_per_buffer = 8},
                               portspan::monitor([](auto&) noexcept { spend(1us); }, telemetry)};
    stream.start();
    audio.pump(80);
    CHECK(telemetry.snapshot().calls == 10);
    telemetry.reset();
    const TelemetrySnapshot none = telemetry.snapshot();
    CHECK(none.calls == 0);
    CHECK(none.duration.maximum == 0ns);
    CHECK(none.durations.empty());
    audio.pump(8);
    const TelemetrySnapshot now = telemetry.snapshot();
    CHECK(now.calls == 1);
    CHECK(now.frames == 8);
    CHECK(now.duration.minimum == now.duration.maximum);
}

TEST_CASE("a snapshot is one moment, whoever resets") {
    Scope audio;
    audio.capture(false);
    Telemetry telemetry;
    OutputStream<float> stream{{.frames_per_buffer = 16},
                               portspan::monitor([](auto&) noexcept {}, telemetry)};
    stream.start();
    audio.run(std::numeric_limits<double>::infinity());
    std::atomic<bool> ends{false};
    std::thread other{[&] {
        while (!ends) {
            telemetry.reset();
            std::this_thread::sleep_for(1ms);
        }
    }};
    int wrong = 0;
    std::uint64_t most = 0;
    for (const auto start = std::chrono::steady_clock::now();
         std::chrono::steady_clock::now() - start < 300ms;) {
        const TelemetrySnapshot now = telemetry.snapshot();
        wrong += now.frames != 16 * now.calls;
        most = (std::max)(most, now.calls);
    }
    ends = true;
    other.join();
    audio.halt();
    CHECK(wrong == 0);
    CHECK(most > 0);
}

TEST_CASE("a monitor goes around anything, and leaves it as it is") {
    Scope audio;
    Telemetry telemetry;
    audio.feed(std::vector<float>{1, 2, 3, 4});
    SECTION("a foreign function") {
        Stream<float> stream{{.input = {.channels = 1}, .output = {.channels = 1}},
                             portspan::monitor(&half, nullptr, telemetry)};
        stream.start();
        audio.pump(4);
        CHECK(audio.captured() == std::vector<float>{0.5f, 1, 1.5f, 2});
    }
    SECTION("inside and outside of adaptors") {
        Telemetry outer;
        Stream<float> stream{
            {.input = {.channels = 1}, .output = {.channels = 1}},
            portspan::monitor(
                portspan::limit(portspan::monitor(portspan::in_place(silent), telemetry), -1.5f,
                                1.5f),
                outer)};
        stream.start();
        audio.pump(4);
        CHECK(audio.captured() == std::vector<float>{1, 1.5f, 1.5f, 1.5f});
        CHECK(outer.snapshot().calls == 1);
    }
    SECTION("a slot") {
        portspan::Slot<float> slot{RawCallback{&half}};
        Stream<float> stream{{.input = {.channels = 1}, .output = {.channels = 1}},
                             portspan::monitor(slot, telemetry)};
        stream.start();
        audio.pump(4);
        CHECK(audio.captured() == std::vector<float>{0.5f, 1, 1.5f, 2});
    }
    CHECK(telemetry.snapshot().calls == 1);
    CHECK(telemetry.snapshot().frames == 4);
}

TEST_CASE("telemetry is one stream's at a time, and keeps what it has") {
    Scope audio;
    Telemetry telemetry;
    for (std::uint64_t turn = 1; turn <= 2; ++turn) {
        Stream<float> stream{{.frames_per_buffer = 4}, portspan::monitor(silent, telemetry)};
        CHECK(error_of([&] { Stream<float> other{portspan::monitor(silent, telemetry)}; })
                  .value()
                  .code() == Fault::invalid_argument);
        stream.start();
        audio.pump(4);
        CHECK(telemetry.snapshot().calls == turn);
    }
    CHECK(error_of([&] { Stream<float> refused{portspan::monitor(RawCallback{}, telemetry)}; })
              .value()
              .code() == Fault::null_callback);
    Stream<float> again{portspan::monitor(silent, telemetry)};
}
