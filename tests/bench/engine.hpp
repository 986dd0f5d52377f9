// SPDX-License-Identifier: MIT
#pragma once

#include <portaudio.h>

/// `blocks` calls of stereo float32, `frames` each.
int drive(PaStreamCallback* callback, void* user_data, unsigned long frames, unsigned long blocks);
