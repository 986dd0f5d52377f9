// SPDX-License-Identifier: MIT
#include <portspan/blocking.hpp>
#include <portspan/mock.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"
#include "levels.hpp"

using namespace std::chrono_literals;
using portspan::BlockingInputStream;
using portspan::BlockingOutputStream;
using portspan::BlockingStream;
using portspan::Fault;
using portspan::Int24;
using portspan::Interleaved;
using portspan::InterleavedView;
using portspan::Planar;
using portspan::PlanarView;
using portspan::StatusFlags;
using portspan::StreamConfig;
using portspan::StreamFlags;
using portspan::Transfer;
using portspan::mock::Loss;
using portspan::mock::Scope;

namespace {

constexpr std::size_t frames = 1000;  // more than a piece, and no multiple of one
constexpr std::size_t queue = 4096;   // the mock's

/// One of eight levels that no conversion, whatever it rounds, takes for another.
double level(std::size_t step) { return (static_cast<double>(step % 8) - 4) / 5; }
template <class T>
bool is_level(T sample, double value) {
    return std::abs(level_of(sample) - value) < 0.02;
}
std::size_t step_at(std::size_t frame, std::size_t channel) { return frame * 3 + channel * 5 + 1; }

/// Memory of two channels in either layout.
template <class T, class L>
struct Audio {
    std::vector<T> samples = std::vector<T>(2 * frames);
    std::array<T*, 2> planes{samples.data(), samples.data() + frames};

    auto view() {
        if constexpr (std::is_same_v<L, Interleaved>) {
            return InterleavedView<T>{samples.data(), frames, 2};
        } else {
            return PlanarView<T>{planes.data(), frames, 2};
        }
    }
};

template <class T, class L>
void reads() {
    Scope audio;
    audio.feed([](std::size_t frame, std::size_t channel) {
        return static_cast<float>(level(step_at(frame, channel)));
    });
    BlockingInputStream<T, L> stream{{.input = {.channels = 2}}};
    stream.start();
    Audio<T, L> memory;
    // From the middle on: what a planar view begins with stays as it is.
    CHECK(stream.read(memory.view().slice(100, 900)) == StatusFlags::none);
    std::size_t wrong = 0;
    for (std::size_t frame = 0; frame < frames; ++frame) {
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const T sample = memory.view()(frame, channel);
            wrong += frame < 100 ? sample != T{}
                                 : !is_level(sample, level(step_at(frame - 100, channel)));
        }
    }
    CHECK(wrong == 0);
}

template <class T, class L>
void writes() {
    Scope audio;
    BlockingOutputStream<T, L> stream{{.output = {.channels = 2}}};
    stream.start();
    Audio<T, L> memory;
    for (std::size_t frame = 0; frame < frames; ++frame) {
        for (std::size_t channel = 0; channel < 2; ++channel) {
            memory.view()(frame, channel) = sample_of<T>(level(step_at(frame, channel)));
        }
    }
    CHECK(stream.write(memory.view().slice(100, 900)) == StatusFlags::none);
    stream.stop();
    const auto played = audio.captured();
    REQUIRE(played.size() >= 2 * 900);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < 2 * 900; ++i) {
        wrong += !is_level(played[i], level(step_at(100 + i / 2, i % 2)));
    }
    CHECK(wrong == 0);
}

StreamConfig mono() { return {.input = {.channels = 1}, .output = {.channels = 1}}; }

/// A machine whose only host API is JACK.
portspan::mock::Machine jack() { return {{{.type = paJACK, .name = "JACK"}}}; }

}  // namespace

TEMPLATE_TEST_CASE("a read fills a view", "", float, std::int32_t, Int24, std::int16_t, std::int8_t,
                   std::uint8_t) {
    SECTION("interleaved") { reads<TestType, Interleaved>(); }
    SECTION("planar") { reads<TestType, Planar>(); }
}

TEMPLATE_TEST_CASE("a write plays a view", "", float, std::int32_t, Int24, std::int16_t,
                   std::int8_t, std::uint8_t) {
    SECTION("interleaved") { writes<TestType, Interleaved>(); }
    SECTION("planar") { writes<TestType, Planar>(); }
}

