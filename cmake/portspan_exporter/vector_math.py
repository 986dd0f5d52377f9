# SPDX-License-Identifier: MIT
"""Loops over sin, tanh and the like call glibc's libmvec, which computes a whole vector at a time.

LLVM's vectorisers widen a call that names vector functions for it. Their names follow the vector function ABI: _ZGV, a
letter for the instruction set, N for "without a mask", the number of lanes, v for each argument, the scalar function.
"""
import ctypes
import re

import llvmlite.binding as llvm

LIBRARY = "libmvec.so.1"

# The bits of a vector: SSE, AVX, AVX2 and AVX-512 of x86-64, and AdvSIMD of aarch64.
BITS = {"b": 128, "c": 256, "d": 256, "e": 512, "n": 128}

# What libmvec may have, and of how many arguments; whether it does, the library is asked.
FUNCTIONS = {
    **{name: 1 for name in "acos acosh asin asinh atan atanh cbrt cos cosh erf erfc exp exp10 exp2 expm1".split()},
    **{name: 1 for name in "log log10 log1p log2 sin sinh tan tanh".split()},
    **{name: 2 for name in "atan2 hypot pow".split()},
}

# What a function is called where the code calls it, and its function and type.
SCALAR = {}
for function in FUNCTIONS:
    for kind, suffix, bits in ("float", "f", "f32"), ("double", "", "f64"):
        for called in f"{function}{suffix}", f"npy_{function}{suffix}", f"llvm.{function}.{bits}":
            SCALAR[called] = function, kind

CALL = re.compile(r"^  %\S+ = (?:tail |notail )?call (?:[a-z]+ )*(?:float|double) @(?P<called>[\w.]+)"
                  r"\([^()\n]*\)", re.M)


def vector_math(target, wanted):
    if not wanted:
        return VectorMath()
    if not target.sets:
        return VectorMath(why=f"there is no libmvec for {target.triple}")
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return VectorMath(why=f"there is no {LIBRARY}")
    return VectorMath(target.sets, lambda name: hasattr(library, name), f"{LIBRARY} has no such function")


class VectorMath:
    """The vector functions for a CPU with some instruction sets, of those that libmvec `has`. `why` tells of a function
    without one why that is so, where a user should know."""

    def __init__(self, sets="", has=None, why=None):
        self.sets, self.has, self.why = sets, has, why
        # The vector functions that the code may call now, and the scalar ones that have none.
        self.declared, self.alone = {}, set()

    def note(self):
        if self.why and self.alone:
            return f"loops over {', '.join(sorted(self.alone))} compute one number at a time: {self.why}"
        return None

    def vectors(self, function, kind):
        """Every (vector function, lanes) of a scalar one."""
        lanes = {letter: BITS[letter] // (32 if kind == "float" else 64) for letter in self.sets}
        suffix = f"N{{}}{'v' * FUNCTIONS[function]}_{function}{'f' if kind == 'float' else ''}"
        names = [(f"_ZGV{letter}{suffix.format(count)}", count) for letter, count in lanes.items()]
        return [(name, count) for name, count in names if self.has(name)]

    def annotate(self, ir):
        """The code, with the names of the vector functions at each call that has some."""
        ir = CALL.sub(self.annotated, ir)
        if not self.declared:
            return ir
        opaque = llvm.llvm_version_info[0] >= 15
        declarations, kept = [], []
        for name, (vector, arguments) in sorted(self.declared.items()):
            parameters = ", ".join([vector] * arguments)
            declarations.append(f"declare {vector} @{name}({parameters}) {pure()}")
            kept.append(f"ptr @{name}" if opaque else f"i8* bitcast ({vector} ({parameters})* @{name} to i8*)")
        # They have to be there when the vectoriser comes by; the object has no trace of those that it does not need.
        used = (f"@llvm.compiler.used = appending global [{len(kept)} x {'ptr' if opaque else 'i8*'}] "
                f"[{', '.join(kept)}], section \"llvm.metadata\"")
        return "\n".join([ir, *declarations, used, ""])

    def annotated(self, match):
        called = match["called"]
        if called not in SCALAR:
            return match[0]
        function, kind = SCALAR[called]
        vectors = self.vectors(function, kind)
        if not vectors:
            self.alone.add(function)
            return match[0]
        self.declared.update({name: (f"<{count} x {kind}>", FUNCTIONS[function]) for name, count in vectors})
        names = ",".join(f"{name[:name.index('_', 1)]}_{called}({name})" for name, _ in vectors)
        return f"{match[0]} {pure()} \"vector-function-abi-variant\"=\"{names}\""


def pure():
    """Such a function writes nothing but errno, which compiled Numba code never looks at."""
    return "nounwind willreturn " + ("memory(none)" if llvm.llvm_version_info[0] >= 16 else "readnone")
