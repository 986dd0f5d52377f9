// SPDX-License-Identifier: MIT
// The real libportaudio on a private JACK server: a device that calls back in real time.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <new>
#include <optional>
#include <portspan/portspan.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "becomes_true.hpp"
#include "catch.hpp"
#include "jack_server.hpp"

using namespace std::chrono_literals;
using portspan::Next;
using portspan::Stream;
using portspan::StreamConfig;
using Clock = std::chrono::steady_clock;

// ctest reports a test that says so as skipped.
#define NEEDS_JACKD(server)                                                                      \
    if (!(server)) {                                                                             \
        std::cout << "skipped: jackd is not installed (Debian and Ubuntu: jackd2)" << std::endl; \
        return;                                                                                  \
    }                                                                                            \
    static_assert(true)

namespace {

/// How long anything may take that a working stream does in milliseconds: the machine may be busy.
constexpr auto patience = 10s;

StreamConfig on(const JackServer& server) {
    const portspan::Endpoint endpoint{.device = server.device(), .channels = 2};
    return {.input = endpoint, .output = endpoint, .sample_rate = JackServer::sample_rate};
}

/// What a test knows of a callable that lives in a stream.
struct Witness {
    std::atomic<int> calls{0};
    std::atomic<int> destroyed{0};
    std::atomic<int> calls_when_destroyed{-1};

    /// Counts its calls; `token` dies with the callable, however often it was moved before.
    [[nodiscard]] auto callable() {
        const auto note = [this](void*) {
            calls_when_destroyed = calls.load();
            ++destroyed;
        };
        return [this, token = std::shared_ptr<void>(this, note)](auto& block) noexcept {
            ++calls;
            block.in_place();
        };
    }

    [[nodiscard]] bool is_called_again() {
        const int before = calls;
        return becomes_true([&] { return calls > before + 2; });
    }
    /// True where the calls have really ended: some periods pass without one.
    [[nodiscard]] bool rests() const {
        const int before = calls;
        std::this_thread::sleep_for(50ms);
        return calls == before;
    }
};

template <class In, class Out, class Layout>
void runs_in_real_time(const StreamConfig& config) {
    struct Seen {
        std::atomic<int> calls{0};
        std::atomic<std::size_t> frames{0};
        std::atomic<int> odd_blocks{0};
        std::atomic<int> steps_back{0};
        std::atomic<int> odd_times{0};
    } seen;
    const auto callback = [&seen, last = portspan::StreamTimes{}](auto& block) mutable noexcept {
        constexpr bool has_input = !std::is_void_v<In>;
        constexpr bool has_output = !std::is_void_v<Out>;
        ++seen.calls;
        seen.frames += block.frames();
        bool plausible = block.frames() == JackServer::period;
        if constexpr (has_input) {
            plausible = plausible && block.input().channels() == 2 &&
                        block.input().frames() == block.frames();
        }
        if constexpr (has_output) {
            plausible = plausible && block.output().channels() == 2 &&
                        block.output().frames() == block.frames();
            portspan::detail::fill_silence(block.output());
        }
        if (!plausible) ++seen.odd_blocks;

        const portspan::StreamTimes now = block.time();
        if (now.input_adc.has_value() != has_input) ++seen.odd_times;
        if (now.output_dac.has_value() != has_output) ++seen.odd_times;
        if (now.current < last.current || now.input_adc < last.input_adc ||
            now.output_dac < last.output_dac) {
            ++seen.steps_back;
        }
        if (has_input && *now.input_adc > now.current) ++seen.odd_times;
        if (has_output && *now.output_dac < now.current) ++seen.odd_times;
        last = now;
    };

    Stream<In, Out, Layout> stream{config, callback};
    CHECK(stream.input_channels() == (std::is_void_v<In> ? 0 : 2));
    CHECK(stream.output_channels() == (std::is_void_v<Out> ? 0 : 2));
    CHECK_THAT(stream.sample_rate(), WithinAbs(JackServer::sample_rate, 0.5));
    CHECK(stream.stopped());
    CHECK_FALSE(stream.active());

    const auto begin = Clock::now();
    stream.start();
    CHECK(stream.active());
    CHECK_FALSE(stream.stopped());
    std::this_thread::sleep_for(400ms);
    CHECK(becomes_true([&] {
        const auto before = stream.time();
        std::this_thread::sleep_for(20ms);
        return stream.time() > before && stream.time() < before + patience;
    }));
    stream.stop();
    const std::chrono::duration<double> elapsed = Clock::now() - begin;
    CHECK_FALSE(stream.active());
    CHECK(stream.stopped());

    INFO(seen.calls << " calls, " << seen.frames << " frames in " << elapsed.count() << " s");
    CHECK(seen.odd_blocks == 0);
    CHECK(seen.odd_times == 0);
    // JACK corrects its clock where a busy machine keeps the server waiting: a few steps are its
    // own.
    CHECK(seen.steps_back <= 2 + seen.calls / 20);
    // Wide, because a busy machine loses periods and catches up with others; yet a device that is
    // not paced would be off by orders of magnitude.
    const double speed =
        static_cast<double>(seen.frames) / elapsed.count() / JackServer::sample_rate;
    CHECK(speed > 0.2);
    CHECK(speed < 2);
}

/// A foreign function with nothing of C++ in it, and its state.
struct Countdown {
    std::atomic<int> calls{0};
    std::atomic<int> calls_until_complete{0};
};
extern "C" int count_down(const void*, void* output, unsigned long frames,
                          const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, void* state) {
    auto& countdown = *static_cast<Countdown*>(state);
    std::fill_n(static_cast<float*>(output), 2 * frames, 0.0f);
    return ++countdown.calls < countdown.calls_until_complete ? paContinue : paComplete;
}

}  // namespace

