// SPDX-License-Identifier: MIT
#include <portspan/mock.hpp>
#include <portspan/watched.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "becomes_true.hpp"
#include "catch.hpp"
#include "error_of.hpp"

using namespace std::chrono_literals;
using portspan::DeviceLoss;
using portspan::Error;
using portspan::Fault;
using portspan::LossCause;
using portspan::Next;
using portspan::RawCallback;
using portspan::Reopen;
using portspan::StreamConfig;
using portspan::Watch;
using portspan::WatchedStream;
using portspan::mock::Loss;
using portspan::mock::Machine;
using portspan::mock::Scope;

namespace {

/// What the program is told, by whatever thread.
class Told {
public:
    Watch watch(Reopen reopen, std::chrono::milliseconds silence = 10s) {
        return {.reopen = reopen,
                .silence = silence,
                .retry = 2ms,
                .on_loss =
                    [this](const DeviceLoss& loss) {
                        const std::lock_guard lock{mutex_};
                        losses_.push_back(loss);
                    },
                .on_reopened = [this] { ++reopened; }};
    }
    std::vector<DeviceLoss> losses() const {
        const std::lock_guard lock{mutex_};
        return losses_;
    }
    std::atomic<int> reopened{0};

private:
    mutable std::mutex mutex_;
    std::vector<DeviceLoss> losses_;
};

/// Counts its calls, and so shows that it is the same one that goes on.
struct Counter {
    std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0);
    int own_calls = 0;

    void operator()(auto& block) noexcept {
        block.in_place();
        *calls = ++own_calls;
    }
};

const portspan::mock::Device first{
    .name = "First", .max_input_channels = 2, .max_output_channels = 2};
const portspan::mock::Device second{
    .name = "Second", .max_input_channels = 2, .max_output_channels = 2};

}  // namespace

TEST_CASE("a watched stream is a stream, as long as nothing is lost") {
    Scope audio{Machine{{{.devices = {{.name = "First",
                                       .max_input_channels = 2,
                                       .max_output_channels = 2,
                                       .high_input_latency = 0.03,
                                       .high_output_latency = 0.05}}}}}};
    Told told;
    Counter counter;
    WatchedStream<float> stream{{.sample_rate = 44100, .frames_per_buffer = 16},
                                counter,
                                told.watch(Reopen::default_device)};
    CHECK_FALSE(stream.active());
    CHECK(stream.stopped());
    stream.start();
    CHECK(stream.active());
    CHECK(stream.sample_rate() == 44100);
    CHECK(stream.input_channels() == 2);
    CHECK(stream.output_channels() == 2);
    CHECK(stream.input_latency() == std::chrono::duration<double>{0.03});
    CHECK(stream.output_latency() == std::chrono::duration<double>{0.05});
    CHECK(stream.host_api_type() == paInDevelopment);
    CHECK_FALSE(stream.stopped());
    const auto begin = stream.time();
    CHECK(begin.time_since_epoch().count() > 0);
    audio.pump(64);
    CHECK_THAT((stream.time() - begin).count(), WithinAbs(64 / 44100.0, 1e-9));
    CHECK(*counter.calls == 4);
    CHECK_FALSE(stream.wait_for(1ms));
    CHECK(stream.wait_for(1ms, std::nothrow) == std::errc::timed_out);
    SECTION("it is stopped") {
        stream.stop();
        CHECK(stream.stopped());
        CHECK_FALSE(stream.wait_for(1ms, std::nothrow));
        CHECK_FALSE(stream.active());
        CHECK(stream.wait_for(10s));
        stream.start();
        audio.pump(16);
        CHECK(*counter.calls == 5);
    }
    SECTION("it is aborted") {
        CHECK_FALSE(stream.abort(std::nothrow));
        CHECK(stream.wait_for(std::chrono::hours::max()));
    }
    SECTION("it is asked to stop") {
        stream.request_stop();
        audio.pump(16);
        stream.wait();
        CHECK_FALSE(stream.wait(std::nothrow));
        CHECK_FALSE(stream.active());
        CHECK_FALSE(stream.stopped());
    }
    CHECK(stream.losses() == 0);
    CHECK(told.losses().empty());
    CHECK(audio.streams() == 1);
}

