// SPDX-License-Identifier: MIT
// A mixer that is asked for what its types do not have.
#include <cstdint>
#include <portspan/mixer.hpp>
#include <portspan/stream.hpp>
#include <vector>

void play(portspan::Mixer<float, void> recorder, portspan::Mixer<float> mixer,
          portspan::InterleavedView<const float> view) {
#if defined(PLAY_WITHOUT_AN_OUTPUT)
    // error: this mixer has no output: it cannot play
    recorder.play(view);
#elif defined(PLAY_OTHER_SAMPLES)
    // error: what is played has other samples than the mixer's output
    mixer.play(portspan::InterleavedView<std::int16_t>{});
#elif defined(PLAY_A_RING_BUFFER_OF_OTHER_SAMPLES)
    // error: what is played has other samples than the mixer's output
    mixer.play(portspan::RingBuffer<std::int16_t>{4, 1});
#else
    recorder.record(portspan::InterleavedView<float>{});
    mixer.play(view);
    mixer.play(portspan::RingBuffer<float>{4, 1});
#endif
}

void record(portspan::Mixer<void, float> player, portspan::Mixer<float> mixer,
            portspan::InterleavedView<float> view) {
#if defined(RECORD_WITHOUT_AN_INPUT)
    // error: this mixer has no input: it cannot record
    player.record(view);
#elif defined(RECORD_INTO_CONST_SAMPLES)
    // error: what is recorded into has other samples than the mixer's input, or const
    mixer.record(portspan::InterleavedView<const float>{view});
#else
    player.play(view);
    mixer.record(view);
#endif
}

void stream(portspan::Mixer<float> mixer) {
#if defined(STREAM_OF_ANOTHER_LAYOUT)
    // error: the mixer has other sample types or another layout than the stream
    portspan::Stream<float, float, portspan::Planar> stream{mixer};
#elif defined(MIXER_OF_BYTES)
    // error: a Mixer's In and Out are sample types, or void
    portspan::Mixer<std::byte> bytes;
#else
    portspan::Stream<float> stream{mixer};
#endif
}

void ring(portspan::RingBuffer<float> ring) {
#ifdef READ_INTO_CONST_SAMPLES
    // error: the view has other samples than the ring buffer, or const ones
    ring.read(portspan::InterleavedView<const float>{});
#else
    ring.read(portspan::InterleavedView<float>{});
    ring.write(portspan::InterleavedView<const float>{});
#endif
}
