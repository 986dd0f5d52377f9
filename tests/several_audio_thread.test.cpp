// SPDX-License-Identifier: MIT
// chain(), mix() and fixed_blocks() in the audio thread: they take no memory, give none back, and
// wait for nobody.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <portspan/chain.hpp>
#include <portspan/fixed_blocks.hpp>
#include <portspan/mix.hpp>
#include <portspan/prepare.hpp>
#include <thread>
#include <vector>

#include "audio_thread.hpp"
#include "catch.hpp"

namespace {

using portspan::chain;
using portspan::fixed_blocks;
using portspan::in_place;
using portspan::Interleaved;
using portspan::mix;
using portspan::Planar;

struct Tone {
    int calls_until_it_completes;

    template <class Block>
    portspan::Next operator()(Block& block) noexcept {
        const auto audio = block.in_place();
        for (std::size_t f = 0; f < audio.frames(); ++f) {
            for (std::size_t c = 0; c < audio.channels(); ++c) {
                audio(f, c) = static_cast<std::int16_t>(audio(f, c) + 1);
            }
        }
        return --calls_until_it_completes == 0 ? portspan::Next::complete
                                               : portspan::Next::keep_going;
    }
};

/// In blocks of all sizes, larger than is told, with the input apart, in place and missing, by a
/// thread whose first calls they are, to the end; then from a new start.
template <class L, class Callback>
int forbidden_in(Callback callback) {
    const auto prepared = portspan::detail::prepare<std::int16_t, std::int16_t, L>(
        std::move(callback), {.shape = {2, 2}, .frames_per_buffer = 32, .sample_rate = 48000});
    std::array<std::int16_t, 200> in{};
    std::array<std::int16_t, 200> out{};
    std::array<std::int16_t*, 2> in_planes{in.data(), in.data() + 100};
    std::array<std::int16_t*, 2> out_planes{out.data(), out.data() + 100};
    constexpr bool is_planar = std::is_same_v<L, Planar>;
    void* const input = is_planar ? static_cast<void*>(in_planes.data()) : in.data();
    void* const output = is_planar ? static_cast<void*>(out_planes.data()) : out.data();
    const int before = forbidden;
    int calls = 0;
    std::thread audio{[&] {
        is_audio_thread = true;
        for (int start = 0; start < 2; ++start) {
            prepared.control->reset();
            int result = paContinue;
            for (unsigned long i = 0; i < 900 && result == paContinue; ++i, ++calls) {
                const PaStreamCallbackTimeInfo time{1, 1, 1};
                const void* const which = i % 3 == 0 ? input : i % 3 == 1 ? output : nullptr;
                result =
                    portspan::detail::call(prepared.callback, which, output, i % 100, &time, 0);
            }
        }
        is_audio_thread = false;
    }};
    audio.join();
    CHECK(calls > 900);
    return forbidden - before;
}

template <class L>
void nothing_forbidden() {
    const Tone on{1'000'000};
    CHECK(forbidden_in<L>(chain(on, in_place(on), on)) == 0);
    CHECK(forbidden_in<L>(mix(on, Tone{100}, on)) == 0);
    CHECK(forbidden_in<L>(fixed_blocks<64>(on)) == 0);
    CHECK(forbidden_in<L>(in_place(fixed_blocks<64>(Tone{1500}))) == 0);
    CHECK(forbidden_in<L>(chain(mix(on, fixed_blocks<7>(Tone{200})), fixed_blocks<64>(on), on)) ==
          0);
}

}  // namespace

#if COUNTS_MEMORY_CALLS
TEST_CASE("What a callback allocates or locks is seen") {
    static std::mutex mutex;
    CHECK(forbidden_in<Interleaved>(chain([](auto&) noexcept { std::free(std::malloc(1)); })) >
          1800);
    CHECK(forbidden_in<Interleaved>(
              mix([](auto&) noexcept { const std::lock_guard lock{mutex}; })) > 900);
}
#endif

TEST_CASE("Several callbacks as one take no memory and no lock") {
    SECTION("interleaved") { nothing_forbidden<Interleaved>(); }
    SECTION("planar") { nothing_forbidden<Planar>(); }
}
