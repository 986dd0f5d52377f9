// SPDX-License-Identifier: MIT
#include <portspan/view.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <type_traits>
#include <vector>

#include "catch.hpp"

using portspan::InterleavedView;
using portspan::PlanarView;

namespace {

/// Three frames of two channels: channel 0 holds 1, 2, 3, channel 1 holds 11, 12, 13.
template <class T>
struct InterleavedAudio {
    std::array<T, 6> memory{T(1), T(11), T(2), T(12), T(3), T(13)};
    InterleavedView<T> view() { return {memory.data(), 3, 2}; }
    template <std::size_t N>
    InterleavedView<T, N> fixed() {
        return {memory.data(), 3};
    }
};
template <class T>
struct PlanarAudio {
    std::array<T, 3> left{T(1), T(2), T(3)};
    std::array<T, 3> right{T(11), T(12), T(13)};
    std::array<T*, 2> planes{left.data(), right.data()};
    PlanarView<T> view() { return {planes.data(), 3, 2}; }
    template <std::size_t N>
    PlanarView<T, N> fixed() {
        return {planes.data(), 3};
    }
};

/// Everything that both layouts promise.
template <class View>
void check_shared_members(View view) {
    using T = typename View::sample_type;
    CHECK(view.frames() == 3);
    CHECK(view.channels() == 2);
    CHECK_FALSE(view.empty());
    CHECK(view(0, 0) == T(1));
    CHECK(view(2, 1) == T(13));

    const auto right = view.channel(1);
    REQUIRE(right.size() == 3);
    CHECK(std::ranges::equal(right, std::array{T(11), T(12), T(13)}));
    STATIC_REQUIRE(std::ranges::random_access_range<decltype(right)>);
    STATIC_REQUIRE(std::ranges::sized_range<decltype(right)>);
    STATIC_REQUIRE(std::ranges::borrowed_range<decltype(right)>);

    const auto tail = view.slice(1, 2);
    CHECK(tail.frames() == 2);
    CHECK(tail.channels() == 2);
    CHECK(tail(0, 0) == T(2));
    CHECK(tail(1, 1) == T(13));
    CHECK(tail.channel(0)[1] == T(3));
    CHECK(tail.slice(1, 1)(0, 1) == T(13));
    CHECK(view.slice(3, 0).empty());

    const auto fixed = view.template with_channels<2>();
    STATIC_REQUIRE(decltype(fixed)::extent == 2);
    CHECK(fixed(1, 1) == T(12));
    CHECK(tail.template with_channels<2>()(0, 0) == T(2));
}

template <class View>
void check_writing(View view) {
    using T = typename View::sample_type;
    view(1, 0) = T(42);
    CHECK(view(1, 0) == T(42));
    for (auto& sample : view.channel(1)) sample = T(7);
    for (std::size_t frame = 0; frame < 3; ++frame) CHECK(view(frame, 1) == T(7));
    CHECK(view(1, 0) == T(42));
    CHECK(view(0, 0) == T(1));
}

}  // namespace

TEMPLATE_TEST_CASE("an interleaved view sees frames side by side", "", float, std::int32_t,
                   portspan::Int24, std::int16_t, std::int8_t, std::uint8_t) {
    using T = TestType;
    InterleavedAudio<T> audio;
    SECTION("with a channel count known at run time") {
        check_shared_members(audio.view());
        check_writing(audio.view());
    }
    SECTION("with a channel count known to the compiler") {
        check_shared_members(audio.template fixed<2>());
        check_writing(audio.template fixed<2>());
    }
    SECTION("read-only") { check_shared_members(InterleavedView<const T>{audio.view()}); }
    SECTION("sample by sample and frame by frame") {
        auto view = audio.view();
        CHECK(view.data() == audio.memory.data());
        CHECK(view.samples().size() == 6);
        CHECK(view.samples()[3] == T(12));
        CHECK(view.frame(1).size() == 2);
        CHECK(view.frame(1)[1] == T(12));
        CHECK(view.slice(1, 1).samples().size() == 2);
        const auto frame = audio.template fixed<2>().frame(2);
        STATIC_REQUIRE(decltype(frame)::extent == 2);
        CHECK(frame[0] == T(3));
    }
    SECTION("made of a span, the incomplete last frame left out") {
        CHECK(InterleavedView<T>(std::span{audio.memory}, 2).frames() == 3);
        CHECK(InterleavedView<T>(std::span{audio.memory}, 4).frames() == 1);
        CHECK(InterleavedView<T>(std::span{audio.memory}, 0).frames() == 0);
        CHECK(InterleavedView<T, 2>(std::span{audio.memory}).frames() == 3);
        T array[6]{};
        CHECK(InterleavedView<T, 2>(array, 2).frames() == 3);
        CHECK(InterleavedView<T>(array, 2).frames() == 3);
        CHECK(InterleavedView<T, 2>(audio.memory.data(), 3).frames() == 3);
    }
}