TEST_CASE("a loss is told with its cause and the device") {
    Scope audio{Machine{{{.devices = {first}}}}};
    Told told;
    WatchedStream<float> stream{{}, Counter{}, told.watch(Reopen::never, 50ms)};
    stream.start();
    LossCause cause{};
    SECTION("the host ends the stream") {
        audio.run();
        audio.lose_device(0, Loss::finished);
        cause = LossCause::ended;
    }
    SECTION("the callback is called no more") { cause = LossCause::silent; }
    SECTION("PortAudio answers with an error") {
        audio.run();
        audio.fail("Pa_IsStreamActive", paUnanticipatedHostError);
        cause = LossCause::error;
    }
    CHECK_THROWS_WITH(stream.wait(), "WatchedStream: the device is gone (First)");
    CHECK_FALSE(stream.active());
    CHECK(stream.losses() == 1);
    REQUIRE(becomes_true([&] { return told.losses().size() == 1; }, 20s));
    const DeviceLoss loss = told.losses().front();
    CHECK(loss.cause == cause);
    CHECK(loss.devices == "First");
    CHECK((loss.code.value() == paUnanticipatedHostError) == (cause == LossCause::error));
    CHECK_THROWS_AS(stream.sample_rate(), Error);
    CHECK(becomes_true([&] { return audio.open_streams() == 0; }, 20s));

    // Whoever wants it back says so.
    stream.start();
    CHECK(stream.active());
    CHECK(audio.open_streams() == 1);
}

TEST_CASE("a lost stream goes on with the same callback and its state") {
    Scope audio{Machine{{{.devices = {first, second}}}}};
    Told told;
    Counter counter;
    int ends = 0;
    WatchedStream<float> stream{{.input = {.device = 1, .channels = 1},
                                 .output = {.device = 1},
                                 .sample_rate = 44100,
                                 .frames_per_buffer = 16,
                                 .finished = [&ends] { ++ends; }},
                                counter,
                                told.watch(Reopen::same_device)};
    stream.start();
    audio.pump(32);
    CHECK(*counter.calls == 2);
    audio.machine(Machine{{{.devices = {second, first}}}});  // at another index
    audio.lose_device(0, Loss::finished);
    REQUIRE(becomes_true([&] { return told.reopened == 1; }, 20s));
    CHECK(stream.active());
    audio.pump(32);
    CHECK(*counter.calls == 4);
    const auto again = audio.opened(1);
    CHECK(again.input->device == 0);
    CHECK(again.input->channelCount == 1);
    CHECK(again.output->device == 0);
    CHECK(again.output->channelCount == 2);
    CHECK(again.sample_rate == 44100);
    CHECK(ends == 0);
    stream.stop();
    CHECK(ends == 1);
}

TEST_CASE("the same device is waited for, the default one is taken") {
    Scope audio{Machine{{{.devices = {first}}}}};
    Told told;
    const bool takes_default = GENERATE(true, false);
    WatchedStream<float> stream{
        {}, Counter{}, told.watch(takes_default ? Reopen::default_device : Reopen::same_device)};
    stream.start();
    audio.machine(Machine{{{.devices = {second}}}});
    audio.lose_device(0, Loss::finished);
    if (takes_default) {
        CHECK(becomes_true([&] { return told.reopened == 1; }, 20s));
    } else {
        CHECK_FALSE(stream.wait_for(100ms));
        CHECK(told.reopened == 0);
        CHECK_FALSE(stream.active());
        CHECK_THROWS_AS(stream.cpu_load(), Error);
        SECTION("until it is there") {
            audio.machine(Machine{{{.devices = {second, first}}}});
            CHECK(becomes_true([&] { return told.reopened == 1; }, 20s));
            CHECK(audio.opened(1).output->device == 1);
        }
        SECTION("until somebody stops that") {
            stream.stop();
            CHECK(stream.wait_for(10s));
            CHECK_FALSE(stream.active());
            CHECK(stream.start(std::nothrow) == Fault::unknown_device);
        }
        SECTION("until the end of the stream") {}
    }
}

