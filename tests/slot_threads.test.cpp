// SPDX-License-Identifier: MIT
// A slot while other threads do what they like: the host calls, callbacks come and go.
#include <portspan/library.hpp>
#include <portspan/mock.hpp>
#include <portspan/slot.hpp>
#include <portspan/stream.hpp>
#include <portspan/watched.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "becomes_true.hpp"
#include "catch.hpp"

using namespace std::chrono_literals;
using portspan::OutputStream;
using portspan::RawCallback;
using portspan::SharedLibrary;
using portspan::Slot;
using portspan::mock::Scope;

namespace {

constexpr double as_fast_as_possible = std::numeric_limits<double>::infinity();

/// A callback of which a call after its end, or at the same time as another, is seen.
struct Witness {
    std::atomic<bool>& went_wrong;
    std::atomic<bool> is_inside{false};
    std::atomic<bool> is_alive{true};
    float value;

    Witness(std::atomic<bool>& wrong, float plays) : went_wrong(wrong), value(plays) {}
    ~Witness() {
        if (is_inside) went_wrong = true;
        is_alive = false;
    }

    static int run(const void*, void* output, unsigned long frames, const PaStreamCallbackTimeInfo*,
                   PaStreamCallbackFlags, void* user_data) {
        Witness& self = *static_cast<Witness*>(user_data);
        if (!self.is_alive || self.is_inside.exchange(true)) self.went_wrong = true;
        for (unsigned long i = 0; i < frames; ++i) static_cast<float*>(output)[i] = self.value;
        self.is_inside = false;
        return paContinue;
    }
    /// The stream's alone: there is no other owner.
    static RawCallback make(std::atomic<bool>& wrong, float value) {
        auto witness = std::make_shared<Witness>(wrong, value);
        Witness* const address = witness.get();
        return {&Witness::run, address, std::move(witness)};
    }
};

/// Both cores have something to do.
class Load {
public:
    Load() {
        for (int i = 0; i < 2; ++i) {
            threads_.emplace_back([this] {
                while (!ends_) std::this_thread::yield();
            });
        }
    }
    ~Load() {
        ends_ = true;
        for (std::thread& thread : threads_) thread.join();
    }

private:
    std::atomic<bool> ends_{false};
    std::vector<std::thread> threads_;
};

#if defined(__linux__)
bool is_mapped(const std::filesystem::path& library) {
    std::ifstream maps{"/proc/self/maps"};
    for (std::string line; std::getline(maps, line);) {
        if (line.find(library.string()) != std::string::npos) return true;
    }
    return false;
}
#endif

}  // namespace

#if defined(__linux__)
TEST_CASE("the old library is unmapped when exchange() returns, a thousand times") {
    Scope audio;
    audio.capture(false);
    const auto folder = std::filesystem::temp_directory_path() /
                        ("portspan_slot_" + std::to_string(std::random_device{}()));
    std::filesystem::create_directories(folder);
    const std::filesystem::path libraries[]{folder / "first.so", folder / "second.so"};
    for (const auto& library : libraries) {
        std::filesystem::copy_file(PORTSPAN_TEST_LIBRARY, library);
    }
    const Load load;
    {
        Slot<void, float> slot{SharedLibrary{libraries[0]}.callback("hum")};
        OutputStream<float> stream{{.output = {.channels = 1}, .frames_per_buffer = 16}, slot};
        stream.start();
        audio.run(as_fast_as_possible);
        int wrong = 0;
        for (std::size_t turn = 1; turn <= 1000; ++turn) {
            const auto& next = libraries[turn % 2];
            slot.exchange(SharedLibrary{next}.callback("hum"),
                          {.frames = turn % 3 * 20, .patience = 1h});
            wrong += is_mapped(libraries[(turn + 1) % 2]) || !is_mapped(next);
        }
        CHECK(wrong == 0);
        CHECK(stream.active());
        audio.halt();
    }
    std::filesystem::remove_all(folder);
}
#endif

TEST_CASE("two threads exchange at once while the stream runs, stops and starts") {
    std::atomic<bool> went_wrong{false};
    Scope audio;
    audio.capture(false);
    audio.record_calls(false);
    Slot<void, float> slot{Witness::make(went_wrong, 0)};
    OutputStream<float> stream{{.output = {.channels = 1}, .frames_per_buffer = 16}, slot};
    audio.run(as_fast_as_possible);
    std::atomic<bool> ends{false};
    std::atomic<int> exchanges{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 2; ++thread) {
        threads.emplace_back([&, thread] {
            for (std::size_t turn = 0; !ends; ++turn, ++exchanges) {
                slot.exchange(Witness::make(went_wrong, static_cast<float>(thread)),
                              {.frames = turn % 4 * 10});
            }
        });
    }
    for (int turn = 0; turn < 100; ++turn) {
        stream.start();
        std::this_thread::sleep_for(3ms);
        stream.stop();
        std::this_thread::sleep_for(1ms);
    }
    ends = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(exchanges > 100);
    CHECK_FALSE(went_wrong);
}

TEST_CASE("exchanges go on while the stream is closed") {
    std::atomic<bool> went_wrong{false};
    Scope audio;
    audio.capture(false);
    audio.call_while_closing();
    Slot<void, float> slot{Witness::make(went_wrong, 0)};
    std::atomic<bool> ends{false};
    std::thread other{[&] {
        while (!ends) slot.exchange(Witness::make(went_wrong, 1), {.frames = 10});
    }};
    audio.run(as_fast_as_possible);
    for (int turn = 0; turn < 50; ++turn) {
        OutputStream<float> stream{{.output = {.channels = 1}, .frames_per_buffer = 16}, slot};
        stream.start();
        std::this_thread::sleep_for(1ms);
    }
    ends = true;
    other.join();
    CHECK_FALSE(went_wrong);
}

TEST_CASE("a slot goes with a watched stream from device to device") {
    Scope audio;
    Slot<void, float> slot{[](auto& block) noexcept {
        for (float& x : block.output().samples()) x = 1;
    }};
    portspan::WatchedStream<void, float> stream{
        {.output = {.channels = 1}},
        slot,
        {.reopen = portspan::Reopen::same_device, .silence = 10s, .retry = 10ms}};
    stream.start();
    audio.run(10);
    audio.lose_device(0, portspan::mock::Loss::finished);
    REQUIRE(becomes_true([&] { return stream.losses() == 1 && stream.active(); }));
    slot.exchange(
        [](auto& block) noexcept {
            for (float& x : block.output().samples()) x = 2;
        },
        {.frames = 64, .patience = 1h});
    REQUIRE(becomes_true([&] {
        const auto played = audio.captured(1);
        return !played.empty() && played.back() == 2;
    }));
    audio.halt();
}
