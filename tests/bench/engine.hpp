// SPDX-License-Identifier: MIT
#pragma once

#include <portaudio.h>

/// A call to warm up, then `blocks` calls of stereo float32, `frames` each, by the function
/// count_these_calls, which a tool that counts what happens in it finds by that name.
int drive(PaStreamCallback* callback, void* user_data, unsigned long frames, unsigned long blocks);
