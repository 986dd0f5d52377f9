# SPDX-License-Identifier: MIT
"""Every function that libmvec may have and Numba knows, over an array of each type; the state says which."""
import math

import numpy as np
from numba import carray, cfunc, njit, types

State = types.Record.make_c_struct([("function", types.int32)])


def loop(function):
    """Its first argument is an array, and so is the second where it has one."""
    function = njit(function)

    @njit
    def one(x, y, z):
        for i in range(len(z)):
            z[i] = function(x[i])

    @njit
    def two(x, y, z):
        for i in range(len(z)):
            z[i] = function(x[i], y[i])

    return two if function.py_func.__code__.co_argcount == 2 else one


acos = loop(lambda x: math.acos(x))
acosh = loop(lambda x: math.acosh(x))
asin = loop(lambda x: math.asin(x))
asinh = loop(lambda x: np.arcsinh(x))
atan = loop(lambda x: math.atan(x))
atan2 = loop(lambda x, y: math.atan2(x, y))
atanh = loop(lambda x: np.arctanh(x))
cos = loop(lambda x: math.cos(x))
cosh = loop(lambda x: math.cosh(x))
erf = loop(lambda x: math.erf(x))
erfc = loop(lambda x: math.erfc(x))
exp = loop(lambda x: np.exp(x))
exp2 = loop(lambda x: np.exp2(x))
expm1 = loop(lambda x: math.expm1(x))
hypot = loop(lambda x, y: np.hypot(x, y))
log = loop(lambda x: math.log(x))
log10 = loop(lambda x: math.log10(x))
log1p = loop(lambda x: math.log1p(x))
log2 = loop(lambda x: np.log2(x))
power = loop(lambda x, y: x ** y)
sin = loop(lambda x: math.sin(x))
sinh = loop(lambda x: math.sinh(x))
tan = loop(lambda x: math.tan(x))
tanh = loop(lambda x: np.tanh(x))


@njit
def compute(which, x, y, z):
    if which == 0:
        acos(x, y, z)
    elif which == 1:
        acosh(x, y, z)
    elif which == 2:
        asin(x, y, z)
    elif which == 3:
        asinh(x, y, z)
    elif which == 4:
        atan(x, y, z)
    elif which == 5:
        atan2(x, y, z)
    elif which == 6:
        atanh(x, y, z)
    elif which == 7:
        cos(x, y, z)
    elif which == 8:
        cosh(x, y, z)
    elif which == 9:
        erf(x, y, z)
    elif which == 10:
        erfc(x, y, z)
    elif which == 11:
        exp(x, y, z)
    elif which == 12:
        exp2(x, y, z)
    elif which == 13:
        expm1(x, y, z)
    elif which == 14:
        hypot(x, y, z)
    elif which == 15:
        log(x, y, z)
    elif which == 16:
        log10(x, y, z)
    elif which == 17:
        log1p(x, y, z)
    elif which == 18:
        log2(x, y, z)
    elif which == 19:
        power(x, y, z)
    elif which == 20:
        sin(x, y, z)
    elif which == 21:
        sinh(x, y, z)
    elif which == 22:
        tan(x, y, z)
    elif which == 23:
        tanh(x, y, z)
    else:
        return 1
    return 0


signature = types.intc(types.voidptr, types.voidptr, types.ulong, types.voidptr, types.ulong, types.CPointer(State))


# The input is two arrays one behind the other; none of this wants fastmath.


@cfunc(signature)
def single_precision(input, output, frames, time, status, user):
    x = carray(input, (2, frames), np.float32)
    return compute(carray(user, 1)[0].function, x[0], x[1], carray(output, frames, np.float32))


@cfunc(signature)
def double_precision(input, output, frames, time, status, user):
    x = carray(input, (2, frames), np.float64)
    return compute(carray(user, 1)[0].function, x[0], x[1], carray(output, frames, np.float64))
