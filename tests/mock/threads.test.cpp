// SPDX-License-Identifier: MIT
// Several threads at a time: the one that pumps, those of the program, the test itself. Most of
// these tests are there for ThreadSanitizer, and for who would wait for ever.
#include <portaudio.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <list>
#include <memory>
#include <optional>
#include <portspan/mock.hpp>
#include <portspan/stream.hpp>
#include <string_view>
#include <thread>
#include <vector>

#include "c_stream.hpp"
#include "catch.hpp"
#include "eventually.hpp"

using mock_test::Block;
using mock_test::CStream;
using mock_test::eventually;
using mock_test::Side;
using portspan::Stream;
using portspan::mock::Loss;
using portspan::mock::Scope;
using namespace std::chrono_literals;

namespace {

constexpr double as_fast_as_possible = std::numeric_limits<double>::infinity();
constexpr Side mono{.channels = 1};
constexpr long queue = 4096;

int write_ones(const Block& block) {
    std::fill_n(static_cast<float*>(block.output), block.frames, 1.0f);
    return paContinue;
}

/// Joins its threads at its end.
class Threads {
public:
    ~Threads() { join(); }
    template <class F>
    void add(F&& f) {
        threads_.emplace_back(std::forward<F>(f));
    }
    void join() {
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
    }

private:
    std::list<std::thread> threads_;
};

}  // namespace

TEST_CASE("streams are started, stopped and closed while a clock runs") {
    Scope audio;
    audio.capture(false);
    audio.run(as_fast_as_possible);
    Threads threads;
    std::atomic<int> calls{0}, wrong{0};
    for (int t = 0; t < 3; ++t) {
        threads.add([&] {
            for (int i = 0; i < 30; ++i) {
                std::atomic<bool> may_be_called{false};
                const auto callback = [&](auto& block) noexcept {
                    block.in_place();
                    ++calls;
                    wrong += !may_be_called;
                };
                Stream<float> stream{{.frames_per_buffer = 64}, callback};
                for (int j = 0; j < 3; ++j) {
                    may_be_called = true;
                    stream.start();
                    std::this_thread::yield();
                    stream.stop();
                    may_be_called = false;
                }
                may_be_called = true;
                stream.start();
            }
        });
    }
    threads.join();
    CHECK(wrong == 0);
    CHECK(eventually([&] {
        Stream<float> stream{[&](auto& block) noexcept {
            block.in_place();
            ++calls;
        }};
        stream.start();
        stream.wait_for(5ms);
        return calls > 0;
    }));
    audio.halt();
    CHECK(audio.open_streams() == 0);
    CHECK(audio.initialized() == 0);
}

TEST_CASE("one stream is ended by several threads at once, its finished callback is called once") {
    Scope audio;
    audio.run(as_fast_as_possible);
    for (int i = 0; i < 50; ++i) {
        std::atomic<int> finished{0};
        CStream stream{{}, mono, write_ones};
        stream.on_finished([&] { ++finished; });
        Pa_StartStream(stream);
        Threads threads;
        threads.add([&] { Pa_StopStream(stream); });
        threads.add([&] { Pa_AbortStream(stream); });
        threads.add([&] { audio.lose_device(static_cast<std::size_t>(i), Loss::finished); });
        threads.join();
        CHECK(Pa_IsStreamActive(stream) == 0);
        CHECK(finished == 1);
    }
}

TEST_CASE("a stream that is ended waits for its callback") {
    Scope audio;
    std::atomic<bool> inside{false}, may_leave{false}, ended{false};
    std::atomic<int> callers{0}, most{0};
    CStream stream{{}, mono, [&](const Block& block) {
                       most = std::max(most.load(), ++callers);
                       inside = true;
                       while (!may_leave) std::this_thread::yield();
                       inside = false;
                       --callers;
                       return write_ones(block);
                   }};
    std::function<void()> end;
    SECTION("Pa_StopStream") {
        end = [&] { Pa_StopStream(stream); };
    }
    SECTION("Pa_AbortStream") {
        end = [&] { Pa_AbortStream(stream); };
    }
    SECTION("Pa_CloseStream") {
        end = [&] { Pa_CloseStream(stream); };
    }
    SECTION("Pa_CloseStream that races a last call") {
        audio.call_while_closing();
        end = [&] { Pa_CloseStream(stream); };
    }
    SECTION("Pa_Terminate") {
        end = [&] { Pa_Terminate(); };
    }
    SECTION("the loss of its device") {
        end = [&] { audio.lose_device(0, Loss::finished); };
    }
    Pa_StartStream(stream);
    audio.run();
    REQUIRE(eventually([&] { return inside.load(); }));
    Threads threads;
    threads.add([&] {
        end();
        ended = true;
    });
    std::this_thread::sleep_for(20ms);
    CHECK_FALSE(ended);
    may_leave = true;
    threads.join();
    CHECK_FALSE(inside);
    CHECK(most == 1);
}

