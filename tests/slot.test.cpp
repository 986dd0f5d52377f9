// SPDX-License-Identifier: MIT
// A callback that takes another one's place: what is heard meanwhile, what is refused, and when the
// old one is gone.
#include <portspan/call_watch.hpp>
#include <portspan/chain.hpp>
#include <portspan/guards.hpp>
#include <portspan/mixer.hpp>
#include <portspan/mock.hpp>
#include <portspan/monitor.hpp>
#include <portspan/renderer.hpp>
#include <portspan/slot.hpp>
#include <portspan/state.hpp>
#include <portspan/stream.hpp>
#include <portspan/with_events.hpp>
#include <portspan/with_state.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <future>
#include <limits>
#include <memory>
#include <numbers>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "becomes_true.hpp"
#include "catch.hpp"
#include "error_of.hpp"

using namespace std::chrono_literals;
using portspan::Error;
using portspan::EventQueue;
using portspan::Fade;
using portspan::FadeCurve;
using portspan::Fault;
using portspan::Int24;
using portspan::Interleaved;
using portspan::InterleavedView;
using portspan::LiveState;
using portspan::monitor;
using portspan::Next;
using portspan::OutputStream;
using portspan::Planar;
using portspan::RawCallback;
using portspan::Renderer;
using portspan::Slot;
using portspan::Stream;
using portspan::with_events;
using portspan::with_state;
using portspan::mock::Scope;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

/// No test wants an exchange to be cut short because the machine is busy.
Fade fade(std::size_t frames, FadeCurve curve = FadeCurve::linear) {
    return {.frames = frames, .curve = curve, .patience = 1h};
}

/// Plays one value for ever.
auto constant(double value) {
    return [value](auto& block) noexcept {
        auto output = block.output();
        for (std::size_t c = 0; c < output.channels(); ++c) {
            for (auto& x : output.channel(c)) {
                x = static_cast<std::remove_reference_t<decltype(x)>>(value);
            }
        }
    };
}

/// A renderer with an output alone, which tells what it plays as doubles, channel 0.
template <class T, class L>
class Player {
public:
    explicit Player(const Slot<void, T, L>& slot, std::size_t frames_per_buffer = 256)
        : renderer_({.output_channels = 2, .frames_per_buffer = frames_per_buffer}, slot) {}

    std::vector<double> play(std::size_t frames) {
        portspan::detail::Buffer<T, L> buffer{frames, 2};
        auto view = buffer.view(frames);
        renderer_.process({}, view);
        std::vector<double> played;
        for (std::size_t frame = 0; frame < frames; ++frame) {
            CHECK(view(frame, 0) == view(frame, 1));
            played.push_back(double(view(frame, 0)));
        }
        return played;
    }

private:
    Renderer<void, T, L> renderer_;
};

int doubling(const void* input, void* output, unsigned long frames, Time, Flags, void* gain) {
    for (unsigned long i = 0; i < frames; ++i) {
        static_cast<float*>(output)[i] =
            static_cast<const float*>(input)[i] * *static_cast<float*>(gain);
    }
    return paContinue;
}

/// Whether its exchange has come to its end, which is asked and not waited for.
bool is_ready(const std::future<void>& exchange) {
    return exchange.wait_for(0s) == std::future_status::ready;
}

}  // namespace

TEMPLATE_TEST_CASE("a slot goes over from one callback to the next", "", Interleaved, Planar) {
    Slot<void, float, TestType> slot{constant(1)};
    Player<float, TestType> player{slot, 4};
    CHECK(player.play(4) == std::vector<double>(4, 1));

    SECTION("from one block to the next") {
        auto done = slot.exchange_async(constant(2), fade(0));
        CHECK(player.play(4) == std::vector<double>(4, 2));
        done.get();
        CHECK(player.play(4) == std::vector<double>(4, 2));
    }
    SECTION("linearly, over parts of blocks") {
        auto done = slot.exchange_async(constant(2), fade(9));
        const auto played = player.play(12);
        for (std::size_t frame = 0; frame < 9; ++frame) {
            CHECK_THAT(played[frame], WithinAbs(1 + double(frame + 1) / 10, 1e-6));
        }
        CHECK(std::vector<double>(played.begin() + 9, played.end()) == std::vector<double>(3, 2));
        done.get();
        CHECK(player.play(4) == std::vector<double>(4, 2));
    }
    SECTION("with equal power") {
        auto done = slot.exchange_async(constant(2), fade(9, FadeCurve::equal_power));
        const auto played = player.play(12);
        for (std::size_t frame = 0; frame < 9; ++frame) {
            const double angle = std::numbers::pi / 2 * double(frame + 1) / 10;
            CHECK_THAT(played[frame], WithinAbs(std::cos(angle) + 2 * std::sin(angle), 1e-6));
        }
        CHECK(std::vector<double>(played.begin() + 9, played.end()) == std::vector<double>(3, 2));
        done.get();
    }
    SECTION("in the order of the calls") {
        auto second = slot.exchange_async(constant(2), fade(3));
        auto third = slot.exchange_async(constant(4), fade(0));
        CHECK(player.play(4)[3] == 2);
        second.get();
        CHECK(player.play(4) == std::vector<double>(4, 4));
        third.get();
    }
}

