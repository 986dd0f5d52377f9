# SPDX-License-Identifier: MIT
"""You hear the microphone with a tremolo: Numba compiles the callback in the process that plays it."""
import sys

import numpy as np
from numba import carray, cfunc, from_dtype, types
from player import Player

Tremolo = np.dtype([("rate", np.float32), ("phase", np.float32)], align=True)
samples = types.CPointer(types.float32)
State = types.CPointer(from_dtype(Tremolo))


@cfunc(types.intc(samples, samples, types.ulong, types.voidptr, types.ulong, State), error_model="numpy")
def tremolo(input, output, frames, time, status, state):
    x, y, s = carray(input, (frames, 2)), carray(output, (frames, 2)), carray(state, 1)[0]
    for i in range(frames):
        level = 0.5 + 0.5 * np.sin(2 * np.pi * s.phase)
        for channel in range(2):
            y[i, channel] = level * x[i, channel] if x.ctypes.data != 0 else 0
        s.phase = (s.phase + s.rate / 48000) % 1
    return 0  # paContinue


if __name__ == "__main__":
    state = np.zeros(1, Tremolo)
    state["rate"] = 5
    player = Player(tremolo.address, state.ctypes.data, tremolo, state)
    player.start()
    print("Press Enter to stop.")
    sys.stdin.readline()
    player.close()