TEST_CASE("a device that is there but does not open is tried again") {
    Scope audio;
    Told told;
    WatchedStream<float> stream{{}, Counter{}, told.watch(Reopen::same_device)};
    stream.start();
    audio.fail("Pa_OpenStream", paDeviceUnavailable, 0, 2);
    audio.fail("Pa_StartStream", paDeviceUnavailable, 0, 2);
    audio.lose_device(0, Loss::finished);
    CHECK(becomes_true([&] { return told.reopened == 1; }, 20s));
    CHECK(audio.calls("Pa_OpenStream") == 6);
    CHECK(audio.open_streams() == 1);
}

TEST_CASE("a device that was lost while nothing ran is looked for by start") {
    Scope audio;
    Told told;
    WatchedStream<float> stream{{}, Counter{}, told.watch(Reopen::same_device)};
    stream.start();
    stream.stop();
    audio.lose_device(0, Loss::finished);
    SECTION("and found") {
        SECTION("thrown") { stream.start(); }
        SECTION("returned") { CHECK_FALSE(stream.start(std::nothrow)); }
        CHECK(stream.active());
    }
    SECTION("or not") {
        audio.machine(Machine::without_devices());
        SECTION("thrown") { CHECK_THROWS_WITH(stream.start(), ContainsSubstring("is gone")); }
        SECTION("returned") { CHECK(stream.start(std::nothrow) == Fault::unknown_device); }
        CHECK_FALSE(stream.active());
    }
    SECTION("but a callback's exception is none") {
        WatchedStream<float> throws{{}, [](auto&) { throw std::runtime_error{"boo"}; }};
        throws.start();
        audio.pump(1);
        CHECK(becomes_true([&] { return !throws.active(); }, 20s));
        CHECK(throws.start(std::nothrow) == Fault::callback_threw);
        CHECK_THROWS_WITH(throws.start(), "boo");
        CHECK_NOTHROW(throws.start());
    }
}

TEST_CASE("a callback that ends is no loss") {
    Scope audio;
    Told told;
    SECTION("it completes") {
        int ends = 0;
        WatchedStream<float> stream{{.finished = [&ends] { ++ends; }},
                                    [](auto& block) noexcept {
                                        block.in_place();
                                        return Next::complete;
                                    },
                                    told.watch(Reopen::default_device)};
        stream.start();
        audio.pump(1);
        stream.wait();
        CHECK(ends == 1);
    }
    SECTION("it throws") {
        WatchedStream<float> stream{
            {}, [](auto&) { throw std::runtime_error{"boo"}; }, told.watch(Reopen::default_device)};
        stream.start();
        audio.pump(1);
        CHECK(stream.wait(std::nothrow) == Fault::callback_threw);
        CHECK_THROWS_WITH(stream.wait(), "boo");
        CHECK(stream.wait_for(1s));
    }
    SECTION("a foreign one aborts") {
        const auto abort = [](const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*,
                              PaStreamCallbackFlags, void*) -> int { return paAbort; };
        WatchedStream<float> stream{{}, RawCallback{abort}, told.watch(Reopen::default_device)};
        stream.start();
        audio.pump(1);
        stream.wait();
    }
    CHECK(told.losses().empty());
    CHECK(audio.streams() == 1);
}

