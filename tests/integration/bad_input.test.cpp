// SPDX-License-Identifier: MIT
// Every parameter of a stream out of its range, on the real libportaudio: an Error, no harm.
#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <portspan/portspan.hpp>
#include <string>
#include <utility>

#include "alsa.hpp"
#include "catch.hpp"

using namespace std::chrono_literals;
using portspan::Error;
using portspan::Fault;
using portspan::InputStream;
using portspan::Next;
using portspan::OutputStream;
using portspan::portaudio_error;
using portspan::Stream;
using portspan::StreamConfig;
using Seconds = std::chrono::duration<double>;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// After each failure the same stream with good values opens and runs.
class BadInput {
public:
    ~BadInput() {
        run_a_good_stream();
        // Whatever happened, each start of the library had its end.
        CHECK(Pa_GetDeviceCount() == paNotInitialized);
    }

    void check(StreamConfig config, std::error_code code, const std::string& text) const {
        const auto token = std::make_shared<int>();
        const auto callback = [token](auto& block) noexcept { block.in_place(); };
        check_refused([&] { Stream<float> stream{config, callback}; }, code, text);
        CHECK(token.use_count() == 2);
    }

    template <class Open>
    void check_refused(Open&& open, std::error_code code, const std::string& text) const {
        INFO(text);
        try {
            open();
            FAIL_CHECK("it opened");
        } catch (const Error& error) {
            CHECK(error.code() == code);
            CHECK_THAT(error.what(), ContainsSubstring(text));
        }
        CHECK(Pa_GetDeviceCount() == paNotInitialized);
    }

private:
    static void run_a_good_stream() {
        int calls = 0;
        Stream<float> stream{[&](auto& block) noexcept {
            block.in_place();
            return ++calls < 10 ? Next::keep_going : Next::complete;
        }};
        stream.start();
        CHECK(stream.wait_for(10s));
        CHECK(calls == 10);
    }

    AlsaConfiguration configuration_{null_device};
};

}  // namespace

TEST_CASE("a sample rate out of range is refused") {
    const BadInput bad;
    const auto code = portaudio_error(paInvalidSampleRate);
    bad.check({.sample_rate = 0}, code, "Invalid sample rate (0");
    bad.check({.sample_rate = -1}, code, "Invalid sample rate (-1");
    bad.check({.sample_rate = -48000}, code, "Invalid sample rate (-48000");
    bad.check({.sample_rate = not_a_number}, code, "Invalid sample rate (nan");
    bad.check({.sample_rate = -infinity}, code, "Invalid sample rate (-inf");
    bad.check({.sample_rate = infinity}, code, "Invalid sample rate");
    bad.check({.sample_rate = 1}, code, "Invalid sample rate");
    bad.check({.sample_rate = 999}, code, "Invalid sample rate");
    bad.check({.sample_rate = 1e9}, code, "Invalid sample rate");
    bad.check({.sample_rate = std::numeric_limits<double>::min()}, code, "Invalid sample rate");
}

TEST_CASE("a block size out of range is refused") {
    const BadInput bad;
    const auto code = portaudio_error(paBufferTooBig);
    bad.check({.frames_per_buffer = (1ul << 20) + 1}, code, "1048577 frames per buffer");
    bad.check({.frames_per_buffer = std::numeric_limits<unsigned long>::max()}, code,
              std::to_string(std::numeric_limits<unsigned long>::max()) + " frames per buffer");
}

