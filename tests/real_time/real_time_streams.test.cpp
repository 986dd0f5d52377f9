// SPDX-License-Identifier: MIT
// Streams as PortAudio calls them. What is watched is the callback that Pa_OpenStream was given,
// and the one that is called at the end: not the mock, nor PortAudio where it is asked.
#include <portspan/mock.hpp>
#include <portspan/play.hpp>
#include <portspan/play_and_record.hpp>
#include <portspan/record.hpp>
#include <portspan/slot.hpp>
#include <portspan/stream.hpp>
#include <portspan/watched.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "callbacks.hpp"
#include "catch.hpp"

namespace {

/// What a program has registered.
struct Registered {
    PaStreamCallback* callback;
    void* user_data;
    PaStreamFinishedCallback* finished = nullptr;
    PaStream* stream = nullptr;
};
std::vector<std::unique_ptr<Registered>> all_registered;

int run(const void* input, void* output, unsigned long frames, const PaStreamCallbackTimeInfo* time,
        PaStreamCallbackFlags status, void* registered) {
    const Registered& its = *static_cast<const Registered*>(registered);
    const real_time::Watched watched;
    return its.callback(input, output, frames, time, status, its.user_data);
}

void finish(void* registered) {
    const Registered& its = *static_cast<const Registered*>(registered);
    const real_time::Watched watched;
    its.finished(its.user_data);
}

}  // namespace

// The linker's --wrap: what this program calls by these names comes here.
extern "C" {
PaError __real_Pa_OpenStream(PaStream**, const PaStreamParameters*, const PaStreamParameters*,
                             double, unsigned long, PaStreamFlags, PaStreamCallback*, void*);
PaError __wrap_Pa_OpenStream(PaStream** stream, const PaStreamParameters* input,
                             const PaStreamParameters* output, double rate, unsigned long frames,
                             PaStreamFlags flags, PaStreamCallback* callback, void* user_data) {
    auto registered = std::make_unique<Registered>(Registered{callback, user_data});
    const PaError error =
        __real_Pa_OpenStream(stream, input, output, rate, frames, flags, &run, registered.get());
    registered->stream = *stream;
    all_registered.push_back(std::move(registered));
    return error;
}

PaError __real_Pa_SetStreamFinishedCallback(PaStream*, PaStreamFinishedCallback*);
PaError __wrap_Pa_SetStreamFinishedCallback(PaStream* stream, PaStreamFinishedCallback* finished) {
    all_registered.back()->finished = finished;
    return __real_Pa_SetStreamFinishedCallback(stream, &finish);
}

PaTime __real_Pa_GetStreamTime(PaStream*);
PaTime __wrap_Pa_GetStreamTime(PaStream* stream) {
    const real_time::Unwatched unwatched;
    return __real_Pa_GetStreamTime(stream);
}
double __real_Pa_GetStreamCpuLoad(PaStream*);
double __wrap_Pa_GetStreamCpuLoad(PaStream* stream) {
    const real_time::Unwatched unwatched;
    return __real_Pa_GetStreamCpuLoad(stream);
}
}

namespace {

using namespace real_time;
using portspan::StreamConfig;
using portspan::mock::Scope;

/// A stream that runs, ends as its callback wants, and is closed while it is called; with somebody
/// to be told and without.
template <class Stream>
void check_stream(const char* kind, const auto& callback, Script& script,
                  portspan::Endpoint endpoint = {}) {
    for (const int last : ends) {
        for (const bool is_told : {false, true}) {
            INFO(kind << ", last result " << last);
            script = {.calls_left = 5, .last = last};
            Scope audio;
            audio.blocks({1, 64, 7});
            audio.null_input(2);
            audio.status(paInputOverflow, 3);
            audio.call_while_closing();
            int told = 0;
            StreamConfig config{.input = endpoint, .output = endpoint};
            if (is_told) config.finished = [&] { ++told; };
            {
                Stream stream{config, callback};
                stream.start();
                audio.pump(400);
                CHECK((script.calls > 6) == (last == paContinue));
                stream.request_stop();
                audio.pump(100);
                static_cast<void>(stream.stop(std::nothrow));
                static_cast<void>(stream.take_failure());
                script.calls_left = 5;
                stream.start();
                audio.pump(10);
            }
            CHECK(script.calls > 5);
            CHECK((told > 0) == is_told);
            CHECK(take_noted() == "");
        }
    }
}

}  // namespace

TEST_CASE("a stream's callback does nothing that could wait, of whatever kind it is") {
    Script script;
    for_each_kind(script, [&](const char* kind, const auto& callback) {
        check_stream<portspan::Stream<float>>(kind, callback, script);
        check_stream<portspan::Stream<std::int16_t, std::int16_t, portspan::Planar>>(kind, callback,
                                                                                     script);
        check_stream<portspan::Stream<std::byte>>(kind, callback, script, {.format = paInt24});
    });
}

TEST_CASE("nor does that of a stream that looks after itself") {
    Script script;
    for_each_kind(script, [&](const char* kind, const auto& callback) {
        check_stream<portspan::WatchedStream<float>>(kind, callback, script);
    });
}

TEST_CASE("nor does one on a slot, opened again and again") {
    Script script;
    portspan::Slot<float> slot{MayThrow{&script}};
    check_stream<portspan::Stream<float>>("a slot", slot, script);
}

TEST_CASE("what a callback may ask its stream does not wait") {
    Scope audio;
    portspan::Stream<float>* self = nullptr;
    int calls = 0;
    portspan::Stream<float> stream{[&](auto&) noexcept {
        ++calls;
        if (self->time().time_since_epoch().count() > 0 && self->cpu_load() > 2 && calls < 3)
            return;
        self->request_stop();
    }};
    self = &stream;
    audio.cpu_load(3);
    stream.start();
    audio.pump(10'000);
    CHECK(calls == 3);
    CHECK_FALSE(stream.active());
    CHECK(take_noted() == "");
}

TEST_CASE("playing and recording do nothing that could wait, to the end") {
    Scope audio;
    audio.feed(std::vector<float>(200, 0.5f));
    const std::vector<float> beep(150, 0.25f);
    auto played = portspan::play(beep);
    auto recorded = portspan::record<float>(100);
    auto both = portspan::play_and_record(beep);
    audio.pump(1000);
    played.wait();
    recorded.wait();
    both.wait();
    CHECK(both.take().size() >= 150);
    CHECK(take_noted() == "");
}

#if PORTSPAN_TEST_SEES_CALLS
TEST_CASE("what a stream's callback does that could wait is seen, and so is its end") {
    Scope audio;
    const StreamConfig config{.frames_per_buffer = 64, .finished = [] { delete seen(new int); }};
    {
        portspan::Stream<float> stream{config, [](auto&) noexcept { seen(calloc(1, 1)); }};
        stream.start();
        audio.pump(640);
        stream.stop();
    }
    CHECK(take_noted() == "calloc 10, operator new 1, operator delete 1");
}

TEST_CASE("what a stream's callable throws is stored, and that alone takes memory") {
    Scope audio;
    Script script{.calls_left = 5, .last = paComplete, .throws = 1};
    portspan::Stream<float> stream{{.frames_per_buffer = 64}, MayThrow{&script}};
    stream.start();
    audio.pump(64 * 5);
    CHECK(take_noted() == "");
    audio.pump(64);
    CHECK((take_noted() + ',').starts_with("malloc 1,"));
    CHECK_THROWS_AS(stream.stop(), Thrown);
}
#endif
