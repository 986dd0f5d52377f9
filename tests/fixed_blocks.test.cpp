// SPDX-License-Identifier: MIT
// Blocks of any size around a callback that gets N frames: against that callback over the whole
// signal in blocks of N, N - 1 frames later.
#include <portspan/fixed_blocks.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <portspan/chain.hpp>
#include <portspan/check.hpp>
#include <portspan/guards.hpp>
#include <portspan/mix.hpp>
#include <portspan/mock.hpp>
#include <portspan/prepare.hpp>
#include <portspan/renderer.hpp>
#include <portspan/stream.hpp>
#include <portspan/with_events.hpp>
#include <portspan/with_state.hpp>
#include <random>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "catch.hpp"

using portspan::bound;
using portspan::fixed_blocks;
using portspan::in_place;
using portspan::Interleaved;
using portspan::Next;
using portspan::Planar;
using portspan::RawCallback;
using portspan::StatusFlags;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;
using Sizes = std::vector<std::size_t>;

constexpr std::size_t channels = 2;

template <class T>
T sample(std::size_t frame, std::size_t channel) {
    return static_cast<T>(1 + (frame * channels + channel) * 7 % 113);
}
/// What the callback makes of a block: reversed, so that each frame comes from another place, and
/// with the number of the call in it.
template <class T>
T changed(T input, std::size_t call) {
    return static_cast<T>(input + static_cast<T>(call % 5));
}

/// The same for every kind of stream; notes what it was called with.
template <class In, class Out, std::size_t N>
struct Reverse {
    struct Seen {
        std::size_t calls = 0;
        bool wrong_frames = false;
        std::vector<std::conditional_t<std::is_void_v<In>, int, In>> input = {};
    };
    Seen* seen;

    template <class Block>
    void operator()(Block& block) const {
        if (block.frames() != N) seen->wrong_frames = true;
        for (std::size_t f = 0; f < N; ++f) {
            for (std::size_t c = 0; c < channels; ++c) {
                if constexpr (!std::is_void_v<In>) {
                    // input() may be the output.
                    seen->input.push_back(block.input()(f, c));
                }
            }
        }
        if constexpr (!std::is_void_v<Out>) {
            for (std::size_t f = 0; f < N; ++f) {
                for (std::size_t c = 0; c < channels; ++c) {
                    Out value = sample<Out>(seen->calls * N + f, c);
                    if constexpr (!std::is_void_v<In>) {
                        value = static_cast<Out>(
                            seen->input[((seen->calls + 1) * N - 1 - f) * channels + c]);
                    }
                    block.output()(f, c) = changed(value, seen->calls);
                }
            }
        }
        ++seen->calls;
    }
};

/// Calls as a host would, blocks of the sizes in turn; `is_same`: input and output are one buffer.
template <class In, class Out, class L>
class Host {
    using InSample = std::conditional_t<std::is_void_v<In>, float, In>;
    using OutSample = std::conditional_t<std::is_void_v<Out>, float, Out>;

public:
    template <class Callback>
    explicit Host(Callback callback)
        : prepared_(portspan::detail::prepare<In, Out, L>(
              std::move(callback),
              {.shape = {std::is_void_v<In> ? 0 : channels, std::is_void_v<Out> ? 0 : channels},
               .frames_per_buffer = 0,
               .sample_rate = 1000})) {
        prepared_.control->reset();
    }

    int call(std::size_t frames) {
        std::vector<InSample> in(frames * channels);
        std::vector<OutSample> out(frames * channels, static_cast<OutSample>(77));
        for (std::size_t f = 0; f < frames; ++f) {
            for (std::size_t c = 0; c < channels; ++c) {
                in[at(f, c, frames)] =
                    is_null ? portspan::silence<InSample> : sample<InSample>(position + f, c);
            }
        }
        const InSample* input = in.data();
        if constexpr (std::is_same_v<In, Out>) {
            if (is_same) {
                out = in;
                input = out.data();
            }
        }
        const std::array<const InSample*, 2> in_planes{input, input + frames};
        const std::array<OutSample*, 2> out_planes{out.data(), out.data() + frames};
        const void* raw_in = is_planar ? static_cast<const void*>(in_planes.data()) : input;
        void* raw_out =
            is_planar ? const_cast<OutSample**>(out_planes.data()) : static_cast<void*>(out.data());
        if (is_planar && is_same) raw_in = raw_out;
        const double now = 1 + static_cast<double>(position) / 1000;
        const PaStreamCallbackTimeInfo time{now - 0.5, now, now + 0.25};
        const int result = portspan::detail::call(
            prepared_.callback, std::is_void_v<In> || is_null ? nullptr : raw_in,
            std::is_void_v<Out> ? nullptr : raw_out, frames, has_time ? &time : nullptr, status);
        position += frames;
        for (std::size_t f = 0; f < frames; ++f) {
            for (std::size_t c = 0; c < channels; ++c) played.push_back(out[at(f, c, frames)]);
        }
        return result;
    }
    void restart() { prepared_.control->reset(); }
    [[nodiscard]] bool failed() const { return prepared_.control->failed(); }

