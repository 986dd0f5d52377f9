# SPDX-License-Identifier: MIT
"""A warm distortion: an asymmetric soft clipper, and a DC blocker that takes out the offset it makes."""
import math

from numba import carray, cfunc, types

MOST_CHANNELS = 8
BIAS = 0.25  # bends one half of the wave more than the other: even harmonics, and an offset
REST = math.tanh(BIAS)  # what the bias makes of silence

# A state of zeros is a useful one: the default drive, two channels in and two out. PortAudio tells a
# callback nothing about its channels, so streams of another shape say so here before they start.
State = types.Record.make_c_struct([
    ("gain", types.float32),  # the drive; 0 stands for 4
    ("input_channels", types.int32),  # 0 stands for 2
    ("output_channels", types.int32),  # 0 stands for 2, at most 8
    # The DC blocker's memory. In float32 its rounding errors would add up.
    ("clipped", types.NestedArray(types.float64, (MOST_CHANNELS,))),
    ("blocked", types.NestedArray(types.float64, (MOST_CHANNELS,))),
])

samples = types.CPointer(types.float32)


@cfunc(types.intc(samples, samples, types.ulong, types.voidptr, types.ulong, types.CPointer(State)),
       error_model="numpy")
def soft_clip(input, output, frames, time, status, user):
    state = carray(user, 1)[0]
    drive = float(state.gain) if state.gain != 0 else 4.0
    inputs = state.input_channels if state.input_channels > 0 else 2
    outputs = state.output_channels if state.output_channels > 0 else 2
    if outputs > MOST_CHANNELS:
        return 2  # paAbort: there is no memory for their DC blockers
    source = carray(input, frames * inputs)
    target = carray(output, frames * outputs)
    silent = source.ctypes.data == 0  # PortAudio may have no input yet

    for frame in range(frames):
        for channel in range(outputs):
            x = 0.0
            if not silent:
                # A mono input feeds every output.
                x = float(source[frame * inputs + min(channel, inputs - 1)])
            clipped = math.tanh(drive * x + BIAS) - REST
            blocked = clipped - state.clipped[channel] + 0.995 * state.blocked[channel]
            state.clipped[channel] = clipped
            state.blocked[channel] = blocked
            target[frame * outputs + channel] = 0.8 * blocked
    return 0