TEST_CASE("integers are cross-faded around silence, and clamped") {
    SECTION("uint8") {
        Slot<void, std::uint8_t> slot{constant(128)};
        Player<std::uint8_t, Interleaved> player{slot, 4};
        auto done = slot.exchange_async(constant(128), fade(4, FadeCurve::equal_power));
        CHECK(player.play(8) == std::vector<double>(8, 128));
    }
    SECTION("full scale, of both") {
        Slot<void, std::int16_t, Planar> slot{constant(32767)};
        Player<std::int16_t, Planar> player{slot, 4};
        auto done = slot.exchange_async(constant(32767), fade(4, FadeCurve::equal_power));
        CHECK(player.play(8) == std::vector<double>(8, 32767));
    }
    SECTION("of 32 and 24 bits") {
        Slot<void, std::int32_t> slot{constant(-2147483648.0)};
        Player<std::int32_t, Interleaved> player{slot, 4};
        auto done = slot.exchange_async(constant(2147483647), fade(1));
        CHECK(player.play(2) == std::vector<double>{0, 2147483647});
        Slot<void, Int24> packed{constant(Int24::min)};
        Player<Int24, Interleaved> packed_player{packed, 4};
        auto packed_done = packed.exchange_async(constant(Int24::max), fade(1));
        CHECK(packed_player.play(2) == std::vector<double>{0, Int24::max});
    }
}

TEST_CASE("a cross-fade takes blocks of any size") {
    Scope audio;
    Slot<void, float> slot{constant(1)};
    OutputStream<float> stream{{.output = {.channels = 1}}, slot};
    stream.start();
    audio.blocks({10000, 1, 4096, 77});
    auto done = slot.exchange_async(constant(2), fade(12000));
    audio.pump(14174);
    done.get();
    const auto played = audio.captured();
    REQUIRE(played.size() == 14174);
    for (std::size_t frame = 0; frame < played.size(); ++frame) {
        const double expected = 1 + (std::min)(1.0, double(frame + 1) / 12001);
        if (std::abs(double(played[frame]) - expected) > 1e-6) FAIL("frame " << frame);
    }
}

TEST_CASE("both callbacks of a cross-fade get the input, in place as well") {
    float one = 1, three = 3;
    std::array<float, 8> input{1, 2, 3, 4, 5, 6, 7, 8};
    const auto check = [&](Slot<float>& slot, auto& renderer, auto next) {
        auto done = slot.exchange_async(next, fade(3));
        std::array<float, 8> output{};
        renderer.process(InterleavedView<const float>{input, 1}, InterleavedView<float>{output, 1});
        const std::array<float, 8> expected{1.5f, 4, 7.5f, 12, 15, 18, 21, 24};
        CHECK(output == expected);
        done.get();
    };
    const portspan::RenderConfig config{.input_channels = 1, .output_channels = 1};
    SECTION("each with buffers of its own") {
        Slot<float> slot{&doubling, &one};
        Renderer<float> renderer{config, slot};
        check(slot, renderer, RawCallback{&doubling, &three});
    }
    SECTION("in one buffer") {
        Slot<float> slot{&doubling, &one};
        Renderer<float> renderer{config, portspan::in_place(slot)};
        check(slot, renderer, RawCallback{&doubling, &three});
    }
    SECTION("one of them in place") {
        Slot<float> slot{portspan::in_place(&doubling, &one)};
        Renderer<float> renderer{config, slot};
        check(slot, renderer, portspan::in_place(&doubling, &three));
    }
}

