# SPDX-License-Identifier: MIT
"""The ABI of PaStreamCallback in Numba's types."""
import ctypes

from numba import types

from .refusal import Refusal

# What a function needs above it to be a callback, ready to be copied.
DECORATOR = "`@stream_callback(channels=2)` (from portspan_numba import stream_callback)"
# The same for one with all the parameters of PaStreamCallback.
DECORATION = ("`@cfunc(types.intc(types.CPointer(types.float32), types.CPointer(types.float32), types.ulong, "
              "types.voidptr, types.ulong, types.voidptr))` (from numba import carray, cfunc, types)")
PARAMETERS = ("input", "output", "frames", "time", "status", "state")
SAMPLES = (types.float32, types.int32, types.int16, types.int8, types.uint8)
ULONG = 8 * ctypes.sizeof(ctypes.c_ulong)


def roles(function):
    """The parameters of a callback, whatever they are called: which one is the input, and so on."""
    names = [argument.arg for argument in function.args.args] if function else []
    return dict(zip(names, PARAMETERS)) if len(names) == len(PARAMETERS) else {}


def pointer_names(function):
    return {name: role for name, role in roles(function).items() if role not in ("frames", "status")}


def is_pointer(kind):
    return isinstance(kind, (types.CPointer, types.RawPointer))


def check_signature(signature, line):
    """The ABI of PaStreamCallback: what the calling convention sees, and of the pointees what PortAudio knows."""
    def wrong(what, should):
        raise Refusal(what, f"{should}; the whole is {DECORATION}", line)

    result = signature.return_type
    if not isinstance(result, types.Integer) or result.bitwidth != 32:
        wrong(f"the result is {result}, PortAudio wants a C int of 32 bits", "write types.intc as the result")
    if len(signature.args) != 6:
        wrong(f"it has {len(signature.args)} parameters, PaStreamCallback has 6",
              "take input, output, frames, time, status, state")
    for number, (name, kind) in enumerate(zip(PARAMETERS, signature.args), 1):
        label = f"parameter {number} ({name}) is {kind}"
        if name in ("frames", "status"):
            if not isinstance(kind, types.Integer) or kind.bitwidth != ULONG:
                wrong(f"{label}, PortAudio passes an unsigned long of {ULONG} bits", "write types.ulong")
        elif not is_pointer(kind):
            wrong(f"{label}, PortAudio passes a pointer", "write types.CPointer(...) or types.voidptr")
        elif name in ("input", "output") and not is_sample_pointer(kind):
            raise Refusal(f"{label}, PortAudio has no such sample", "use types.float32 (or int32, int16, int8, uint8; "
                          "types.voidptr for packed 24 bit), and convert inside", line)
    time = pointee(signature.args[3])
    if isinstance(time, types.Record) and (
            time.size != 24 or [str(time.typeof(f)) for f in fields_of(time)] != ["float64"] * 3):
        wrong(f"parameter 4 (time) points at {time}, PaStreamCallbackTimeInfo is three float64",
              "write types.Record.make_c_struct of three float64, or types.voidptr")


def is_sample_pointer(kind, planar=True):
    """Samples, frames as records, nothing that is known of them, or with `planar` pointers to any of these."""
    target = pointee(kind)
    return (target is None or target in SAMPLES or isinstance(target, (types.Record, types.NoneType))
            or planar and is_pointer(target) and is_sample_pointer(target, False))


def pointee(kind):
    return kind.dtype if isinstance(kind, types.CPointer) else None


def fields_of(record):
    return sorted(record.fields, key=record.offset)