TEST_CASE("a stream opens without a callback and as it is configured") {
    const Scope audio;
    BlockingStream<float, std::int16_t, Planar> stream{{.input = {.channels = 1},
                                                        .output = {.channels = 2},
                                                        .sample_rate = 44100,
                                                        .frames_per_buffer = 64}};
    const auto opened = audio.opened();
    CHECK(opened.callback == nullptr);
    CHECK(opened.input->sampleFormat == (paFloat32 | paNonInterleaved));
    CHECK(opened.output->sampleFormat == (paInt16 | paNonInterleaved));
    CHECK(opened.sample_rate == 44100);
    CHECK(opened.frames_per_buffer == 64);
    CHECK(stream.input_channels() == 1);
    CHECK(stream.output_channels() == 2);
    CHECK(stream.sample_rate() == 44100);
    CHECK_THAT(stream.input_latency().count(), WithinAbs(0.04, 1e-9));
    CHECK_THAT(stream.output_latency().count(), WithinAbs(0.04, 1e-9));
    CHECK(stream.cpu_load() == 0);
    CHECK(stream.handle() == opened.handle);
}

TEST_CASE("start, stop and abort have the states that the callback streams have") {
    Scope audio;
    BlockingStream<float> stream;
    CHECK(stream.stopped());
    stream.start();
    CHECK(stream.active());
    CHECK(stream.time().time_since_epoch() >= 1s);
    stream.start();
    stream.stop();
    CHECK(stream.stopped());
    stream.stop();
    CHECK_FALSE(stream.start(std::nothrow));
    CHECK_FALSE(stream.stop(std::nothrow));
    stream.start();
    stream.abort();
    CHECK(stream.stopped());
    stream.start();
    CHECK_FALSE(stream.abort(std::nothrow));
    CHECK(stream.stopped());
    CHECK(audio.calls("Pa_AbortStream") == 2);
    CHECK(audio.calls("Pa_StopStream") == 2);
}

TEST_CASE("spans and views with a channel count of the compiler's are read and written") {
    Scope audio;
    audio.feed(std::array{0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f});
    BlockingStream<float> stream;
    stream.start();
    std::array<float, 2> frame{};
    stream.read(frame);
    CHECK(frame == std::array{0.1f, 0.2f});
    stream.read(InterleavedView<float, 2>{frame});
    CHECK(frame == std::array{0.3f, 0.4f});
    std::vector<float> samples(2);
    stream.read(samples);
    CHECK(samples == std::vector{0.5f, 0.6f});
    const std::vector<float> first{0.1f, 0.2f};
    stream.write(first);
    stream.write(InterleavedView<const float, 2>{first});
    stream.write(InterleavedView<float, 2>{frame});
    stream.stop();
    auto played = audio.captured();
    played.erase(played.begin(), std::ranges::find(played, 0.1f));
    played.resize(6);
    CHECK(played == std::vector{0.1f, 0.2f, 0.1f, 0.2f, 0.3f, 0.4f});
}

TEST_CASE("a planar view with a channel count of the compiler's is read and written") {
    Scope audio;
    audio.feed(std::array{0.1f, 0.2f});
    BlockingStream<float, float, Planar> stream;
    stream.start();
    float left = 0;
    float right = 0;
    const std::array planes{&left, &right};
    stream.read(PlanarView<float, 2>{planes.data(), 1});
    CHECK(left == 0.1f);
    CHECK(right == 0.2f);
    CHECK(stream.write(PlanarView<float, 2>{planes.data(), 1}) == StatusFlags::none);
}

TEST_CASE("an overflow is told, and the samples that are there are good") {
    Scope audio;
    audio.feed([](std::size_t frame, std::size_t) { return frame == queue ? 0.5f : 0.0f; });
    BlockingInputStream<float> stream{mono()};
    stream.start();
    audio.pump(queue + 1);  // one is too many
    std::vector<float> samples(queue);
    SECTION("thrown errors") { CHECK(stream.read(samples) == StatusFlags::input_overflow); }
    SECTION("returned errors") {
        const Transfer transfer = stream.read({samples, 1}, std::nothrow);
        CHECK(transfer.status == StatusFlags::input_overflow);
        CHECK(transfer.frames == queue);
        CHECK_FALSE(transfer.error);
    }
    CHECK(samples.back() == 0.5f);
    CHECK(stream.read(std::span{samples}.first(1)) == StatusFlags::none);
}

