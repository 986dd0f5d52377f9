// SPDX-License-Identifier: MIT
// What a callback says about itself: how it is found, read, shown, and compared with a stream.
#include <portspan/library.hpp>
#include <portspan/mock.hpp>
#include <portspan/renderer.hpp>
#include <portspan/state.hpp>
#include <portspan/stream.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "catch.hpp"

using portspan::describe;
using portspan::described;
using portspan::Error;
using portspan::Fault;
using portspan::Int24;
using portspan::Interleaved;
using portspan::layout_hash;
using portspan::Planar;
using portspan::RawCallback;
using portspan::Renderer;
using portspan::SharedLibrary;
using portspan::Stream;
using portspan::mock::Scope;

using Says = portspan_description;

// As a generated header declares them: a state, and the hash of its layout.
struct GainState {
    float gain = 1;
    std::int32_t channels = 2;
};
constexpr std::uint64_t portspan_state_hash(const GainState*) {
    return layout_hash("gain:f4:0;channels:i4:4;size:8");
}

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

const std::string described_library = PORTSPAN_DESCRIBED;
const std::string misdescribed_library = PORTSPAN_MISDESCRIBED;

/// The same members with another meaning.
struct OtherGain {
    std::int32_t channels = 2;
    float gain = 1;
};
constexpr std::uint64_t portspan_state_hash(const OtherGain*) {
    return layout_hash("channels:i4:0;gain:f4:4;size:8");
}
struct EightBytes {
    float values[2];
};
struct Opaque;

/// A header that knows no hash of its state.
struct Unhashed {
    std::int64_t number = 0;
};
constexpr std::uint64_t portspan_state_hash(const Unhashed*) { return 0; }

extern "C" int foreign(const void*, void*, unsigned long, Time, Flags, void*) { return paContinue; }
int typed(const float*, float*, unsigned long, Time, Flags, GainState*) { return paComplete; }

/// What an Error is and says; empty where there is none.
struct Refusal {
    std::error_code code;
    std::string text;
};
std::ostream& operator<<(std::ostream& stream, const Refusal& refusal) {
    return stream << refusal.code << ": " << refusal.text;
}
bool operator==(const Refusal& a, const Refusal& b) { return a.code == b.code && a.text == b.text; }

template <class F>
Refusal refusal(F&& f) {
    try {
        f();
    } catch (const Error& error) {
        return {error.code(), error.what()};
    }
    return {};
}

Refusal unknown(const std::string& why) {
    return {Fault::unknown_description,
            "gain: the callback's description cannot be read (" + why + ")"};
}
Refusal mismatch(const std::string& why) {
    return {Fault::callback_mismatch, "gain: the callback does not fit the stream (" + why + ")"};
}
Refusal wrong_state(const std::string& why) {
    return {Fault::state_mismatch, "gain: the state does not fit the callback (" + why + ")"};
}
const Refusal none{};

/// What a callback that describes itself meets.
struct Meets {
    std::size_t inputs = 2;
    std::size_t outputs = 2;
    unsigned long frames = 256;
};

/// A stream and a renderer on a callback have to say the same; the stream before PortAudio opens
/// it.
template <class In, class Out, class L, class Callback>
Refusal opening(const Callback& callback, const Meets& meets) {
    Scope audio{{{{.devices = {{.max_input_channels = 8, .max_output_channels = 8}}}}}};
    const portspan::StreamConfig config{.input = {.channels = static_cast<int>(meets.inputs)},
                                        .output = {.channels = static_cast<int>(meets.outputs)},
                                        .frames_per_buffer = meets.frames};
    const Refusal live = refusal([&] { Stream<In, Out, L>{config, callback}; });
    CHECK(audio.calls("Pa_OpenStream") == (live == none ? 1 : 0));
    CHECK(audio.open_streams() == 0);
    CHECK(audio.initialized() == 0);
    const Refusal rendered = refusal([&] {
        Renderer<In, Out, L>{{.input_channels = meets.inputs,
                              .output_channels = meets.outputs,
                              .frames_per_buffer = meets.frames},
                             callback};
    });
    CHECK(rendered == live);
    return live;
}

