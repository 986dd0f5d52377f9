# SPDX-License-Identifier: MIT
"""Loops over frames and channels in all the forms that people write, those included that only look like the others."""
import math

import numpy as np
from numba import carray, cfunc, types

State = types.Record.make_c_struct([("channels", types.int32), ("used", types.int32), ("gain", types.float32),
                                    ("last", types.float32), ("gains", types.NestedArray(types.float32, (8,)))])
samples = types.CPointer(types.float32)
signature = types.intc(samples, samples, types.ulong, types.voidptr, types.ulong, types.CPointer(State))
half, one, four = np.float32(0.5), np.float32(1), np.float32(4)


@cfunc(signature)
def stereo(input, output, frames, time, status, user):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            y[frame, channel] = x[frame, channel] * half
    return 0


@cfunc(signature)
def any_channels(input, output, frames, time, status, user):
    channels = carray(user, 1)[0].channels
    x = carray(input, (frames, channels))
    y = carray(output, (frames, channels))
    for frame in range(frames):
        for channel in range(channels):
            y[frame, channel] = x[frame, channel] * half
    return 0


@cfunc(signature)
def some_channels(input, output, frames, time, status, user):
    state = carray(user, 1)[0]
    x = carray(input, (frames, state.channels))
    y = carray(output, (frames, state.channels))
    for frame in range(frames):
        for channel in range(state.used):
            y[frame, channel] = x[frame, channel] * half
    return 0


@cfunc(signature)
def first_two_of_three(input, output, frames, time, status, user):
    x = carray(input, (frames, 3))
    y = carray(output, (frames, 3))
    for frame in range(frames):
        for channel in range(2):
            y[frame, channel] = x[frame, channel] * half
    return 0


@cfunc(signature)
def gain_of_each_channel(input, output, frames, time, status, user):
    gains = carray(user, 1)[0].gains
    x = carray(input, (frames, 4))
    y = carray(output, (frames, 4))
    for frame in range(frames):
        for channel in range(4):
            y[frame, channel] = x[frame, channel] * gains[channel]
    return 0


@cfunc(signature)
def gain_of_the_state(input, output, frames, time, status, user):
    state = carray(user, 1)[0]
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            y[frame, channel] = x[frame, channel] * state.gain
    return 0


@cfunc(signature)
def ramp(input, output, frames, time, status, user):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            y[frame, channel] = x[frame, channel] * np.float32(frame)
    return 0


@cfunc(signature)
def mono(input, output, frames, time, status, user):
    x = carray(input, (frames, 2))
    y = carray(output, frames)
    for frame in range(frames):
        total = np.float32(0)
        for channel in range(2):
            total += x[frame, channel]
        y[frame] = total
    return 0


@cfunc(signature)
def upmix(input, output, frames, time, status, user):
    x = carray(input, frames)
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            y[frame, channel] = x[frame]
    return 0


@cfunc(signature)
def crossed(input, output, frames, time, status, user):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            y[frame, channel] = x[frame, 1 - channel]
    return 0


@cfunc(signature)
def delayed(input, output, frames, time, status, user):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(1, frames):
        for channel in range(2):
            y[frame, channel] = x[frame - 1, channel]
    return 0


@cfunc(signature)
def recursive(input, output, frames, time, status, user):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(1, frames):
        for channel in range(2):
            y[frame, channel] = x[frame, channel] + y[frame - 1, channel] * half
    return 0


@cfunc(signature)
def last_of_all(input, output, frames, time, status, user):
    state = carray(user, 1)[0]
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            y[frame, channel] = x[frame, channel] * half
            state.last = x[frame, channel]
    return 0


@cfunc(signature)
def planes(input, output, frames, time, status, user):
    x = carray(input, (2, frames))
    y = carray(output, (2, frames))
    for channel in range(2):
        for frame in range(frames):
            y[channel, frame] = x[channel, frame] * half
    return 0


@cfunc(signature)
def gate(input, output, frames, time, status, user):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            if x[frame, channel] > 0:
                y[frame, channel] = x[frame, channel] * four
            else:
                y[frame, channel] = 0
    return 0


@cfunc(signature)
def until_negative(input, output, frames, time, status, user):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            if x[frame, channel] < np.float32(-0.9):
                return 1
            y[frame, channel] = x[frame, channel] * half
    return 0


@cfunc(signature)
def thirds(input, output, frames, time, status, user):
    parts = frames // 3
    x = carray(input, (parts, 3, 2))
    y = carray(output, (parts, 3, 2))
    for part in range(parts):
        for frame in range(3):
            for channel in range(2):
                y[part, frame, channel] = x[part, frame, channel] * half
    return 0


@cfunc(signature)
def flat(input, output, frames, time, status, user):
    x = carray(input, 2 * frames)
    y = carray(output, 2 * frames)
    for at in range(2 * frames):
        y[at] = x[at] * half
    return 0


@cfunc(signature)
def backwards(input, output, frames, time, status, user):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            y[frame, channel] = x[-1 - frame, channel]
    return 0


@cfunc(signature)
def rational(input, output, frames, time, status, user):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            v = four * x[frame, channel]
            y[frame, channel] = v / (one + abs(v))
    return 0


@cfunc(signature)
def root(input, output, frames, time, status, user):
    x = carray(input, 2 * frames)
    y = carray(output, 2 * frames)
    for at in range(2 * frames):
        y[at] = x[at] / math.sqrt(1 + x[at] * x[at])
    return 0


@cfunc(signature)
def sigmoid(input, output, frames, time, status, user):
    x = carray(input, 2 * frames)
    y = carray(output, 2 * frames)
    for at in range(2 * frames):
        y[at] = 1 / (1 + math.exp(-float(x[at])))
    return 0


@cfunc(signature)
def may_divide_by_zero(input, output, frames, time, status, user):
    x = carray(input, 2 * frames)
    y = carray(output, 2 * frames)
    for at in range(2 * frames):
        y[at] = half / (one - abs(x[at]))
    return 0


@cfunc(signature)
def may_divide_by_nothing(input, output, frames, time, status, user):
    x = carray(input, 2 * frames)
    y = carray(output, 2 * frames)
    for at in range(2 * frames):
        y[at] = x[at] / (x[at] * x[at])
    return 0


@cfunc(signature)
def curve(input, output, frames, time, status, user):
    x = carray(input, (frames, 2))
    y = carray(output, (frames, 2))
    for frame in range(frames):
        for channel in range(2):
            y[frame, channel] = np.tanh(x[frame, channel] * four)
    return 0


@cfunc(signature)
def curve_of_some(input, output, frames, time, status, user):
    x = carray(input, 2 * frames)
    y = carray(output, 2 * frames)
    for at in range(2 * frames):
        if x[at] > 0:
            y[at] = np.sin(x[at])
        else:
            y[at] = x[at]
    return 0