    std::size_t position = 0;
    bool is_null = false;
    bool is_same = false;
    bool has_time = true;
    PaStreamCallbackFlags status = 0;
    std::vector<OutSample> played;

private:
    static constexpr bool is_planar = std::is_same_v<L, Planar>;
    static std::size_t at(std::size_t f, std::size_t c, std::size_t frames) {
        return is_planar ? c * frames + f : f * channels + c;
    }
    portspan::detail::Prepared prepared_;
};

/// Against the callback over the whole signal; null where all is well.
template <class In, class Out, class L, std::size_t N, class Make>
const char* difference(const Sizes& sizes, bool is_same, Make make) {
    using R = Reverse<In, Out, N>;
    typename R::Seen seen;
    Host<In, Out, L> host{make(R{&seen})};
    host.is_same = is_same;
    for (const std::size_t size : sizes) {
        if (host.call(size) != paContinue) return "it ends";
        if (seen.calls != host.position / N) return "another number of calls";
    }
    if (seen.wrong_frames) return "another number of frames";
    if constexpr (!std::is_void_v<In>) {
        for (std::size_t i = 0; i < seen.input.size(); ++i) {
            if (seen.input[i] != sample<In>(i / channels, i % channels)) return "another input";
        }
    }
    if constexpr (!std::is_void_v<Out>) {
        for (std::size_t i = 0; i < host.played.size(); ++i) {
            const std::size_t late = i / channels;
            const std::size_t c = i % channels;
            Out expected = portspan::silence<Out>;
            if (late >= N - 1) {
                const std::size_t f = late - (N - 1);
                const std::size_t call = f / N;
                const std::size_t of_input = call * N + (N - 1 - f % N);
                expected = changed(sample<Out>(std::is_void_v<In> ? f : of_input, c), call);
            }
            if (host.played[i] != expected) return "another output";
        }
    }
    return nullptr;
}

template <class In, class Out, class L, std::size_t N>
void check_sizes(const Sizes& sizes, const char* text) {
    INFO(text << ", N " << N << ", first size " << sizes.front());
    const auto plain = [](auto callback) { return fixed_blocks<N>(callback); };
    const char* const wrong = difference<In, Out, L, N>(sizes, false, plain);
    CHECK(std::string{wrong ? wrong : ""} == "");
    if constexpr (!std::is_void_v<In> && std::is_same_v<In, Out>) {
        const char* const same = difference<In, Out, L, N>(sizes, true, plain);
        CHECK(std::string{same ? same : ""} == "");
        const auto around = [](auto callback) { return in_place(fixed_blocks<N>(callback)); };
        const char* const in = difference<In, Out, L, N>(sizes, false, around);
        CHECK(std::string{in ? in : ""} == "");
        const auto inside = [](auto callback) { return fixed_blocks<N>(in_place(callback)); };
        const char* const at = difference<In, Out, L, N>(sizes, false, inside);
        CHECK(std::string{at ? at : ""} == "");
    }
}

template <class In, class Out, class L, std::size_t N>
void check_all() {
    for (std::size_t size = 1; size <= 4 * N; ++size) {
        check_sizes<In, Out, L, N>(Sizes(9 * N / size + 2, size), "constant");
    }
    std::mt19937 random{N};
    for (int run = 0; run < 50; ++run) {
        Sizes sizes(20);
        for (auto& size : sizes) size = random() % (4 * N + 1);
        check_sizes<In, Out, L, N>(sizes, "random");
    }
}

template <std::size_t N>
struct Frames {
    static constexpr std::size_t n = N;
};

}  // namespace

