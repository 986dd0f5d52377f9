// SPDX-License-Identifier: MIT
// A callback that is changed while it plays, and what it has to play, computed without portspan.
#pragma once

#include <portspan/portspan.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace soak {

/// What the microphone hears; small fractions, so that all sums are exact.
inline float signal(std::size_t frame, std::size_t) {
    return (static_cast<float>(frame & 1023) - 512) / 512;
}

struct Gain {
    float gain = 1;
    float offset = 0;
};

struct Amplifier {
    void operator()(auto& block, Gain& gain) const noexcept {
        const auto input = block.input();
        const auto output = block.output();
        for (std::size_t f = 0; f < block.frames(); ++f) {
            const float sample = input.empty() ? 0 : input(f, 0);
            output(f, 0) = gain.gain * sample + gain.offset;
            output(f, 1) = gain.gain * sample - gain.offset;
        }
    }
};

/// One block as the stream has it.
struct Heard {
    std::size_t position;  ///< of its first frame
    std::size_t frames;
    bool has_input;
};

class Voice {
public:
    explicit Voice(Gain gain) : live_(gain), now_(gain) {}

    /// What a slot takes.
    [[nodiscard]] auto callback() const {
        return portspan::with_events(queue_, portspan::with_state(live_, Amplifier{}),
                                     [](float offset, Gain& gain) { gain.offset = offset; });
    }

    void set_gain(float gain) {
        live_.set(&Gain::gain, gain);
        told_gain_ = gain;
    }
    void publish(Gain gain) {
        live_.publish(gain);
        told_gain_ = gain.gain;
        told_offset_ = gain.offset;
    }
    /// The offset from a frame of the stream on; `clock` is the time of its frame 0. False where
    /// the queue took no more.
    [[nodiscard]] bool set_offset(std::size_t frame, double clock, double sample_rate,
                                  float offset) {
        const portspan::StreamClock::duration time{clock +
                                                   static_cast<double>(frame) / sample_rate};
        if (!queue_.push(portspan::StreamClock::time_point{time}, offset)) return false;
        events_.emplace_back(frame, offset);
        return true;
    }
    [[nodiscard]] bool has_room() const { return events_.size() < queue_length; }
    [[nodiscard]] bool has_events() const { return !events_.empty(); }

    /// What the next block has to be, interleaved.
    void expect(const Heard& block, std::vector<float>& samples) {
        samples.resize(2 * block.frames);
        for (std::size_t f = 0; f < block.frames; ++f) {
            while (!events_.empty() && events_.front().first <= block.position + f) {
                now_.offset = events_.front().second;
                events_.pop_front();
            }
            // What is told counts when the block is processed, which events at its begin precede.
            if (told_gain_) now_.gain = *std::exchange(told_gain_, std::nullopt);
            if (told_offset_) now_.offset = *std::exchange(told_offset_, std::nullopt);
            const float sample = block.has_input ? signal(block.position + f, 0) : 0;
            samples[2 * f] = now_.gain * sample + now_.offset;
            samples[2 * f + 1] = now_.gain * sample - now_.offset;
        }
    }

private:
    portspan::LiveState<Gain> live_;
    static constexpr std::size_t queue_length = 16;
    portspan::EventQueue<float> queue_{queue_length};
    Gain now_;
    std::optional<float> told_gain_, told_offset_;
    std::deque<std::pair<std::size_t, float>> events_;
};

}  // namespace soak
