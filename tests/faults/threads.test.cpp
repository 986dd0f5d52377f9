// SPDX-License-Identifier: MIT
// Operations whose calls fail, or whose device goes, while other threads are at work. For TSan.
#include <atomic>
#include <string>
#include <thread>

#include "catch.hpp"
#include "operation.hpp"

using faults::kinds_of_answers;
using faults::none;
using faults::Operation;
using faults::operations;
using faults::report;
using faults::Setting;
using faults::Tries;
using portspan::mock::Loss;

namespace {

/// The device goes before each call of an operation, and after the last.
void lose_at_each_call(Tries& tries, const Operation& operation, Setting setting) {
    if (operation.name == "portaudio_failure") return;  // tells the host's last words, whichever
    constexpr const char* names[] = {"silence", "finished", "error"};
    for (const Loss loss : {Loss::silence, Loss::finished, Loss::error}) {
        // Nobody could end the operation's own stream, which starts without its device.
        if (loss != Loss::error && operation.starts_and_waits) continue;
        setting.loss = loss;
        for (setting.lose_at = 0;; ++setting.lose_at) {
            const std::size_t calls =
                tries.add(operation, setting, none(),
                          std::string{"the device goes ("} + names[static_cast<std::size_t>(loss)] +
                              ") at call " + std::to_string(setting.lose_at));
            if (calls <= setting.lose_at) break;
        }
    }
}

}  // namespace

TEST_CASE("calls may fail while a real-time thread calls the callbacks") {
    Tries tries;
    for (const auto& operation : operations()) {
        if (operation.by_hand) continue;
        try_each_call(tries, operation, {.threaded = true}, kinds_of_answers);
    }
    report(tries, 1900);
}

TEST_CASE("calls may fail while a real-time thread and the closing of a stream race") {
    Tries tries;
    for (const auto& operation : operations()) {
        if (operation.by_hand) continue;
        try_each_call(tries, operation, {.threaded = true, .call_while_closing = true},
                      kinds_of_answers);
    }
    report(tries, 1900);
}

TEST_CASE("the device may go at each call") {
    Tries tries;
    for (const auto& operation : operations()) {
        for (const bool closing : {false, true}) {
            lose_at_each_call(tries, operation, {.call_while_closing = closing});
        }
    }
    report(tries, 6000);
}

TEST_CASE("the device may go at about each call, by another thread") {
    Tries tries;
    for (const auto& operation : operations()) {
        // Its stream is not there yet when the thread is told to pull.
        if (operation.by_hand || operation.starts_and_waits) continue;
        lose_at_each_call(tries, operation,
                          {.threaded = true, .call_while_closing = true, .lose_on_thread = true});
    }
    report(tries, 2900);
}

TEST_CASE("each thread is told what the host has said of its own failure") {
    portspan::mock::Scope audio;
    static thread_local long number = 0;
    static thread_local const char* failing = "";
    audio.intercept([&](std::string_view function) -> std::optional<PaError> {
        if (function != failing) return std::nullopt;
        audio.host_error(paALSA, number, "thread " + std::to_string(number));
        return paUnanticipatedHostError;
    });
    std::atomic<int> wrong{0}, told{0};
    const auto fail = [&](const char* function, auto&& operation) {
        failing = function;
        try {
            operation();
            ++wrong;
        } catch (const portspan::Error& error) {
            const auto& host = error.host_error();
            const std::string words = "thread " + std::to_string(number);
            wrong += !host || host->code != number || host->text != words;
            ++told;
        }
        failing = "";
    };
    const auto program = [&](long its_number) {
        number = its_number;
        const auto nothing = [](auto&) noexcept {};
        for (int i = 0; i < 200; ++i) {
            portspan::Stream<float> stream{nothing};
            fail("Pa_StartStream", [&] { stream.start(); });
            stream.start();
            fail("Pa_StopStream", [&] { stream.stop(); });
            fail("Pa_AbortStream", [&] { stream.abort(); });
            fail("Pa_IsStreamStopped", [&] { stream.stop(); });
            fail("Pa_IsStreamActive", [&] { stream.start(); });
            fail("Pa_Initialize", [] { portspan::Session{}; });
            fail("Pa_OpenStream", [&] { portspan::Stream<float>{nothing}; });
        }
    };
    std::thread first{program, 1}, second{program, 2};
    first.join();
    second.join();
    CHECK(wrong == 0);
    CHECK(told == 2 * 200 * 7);
    CHECK(audio.initialized() == 0);
    CHECK(audio.open_streams() == 0);
}