TEST_CASE("a silence that the stream's latency allows is no loss") {
    const bool long_latency = GENERATE(true, false);
    Scope audio;
    Told told;
    audio.info([&](PaStreamInfo& info) { info.inputLatency = long_latency ? 3600 : 0.001; });
    WatchedStream<float> stream{{}, Counter{}, told.watch(Reopen::never, 10ms)};
    stream.start();
    if (long_latency) {
        CHECK_FALSE(stream.wait_for(100ms));
    } else {
        CHECK(stream.wait_for(10s, std::nothrow) == Fault::device_lost);
    }
}

TEST_CASE("what the callback of a watched stream threw is taken, and it starts again") {
    Scope audio;
    bool throws = true;
    WatchedStream<float> stream{[&](auto& block) {
        block.in_place();
        if (throws) throw std::runtime_error{"no"};
    }};
    REQUIRE_FALSE(stream.start(std::nothrow));
    audio.pump(1);
    CHECK(stream.stop(std::nothrow) == Fault::callback_threw);
    CHECK(stream.start(std::nothrow) == Fault::callback_threw);
    CHECK_THROWS_WITH(std::rethrow_exception(stream.take_failure()), "no");
    CHECK(stream.take_failure() == nullptr);
    CHECK_FALSE(stream.start(std::nothrow));
    audio.pump(1);
    CHECK(stream.close(std::nothrow) == Fault::callback_threw);
    CHECK_THROWS_WITH(std::rethrow_exception(stream.take_failure()), "no");
    CHECK(stream.take_failure() == nullptr);
}

TEST_CASE("a watched stream refuses what makes no sense") {
    const Scope audio;
    const auto nothing = [](auto&) noexcept {};
    CHECK_THROWS_WITH((WatchedStream<float>{{}, nothing, {.silence = 1ms}}),
                      ContainsSubstring("silence of less than 10 ms"));
    CHECK_THROWS_WITH(
        (WatchedStream<float>{
            {.sample_rate = 48000, .frames_per_buffer = 4800}, nothing, {.silence = 199ms}}),
        ContainsSubstring("silence of 0.199 s, less than two blocks of 0.1 s"));
    CHECK_NOTHROW(WatchedStream<float>{
        {.sample_rate = 48000, .frames_per_buffer = 4800}, nothing, {.silence = 200ms}});
    CHECK_THROWS_WITH((WatchedStream<float>{{}, nothing, {.reopen = static_cast<Reopen>(8)}}),
                      ContainsSubstring("a reopen that is none"));
    CHECK_THROWS_WITH((WatchedStream<float>{{}, nothing, {.retry = 0s}}),
                      ContainsSubstring("retry"));
    CHECK_THROWS_AS((WatchedStream<float>{{.sample_rate = -1}, nothing}), Error);
    CHECK_THROWS_AS((WatchedStream<float>{{}, RawCallback{}}), Error);
    CHECK(audio.open_streams() == 0);
}

TEST_CASE("control calls from a watched stream's callback are refused") {
    Scope audio;
    std::unique_ptr<WatchedStream<float>> stream;
    int refused = 0;
    stream = std::make_unique<WatchedStream<float>>(StreamConfig{}, [&](auto& block) noexcept {
        block.in_place();
        refused += stream->stop(std::nothrow) == Fault::inside_callback;
        refused += stream->start(std::nothrow) == Fault::inside_callback;
        for (const auto ask : {&WatchedStream<float>::active, &WatchedStream<float>::stopped}) {
            const auto error = error_of([&] { static_cast<void>((*stream.*ask)()); });
            refused += error && error->code() == Fault::inside_callback;
        }
        stream->request_stop();
    });
    stream->start();
    audio.pump(1);
    stream->wait();
    CHECK(refused == 4);
}

