// SPDX-License-Identifier: MIT
#include "audio.hpp"

#include <chrono>
#include <cmath>
#include <future>
#include <memory>
#include <portspan/mock.hpp>
#include <random>
#include <stdexcept>
#include <thread>

#include "voice.hpp"

namespace soak {

namespace {

constexpr double sample_rate = 48000;
constexpr std::size_t largest_block = 1024;

/// A stream whose slot is exchanged, on a machine that misbehaves.
class Run {
public:
    explicit Run(std::uint64_t seed) : random_(seed) {
        audio_.capture(false);
        audio_.record_calls(false);
        audio_.feed(&signal);
        audio_.listen([this](std::size_t stream, std::span<const float> s) { hear(stream, s); });
        stream_.start();
        clock_ = 1 + stream_.output_latency().count();
    }

    Happened play(std::uint64_t frames) {
        while (happened_.frames < frames) {
            change_something();
            audio_.pump(below(4096));
        }
        stream_.close();
        return happened_;
    }

private:
    std::size_t below(std::size_t end) { return random_() % end; }
    float eighths() { return static_cast<float>(below(17)) / 8 - 1; }
    Gain any_gain() { return {eighths(), eighths()}; }

    void change_something() {
        switch (below(40)) {
            case 0:
                return change_sizes();
            case 1:
                return xrun();
            case 2:
                return miss_input();
            case 3:
                return stop();
            case 4:
                return below(4) == 0 ? exchange() : void();
            case 5:
                return below(40) == 0 ? lose_device() : void();
            case 6:
            case 7:
                ++happened_.changes;
                return voice_->publish(any_gain());
            case 8:
            case 9:
                ++happened_.changes;
                return voice_->set_gain(eighths());
            case 10:
            case 11:
                return send_event();
            default:
                return;
        }
    }

    void change_sizes() {
        std::vector<unsigned long> sizes(1 + below(12));
        for (unsigned long& size : sizes) size = 1 + below(below(2) == 0 ? 64 : largest_block);
        audio_.blocks(std::move(sizes));
    }
    void xrun() {
        const std::size_t frames = 1 + below(5000);
        audio_.xrun(frames);
        lost_ += frames;
        ++happened_.xruns;
    }
    void miss_input() {
        without_input_ = 1 + below(3);
        audio_.null_input(without_input_);
        calls_without_input_ = without_input_;
        ++happened_.null_inputs;
    }
    void send_event() {
        // In the order of their times.
        last_event_ = std::max(last_event_, position_ + lost_) + below(6000);
        const bool has_room = voice_->has_room();
        const bool is_taken = voice_->set_offset(last_event_, clock_, sample_rate, eighths());
        if (is_taken != has_room) fail(has_room ? "an event is refused" : "an event too many");
        happened_.events += is_taken;
    }

    void stop() {
        switch (below(3)) {
            case 0:
                stream_.stop();
                break;
            case 1:
                stream_.abort();
                break;
            default:
                stream_.request_stop();
                audio_.pump(largest_block);  // the block that it ends with
                if (!stream_.wait_for(std::chrono::minutes{1})) fail("it does not end");
        }
        if (stream_.active()) fail("it is active after its end");
        stream_.start();
        ++happened_.stops;
    }

    /// Goes over to another voice while the old one fades out.
    void exchange() {
        next_ = std::make_unique<Voice>(any_gain());
        fade_ = {.frames = below(3) == 0 ? 0 : below(3000), .patience = std::chrono::hours{1}};
        faded_ = 0;
        auto over = slot_.exchange_async(next_->callback(), fade_);
        while (next_) audio_.pump(largest_block);
        over.get();
        old_.reset();
        ++happened_.exchanges;
    }