TEST_CASE("a duplex stream runs in real time") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    runs_in_real_time<float, float, portspan::Interleaved>(on(server));
    runs_in_real_time<float, float, portspan::Planar>(on(server));
}

TEST_CASE("an input-only stream runs in real time") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    runs_in_real_time<float, void, portspan::Interleaved>(on(server));
    runs_in_real_time<std::int16_t, void, portspan::Planar>(on(server));
}

TEST_CASE("an output-only stream runs in real time") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    runs_in_real_time<void, float, portspan::Interleaved>(on(server));
    runs_in_real_time<void, std::int16_t, portspan::Planar>(on(server));
}

TEST_CASE("a stream starts again after stop and after abort") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    Witness witness;
    Stream<float> stream{on(server), witness.callable()};
    CHECK(witness.rests());
    for (int round = 0; round < 3; ++round) {
        stream.start();
        stream.start();  // one that runs already may be started
        CHECK(witness.is_called_again());
        stream.stop();
        stream.stop();
        CHECK(witness.rests());

        stream.start();
        CHECK(witness.is_called_again());
        stream.abort();
        CHECK(stream.stopped());
        CHECK(witness.rests());
    }
    CHECK(witness.destroyed == 0);
}

TEST_CASE("a foreign function runs, completes and starts again") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    Countdown countdown;
    Stream<float> stream{on(server), &count_down, &countdown};
    for (int round = 1; round <= 2; ++round) {
        countdown.calls = 0;
        countdown.calls_until_complete = 10;
        stream.start();
        REQUIRE(stream.wait_for(patience));
        CHECK(countdown.calls == 10);
        CHECK_FALSE(stream.active());
        CHECK_FALSE(stream.stopped());  // completed is not stopped: PortAudio's own distinction
    }
    CHECK_FALSE(stream.request_stop());
    stream.stop();
    CHECK(stream.stopped());
}

