# SPDX-License-Identifier: MIT
"""Two callbacks that meet in one program; both have temporaries and exceptions, so both bring a runtime."""
import numpy as np
from numba import carray, cfunc, types

from prototype import prototype


@cfunc(prototype(types.voidptr))
def overlay_double(input, output, frames, time, status, state):
    if frames == 3:
        raise ValueError("the doubling one")
    x = carray(input, frames)
    carray(output, frames)[:] = np.concatenate((x, x))[:frames] * 2
    return 0


@cfunc(prototype(types.voidptr))
def overlay_square(input, output, frames, time, status, state):
    if frames == 3:
        raise ValueError("the squaring one")
    x = carray(input, frames)
    carray(output, frames)[:] = np.concatenate((x, x))[:frames] ** 2
    return 0
