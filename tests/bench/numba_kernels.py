# SPDX-License-Identifier: MIT
"""Kernels as people write them, some over samples and over frames. numba_reference.cpp is the same in C++."""
import numpy as np
from numba import carray, cfunc, types

samples = types.CPointer(types.float32)
signature = types.intc(samples, samples, types.ulong, types.voidptr, types.ulong, types.voidptr)
with_state = types.intc(samples, samples, types.ulong, types.voidptr, types.ulong, samples)
taps = np.array([(k + 1) / 2080 for k in range(64)], np.float32)
zero, half, one, four = np.float32(0), np.float32(0.5), np.float32(1), np.float32(4)
# A low-pass at a quarter of the Nyquist frequency.
b0, b1, b2 = np.float32(0.0976), np.float32(0.1953), np.float32(0.0976)
a1, a2 = np.float32(-0.9428), np.float32(0.3333)


@cfunc(signature)
def copy(input, output, frames, time, status, state):
    x = carray(input, 2 * frames)
    y = carray(output, 2 * frames)
    for i in range(2 * frames):
        y[i] = x[i]
    return 0


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


@cfunc(with_state)
def biquad(input, output, frames, time, status, state):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    past = carray(state, (2, 2))
    for channel in range(2):
        z1, z2 = past[channel, 0], past[channel, 1]
        for frame in range(frames):
            v = x[frame, channel]
            w = b0 * v + z1
            z1 = b1 * v - a1 * w + z2
            z2 = b2 * v - a2 * w
            y[frame, channel] = w
        past[channel, 0], past[channel, 1] = z1, z2
    return 0


@cfunc(with_state, fastmath=True)
def biquad_fast(input, output, frames, time, status, state):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    past = carray(state, (2, 2))
    for channel in range(2):
        z1, z2 = past[channel, 0], past[channel, 1]
        for frame in range(frames):
            v = x[frame, channel]
            w = b0 * v + z1
            z1 = b1 * v - a1 * w + z2
            z2 = b2 * v - a2 * w
            y[frame, channel] = w
        past[channel, 0], past[channel, 1] = z1, z2
    return 0


@cfunc(with_state)
def fir(input, output, frames, time, status, state):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    heard = carray(state, (2, 63 + 1024))
    for channel in range(2):
        for frame in range(frames):
            heard[channel, 63 + frame] = x[frame, channel]
        for frame in range(frames):
            total = zero
            for k in range(64):
                total += taps[63 - k] * heard[channel, frame + k]
            y[frame, channel] = total
        for k in range(63):
            heard[channel, k] = heard[channel, frames + k]
    return 0


@cfunc(with_state, fastmath=True)
def fir_fast(input, output, frames, time, status, state):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    heard = carray(state, (2, 63 + 1024))
    for channel in range(2):
        for frame in range(frames):
            heard[channel, 63 + frame] = x[frame, channel]
        for frame in range(frames):
            total = zero
            for k in range(64):
                total += taps[63 - k] * heard[channel, frame + k]
            y[frame, channel] = total
        for k in range(63):
            heard[channel, k] = heard[channel, frames + k]
    return 0
