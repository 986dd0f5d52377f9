// SPDX-License-Identifier: MIT
#include "back_to_back.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <thread>
#include <vector>

namespace drop_in {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::duration<double, std::micro> worth_timing{50};

/// One direction's buffers: so many blocks, one behind the other, in the stream's own layout.
class Buffers {
public:
    /// Page by page input and output lie half a page apart: a CPU that compares the low bits of
    /// addresses takes neither for the other.
    Buffers(const std::optional<PaStreamParameters>& format, unsigned long frames,
            std::size_t blocks, std::size_t offset)
        : channels_(format ? static_cast<std::size_t>(format->channelCount) : 0),
          is_planar_(format && (format->sampleFormat & paNonInterleaved) != 0) {
        if (!format) return;
        const PaError size = Pa_GetSampleSize(format->sampleFormat & ~paNonInterleaved);
        plane_ = frames * static_cast<std::size_t>(std::max(size, 1));
        block_ = plane_ * channels_;
        memory_.resize(blocks * block_ + 2 * page);
        const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
        start_ = memory_.data() + (page - address % page) + offset;
        for (std::size_t c = 0; is_planar_ && c < blocks * channels_; ++c) {
            planes_.push_back(start_ + c * plane_);
        }
    }
    /// Float32 out of a file with the stream's channels.
    void fill(const Sound& sound, unsigned long frames, std::size_t blocks) {
        auto* samples = reinterpret_cast<float*>(start_);
        for (std::size_t i = 0; i < blocks * frames * channels_; ++i) {
            const std::size_t frame = i / channels_;
            const std::size_t channel = i % channels_;
            const std::size_t place =
                is_planar_ ? (frame / frames * channels_ + channel) * frames + frame % frames : i;
            samples[place] = sound.samples[i];
        }
    }
    [[nodiscard]] void* block(std::size_t number) {
        if (channels_ == 0) return nullptr;
        if (is_planar_) return planes_.data() + number * channels_;
        return start_ + number * block_;
    }

private:
    static constexpr std::size_t page = 4096;
    std::size_t channels_;
    bool is_planar_;
    std::size_t plane_ = 0;
    std::size_t block_ = 0;
    std::vector<std::byte> memory_;
    std::byte* start_ = nullptr;
    std::vector<void*> planes_;
};

struct Calls {
    PaStreamCallback* callback;
    void* user_data;
    unsigned long frames;
    std::vector<void*> inputs;
    void* output;
    std::size_t next = 0;
    int result = paContinue;

    [[gnu::always_inline]] void call(unsigned long times) {
        const PaStreamCallbackTimeInfo time{1, 1, 1};
        void* const* const in = inputs.data();
        const std::size_t blocks = inputs.size();
        for (unsigned long i = 0; i < times && result == paContinue; ++i) {
            result = callback(in[next], output, frames, &time, 0, user_data);
            if (++next == blocks) next = 0;
        }
    }
};

/// A tool that counts what happens in a function finds it by this name.
extern "C" [[gnu::noinline]] void count_these_calls(Calls& calls, unsigned long times) {
    calls.call(times);
}

Clock::duration timed(Calls& calls, unsigned long times) {
    const auto start = Clock::now();
    calls.call(times);
    return Clock::now() - start;
}

/// The median of short stretches: what else the machine does falls into few of them.
double nanoseconds_a_call(Calls& calls, double seconds) {
    const auto end = Clock::now() + std::chrono::duration<double>{seconds};
    timed(calls, 4);
    unsigned long times = 1;
    while (timed(calls, times) < worth_timing && calls.result == paContinue) times *= 2;
    std::vector<double> each;
    constexpr std::size_t at_least = 9;
    while ((Clock::now() < end || each.size() < at_least) && calls.result == paContinue) {
        const std::chrono::duration<double, std::nano> passed = timed(calls, times);
        each.push_back(passed.count() / static_cast<double>(times));
    }
    if (each.empty()) return 0;
    std::ranges::sort(each);
    return each[each.size() / 2];
}

}  // namespace

std::string call_back_to_back(const portspan::mock::Opened& stream, unsigned long frames,
                              const Sound& input, const BackToBack& amount) {
    if (!stream.callback) return "a stream without a callback";
    const bool is_heard = stream.input &&
                          (stream.input->sampleFormat & ~paNonInterleaved) == paFloat32 &&
                          static_cast<std::size_t>(stream.input->channelCount) == input.channels &&
                          input.samples.size() >= frames * input.channels;
    const std::size_t blocks = is_heard ? input.samples.size() / (frames * input.channels) : 1;
    Buffers in{stream.input, frames, blocks, 0};
    Buffers out{stream.output, frames, 1, 2048};
    if (is_heard) in.fill(input, frames, blocks);

    Calls calls{stream.callback, stream.user_data, frames, {}, out.block(0)};
    for (std::size_t block = 0; block < blocks; ++block) calls.inputs.push_back(in.block(block));
    double nanoseconds = 0;
    std::thread{[&] {
        if (amount.calls == 0) {
            nanoseconds = nanoseconds_a_call(calls, amount.seconds);
        } else {
            timed(calls, amount.calls);
            count_these_calls(calls, amount.calls);
        }
    }}.join();

    const std::string of = " of " + std::to_string(frames) + " frames";
    if (calls.result != paContinue)
        return "a call" + of + " has answered " + std::to_string(calls.result);
    if (amount.calls != 0) return std::to_string(amount.calls) + " calls" + of;
    char text[64];
    std::snprintf(text, sizeof text, "%.2f ns a call", nanoseconds);
    return text + of;
}

}  // namespace drop_in
