# SPDX-License-Identifier: MIT
"""Which functions compiled code may call: those that the runtime serves, and the C library's mathematics."""
import re
import struct

import llvmlite.binding as llvm

from .places import RAISED_AT
from .refusal import Refusal

ALLOCATION = {
    "NRT_Allocate", "NRT_Reallocate", "NRT_MemInfo_alloc", "NRT_MemInfo_alloc_safe", "NRT_MemInfo_alloc_aligned",
    "NRT_MemInfo_alloc_safe_aligned", "NRT_MemInfo_alloc_dtor", "NRT_MemInfo_alloc_dtor_safe",
    "NRT_MemInfo_new_varsize", "NRT_MemInfo_new_varsize_dtor", "NRT_MemInfo_varsize_alloc",
    "NRT_MemInfo_varsize_realloc", "NRT_MemInfo_varsize_free",
}
RELEASE = {"NRT_Free", "NRT_MemInfo_call_dtor"}
EXCEPTION = {
    "numba_gil_ensure", "numba_gil_release", "numba_unpickle", "numba_do_raise", "PyErr_Clear", "PyErr_SetString",
    "PyErr_SetNone", "PyErr_WriteUnraisable", "PyUnicode_FromString", "Py_IncRef", "Py_DecRef",
    "PyBytes_FromStringAndSize", "numba_runtime_build_excinfo_struct", RAISED_AT,
}
HELPER = {"numba_attempt_nocopy_reshape"} | {
    name + suffix
    for suffix in ("", "f")
    for name in ("numba_gamma", "numba_lgamma", "numba_erf", "numba_erfc", "numba_fixed_fmod", "numba_frexp",
                 "numba_ldexp", "numba_signbit", "numba_fptoui", "numba_cpow", "npy_exp2", "npy_log2", "npy_modf",
                 "npy_nextafter", "npy_spacing", "npy_logaddexp", "npy_logaddexp2")
}

# The C library's mathematics, and what compilers call behind the programmer's back.
LIBM = {
    name + suffix
    for suffix in ("", "f")
    for name in ("acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp10 exp2 expm1 "
                 "fabs floor fma fmax fmin fmod frexp hypot ldexp lgamma llrint llround log log10 log1p log2 logb "
                 "lrint lround modf nearbyint nextafter pow remainder remquo rint round roundeven scalbn sin sincos "
                 "sinh sqrt tan tanh tgamma trunc").split()
} | {"memcpy", "memmove", "memset", "memcmp", "bcmp"}
COMPILER_RUNTIME = re.compile(
    r"__(powi[sdtx]f2|u?(div|mod)[dt]i[34]|u?divmod[dt]i4|mul[sdtx]c3|div[sdtx]c3|mul[dt]i3|mulo[dt]i4"
    r"|(ashl|ashr|lshr)[dt]i3|(fix|fixuns)[sdt]f[dst]i|float(un)?[dst]i[sdt]f|extend[hs]f[sd]f2|trunc[sd]f[hs]f2"
    r"|gnu_h2f_ieee|gnu_f2h_ieee|chkstk|sincos(f)?_stret|exp10f?)$")

# The first row that any of the symbols matches tells why they cannot leave the interpreter, and what to do about it. So
# a feature stands before those whose symbols it brings along: parallel code prints, and print() boxes arrays.
REASONS = [
    (r"numba_(parallel|set_num_threads|get_num_threads|threading|launch)|(get|set)_(num_threads|sched|parallel_chunk)"
     r"|do_scheduling|omp_",
     "parallel=True starts threads of the interpreter's process", "compile without parallel=True"),
    (r"PySys_|PyObject_(Str|Repr|Print)|PyUnicode_AsUTF8|puts$|printf$|NRT_debug",
     "print() needs the interpreter", "remove print(); write what you want to see into the state"),
    (r"numba_(get_\w*random_state|rnd_|poisson)",
     "np.random and random keep their state in the interpreter's process",
     "keep the generator's state in the callback's own state (an xorshift of a few lines)"),
    (r"numba_(xx|ez_|xge|cblas)|cblas_|LAPACKE_",
     "np.dot, @ and np.linalg call the BLAS library that is loaded in the interpreter's process",
     "write the loop: Numba compiles it to the same instructions"),
    (r"numba_(dict|list|set)_",
     "typed lists and dictionaries live in the interpreter's process", "use an array in the callback's state"),
    (r"_?Py|numba_(env|box|adapt|get_pyobject|set_pyobject|reset_pyobject|unpack|extract|recreate|ndarray|get_buffer"
     r"|release_buffer|complex_adaptor|py_type|create_np|gettyperecord)|NRT_(adapt|get_api)",
     "it works on Python objects (object mode, or a value that only the interpreter knows)",
     "keep to nopython mode: numbers, tuples and NumPy arrays"),
    (r"", "it calls a function that only the interpreter's process has", "use mathematics that Numba compiles itself"),
]


def undefined_symbols(data, module):
    """Asks the object itself where it is ELF: the back end may have added calls that the IR does not show."""
    if data[:4] == b"\x7fELF":
        sections = {}
        for section in llvm.ObjectFileRef.from_data(data).sections():
            sections[section.name() or b""] = bytes(section.data())
        order, wide = "<" if data[5] == 1 else ">", data[4] == 2
        table, names = sections[b".symtab"], sections[b".strtab"]
        step = 24 if wide else 16
        found = set()
        for at in range(step, len(table), step):
            name, = struct.unpack_from(order + "I", table, at)
            section, = struct.unpack_from(order + "H", table, at + (6 if wide else 14))
            if section == 0:
                found.add(names[name:names.index(b"\0", name)].decode())
        return found - {"_GLOBAL_OFFSET_TABLE_"}
    values = [*module.functions, *module.global_variables]
    return {v.name for v in values if v.is_declaration and not v.name.startswith("llvm.")}


def is_served(name):
    return name in ALLOCATION | RELEASE | EXCEPTION | HELPER or name.startswith("PyExc_")


def refuse_symbols(symbols, line):
    for pattern, reason, cure in REASONS:
        guilty = sorted(name for name in symbols if re.match(pattern, name))
        if guilty:
            raise Refusal(f"{reason} (symbols: {', '.join(guilty)})", cure, line)
