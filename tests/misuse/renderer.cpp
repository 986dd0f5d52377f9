// SPDX-License-Identifier: MIT
// A renderer refuses what a stream refuses, with the same words.
#include <array>
#include <cstdint>
#include <portspan/render.hpp>

namespace {
using Time = PaStreamCallbackTimeInfo;
using Flags = PaStreamCallbackFlags;
using OtherSize = std::conditional_t<sizeof(unsigned long) == 8, std::uint32_t, std::uint64_t>;

int gain(const float*, float*, unsigned long, const Time*, Flags, float*) { return paContinue; }
float state = 1;
[[maybe_unused]] int other_state = 1;
}  // namespace

void foreign() {
#if defined(FLOAT_FUNCTION_ON_A_RENDERER_OF_INT16)
    // error: parameter 1 (input) of the callback has another sample type
    portspan::Renderer<std::int16_t> renderer{{}, &gain, &state};
#elif defined(FLOAT_FUNCTION_ON_A_PLANAR_RENDERER)
    // error: parameter 1 (input) of the callback has another sample type or layout
    portspan::Renderer<float, float, portspan::Planar> renderer{{}, &gain, &state};
#elif defined(STATE_OF_ANOTHER_TYPE)
    // error: the state is not what parameter 6 (user data) of the callback points to
    portspan::Renderer<float> renderer{{}, &gain, &other_state};
#elif defined(TYPED_STATE_THAT_IS_MISSING)
    // error: the callback has a state of its own type
    portspan::Renderer<float> renderer{{}, &gain};
#else
    portspan::Renderer<float> renderer{{}, &gain, &state};
#endif
}

void frame_count() {
#ifdef FRAME_COUNT_OF_ANOTHER_SIZE
    // error: parameter 3 (frame count) must be an integer of the size of unsigned long
    using Count = OtherSize;
#else
    using Count = unsigned long;
#endif
    portspan::Renderer<float> renderer{
        {}, [](const void*, void*, Count, const Time*, Flags, void*) -> int { return paContinue; }};
}

void callable() {
#if defined(RESULT_INT)
    // error: a callable returns nothing or portspan::Next
    portspan::Renderer<float> renderer{{}, [](auto&) { return 0; }};
#elif defined(NO_PARAMETER)
    // error: not a callback: a callable takes `auto& block`
    portspan::Renderer<float> renderer{{}, [] {}};
#else
    portspan::Renderer<float> renderer{{}, [](auto&) {}};
#endif
}

void in_place() {
#if defined(IN_PLACE_ON_TWO_SAMPLE_TYPES)
    // error: in_place() needs the same sample type for input and output
    portspan::Renderer<float, std::int16_t> renderer{{}, portspan::in_place([](auto&) {})};
#elif defined(IN_PLACE_ON_AN_OUTPUT_RENDERER)
    // error: in_place() needs a stream with input and output
    portspan::Renderer<void, float> renderer{{}, portspan::in_place([](auto&) {})};
#else
    portspan::Renderer<float> renderer{{}, portspan::in_place([](auto&) {})};
#endif
}

void directions() {
#if defined(NO_DIRECTION_AT_ALL)
    // error: a renderer needs a direction
    portspan::Renderer<void, void> renderer{{}, [](auto&) {}};
#elif defined(SAMPLES_OF_DOUBLE)
    // error: In and Out are sample types of PortAudio's
    portspan::Renderer<double> renderer{{}, [](auto&) {}};
#else
    portspan::Renderer<void, float> renderer{{}, [](auto&) {}};
#endif
}

void render() {
    std::array<float, 4> samples{};
    const portspan::InterleavedView<float> view{samples, 2};
#if defined(RENDER_OF_A_CALLABLE_WITHOUT_A_BLOCK)
    // error: not a callback: a callable takes `auto& block`
    portspan::render(view, view, [] {});
#elif defined(RENDER_WITH_A_STATE_OF_ANOTHER_TYPE)
    // error: the state is not what parameter 6 (user data) of the callback points to
    portspan::render(view, view, &gain, &other_state);
#elif defined(RENDER_INTO_A_READ_ONLY_VIEW)
    // error: cannot convert|no viable conversion
    portspan::render(view, portspan::InterleavedView<const float>{view}, [](auto&) {});
#else
    portspan::render(view, view, &gain, &state);
#endif
}

void what_render_takes() {
    float samples[4]{};
    const auto silent = [](auto& block) { block.in_place(); };
#if defined(MEMORY_INSTEAD_OF_A_VIEW)
    // error: render() takes views
    portspan::render(std::span{samples}, std::span{samples}, silent);
#else
    const portspan::InterleavedView<float> view{samples, 2};
    portspan::render(view, view, silent);
#endif
}
