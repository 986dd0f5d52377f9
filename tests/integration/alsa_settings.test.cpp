// SPDX-License-Identifier: MIT
// ALSA's own settings, on the real libportaudio and ALSA without hardware.
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <portspan/device.hpp>
#include <portspan/host/alsa.hpp>
#include <portspan/portspan.hpp>
#include <string>
#include <thread>
#include <vector>

#include "alsa.hpp"
#include "catch.hpp"
#include "error_of.hpp"

using namespace std::chrono_literals;
using portspan::Next;
using portspan::OutputStream;
using portspan::StreamConfig;
using portspan::host::Alsa;

namespace {

constexpr auto patience = 60s;

/// The default device is silent, and PortAudio lists no other; one with another name plays into a
/// file.
struct TwoDevices {
    TemporaryFolder files;
    AlsaConfiguration configuration{
        null_device + "pcm.tape { type plug slave { pcm { type file format raw file \"" +
        (files / "out.raw") +
        "\" slave.pcm { type null } } format S16_LE channels 2 rate 48000 } }\n"};

    [[nodiscard]] std::vector<std::int16_t> played() const {
        std::ifstream file{files / "out.raw", std::ios::binary};
        const std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};
        std::vector<std::int16_t> samples(bytes.size() / 2);
        std::copy_n(bytes.begin(), samples.size() * 2, reinterpret_cast<char*>(samples.data()));
        return samples;
    }
};

StreamConfig on(std::string device) {
    return {.output = {.channels = 2, .host_info = Alsa{.device = std::move(device)}},
            .sample_rate = 48000};
}

/// The frames of each block of a stream on the default device.
std::size_t block_size() {
    std::size_t frames = 0;
    OutputStream<float> stream{{.output = {.channels = 2, .latency = 100ms}, .sample_rate = 48000},
                               [&](auto& block) {
                                   frames = block.frames();
                                   return Next::complete;
                               }};
    stream.start();
    REQUIRE(stream.wait_for(patience));
    return frames;
}

/// The scheduling of the thread on which a stream calls back.
int policy_of(bool realtime) {
    std::atomic<int> policy{-1};
    OutputStream<float> stream{{.output = {.channels = 2}, .sample_rate = 48000}, [&](auto&) {
                                   sched_param parameters{};
                                   int mine = -1;
                                   pthread_getschedparam(pthread_self(), &mine, &parameters);
                                   policy = mine;
                                   return Next::complete;
                               }};
    portspan::host::enable_realtime_scheduling(stream, realtime);
    stream.start();
    REQUIRE(stream.wait_for(patience));
    return policy;
}

bool may_be_realtime() {
    bool may = false;
    std::thread{[&] {
        const sched_param parameters{.sched_priority = 1};
        may = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0;
    }}.join();
    return may;
}

}  // namespace

TEST_CASE("a device that only its ALSA name leads to plays") {
    const TwoDevices devices;
    int calls = 0;
    {
        OutputStream<std::int16_t> stream{
            on("tape"), [&](auto& block) {
                std::ranges::fill(block.output().samples(), std::int16_t{1234});
                return ++calls < 10 ? Next::keep_going : Next::complete;
            }};
        CHECK(stream.sample_rate() == 48000);
        stream.start();
        REQUIRE(stream.wait_for(patience));
    }
    CHECK(std::ranges::count(devices.played(), 1234) >= 1000);
}

TEST_CASE("a device that ALSA does not know is an error") {
    const AlsaConfiguration configuration{null_device};
    const auto error = error_of([] { OutputStream<float>{on("no such device"), [](auto&) {}}; });
    REQUIRE(error);
    CHECK(error->call() == "Pa_OpenStream");
}

TEST_CASE("latency and sample rate of a named device are the default device's") {
    const TwoDevices devices;
    const portspan::Session session;
    StreamConfig config = on("tape");
    config.sample_rate = portspan::default_sample_rate;
    const OutputStream<float> stream{config, [](auto&) {}};
    CHECK(stream.sample_rate() ==
          portspan::default_device(portspan::Direction::output)->default_sample_rate);
    CHECK(stream.output_latency().count() > 0);
}

