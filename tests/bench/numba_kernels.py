# SPDX-License-Identifier: MIT
"""A soft clip, a gain and a rational clip, as people write them: over samples, and over frames and channels."""
import numpy as np
from numba import carray, cfunc, types

samples = types.CPointer(types.float32)
signature = types.intc(samples, samples, types.ulong, types.voidptr, types.ulong, types.voidptr)
half, one, four = np.float32(0.5), np.float32(1), np.float32(4)


@cfunc(signature)
def soft_clip_samples(input, output, frames, time, status, state):
    x = carray(input, 2 * frames)
    y = carray(output, 2 * frames)
    for i in range(2 * frames):
        y[i] = np.tanh(half * x[i])
    return 0


@cfunc(signature)
def soft_clip_frames(input, output, frames, time, status, state):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            y[frame, channel] = np.tanh(half * x[frame, channel])
    return 0


@cfunc(signature)
def gain_samples(input, output, frames, time, status, state):
    x = carray(input, 2 * frames)
    y = carray(output, 2 * frames)
    for i in range(2 * frames):
        y[i] = half * x[i]
    return 0


@cfunc(signature)
def gain_frames(input, output, frames, time, status, state):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            y[frame, channel] = half * x[frame, channel]
    return 0


@cfunc(signature)
def rational_samples(input, output, frames, time, status, state):
    x = carray(input, 2 * frames)
    y = carray(output, 2 * frames)
    for i in range(2 * frames):
        v = four * x[i]
        y[i] = v / (one + abs(v))
    return 0


@cfunc(signature)
def rational_frames(input, output, frames, time, status, state):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            v = four * x[frame, channel]
            y[frame, channel] = v / (one + abs(v))
    return 0
