// SPDX-License-Identifier: MIT
#include <portspan/callback.hpp>

#include "catch.hpp"

using portspan::PaCompatible;

namespace {
struct State {};
using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

extern "C" int c_function(const void*, void*, unsigned long, Time, Flags, void*) { return 7; }
int typed(const float*, float*, unsigned long, Time, Flags, State*) { return 0; }

// Of the size of unsigned long, and another type; on Windows std::size_t is larger.
using Size = std::conditional_t<sizeof(unsigned long) == 4, std::uint32_t, std::size_t>;

template <class F>
constexpr bool compatible = PaCompatible<F>;
}  // namespace

TEST_CASE("a function pointer with PaStreamCallback's ABI is compatible") {
    STATIC_REQUIRE(compatible<PaStreamCallback*>);
    STATIC_REQUIRE(compatible<decltype(&c_function)>);
    STATIC_REQUIRE(compatible<decltype(&typed)>);
    STATIC_REQUIRE(
        compatible<int (*)(const void*, void*, unsigned long, Time, Flags, void*) noexcept>);
    STATIC_REQUIRE(
        compatible<int (*)(const float* const*, float**, Size, const void*, Size, State*)>);
    STATIC_REQUIRE(compatible<unsigned (*)(char*, char*, long, void*, long, int*)>);
    STATIC_REQUIRE(
        compatible<PaStreamCallbackResult (*)(void*, void*, unsigned long, Time, Flags, void*)>);
    STATIC_REQUIRE(compatible<decltype(+[](const void*, void*, unsigned long, Time, Flags, void*) {
        return 0;
    })>);
}

TEST_CASE("one deviation makes a function pointer incompatible") {
    STATIC_REQUIRE_FALSE(compatible<int (*)(int, void*, unsigned long, Time, Flags, void*)>);
    STATIC_REQUIRE_FALSE(compatible<int (*)(void*, long, unsigned long, Time, Flags, void*)>);
    STATIC_REQUIRE_FALSE(compatible<int (*)(void*, void*, short, Time, Flags, void*)>);
    STATIC_REQUIRE_FALSE(compatible<int (*)(void*, void*, double, Time, Flags, void*)>);
    STATIC_REQUIRE_FALSE(compatible<int (*)(void*, void*, unsigned long, Time, short, void*)>);
    STATIC_REQUIRE_FALSE(compatible<int (*)(void*, void*, unsigned long, double, Flags, void*)>);
    STATIC_REQUIRE_FALSE(compatible<int (*)(void*, void*, unsigned long, Time, Flags, long)>);
    STATIC_REQUIRE_FALSE(compatible<int (*)(void*, void (*)(), unsigned long, Time, Flags, void*)>);
    STATIC_REQUIRE_FALSE(compatible<void (*)(void*, void*, unsigned long, Time, Flags, void*)>);
    STATIC_REQUIRE_FALSE(compatible<short (*)(void*, void*, unsigned long, Time, Flags, void*)>);
    STATIC_REQUIRE_FALSE(compatible<float (*)(void*, void*, unsigned long, Time, Flags, void*)>);
    STATIC_REQUIRE_FALSE(compatible<int (*)(void*, void*, unsigned long, Time, Flags)>);
    STATIC_REQUIRE_FALSE(compatible<void*>);
    STATIC_REQUIRE_FALSE(compatible<int>);
    STATIC_REQUIRE(compatible<int (*)(void*, void*, std::uint32_t, Time, Flags, void*)> ==
                   (sizeof(unsigned long) == 4));
}

TEST_CASE("an address becomes the callback that is there") {
    int state = 0;
    const auto token = std::make_shared<int>(1);
    const auto callback =
        portspan::callback_at(reinterpret_cast<std::uintptr_t>(&c_function), &state, token);
    CHECK(callback.function == &c_function);
    CHECK(callback.user_data == &state);
    CHECK(token.use_count() == 2);
    CHECK(callback.function(nullptr, nullptr, 0, nullptr, 0, nullptr) == 7);
    CHECK(portspan::callback_at(0).function == nullptr);
}

TEST_CASE("a typed function keeps its address and its state on the way to PortAudio") {
    State state;
    const auto raw = portspan::detail::foreign(&typed, &state).raw();
    CHECK(reinterpret_cast<std::uintptr_t>(raw.function) ==
          reinterpret_cast<std::uintptr_t>(&typed));
    CHECK(raw.user_data == &state);
}