TEST_CASE("the old callback is gone when exchange() returns") {
    Scope audio;
    auto state = std::make_shared<float>(1.0f);
    const std::weak_ptr<float> alive = state;
    Slot<float> slot{RawCallback{&doubling, state.get(), state}};
    state.reset();

    SECTION("where no stream has the slot") {
        slot.exchange(constant(0), fade(100));
        CHECK(alive.expired());
    }
    SECTION("where the stream was never started") {
        Stream<float> stream{slot};
        slot.exchange(constant(0), fade(100));
        CHECK(alive.expired());
    }
    SECTION("where it was stopped in the middle of a fade") {
        Stream<float> stream{{.frames_per_buffer = 8}, slot};
        stream.start();
        auto done = slot.exchange_async(constant(0), fade(100));
        audio.pump(50);
        CHECK_FALSE(alive.expired());
        stream.stop();
        done.get();
        CHECK(alive.expired());
    }
    SECTION("where it was aborted") {
        Stream<float> stream{{.frames_per_buffer = 8}, slot};
        stream.start();
        stream.abort();
        slot.exchange(constant(0), fade(100));
        CHECK(alive.expired());
    }
    SECTION("where the new callback completed during the fade") {
        Stream<float> stream{{.frames_per_buffer = 8}, slot};
        stream.start();
        auto done = slot.exchange_async(
            [](auto& block) noexcept {
                block.in_place();
                return Next::complete;
            },
            fade(100));
        audio.pump(8);
        done.get();
        CHECK(alive.expired());
    }
    SECTION("where the stream is closed meanwhile") {
        std::optional<Stream<float>> stream{std::in_place, slot};
        stream->start();
        auto done = slot.exchange_async(constant(0), fade(100));
        auto later = slot.exchange_async(constant(1), fade(100));
        stream.reset();
        done.get();
        later.get();
        CHECK(alive.expired());
        Stream<float> next{slot};
        next.start();
        audio.pump(1);
        CHECK(audio.captured(1) == std::vector<float>{1, 1});
    }
    SECTION("where the device makes no call any more") {
        Stream<float> stream{slot};
        stream.start();
        audio.lose_device();
        slot.exchange(constant(0), {.frames = 100, .patience = 20ms});
        CHECK(alive.expired());
    }
    SECTION("after the fade, not before") {
        Stream<float> stream{{.frames_per_buffer = 8}, slot};
        stream.start();
        auto done = slot.exchange_async(constant(0), fade(16));
        audio.pump(8);
        std::this_thread::sleep_for(20ms);  // nobody loses patience
        CHECK_FALSE(is_ready(done));
        CHECK_FALSE(alive.expired());
        audio.pump(8);
        done.get();
        CHECK(alive.expired());
    }
}

TEST_CASE("exchange() waits for a call that goes on, whatever the stream does") {
    std::atomic<bool> is_inside{false};
    std::atomic<bool> may_leave{false};
    Slot<void, float> slot{[&](auto& block) noexcept {
        is_inside = true;
        while (!may_leave) std::this_thread::yield();
        constant(1)(block);
    }};
    Player<float, Interleaved> player{slot, 4};
    std::thread audio{[&] { player.play(4); }};
    REQUIRE(becomes_true([&] { return is_inside.load(); }));
    auto done = std::async(std::launch::async,
                           [&] { slot.exchange(constant(2), {.frames = 100, .patience = 0s}); });
    CHECK(done.wait_for(50ms) == std::future_status::timeout);
    may_leave = true;
    done.get();
    audio.join();
    CHECK(player.play(4) == std::vector<double>(4, 2));
}

