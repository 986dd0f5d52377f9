// SPDX-License-Identifier: MIT
// Far too much, far too fast, in the wrong place: an answer, never a crash or a program that hangs.
#include <portaudio.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <future>
#include <limits>
#include <memory>
#include <optional>
#include <portspan/mock.hpp>
#include <portspan/session.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#if __has_include(<unistd.h>)
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "../sanitizer.hpp"
#include "c_stream.hpp"
#include "catch.hpp"
#include "eventually.hpp"

using mock_test::Block;
using mock_test::CStream;
using mock_test::eventually;
using mock_test::Side;
using portspan::Session;
using portspan::mock::Loss;
using portspan::mock::Scope;

namespace {

constexpr Side mono{.channels = 1};
constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

int go_on(const Block&) { return paContinue; }

}  // namespace

TEST_CASE("channels for which no machine has memory are an error") {
    constexpr int most = std::numeric_limits<int>::max();
    Scope audio{{{{.devices = {{.max_input_channels = most, .max_output_channels = most}}}}}};
    const Session session;
    const PaStreamParameters side{0, most, paFloat32, 0.01, nullptr};
    const bool has_callback = GENERATE(true, false);
    PaStream* stream = nullptr;
    PaStreamCallback* const callback = [](const void*, void*, unsigned long,
                                          const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags,
                                          void*) -> int { return paContinue; };
    CHECK(Pa_OpenStream(&stream, &side, &side, 48000, 0, paNoFlag,
                        has_callback ? callback : nullptr, nullptr) == paInsufficientMemory);
    CHECK(stream == nullptr);
    CHECK(audio.streams() == 0);
}

TEST_CASE("a handle from an earlier test is no stream of this one") {
    PaStream* old = nullptr;
    {
        Scope audio;
        CStream stream{{}, mono, go_on};
        old = stream;
    }
    Scope audio;
    CStream stream{{}, mono, go_on};
    CHECK(old != stream);
    CHECK(Pa_IsStreamActive(old) == paBadStreamPtr);
    PaStream* const right = stream;
    int local = 0;
    for (PaStream* wrong : {static_cast<PaStream*>(nullptr), static_cast<PaStream*>(&local),
                            static_cast<PaStream*>(static_cast<char*>(right) + 1)}) {
        CHECK(Pa_StartStream(wrong) == paBadStreamPtr);
    }
}

TEST_CASE("counts of any size are taken or refused") {
    Scope audio;
    std::vector<bool> has_input;
    CStream stream{mono, mono, [&](const Block& block) {
                       has_input.push_back(block.input != nullptr);
                       return paContinue;
                   }};
    Pa_StartStream(stream);
    audio.pump(1);
    for (const std::size_t frames : {std::size_t{0}, all, all / 2}) {
        CHECK_THROWS_AS(audio.xrun(frames), std::invalid_argument);
    }
    audio.null_input(all);
    audio.status(paInputOverflow, all);
    audio.pump(1);
    audio.pump(1);
    CHECK(has_input == std::vector{true, false, false});
    for (int i = 0; i < 100; ++i) audio.xrun(std::size_t{1} << 30);
    audio.pump(1);
    CHECK(Pa_GetStreamTime(stream) > 100.0 * (1 << 30) / 48000);
}

TEST_CASE("a device that is gone for good does not come back as a silent one") {
    Scope audio;
    CStream stream{{}, mono, go_on};
    Pa_StartStream(stream);
    audio.lose_device(0, Loss::finished);
    audio.lose_device(0, Loss::silence);
    CHECK(Pa_StopStream(stream) == paNoError);
    CHECK(Pa_StartStream(stream) == paDeviceUnavailable);
    audio.lose_device(0, Loss::error);
    CHECK(Pa_StartStream(stream) == paUnanticipatedHostError);
}

TEST_CASE("a clock that is far too fast can be halted, and others have their turn") {
    Scope audio;
    std::atomic<int> calls{0};
    CStream stream{{}, mono, [&](const Block&) {
                       ++calls;
                       return paContinue;
                   }};
    audio.capture(false);
    audio.run(1e9);  // a tick of a million seconds
    Pa_StartStream(stream);
    REQUIRE(eventually([&] { return calls > 10; }));
    CHECK(Pa_IsStreamActive(stream) == 1);
    audio.halt();
    CHECK(Pa_GetStreamTime(stream) < 1e6);
}

