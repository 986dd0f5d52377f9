# SPDX-License-Identifier: MIT
"""What people write in callbacks, one operation for each number in the state."""
import math

import numpy as np
from numba import carray, cfunc, njit, types

from prototype import prototype

State = types.Record.make_c_struct([("operation", types.int32), ("scale", types.float32)])

# Numba copies such a global into the code.
TAPS = np.array([0.5, 0.25, -0.125], dtype=np.float64)


@njit
def fold(x):
    return math.sin(1.5 * x)


@njit
def extremes(samples):
    return samples.min(), samples.max()


@cfunc(prototype(types.CPointer(State)))
def operations(input, output, frames, time, status, user):
    state = carray(user, 1)[0]
    x = carray(input, frames)
    y = carray(output, frames)
    operation = state.operation
    if operation == 0:
        y[:] = x
    elif operation == 1:
        y[:] = x * 0.5
    elif operation == 2:
        y[:] = np.tanh(2 * x)
    elif operation == 3:
        y[:] = np.sin(x) + np.cos(x) * np.exp(-np.abs(x))
    elif operation == 4:
        y[:] = 0
        y[0] = np.sum(x)
        y[1] = x.mean()
        y[2] = np.std(x)
        y[3] = np.abs(x).max()
        y[4] = np.argmax(x)
    elif operation == 5:
        low, high = extremes(x)
        pair = (low, high, state.scale)
        for i in range(frames):
            y[i] = pair[0] + pair[1] * pair[2]
    elif operation == 6:
        for i in range(frames):
            total = 0.0
            for k in range(len(TAPS)):
                if i >= k:
                    total += TAPS[k] * x[i - k]
            y[i] = total
    elif operation == 7:
        for i in range(frames):
            y[i] = fold(x[i])
    elif operation == 8:
        for i in range(frames):
            a = abs(float(x[i])) + 0.25
            mantissa, exponent = math.frexp(a)
            y[i] = (math.sqrt(a) + math.exp(a) + math.log(a) + math.log1p(a) + math.expm1(a) + math.log10(a)
                    + math.sinh(a) + math.cosh(a) + math.atan2(a, 2.0) + math.hypot(a, 3.0) + math.pow(a, 1.5)
                    + math.erf(a) + math.erfc(a) + math.gamma(a) + math.lgamma(a) + a % 0.3
                    + math.floor(a) + math.ceil(a) + math.copysign(a, -1.0) + math.asinh(a) + math.tan(a)
                    + mantissa + exponent + math.ldexp(a, 2)) / 64.0
    elif operation == 9:
        matrix = x.reshape(frames // 2, 2)
        y[:] = 0
        y[:2] = matrix.sum(axis=0)
        swapped = matrix[:, ::-1].copy()
        y[2:4] = swapped[1]
        y[4:8] = matrix.reshape(frames)[4:8]
    elif operation == 10:
        # A temporary in each round: more in all than any arena holds.
        for i in range(frames):
            window = np.zeros(4096)
            window[:] = x[i]
            y[i] = window[4095]
    elif operation == 11:
        found = [0.0]
        for i in range(frames):
            if x[i] > 0:
                found.append(float(x[i]))
        y[:] = len(found)
    elif operation == 12:
        y[:] = np.sort(x)
    elif operation == 13:
        for i in range(frames):
            y[i] = (complex(x[i], 0.5) ** complex(1.5, 0.25)).real
    return 0
