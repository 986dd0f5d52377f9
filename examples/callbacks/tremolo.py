# SPDX-License-Identifier: MIT
"""The volume goes up and down; how fast and how far is the program's to say."""
import numpy as np
from numba import carray, cfunc, types

Tremolo = types.Record.make_c_struct([("rate", types.float32),   # Hz
                                      ("depth", types.float32),  # 0 to 1
                                      ("phase", types.float64)])
samples = types.CPointer(types.float32)


@cfunc(types.intc(samples, samples, types.ulong, types.voidptr, types.ulong, types.CPointer(Tremolo)))
def tremolo(input, output, frames, time, status, state):
    x = carray(input, (frames, 2))      # two channels: PortAudio does not say how many
    y = carray(output, (frames, 2))
    s = carray(state, 1)[0]
    phase = s.phase + 2 * np.pi * s.rate / 48000 * np.arange(np.int64(frames))
    volume = (1 - s.depth * (0.5 + 0.5 * np.cos(phase))).astype(np.float32)
    y[:] = 0
    if x.ctypes.data != 0:              # there may be no input (`input is None` is never true)
        y[:, 0] = volume * x[:, 0]
        y[:, 1] = volume * x[:, 1]
    s.phase = (s.phase + 2 * np.pi * s.rate / 48000 * frames) % (2 * np.pi)
    return 0                            # 0 go on, 1 complete, 2 abort
