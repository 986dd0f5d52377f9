// SPDX-License-Identifier: MIT
// What the doubles of PortAudio's extension functions were called with, and what they answer.
#pragma once

#include <portaudio.h>

#include <string>
#include <vector>

struct Extensions {
    /// The last call: "PaAsio_ShowControlPanel 1 0x2"; numbers are in the function's order.
    std::string called = {};
    /// What every function that can fail answers.
    PaError answer = paNoError;
    int jacks = 0;
    void* boosted = nullptr;  ///< the task of a boosted thread
};
inline Extensions extensions;