TEMPLATE_TEST_CASE("fixed_blocks<N>() gives what the callback gives in blocks of N", "", Frames<1>,
                   Frames<2>, Frames<7>, Frames<64>) {
    constexpr std::size_t n = TestType::n;
    STATIC_REQUIRE(portspan::fixed_blocks_latency<n> == n - 1);
    STATIC_REQUIRE(decltype(fixed_blocks<n>(RawCallback{}))::latency == n - 1);
    SECTION("duplex") {
        check_all<float, float, Interleaved, n>();
        check_all<float, float, Planar, n>();
        check_all<std::uint8_t, std::uint8_t, Interleaved, n>();
    }
    SECTION("of two sample types") {
        check_all<std::int16_t, float, Interleaved, n>();
        check_all<std::int8_t, portspan::Int24, Planar, n>();
    }
    SECTION("output") {
        check_all<void, float, Interleaved, n>();
        check_all<void, std::uint8_t, Planar, n>();
    }
    SECTION("input") {
        check_all<float, void, Interleaved, n>();
        check_all<std::uint8_t, void, Planar, n>();
    }
}

TEST_CASE("Input that is not there is silence in a block of N") {
    Reverse<std::uint8_t, std::uint8_t, 4>::Seen seen;
    Host<std::uint8_t, std::uint8_t, Interleaved> host{
        fixed_blocks<4>(Reverse<std::uint8_t, std::uint8_t, 4>{&seen})};
    host.call(6);
    host.is_null = true;
    host.call(1);
    host.is_null = false;
    host.call(1);
    CHECK(seen.input == std::vector<std::uint8_t>{1, 8, 15, 22, 29, 36, 43, 50, 57, 64, 71, 78, 128,
                                                  128, 99, 106});
}

TEST_CASE("A block of N has the times of its own first frame, and the flags since the last") {
    struct Call {
        double adc;
        double now;
        double dac;
        StatusFlags status;
    };
    std::vector<Call> calls;
    const auto note = [&](auto& block) {
        block.in_place();
        const auto time = block.time();
        const auto seconds = [](auto moment) { return moment.time_since_epoch().count(); };
        calls.push_back({time.input_adc ? seconds(*time.input_adc) : -1, seconds(time.current),
                         time.output_dac ? seconds(*time.output_dac) : -1, block.status()});
    };
    Host<float, float, Interleaved> host{fixed_blocks<4>(note)};
    // Frame f is recorded at 0.5 + f / 1000 and heard at 1.25 + f / 1000.
    const auto check_call = [&](std::size_t i, double first, double now) {
        INFO("call " << i);
        CHECK_THAT(calls.at(i).adc, WithinAbs(0.5 + first / 1000, 1e-9));
        CHECK_THAT(calls.at(i).dac, WithinAbs(1.25 + (first + 3) / 1000, 1e-9));
        CHECK_THAT(calls.at(i).now, WithinAbs(1 + now / 1000, 1e-9));
    };
    host.status = paInputOverflow;
    host.call(3);
    host.status = paOutputUnderflow;
    host.call(6);
    host.status = 0;
    host.call(3);
    REQUIRE(calls.size() == 3);
    check_call(0, 0, 3);
    check_call(1, 4, 3);
    check_call(2, 8, 9);
    CHECK(calls[0].status == (StatusFlags::input_overflow | StatusFlags::output_underflow));
    CHECK(calls[1].status == StatusFlags::none);
    CHECK(calls[2].status == StatusFlags::none);
    host.has_time = false;
    host.call(4);
    CHECK(calls.at(3).adc == -1);
    CHECK(calls.at(3).now == 0);
}

namespace {

template <std::size_t N>
struct Ends {
    int after;
    int result;
    int calls = 0;
};
/// Gives 1, 2, 3, ... and ends.
template <std::size_t N>
int give_numbers(const void*, float* output, unsigned long frames, Time, Flags, Ends<N>* state) {
    ++state->calls;
    for (unsigned long i = 0; i < frames * channels; ++i) {
        output[i] = static_cast<float>(state->calls);
    }
    return state->calls == state->after ? state->result : paContinue;
}

template <std::size_t N>
std::vector<float> left_channel(const Host<void, float, Interleaved>& host) {
    std::vector<float> left;
    for (std::size_t i = 0; i < host.played.size(); i += channels) left.push_back(host.played[i]);
    return left;
}

}  // namespace