TEMPLATE_TEST_CASE("a planar view sees a buffer for each channel", "", float, std::int32_t,
                   portspan::Int24, std::int16_t, std::int8_t, std::uint8_t) {
    using T = TestType;
    PlanarAudio<T> audio;
    SECTION("with a channel count known at run time") {
        check_shared_members(audio.view());
        check_writing(audio.view());
    }
    SECTION("with a channel count known to the compiler") {
        check_shared_members(audio.template fixed<2>());
        check_writing(audio.template fixed<2>());
    }
    SECTION("read-only") { check_shared_members(PlanarView<const T>{audio.view()}); }
    SECTION("from a frame inside the buffers on") {
        const PlanarView<T> tail{audio.planes.data(), 2, 2, 1};
        CHECK(tail(0, 1) == T(12));
        CHECK(tail.channel(0).data() == audio.left.data() + 1);
    }
    SECTION("a channel without memory is one of null, whatever frame the view begins with") {
        const std::array<T*, 2> planes{audio.left.data(), nullptr};
        const PlanarView<T> tail{planes.data(), 2, 2, 1};
        CHECK(tail.channel(0).data() == audio.left.data() + 1);
        CHECK(tail.channel(1).data() == nullptr);
        CHECK(PlanarView<T>{nullptr, 2, 2}.channel(1).data() == nullptr);
    }
    SECTION("channels are contiguous") {
        STATIC_REQUIRE(std::ranges::contiguous_range<decltype(audio.view().channel(0))>);
        CHECK(audio.view().channel(1).data() == audio.right.data());
    }
}

TEMPLATE_TEST_CASE("views deduce their sample type, const where the samples are", "", float,
                   std::int16_t) {
    using T = TestType;
    PlanarAudio<T> planar;
    std::vector<T> samples(6);
    const std::vector<T> constants(6);
    T array[6]{};
    const auto views = [](auto view, auto same) {
        STATIC_REQUIRE(std::is_same_v<decltype(view), decltype(same)>);
        CHECK(view.frames() == 3);
        CHECK(view.channels() == 2);
    };
    views(InterleavedView{samples, 2}, InterleavedView<T>{});
    views(InterleavedView{constants, 2}, InterleavedView<const T>{});
    views(InterleavedView{array, 2}, InterleavedView<T>{});
    views(InterleavedView{std::span<const T>{samples}, 2}, InterleavedView<const T>{});
    views(InterleavedView{constants.data(), 3, 2}, InterleavedView<const T>{});
    const std::vector<const T*> constant_planes{planar.left.data(), planar.right.data()};
    T* const pointers[2]{planar.left.data(), planar.right.data()};
    views(PlanarView{planar.planes, 3}, PlanarView<T>{});
    views(PlanarView{constant_planes, 3}, PlanarView<const T>{});
    views(PlanarView{pointers, 3}, PlanarView<T>{});
    views(PlanarView{planar.planes.data(), 3, 2}, PlanarView<T>{});
    CHECK(PlanarView{planar.planes, 3}(2, 1) == T(13));
}

TEMPLATE_TEST_CASE("a view of nothing is empty", "", InterleavedView<float>, PlanarView<float>,
                   (InterleavedView<float, 2>), (PlanarView<const float, 2>)) {
    const TestType view;
    CHECK(view.empty());
    CHECK(view.frames() == 0);
    CHECK(view.channels() == (TestType::extent == std::dynamic_extent ? 0 : 2));
    CHECK(view.slice(0, 0).empty());
    if (view.channels() > 0) CHECK(view.channel(1).empty());
}

TEST_CASE("views widen and never narrow") {
    STATIC_REQUIRE(std::is_convertible_v<InterleavedView<float>, InterleavedView<const float>>);
    STATIC_REQUIRE(std::is_convertible_v<InterleavedView<float, 2>, InterleavedView<float>>);
    STATIC_REQUIRE(std::is_convertible_v<InterleavedView<float, 2>, InterleavedView<const float>>);
    STATIC_REQUIRE_FALSE(
        std::is_convertible_v<InterleavedView<const float>, InterleavedView<float>>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<InterleavedView<float>, InterleavedView<float, 2>>);
    STATIC_REQUIRE_FALSE(
        std::is_convertible_v<InterleavedView<float, 1>, InterleavedView<float, 2>>);
    STATIC_REQUIRE_FALSE(
        std::is_convertible_v<InterleavedView<float>, InterleavedView<std::int32_t>>);
    STATIC_REQUIRE(std::is_convertible_v<PlanarView<float>, PlanarView<const float>>);
    STATIC_REQUIRE(std::is_convertible_v<PlanarView<float, 2>, PlanarView<const float>>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<PlanarView<const float>, PlanarView<float>>);
    STATIC_REQUIRE_FALSE(std::is_convertible_v<PlanarView<float>, InterleavedView<float>>);
}

TEST_CASE("views are small and copied freely") {
    STATIC_REQUIRE(std::is_trivially_copyable_v<InterleavedView<float>>);
    STATIC_REQUIRE(std::is_trivially_copyable_v<PlanarView<float>>);
    STATIC_REQUIRE(sizeof(InterleavedView<float, 2>) == 2 * sizeof(void*));
    STATIC_REQUIRE(sizeof(InterleavedView<float>) == 3 * sizeof(void*));
}