TEST_CASE("a stream that is ended waits for its finished callback, whoever else ends it") {
    Scope audio;
    std::atomic<bool> inside{false}, may_leave{false}, ended{false};
    CStream stream{{}, mono, write_ones};
    stream.on_finished([&] {
        inside = true;
        while (!may_leave) std::this_thread::yield();
    });
    Pa_StartStream(stream);
    Threads threads;
    threads.add([&] { Pa_StopStream(stream); });
    REQUIRE(eventually([&] { return inside.load(); }));
    threads.add([&] {
        Pa_StopStream(stream);
        ended = true;
    });
    std::this_thread::sleep_for(20ms);
    CHECK_FALSE(ended);
    may_leave = true;
    threads.join();
    CHECK(Pa_IsStreamStopped(stream) == 1);
}

TEST_CASE("other streams are controlled while a callback takes its time") {
    Scope audio;
    std::atomic<bool> inside{false}, may_leave{false};
    CStream slow{{}, mono, [&](const Block& block) {
                     inside = true;
                     while (!may_leave) std::this_thread::yield();
                     return write_ones(block);
                 }};
    CStream other{{}, mono, write_ones};
    Pa_StartStream(slow);
    audio.run();
    REQUIRE(eventually([&] { return inside.load(); }));
    CHECK(Pa_StartStream(other) == paNoError);
    CHECK(Pa_IsStreamActive(slow) == 1);
    CHECK(Pa_StopStream(other) == paNoError);
    CHECK(Pa_CloseStream(other) == paNoError);
    CHECK(audio.calls("Pa_StartStream") == 2);
    may_leave = true;
}

TEST_CASE("PortAudio is terminated while a clock runs") {
    Scope audio;
    audio.run(as_fast_as_possible);
    for (int i = 0; i < 50; ++i) {
        std::atomic<int> calls{0};
        CStream stream{{}, mono, [&](const Block& block) {
                           ++calls;
                           return write_ones(block);
                       }};
        Pa_StartStream(stream);
        CHECK(Pa_Terminate() == paNoError);
        const int before = calls;
        std::this_thread::yield();
        CHECK(calls == before);
    }
    CHECK(audio.open_streams() == 0);
}

TEST_CASE("a Scope ends while its clock runs and streams are active") {
    for (int i = 0; i < 20; ++i) {
        auto audio = std::make_unique<Scope>();
        std::atomic<int> calls{0};
        CStream stream{{}, mono, [&](const Block& block) {
                           ++calls;
                           return write_ones(block);
                       }};
        Pa_StartStream(stream);
        audio->run(as_fast_as_possible);
        REQUIRE(eventually([&] { return calls > 0; }));
        audio.reset();
        const int before = calls;
        std::this_thread::yield();
        CHECK(calls == before);
    }
}

TEST_CASE("the end of a Scope waits for callbacks, and calls no finished callback") {
    auto audio = std::make_unique<Scope>();
    std::atomic<bool> inside{false}, may_leave{false};
    std::atomic<int> finished{0};
    CStream stream{{}, mono, [&](const Block& block) {
                       inside = true;
                       while (!may_leave) std::this_thread::yield();
                       inside = false;
                       return write_ones(block);
                   }};
    stream.on_finished([&] { ++finished; });
    Pa_StartStream(stream);
    Threads threads;
    threads.add([] { Pa_Sleep(10); });
    REQUIRE(eventually([&] { return inside.load(); }));
    threads.add([&] { Pa_StopStream(stream); });
    REQUIRE(eventually([&] { return Pa_IsStreamActive(stream) == 0; }));
    threads.add([&] {
        std::this_thread::sleep_for(20ms);
        may_leave = true;
    });
    audio.reset();
    CHECK_FALSE(inside);
    threads.join();
    CHECK(finished == 0);
}