TEST_CASE("What the callback has given when it completes is still played") {
    const auto result = GENERATE(static_cast<int>(paComplete), 77);
    Ends<4> state{2, result};
    Host<void, float, Interleaved> host{fixed_blocks<4>(bound(&give_numbers<4>, &state))};
    using Floats = std::vector<float>;
    SECTION("in one block") {
        CHECK(host.call(13) == paComplete);
        CHECK(left_channel<4>(host) == Floats{0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 0, 0});
        CHECK(host.failed() == (result == 77));
    }
    SECTION("over several") {
        CHECK(host.call(8) == paContinue);
        CHECK(host.call(2) == paContinue);
        CHECK_FALSE(host.failed());
        CHECK(host.call(2) == paComplete);
        CHECK(left_channel<4>(host) == Floats{0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 0});
    }
    SECTION("to the last frame of one") {
        CHECK(host.call(10) == paContinue);
        CHECK(host.call(1) == paComplete);
    }
    SECTION("and a new start is new") {
        CHECK(host.call(30) == paComplete);
        CHECK(state.calls == 2);
        host.played.clear();
        state = {100, paComplete};
        host.restart();
        CHECK(host.call(3) == paContinue);
        CHECK(host.call(2) == paContinue);
        CHECK(left_channel<4>(host) == Floats{0, 0, 0, 1, 1});
    }
}

TEST_CASE("A start forgets what was gathered before") {
    Ends<4> state{100, paComplete};
    Host<void, float, Interleaved> host{fixed_blocks<4>(&give_numbers<4>, &state)};
    host.call(6);
    host.played.clear();
    host.restart();
    host.call(5);
    CHECK(left_channel<4>(host) == std::vector<float>{0, 0, 0, 2, 2});
}

TEST_CASE("An abort of the callback is one at once") {
    Ends<4> state{2, paAbort};
    Host<void, float, Interleaved> host{fixed_blocks<4>(&give_numbers<4>, &state)};
    CHECK(host.call(7) == paContinue);
    CHECK(host.call(20) == paAbort);
    CHECK(state.calls == 2);
    CHECK(std::ranges::count(host.played, 0.0f) == 2 * (3 + 20));
}

TEST_CASE("An input stream completes with the callback") {
    const auto once = [](auto&) { return Next::complete; };
    Host<float, void, Interleaved> host{fixed_blocks<4>(once)};
    CHECK(host.call(3) == paContinue);
    CHECK(host.call(7) == paComplete);
}

TEST_CASE("A callback of one frame completes with it") {
    Ends<1> state{3, paComplete};
    Host<void, float, Interleaved> host{fixed_blocks<1>(&give_numbers<1>, &state)};
    CHECK(host.call(2) == paContinue);
    CHECK(host.call(2) == paComplete);
    CHECK(left_channel<1>(host) == std::vector<float>{1, 2, 3, 0});
}

namespace {

/// Doubles its output, without a look at the input.
int in_place_only(const float* input, float* output, unsigned long frames, Time, Flags,
                  bool* is_same) {
    *is_same = input == output;
    for (unsigned long i = 0; i < frames * channels; ++i) output[i] *= 2;
    return paContinue;
}

}  // namespace

TEST_CASE("A callback that works in place does so in blocks of N") {
    bool is_same = false;
    const auto in_blocks = [&](auto callback) {
        is_same = false;
        Host<float, float, Interleaved> host{std::move(callback)};
        for (int i = 0; i < 5; ++i) host.call(3);
        CHECK(is_same);
        for (std::size_t i = 0; i < host.played.size(); ++i) {
            const float expected =
                i < 3 * channels ? 0 : 2 * sample<float>(i / channels - 3, i % channels);
            REQUIRE(host.played[i] == expected);
        }
    };
    in_blocks(in_place(fixed_blocks<4>(&in_place_only, &is_same)));
    in_blocks(fixed_blocks<4>(in_place(&in_place_only, &is_same)));
    constexpr portspan_description says{.properties = PORTSPAN_IN_PLACE};
    RawCallback described = portspan::detail::foreign(&in_place_only, &is_same).raw();
    described.description = &says;
    in_blocks(fixed_blocks<4>(described));
}

TEST_CASE("A callback that describes itself gets blocks that fit it") {
    const portspan_description says{.largest_block = 64};
    Ends<64> state{100, paComplete};
    RawCallback described = portspan::detail::foreign(&give_numbers<64>, &state).raw();
    described.description = &says;
    const auto frames = GENERATE(as<std::size_t>{}, 0, 1, 64, 1000);
    const portspan::RenderConfig config{.frames_per_buffer = frames};
    using Renderer = portspan::Renderer<void, float>;
    CHECK_NOTHROW(Renderer{config, fixed_blocks<64>(described)});
    CHECK_NOTHROW(Renderer{config, fixed_blocks<7>(described)});
    CHECK_THROWS_AS((Renderer{config, fixed_blocks<65>(described)}), portspan::Error);
}

