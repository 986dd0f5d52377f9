# SPDX-License-Identifier: MIT
"""Two callbacks to link into programs, one with vector mathematics."""
import math

from numba import carray, cfunc, types

samples = types.CPointer(types.float32)
signature = types.intc(samples, samples, types.ulong, types.voidptr, types.ulong, types.voidptr)


@cfunc(signature)
def linked_gain(input, output, frames, time, status, state):
    x = carray(input, frames)
    y = carray(output, frames)
    for at in range(frames):
        y[at] = 0.5 * x[at]
    return 0


@cfunc(signature)
def linked_power(input, output, frames, time, status, state):
    x = carray(input, frames)
    y = carray(output, frames)
    for at in range(frames):
        y[at] = math.exp(2 * math.log(x[at]))
    return 0
