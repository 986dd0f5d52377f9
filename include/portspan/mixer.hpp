// SPDX-License-Identifier: MIT
// A callback that plays and records what other threads give it, each at its time.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "bind.hpp"
#include "bound_mixer.hpp"
#include "buffers.hpp"
#include "cue.hpp"
#include "error.hpp"
#include "mapping.hpp"
#include "mixer_action.hpp"
#include "mixer_core.hpp"
#include "mixer_reel.hpp"
#include "ring_buffer.hpp"
#include "sample.hpp"
#include "tape.hpp"
#include "view.hpp"

namespace portspan {

template <class In, class Out = In, Layout L = Interleaved>
class Mixer;

namespace detail {
template <class In, class Out, class L, class MixerIn, class MixerOut, class MixerL>
auto bind(Mixer<MixerIn, MixerOut, MixerL> mixer, const Context& context);
}  // namespace detail

/// How a mixer is made.
struct MixerConfig {
    /// That wait or run at once, 1 to 65,536. Each is 24 bytes in the mixer. A block costs
    /// the audio thread a look at the places up to the last one in use; the first free one is
    /// taken.
    std::size_t actions = 64;
    /// How long MixerAction::wait() believes in a device that does not call.
    std::chrono::duration<double> patience = std::chrono::seconds{10};
};

/// What a stream of the same types runs: it plays and records views and ring buffers, any number at
/// once, each from a frame of its own on. What plays together is added up, integers as far as they
/// go; where nothing plays there is silence, and input goes nowhere. In one block recording comes
/// before playing. Copies are the same mixer. One stream at a time has it.
///
/// The frame is the one that is at the DAC, or the ADC, at Cue::at by the times of its block,
/// rounded. Where a host does not tell them, it is the first frame of the first block that is
/// called for at that time or later; where its clock stands still, the frames since the start of
/// the stream are the clock, or since a Slot of a running one got the mixer.
///
/// What is scheduled before the stream starts is for its next start; the end of the stream ends
/// what it has not completed (ActionState::interrupted). Memory is let go of by the next call of
/// the mixer, or of an action of it, after the action is over, never by the audio thread. Any
/// thread; from inside a callback the calls throw Fault::inside_callback.
template <class In, class Out, Layout L>
class Mixer {
    static_assert(detail::is_direction<In> && detail::is_direction<Out>,
                  "a Mixer's In and Out are sample types, or void for no such direction");

public:
    /// Throws Error for no actions or too many, and for a patience below 0.
    explicit Mixer(const MixerConfig& config = {})
        : core_(std::make_shared<detail::MixerCore>(config.actions, config.patience)) {}
    // Copied where it is moved: one of nothing would be a trap.
    /// The same mixer.
    Mixer(const Mixer&) = default;
    /// Likewise.
    Mixer& operator=(const Mixer&) = default;
    ~Mixer() = default;

    /// Plays an InterleavedView or a PlanarView of Out, whatever the layout of the stream. Its
    /// memory has to live until the action is over: Cue::keep_alive. Throws Error: for a view
    /// without frames or channels, a mapping that does not fit it or the stream, a time that is
    /// none, where MixerConfig::actions are waiting or running already
    /// (std::errc::resource_unavailable_try_again).
    template <detail::SampleView View>
    MixerAction play(View view, const Cue& cue = {}) {
        require_output<std::remove_const_t<typename View::sample_type>>();
        detail::require_audio(view, "Mixer::play");
        return submit(playing(view, cue), "Mixer::play");
    }
    /// One channel of samples that are the mixer's from now on.
    template <std::same_as<Out> T>
    MixerAction play(std::vector<T> samples, const Cue& cue = {}) {
        const InterleavedView<const T> view{samples.data(), samples.size(), 1};
        detail::require_audio(view, "Mixer::play");
        auto reel = playing(view, cue);
        reel->set_length(view.frames(), std::move(samples));
        return submit(std::move(reel), "Mixer::play");
    }
    /// What somebody writes to the ring buffer. Where it has none there is silence, which is
    /// counted as missing, until it is finished() or the action is cancelled. Throws Error as for a
    /// view, and where the ring buffer is being played already.
    template <Sample T>
    MixerAction play(const RingBuffer<T>& ring, const Cue& cue = {}) {
        require_output<T>();
        refuse_loop(cue, "Mixer::play");
        const InterleavedView<const T> view{ring.ring_->data(), ring.capacity(), ring.channels()};
        return submit_ring(playing(view, cue), ring, "Mixer::play");
    }

    /// Records into a view of In, else as play(). A mapping may have a channel twice. Where the
    /// host has no input silence is recorded.
    template <detail::SampleView View>
    MixerAction record(View view, const Cue& cue = {}) {
        require_input<typename View::sample_type>();
        detail::require_audio(view, "Mixer::record");
        refuse_loop(cue, "Mixer::record");
        return submit(recording(view, cue), "Mixer::record");
    }
    /// Until it is cancelled, for somebody who reads the ring buffer. Frames that it has no room
    /// for are lost, and counted as missing. Throws Error as for a view, and where the ring buffer
    /// is finished, or being recorded into already.
    template <Sample T>
    MixerAction record(const RingBuffer<T>& ring, const Cue& cue = {}) {
        require_input<T>();
        refuse_loop(cue, "Mixer::record");
        if (ring.ring_->is_finished()) refuse("Mixer::record", "the ring buffer is finished");
        const InterleavedView<T> view{ring.ring_->data(), ring.capacity(), ring.channels()};
        return submit_ring(recording(view, cue), ring, "Mixer::record");
    }