/// The same for a callback of whatever function that says this.
template <class In = float, class Out = In, class L = Interleaved>
Refusal opening(const Says& says, const Meets& meets = {}) {
    return opening<In, Out, L>(RawCallback{&foreign, nullptr, {}, &says, "gain"}, meets);
}

}  // namespace

TEST_CASE("a description is 64 bytes, the same ones for every compiler") {
    STATIC_REQUIRE(sizeof(Says) == 64);
    STATIC_REQUIRE(offsetof(Says, input_format) == 8);
    STATIC_REQUIRE(offsetof(Says, layout) == 16);
    STATIC_REQUIRE(offsetof(Says, input_channels) == 24);
    STATIC_REQUIRE(offsetof(Says, state_size) == 32);
    STATIC_REQUIRE(offsetof(Says, largest_block) == 48);
    STATIC_REQUIRE(offsetof(Says, reserved) == 56);
    const Says nothing;
    CHECK(nothing.abi_version == PORTSPAN_ABI_VERSION);
    CHECK(nothing.size == sizeof nothing);
}

TEST_CASE("a callback of a library brings what it says about itself") {
    const SharedLibrary library{described_library};
    GainState state;

    const RawCallback gain = library.callback("stereo_gain", &state);
    REQUIRE(gain.description != nullptr);
    CHECK(gain.description == library.description("stereo_gain"));
    CHECK(gain.name == described_library + ": stereo_gain");
    CHECK(gain.user_data == &state);
    CHECK(describe(*gain.description) ==
          "2 interleaved float32 channels in and out, needs a state of 8 bytes, may work in place");

    const RawCallback generator = library.callback("generator");
    REQUIRE(generator.description != nullptr);
    CHECK(describe(*generator.description) ==
          "no channels in, 1 int16 channel out, at most 512 frames a call");

    const RawCallback delay = library.callback("planar_delay");
    REQUIRE(delay.description != nullptr);
    CHECK(describe(*delay.description) ==
          "planar int24 channels in, planar float32 channels out, needs a state of 32 bytes, "
          "must not work in place");
}

#if defined(PORTSPAN_DESCRIBED_RUST)
TEST_CASE("a callback written in Rust brings what it says about itself") {
    const SharedLibrary library{PORTSPAN_DESCRIBED_RUST};
    const RawCallback callback = library.callback("mono_rust");
    REQUIRE(callback.description != nullptr);
    CHECK(describe(*callback.description) == "1 interleaved float32 channel in and out");
}
#endif

TEST_CASE("a callback that says nothing works as before") {
    const SharedLibrary library{described_library};
    CHECK(library.description("silent") == nullptr);
    CHECK(library.description("not_there_at_all") == nullptr);
    CHECK(refusal([&] { (void)library.description(nullptr); }).code == Fault::symbol_not_found);
    const RawCallback silent = library.callback("silent");
    CHECK(silent.description == nullptr);
    CHECK(opening<float, float, Interleaved>(silent, {1, 2, 0}) == none);
    CHECK(opening<std::int16_t, Int24, Planar>(silent, {5, 1, 0}) == none);
    EightBytes state{};
    CHECK(library.callback("silent", &state).user_data == &state);
}

TEST_CASE("what a description says is read as long as the callback lives") {
    RawCallback callback = SharedLibrary{described_library}.callback("generator");
    CHECK(callback.description->largest_block == 512);
    CHECK(callback.name == described_library + ": generator");
}

TEST_CASE("what is no description of the callback's own library does not count") {
    const SharedLibrary library{misdescribed_library};
    CHECK(library.callback("code").description == nullptr);
#if defined(__GLIBC__)
    CHECK(library.callback("borrowed").description == nullptr);
    CHECK(library.callback("thread").description == nullptr);
#endif
}

