// SPDX-License-Identifier: MIT
// Links only where PortAudio's header and its library were found by the way that was meant.
#include <portspan/error.hpp>

#ifndef PORTAUDIO_IS_THE_ONE_THAT_WAS_MEANT
#error "this is another PortAudio"
#endif

int main() {
    return portspan::portaudio_error(paInvalidDevice).message() == "Invalid device" ? 0 : 1;
}