TEST_CASE("an underflow is told, and what is written is played") {
    Scope audio;
    BlockingOutputStream<float> stream{mono()};
    stream.start();
    CHECK(stream.write(std::array{0.1f}) == StatusFlags::none);
    audio.pump(2);
    SECTION("thrown errors") {
        CHECK(stream.write(std::array{0.5f}) == StatusFlags::output_underflow);
    }
    SECTION("returned errors") {
        const float sample = 0.5f;
        const Transfer transfer = stream.write({&sample, 1, 1}, std::nothrow);
        CHECK(transfer.status == StatusFlags::output_underflow);
        CHECK(transfer.frames == 1);
        CHECK_FALSE(transfer.error);
    }
    audio.pump(1);
    CHECK(audio.captured() == std::vector{0.1f, 0.0f, 0.5f});
}

TEST_CASE("what could be read and written at once is told in frames") {
    Scope audio;
    BlockingStream<float> stream;
    stream.start();
    CHECK(stream.read_available() == 0);
    CHECK(stream.write_available() == queue);
    audio.pump(10);
    CHECK(stream.read_available() == 10);
    stream.write(std::array{0.0f, 0.0f});
    CHECK(stream.write_available() == queue - 1);
}

TEST_CASE("no frames are read and written at once") {
    const Scope audio;
    BlockingStream<float> stream;
    stream.start();
    CHECK(stream.read(InterleavedView<float>{nullptr, 0, 2}) == StatusFlags::none);
    CHECK(stream.write(std::span<const float>{}) == StatusFlags::none);
    CHECK(audio.calls("Pa_ReadStream") == 0);
}

TEST_CASE("views that do not fit the stream are refused before PortAudio sees them") {
    const Scope audio;
    BlockingStream<float> stream;
    stream.start();
    std::vector<float> samples(6);
    const auto text = [](auto call) {
        const auto error = error_of(call);
        return error ? std::string{error->what()} : "none";
    };
    SECTION("another channel count") {
        CHECK(text([&] { stream.read(InterleavedView<float>{samples, 1}); }) ==
              "BlockingStream::read: channel counts do not fit (1 channels in the view, the stream "
              "has 2)");
        CHECK(text([&] { stream.write(InterleavedView<const float, 3>{samples}); }) ==
              "BlockingStream::write: channel counts do not fit (3 channels in the view, the "
              "stream has 2)");
        CHECK(stream.read({samples, 3}, std::nothrow).error == Fault::channel_mismatch);
        CHECK(stream.write({samples, 3}, std::nothrow).error == Fault::channel_mismatch);
        CHECK(stream.read(InterleavedView<float>{samples, 2}) == StatusFlags::none);
    }
    SECTION("part of a frame") {
        CHECK(text([&] { stream.read(std::span{samples}.first(5)); }) ==
              "BlockingStream::read: invalid argument (5 samples are no whole frames of 2 "
              "channels)");
        CHECK(text([&] { stream.write(std::span{samples}.first(1)); }) ==
              "BlockingStream::write: invalid argument (1 samples are no whole frames of 2 "
              "channels)");
    }
    SECTION("part of a frame, without an exception") {
        const auto part = std::span{samples}.first(5);
        CHECK(stream.read(part, std::nothrow).error == Fault::invalid_argument);
        CHECK(stream.write(part, std::nothrow).error == Fault::invalid_argument);
        const std::vector<float> odd(1);
        CHECK(stream.write(odd, std::nothrow).error == Fault::invalid_argument);
        CHECK(stream.read(part.first(4), std::nothrow).frames == 2);
    }
    SECTION("no memory") {
        const auto error = error_of([&] { stream.read(InterleavedView<float>{nullptr, 1, 2}); });
        REQUIRE(error);
        CHECK(error->code() == portspan::portaudio_error(paBadBufferPtr));
    }
    if (audio.calls("Pa_ReadStream") > 0) CHECK(audio.calls("Pa_ReadStream") == 1);
    CHECK(audio.calls("Pa_WriteStream") == 0);
}