TEST_CASE("a channel count out of range is refused") {
    const BadInput bad;
    const auto code = portaudio_error(paInvalidChannelCount);
    for (const int channels :
         {0, -1, 1000, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
        const std::string text = std::to_string(channels);
        bad.check({.input = {.channels = channels}}, code, text + " input channels");
        bad.check({.output = {.channels = channels}}, code, text + " output channels");
    }
}

TEST_CASE("a device index out of range is refused") {
    const BadInput bad;
    const auto code = portaudio_error(paInvalidDevice);
    for (const PaDeviceIndex device :
         {paNoDevice, paUseHostApiSpecificDeviceSpecification, 9999,
          std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
        const std::string text = "index " + std::to_string(device);
        bad.check({.input = {.device = device}}, code, text);
        bad.check({.output = {.device = device}}, code, text);
    }
}

TEST_CASE("a latency out of range is refused") {
    const BadInput bad;
    const auto code = make_error_code(Fault::invalid_argument);
    const std::pair<double, const char*> latencies[] = {{-0.01, "-0.01"},  {not_a_number, "nan"},
                                                        {infinity, "inf"}, {-infinity, "-inf"},
                                                        {1000, "1000 s"},  {1e300, "1e+300 s"}};
    for (const auto& [seconds, text] : latencies) {
        bad.check({.input = {.latency = Seconds{seconds}}}, code, text);
        bad.check({.output = {.latency = Seconds{seconds}}}, code, text);
    }
}

TEST_CASE("flags that do not fit are refused") {
    const BadInput bad;
    // portaudio.h: never_drop_input needs frames_per_buffer 0.
    bad.check({.frames_per_buffer = 64, .flags = portspan::StreamFlags::never_drop_input},
              portaudio_error(paInvalidFlag), "Invalid flag");
    bad.check({.flags = static_cast<portspan::StreamFlags>(0x1000)}, portaudio_error(paInvalidFlag),
              "Invalid flag");
}

TEST_CASE("a callback that is null is refused") {
    const BadInput bad;
    const auto code = make_error_code(Fault::null_callback);
    const std::string text = "the callback is null";
    using Block = Stream<float>::Block;

    PaStreamCallback* const pointer = nullptr;
    bad.check_refused([&] { Stream<float> stream{pointer}; }, code, text);
    bad.check_refused([&] { Stream<float> stream{pointer, nullptr}; }, code, text);
    bad.check_refused([&] { Stream<float> stream{StreamConfig{}, pointer}; }, code, text);
    bad.check_refused([&] { Stream<float> stream{portspan::callback_at(0)}; }, code, text);
    bad.check_refused([&] { Stream<float> stream{portspan::RawCallback{}}; }, code, text);
    bad.check_refused([&] { Stream<float> stream{portspan::in_place(pointer)}; }, code, text);
    bad.check_refused([&] { Stream<float> stream{portspan::in_place(portspan::callback_at(0))}; },
                      code, text);
    bad.check_refused([&] { Stream<float> stream{std::function<void(Block&)>{}}; }, code, text);
    void (*const callable)(Block&) = nullptr;
    bad.check_refused([&] { Stream<float> stream{callable}; }, code, text);
}

TEST_CASE("a foreign callback in place needs as many channels in as out") {
    const BadInput bad;
    const portspan::RawCallback callback{[](const void*, void*, unsigned long,
                                            const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags,
                                            void*) -> int { return paComplete; }};
    const StreamConfig config{.input = {.channels = 1}, .output = {.channels = 2}};
    bad.check_refused([&] { Stream<float> stream{config, portspan::in_place(callback)}; },
                      make_error_code(Fault::channel_mismatch), "the stream has 1 and 2");
    Stream<float> without_it{config, callback};
    CHECK(without_it.input_channels() == 1);
    CHECK(without_it.output_channels() == 2);
}

TEST_CASE("a callable that wants other channels than the stream has ends with both counts") {
    const BadInput bad;
    Stream<float> stream{{.output = {.channels = 1}},
                         [](auto& block) noexcept { (void)block.template output<2>(); }};
    stream.start();
    try {
        (void)stream.wait_for(10s);
        FAIL_CHECK("nothing was thrown");
    } catch (const Error& error) {
        CHECK(error.code() == Fault::channel_mismatch);
        CHECK_THAT(error.what(), ContainsSubstring("asked for 2 channels, the stream has 1"));
    }
}

TEST_CASE("a result that is none of PortAudio's ends the stream and is reported") {
    const BadInput bad;
    Stream<float> stream{[](auto& block) noexcept {
        block.in_place();
        return static_cast<Next>(77);
    }};
    stream.start();
    try {
        (void)stream.wait_for(10s);
        FAIL_CHECK("nothing was thrown");
    } catch (const Error& error) {
        CHECK(error.code() == Fault::unknown_result);
        CHECK_THAT(error.what(), ContainsSubstring("(77)"));
    }
}

TEST_CASE("a machine without a device gives an Error, not a crash") {
    // A card that no kernel has: PortAudio lists nothing. (An empty configuration would abort it.)
    const AlsaConfiguration configuration{"pcm.!default { type hw card 99 }\n"};
    {
        const portspan::Session session;
        REQUIRE(portspan::devices().empty());
        CHECK_FALSE(portspan::default_device(portspan::Direction::input));
        CHECK_FALSE(portspan::default_device(portspan::Direction::output));
    }
    const auto silent = [](auto&) noexcept {};
    const auto text_of = [](auto&& open) -> std::string {
        try {
            open();
        } catch (const Error& error) {
            CHECK(error.code() == portaudio_error(paInvalidDevice));
            return error.what();
        }
        return "it opened";
    };
    CHECK_THAT(text_of([&] { Stream<float> stream{silent}; }),
               ContainsSubstring("there is no default input device"));
    CHECK_THAT(text_of([&] { InputStream<float> stream{silent}; }),
               ContainsSubstring("there is no default input device"));
    CHECK_THAT(text_of([&] { OutputStream<float> stream{silent}; }),
               ContainsSubstring("there is no default output device"));
    CHECK_THAT(text_of([&] { Stream<float> stream{{.input = {.device = 0}}, silent}; }),
               ContainsSubstring("index 0"));
    try {
        (void)portspan::find_device("speaker", portspan::Direction::output);
        FAIL_CHECK("it was found");
    } catch (const Error& error) {
        CHECK(error.code() == Fault::unknown_device);
        CHECK_THAT(error.what(), ContainsSubstring("there is no device at all"));
    }
    CHECK(Pa_GetDeviceCount() == paNotInitialized);
}