TEST_CASE("what a stream would refuse is refused, and the old callback goes on") {
    Scope audio;
    Slot<float> slot{constant(1)};
    std::optional<Stream<float>> stream;
    stream.emplace(portspan::StreamConfig{.input = {.channels = 2}, .output = {.channels = 2}},
                   slot);
    stream->start();
    const auto goes_on = [&] {
        const std::size_t before = audio.captured().size();
        audio.pump(1);
        const auto played = audio.captured();
        CHECK(std::vector(played.begin() + std::ptrdiff_t(before), played.end()) ==
              std::vector<float>{1, 1});
    };
    SECTION("null") {
        CHECK(error_of([&] { slot.exchange(RawCallback{}); }).value().code() ==
              Fault::null_callback);
        CHECK(error_of([&] { slot.exchange(std::function<void(Stream<float>::Block&)>{}); })
                  .value()
                  .code() == Fault::null_callback);
        goes_on();
    }
    SECTION("other channels") {
        static constexpr portspan_description mono{.abi_version = PORTSPAN_ABI_VERSION,
                                                   .size = sizeof(portspan_description),
                                                   .input_format = paFloat32,
                                                   .output_format = paFloat32,
                                                   .input_channels = 1,
                                                   .output_channels = 1};
        RawCallback callback{&doubling};
        callback.description = &mono;
        CHECK(error_of([&] { slot.exchange(callback); }).value().code() ==
              Fault::callback_mismatch);
        goes_on();
    }
    SECTION("another format") {
        static constexpr portspan_description whole{.abi_version = PORTSPAN_ABI_VERSION,
                                                    .size = sizeof(portspan_description),
                                                    .output_format = paInt16};
        RawCallback callback{&doubling};
        callback.description = &whole;
        CHECK(error_of([&] { (void)slot.exchange_async(callback); }).value().code() ==
              Fault::callback_mismatch);
        goes_on();
    }
    SECTION("a fade that makes no sense") {
        const auto refused = [&](const Fade& fade) {
            CHECK(error_of([&] { slot.exchange(constant(2), fade); }).value().code() ==
                  Fault::invalid_argument);
        };
        refused({.patience = -1s});
        refused(
            {.patience = std::chrono::duration<double>{std::numeric_limits<double>::quiet_NaN()}});
        refused({.curve = static_cast<FadeCurve>(7)});
        goes_on();
    }
    SECTION("from inside a callback") {
        std::error_code code;
        auto done = slot.exchange_async(
            [&](auto& block) {
                try {
                    slot.exchange(constant(3));
                } catch (const Error& error) {
                    code = error.code();
                }
                constant(1)(block);
            },
            fade(0));
        audio.pump(1);
        done.get();
        CHECK(code == Fault::inside_callback);
        goes_on();
    }
    SECTION(
        "what works on the LiveState, the EventQueue or the Telemetry of the one that is heard") {
        const auto refused = [&](auto callback, const char* why) {
            const auto error = error_of([&] { slot.exchange(callback, fade(0)); });
            REQUIRE(error);
            CHECK(error->code() == Fault::invalid_argument);
            CHECK(std::string{error->what()}.find(why) != std::string::npos);
        };
        const auto heard = [&](auto callback) {
            auto done = slot.exchange_async(callback, fade(0));
            audio.pump(1);
            done.get();
        };
        struct Gain {
            float gain = 1;
        };
        LiveState live{Gain{}};
        const auto play = [](auto& block, Gain& state) { constant(state.gain)(block); };
        heard(with_state(live, play));
        refused(with_state(live, play),
                "another callback has the LiveState, which is not destroyed yet: give "
                "this one a LiveState of its own, LiveState next{live.copy()}");
        const LiveState next{live.copy()};
        heard(with_state(next, play));

        const EventQueue<int> queue{1};
        const auto events = with_events(queue, constant(1), [](int) {});
        heard(events);
        refused(events,
                "another callback has the EventQueue, which is not "
                "destroyed yet: give this one an EventQueue of its own");

        const auto measured = monitor(constant(1));
        heard(measured);
        refused(measured,
                "another callback has the Telemetry, which is not "
                "destroyed yet: give this one a Telemetry of its own");
        goes_on();
    }
    SECTION("another stream") {
        CHECK(error_of([&] { Stream<float>{slot}; }).value().code() == Fault::invalid_argument);
        goes_on();
    }
    SECTION("after the stream was closed nothing is refused: it is for the next one") {
        stream->close();
        slot.exchange(constant(2));
        Stream<float> next{slot};
        next.start();
        audio.pump(1);
        CHECK(audio.captured(1) == std::vector<float>{2, 2});
    }
}