TEST_CASE("a callback that waits for a lost device does not keep the script from its end") {
    auto audio = std::make_unique<Scope>();
    audio->run(1);
    std::atomic<bool> waits{false};
    std::atomic<PaError> answer{paNoError};
    CStream blocking{{}, mono};
    Pa_StartStream(blocking);
    audio->lose_device(0);
    const std::vector<float> samples(10'000);
    CStream stream{{}, mono, [&](const Block&) -> int {
                       waits = true;
                       answer = Pa_WriteStream(blocking, samples.data(), samples.size());
                       return paComplete;
                   }};
    Pa_StartStream(stream);
    REQUIRE(eventually([&] { return waits.load(); }));
    SECTION("halt()") { audio->halt(); }
    SECTION("the end of the Scope") { audio.reset(); }
    CHECK(answer == paStreamIsStopped);
}

TEST_CASE("a function of the script's may wait for a thread that uses the mock") {
    Scope audio;
    double time = 0;
    const auto ask = [&](PaStream* stream) {
        std::thread{[&] { time = Pa_GetStreamTime(stream); }}.join();
    };
    CStream stream{mono, mono, go_on};
    SECTION("the listener") {
        audio.listen([&](std::size_t, std::span<const float>) { ask(stream); });
    }
    SECTION("who changes the times") {
        audio.times([&](PaStreamCallbackTimeInfo&) { ask(stream); });
    }
    SECTION("the input") {
        audio.feed([&](std::size_t, std::size_t) {
            ask(stream);
            return 0.0f;
        });
    }
    Pa_StartStream(stream);
    audio.pump(1);
    CHECK(time >= 1);
    audio.listen({});
}

TEST_CASE("a function of the script's may end another stream") {
    Scope audio;
    CStream first{{}, mono, go_on}, second{{}, mono, go_on};
    Pa_StartStream(first);
    Pa_StartStream(second);
    std::optional<PaError> answer;
    audio.listen([&](std::size_t number, std::span<const float>) {
        if (number == 0) answer = Pa_StopStream(second);
    });
    audio.pump(1);
    CHECK(answer == paNoError);
    CHECK(Pa_IsStreamStopped(second) == 1);
}

TEST_CASE("a listener cannot read or write the stream that waits for it") {
    Scope audio;
    CStream stream{mono, mono};
    Pa_StartStream(stream);
    std::vector<PaError> answers;
    audio.listen([&](std::size_t, std::span<const float>) {
        float sample = 0;
        answers = {Pa_ReadStream(stream, &sample, 1), Pa_WriteStream(stream, &sample, 1)};
    });
    audio.pump(1);
    CHECK(answers == std::vector<PaError>(2, paUnanticipatedHostError));
    audio.listen({});
}

TEST_CASE("a Scope does not begin inside a callback") {
    Scope audio;
    std::string message;
    const auto begin = [&] {
        try {
            const Scope inner;
        } catch (const std::logic_error& error) {
            message = error.what();
        }
    };
    CStream stream{{}, mono, [&](const Block&) {
                       begin();
                       return paContinue;
                   }};
    Pa_StartStream(stream);
    audio.pump(1);
    CHECK_THAT(message, ContainsSubstring("a Scope inside a callback"));
}

#if __has_include(<unistd.h>) && !defined(PORTSPAN_TEST_TSAN)
TEST_CASE("a Scope that ends inside a callback ends the program with a message") {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);
        alarm(20);  // instead of waiting for ever
        dup2(ends[1], STDERR_FILENO);
        auto audio = std::make_unique<Scope>();
        CStream stream{{}, mono, [&](const Block&) {
                           audio.reset();
                           return paContinue;
                       }};
        Pa_StartStream(stream);
        audio->pump(1);
        _exit(0);
    }
    close(ends[1]);
    std::string message(1000, '\0');
    const auto size = read(ends[0], message.data(), message.size());
    close(ends[0]);
    message.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGABRT);
    // What a runtime says of an exception that nobody catches; libstdc++ does it in pieces.
    CHECK_THAT(message, ContainsSubstring("terminat"));
}
#endif