TEST_CASE("arrays and vectors are read and written without exceptions") {
    Scope audio;
    audio.feed(std::array{0.25f, 0.5f, 0.75f, 1.0f});
    BlockingStream<float> stream;
    REQUIRE_FALSE(stream.start(std::nothrow));
    std::vector<float> two_frames(4);
    const Transfer read = stream.read(two_frames, std::nothrow);
    CHECK(read.frames == 2);
    CHECK_FALSE(read.error);
    CHECK(two_frames == std::vector{0.25f, 0.5f, 0.75f, 1.0f});
    CHECK(stream.write(std::as_const(two_frames), std::nothrow).frames == 2);
    REQUIRE_FALSE(stream.stop(std::nothrow));
    const std::vector<float> played = audio.captured();
    CHECK(std::search(played.begin(), played.end(), two_frames.begin(), two_frames.end()) !=
          played.end());
}

TEST_CASE("planes that are null are refused before PortAudio sees them") {
    const Scope audio;
    BlockingStream<float, float, Planar> stream;
    stream.start();
    float sample = 0;
    const std::array<float*, 2> planes{&sample, nullptr};
    const PlanarView<float> without_a_plane{planes.data(), 1, 2};
    const PlanarView<float> from_a_later_frame{planes.data(), 1, 2, 1};
    const PlanarView<float> without_planes{nullptr, 10, 2};
    const auto code = portspan::portaudio_error(paBadBufferPtr);
    for (const auto& view : {without_a_plane, from_a_later_frame, without_planes}) {
        CHECK(stream.read(view, std::nothrow).error == code);
        CHECK(stream.write(view, std::nothrow).error == code);
    }
    CHECK(audio.calls("Pa_ReadStream") == 0);
    CHECK(audio.calls("Pa_WriteStream") == 0);
}

TEST_CASE("a stream that is not started is an error") {
    const Scope audio;
    BlockingStream<float> stream;
    std::array<float, 2> frame{};
    const auto read = error_of([&] { stream.read(frame); });
    const auto write = error_of([&] { stream.write(frame); });
    REQUIRE(read);
    REQUIRE(write);
    CHECK(std::string{read->what()} == "Pa_ReadStream: Stream is stopped");
    CHECK(std::string{write->what()} == "Pa_WriteStream: Stream is stopped");
    CHECK(stream.read({frame, 2}, std::nothrow).error ==
          portspan::portaudio_error(paStreamIsStopped));
}

TEST_CASE("what came before an error is kept and counted") {
    Scope audio;
    audio.feed([](std::size_t, std::size_t) { return 0.5f; });
    BlockingStream<float> stream{mono()};
    stream.start();
    std::vector<float> samples(frames);
    SECTION("of a read") {
        audio.fail("Pa_ReadStream", paDeviceUnavailable, 2);
        const Transfer transfer = stream.read({samples, 1}, std::nothrow);
        CHECK(transfer.error == portspan::portaudio_error(paDeviceUnavailable));
        CHECK(transfer.frames == 512);
        CHECK(std::ranges::count(samples, 0.5f) == 512);
        audio.fail("Pa_ReadStream", paDeviceUnavailable, 1);
        const auto error = error_of([&] { stream.read(samples); });
        REQUIRE(error);
        CHECK(std::string{error->what()} ==
              "Pa_ReadStream: Device unavailable (after 256 of 1000 frames)");
    }
    SECTION("of a write") {
        audio.fail("Pa_WriteStream", paDeviceUnavailable, 2);
        const Transfer transfer = stream.write({samples, 1}, std::nothrow);
        CHECK(transfer.error == portspan::portaudio_error(paDeviceUnavailable));
        CHECK(transfer.frames == 512);
    }
    SECTION("with an overflow before it") {
        audio.pump(queue + 1);
        audio.fail("Pa_ReadStream", paDeviceUnavailable, 1);
        const Transfer transfer = stream.read({samples, 1}, std::nothrow);
        CHECK(transfer.error);
        CHECK(transfer.frames == 256);
        CHECK(transfer.status == StatusFlags::input_overflow);
    }
}