TEST_CASE("the end of a Scope lets the threads go that wait in it") {
    auto audio = std::make_unique<Scope>();
    std::vector<PaError> results(3);
    CStream stream{mono, mono};
    Pa_StartStream(stream);
    audio->lose_device();
    Threads threads;
    for (PaError& result : results) {
        threads.add([&] {
            float sample = 0;
            result = Pa_ReadStream(stream, &sample, 1);
        });
    }
    std::this_thread::sleep_for(20ms);
    audio.reset();
    threads.join();
    for (const PaError result : results) CHECK(result < 0);
}

TEST_CASE("a test looks at a script and changes it while a clock runs") {
    Scope audio;
    std::atomic<int> calls{0}, listened{0}, heard{0};
    CStream stream{mono, mono, [&](const Block& block) {
                       ++calls;
                       heard += block.input && *static_cast<const float*>(block.input) > 0;
                       return write_ones(block);
                   }};
    Pa_StartStream(stream);
    audio.run(as_fast_as_possible);
    const std::vector<float> samples(100, 1.0f);
    std::size_t captured = 0;
    for (int i = 0; i < 50; ++i) {
        const std::vector<float> now = audio.captured();
        CHECK(now.size() >= captured);
        captured = now.size();
        audio.feed(samples);
        audio.feed([&](std::size_t, std::size_t) { return i % 2 == 0 ? 1.0f : 0.0f; });
        audio.feed(std::function<float(std::size_t, std::size_t)>{});
        audio.listen([&](std::size_t, std::span<const float>) { ++listened; });
        audio.times([](PaStreamCallbackTimeInfo& times) { times.inputBufferAdcTime = 0; });
        audio.intercept([](std::string_view) { return std::optional<PaError>{}; });
        audio.status(paInputOverflow, 1);
        audio.null_input(1);
        audio.blocks({16, 32});
        audio.xrun(3);
        audio.cpu_load(0.5);
        audio.host_error(paALSA, 1, "words");
        audio.fail("Pa_StopStream", paTimedOut, 1000);
        CHECK(audio.calls().size() >= 3);
        CHECK(audio.calls("Pa_StartStream") == 1);
        CHECK(audio.opened().handle == stream);
        CHECK(audio.initialized() == 1);
        CHECK(audio.open_streams() == 1);
        Pa_GetStreamTime(stream);
    }
    CHECK(eventually([&] { return calls > 100 && listened > 0 && heard > 0; }));
}

TEST_CASE("the host's words are read while a device is lost and others are said") {
    Scope audio;
    CStream stream{mono, mono, write_ones};
    audio.host_error(paALSA, 1, "the first words, too long for a string's own memory");
    std::atomic<bool> over{false};
    std::atomic<int> read{0}, wrong{0};
    Threads threads;
    threads.add([&] {
        while (!over) {
            const PaHostErrorInfo* const info = Pa_GetLastHostErrorInfo();
            const std::string_view text = info->errorText;
            const bool is_lost = info->errorCode == -1;
            wrong += is_lost ? text != "the device is gone" : !text.starts_with("the first words");
            ++read;
        }
    });
    CHECK(eventually([&] { return read > 0; }));
    for (int i = 0; i < 1000; ++i) {
        audio.lose_device(0, Loss::error);
        audio.host_error(paALSA, 1, "the first words, too long for a string's own memory");
    }
    over = true;
    threads.join();
    CHECK(wrong == 0);
}

