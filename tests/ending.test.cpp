// SPDX-License-Identifier: MIT
// How a stream ends: who is told, what may be called from where, and a host that does not answer.
#include <portspan/mock.hpp>
#include <portspan/stream.hpp>

#ifdef __GLIBC__
#include <pthread.h>
#endif

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "becomes_true.hpp"
#include "catch.hpp"

using namespace std::chrono_literals;
using portspan::Error;
using portspan::Fault;
using portspan::Finished;
using portspan::Next;
using portspan::OutputStream;
using portspan::RawCallback;
using portspan::Stream;
using portspan::mock::Loss;
using portspan::mock::Scope;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

const auto nothing = [](auto&) noexcept {};

int counting(const void*, void*, unsigned long, Time, Flags, void* calls) {
    ++*static_cast<int*>(calls);
    return paContinue;
}
int finishing(const void*, void*, unsigned long, Time, Flags, void*) { return paComplete; }

}  // namespace

TEST_CASE("the end of a stream is told once for each start") {
    Scope audio;
    int ends = 0;
    bool completes = false;
    const Finished count = [&ends] { ++ends; };
    Stream<float> stream{{.frames_per_buffer = 8, .finished = count}, [&](auto& block) noexcept {
                             block.in_place();
                             return completes ? Next::complete : Next::keep_going;
                         }};
    stream.start();
    audio.pump(16);
    CHECK(ends == 0);
    SECTION("by stop") {
        stream.stop();
        stream.stop();
    }
    SECTION("by abort") { stream.abort(); }
    SECTION("by close") { stream.close(); }
    SECTION("by the end of the stream") { const Stream<float> last{std::move(stream)}; }
    SECTION("by the callback's result") {
        completes = true;
        audio.pump(100'000);
        stream.wait();
        CHECK(ends == 1);
        stream.stop();
    }
    SECTION("by a device that is lost") {
        audio.lose_device(0, Loss::finished);
        stream.wait();
    }
    CHECK(ends == 1);
}

TEST_CASE("a stream that never started tells of no end") {
    const Scope audio;
    int ends = 0;
    {
        const Stream<float> stream{{.finished = [&ends] { ++ends; }}, nothing};
    }
    CHECK(ends == 0);
}

TEST_CASE("a C function is told of the end with data of its own, not the callback's") {
    Scope audio;
    int calls = 0, ends = 0;
    PaStreamFinishedCallback* const count = [](void* data) { ++*static_cast<int*>(data); };
    OutputStream<float> stream{{.frames_per_buffer = 8, .finished = {count, &ends}},
                               RawCallback{&counting, &calls}};
    stream.start();
    audio.pump(24);
    CHECK(calls == 3);
    CHECK(stream.request_stop());
    audio.pump(8);
    CHECK(calls == 4);
    stream.wait();
    CHECK(ends == 1);
}

TEST_CASE("nobody to be told is no callback at all") {
    const Scope audio;
    const Stream<float> no_function{{.finished = {nullptr, nullptr}}, nothing};
    const Stream<float> untold{nothing};
    CHECK(audio.calls("Pa_SetStreamFinishedCallback") == 0);
}

TEST_CASE("where PortAudio refuses the finished callback nothing is left open") {
    Scope audio;
    audio.fail("Pa_SetStreamFinishedCallback", paBadStreamPtr);
    const auto token = std::make_shared<int>();
    CHECK_THROWS_WITH((Stream<float>{{.finished = [token] {}}, nothing}),
                      ContainsSubstring("Pa_SetStreamFinishedCallback: "));
    CHECK(token.use_count() == 1);
    CHECK(audio.open_streams() == 0);
    CHECK(audio.initialized() == 0);
}

TEST_CASE("what a finished callback throws comes out of wait and stop, once") {
    Scope audio;
    Stream<float> stream{{.finished = [] { throw std::runtime_error{"at the end"}; }},
                         RawCallback{&finishing}};
    stream.start();
    audio.pump(100'000);
    SECTION("wait") { CHECK_THROWS_WITH(stream.wait(), "at the end"); }
    SECTION("wait that does not throw") {
        CHECK(stream.wait(std::nothrow) == Fault::callback_threw);
        CHECK_THROWS_WITH(stream.wait(), "at the end");
    }
    SECTION("wait_for that does not throw") {
        CHECK(stream.wait_for(1s, std::nothrow) == Fault::callback_threw);
        CHECK_THROWS_WITH(stream.wait_for(1s), "at the end");
    }
    SECTION("stop") { CHECK_THROWS_WITH(stream.stop(), "at the end"); }
    CHECK_NOTHROW(stream.stop());
}

TEST_CASE("a wait that does not throw says what is") {
    Scope audio;
    Stream<float> stream{nothing};
    CHECK_FALSE(stream.wait(std::nothrow));
    stream.start();
    CHECK(stream.wait_for(2ms, std::nothrow) == std::errc::timed_out);
    audio.fail("Pa_IsStreamActive", paBadStreamPtr);
    CHECK(stream.wait(std::nothrow).value() == paBadStreamPtr);
    stream.stop();
    CHECK_FALSE(stream.wait_for(2ms, std::nothrow));
}

TEST_CASE("a program without exceptions takes what the callback threw, and starts again") {
    Scope audio;
    bool throws = true;
    std::exception_ptr inside = std::make_exception_ptr(0);
    Stream<float>* itself = nullptr;
    Stream<float> stream{[&](auto& block) {
        block.in_place();
        inside = itself->take_failure();
        if (throws) throw std::runtime_error{"no"};
    }};
    itself = &stream;
    CHECK(stream.take_failure() == nullptr);
    REQUIRE_FALSE(stream.start(std::nothrow));
    audio.pump(1);
    CHECK(inside == nullptr);
    CHECK(stream.wait(std::nothrow) == Fault::callback_threw);
    CHECK(stream.stop(std::nothrow) == Fault::callback_threw);
    CHECK(stream.start(std::nothrow) == Fault::callback_threw);
    CHECK_THROWS_WITH(std::rethrow_exception(stream.take_failure()), "no");
    CHECK(stream.take_failure() == nullptr);
    throws = false;
    CHECK_FALSE(stream.start(std::nothrow));
    audio.pump(1);
    CHECK(stream.active());
    throws = true;
    audio.pump(1);
    CHECK(stream.close(std::nothrow) == Fault::callback_threw);
    CHECK_THROWS_WITH(std::rethrow_exception(stream.take_failure()), "no");
    CHECK(stream.take_failure() == nullptr);
}

TEST_CASE("control calls from the stream's own callbacks are refused, not deadlocks") {
    Scope audio;
    std::optional<Stream<float>> stream;
    std::vector<std::string> refused;
    const auto try_all = [&] {
        const auto attempt = [&](auto&& call) {
            try {
                call();
                refused.emplace_back("no error");
            } catch (const Error& error) {
                CHECK(error.code() == Fault::inside_callback);
                refused.push_back(error.call());
            }
        };
        attempt([&] { stream->start(); });
        attempt([&] { stream->stop(); });
        attempt([&] { stream->abort(); });
        attempt([&] { stream->close(); });
        attempt([&] { stream->wait(); });
        attempt([&] { stream->wait_for(1s); });
        CHECK(stream->start(std::nothrow) == Fault::inside_callback);
        CHECK(stream->stop(std::nothrow) == Fault::inside_callback);
        CHECK(stream->abort(std::nothrow) == Fault::inside_callback);
        CHECK(stream->close(std::nothrow) == Fault::inside_callback);
        CHECK(stream->wait(std::nothrow) == Fault::inside_callback);
        CHECK(stream->wait_for(1s, std::nothrow) == Fault::inside_callback);
        CHECK(stream->request_stop());
    };
    const std::vector<std::string> all{"Pa_StartStream", "Pa_StopStream", "Pa_AbortStream",
                                       "Pa_CloseStream", "wait",          "wait"};
    SECTION("the callback's") {
        stream.emplace([&](auto& block) noexcept { block.in_place(), try_all(); });
        stream->start();
        audio.pump(1);
        CHECK(refused == all);
        CHECK_FALSE(stream->active());  // request_stop() was none of them
    }
    SECTION("the finished callback's") {
        stream.emplace(portspan::StreamConfig{.finished = try_all}, nothing);
        stream->start();
        stream->stop();
        CHECK(refused == all);
    }
    SECTION("the finished callback's, while the stream is closed") {
        stream.emplace(portspan::StreamConfig{.finished = try_all}, nothing);
        stream->start();
        stream->close();
        CHECK(refused == all);
    }
    SECTION("those of another stream, while one is closed") {
        Stream<float> other{nothing};
        std::error_code code;
        stream.emplace(
            portspan::StreamConfig{.finished = [&] { code = other.start(std::nothrow); }}, nothing);
        stream->start();
        stream.reset();
        CHECK(code == Fault::inside_callback);
    }
    SECTION("those of another stream are its own affair") {
        Stream<float> other{nothing};
        other.start();
        stream.emplace([&](auto& block) noexcept {
            block.in_place();
            other.request_stop();
            CHECK_FALSE(other.start(std::nothrow));
        });
        stream->start();
        audio.pump(1);
    }
}

TEST_CASE("a stream that is destroyed in its own callback is closed when that has returned") {
    Scope audio;
    const auto token = std::make_shared<int>();
    {
        auto stream = std::make_shared<std::optional<Stream<float>>>();
        stream->emplace([token, weak = std::weak_ptr{stream}](auto& block) noexcept {
            block.in_place();
            if (const auto owner = weak.lock()) owner->reset();
        });
        (*stream)->start();
        audio.pump(1);
        CHECK_FALSE(stream->has_value());
    }
    CHECK(becomes_true([&] { return audio.initialized() == 0; }));
    CHECK(audio.open_streams() == 0);
    CHECK(becomes_true([&] { return token.use_count() == 1; }));
}

TEST_CASE("close says what PortAudio says, and destroys the callback") {
    Scope audio;
    auto token = std::make_shared<int>();
    Stream<float> stream{[token](auto&) noexcept {}};
    stream.start();
    SECTION("thrown") {
        SECTION("nothing") { CHECK_NOTHROW(stream.close()); }
        SECTION("an error, and the callback is kept: it may still be called") {
            audio.fail("Pa_CloseStream", paTimedOut);
            CHECK_THROWS_WITH(stream.close(), "Pa_CloseStream: Wait timed out");
            CHECK(token.use_count() == 2);
            token.reset();
        }
    }
    SECTION("returned") {
        SECTION("nothing") { CHECK_FALSE(stream.close(std::nothrow)); }
        SECTION("an error") {
            audio.fail("Pa_CloseStream", paTimedOut);
            CHECK(stream.close(std::nothrow).value() == paTimedOut);
            token.reset();
        }
    }
    CHECK(token.use_count() <= 1);
    CHECK(audio.open_streams() == 0);
    CHECK(audio.initialized() == 0);
    CHECK_NOTHROW(stream.close());
    CHECK_FALSE(stream.close(std::nothrow));
    const std::string closed = ": Invalid stream pointer (it is closed or was moved from)";
    CHECK_THROWS_WITH(stream.start(), "Pa_StartStream" + closed);
    CHECK_THROWS_WITH(stream.stop(), "Pa_StopStream" + closed);
    CHECK_THROWS_WITH(stream.active(), "Pa_IsStreamActive" + closed);
    CHECK_THROWS_WITH(stream.wait(), "wait" + closed);
    CHECK(stream.start(std::nothrow).value() == paBadStreamPtr);
    CHECK(stream.stop(std::nothrow).value() == paBadStreamPtr);
    CHECK(stream.wait(std::nothrow).value() == paBadStreamPtr);
    CHECK_FALSE(stream.request_stop());
}

TEST_CASE("a host that has let go of a stream and does not answer is given up") {
    Scope audio;
    auto token = std::make_shared<int>();
    std::atomic<bool> answers{false};
    std::atomic<int> waiting{0};
    const auto start = std::chrono::steady_clock::now();
    {
        Stream<float> stream{RawCallback{&finishing, nullptr, token}};
        stream.start();
        audio.lose_device(0, Loss::finished);
        audio.intercept([&](std::string_view function) -> std::optional<PaError> {
            if (function != "Pa_StopStream" && function != "Pa_CloseStream") return {};
            ++waiting;
            while (!answers) std::this_thread::sleep_for(1ms);
            --waiting;
            return paTimedOut;
        });
        SECTION("by stop") {
            CHECK(stream.stop(std::nothrow).value() == paTimedOut);
            CHECK(stream.abort(std::nothrow).value() == paTimedOut);
            CHECK(stream.close(std::nothrow).value() == paTimedOut);
        }
        SECTION("by the end of the stream") {}
    }
    CHECK(std::chrono::steady_clock::now() - start < 8s);
    CHECK(token.use_count() == 2);    // who knows whether it is still called
    CHECK(audio.initialized() == 1);  // Pa_Terminate would wait for the host as well
    CHECK(waiting == 1);
    answers = true;
    CHECK(becomes_true([&] { return waiting == 0; }));
}

#ifdef __GLIBC__
TEST_CASE("a call that ends with its thread is one without an answer") {
    const auto start = std::chrono::steady_clock::now();
    const auto answer = portspan::detail::call_patiently(
        [](PaStream*) -> PaError {
            pthread_cancel(pthread_self());
            pthread_testcancel();
            return paNoError;
        },
        nullptr);
    CHECK_FALSE(answer);
    CHECK(std::chrono::steady_clock::now() - start < 2s);
}
#endif
