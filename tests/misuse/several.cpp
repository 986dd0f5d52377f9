// SPDX-License-Identifier: MIT
// Several callbacks as one, of none, of a state, and on streams that have nothing to hand on.
#include <cstddef>
#include <portspan/chain.hpp>
#include <portspan/fixed_blocks.hpp>
#include <portspan/mix.hpp>
#include <portspan/stream.hpp>

namespace {
const portspan::RawCallback callback{};
struct Gain {
    float gain;
};
Gain state{2};
int gain(const float*, float*, unsigned long, const PaStreamCallbackTimeInfo*,
         PaStreamCallbackFlags, Gain*) {
    return paContinue;
}
}  // namespace

void chain() {
#if defined(CHAIN_OF_NOTHING)
    // error: chain() needs at least one callback
    portspan::Stream<float> stream{portspan::chain()};
#elif defined(CHAIN_OF_A_FUNCTION_AND_ITS_STATE)
    // error: a function with its state is bound(function, &state)
    portspan::Stream<float> stream{portspan::chain(&gain, &state)};
#elif defined(CHAIN_ON_AN_INPUT_STREAM)
    // error: chain() needs a stream with output
    portspan::InputStream<float> stream{portspan::chain(callback)};
#elif defined(CHAIN_OF_BYTES)
    // error: chain() needs a sample type for the output
    portspan::Stream<std::byte> stream{portspan::chain(callback)};
#elif defined(CHAIN_OF_ANOTHER_SAMPLE_TYPE)
    // error: parameter 1 (input) of the callback has another sample type
    portspan::Stream<float, short> stream{
        portspan::chain(callback, portspan::bound(&gain, &state))};
#else
    portspan::Stream<float> stream{portspan::chain(callback, portspan::bound(&gain, &state))};
    portspan::OutputStream<float> generator{portspan::chain(callback, callback)};
#endif
}

void mix() {
#if defined(MIX_OF_NOTHING)
    // error: mix() needs at least one callback
    portspan::Stream<float> stream{portspan::mix()};
#elif defined(MIX_OF_A_FUNCTION_AND_NULL)
    // error: a function with its state is bound(function, &state)
    portspan::Stream<float> stream{portspan::mix(callback, &gain, nullptr)};
#elif defined(MIX_ON_AN_INPUT_STREAM)
    // error: mix() needs a stream with output
    portspan::InputStream<float> stream{portspan::mix(callback)};
#elif defined(MIX_OF_BYTES)
    // error: mix() needs a sample type for the output: bytes have no sum
    portspan::Stream<std::byte> stream{portspan::mix(callback)};
#else
    portspan::Stream<float> stream{portspan::mix(callback, portspan::bound(&gain, &state))};
    portspan::OutputStream<float> generators{portspan::mix(callback, callback)};
#endif
}

void fixed_blocks() {
#if defined(BLOCKS_OF_NO_FRAMES)
    // error: fixed_blocks() needs blocks of at least one frame
    portspan::Stream<float> stream{portspan::fixed_blocks<0>(callback)};
#elif defined(FIXED_BLOCKS_OF_BYTES)
    // error: fixed_blocks() needs sample types
    portspan::Stream<std::byte> stream{portspan::fixed_blocks<64>(callback)};
#else
    portspan::Stream<float> stream{portspan::fixed_blocks<64>(&gain, &state)};
    portspan::InputStream<float> input{portspan::fixed_blocks<64>(callback)};
    portspan::OutputStream<float> output{portspan::fixed_blocks<64>(callback)};
#endif
}
