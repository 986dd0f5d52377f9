// SPDX-License-Identifier: MIT
// Any program of streams on any script of the mock's: each frame is heard and played once and in
// its place, each start ends once, and nothing is left open.
#include <array>
#include <memory>
#include <portspan/mock.hpp>
#include <portspan/portspan.hpp>
#include <stdexcept>
#include <vector>

#include "input.hpp"

using portspan::mock::Scope;

namespace {

/// What the microphone hears.
float signal(std::size_t frame, std::size_t channel) {
    return static_cast<float>((frame * 7 + channel * 31) % 128) / 128;
}

/// What has to be true of one stream, and what its callback is to do.
struct Player {
    std::size_t position = 0;  ///< frames since the first start
    std::size_t lost = 0;      ///< frames, before the next call
    std::size_t calls = 0;
    std::size_t calls_without_input = 0;
    bool is_in_place = false;
    std::vector<float> played;
    std::size_t ends_in = 0;  ///< calls; 0: it does not
    enum { completes, aborts, throws } how = completes;
    int starts = 0;
    int ends = 0;
};

/// A float as PortAudio makes 16 bits of it.
template <class T>
T from_device(float sample) {
    return static_cast<T>(std::is_same_v<T, float> ? sample : sample * 32767.0f);
}
/// 16 bits as a float, exactly.
template <class T>
T for_device(float sample) {
    return static_cast<T>(std::is_same_v<T, float> ? sample : sample * 32768.0f);
}

template <class Block>
portspan::Next process(Player& player, Block& block) {
    const bool is_after_xrun = player.lost > 0;
    player.position += std::exchange(player.lost, 0);
    EXPECT(!is_after_xrun || any(block.status()));
    const auto input = block.input();
    const auto output = block.output();
    using T = typename decltype(output)::sample_type;
    EXPECT(input.empty() == (player.calls < player.calls_without_input));
    EXPECT(output.frames() == block.frames());
    for (std::size_t f = 0; f < input.frames(); ++f) {
        for (std::size_t c = 0; c < input.channels(); ++c) {
            EXPECT(input(f, c) == from_device<T>(signal(player.position + f, c)));
        }
    }
    if (player.is_in_place) {
        const auto both = block.in_place();
        const std::size_t channels = std::min(input.channels(), output.channels());
        for (std::size_t f = 0; f < both.frames(); ++f) {
            for (std::size_t c = 0; c < both.channels(); ++c) {
                const bool is_there = !input.empty() && c < channels;
                EXPECT(both(f, c) == (is_there ? input(f, c) : T{}));
            }
        }
    }
    player.position += block.frames();
    const bool ends = player.ends_in > 0 && --player.ends_in == 0;
    if (ends && player.how == Player::throws) throw std::runtime_error{"as planned"};
    for (std::size_t f = 0; f < output.frames(); ++f) {
        for (std::size_t c = 0; c < output.channels(); ++c) {
            const float sample = signal(player.calls + f, c);
            output(f, c) = for_device<T>(sample);
            if (!ends || player.how == Player::completes) player.played.push_back(sample);
        }
    }
    ++player.calls;
    if (!ends) return portspan::Next::keep_going;
    return player.how == Player::completes ? portspan::Next::complete : portspan::Next::abort;
}

/// Of any type; kept beside its Player, which outlives it.
struct Handle {
    virtual ~Handle() = default;
    std::size_t number = 0;
    Player player;
    virtual std::error_code start() = 0;
    virtual std::error_code stop() = 0;
    virtual std::error_code abort() = 0;
    virtual std::error_code close() = 0;
    virtual void ask(fuzz::Input& in) = 0;
    virtual void move() = 0;
    virtual void drop() = 0;
};

template <class S>
struct HandleOf final : Handle {
    std::unique_ptr<S> stream;

    explicit HandleOf(portspan::StreamConfig config) {
        config.finished = [this] { ++player.ends; };
        stream = std::make_unique<S>(config, [this](auto& b) { return process(player, b); });
    }
    ~HandleOf() override { drop(); }
    void drop() override { stream.reset(); }
    std::error_code start() override { return stream->start(std::nothrow); }
    std::error_code stop() override { return stream->stop(std::nothrow); }
    std::error_code abort() override { return stream->abort(std::nothrow); }
    std::error_code close() override { return stream->close(std::nothrow); }
    void move() override {
        S other{std::move(*stream)};
        *stream = std::move(other);
    }
    void ask(fuzz::Input& in) override {
        using namespace std::chrono_literals;
        switch (in.below(6)) {
            case 0:
                EXPECT(!(stream->active() && stream->stopped()));
                break;
            case 1:
                EXPECT(stream->sample_rate() > 0);
                break;
            case 2:
                static_cast<void>(stream->time());
                break;
            case 3:
                stream->request_stop();
                break;
            case 4:
                static_cast<void>(stream->take_failure());
                break;
            default:
                static_cast<void>(stream->wait_for(0ms, std::nothrow));
        }
    }
};

/// The machine's streams, and what is done with them.
class Program {
public:
    explicit Program(fuzz::Input& in) : in_(in) { audio_.feed(&signal); }
    ~Program() {
        while (!handles_.empty()) drop();
        EXPECT(audio_.open_streams() == 0 && audio_.initialized() == 0);
    }

