# SPDX-License-Identifier: MIT
"""States that are plain arrays, of a length that only the callback knows: nothing can stand in for them."""
import numpy as np
from numba import carray, cfunc, types

from prototype import prototype


@cfunc(prototype(types.CPointer(types.float32)), error_model="numpy")
def delay(input, output, frames, time, status, user):
    line = carray(user, (1024,))
    x = carray(input, frames)
    y = carray(output, frames)
    for frame in range(frames):
        y[frame] = line[1023]
        for at in range(1023, 0, -1):
            line[at] = line[at - 1]
        line[0] = x[frame]
    return 0


@cfunc(prototype(types.CPointer(types.float32)))
def delay_block(input, output, frames, time, status, user):
    line = carray(user, (1024,))
    x = carray(input, 1024)
    y = carray(output, 1024)
    if frames != 1024:
        raise ValueError("blocks of 1024")
    y[:] = line
    line[:] = np.tanh(2 * x)
    return 0
