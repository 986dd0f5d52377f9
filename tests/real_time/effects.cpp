// SPDX-License-Identifier: MIT
// Compiled with -Wfunction-effects alone: every adaptor round a callable that its author has
// declared to wait for nobody.
#include <portspan/chain.hpp>
#include <portspan/fixed_blocks.hpp>
#include <portspan/guards.hpp>
#include <portspan/mix.hpp>
#include <portspan/mixer.hpp>
#include <portspan/monitor.hpp>
#include <portspan/slot.hpp>
#include <portspan/stream.hpp>
#include <portspan/watched.hpp>
#include <portspan/with_events.hpp>
#include <portspan/with_state.hpp>

#include <utility>

namespace {

struct State {
    float level = 0;
};

struct Callable {
    template <class Block>
    void operator()(Block& block) const noexcept PORTSPAN_NONBLOCKING(true) {
        for (float& x : block.in_place().samples()) x *= 0.5f;
    }
    template <class Block>
    void operator()(Block& block, State& state) const noexcept PORTSPAN_NONBLOCKING(true) {
        for (float& x : block.in_place().samples()) x *= state.level;
    }
};

int foreign(const float*, float*, unsigned long, const PaStreamCallbackTimeInfo*,
            PaStreamCallbackFlags, State*) {
    return paContinue;
}

/// Where somebody is to be told of the end, a function of portspan's calls a foreign one as well.
template <class Callback>
void compile(Callback callback) {
    portspan::Stream<float> stream{{.finished = [] {}}, std::move(callback)};
}

}  // namespace

void compile_all();
void compile_all() {
    using namespace portspan;
    const Callable callable;
    State state;
    compile(callable);
    compile([](auto&) {});  // may wait for all that clang is told
    compile(bound(&foreign, &state));
    compile(in_place(callable));
    compile(zero_output_first(callable));
    compile(silence_non_finite(callable));
    compile(limit(callable, -1.0f, 1.0f));
    compile(flush_denormals(callable));
    compile(chain(callable, callable, bound(&foreign, &state)));
    compile(mix(callable, callable));
    compile(fixed_blocks<64>(callable));
    compile(monitor(callable));
    compile(Mixer<float>{});
    const LiveState<State> live;
    compile(with_state(live, callable));
    const EventQueue<float> queue{4};
    compile(with_events(queue, with_state(live, callable),
                        [](float level, State& of) noexcept { of.level = level; }));
    compile(Slot<float>{callable});
    WatchedStream<float> watched{callable};
#ifdef WAITS
    compile(chain(callable, [](auto&) noexcept { delete new int; }));
#endif
}
