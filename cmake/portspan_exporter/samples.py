# SPDX-License-Identifier: MIT
"""Callbacks with what callbacks mostly do: once they are compiled, Numba is faster with the next that does the same."""
import math

import numpy as np
from numba import carray, cfunc, types
from portspan_numba import stream_callback


def pointers():
    state_type = types.Record.make_c_struct([
        ("gain", types.float32), ("count", types.int32), ("past", types.NestedArray(types.float64, (4,)))])
    samples = types.CPointer(types.float32)

    @cfunc(types.intc(samples, samples, types.ulong, types.voidptr, types.ulong, types.CPointer(state_type)),
           error_model="numpy")
    def callback(input, output, frames, time, status, user):
        state = carray(user, 1)[0]
        drive = float(state.gain) if state.gain != 0 else 2.0
        source, target = carray(input, frames * 2), carray(output, frames * 2)
        silent = source.ctypes.data == 0
        for frame in range(frames):
            for channel in range(min(state.count, 2)):
                x = 0.0 if silent else float(source[frame * 2 + max(channel, 1)])
                state.past[channel] = math.tanh(drive * x) + 0.9 * state.past[channel]
                target[frame * 2 + channel] = 0.5 * state.past[channel]
        return 0


def loops():
    @stream_callback(channels=2, state=[("rate", "f4"), ("phase", "f8"), ("at", "i4"), ("line", "f4", 8)])
    def callback(input, output, state):
        for frame in range(output.shape[0]):
            volume = 1 - 0.5 * math.cos(state.phase) * math.sin(state.phase)
            state.phase = (state.phase + 2 * math.pi * state.rate / 48000) % (2 * math.pi)
            state.line[state.at] = input[frame, 0]
            state.at = (state.at + 1) % state.line.shape[0]
            for channel in range(2):
                output[frame, channel] = volume * input[frame, channel] + state.line[state.at]


def arrays():
    @stream_callback(channels=2)
    def callback(input, output):
        if len(input) == 1:
            raise ValueError("one frame")
        output[:] = 0.5 * input
        output[:, 0] = np.tanh(input[:, 1])


def planes():
    @stream_callback(channels=2, planar=True)
    def callback(input, output):
        for x, y in zip(input, output):
            y[:] = 0.5 * x


ALL = (pointers, loops, arrays, planes)
