// SPDX-License-Identifier: MIT
// What sits between a program and its callback, in blocks of any size: the same samples as without
// blocks, and nothing lost or twice on the way between threads.
#include <cstddef>
#include <deque>
#include <optional>
#include <portspan/chain.hpp>
#include <portspan/event_queue.hpp>
#include <portspan/fixed_blocks.hpp>
#include <portspan/live_state.hpp>
#include <portspan/mix.hpp>
#include <portspan/renderer.hpp>
#include <portspan/ring_buffer.hpp>
#include <portspan/with_events.hpp>
#include <portspan/with_state.hpp>
#include <utility>
#include <vector>

#include "input.hpp"

using portspan::InterleavedView;
using portspan::RenderConfig;
using portspan::Renderer;

namespace {

constexpr RenderConfig mono{.input_channels = 1, .output_channels = 1, .frames_per_buffer = 0};

std::vector<float> any_audio(fuzz::Input& in, std::size_t frames) {
    std::vector<float> samples(frames);
    for (float& sample : samples) sample = static_cast<float>(in.any<std::int8_t>()) / 128;
    return samples;
}

/// A callback whose output depends on all that it has heard.
struct Sum {
    float sum = 0;
    void operator()(auto& block) noexcept {
        const auto input = block.input();
        for (std::size_t f = 0; f < block.frames(); ++f) {
            sum = 0.5f * sum + input(f, 0);
            block.output()(f, 0) = sum;
        }
    }
};

template <class Callback>
std::vector<float> in_blocks(fuzz::Input& in, const std::vector<float>& input, Callback callback) {
    Renderer<float> renderer{mono, std::move(callback)};
    std::vector<float> output(input.size());
    for (std::size_t done = 0; done < input.size();) {
        const std::size_t count = std::min(1 + in.below(90), input.size() - done);
        renderer.process(InterleavedView{input.data() + done, count, 1},
                         InterleavedView{output.data() + done, count, 1});
        done += count;
    }
    return output;
}

std::vector<float> summed(const std::vector<float>& input) {
    std::vector<float> output;
    float sum = 0;
    for (const float sample : input) output.push_back(sum = 0.5f * sum + sample);
    return output;
}

void adaptors(fuzz::Input& in) {
    const auto input = any_audio(in, 1 + in.below(500));
    const std::vector<float> once = summed(input), twice = summed(once);
    EXPECT(in_blocks(in, input, portspan::chain(Sum{}, Sum{})) == twice);
    std::vector<float> both(input.size());
    for (std::size_t i = 0; i < input.size(); ++i) both[i] = once[i] + once[i];
    EXPECT(in_blocks(in, input, portspan::mix(Sum{}, Sum{})) == both);
    constexpr std::size_t late = portspan::fixed_blocks_latency<32>;
    const auto fixed = in_blocks(in, input, portspan::fixed_blocks<32>(Sum{}));
    for (std::size_t i = 0; i < input.size(); ++i)
        EXPECT(fixed[i] == (i < late ? 0 : once[i - late]));
}

struct Level {
    float level = 0;
    int count = 0;
};

/// Events at their frames, changes with the next block.
void changes(fuzz::Input& in) {
    portspan::LiveState live{Level{}};
    portspan::EventQueue<float> queue{8};
    Renderer<void, float> renderer{
        mono,
        portspan::with_events(queue,
                              portspan::with_state(live,
                                                   [](auto& block, Level& l) noexcept {
                                                       for (float& x : block.output().samples())
                                                           x = l.level;
                                                       ++l.count;
                                                   }),
                              [](float level, Level& l) { l.level = level; })};
    std::deque<std::pair<std::size_t, float>> waiting;
    std::optional<float> told;
    float level = 0;
    std::size_t position = 0, last = 0;
    while (!in.empty()) {
        const float value = static_cast<float>(in.any<std::int8_t>());
        switch (in.below(3)) {
            case 0:
                live.set(&Level::level, value);
                told = value;
                break;
            case 1: {
                last = std::max(last, position) + in.below(200);
                const portspan::StreamClock::duration time{static_cast<double>(last) / 48000};
                const bool has_room = queue.push(portspan::StreamClock::time_point{time}, value);
                EXPECT(has_room == (waiting.size() < 8));
                if (has_room) waiting.emplace_back(last, value);
                break;
            }
            default: {
                std::vector<float> output(1 + in.below(100));
                renderer.process({}, InterleavedView{output, 1});
                for (std::size_t f = 0; f < output.size(); ++f) {
                    const std::size_t now = position + f;  // a block of any size is heard at once
                    while (!waiting.empty() && waiting.front().first <= now) {
                        level = waiting.front().second;
                        waiting.pop_front();
                    }
                    if (told) level = *std::exchange(told, std::nullopt);
                    EXPECT(output[f] == level);
                }
                position += output.size();
            }
        }
    }
}

/// A ring buffer is a queue of frames.
void ring(fuzz::Input& in) {
    const std::size_t channels = 1 + in.below(3), capacity = 1 + in.below(70);
    portspan::RingBuffer<float> buffer{capacity, channels};
    std::deque<float> model;
    float next = 0;
    bool is_finished = false;
    while (!in.empty()) {
        const std::size_t frames = in.below(90);
        std::vector<float> samples(frames * channels, -1);
        const InterleavedView<float> view{samples.data(), frames, channels};
        const std::size_t there = model.size() / channels;
        EXPECT(buffer.readable() == there && buffer.writable() == capacity - there);
        EXPECT(buffer.finished() == (is_finished && there == 0));
        switch (in.below(8)) {
            case 0:
                is_finished = is_finished || in.below(8) == 0;
                if (is_finished) buffer.finish();
                break;
            case 1:
            case 2:
            case 3: {
                for (float& sample : samples) sample = ++next;
                const std::size_t done = buffer.write(view);
                EXPECT(done == (is_finished ? 0 : std::min(frames, capacity - there)));
                model.insert(model.end(), samples.begin(),
                             samples.begin() + static_cast<std::ptrdiff_t>(done * channels));
                break;
            }
            default: {
                const std::size_t done = buffer.read(view);
                EXPECT(done == std::min(frames, there));
                for (std::size_t i = 0; i < samples.size(); ++i) {
                    EXPECT(samples[i] == (i < done * channels ? model[i] : -1));
                }
                model.erase(model.begin(),
                            model.begin() + static_cast<std::ptrdiff_t>(done * channels));
            }
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input in{data, size};
    switch (in.below(3)) {
        case 0:
            adaptors(in);
            break;
        case 1:
            changes(in);
            break;
        default:
            ring(in);
    }
    return 0;
}
