// SPDX-License-Identifier: MIT
// A callback of each kind that a stream takes, and an audio thread for it.
#pragma once

#include <portaudio.h>

#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <portspan/library.hpp>
#include <portspan/prepare.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "calls.hpp"
#include "script.hpp"
#include "system_calls.hpp"

namespace real_time {

using portspan::RawCallback;

/// Takes little memory: what is noted of it is what any exception costs.
struct Thrown {};

/// What an author might do with a block.
template <class In, class Out, class L>
void process(portspan::Block<In, Out, L>& block) noexcept {
    static_cast<void>(block.time());
    if constexpr (std::same_as<In, Out> && portspan::Sample<Out>) {
        const auto audio = block.template in_place<2>();
        if (audio.frames() > 0) audio(0, 1) = audio(0, 0);
    }
}

/// A callable that cannot throw, alone and in with_state().
struct Noexcept {
    Script* script;

    template <class Block>
    portspan::Next operator()(Block& block) noexcept {
        return (*this)(block, *script);
    }
    template <class Block>
    portspan::Next operator()(Block& block, Script& state) noexcept {
        process(block);
        return static_cast<portspan::Next>(next_result(state));
    }
};

/// One that may.
struct MayThrow {
    Script* script;

    template <class Block>
    portspan::Next operator()(Block& block) {
        return (*this)(block, *script);
    }
    template <class Block>
    portspan::Next operator()(Block& block, Script& state) {
        process(block);
        const int result = next_result(state);
        if (result != paContinue && state.throws) throw Thrown{};
        return static_cast<portspan::Next>(result);
    }
};

inline int raw(const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*,
               PaStreamCallbackFlags, void* script) {
    return next_result(*static_cast<Script*>(script));
}

inline int typed(const float*, float*, unsigned long, const PaStreamCallbackTimeInfo*,
                 PaStreamCallbackFlags, Script* script) {
    return next_result(*script);
}

/// `run(name, callback)` of each kind; a typed function becomes a raw one.
void for_each_kind(Script& script, auto run) {
    run("a raw function", RawCallback{&raw, &script});
    run("a callable that is noexcept", Noexcept{&script});
    run("a callable that may throw", MayThrow{&script});
    const portspan::SharedLibrary library{PORTSPAN_TEST_LIBRARY};
    run("a function of a library", library.callback("play", &script));
}

/// The same without its state, for with_state().
template <class Callback>
Callback stateless(Callback callback) {
    if constexpr (requires { callback.user_data; }) callback.user_data = nullptr;
    if constexpr (requires { callback.state; }) callback.state = nullptr;
    return callback;
}

/// What a host might call with: blocks of all sizes up to 99 frames, the input apart, in the
/// output's memory and missing, the time missing, xruns.
template <class In, class Out, class L>
class Blocks {
public:
    static constexpr std::size_t most = 100;

    static portspan::detail::Context context() noexcept {
        const auto format = [](std::size_t channels) {
            return channels != 0 ? portspan::RawFormat{paInt24} : portspan::RawFormat{};
        };
        constexpr std::size_t in = std::is_void_v<In> ? 0 : 2;
        constexpr std::size_t out = std::is_void_v<Out> ? 0 : 2;
        constexpr bool is_bytes = std::is_same_v<In, std::byte> || std::is_same_v<Out, std::byte>;
        return {.shape = {in, out, is_bytes ? format(in) : portspan::RawFormat{},
                          is_bytes ? format(out) : portspan::RawFormat{}},
                .frames_per_buffer = 32,  // less than most
                .sample_rate = 48000};
    }

    int call(const RawCallback& callback, unsigned long i) {
        constexpr bool is_planar = std::is_same_v<L, portspan::Planar>;
        const void* const apart = is_planar ? static_cast<void*>(in_planes_.data()) : in_.data();
        void* output = is_planar ? static_cast<void*>(out_planes_.data()) : out_.data();
        const void* const shared = std::is_same_v<In, Out> ? output : apart;
        const void* const input = i % 3 == 0 ? apart : i % 3 == 1 ? shared : nullptr;
        if (std::is_void_v<Out>) output = nullptr;
        const double now = static_cast<double>(i);
        const PaStreamCallbackTimeInfo time{now, now, now};
        return portspan::detail::call(callback, std::is_void_v<In> ? nullptr : input, output,
                                      i % most, i % 5 == 4 ? nullptr : &time,
                                      i % 7 == 6 ? paInputOverflow : 0);
    }

private:
    using Memory = std::array<std::byte, most * 2 * 4>;
    alignas(16) Memory in_{};
    alignas(16) Memory out_{};
    std::array<void*, 2> in_planes_{in_.data(), in_.data() + in_.size() / 2};
    std::array<void*, 2> out_planes_{out_.data(), out_.data() + out_.size() / 2};
};

/// What a thread does that is new, makes no system call, and is called the audio thread here.
inline void on_audio_thread(std::function<void()> run, bool without_system_calls = true) {
    bool is_over = false;
    std::thread{[&] {
        if (without_system_calls) refuse_system_calls();
        run();
        is_over = true;
    }}.join();
    // The C library ends a thread that gets no memory for an exception.
    if (!is_over) throw std::logic_error("the audio thread has died: " + take_noted());
}

/// What a test does beside the audio thread.
struct Meanwhile {
    unsigned long calls = 200;
    std::function<void()> started = [] {};  ///< the stream runs, no call is made yet
    std::function<void(unsigned long)> between = [](unsigned long) {};  ///< before each call
};

/// What is noted in the calls of a callback, or until it ends, on a new thread.
inline std::string noted_in(const portspan::detail::Prepared& prepared,
                            const std::function<int(const RawCallback&, unsigned long)>& call,
                            const Meanwhile& meanwhile, bool without_system_calls) {
    if (prepared.control) prepared.control->reset();
    meanwhile.started();
    on_audio_thread(
        [&] {
            int result = paContinue;
            for (unsigned long i = 0; i < meanwhile.calls && result == paContinue; ++i) {
                meanwhile.between(i);
                const Watched watched;
                result = call(prepared.callback, i);
            }
        },
        without_system_calls);
    return take_noted();
}
template <class In, class Out, class L, class Callback>
std::string noted_in(Callback callback, const Meanwhile& meanwhile = {},
                     bool without_system_calls = true) {
    using Called = Blocks<In, Out, L>;
    Called blocks;
    return noted_in(
        portspan::detail::prepare<In, Out, L>(std::move(callback), Called::context()),
        [&](const RawCallback& raw, unsigned long i) { return blocks.call(raw, i); }, meanwhile,
        without_system_calls);
}

/// How a callback may end: not at all, completed, aborted, with a result that is none.
inline constexpr std::array<int, 4> ends{paContinue, paComplete, paAbort, 7};

}  // namespace real_time