TEST_CASE("wait and wait_for return when the callable completes") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    std::atomic<int> calls{0};
    std::atomic<int> last_call{20};
    Stream<float> stream{on(server), [&](auto& block) noexcept {
                             block.in_place();
                             return ++calls < last_call ? Next::keep_going : Next::complete;
                         }};
    SECTION("wait") {
        stream.start();
        stream.wait();
        CHECK(calls == 20);
        CHECK_FALSE(stream.active());
    }
    SECTION("wait_for says whether the stream still runs") {
        last_call = 1'000'000;
        stream.start();
        const auto begin = Clock::now();
        CHECK_FALSE(stream.wait_for(50ms));
        CHECK(Clock::now() - begin >= 50ms);
        CHECK(stream.active());
        last_call = 0;
        CHECK(stream.wait_for(patience));
        CHECK_FALSE(stream.active());
    }
    SECTION("and at once where nothing was started") {
        stream.wait();
        CHECK(stream.wait_for(0ms));
        CHECK(calls == 0);
    }
    SECTION("the stream starts again after that") {
        for (int round = 0; round < 3; ++round) {
            calls = 0;
            stream.start();
            REQUIRE(stream.wait_for(patience));
            CHECK(calls == 20);
        }
    }
}

TEST_CASE("request_stop ends a stream") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    SECTION("from the callback") {
        std::atomic<int> calls{0};
        Stream<float>* self = nullptr;
        Stream<float> stream{on(server), [&](auto& block) noexcept {
                                 block.in_place();
                                 if (++calls == 5) self->request_stop();
                             }};
        self = &stream;
        stream.start();
        REQUIRE(stream.wait_for(patience));
        CHECK(calls == 5);
    }
    SECTION("from another thread") {
        Witness witness;
        Stream<float> stream{on(server), witness.callable()};
        stream.start();
        REQUIRE(witness.is_called_again());
        std::thread{[&] { CHECK(stream.request_stop()); }}.join();
        CHECK(stream.wait_for(patience));
        CHECK(witness.rests());
        stream.start();  // the request is not kept for the next start
        CHECK(witness.is_called_again());
    }
}

TEST_CASE("what a callable throws is thrown again by the waiting side") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    std::atomic<int> calls{0};
    std::atomic<bool> harmless{false};
    Stream<float> stream{on(server), [&](auto& block) {
                             block.in_place();
                             if (++calls >= 4 && !harmless) throw std::runtime_error{"a bad block"};
                         }};
    stream.start();
    SECTION("by wait") { CHECK_THROWS_WITH(stream.wait(), "a bad block"); }
    SECTION("by wait_for") { CHECK_THROWS_WITH((void)stream.wait_for(patience), "a bad block"); }
    SECTION("by stop") {
        REQUIRE(becomes_true([&] { return !stream.active(); }));
        CHECK(stream.stop(std::nothrow) == portspan::Fault::callback_threw);
        CHECK_THROWS_WITH(stream.stop(), "a bad block");
    }
    CHECK(calls == 4);
    CHECK_NOTHROW(stream.stop());  // once: it is not a property of the stream
    harmless = true;
    stream.start();
    CHECK(becomes_true([&] { return calls > 10; }));
    CHECK_NOTHROW(stream.stop());
}

TEST_CASE("a stream moves while it runs") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    Witness first;
    Witness second;
    Stream<float> stream{on(server), first.callable()};
    stream.start();
    REQUIRE(first.is_called_again());

    SECTION("to a new one") {
        Stream<float> moved{std::move(stream)};
        CHECK(first.is_called_again());
        moved.stop();
        CHECK(first.rests());
        CHECK(first.destroyed == 0);
    }
    SECTION("into one that runs too, which then closes") {
        Stream<float> other{on(server), second.callable()};
        other.start();
        REQUIRE(second.is_called_again());
        stream = std::move(other);
        CHECK(first.destroyed == 1);
        CHECK(first.calls_when_destroyed == first.calls);
        CHECK(second.destroyed == 0);
        CHECK(second.is_called_again());
        stream.stop();
        CHECK(second.rests());
    }
    SECTION("through a container") {
        std::vector<Stream<float>> streams;
        streams.push_back(std::move(stream));
        streams.push_back(Stream<float>{on(server), second.callable()});
        streams.back().start();
        CHECK(first.is_called_again());
        CHECK(second.is_called_again());
        streams.erase(streams.begin());
        CHECK(first.destroyed == 1);
        CHECK(second.is_called_again());
    }
}