TEST_CASE("a named device and one with an index are one stream") {
    const TwoDevices devices;
    StreamConfig config = on("tape");
    config.input.channels = 2;
    std::atomic<int> calls{0};
    portspan::Stream<float> stream{config, [&](auto& block) noexcept {
                                       block.in_place();
                                       ++calls;
                                   }};
    stream.start();
    for (int wait = 0; wait < 5000 && calls < 10; ++wait) std::this_thread::sleep_for(1ms);
    CHECK(calls >= 10);
    stream.stop();
}

TEST_CASE("settings of another host API are refused, with both names") {
    const AlsaConfiguration configuration{null_device};
    struct {
        unsigned long size = sizeof(*this);
        PaHostApiTypeId host_api = paWASAPI;
        unsigned long version = 1;
    } own;
    CHECK_THROWS_WITH(
        OutputStream<float>({.output = {.host_info = portspan::HostInfo{&own}}}, [](auto&) {}),
        ContainsSubstring("(output settings for WASAPI, \"default\" is a device of ALSA)"));
}

TEST_CASE("more periods are smaller blocks") {
    const AlsaConfiguration configuration{null_device};
    const std::size_t of_four = block_size();
    portspan::host::set_alsa_periods(16);
    const std::size_t of_sixteen = block_size();
    portspan::host::set_alsa_periods(2);
    const std::size_t of_two = block_size();
    portspan::host::set_alsa_periods(1024);
    const std::size_t of_most = block_size();
    portspan::host::set_alsa_periods(4);  // as PortAudio has it, for the tests that follow
    INFO(of_two << ' ' << of_four << ' ' << of_sixteen << ' ' << of_most);
    CHECK(of_two > of_four);
    CHECK(of_four > of_sixteen);
    CHECK(of_sixteen > of_most);
    CHECK(of_most > 0);
}

TEST_CASE("buffers that PortAudio cannot divide into periods do not end the program") {
    const AlsaConfiguration configuration{null_device};
    int opened = 0, refused = 0;
    for (const int periods : {2, 3, 4, 64, 256, 1024}) {
        portspan::host::set_alsa_periods(periods);
        for (const double latency : {0.0, 0.00005, 0.001, 0.005, 0.0051, 0.01, 0.1}) {
            for (const unsigned long frames : {0ul, 1ul, 2ul, 4ul, 8ul, 64ul, 256ul, 512ul}) {
                const std::chrono::duration<double> seconds{latency};
                const auto error = error_of([&] {
                    portspan::Stream<float>{{.input = {.channels = 2, .latency = seconds},
                                             .output = {.channels = 2, .latency = seconds},
                                             .sample_rate = 48000,
                                             .frames_per_buffer = frames},
                                            [](auto&) {}};
                });
                if (error) CHECK(error->code() == portspan::portaudio_error(paBufferTooSmall));
                ++(error ? refused : opened);
            }
        }
    }
    portspan::host::set_alsa_periods(4);
    CHECK(opened > 200);
    CHECK(refused > 50);
}

TEST_CASE("a stream's thread is in real time where it is asked for and allowed") {
    const AlsaConfiguration configuration{null_device};
    CHECK(policy_of(false) == SCHED_OTHER);
    CHECK(policy_of(true) == (may_be_realtime() ? SCHED_FIFO : SCHED_OTHER));
}

TEST_CASE("retries and the library's path are taken, and a device that is no card has no number") {
    const AlsaConfiguration configuration{null_device};
    portspan::host::set_alsa_busy_retries(1);
    portspan::host::set_alsa_library("libasound.so.2");
    OutputStream<float> stream{[](auto&) {}};
    const auto card = error_of([&] { (void)portspan::host::alsa_output_card(stream); });
    if (card) CHECK(card->call() == "PaAlsa_GetStreamOutputCard");
    CHECK_THROWS_AS(portspan::host::alsa_input_card(stream), portspan::Error);
    portspan::host::set_alsa_busy_retries(100);
}