TEST_CASE("the host's own words come with an error of a read") {
    Scope audio;
    audio.host_error(paALSA, -19, "No such device");
    bool is_alone = false;  // no other call makes the host say others meanwhile
    BlockingInputStream<float> stream;
    stream.start();
    audio.lose_device(0, Loss::error);
    audio.intercept([&](std::string_view function) -> std::optional<PaError> {
        if (function == "Pa_GetLastHostErrorInfo") {
            std::thread{[&] {
                is_alone = !portspan::detail::control_mutex.try_lock();
                if (!is_alone) portspan::detail::control_mutex.unlock();
            }}.join();
        }
        return std::nullopt;
    });
    std::array<float, 2> frame{};
    std::optional<portspan::Error> error;
    SECTION("itself") {
        error = error_of([&] { stream.read(frame); });
    }
    SECTION("or of what could be read") {
        error = error_of([&] { static_cast<void>(stream.read_available()); });
    }
    REQUIRE(error);
    CHECK(error->code() == portspan::portaudio_error(paUnanticipatedHostError));
    CHECK(error->host_error());
    CHECK(is_alone);
}

TEST_CASE("PortAudio's refusals of the questions are errors") {
    Scope audio;
    BlockingStream<float> stream;
    stream.start();
    audio.fail("Pa_GetStreamReadAvailable", paTimedOut);
    audio.fail("Pa_GetStreamWriteAvailable", paTimedOut);
    CHECK(error_of([&] { static_cast<void>(stream.read_available()); })->call() ==
          "Pa_GetStreamReadAvailable");
    CHECK(error_of([&] { static_cast<void>(stream.write_available()); })->call() ==
          "Pa_GetStreamWriteAvailable");
}

TEST_CASE("on JACK only what PortAudio can is opened") {
    const Scope audio{jack()};
    CHECK_FALSE(error_of([] { BlockingStream<float>{}; }));
    CHECK_FALSE(error_of([] { BlockingInputStream<float>{}; }));
    const auto refused = [&](auto open) {
        const std::size_t before = audio.streams();
        const auto error = error_of(open);
        return error && error->code() == Fault::invalid_argument && audio.streams() == before;
    };
    CHECK(refused([] { BlockingStream<std::int16_t>{}; }));
    CHECK(refused([] { BlockingStream<float, float, Planar>{}; }));
    CHECK(refused([] { BlockingInputStream<float>{mono()}; }));
    CHECK(refused([] { BlockingOutputStream<float>{mono()}; }));
    CHECK(refused([] { BlockingStream<float, Int24>{}; }));
    CHECK(audio.initialized() == 0);
}

TEST_CASE("a stream moves while it runs") {
    Scope audio;
    audio.feed(std::array{0.1f, 0.2f});
    BlockingInputStream<float> first{mono()};
    first.start();
    BlockingInputStream<float> second{std::move(first)};
    float sample = 0;
    second.read({&sample, 1});
    CHECK(sample == 0.1f);
    BlockingInputStream<float> third{mono()};
    third = std::move(second);
    CHECK(audio.open_streams() == 1);
    third.read({&sample, 1});
    CHECK(sample == 0.2f);

    const auto bad = portspan::portaudio_error(paBadStreamPtr);
    CHECK(first.read({&sample, 1, 1}, std::nothrow).error == bad);
    CHECK(first.stop(std::nothrow) == bad);
    CHECK(first.abort(std::nothrow) == bad);
    CHECK(error_of([&] { static_cast<void>(first.read_available()); })->code() == bad);
    third.close();
    CHECK(audio.initialized() == 0);
    CHECK(third.read({&sample, 1, 1}, std::nothrow).error == bad);
    CHECK(third.start(std::nothrow) == bad);
    CHECK(error_of([&] { static_cast<void>(third.read_available()); })->code() == bad);
}

