# SPDX-License-Identifier: MIT
"""Temporaries for more than the smallest arena, where a block is large."""
import numpy as np
from numba import carray, cfunc, types

samples = types.CPointer(types.float32)


@cfunc(types.intc(samples, samples, types.ulong, types.voidptr, types.ulong, types.voidptr))
def temporaries(input, output, frames, time, status, state):
    x = carray(input, 2 * frames)
    wide = np.zeros(8 * frames)
    wide[: 2 * frames] = np.tanh(2.0 * x)
    carray(output, 2 * frames)[:] = wide[: 2 * frames] + wide[2 * frames:4 * frames]
    return 0