TEST_CASE("two threads that pump do not enter a callback at the same time") {
    Scope audio;
    std::atomic<int> inside{0}, most{0};
    std::atomic<std::size_t> frames{0};
    CStream first{{},
                  mono,
                  [&](const Block& block) {
                      most = std::max(most.load(), ++inside);
                      frames += block.frames;
                      std::this_thread::yield();
                      --inside;
                      return write_ones(block);
                  },
                  8};
    CStream second{{}, mono, write_ones, 8};
    Pa_StartStream(first);
    Pa_StartStream(second);
    Threads threads;
    for (int t = 0; t < 3; ++t) {
        threads.add([&] {
            for (int i = 0; i < 50; ++i) audio.pump(24);
        });
    }
    threads.join();
    CHECK(most == 1);
    CHECK(frames == 3 * 50 * 24);
    CHECK(audio.captured(0).size() == 3 * 50 * 24);
    CHECK(audio.captured(1).size() == 3 * 50 * 24);
}

TEST_CASE("several threads start and end the clock") {
    Scope audio;
    CStream stream{{}, mono, write_ones};
    Pa_StartStream(stream);
    Threads threads;
    for (int t = 0; t < 3; ++t) {
        threads.add([&] {
            for (int i = 0; i < 30; ++i) {
                audio.run(as_fast_as_possible);
                audio.halt();
            }
        });
    }
    threads.join();
    CHECK_NOTHROW(audio.pump(1));
}

TEST_CASE("Pa_CloseStream races a last call while a clock runs") {
    Scope audio;
    audio.call_while_closing();
    audio.run(as_fast_as_possible);
    for (int i = 0; i < 30; ++i) {
        std::atomic<int> inside{0}, most{0}, last_frames{0};
        CStream stream{{}, mono, [&](const Block& block) {
                           most = std::max(most.load(), ++inside);
                           last_frames = static_cast<int>(block.frames);
                           --inside;
                           return write_ones(block);
                       }};
        Pa_StartStream(stream);
        CHECK(Pa_CloseStream(stream) == paNoError);
        CHECK(last_frames == 8);
        CHECK(most == 1);
    }
}

TEST_CASE("a read waits for the clock that runs") {
    Scope audio;
    CStream stream{mono, {}};
    Pa_StartStream(stream);
    std::atomic<bool> has_read{false};
    PaError result = 1;
    // Time nearly stands still until this thread lets it run.
    audio.run(1e-9);
    Threads threads;
    threads.add([&] {
        std::vector<float> samples(100);
        result = Pa_ReadStream(stream, samples.data(), 100);
        has_read = true;
    });
    std::this_thread::sleep_for(20ms);
    CHECK_FALSE(has_read);
    SECTION("which goes faster") { audio.run(); }
    SECTION("which is halted: it passes the time itself") { audio.halt(); }
    threads.join();
    CHECK((result == paNoError || result == paInputOverflowed));
    audio.halt();
    CHECK(Pa_GetStreamTime(stream) > 1 + 99 / 48000.0);
}

TEST_CASE("a write waits for the clock that runs where there is no room") {
    Scope audio;
    CStream stream{{}, mono};
    Pa_StartStream(stream);
    std::atomic<bool> has_written{false};
    PaError result = 1;
    audio.run(1e-9);
    Threads threads;
    threads.add([&] {
        const std::vector<float> samples(2 * queue, 1.0f);
        result = Pa_WriteStream(stream, samples.data(), 2 * queue);
        has_written = true;
    });
    std::this_thread::sleep_for(20ms);
    CHECK_FALSE(has_written);
    SECTION("which goes faster") { audio.run(10); }
    SECTION("which is halted: it passes the time itself") { audio.halt(); }
    threads.join();
    CHECK((result == paNoError || result == paOutputUnderflowed));
    Pa_StopStream(stream);
    CHECK(std::ranges::count(audio.captured(), 1.0f) == 2 * queue);
}

TEST_CASE("reads are paced by a clock that runs in real time") {
    Scope audio;
    CStream stream{mono, {}};
    Pa_StartStream(stream);
    std::vector<float> samples(960);
    const auto begin = std::chrono::steady_clock::now();
    audio.run();
    CHECK(Pa_ReadStream(stream, samples.data(), 960) == paNoError);
    // 20 ms of audio, the first of which passes at once.
    CHECK(std::chrono::steady_clock::now() - begin >= 19ms);
}

