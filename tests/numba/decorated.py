# SPDX-License-Identifier: MIT
"""What @stream_callback makes of functions: each kind of signature, sample and layout that it has."""
import math

import numpy as np
from numba import njit
from portspan_numba import stream_callback


@stream_callback(channels=2, in_place=True)
def d_gain(input, output):
    for frame in range(output.shape[0]):
        for channel in range(output.shape[1]):
            output[frame, channel] = 0.5 * input[frame, channel]


@stream_callback(channels=2, in_place=False)
def d_slice(input, output):
    output[:] = 0.5 * input + 0.25


# The second channel reads what the first has not changed, whatever stands in for an absent input.
@stream_callback(channels=2)
def d_side(input, output):
    for frame in range(output.shape[0]):
        output[frame, 0] = input[frame, 0] + 1
        output[frame, 1] = input[frame, 0] + 2


@stream_callback(channels=(1, 2), state=[("gain", "f4"), ("mode", "i4"), ("line", "f8", 3), ("count", "u8")],
                 defaults={"gain": 0.5, "line": [0, 0.25, 0]})
def d_state(state, output, input):
    for frame in range(output.shape[0]):
        delayed = state.line[2]
        state.line[2], state.line[1], state.line[0] = state.line[1], state.line[0], input[frame, 0]
        output[frame, :] = state.gain * delayed
    state.count += output.shape[0]
    if state.mode == 7:
        return state.mode - 6


@njit
def scaled(plane, factor):
    return factor * np.sum(plane)


@stream_callback(channels=(2, 3), sample=("float32", "int16"), planar=True)
def d_planar(input, output, time, status):
    for channel in range(len(output)):
        output[channel][:] = 100 * channel + time.currentTime
    for x, y in zip(input, output):
        for frame in range(len(y)):
            y[frame] += x[frame]
    output[2][0] = scaled(input[0], 10)
    return status


@stream_callback(channels=(0, 1))
def d_tone(output):
    for frame in range(len(output)):
        output[frame] = math.sin(0.1 * frame)


@stream_callback(channels=2, state=[("peak", "f4")])
def d_meter(input, state):
    state.peak = max(state.peak, np.abs(input).max())
    return state.peak > 1


@stream_callback(channels=1, sample="uint8")
def d_bytes(input, output):
    output[:] = input


@stream_callback(channels=1, sample="int32", error_model="python")
def d_raises(input, output):
    if input[0, 0] == 3:
        raise ValueError("three")
    output[0, 0] = 12 // input[0, 0]


@stream_callback(channels=2, boundscheck=True)
def d_checked(input, output):
    output[:] = input
    output[output.shape[0] - 1, 2 * int(input[0, 0])] = 7


# Nothing writes to their states, which compilers then take for constants.
@stream_callback(channels=2, state=[("gain", "f4"), ("offset", "f4", 2)], defaults={"gain": 2, "offset": [0, 0.5]})
def d_reads(input, output, state):
    for frame in range(output.shape[0]):
        for channel in range(2):
            output[frame, channel] = state.gain * input[frame, channel] + state.offset[channel]


@stream_callback(channels=2, state=[("gain", "f4")])
def d_reads_zero(input, output, state):
    output[:] = state.gain * input