TEST_CASE("a watched stream is lost and used by several threads at once") {
    Scope audio;
    Told told;
    WatchedStream<float> stream{{}, Counter{}, told.watch(Reopen::default_device)};
    audio.run(20);
    stream.start();
    std::atomic<bool> over{false};
    std::thread asking{[&] {
        while (!over) {
            try {
                static_cast<void>(stream.cpu_load() + stream.sample_rate());
            } catch (const Error&) {
            }
            static_cast<void>(stream.wait_for(0s));
            std::this_thread::yield();
        }
    }};
    std::thread controlling{[&] {
        while (!over) {
            std::this_thread::sleep_for(30ms);
            static_cast<void>(stream.stop(std::nothrow));
            static_cast<void>(stream.start(std::nothrow));
        }
    }};
    for (int i = 0; i < 30; ++i) {
        audio.lose_device(audio.streams() - 1, Loss::finished);
        std::this_thread::sleep_for(5ms);
    }
    over = true;
    asking.join();
    controlling.join();
    CHECK(stream.losses() > 0);
}

TEST_CASE("finished is told of no loss, after an earlier stop either") {
    Scope audio;
    Told told;
    int ends = 0;
    WatchedStream<float> stream{
        {.finished = [&ends] { ++ends; }}, Counter{}, told.watch(Reopen::same_device)};
    stream.start();
    stream.stop();
    CHECK(ends == 1);
    stream.start();
    audio.lose_device(0, Loss::finished);
    REQUIRE(becomes_true([&] { return told.reopened == 1; }, 20s));
    CHECK(ends == 1);
}

TEST_CASE("on_loss may not wait for the end of its stream, and a retry may be far away") {
    Scope audio;
    std::unique_ptr<WatchedStream<float>> stream;
    std::atomic<bool> refused{false};
    Watch watch{.reopen = Reopen::same_device,
                .retry = (std::chrono::duration<double>::max)(),
                .on_loss = [&](const DeviceLoss&) {
                    try {
                        stream->wait();
                    } catch (const Error& error) {
                        refused = error.code() == Fault::inside_callback;
                    }
                }};
    stream = std::make_unique<WatchedStream<float>>(StreamConfig{}, Counter{}, watch);
    stream->start();
    audio.machine(Machine::without_devices());
    audio.lose_device(0, Loss::finished);
    CHECK(becomes_true([&] { return refused.load(); }, 20s));
    CHECK_FALSE(stream->wait_for((std::chrono::hours::min)()));
    CHECK_FALSE(stream->wait_for(20ms));
    CHECK(audio.calls("Pa_Initialize") < 50);
}

TEST_CASE(
    "a device that is lost after the callback's last result is a loss, and nothing is opened") {
    Scope audio;
    Told told;
    audio.drain(48000);
    WatchedStream<float> stream{{},
                                [](auto& block) noexcept {
                                    block.in_place();
                                    return Next::complete;
                                },
                                told.watch(Reopen::same_device, 10ms)};
    stream.start();
    audio.pump(1);
    audio.lose_device(0, Loss::silence);
    CHECK_THROWS_WITH(stream.wait(), ContainsSubstring("the device is gone"));
    CHECK(told.reopened == 0);
    CHECK(audio.streams() == 1);
}

TEST_CASE("a watched stream that was moved from is none") {
    const Scope audio;
    WatchedStream<float> stream{{}, Counter{}};
    const WatchedStream<float> moved{std::move(stream)};
    CHECK_THROWS_AS(stream.start(), Error);
    CHECK(stream.stop(std::nothrow).value() == paBadStreamPtr);
    CHECK_THROWS_AS(stream.wait(), Error);
    CHECK(stream.wait(std::nothrow).value() == paBadStreamPtr);
    CHECK_NOTHROW(stream.close());
    stream.request_stop();
}