    void step() {
        if (in_.below(4) == 0) return script();
        if (handles_.empty() || in_.below(8) == 0) return open();
        Handle& handle = *handles_[in_.below(handles_.size())];
        try {
            control(handle);
        } catch (const portspan::Error&) {
        }
        if (has_faults_) return;
        const std::vector<float> captured = audio_.captured(handle.number);
        EXPECT(captured == handle.player.played);
        EXPECT(handle.player.ends == handle.player.starts ||
               handle.player.ends + 1 == handle.player.starts);
    }

private:
    void drop() {
        Handle& handle = *handles_.front();
        handle.drop();
        EXPECT(has_faults_ || handle.player.ends == handle.player.starts);
        handles_.erase(handles_.begin());
    }

    void open() {
        if (handles_.size() == 3) return drop();
        constexpr double rates[] = {48000, 44100, 8000, 999, 1e6, -1};
        portspan::StreamConfig config{.input = {.channels = static_cast<int>(in_.below(4))},
                                      .output = {.channels = static_cast<int>(in_.below(4))},
                                      .sample_rate = rates[in_.below(2) * in_.below(6)],
                                      .frames_per_buffer = in_.flag() ? 0 : 1 + in_.below(300)};
        const std::size_t number = audio_.streams();
        try {
            std::unique_ptr<Handle> handle;
            if (in_.flag()) {
                using Interleaved = portspan::Stream<float>;
                handle = std::make_unique<HandleOf<Interleaved>>(config);
            } else {
                using Planar = portspan::Stream<std::int16_t, std::int16_t, portspan::Planar>;
                handle = std::make_unique<HandleOf<Planar>>(config);
            }
            handle->player.is_in_place = in_.flag();
            handle->number = number;
            handle->player.calls_without_input = calls_without_input_;
            handles_.push_back(std::move(handle));
        } catch (const portspan::Error&) {
        }
    }

    void control(Handle& handle) {
        switch (in_.below(8)) {
            case 0:
            case 1:
                return start(handle);
            case 2:
                static_cast<void>(handle.stop());
                break;
            case 3:
                static_cast<void>(handle.abort());
                break;
            case 4:
                if (in_.below(4) == 0) static_cast<void>(handle.close());
                break;
            case 5:
                handle.move();
                break;
            case 6:
                handle.player.ends_in = in_.below(5);
                handle.player.how =
                    std::array{Player::completes, Player::aborts, Player::throws}[in_.below(3)];
                break;
            default:
                handle.ask(in_);
        }
    }

    /// One that runs already is not started again.
    void start(Handle& handle) {
        const std::size_t before = audio_.calls("Pa_StartStream");
        const std::error_code code = handle.start();
        const std::size_t starts = audio_.calls("Pa_StartStream") - before;
        EXPECT(starts <= 1);
        if (!code) handle.player.starts += static_cast<int>(starts);
    }

    void script() {
        switch (in_.below(9)) {
            case 0:
            case 1:
                return audio_.pump(in_.below(1000));
            case 2: {
                const std::size_t frames = 1 + in_.below(1000);
                audio_.xrun(frames);
                for (const auto& handle : handles_) handle->player.lost += frames;
                return;
            }
            case 3:
                calls_without_input_ = in_.below(4);
                audio_.null_input(calls_without_input_);
                for (const auto& handle : handles_) {
                    handle->player.calls_without_input =
                        handle->player.calls + calls_without_input_;
                }
                return;
            case 4: {
                std::vector<unsigned long> sizes(in_.below(5));
                for (unsigned long& size : sizes) size = 1 + in_.below(600);
                return audio_.blocks(std::move(sizes), in_.flag());
            }
            case 5:
                return audio_.drain(in_.below(2000));
            case 6:
                return audio_.call_while_closing(in_.flag());
            case 7:
                if (handles_.empty()) return;
                return audio_.lose_device(handles_[in_.below(handles_.size())]->number,
                                          static_cast<portspan::mock::Loss>(in_.below(3)));
            default:
                fail();
        }
    }

    void fail() {
        // Not of those after which the callback has to be kept for ever.
        constexpr const char* functions[] = {
            "Pa_Initialize",    "Pa_OpenStream",     "Pa_StartStream",     "Pa_StopStream",
            "Pa_AbortStream",   "Pa_IsStreamActive", "Pa_IsStreamStopped", "Pa_GetStreamInfo",
            "Pa_GetDeviceInfo", "Pa_GetStreamTime"};
        constexpr PaError codes[] = {paUnanticipatedHostError, paTimedOut, paInternalError,
                                     paNotInitialized, paDeviceUnavailable};
        audio_.fail(in_.one_of(functions), in_.one_of(codes), in_.below(3), 1 + in_.below(2));
        has_faults_ = true;
    }

    fuzz::Input& in_;
    Scope audio_;
    std::vector<std::unique_ptr<Handle>> handles_;
    std::size_t calls_without_input_ = 0;
    bool has_faults_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::run_program<Program>(data, size);
}