    /// The blocks since the mixer was made, or take_statistics(), of all its streams.
    [[nodiscard]] BlockCounts statistics() const {
        return core_->statistics(false, "Mixer::statistics");
    }
    /// The same, which then begin anew: no block is counted twice, and none is left out.
    BlockCounts take_statistics() { return core_->statistics(true, "Mixer::take_statistics"); }

private:
    template <class T>
    static void require_output() {
        static_assert(!std::is_void_v<Out>, "this mixer has no output: it cannot play");
        static_assert(std::is_void_v<Out> || std::is_same_v<T, Out>,
                      "what is played has other samples than the mixer's output");
    }
    template <class T>
    static void require_input() {
        static_assert(!std::is_void_v<In>, "this mixer has no input: it cannot record");
        static_assert(std::is_void_v<In> || std::is_same_v<T, In>,
                      "what is recorded into has other samples than the mixer's input, or const "
                      "ones");
    }
    [[noreturn]] static void refuse(const char* call, const char* why) {
        detail::raise(Error(Fault::invalid_argument, call, why));
    }
    static void refuse_loop(const Cue& cue, const char* call) {
        if (cue.loop) refuse(call, "only a view that is played can loop");
    }

    template <class T, class View>
    static detail::Lane<T> lane(View view, std::size_t channel, std::size_t place) {
        constexpr bool is_interleaved = detail::InterleavedSamples<View>;
        return {&view(0, channel), is_interleaved ? view.channels() : 1, place};
    }
    template <class View>
    static auto playing(View view, const Cue& cue) {
        using T = const std::remove_const_t<typename View::sample_type>;
        std::vector<detail::Lane<T>> lanes;
        for (std::size_t place :
             detail::checked_output(cue.mapping, view.channels(), "Mixer::play")) {
            const std::size_t channel = view.channels() == 1 ? 0 : lanes.size();
            lanes.push_back(lane<T>(view, channel, place));
        }
        return reel(std::move(lanes), view, cue, "Mixer::play");
    }
    template <class View>
    static auto recording(View view, const Cue& cue) {
        using T = typename View::sample_type;
        const auto places = detail::checked(cue.mapping, view.channels(), "Mixer::record");
        if (places.size() != view.channels()) {
            detail::raise(Error(Fault::channel_mismatch, "Mixer::record",
                                std::to_string(places.size()) +
                                    " channels in the mapping, the audio has " +
                                    std::to_string(view.channels())));
        }
        std::vector<detail::Lane<T>> lanes;
        for (std::size_t place : places) lanes.push_back(lane<T>(view, lanes.size(), place));
        return reel(std::move(lanes), view, cue, "Mixer::record");
    }
    template <class T, class View>
    static auto reel(std::vector<detail::Lane<T>> lanes, View view, const Cue& cue,
                     const char* call) {
        if (cue.at) detail::checked_moment(*cue.at, call);
        auto reel = std::make_shared<detail::Reel<T>>(cue, std::move(lanes));
        reel->set_length(view.frames());
        return reel;
    }

    template <class Reel>
    MixerAction submit(std::shared_ptr<Reel> reel, const char* call) {
        core_->submit(reel, call);
        return {core_, std::move(reel)};
    }
    template <class Reel, class T>
    MixerAction submit_ring(std::shared_ptr<Reel> reel, const RingBuffer<T>& ring,
                            const char* call) {
        core_->tidy(call);
        if (!reel->claim(ring.ring_)) {
            refuse(call, reel->plays ? "the ring buffer is being played already"
                                     : "the ring buffer is being recorded into already");
        }
        return submit(std::move(reel), call);
    }

    template <class I, class O, class M, class MixerIn, class MixerOut, class MixerL>
    friend auto detail::bind(Mixer<MixerIn, MixerOut, MixerL> mixer,
                             const detail::Context& context);

    std::shared_ptr<detail::MixerCore> core_;
};

namespace detail {

template <class In, class Out, class L>
inline constexpr bool is_adaptor<Mixer<In, Out, L>> = true;

template <class In, class Out, class L, class MixerIn, class MixerOut, class MixerL>
auto bind(Mixer<MixerIn, MixerOut, MixerL> mixer, const Context& context) {
    static_assert(
        std::is_same_v<In, MixerIn> && std::is_same_v<Out, MixerOut> && std::is_same_v<L, MixerL>,
        "the mixer has other sample types or another layout than the stream: "
        "an OutputStream<float> takes a Mixer<void, float>, "
        "an InputStream<float> a Mixer<float, void>");
    return BoundMixer<In, Out, L>{std::move(mixer.core_), context};
}

}  // namespace detail

}  // namespace portspan
