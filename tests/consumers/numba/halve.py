# SPDX-License-Identifier: MIT
from numba import carray, cfunc, types


@cfunc(types.intc(types.CPointer(types.float32), types.CPointer(types.float32), types.ulong,
                  types.voidptr, types.ulong, types.voidptr))
def halve(input, output, frames, time, status, state):
    indata = carray(input, (frames, 2))
    outdata = carray(output, (frames, 2))
    outdata[:] = indata * 0.5
    return 0