TEST_CASE("a watched stream without a configuration is on the default devices") {
    Scope audio;
    int calls = 0;
    const auto count = [](const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*,
                          PaStreamCallbackFlags, void* n) { return ++*static_cast<int*>(n), 0; };
    const auto check_default = [&](WatchedStream<float> stream) {
        CHECK(audio.opened().sample_rate == 48000);
        CHECK(audio.opened().output->channelCount == 2);
        stream.start();
        audio.pump(1);
        CHECK(calls == 1);
    };
    SECTION("a callable") {
        const auto callable = [&](auto& block) noexcept { block.in_place(), ++calls; };
        SECTION("alone") { check_default(WatchedStream<float>{callable}); }
        SECTION("and a watch") {
            CHECK_THROWS_WITH((WatchedStream<float>{callable, {.silence = 1ms}}),
                              ContainsSubstring("silence"));
            check_default(WatchedStream<float>{callable, Watch{.silence = 1s}});
        }
    }
    SECTION("a foreign function and its state") {
        SECTION("alone") { check_default(WatchedStream<float>{count, &calls}); }
        SECTION("and a watch") {
            CHECK_THROWS_WITH((WatchedStream<float>{count, &calls, {.silence = 1ms}}),
                              ContainsSubstring("silence"));
        }
    }
}

TEST_CASE("a watched stream is closed before its end, and says what there is to say") {
    Scope audio;
    int ends = 0;
    SECTION("nothing") {
        auto token = std::make_shared<int>();
        WatchedStream<float> stream{{.finished = [&] { ++ends; }},
                                    [token](auto& block) noexcept { block.in_place(); }};
        stream.start();
        const bool throws = GENERATE(true, false);
        if (throws) stream.close();
        if (!throws) CHECK_FALSE(stream.close(std::nothrow));
        CHECK(ends == 1);
        CHECK(token.use_count() == 1);
        CHECK(audio.initialized() == 0);
        CHECK_THROWS_AS(stream.start(), Error);
        CHECK_NOTHROW(stream.close());
        CHECK_FALSE(stream.close(std::nothrow));
    }
    SECTION("what the callback threw") {
        WatchedStream<float> stream{[](auto&) { throw std::runtime_error{"boo"}; }};
        stream.start();
        audio.pump(1);
        SECTION("thrown") { CHECK_THROWS_WITH(stream.close(), "boo"); }
        SECTION("returned") { CHECK(stream.close(std::nothrow) == Fault::callback_threw); }
        CHECK(audio.initialized() == 0);
    }
    SECTION("what PortAudio says") {
        WatchedStream<float> stream{Counter{}};
        audio.fail("Pa_CloseStream", paTimedOut);
        SECTION("thrown") { CHECK_THROWS_WITH(stream.close(), "Pa_CloseStream: Wait timed out"); }
        SECTION("returned") { CHECK(stream.close(std::nothrow).value() == paTimedOut); }
        CHECK_THROWS_AS(stream.active(), Error);
    }
    SECTION("while a device is looked for") {
        Told told;
        WatchedStream<float> stream{Counter{}, told.watch(Reopen::same_device)};
        stream.start();
        audio.machine(Machine::without_devices());
        audio.lose_device(0, Loss::finished);
        REQUIRE(becomes_true([&] { return stream.losses() == 1; }, 20s));
        stream.close();
        CHECK(audio.initialized() == 0);
    }
}

TEST_CASE("neither a watched stream's callback nor on_loss closes it") {
    Scope audio;
    std::unique_ptr<WatchedStream<float>> stream;
    std::atomic<int> refused{0};
    const auto close = [&] {
        refused += stream->close(std::nothrow) == Fault::inside_callback;
        try {
            stream->close();
        } catch (const Error& error) {
            refused += error.code() == Fault::inside_callback;
        }
    };
    stream = std::make_unique<WatchedStream<float>>(
        [&](auto& block) noexcept { block.in_place(), close(); },
        Watch{.on_loss = [&](const DeviceLoss&) { close(); }});
    stream->start();
    audio.pump(1);
    CHECK(refused == 2);
    audio.lose_device(0, Loss::finished);
    CHECK(becomes_true([&] { return refused == 4; }, 20s));
    stream->close();
}
