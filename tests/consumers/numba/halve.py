# SPDX-License-Identifier: MIT
from numba import carray, cfunc, types
from portspan_numba import stream_callback


@cfunc(types.intc(types.CPointer(types.float32), types.CPointer(types.float32), types.ulong,
                  types.voidptr, types.ulong, types.voidptr))
def halve(input, output, frames, time, status, state):
    indata = carray(input, (frames, 2))
    outdata = carray(output, (frames, 2))
    outdata[:] = indata * 0.5
    return 0


@stream_callback(channels=2)
def halve_arrays(input, output):
    output[:] = 0.5 * input