TEST_CASE("a callback may read from another stream while a clock runs") {
    Scope audio;
    PaStream* source = nullptr;
    std::atomic<int> calls{0}, failures{0};
    // First in line: what it reads is not there yet, and no other thread brings it.
    CStream output{{}, mono, [&](const Block& block) {
                       failures += Pa_ReadStream(source, block.output, block.frames) < 0;
                       return ++calls == 20 ? paComplete : paContinue;
                   }};
    CStream input{mono, {}};
    source = input;
    Pa_StartStream(output);
    Pa_StartStream(input);
    audio.run(10);
    CHECK(eventually([&] { return Pa_IsStreamActive(output) == 0; }));
    audio.halt();
    CHECK(failures == 0);
    CHECK(calls == 20);
}

TEST_CASE("a program reads and writes a duplex stream on two threads while a clock runs") {
    Scope audio;
    audio.feed([](std::size_t, std::size_t) { return 0.5f; });
    CStream stream{mono, mono};
    Pa_StartStream(stream);
    audio.run(20);
    std::atomic<int> failures{0};
    Threads threads;
    threads.add([&] {
        std::vector<float> samples(200);
        for (int i = 0; i < 200; ++i) failures += Pa_ReadStream(stream, samples.data(), 200) < 0;
    });
    threads.add([&] {
        const std::vector<float> samples(300, 0.25f);
        for (int i = 0; i < 200; ++i) failures += Pa_WriteStream(stream, samples.data(), 300) < 0;
    });
    threads.join();
    audio.halt();
    Pa_StopStream(stream);
    // Overflow and underflow are no reason to stop; a machine that is busy has them.
    const auto heard = audio.captured();
    CHECK(std::ranges::count(heard, 0.25f) == 200 * 300);
}

TEST_CASE("a device is pulled out while a clock runs") {
    for (const Loss loss : {Loss::silence, Loss::finished, Loss::error}) {
        Scope audio;
        audio.capture(false);
        std::atomic<int> calls{0}, finished{0};
        CStream stream{{}, mono, [&](const Block& block) {
                           ++calls;
                           return write_ones(block);
                       }};
        stream.on_finished([&] { ++finished; });
        Pa_StartStream(stream);
        audio.run(as_fast_as_possible);
        REQUIRE(eventually([&] { return calls > 0; }));
        audio.lose_device(0, loss);
        // A call that had begun ends with the clock at the latest.
        audio.halt();
        const int before = calls;
        audio.pump(1000);
        CHECK(calls == before);
        CHECK(finished == (loss == Loss::silence ? 0 : 1));
    }
}

TEST_CASE("a device is pulled out under a read that waits") {
    for (const Loss loss : {Loss::finished, Loss::error}) {
        Scope audio;
        CStream stream{mono, {}};
        Pa_StartStream(stream);
        audio.run(1e-9);
        PaError result = paNoError;
        Threads threads;
        threads.add([&] {
            float sample = 0;
            result = Pa_ReadStream(stream, &sample, 1);
        });
        std::this_thread::sleep_for(10ms);
        audio.lose_device(0, loss);
        threads.join();
        CHECK(result == (loss == Loss::error ? paUnanticipatedHostError : paStreamIsStopped));
    }
}

TEST_CASE(
    "the finished callback is over before a stop or a close returns, whoever ends the stream") {
    Scope audio;
    for (int round = 0; round < 20; ++round) {
        std::atomic<bool> closed{false}, late{false};
        std::atomic<int> finished{0};
        auto stream = std::make_unique<CStream>(Side{}, mono, [](const Block& block) {
            std::this_thread::sleep_for(2ms);
            return write_ones(block);
        });
        stream->on_finished([&] {
            std::this_thread::sleep_for(1ms);
            if (closed) late = true;
            ++finished;
        });
        PaStream* const handle = *stream;
        const std::size_t number = audio.streams() - 1;
        Pa_StartStream(handle);
        audio.run(10);
        {
            Threads threads;
            threads.add([&] { audio.lose_device(number, Loss::finished); });
            threads.add([&] { Pa_StopStream(handle); });
            threads.add([&] {
                Pa_StopStream(handle);
                Pa_CloseStream(handle);
                closed = true;
            });
            threads.add([&] { Pa_CloseStream(handle); });
        }
        audio.halt();
        stream.reset();
        CHECK(finished == 1);
        CHECK_FALSE(late);
    }
}
