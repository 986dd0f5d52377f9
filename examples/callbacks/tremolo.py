# SPDX-License-Identifier: MIT
"""The volume goes up and down; how fast and how far is the program's to say."""
import math

from portspan_numba import stream_callback


@stream_callback(channels=2, in_place=True,
                 state=[("rate", "f4"),     # Hz
                        ("depth", "f4"),    # 0 to 1
                        ("phase", "f8")],
                 defaults={"rate": 5, "depth": 0.8})
def tremolo(input, output, state):
    for frame in range(output.shape[0]):
        volume = 1 - state.depth * (0.5 + 0.5 * math.cos(state.phase))
        state.phase = (state.phase + 2 * math.pi * state.rate / 48000) % (2 * math.pi)
        for channel in range(2):
            output[frame, channel] = volume * input[frame, channel]