TEST_CASE("assigning a stream that was moved away closes the one assigned to") {
    const JackServer server;
    NEEDS_JACKD(server);
    Witness witness;
    {
        // The only Session is the stream's own: it has to outlive what it closes.
        auto session = std::make_unique<portspan::Session>();
        Stream<float> stream{on(server), witness.callable()};
        session.reset();
        stream.start();
        REQUIRE(witness.is_called_again());
        Stream<float> other{std::move(stream)};
        other = std::move(stream);
        CHECK(witness.destroyed == 1);
        CHECK(witness.calls_when_destroyed == witness.calls);
        CHECK(Pa_GetDeviceCount() == paNotInitialized);
    }
    CHECK(witness.rests());
}

TEST_CASE("a running stream may go out of scope") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    Witness witness;
    {
        Stream<float> stream{on(server), witness.callable()};
        stream.start();
        REQUIRE(witness.is_called_again());
        CHECK(witness.destroyed == 0);
    }
    CHECK(witness.destroyed == 1);
    CHECK(witness.rests());
    CHECK(witness.calls_when_destroyed == witness.calls);
}

TEST_CASE("streams open and close many times") {
    const JackServer server;
    NEEDS_JACKD(server);
    const PaDeviceIndex device = server.device();
    for (int cycle = 0; cycle < 20; ++cycle) {
        // No Session around it: the library starts and ends each time.
        Witness witness;
        {
            Stream<float> stream{{.input = {.device = device, .channels = 2},
                                  .output = {.device = device, .channels = 2},
                                  .sample_rate = JackServer::sample_rate},
                                 witness.callable()};
            stream.start();
            REQUIRE(witness.is_called_again());
        }
        REQUIRE(witness.destroyed == 1);
        REQUIRE(witness.calls_when_destroyed == witness.calls);
    }
    CHECK(Pa_GetDeviceCount() == paNotInitialized);
}

TEST_CASE("a sample rate that is not the server's is an Error") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    Witness witness;
    StreamConfig config = on(server);
    config.sample_rate = 44100;
    try {
        Stream<float> stream{config, witness.callable()};
        FAIL("it opened");
    } catch (const portspan::Error& error) {
        CHECK(error.code() == portspan::portaudio_error(paInvalidSampleRate));
        CHECK(error.call() == "Pa_OpenStream");
        CHECK_THAT(error.what(), ContainsSubstring("Invalid sample rate"));
    }
    CHECK(witness.destroyed == 1);

    config.sample_rate = JackServer::sample_rate;
    Stream<float> stream{config, witness.callable()};
    stream.start();
    CHECK(witness.is_called_again());
}