TEST_CASE("a description that cannot be read is refused with both versions or sizes") {
    const SharedLibrary library{misdescribed_library};
    const auto said = [&](const char* symbol) {
        const Refusal refused = refusal([&] { (void)library.callback(symbol); });
        CHECK(refusal([&] { (void)library.description(symbol); }) == refused);
        if (!(refused == none)) CHECK(refused.code == Fault::unknown_description);
        return refused.text;
    };
    const auto text = [&](const std::string& symbol, const std::string& why) {
        return misdescribed_library + ": " + symbol +
               ": the callback's description cannot be read (" + why + ")";
    };
    CHECK(said("next_version") ==
          text("next_version", "it has ABI version 2, this portspan knows version 1"));
    CHECK(said("shorter") == text("shorter", "it has 56 bytes, in ABI version 1 it is 64"));
#if defined(__GLIBC__)
    CHECK(said("cut") == text("cut", "cut_portspan has 8 bytes, a description 64"));
#endif
#if defined(__ELF__)
    CHECK(said("crooked") == text("crooked", "crooked_portspan is not aligned"));
#endif
    CHECK(said("longer") == "");
    CHECK(describe(*library.description("longer")) == "2 channels in, allocates memory");
}

TEST_CASE("a description that makes no sense is refused, wherever it comes from") {
    CHECK(opening({.abi_version = 0}) ==
          unknown("it has ABI version 0, this portspan knows version 1"));
    CHECK(opening({.size = 63}) == unknown("it has 63 bytes, in ABI version 1 it is 64"));
    CHECK(opening({.size = 65}) == none);
    CHECK(opening({.input_format = 3}) == unknown("its sample format 3 is none of PortAudio's"));
    CHECK(opening({.output_format = 0x80000001}) ==
          unknown("its sample format 2147483649 is none of PortAudio's"));
    CHECK(opening({.layout = 3}) == unknown("its layout 3 is neither interleaved nor planar"));
    CHECK(opening({.input_channels = -2}) == unknown("it has -2 channels"));
    CHECK(opening({.output_channels = -3}) == unknown("it has -3 channels"));
    CHECK(opening({.properties = PORTSPAN_IN_PLACE | PORTSPAN_NOT_IN_PLACE}) ==
          unknown("it both may and must not work in place"));
    CHECK(opening({.properties = 1u << 20, .reserved = 1}) == none);
    CHECK(opening({}) == none);
}

TEST_CASE("sample formats are compared") {
    const Says says{.input_format = paFloat32, .output_format = paInt16};
    CHECK(opening<float, std::int16_t>(says) == none);
    CHECK(opening<Int24, std::int16_t>(says) ==
          mismatch("it takes float32 channels in, the stream has 2 int24 channels"));
    CHECK(opening<float, std::uint8_t>(says, {2, 1}) ==
          mismatch("it gives int16 channels out, the stream has 1 uint8 channel"));
    CHECK(opening<std::int32_t, std::int8_t>(Says{}) == none);
}

TEST_CASE("a sample format of each type is known") {
    const auto fits = [](auto sample, PaSampleFormat format) {
        const auto code = static_cast<std::uint32_t>(format);
        using T = decltype(sample);
        CHECK(opening<T>(Says{.input_format = code, .output_format = code}) == none);
        const std::uint32_t other = code == 1 ? 2 : 1;
        CHECK_FALSE(opening<T>(Says{.input_format = other}) == none);
    };
    fits(float{}, paFloat32);
    fits(std::int32_t{}, paInt32);
    fits(Int24{}, paInt24);
    fits(std::int16_t{}, paInt16);
    fits(std::int8_t{}, paInt8);
    fits(std::uint8_t{}, paUInt8);
}

TEST_CASE("layouts are compared") {
    const Says interleaved{.layout = PORTSPAN_INTERLEAVED};
    const Says planar{.layout = PORTSPAN_PLANAR};
    CHECK(opening<float, float, Interleaved>(interleaved) == none);
    CHECK(opening<float, float, Planar>(planar) == none);
    CHECK(opening<float, float, Planar>(interleaved) ==
          mismatch("it takes interleaved channels in, the stream has 2 planar channels"));
    CHECK(opening<float, float, Interleaved>(planar) ==
          mismatch("it takes planar channels in, the stream has 2 interleaved channels"));
    CHECK(opening<void, float, Interleaved>(planar) ==
          mismatch("it gives planar channels out, the stream has 2 interleaved channels"));
}