TEST_CASE("a callback that uses the slot itself is refused, and nothing waits for itself") {
    Scope audio;
    Slot<void, float> slot{constant(1)};
    OutputStream<float> stream{{.output = {.channels = 1}}, slot};
    stream.start();
    const auto is_refused = [&](auto next) {
        const Error error = error_of([&] { slot.exchange(std::move(next)); }).value();
        CHECK(error.code() == Fault::invalid_argument);
        CHECK_THAT(error.detail(), ContainsSubstring("in itself"));
    };
    SECTION("the slot") { is_refused(slot); }
    SECTION("around it") { is_refused(portspan::limit(slot, -0.5f, 0.5f)); }
    SECTION("one that exchanges when it is copied") {
        struct Exchanging {
            Slot<void, float> slot;
            Exchanging(const Slot<void, float>& its_slot) : slot(its_slot) {}
            Exchanging(const Exchanging& other) : slot(other.slot) { slot.exchange(constant(2)); }
            Exchanging(Exchanging&&) = default;
            void operator()(portspan::Block<void, float>&) noexcept {}
        };
        is_refused(Exchanging{slot});
    }
    SECTION("one that is refused and exchanges at its end") {
        struct Ending {
            std::optional<Slot<void, float>> slot;
            std::optional<Error>& is_at_end_refused;
            Ending(const Slot<void, float>& its_slot, std::optional<Error>& refused)
                : slot(its_slot), is_at_end_refused(refused) {}
            Ending(Ending&& other) noexcept
                : slot(std::exchange(other.slot, std::nullopt)),
                  is_at_end_refused(other.is_at_end_refused) {}
            ~Ending() {
                if (slot) is_at_end_refused = error_of([&] { slot->exchange(constant(2)); });
            }
            void operator()(portspan::Block<void, float>&) noexcept {}
        };
        std::optional<Error> refused;
        CHECK(error_of([&] { slot.exchange(portspan::limit(Ending{slot, refused}, 1, -1)); })
                  .value()
                  .call() == "limit");
        CHECK(refused.value().code() == Fault::invalid_argument);
    }
    audio.pump(1);
    CHECK(audio.captured().at(0) >= 1);
}

TEST_CASE("a slot that was moved from is the same slot") {
    Slot<void, float> slot{constant(1)};
    Slot<void, float> moved{std::move(slot)};
    slot.exchange(constant(2));  // NOLINT: that is the point
    Player<float, Interleaved> player{moved, 4};
    CHECK(player.play(2) == std::vector<double>{2, 2});
}

TEST_CASE("a stream that does not open leaves the slot as it was") {
    Scope audio;
    struct Throws {
        std::shared_ptr<int> copies = std::make_shared<int>(0);
        Throws() = default;
        Throws(const Throws& other) : copies(other.copies) {
            if (++*copies == 1) throw std::runtime_error("copy");
        }
        Throws(Throws&&) = default;
        void operator()(portspan::Block<void, float>& block) noexcept { constant(3)(block); }
    };
    Slot<void, float> slot{Throws{}};
    CHECK_THROWS_WITH(OutputStream<float>{slot}, "copy");
    audio.fail("Pa_OpenStream", paDeviceUnavailable);
    CHECK(error_of([&] { OutputStream<float>{slot}; }).value().code().value() ==
          paDeviceUnavailable);
    OutputStream<float> stream{{.output = {.channels = 1}}, slot};
    stream.start();
    audio.pump(1);
    CHECK(audio.captured() == std::vector<float>{3});
}

TEST_CASE("the next stream starts with a copy of the callback") {
    Scope audio;
    int plays = 0;
    Slot<void, float> slot{[&plays, value = 1.0f](auto& block) mutable noexcept {
        ++plays;
        for (float& x : block.output().samples()) x = value;
        value = 7;
    }};
    for (std::size_t stream : {0u, 1u}) {
        OutputStream<float> opened{{.output = {.channels = 1}}, slot};
        opened.start();
        audio.pump(1);
        CHECK(audio.captured(stream) == std::vector<float>{1});
    }
    CHECK(plays == 2);

    SECTION("where it can be copied") {
        slot.exchange([own = std::make_unique<int>(1)](auto& block) noexcept {
            for (float& x : block.output().samples()) x = static_cast<float>(*own);
        });
        std::optional<OutputStream<float>> once{std::in_place, slot};
        once.reset();
        CHECK(error_of([&] { OutputStream<float>{slot}; }).value().code() ==
              Fault::invalid_argument);
        slot.exchange(constant(1));
        once.emplace(slot);
    }
}

TEST_CASE("a callback that completes in the fade of a long block leaves the rest of it silent") {
    Scope audio;
    audio.blocks({10000});
    Slot<void, float> slot{constant(1)};
    OutputStream<float> stream{{.output = {.channels = 1}}, slot};
    stream.start();
    std::size_t frames = 0;
    auto done = slot.exchange_async(
        [&frames](auto& block) noexcept {
            constant(3)(block);
            frames += block.frames();
            return Next::complete;
        },
        fade(20000));
    audio.pump(10000);
    stream.wait();
    const auto played = audio.captured();
    REQUIRE(played.size() == 10000);
    REQUIRE((0 < frames && frames < 10000));
    CHECK(played[frames - 1] > 1);
    CHECK(std::ranges::count(played, 0.0f) == static_cast<std::ptrdiff_t>(10000 - frames));
    CHECK(played[frames] == 0);
}

