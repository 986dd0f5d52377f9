# SPDX-License-Identifier: MIT
"""Nothing that could fail, no state to replace: the export is the compiled function itself."""
from numba import carray, cfunc, types

from prototype import prototype


@cfunc(prototype(types.voidptr), error_model="numpy")
def gain(input, output, frames, time, status, state):
    indata = carray(input, frames)
    outdata = carray(output, frames)
    for frame in range(frames):
        outdata[frame] = indata[frame] * 0.5
    return 1 if frames == 7 else 0