TEST_CASE("a stop ends a read that waits on another thread") {
    Scope audio;
    audio.run();
    BlockingStream<float> stream;
    stream.start();
    std::vector<float> hour(2 * 48000 * 3600);
    Transfer transfer;
    // The host itself is never asked for both at once.
    std::atomic<std::size_t> begun = 0;
    std::atomic<bool> overlapped = false;
    audio.intercept([&](std::string_view function) -> std::optional<PaError> {
        if (function == "Pa_ReadStream") ++begun;
        if (function == "Pa_StopStream" || function == "Pa_AbortStream") {
            overlapped = begun != audio.calls("Pa_ReadStream");
        }
        return std::nullopt;
    });
    std::thread reader{[&] { transfer = stream.read({hour, 2}, std::nothrow); }};
    while (audio.calls("Pa_ReadStream") < 2) std::this_thread::sleep_for(1ms);
    SECTION("stop") { stream.stop(); }
    SECTION("abort") { stream.abort(); }
    reader.join();
    CHECK(transfer.error == portspan::portaudio_error(paStreamIsStopped));
    CHECK(transfer.frames >= 256);
    CHECK_FALSE(overlapped);
}

TEST_CASE("a stop ends a read that waits for a device which is gone") {
    Scope audio;
    BlockingInputStream<float> stream;
    stream.start();
    audio.lose_device(0, Loss::silence);
    std::array<float, 2> frame{};
    Transfer transfer;
    std::atomic<bool> reading = false;
    std::thread reader{[&] {
        reading = true;
        transfer = stream.read({frame, 2}, std::nothrow);
    }};
    while (!reading) std::this_thread::yield();
    std::this_thread::sleep_for(20ms);
    CHECK_FALSE(stream.stop(std::nothrow));
    reader.join();
    CHECK(transfer.error == portspan::portaudio_error(paStreamIsStopped));
    CHECK(transfer.frames == 0);
}

TEST_CASE("reading, writing, asking and stopping go on in threads of their own") {
    Scope audio;
    audio.run(20);
    BlockingStream<float> stream;
    for (int round = 0; round < 3; ++round) {
        stream.start();
        std::atomic<std::size_t> read = 0, written = 0, asked = 0;
        const auto until_stopped = [](auto call) {
            return std::thread{[call]() mutable {
                std::error_code error;
                while (!error) error = call();
            }};
        };
        auto reader = until_stopped([&, block = std::vector<float>(600)]() mutable {
            const auto transfer = stream.read({block, 2}, std::nothrow);
            read += transfer.frames;
            return transfer.error;
        });
        auto writer = until_stopped([&, block = std::vector<float>(1400)] {
            const auto transfer = stream.write({block, 2}, std::nothrow);
            written += transfer.frames;
            return transfer.error;
        });
        auto asker = until_stopped([&] {
            const auto error = error_of([&] {
                if (stream.read_available() <= queue && stream.write_available() <= queue) ++asked;
                std::this_thread::sleep_for(1ms);
                if (stream.stopped()) throw portspan::Error(Fault::invalid_argument, "test");
            });
            return error ? error->code() : std::error_code{};
        });
        while (read < 5000 || written < 5000 || asked < 3) std::this_thread::sleep_for(1ms);
        stream.stop();
        reader.join();
        writer.join();
        asker.join();
    }
    CHECK(stream.stopped());
}

TEST_CASE("a finished callback is refused: without a callback nobody calls it") {
    const Scope audio;
    CHECK_THROWS_WITH((BlockingStream<float>{{.finished = [] {}}}),
                      ContainsSubstring("no finished callback"));
    CHECK(audio.calls("Pa_OpenStream") == 0);
}

TEST_CASE("never_drop_input is refused: it is about what a callback is given") {
    const Scope audio;
    CHECK_THROWS_WITH((BlockingStream<float>{{.flags = StreamFlags::never_drop_input}}),
                      ContainsSubstring("never_drop_input needs a callback"));
    CHECK(audio.calls("Pa_OpenStream") == 0);
}