TEST_CASE("what happens to one callback during a cross-fade") {
    Scope audio;
    Slot<void, float> slot{constant(1)};
    OutputStream<float> stream{{.output = {.channels = 1}, .frames_per_buffer = 2}, slot};
    stream.start();

    SECTION("the old one's completing is no one's end") {
        const Next end = GENERATE(Next::complete, Next::abort);
        auto first = slot.exchange_async(
            [end, calls = 0](auto& block) mutable noexcept {
                constant(1)(block);
                return ++calls == 2 ? end : Next::keep_going;
            },
            fade(0));
        audio.pump(2);
        first.get();
        auto done = slot.exchange_async(constant(3), fade(5));
        audio.pump(8);
        done.get();
        const auto played = audio.captured();
        const float last_of_old = end == Next::complete ? 1.0f : 0.0f;
        const auto mixed = [](float from, float way) { return from * (1 - way) + 3 * way; };
        const std::vector<float> expected{1,
                                          1,
                                          mixed(last_of_old, 1 / 6.0f),
                                          mixed(last_of_old, 2 / 6.0f),
                                          mixed(0, 3 / 6.0f),
                                          mixed(0, 4 / 6.0f),
                                          mixed(0, 5 / 6.0f),
                                          3,
                                          3,
                                          3};
        REQUIRE(played.size() == expected.size());
        for (std::size_t i = 0; i < played.size(); ++i) {
            CHECK_THAT(played[i], WithinAbs(expected[i], 1e-6));
        }
        CHECK(stream.active());
    }
    SECTION("the new one's completing is the stream's, with its last block") {
        auto done = slot.exchange_async(
            [](auto& block) noexcept {
                constant(3)(block);
                return Next::complete;
            },
            fade(3));
        audio.pump(6);
        stream.wait();
        CHECK(audio.captured() == std::vector<float>{1.5f, 2});
    }
    SECTION("the new one's exception is the stream's") {
        auto done = slot.exchange_async([](auto&) { throw std::runtime_error("new"); }, fade(3));
        audio.pump(6);
        CHECK_THROWS_WITH(stream.wait(), "new");
    }
    SECTION("the old one's exception is no one's") {
        auto first = slot.exchange_async(
            [calls = 0](auto& block) mutable {
                if (++calls == 2) throw std::runtime_error("old");
                constant(1)(block);
            },
            fade(0));
        audio.pump(2);
        first.get();
        auto done = slot.exchange_async(constant(3), fade(3));
        audio.pump(6);
        done.get();
        CHECK(audio.captured() == std::vector<float>{1, 1, 0.75f, 1.5f, 2.25f, 3, 3, 3});
        CHECK(stream.active());
        stream.stop();
    }
    SECTION("of channels that it does not have the old one tells nobody") {
        auto first = slot.exchange_async(
            [calls = 0](auto& block) mutable noexcept {
                constant(1)(block);
                if (++calls == 2) static_cast<void>(block.template output<7>());
            },
            fade(0));
        audio.pump(2);
        first.get();
        auto done = slot.exchange_async(constant(3), fade(3));
        audio.pump(6);
        done.get();
        CHECK(stream.active());
        stream.stop();
    }
}

namespace {
unsigned long broken_calls = 0;
const char* broken_error(unsigned long* count) {
    *count = broken_calls;
    return broken_calls == 0 ? nullptr : "index out of range in line 7";
}
int broken(const void*, void*, unsigned long, Time, Flags, void*) {
    ++broken_calls;
    return paAbort;
}
}  // namespace

TEST_CASE("what a library says of its failure is the stream's, though it is gone by then") {
    Scope audio;
    Slot<void, float> slot{constant(1)};
    OutputStream<float> stream{slot};
    stream.start();
    RawCallback callback{&broken};
    callback.failures = &broken_error;
    auto done = slot.exchange_async(callback, fade(0));
    audio.pump(256);
    done.get();
    slot.exchange(constant(1), fade(0));
    CHECK(error_of([&] { stream.wait(); }).value().detail() == "index out of range in line 7");
}

