# SPDX-License-Identifier: MIT
"""A state with everything that a C struct may hold, written and read back; planar buffers of 16-bit samples."""
import numpy as np
from numba import carray, cfunc, from_dtype, types

voice = np.dtype([("phase", np.float64), ("on", np.bool_), ("notes", np.uint8, (2, 3))], align=True)
State = from_dtype(np.dtype([
    ("tag", np.int8),
    ("voice", voice),
    ("level", np.float32),
    ("count", np.uint16),
    ("spectrum", np.complex64, (2,)),
    ("total", np.int64),
], align=True))

planes = types.CPointer(types.CPointer(types.int16))
Time = types.Record.make_c_struct([(name, types.float64) for name in ("adc", "now", "dac")])


@cfunc(types.int32(planes, planes, types.ulong, types.CPointer(Time), types.ulong, types.CPointer(State)),
       error_model="numpy")
def layout(input, output, frames, time, status, user):
    state = carray(user, 1)[0]
    moment = carray(time, 1)[0]
    sources = carray(input, 2)
    targets = carray(output, 2)
    for channel in range(2):
        source = carray(sources[channel], frames)
        target = carray(targets[1 - channel], frames)
        for frame in range(frames):
            target[frame] = source[frame] + state.tag
    state.level = moment.now
    state.count += 1
    state.total += status
    return 0
