// SPDX-License-Identifier: MIT
#include <chrono>
#include <memory>
#include <portspan/mock.hpp>
#include <portspan/portspan.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "audio.hpp"

namespace soak {

namespace {

using portspan::mock::Scope;

/// How many of them there are.
struct Counted {
    static inline std::size_t count = 0;
    Counted() { ++count; }
    Counted(const Counted&) { ++count; }
    Counted& operator=(const Counted&) = default;
    ~Counted() { --count; }
};

int gain(const float* input, float* output, unsigned long frames, const PaStreamCallbackTimeInfo*,
         PaStreamCallbackFlags, float* by) {
    for (unsigned long i = 0; i < 2 * frames; ++i) output[i] = input ? input[i] * *by : 0;
    return paContinue;
}

class Cycles {
public:
    explicit Cycles(std::uint64_t seed) : random_(seed) {}

    /// So many on one mock, which remembers what was open; how many streams there were.
    std::uint64_t run(std::uint64_t count) {
        Scope audio;
        audio.capture(false);
        audio.record_calls(false);
        for (std::uint64_t i = 0; i < count; ++i) {
            audio.call_while_closing(below(8) == 0);
            if (below(10) == 0) fail_one(audio);
            const std::size_t faults = audio.unused_faults().size();
            try {
                one(audio);
            } catch (const portspan::Error&) {
                if (audio.unused_faults().size() == faults) throw;  // nobody asked for it
            }
            expect_none(audio.open_streams(), "streams are open");
            expect_none(static_cast<std::size_t>(audio.initialized()), "Sessions are left");
            expect_none(Counted::count, "callbacks are left");
        }
        return audio.streams();
    }

private:
    std::size_t below(std::size_t end) { return random_() % end; }

    static void expect_none(std::size_t count, const char* what) {
        if (count != 0) throw std::runtime_error{std::to_string(count) + " " + what};
    }

    void fail_one(Scope& audio) {
        constexpr const char* functions[] = {"Pa_Initialize",    "Pa_OpenStream",
                                             "Pa_StartStream",   "Pa_StopStream",
                                             "Pa_GetDeviceInfo", "Pa_IsStreamActive"};
        audio.fail(functions[below(std::size(functions))], paUnanticipatedHostError, below(2));
    }

    template <class S>
    void use(Scope& audio, S stream) {
        if (below(4) == 0) return;
        stream.start();
        audio.pump(below(600));
        S moved{std::move(stream)};
        audio.pump(below(600));
        // Not Loss::error: a stream that PortAudio cannot close keeps its callback for ever.
        using portspan::mock::Loss;
        if (below(20) == 0) {
            audio.lose_device(audio.streams() - 1, below(2) == 0 ? Loss::silence : Loss::finished);
        }
        switch (below(4)) {
            case 0:
                return moved.stop();
            case 1:
                return moved.abort();
            case 2:
                return moved.close();
            default:
                return;
        }
    }

    void one(Scope& audio) {
        const auto silence = [counted = Counted{}](auto& block) noexcept {
            for (std::size_t c = 0; c < block.output().channels(); ++c) {
                for (auto& sample : block.output().channel(c)) sample = {};
            }
        };
        switch (below(64) == 0 ? 6 : below(6)) {
            case 0:
                return use(audio, portspan::Stream<float>{silence});
            case 1:
                return use(audio, portspan::OutputStream<std::int16_t, portspan::Planar>{silence});
            case 2:
                return use(audio, portspan::Stream<float>{&gain, &by_});
            case 3:
                return use(audio, portspan::Stream<float>{portspan::Slot<float>{silence}});
            case 4: {
                portspan::BlockingStream<float> stream{{.input = {.channels = 1}}};
                std::vector<float> samples(200);
                stream.start();
                static_cast<void>(stream.read(std::span{samples}.first(100)));
                static_cast<void>(stream.write(samples));
                return;
            }
            case 5: {
                portspan::Mixer<float> mixer;
                auto action = mixer.play(std::vector<float>(300));
                return use(audio, portspan::Stream<float>{mixer});
            }
            default:  // a thread of its own each time
                return use(audio, portspan::WatchedStream<float>{silence});
        }
    }

    std::mt19937_64 random_;
    float by_ = 0.5f;
};

}  // namespace

std::uint64_t open_and_close(std::uint64_t streams, std::uint64_t seed) {
    constexpr std::uint64_t at_once = 100;
    std::uint64_t opened = 0;
    for (Cycles all{seed}; opened < streams;) {
        const std::uint64_t count = std::min(streams - opened, at_once);
        const std::uint64_t more = all.run(count);
        if (more < count / 2) throw std::runtime_error{"most streams cannot be opened"};
        opened += more;
    }
    return opened;
}

}  // namespace soak