TEST_CASE("what a library says of the old callback's failure is not the stream's") {
    Scope audio;
    int calls = 0;
    RawCallback callback{[](const void*, void*, unsigned long, Time, Flags, void* count) {
                             if (++*static_cast<int*>(count) == 1) return int{paContinue};
                             ++broken_calls;
                             return int{paAbort};
                         },
                         &calls};
    callback.failures = &broken_error;
    Slot<void, float> slot{callback};
    OutputStream<float> stream{{.output = {.channels = 1}, .frames_per_buffer = 2}, slot};
    stream.start();
    audio.pump(2);
    auto done = slot.exchange_async(constant(3), fade(3));
    audio.pump(4);
    done.get();
    CHECK(stream.active());
    stream.stop();
    CHECK(audio.captured().back() == 3);
}

TEST_CASE("what the audio thread has begun goes on with both until the end of the block") {
    using portspan::RawBlock;
    using portspan::detail::AnyBound;
    struct Counting final : AnyBound {
        int calls = 0;
        std::function<void()> in_call = [] {};
        int run(const RawBlock&) override {
            ++calls;
            in_call();
            return paContinue;
        }
    };
    Counting old;
    auto owner = std::make_unique<Counting>();
    Counting& next = *owner;
    const auto control = std::make_shared<portspan::detail::Control>();
    portspan::detail::Swap<void, float, Interleaved> swap{{.shape = {.output_channels = 1},
                                                           .frames_per_buffer = 4,
                                                           .sample_rate = 48000,
                                                           .control = control},
                                                          old};
    portspan::detail::Change change{.next = std::move(owner), .fade = fade(100)};
    std::array<float, 16> output{};
    const RawBlock block{nullptr, output.data(), output.size(), nullptr, 0};
    swap.begin(change);
    old.in_call = [&] { swap.end(next); };
    swap.run(block);
    CHECK(old.calls == 4);
    CHECK(next.calls == 4);
    swap.run(block);
    CHECK(old.calls == 4);
    CHECK(next.calls == 5);
}

TEST_CASE("a call that takes long is no silence of the device") {
    portspan::detail::CallCounter calls;
    portspan::detail::CallWatch watch{calls};
    {
        const portspan::detail::CallCounter::Call call{calls};
        CHECK(watch.silence() == 0s);
        std::this_thread::sleep_for(2ms);
        CHECK(watch.silence() == 0s);
    }
    CHECK(watch.silence() == 0s);
    std::this_thread::sleep_for(2ms);
    CHECK(watch.silence() >= 2ms);
}

TEST_CASE("a renderer's fade has its frames, however late they are asked for") {
    Slot<void, float> slot{constant(0)};
    std::vector<float> output(8);
    Renderer<void, float> renderer{{.output_channels = 1}, slot};
    auto done = slot.exchange_async(constant(4), {.frames = 3, .patience = 0s});
    std::this_thread::sleep_for(20ms);
    renderer.process({}, {output.data(), output.size(), 1});
    done.get();
    CHECK(output == std::vector<float>{1, 2, 3, 4, 4, 4, 4, 4});
    // Nor for whoever throws the future away.
    static_cast<void>(slot.exchange_async(constant(8), {.frames = 3, .patience = 0s}));
    renderer.process({}, {output.data(), output.size(), 1});
    CHECK(output == std::vector<float>{5, 6, 7, 8, 8, 8, 8, 8});
    // Who waits for the thread that is waiting does not wait for ever.
    slot.exchange(constant(5), {.patience = 0s});
    renderer.process({}, {output.data(), output.size(), 1});
    CHECK(output == std::vector<float>(8, 5));
}

namespace {
/// What happens while a callback is bound, once.
std::function<void()> at_binding;
const char* asked_at_binding(unsigned long* count) {
    *count = 0;
    if (at_binding) std::exchange(at_binding, nullptr)();
    return nullptr;
}
/// A stage that is bound so.
RawCallback bound_with(std::function<void()> what) {
    at_binding = std::move(what);
    RawCallback callback{
        [](const void*, void*, unsigned long, Time, Flags, void*) -> int { return paContinue; }};
    callback.failures = &asked_at_binding;
    return callback;
}
/// What happens when one of these is destroyed, once.
std::function<void()> at_destruction;
struct Destroyed {
    Destroyed() = default;
    Destroyed(const Destroyed&) = default;
    Destroyed& operator=(const Destroyed&) = default;
    ~Destroyed() {
        if (at_destruction) std::exchange(at_destruction, nullptr)();
    }
    template <class B>
    void operator()(B& block) const noexcept {
        constant(1)(block);
    }
};
}  // namespace