TEST_CASE("control calls from several threads at once are in order") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    Witness witness;
    Stream<float> stream{on(server), witness.callable()};
    std::atomic<int> errors{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 4; ++number) {
        threads.emplace_back([&stream, &errors, number] {
            for (int round = 0; round < 10; ++round) {
                if (stream.start(std::nothrow)) ++errors;
                (void)stream.active();
                (void)stream.time();
                (void)stream.cpu_load();
                std::this_thread::sleep_for(number * 1ms);
                const auto result =
                    number % 2 == 0 ? stream.stop(std::nothrow) : stream.abort(std::nothrow);
                if (result) ++errors;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(errors == 0);
    CHECK(stream.stopped());
    stream.start();
    CHECK(witness.is_called_again());
}

TEST_CASE("one thread waits for a stream that another one controls") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    Witness witness;
    Stream<float> stream{on(server), witness.callable()};
    stream.start();
    std::atomic<bool> returned{false};
    std::thread waiting{[&] {
        stream.wait();
        returned = true;
    }};
    CHECK(witness.is_called_again());
    CHECK_FALSE(returned);
    stream.stop();
    CHECK(becomes_true([&] { return returned.load(); }));
    waiting.join();
}

TEST_CASE("several streams run side by side") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    Witness first;
    Witness second;
    Stream<float> stream{on(server), first.callable()};
    Stream<float> other{on(server), second.callable()};
    stream.start();
    other.start();
    CHECK(first.is_called_again());
    CHECK(second.is_called_again());
    stream.stop();
    CHECK(first.rests());
    CHECK(second.is_called_again());
}

TEST_CASE("a stream on a server that has died can be ended, as far as PortAudio lets it") {
    JackServer server;
    NEEDS_JACKD(server);
    const auto witness = std::make_shared<std::atomic<int>>(0);
    PaError stopped = paNoError;
    const auto start = Clock::now();
    {
        Stream<float> stream{on(server), [witness](auto& block) noexcept {
                                 block.in_place();
                                 ++*witness;
                             }};
        stream.start();
        REQUIRE(becomes_true([&] { return *witness > 10; }));
        server.die();
        REQUIRE(becomes_true([&] { return !stream.active(); }));
        stream.wait();
        stopped = stream.stop(std::nothrow).value();
    }
    // Debian's PortAudio would wait for 10 minutes.
    CHECK(Clock::now() - start < 3 * patience);
    if (stopped == paTimedOut) CHECK(witness.use_count() == 2);
}

TEST_CASE("a watched stream whose server has died goes on with the default device") {
    JackServer server;
    NEEDS_JACKD(server);
    std::atomic<int> calls{0}, reopened{0}, calls_before{0};
    std::string lost;
    portspan::WatchedStream<float> stream{on(server),
                                          [&](auto& block) noexcept {
                                              block.in_place();
                                              ++calls;
                                          },
                                          {.reopen = portspan::Reopen::default_device,
                                           .on_loss =
                                               [&](const portspan::DeviceLoss& loss) {
                                                   lost = loss.devices;
                                                   calls_before = calls.load();
                                               },
                                           .on_reopened = [&] { ++reopened; }}};
    stream.start();
    REQUIRE(becomes_true([&] { return calls > 10; }));
    server.die();
    REQUIRE(becomes_true([&] { return reopened == 1; }));
    CHECK(lost == "system");
    CHECK(becomes_true([&] { return calls > calls_before + 10; }));
    CHECK(stream.losses() == 1);
    stream.stop();
}

TEST_CASE("a JACK server that starts is seen after a refresh, and one that ends is gone") {
    {
        const JackServer server;
        NEEDS_JACKD(server);
    }
    const AlsaConfiguration configuration{null_device};
    setenv("JACK_DEFAULT_SERVER", "portspan-no-such-server", 1);
    std::optional<portspan::Session> session{portspan::quiet_session()};
    const auto jack = [] { return portspan::find_host_api(portspan::HostApiType::jack); };
    const auto has_devices = [&] { return jack() && jack()->device_count > 0; };
    REQUIRE_FALSE(has_devices());
    std::optional<portspan::Device> device;
    {
        const JackServer server{JackServer::unseen};
        CHECK_FALSE(has_devices());
        // It answers when it does.
        REQUIRE(becomes_true([&] { return portspan::refresh_devices(), has_devices(); }));
        device = portspan::device_of(*jack(), 0);
        CHECK(device->host_api_type == portspan::HostApiType::jack);
        CHECK(device->host_api_index == jack()->index);
        CHECK(device->index == jack()->default_output);
        CHECK(portspan::find_duplex_device("system jack").index == device->index);

        const StreamConfig config{.input = {.device = *device}, .output = {.device = *device}};
        CHECK_NOTHROW(portspan::check_supported<float>(config));
        StreamConfig other_rate = config;
        other_rate.sample_rate = 44100;
        CHECK_THROWS_WITH(portspan::check_supported<float>(other_rate),
                          ContainsSubstring("Invalid sample rate (44100 Hz, 2 float32 channels "
                                            "from \"system\", 2 float32 channels to \"system\")"));
        {
            Witness witness;
            Stream<float> stream{config, witness.callable()};
            stream.start();
            CHECK(witness.is_called_again());
            CHECK_THROWS_WITH(portspan::refresh_devices(), ContainsSubstring("1 stream"));
        }
        session.reset();  // PortAudio 19.6 aborts where the server ends before it
    }
    const AlsaConfiguration as_before{null_device};
    CHECK_FALSE(has_devices());
    CHECK_THROWS_WITH((Stream<float>{{.output = {.device = *device}}, [](auto&) noexcept {}}),
                      ContainsSubstring("no such device (\"system\" (JACK Audio Connection Kit)"));
}

TEST_CASE("blocking reads and writes keep the pace of the server") {
    const JackServer server;
    NEEDS_JACKD(server);
    portspan::BlockingStream<float> stream{on(server)};
    stream.start();
    std::vector<float> block(2 * 1000);
    const auto begin = Clock::now();
    for (int i = 0; i < 24; ++i) {
        stream.read(block);
        stream.write(block);
    }
    const auto lasted = Clock::now() - begin;
    CHECK(lasted > 400ms);  // half a second, less what is buffered
    CHECK(lasted < patience);
    CHECK(stream.read_available() < 48000);
    CHECK(stream.write_available() < 48000);
    stream.stop();
    CHECK(stream.stopped());
    stream.start();
    stream.read(block);
    stream.abort();
}

TEST_CASE("threads that read, write and stop a JACK stream get on with each other") {
    const JackServer server;
    NEEDS_JACKD(server);
    portspan::BlockingStream<float> stream{on(server)};
    for (int round = 0; round < 5; ++round) {
        stream.start();
        std::atomic<int> reads{0}, writes{0};
        const auto loop = [](auto transfer, std::atomic<int>& count) {
            return std::thread{[transfer, &count, block = std::vector<float>(2 * 700)]() mutable {
                while (!transfer(block).error) ++count;
            }};
        };
        auto reader =
            loop([&](auto& block) { return stream.read({block, 2}, std::nothrow); }, reads);
        auto writer =
            loop([&](auto& block) { return stream.write({block, 2}, std::nothrow); }, writes);
        CHECK(becomes_true([&] { return reads > 5 && writes > 5; }));
        const auto begin = Clock::now();
        if (round % 2 == 0) {
            stream.stop();
        } else {
            stream.abort();
        }
        CHECK(Clock::now() - begin < 900ms);  // nobody was given up
        reader.join();
        writer.join();
        CHECK(stream.stopped());
    }
}

TEST_CASE("a blocking stream of anything but two floats is refused on JACK") {
    const JackServer server;
    NEEDS_JACKD(server);
    StreamConfig mono = on(server);
    mono.input.channels = mono.output.channels = 1;
    CHECK_THROWS_AS(portspan::BlockingStream<float>{mono}, portspan::Error);
    CHECK_THROWS_AS(portspan::BlockingStream<std::int16_t>{on(server)}, portspan::Error);
    CHECK_THROWS_AS((portspan::BlockingStream<float, float, portspan::Planar>{on(server)}),
                    portspan::Error);
}

TEST_CASE("a playback and a recording last as long as their frames") {
    const JackServer server;
    NEEDS_JACKD(server);
    const std::vector<float> silence(2 * 12000);
    const auto begin = Clock::now();
    SECTION("played") {
        portspan::Playback playback =
            portspan::play(portspan::InterleavedView<const float>{silence, 2},
                           {.output = {.device = server.device()}});
        REQUIRE(playback.wait_for(patience));
        CHECK(playback.position() == 12000);
    }
    SECTION("recorded") {
        auto recording =
            portspan::record<std::int16_t>(12000, {.input = {.device = server.device()}});
        REQUIRE(recording.wait_for(patience));
        CHECK(recording.take().size() == 2 * 12000);
    }
    CHECK(Clock::now() - begin > 200ms);
}