TEST_CASE("channel counts are compared") {
    const Says says{.input_format = paFloat32,
                    .output_format = paFloat32,
                    .layout = PORTSPAN_INTERLEAVED,
                    .input_channels = 2,
                    .output_channels = 1};
    CHECK(opening(says, {2, 1}) == none);
    CHECK(opening(says, {1, 1}) ==
          mismatch("it takes 2 interleaved float32 channels in, the stream has 1"));
    CHECK(opening(says, {2, 2}) ==
          mismatch("it gives 1 interleaved float32 channel out, the stream has 2"));
    CHECK(opening(Says{.input_channels = 3}, {3, 1}) == none);
    CHECK(opening(Says{.input_channels = 3}, {4, 1}) ==
          mismatch("it takes 3 channels in, the stream has 4"));
    CHECK(opening<std::int16_t, std::int16_t, Planar>(says, {1, 1}) ==
          mismatch(
              "it takes 2 interleaved float32 channels in, the stream has 1 planar int16 channel"));
}

TEST_CASE("a direction that the stream does not have is compared, but for its samples") {
    const Says effect{.input_channels = 2, .output_channels = 2};
    CHECK(opening<float, float>(effect) == none);
    CHECK(opening<void, float>(effect) == mismatch("it takes 2 channels in, the stream has none"));
    CHECK(opening<float, void>(effect) == mismatch("it gives 2 channels out, the stream has none"));
    const Says formats{.input_format = paInt16, .output_format = paFloat32};
    CHECK(opening<void, float>(formats) == none);
    CHECK(opening<std::int16_t, void>(formats) == none);
}

TEST_CASE("a callback that touches no input takes any, one that writes no output is no noise") {
    const Says generator{.input_format = paInt16, .input_channels = PORTSPAN_NO_CHANNELS};
    CHECK(opening<void, float>(generator) == none);
    CHECK(opening<float, float>(generator) == none);
    const Says meter{.output_format = paInt16, .output_channels = PORTSPAN_NO_CHANNELS};
    CHECK(opening<float, void>(meter) == none);
    CHECK(opening<float, float>(meter) == mismatch("it gives no channels out, the stream has 2"));
    const RawCallback raw{&foreign, nullptr, {}, &meter, "gain"};
    CHECK(opening<float, float, Interleaved>(portspan::in_place(raw), {}) == none);
}

TEST_CASE("the largest block is compared with the frames of a call, which have to be limited") {
    const Says says{.largest_block = 64};
    CHECK(opening(says, {2, 2, 64}) == none);
    CHECK(opening(says, {2, 2, 65}) ==
          mismatch("it takes at most 64 frames a call, the stream has 65"));
    CHECK(opening(says, {2, 2, 0}) ==
          mismatch("it takes at most 64 frames a call, the stream sets no limit: set "
                   "frames_per_buffer"));
    CHECK(opening(Says{}, {2, 2, 0}) == none);
}

TEST_CASE("a callback that must not work in place is not called in place") {
    const auto in_place = [](const Says& says, const Meets& meets = {}) {
        const RawCallback raw{&foreign, nullptr, {}, &says, "gain"};
        return opening<float, float, Interleaved>(portspan::in_place(raw), meets);
    };
    const Says must_not{.properties = PORTSPAN_NOT_IN_PLACE};
    CHECK(in_place(must_not) == mismatch("it must not work in place"));
    CHECK(in_place({.properties = PORTSPAN_IN_PLACE}) == none);
    CHECK(in_place({}) == none);
    CHECK(opening(must_not) == none);

    // In place the callback has as many channels in as out.
    CHECK(in_place({.input_channels = 1}, {1, 1}) == none);
    CHECK(in_place({.input_channels = 1}) == mismatch("it takes 1 channel in, the stream has 2"));
    CHECK(in_place({.largest_block = 64}, {2, 2, 65}) ==
          mismatch("it takes at most 64 frames a call, the stream has 65"));
}

