# SPDX-License-Identifier: MIT
"""One assignment: Numba checks shapes and overlap, so it holds both an allocation and an exception path."""
from numba import carray, cfunc, types

from prototype import prototype

@cfunc(prototype(types.voidptr))
def assign(input, output, frames, time, status, state):
    indata = carray(input, frames)
    outdata = carray(output, frames)
    outdata[:] = indata
    return 0
