// SPDX-License-Identifier: MIT
// States of callbacks that describe themselves: what C++ itself knows to be wrong.
#include <portspan/portspan.hpp>

namespace {

struct Gain {
    float factor;
};
struct Filter {
    float last;
};
using Time = const PaStreamCallbackTimeInfo*;
int gain(const float*, float*, unsigned long, Time, PaStreamCallbackFlags, Gain*) { return 0; }
const portspan_description gain_portspan;

[[maybe_unused]] Gain state{1};
[[maybe_unused]] const Gain constant{1};
[[maybe_unused]] volatile Gain shared{1};
[[maybe_unused]] Filter other{0};

}  // namespace

void state_of_a_library_callback(const portspan::SharedLibrary& library) {
#if defined(STATE_THAT_IS_CONSTANT)
    // error: the state is constant or volatile: a callback writes to its state
    (void)library.callback("gain", &constant);
#elif defined(STATE_THAT_IS_VOLATILE)
    // error: the state is constant or volatile: a callback writes to its state
    (void)library.callback("gain", &shared);
#elif defined(STATE_BY_VALUE)
    // error: the state is not copied, it goes by its address: callback(symbol, &state)
    (void)library.callback("gain", state);
#elif defined(FUNCTION_AS_THE_STATE)
    // error: no matching
    (void)library.callback("gain", &gain);
#else
    (void)library.callback("gain", &state);
    (void)library.callback("gain", static_cast<void*>(&state));
    (void)library.callback("gain", nullptr);
    (void)library.callback("gain", 0);
    (void)library.callback("gain");
#endif
}

void state_of_a_described_function() {
#if defined(DESCRIBED_WITH_ANOTHER_STATE)
    // error: the state is not what parameter 6 (user data) of the callback points to
    portspan::Stream<float> stream{portspan::described(&gain, gain_portspan, &other)};
#elif defined(DESCRIBED_WITHOUT_ITS_STATE)
    // error: the callback has a state of its own type
    portspan::Stream<float> stream{portspan::described(&gain, gain_portspan)};
#elif defined(DESCRIBED_ON_ANOTHER_STREAM)
    // error: parameter 1 (input) of the callback has another sample type
    portspan::Stream<std::int16_t> stream{portspan::described(&gain, gain_portspan, &state)};
#elif defined(DESCRIBED_BY_A_TEMPORARY)
    // error: deleted
    portspan::Stream<float> stream{portspan::described(&gain, {.input_channels = 2}, &state)};
#else
    portspan::Stream<float> stream{portspan::described(&gain, gain_portspan, &state)};
    portspan::Stream<float> without{portspan::described(&gain, gain_portspan, nullptr)};
#endif
}
