// SPDX-License-Identifier: MIT
#include <portspan/mock.hpp>
#include <portspan/portspan.hpp>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "becomes_true.hpp"
#include "catch.hpp"
#include "error_of.hpp"

using namespace std::chrono_literals;
using portspan::devices;
using portspan::Fault;
using portspan::OutputStream;
using portspan::RawCallback;
using portspan::refresh_devices;
using portspan::Session;
using portspan::mock::Loss;
using portspan::mock::Machine;
using portspan::mock::Scope;

namespace {
const Machine plugged{{{.devices = {{"built in"}, {"USB"}}}}};

constexpr auto silent = [](auto&) noexcept {};

std::string refusal(Fault fault) {
    const auto error = error_of(refresh_devices);
    if (!error) return "no error";
    CHECK(error->code() == fault);
    CHECK(error->call() == "refresh_devices");
    return error->detail();
}
}  // namespace

TEST_CASE("what is plugged in is seen after a refresh, under the Sessions that live") {
    Scope audio;
    {
        const Session session, another;
        audio.machine(plugged);
        CHECK(devices().size() == 1);
        refresh_devices();
        CHECK(devices().size() == 2);
        CHECK(audio.initialized() == 2);
        audio.machine(Machine::without_devices());
        refresh_devices();
        CHECK(devices().empty());
    }
    CHECK(audio.initialized() == 0);
    CHECK(audio.calls("Pa_Terminate") == audio.calls("Pa_Initialize"));
}

TEST_CASE("without a Session there is nothing to refresh") {
    Scope audio;
    refresh_devices();
    CHECK(audio.calls("Pa_Initialize") == 0);
    CHECK(audio.calls("Pa_Terminate") == 0);
    audio.machine(plugged);
    CHECK(devices().size() == 2);
}

TEST_CASE("a refresh is refused while streams are open") {
    Scope audio;
    const Session session;
    std::optional<OutputStream<float>> stream, other;
    stream.emplace(silent);
    CHECK(refusal(Fault::streams_open) == "1 stream to be closed first");
    other.emplace(silent);
    const std::size_t terminated = audio.calls("Pa_Terminate");
    CHECK(refusal(Fault::streams_open) == "2 streams to be closed first");
    CHECK(audio.calls("Pa_Terminate") == terminated);
    OutputStream<float> moved{*std::move(stream)};
    CHECK(refusal(Fault::streams_open) == "2 streams to be closed first");
    moved = *std::move(other);
    CHECK(refusal(Fault::streams_open) == "1 stream to be closed first");
    audio.machine(plugged);
    {
        const OutputStream<float> last{std::move(moved)};
    }
    refresh_devices();
    CHECK(devices().size() == 2);
}

TEST_CASE("a stream's share stays one wherever it is moved") {
    const Scope audio;
    Session session;
    session = Session{portspan::detail::ForStream{}};
    CHECK(refusal(Fault::streams_open) == "1 stream to be closed first");
    session = Session{};
    CHECK_NOTHROW(refresh_devices());
}

TEST_CASE("a stream that did not open does not stand in the way") {
    Scope audio;
    const Session session;
    audio.fail("Pa_OpenStream", paDeviceUnavailable);
    CHECK_THROWS_AS(OutputStream<float>{silent}, portspan::Error);
    CHECK_NOTHROW(portspan::check_supported<float>());
    CHECK_NOTHROW(refresh_devices());
}

TEST_CASE("a stream that could not be closed stands in the way until all Sessions have ended") {
    Scope audio;
    std::optional<Session> session{std::in_place};
    audio.fail("Pa_CloseStream", paTimedOut);
    OutputStream<float>{silent};
    CHECK_THAT(refusal(Fault::streams_open), ContainsSubstring("1 stream could not be closed"));
    session.reset();
    session.emplace();
    CHECK_NOTHROW(refresh_devices());
}

TEST_CASE("where others hold PortAudio too the list stays what it was, and that is said") {
    Scope audio;
    const Session session;
    REQUIRE(Pa_Initialize() == paNoError);
    audio.machine(plugged);
    const auto listed = portspan::device_at(0).list;
    CHECK(refusal(Fault::held_elsewhere) == "the list of devices is the old one");
    CHECK(audio.initialized() == 2);
    CHECK(devices().size() == 1);
    CHECK(portspan::device_at(0).list == listed);
    Pa_Terminate();
    refresh_devices();
    CHECK(devices().size() == 2);
    CHECK(portspan::device_at(0).list != listed);
    CHECK(audio.initialized() == 1);
}

TEST_CASE("where PortAudio does not start again, it does later") {
    Scope audio;
    {
        const Session session, another;
        audio.fail("Pa_Initialize", paInternalError);
        CHECK_THROWS_WITH(refresh_devices(), "Pa_Initialize: Internal PortAudio error");
        CHECK(audio.initialized() == 0);
        SECTION("with a refresh") {
            refresh_devices();
            CHECK(audio.initialized() == 2);
        }
        SECTION("with the next Session") {
            CHECK(devices().size() == 1);
            CHECK(audio.initialized() == 2);
        }
        SECTION("or never") {}
        SECTION("or half of it") {
            audio.fail("Pa_Initialize", paInternalError, 1);
            CHECK_THROWS_AS(refresh_devices(), portspan::Error);
            CHECK(audio.initialized() == 1);
        }
    }
    CHECK(audio.initialized() == 0);
    CHECK(audio.calls("Pa_Terminate") <= audio.calls("Pa_Initialize"));
    const Session session;
    CHECK(audio.initialized() == 1);
}

// Last: what it gives up stays for the rest of the process.
TEST_CASE("streams that were given up are told apart from those that are open") {
    Scope audio;
    std::atomic<bool> answers{false};
    std::atomic<int> waiting{0};
    const auto give_up = [&] {
        OutputStream<float> stream{
            RawCallback{[](const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*,
                           PaStreamCallbackFlags, void*) -> int { return paContinue; }}};
        stream.start();
        audio.lose_device(audio.streams() - 1, Loss::finished);
        audio.intercept([&](std::string_view function) -> std::optional<PaError> {
            if (function != "Pa_CloseStream" || answers) return std::nullopt;
            ++waiting;
            while (!answers) std::this_thread::sleep_for(1ms);
            --waiting;
            return paTimedOut;
        });
    };
    give_up();
    const std::string why =
        " given up because the host does not answer: "
        "the list stays as it is until the program is started anew";
    CHECK(refusal(Fault::streams_open) == "1 stream" + why);
    give_up();
    CHECK(refusal(Fault::streams_open) == "2 streams" + why);
    answers = true;
    CHECK(becomes_true([&] { return waiting == 0; }));
    {
        const OutputStream<float> open{silent};
        CHECK(refusal(Fault::streams_open) == "1 stream open, 2 streams" + why);
    }
    CHECK(refusal(Fault::streams_open) == "2 streams" + why);
    CHECK(audio.initialized() == 2);  // Pa_Terminate would wait for their host
}
