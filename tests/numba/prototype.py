# SPDX-License-Identifier: MIT
"""Imported by the callbacks beside it: such a file is part of what they are built from."""
from numba import types


def prototype(state, sample=types.float32):
    samples = types.CPointer(sample)
    return types.intc(samples, samples, types.ulong, types.voidptr, types.ulong, state)
