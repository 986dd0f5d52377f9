# SPDX-License-Identifier: MIT
"""Each way to fail that ordinary Python has."""
import numpy as np
from numba import carray, cfunc, njit, types

from prototype import prototype

State = types.Record.make_c_struct([("failure", types.int32), ("divisor", types.float32), ("index", types.int64)])


class Overload(Exception):
    pass


@njit
def folded(samples):
    return samples.reshape(3, 5)


@cfunc(prototype(types.CPointer(State)), boundscheck=True)
def failures(input, output, frames, time, status, user):
    state = carray(user, 1)[0]
    x = carray(input, frames)
    y = carray(output, frames)
    if state.failure == 1:
        raise ValueError("boo")
    if state.failure == 2:
        raise Overload("too \"loud\" \u00e4", 3)
    if state.failure == 3:
        assert frames == 0
    if state.failure == 4:
        y[:] = np.zeros(frames + 1)
    if state.failure == 5:
        y[0] = folded(x)[2, 4]
    if state.failure == 6:
        y[0] = x.reshape(3, 7)[2, 4]
    for i in range(frames):
        y[i] = x[i] / state.divisor
    y[state.index] = 1
    return 0
