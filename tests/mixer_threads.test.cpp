// SPDX-License-Identifier: MIT
// A mixer while other threads do what they like: the host calls, streams and actions come and go.
#include <portspan/mixer.hpp>
#include <portspan/mock.hpp>
#include <portspan/stream.hpp>
#include <portspan/watched.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "becomes_true.hpp"
#include "catch.hpp"

using namespace std::chrono_literals;
using portspan::ActionState;
using portspan::InterleavedView;
using portspan::Mixer;
using portspan::OutputStream;
using portspan::RingBuffer;
using portspan::Stream;
using portspan::mock::Scope;

namespace {

constexpr double as_fast_as_possible = std::numeric_limits<double>::infinity();

/// Memory whose use after its end is seen: by a sanitizer, and by what is heard of it.
class Poisoned {
public:
    explicit Poisoned(std::size_t frames) : samples_(frames, 0.25f) {}
    Poisoned(const Poisoned&) = delete;
    Poisoned& operator=(const Poisoned&) = delete;
    ~Poisoned() { std::fill(samples_.begin(), samples_.end(), 100.0f); }
    [[nodiscard]] InterleavedView<const float> view() const { return {samples_, 1}; }

private:
    std::vector<float> samples_;
};

/// Whether anything was heard that nobody has played.
class Listener {
public:
    explicit Listener(Scope& audio) {
        audio.listen([this](std::size_t, std::span<const float> samples) {
            for (const float sample : samples) {
                if (!(sample >= 0 && sample < 50)) went_wrong_ = true;
                if (sample > 0) heard_ = true;
            }
        });
    }
    [[nodiscard]] bool went_wrong() const { return went_wrong_; }
    [[nodiscard]] bool heard() const { return heard_; }

private:
    std::atomic<bool> went_wrong_{false};
    std::atomic<bool> heard_{false};
};

}  // namespace

TEST_CASE("wait() returns when a paced stream has played it, and it is released then") {
    Scope audio;
    Mixer<void, float> mixer;
    OutputStream<float> stream{{.output = {.channels = 1}, .frames_per_buffer = 16}, mixer};
    stream.start();
    audio.run(2);
    const auto samples = std::make_shared<std::vector<float>>(480, 0.5f);
    const auto at = stream.time() + 500ms;
    auto action =
        mixer.play(InterleavedView<const float>{*samples, 1}, {.at = at, .keep_alive = samples});
    CHECK_FALSE(action.wait_for(1ms));
    CHECK(action.wait());
    CHECK(samples.use_count() == 1);
    CHECK(action.statistics().state == ActionState::complete);
    CHECK_FALSE(action.statistics().belated);
    CHECK(std::abs((*action.statistics().start - at).count()) <= 0.5 / 48000 + 1e-9);
    audio.halt();
}

TEST_CASE("threads play, cancel and ask while streams start, stop and close") {
    Scope audio;
    audio.capture(false);
    audio.record_calls(false);
    audio.call_while_closing();
    const Listener listener{audio};
    Mixer<void, float> mixer;
    std::atomic<bool> ends{false};
    std::atomic<int> finished{0};
    std::atomic<int> complete{0};
    std::atomic<int> unreleased{0};
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < 2; ++thread) {
        threads.emplace_back([&, thread] {
            for (std::size_t turn = thread; !ends; ++turn) {
                const auto memory = std::make_shared<Poisoned>(1 + turn * 37 % 200);
                auto action =
                    mixer.play(memory->view(), {.loop = turn % 5 == 0, .keep_alive = memory});
                if (turn % 5 == 0 || turn % 3 == 0) action.cancel();
                const auto before = action.statistics();
                if (!action.wait_for(20ms)) action.cancel();
                while (!action.wait() && !ends) std::this_thread::sleep_for(1ms);
                if (ends) break;
                ++finished;
                if (memory.use_count() != 1) ++unreleased;
                const auto after = action.statistics();
                if (after.frames < before.frames) ++unreleased;
                if (after.state == ActionState::complete) ++complete;
            }
        });
    }
    std::uint64_t blocks = 0;
    audio.run(as_fast_as_possible);
    for (int turn = 0; turn < 60; ++turn) {
        OutputStream<float> stream{{.output = {.channels = 1}, .frames_per_buffer = 16}, mixer};
        for (int start = 0; start < 2; ++start) {
            stream.start();
            std::this_thread::sleep_for(2ms);
            blocks += mixer.take_statistics().blocks;
            if (turn % 2 == 0) stream.stop();
        }
    }
    ends = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(finished > 20);
    CHECK(complete > 0);
    CHECK(unreleased == 0);
    CHECK(blocks > 100);
    CHECK(listener.heard());
    CHECK_FALSE(listener.went_wrong());
}

