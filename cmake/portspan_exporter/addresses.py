# SPDX-License-Identifier: MIT
"""Numbers in the code that mean something in the compiling process only."""
import ctypes
import re

import numpy
from numba.core.ccallback import CFunc
from numba.extending import is_jitted

from .refusal import Refusal

ADDRESS = "numba.dynamic.globals."


def refuse_addresses(module, cfunc, line):
    """Numbers in the code that are addresses in this process."""
    addresses = {int(v.name.split(".")[3], 16) for v in module.global_variables
                 if v.name.startswith(ADDRESS)}
    limit = 1 << (8 * ctypes.sizeof(ctypes.c_void_p))
    for text in re.findall(r"inttoptr \(i(?:32|64) (-?\d+) to", str(module)):
        value = int(text) % limit
        if 0xffff < value < limit - 0xffff:
            addresses.add(value)
    if not addresses:
        return
    names = global_names(cfunc)
    for address in sorted(addresses):
        if address in names:
            name, value = names[address]
            if isinstance(value, numpy.ndarray):
                raise Refusal(f"it uses the global array {name} ({value.nbytes} bytes) by its address in the compiling "
                              "process, since Numba copies only contiguous arrays of up to 1 MB into the code",
                              "make it contiguous and smaller (np.ascontiguousarray), or pass it in the state", line)
            raise Refusal(f"it uses the global {name} by its address in the compiling process",
                          "make it an @njit function, or pass it in the state", line)
    numbers = ", ".join(f"{address:#x}" for address in sorted(addresses))
    raise Refusal(f"it holds addresses of the compiling process ({numbers})",
                  "use no ctypes or cffi functions, function pointers or jitclass instances in the callback", line)


def global_names(cfunc):
    """Every address that a global of the callback, or of a function that it may call, stands for."""
    found, pending, seen = {}, [cfunc.__wrapped__], set()
    while pending:
        function = pending.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        cells = zip(function.__code__.co_freevars, [c.cell_contents for c in function.__closure__ or ()])
        for name, value in [*function.__globals__.items(), *cells]:
            if name.startswith("__"):
                continue
            found[id(value)] = (name, value)
            if isinstance(value, numpy.ndarray):
                found[value.ctypes.data] = (name, value)
            elif isinstance(value, CFunc):
                found[value.address] = (name, value)
            elif is_jitted(value):
                pending.append(value.py_func)
            elif isinstance(value, ctypes._CFuncPtr):
                found[ctypes.cast(value, ctypes.c_void_p).value] = (name, value)
    return found