TEST_CASE("a renderer passes no memory twice to a callback that must not work in place") {
    std::array<float, 8> samples{};
    std::array<float, 8> others{};
    const portspan::InterleavedView<float> view{samples, 2};
    const portspan::InterleavedView<float> other{others, 2};
    const auto rendering = [&](std::uint32_t properties, auto input, auto output) {
        const Says says{.properties = properties};
        Renderer<float> renderer{{}, RawCallback{&foreign, nullptr, {}, &says, "gain"}};
        return refusal([&] { renderer.process(input, output); });
    };
    CHECK(rendering(PORTSPAN_NOT_IN_PLACE, view, view) ==
          mismatch("it must not work in place, input and output are the same memory"));
    CHECK(rendering(PORTSPAN_NOT_IN_PLACE, view, other) == none);
    CHECK(rendering(PORTSPAN_IN_PLACE, view, view) == none);
    CHECK(rendering(0, view, view) == none);
}

TEST_CASE("a callback that needs a state is not called without one") {
    const Says says{.properties = PORTSPAN_NEEDS_STATE};
    CHECK(opening(says) == wrong_state("it needs one, its user data is null"));
    int state = 0;
    const RawCallback with_state{&foreign, &state, {}, &says, "gain"};
    CHECK(opening<float, float, Interleaved>(with_state, {}) == none);
    CHECK(opening(Says{.state_size = 8}) == none);
}

TEST_CASE("a state of another size or layout is refused with both") {
    const SharedLibrary library{described_library};
    const auto given = [&](auto* state) {
        return refusal([&] {
            const RawCallback callback = library.callback("stereo_gain", state);
            CHECK(callback.user_data == state);
        });
    };
    const auto text = [](const std::string& why) {
        return described_library + ": stereo_gain: the state does not fit the callback (" + why +
               ")";
    };
    GainState state;
    CHECK(given(&state) == none);
    CHECK(given(static_cast<GainState*>(nullptr)) == none);

    double numbers[2]{};
    CHECK(given(&numbers) ==
          Refusal{Fault::state_mismatch, text("it works on 8 bytes, the state has 16")});
    OtherGain other;
    CHECK(given(&other) ==
          Refusal{Fault::state_mismatch,
                  text("it works on another layout, 0xa8208f2ae9ffbbe4, than that of the state, "
                       "0x4549283aac25afd4: the state's header is of another version of the "
                       "callback")});

    // A type without a hash has its size only; void and an incomplete type not even that.
    EightBytes bytes{};
    CHECK(given(&bytes) == none);
    CHECK(given(static_cast<void*>(numbers)) == none);
    CHECK(given(reinterpret_cast<Opaque*>(numbers)) == none);
    CHECK(library.callback("stereo_gain", nullptr).user_data == nullptr);
}

TEST_CASE("a class derived from the state is the state as long as it adds nothing") {
    struct Named : GainState {
        void louder() { gain *= 2; }
    };
    struct Larger : GainState {
        double more = 0;
    };
    const SharedLibrary library{described_library};
    Named named;
    CHECK(library.callback("stereo_gain", &named).user_data == &named);
    Larger larger;
    CHECK(refusal([&] { (void)library.callback("stereo_gain", &larger); }).code ==
          Fault::state_mismatch);
}

TEST_CASE("a description without size or hash, or a state without a hash, is not compared") {
    GainState state;
    OtherGain other;
    const auto with = [](const Says& says, auto* given) {
        return refusal([&] { (void)described(foreign, says, given, "gain"); });
    };
    CHECK(with({.state_size = 8}, &other) == none);
    CHECK(with({.state_hash = portspan_state_hash(&state)}, &state) == none);
    CHECK(with({.state_hash = 1}, &state).code == Fault::state_mismatch);
    Unhashed unhashed;
    CHECK(with({.state_hash = 1}, &unhashed) == none);
    CHECK(with({}, &other) == none);
    CHECK(with({.abi_version = 9, .state_size = 9}, &state).code == Fault::unknown_description);
}