TEST_CASE("statistics that are taken while blocks come miss none and count none twice") {
    Scope audio;
    audio.capture(false);
    Mixer<void, float> mixer;
    std::atomic<std::uint64_t> calls{0};
    std::optional<OutputStream<float>> stream;
    audio.times([&](PaStreamCallbackTimeInfo&) { ++calls; });
    stream.emplace(portspan::StreamConfig{.output = {.channels = 1}, .frames_per_buffer = 16},
                   mixer);
    stream->start();
    audio.run(as_fast_as_possible);
    std::uint64_t taken = 0;
    std::size_t wrong = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto statistics = mixer.take_statistics();
        taken += statistics.blocks;
        wrong += statistics.blocks != 0 &&
                 (statistics.smallest_block != 16 || statistics.largest_block != 16);
    }
    audio.halt();
    stream->stop();
    taken += mixer.take_statistics().blocks;
    CHECK(taken == calls);
    CHECK(wrong == 0);
}

TEST_CASE("what one thread writes to a ring buffer another one reads behind the device") {
    Scope audio;
    audio.capture(false);
    audio.feed([](std::size_t frame, std::size_t) { return float(frame % 1000) / 1024; });
    Mixer<float> mixer;
    Stream<float> stream{{.input = {.channels = 1}, .output = {.channels = 1}}, mixer};
    RingBuffer<float> ring{96'000, 1};
    auto recording = mixer.record(ring);
    stream.start();
    audio.run(4);
    std::vector<float> samples(500);
    std::size_t frame = 0;
    std::size_t wrong = 0;
    REQUIRE(becomes_true([&] {
        const std::size_t count = ring.read(InterleavedView<float>{samples, 1});
        for (std::size_t i = 0; i < count; ++i, ++frame) {
            wrong += samples[i] != float(frame % 1000) / 1024;
        }
        return frame > 100'000 || wrong != 0;
    }));
    CHECK(wrong == 0);
    recording.cancel();
    CHECK(recording.wait());
    CHECK(recording.statistics().missing == 0);

    RingBuffer<float> played{1024, 1};
    auto playing = mixer.play(played);
    for (int i = 0; i < 100; ++i) {
        for (std::size_t done = 0; done < samples.size();) {
            done += played.write(
                InterleavedView<float>{samples.data() + done, samples.size() - done, 1});
            std::this_thread::yield();
        }
    }
    played.finish();
    CHECK(playing.wait());
    CHECK(playing.statistics().frames == 50'000);
    audio.halt();
}

TEST_CASE("a mixer goes with a watched stream from device to device") {
    Scope audio;
    Mixer<void, float> mixer;
    portspan::WatchedStream<void, float> stream{
        {.output = {.channels = 1}},
        mixer,
        {.reopen = portspan::Reopen::same_device, .silence = 10s, .retry = 10ms}};
    stream.start();
    audio.run(10);
    auto lost = mixer.play(std::vector<float>(100, 0.5f), {.loop = true});
    audio.lose_device(0, portspan::mock::Loss::finished);
    REQUIRE(becomes_true([&] { return stream.losses() == 1 && stream.active(); }));
    CHECK(lost.wait());
    CHECK(lost.statistics().state == ActionState::interrupted);
    auto next = mixer.play(std::vector<float>(100, 0.25f));
    CHECK(next.wait());
    CHECK(next.statistics().state == ActionState::complete);
    audio.halt();
    const auto played = audio.captured(1);
    CHECK(std::ranges::count(played, 0.5f) == 0);
    CHECK(std::ranges::count(played, 0.25f) == 100);
}