TEST_CASE("What a callback in blocks of N throws comes out of the stream") {
    portspan::mock::Scope audio;
    const auto throws = [](auto&) { throw std::runtime_error{"too loud"}; };
    portspan::Stream<float> stream{
        portspan::limit(fixed_blocks<64>(portspan::limit(throws, -1, 1)), -1, 1)};
    stream.start();
    audio.pump(256);
    CHECK_THROWS_WITH(stream.wait(), "too loud");
}

TEST_CASE("Blocks of N in a stream whose blocks vary") {
    portspan::mock::Scope audio;
    audio.capture(true);
    audio.blocks({3, 100, 1, 64, 17});
    audio.feed(
        [](std::size_t frame, std::size_t) { return static_cast<float>(frame % 100) / 128; });
    std::vector<std::size_t> sizes;
    const auto louder = [&](auto& block) {
        sizes.push_back(block.frames());
        for (float& x : block.in_place().samples()) x *= 0.5f;
    };
    portspan::Stream<float> stream{{.input = {.channels = 1}, .output = {.channels = 1}},
                                   portspan::chain(fixed_blocks<32>(louder), louder)};
    stream.start();
    audio.pump(1000);
    stream.stop();
    const auto played = audio.captured();
    REQUIRE(played.size() > 900);
    for (std::size_t i = 0; i < played.size(); ++i) {
        const float expected = i < 31 ? 0 : static_cast<float>((i - 31) % 100) / 512;
        REQUIRE(played[i] == expected);
    }
    CHECK(std::ranges::count(sizes, 32u) >= 29);
}

TEMPLATE_TEST_CASE("check() finds nothing in blocks of N", "", Interleaved, Planar) {
    // Its own output would depend on the size of the blocks.
    const auto reverse = [](auto& block) noexcept {
        for (std::size_t f = 0; f < block.frames(); ++f) {
            for (std::size_t c = 0; c < block.output().channels(); ++c) {
                const std::size_t from = block.frames() - 1 - f;
                block.output()(f, c) = block.input().empty() ? 0 : block.input()(from, c);
            }
        }
    };
    const auto bare = portspan::check<float, float, TestType>(reverse);
    CHECK(bare.find(portspan::Observation::depends_on_block_size));
    const auto report = portspan::check<float, float, TestType>(fixed_blocks<64>(reverse));
    INFO(report.text());
    CHECK(report.findings.empty());
    CHECK(report.in_place == true);
}

TEST_CASE("Nothing inside cuts the N frames") {
    Sizes sizes;
    const auto played = [&](auto callback, std::size_t frames) {
        portspan::Renderer<void, float> renderer{
            {.output_channels = 1, .sample_rate = 1000, .frames_per_buffer = 5}, callback};
        std::vector<float> output(frames);
        renderer.process({}, portspan::InterleavedView<float>{output, 1});
        output.erase(output.begin(), output.begin() + 3);  // the latency
        return output;
    };
    struct State {
        float level = 0;
    };
    portspan::LiveState<State> live;
    const auto level = [&](auto& block, State& state) {
        sizes.push_back(block.frames());
        for (float& x : block.output().samples()) x = state.level;
    };
    SECTION("a ramp is one step each call") {
        live.set(&State::level, 6, portspan::Ramp{6});
        CHECK(played(fixed_blocks<4>(portspan::with_state(live, level)), 15) ==
              std::vector<float>{4, 4, 4, 4, 6, 6, 6, 6, 6, 6, 6, 6});
        CHECK(sizes == Sizes(3, 4));
    }
    SECTION("events are due before the call that has their frame") {
        using portspan::StreamClock;
        portspan::EventQueue<float> queue{4};
        // The first frame of the first call is heard at frame 3, a block of the renderer later.
        const auto push_at = [&](double frame, float value) {
            CHECK(queue.push(StreamClock::time_point{StreamClock::duration{(5 + 3 + frame) / 1000}},
                             value));
        };
        push_at(2, 1);
        push_at(3, 2);
        push_at(4, 3);
        push_at(11, 4);
        const auto callback =
            portspan::with_events(queue, portspan::with_state(live, level),
                                  [](float value, State& state) { state.level = value; });
        CHECK(played(fixed_blocks<4>(callback), 15) ==
              std::vector<float>{2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4});
        CHECK(sizes == Sizes(3, 4));
    }
    SECTION("adaptors have memory for all of them") {
        constexpr std::size_t n = 70000;
        const auto count = [&](auto& block) {
            sizes.push_back(block.frames());
            for (float& x : block.output().samples()) x = 1;
        };
        played(fixed_blocks<n>(portspan::chain(count, count)), n);
        played(fixed_blocks<n>(portspan::mix(count, count)), n);
        CHECK(sizes == Sizes(4, n));
    }
}