TEST_CASE("a function of the program itself is described by what stands beside it") {
    const Says says{
        .input_format = paFloat32, .input_channels = 1, .state_size = sizeof(GainState)};
    GainState state;
    const auto opening_of = [](const auto& callback, const Meets& meets) {
        return opening<float, float, Interleaved>(callback, meets);
    };
    CHECK(opening_of(described(&typed, says, &state, "gain"), {1, 2}) == none);
    CHECK(opening_of(described(&typed, says, &state, "gain"), {2, 2}) ==
          mismatch("it takes 1 float32 channel in, the stream has 2"));
    CHECK(opening_of(described(&typed, says, &state), {2, 2}).text ==
          "portspan: the callback does not fit the stream (it takes 1 float32 channel in, the "
          "stream has 2)");
    CHECK(opening_of(described(foreign, says), {1, 2}) == none);
    CHECK(opening_of(described(foreign, says), {2, 2}).code == Fault::callback_mismatch);
    CHECK(opening_of(portspan::in_place(described(&typed, says, &state, "gain")), {2, 2}) ==
          mismatch("it takes 1 float32 channel in, the stream has 2"));

    const Says needs{.properties = PORTSPAN_NEEDS_STATE};
    CHECK(opening_of(described(&typed, needs, nullptr, "gain"), {}) ==
          wrong_state("it needs one, its user data is null"));
    CHECK(opening_of(described(&typed, needs, &state, "gain"), {}) == none);

    double wrong = 0;
    float small = 0;
    CHECK(refusal([&] { (void)described(foreign, says, &wrong, "gain"); }) == none);
    CHECK(refusal([&] { (void)described(foreign, says, &small, "gain"); }) ==
          wrong_state("it works on 8 bytes, the state has 4"));
}

TEST_CASE("a description costs nothing once the stream is open") {
    Scope audio;
    const Says says{.input_channels = 2, .largest_block = 64};
    int state = 0;
    const Stream<float> stream{{.frames_per_buffer = 64},
                               RawCallback{&foreign, &state, {}, &says, "gain"}};
    CHECK(audio.opened().callback == &foreign);
    CHECK(audio.opened().user_data == &state);
}

TEST_CASE("a layout has the hash that description.h promises") {
    STATIC_REQUIRE(layout_hash("") == 0xcbf29ce484222325);
    STATIC_REQUIRE(layout_hash("foobar") == 0x85944171f73967e8);
    STATIC_REQUIRE(layout_hash("gain:f4:0;channels:i4:4;size:8") == 0xa8208f2ae9ffbbe4);
    STATIC_REQUIRE(layout_hash("gain:f4:0;band:{f:f8:0;q:f4:8;on:b1:12;size:16}[2]:8;"
                               "past:i2[4][2]:40;size:56") == 0x8a9b157ffeeb3604);
}

TEST_CASE("a description is shown with all that it says") {
    CHECK(describe({}) == "nothing");
    CHECK(describe({.input_format = paUInt8}) == "uint8 channels in");
    CHECK(describe({.output_channels = 1}) == "1 channel out");
    CHECK(describe({.layout = PORTSPAN_PLANAR}) == "planar channels in and out");
    CHECK(describe({.input_channels = 1, .output_channels = 2}) == "1 channel in, 2 channels out");
    CHECK(describe({.state_size = 8}) == "takes a state of 8 bytes");
    CHECK(describe({.properties = PORTSPAN_NEEDS_STATE}) == "needs a state");
    CHECK(describe({.properties = PORTSPAN_NEEDS_INTERPRETER | PORTSPAN_ALLOCATES}) ==
          "runs an interpreter, allocates memory");
    CHECK(describe({.input_channels = PORTSPAN_NO_CHANNELS,
                    .output_channels = PORTSPAN_NO_CHANNELS}) == "no channels in and out");
}