    /// The stream goes on with the next device, whose clock begins anew.
    void lose_device() {
        while (voice_->has_events()) audio_.pump(largest_block);
        const unsigned losses = stream_.losses();
        // Not Loss::error: a stream that PortAudio cannot close keeps its callback for ever.
        audio_.lose_device(number_, portspan::mock::Loss::finished);
        number_ = audio_.streams();
        position_ = lost_ = last_event_ = 0;
        calls_without_input_ = without_input_;
        const auto start = std::chrono::steady_clock::now();
        while (stream_.losses() == losses || !stream_.active()) {
            if (std::chrono::steady_clock::now() - start > std::chrono::minutes{1}) {
                fail("it does not go on with another device");
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
        ++happened_.losses;
    }

    /// One block, as it is played.
    void hear(std::size_t stream, std::span<const float> samples) {
        if (samples.empty()) return;  // it is closed
        if (stream != number_) fail("another stream plays");
        position_ += std::exchange(lost_, 0);
        const bool has_input = calls_without_input_ == 0;
        if (!has_input) --calls_without_input_;
        const Heard block{position_, samples.size() / 2, has_input};
        voice_->expect(block, expected_);
        if (next_) fade(block);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const float difference = std::abs(samples[i] - expected_[i]);
            if (!(difference <= (is_fading_ ? 1e-6f : 0))) {  // NaN, too
                fail("frame " + std::to_string(position_ + i / 2) + " is " +
                     std::to_string(samples[i]) + ", not " + std::to_string(expected_[i]));
            }
        }
        is_fading_ = false;
        position_ += block.frames;
        happened_.frames += block.frames;
        ++happened_.blocks;
    }

    void fade(const Heard& block) {
        next_->expect(block, next_expected_);
        const double length = static_cast<double>(fade_.frames);
        for (std::size_t f = 0; f < block.frames; ++f, ++faded_) {
            const double way = std::min(1.0, (static_cast<double>(faded_) + 1) / (length + 1));
            for (std::size_t i = 2 * f; i < 2 * f + 2; ++i) {
                expected_[i] = static_cast<float>(static_cast<double>(expected_[i]) * (1 - way) +
                                                  static_cast<double>(next_expected_[i]) * way);
            }
        }
        is_fading_ = true;
        if (faded_ < fade_.frames) return;
        old_ = std::exchange(voice_, std::move(next_));
    }

    [[noreturn]] void fail(const std::string& why) const { throw std::runtime_error{why}; }

    std::mt19937_64 random_;
    portspan::mock::Scope audio_;
    // The model.
    std::unique_ptr<Voice> voice_ = std::make_unique<Voice>(Gain{}), next_, old_;
    portspan::Fade fade_;
    std::size_t faded_ = 0;
    bool is_fading_ = false;
    std::size_t number_ = 0;
    std::size_t position_ = 0, lost_ = 0, last_event_ = 0;
    std::size_t calls_without_input_ = 0, without_input_ = 0;
    double clock_ = 0;
    std::vector<float> expected_, next_expected_;
    Happened happened_;
    // What is tried.
    portspan::Slot<float> slot_{voice_->callback()};
    portspan::WatchedStream<float> stream_{
        {.input = {.channels = 1}, .output = {.channels = 2}, .sample_rate = sample_rate},
        slot_,
        {.reopen = portspan::Reopen::default_device,
         .silence = std::chrono::hours{1},
         .retry = std::chrono::milliseconds{1}}};
};

}  // namespace

Happened play(double seconds, std::uint64_t seed) {
    return Run{seed}.play(static_cast<std::uint64_t>(seconds * sample_rate));
}

Happened& Happened::operator+=(const Happened& more) {
    frames += more.frames;
    blocks += more.blocks;
    exchanges += more.exchanges;
    changes += more.changes;
    events += more.events;
    stops += more.stops;
    xruns += more.xruns;
    null_inputs += more.null_inputs;
    losses += more.losses;
    return *this;
}

std::string Happened::text() const {
    const auto number = [](std::uint64_t count) { return std::to_string(count); };
    return number(frames) + " frames in " + number(blocks) + " blocks, " + number(exchanges) +
           " exchanges, " + number(changes) + " changes, " + number(events) + " events, " +
           number(stops) + " stops, " + number(xruns) + " xruns, " + number(null_inputs) +
           " missing inputs, " + number(losses) + " losses";
}

}  // namespace soak