TEST_CASE("a stream may end while an exchange binds a callback, or destroys one") {
    Scope audio;
    auto told = std::make_shared<int>(0);
    const std::weak_ptr<int> is_kept = told;
    portspan::StreamConfig config{.output = {.channels = 1}, .frames_per_buffer = 2};
    config.finished = [told] { ++*told; };
    told.reset();
    portspan::Mixer<float> mixer;
    Slot<void, float> slot{constant(1)};
    std::optional<OutputStream<float>> stream{std::in_place, config, slot};
    stream->start();
    config.finished = {};
    const auto close = [&] {
        stream.reset();
        // A mixer asks it for the run of the stream, whose end is not its own.
        CHECK_FALSE(is_kept.expired());
    };
    SECTION("binds: it is for the next stream") {
        slot.exchange(portspan::chain(bound_with(close), mixer, constant(2)), fade(0));
        CHECK(is_kept.expired());
        mixer.play(std::vector<float>{1});
        OutputStream<float> next{config, slot};
        next.start();
        audio.pump(2);
        CHECK(audio.captured(1) == std::vector<float>{2, 2});
    }
    SECTION("binds: one that cannot be copied is lost, and the old one stays") {
        auto only = [number = std::make_unique<int>(2)](auto& block) { constant (*number)(block); };
        const auto error = error_of(
            [&] { slot.exchange(portspan::chain(bound_with(close), std::move(only)), fade(0)); });
        REQUIRE(error);
        CHECK(error->code() == Fault::invalid_argument);
        CHECK_THAT(error->detail(), ContainsSubstring("the stream has ended meanwhile"));
        OutputStream<float> next{config, slot};
        next.start();
        audio.pump(2);
        CHECK(audio.captured(1) == std::vector<float>{1, 1});
    }
    SECTION("destroys") {
        auto first = slot.exchange_async(portspan::chain(Destroyed{}, mixer, constant(3)), fade(0));
        audio.pump(2);
        first.get();
        auto action = mixer.play(std::vector<float>(100));
        audio.pump(2);
        at_destruction = close;
        auto second = slot.exchange_async(constant(4), fade(0));
        audio.pump(2);
        second.get();
        CHECK(action.statistics().state == portspan::ActionState::interrupted);
        CHECK(is_kept.expired());
    }
}

TEST_CASE("a slot that no stream has yet refuses null") {
    const auto is_refused = [](auto make) {
        CHECK(error_of(make).value().code() == Fault::null_callback);
    };
    is_refused([] { Slot<float>{RawCallback{}}; });
    is_refused([] { Slot<float>{std::function<void(portspan::Block<float, float>&)>{}}; });
    Slot<float> slot{[](auto& block) noexcept { block.in_place(); }};
    is_refused([&] { slot.exchange(RawCallback{}); });
    is_refused([&] { slot.exchange(static_cast<PaStreamCallback*>(nullptr)); });
}

TEST_CASE("streams without samples to fade change from one block to the next") {
    Scope audio;
    SECTION("recording alone") {
        int first = 0, second = 0;
        Slot<float, void> slot{[&](auto&) noexcept { ++first; }};
        portspan::InputStream<float> stream{{.frames_per_buffer = 4}, slot};
        stream.start();
        audio.pump(4);
        auto done = slot.exchange_async([&](auto&) noexcept { ++second; }, fade(100));
        audio.pump(4);
        done.get();
        CHECK(first == 1);
        CHECK(second == 1);
    }
    SECTION("of bytes") {
        Slot<void, std::byte> slot{
            [](auto& block) noexcept { std::ranges::fill(block.output().bytes(), std::byte{}); }};
        OutputStream<std::byte> stream{
            {.output = {.channels = 1, .format = paUInt8}, .frames_per_buffer = 1}, slot};
        stream.start();
        audio.pump(1);
        auto done = slot.exchange_async(
            [](auto& block) noexcept { std::ranges::fill(block.output().bytes(), std::byte{128}); },
            fade(100));
        audio.pump(1);
        done.get();
        CHECK(audio.captured() == std::vector<float>{-1, 0});
    }
}
