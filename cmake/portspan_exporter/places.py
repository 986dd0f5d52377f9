# SPDX-License-Identifier: MIT
"""Which lines of the user's the compiled code comes from.

Numba knows while it lowers an instruction, and keeps it for explicit `raise` statements alone. So its functions are
wrapped here: every exception of an instruction of the user's gets its line, one that a function of Numba's raises gets
the line that has called it, and who calls what is kept to find the lines that allocate.
"""
import ctypes
import functools
import pathlib
import re

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import cgutils
from numba.core.callconv import CPUCallConv
from numba.core.lowering import Lower

# Called on the way out of a call that has failed, with the number of its place. The runtime has it; Numba, which
# compiles for this process as well, wants it here.
RAISED_AT = "portspan_raised_at"
_nothing = ctypes.CFUNCTYPE(None, ctypes.c_int)(lambda place: None)
llvm.add_symbol(RAISED_AT, ctypes.cast(_nothing, ctypes.c_void_p).value)


class Places:
    def __init__(self, source):
        self.source = source
        self.lowering = []  # the places of the instructions that are being lowered, the innermost last
        self.raising = []  # (file, line), in the order of their numbers, which start with 1
        self.calls = {}  # (caller, called): the lines

    def are_users(self, file):
        return file == str(self.source) or (self.source.parent in pathlib.Path(file).parents
                                            and "-packages" not in file)

    @property
    def current(self):
        """(file, line) where it is the user's own code that is being lowered, not a function that this calls."""
        if self.lowering and self.are_users(self.lowering[-1].filename):
            return self.lowering[-1].filename, self.lowering[-1].line
        return None

    def number(self, place):
        if place not in self.raising:
            self.raising.append(place)
        return self.raising.index(place) + 1

    def raised_in(self, ir):
        """The places that calls in unoptimised code can fail at: number and text. None where the user's code catches
        exceptions, as the place might then be that of another one."""
        if any(catches(file) for file, _ in self.raising):
            return {}
        numbers = {int(n) for n in re.findall(rf"@{RAISED_AT}\(i32 (\d+)\)", ir)}
        return {n: text_of(*self.raising[n - 1]) for n in sorted(numbers)}

    def that_call(self, names, ir):
        """The user's places in some unoptimised code whose calls come to one of the functions of these names."""
        callers, caller = {}, None
        for line in ir.splitlines():
            symbols = re.findall(r'@("[^"]+"|[\w.$-]+)\(', line)
            if line.startswith("define "):
                caller = symbols[0].strip('"')
            elif symbols and " call " in line:
                callers.setdefault(symbols[0].strip('"'), set()).add(caller)
        defined = set().union(*callers.values())
        reaching, pending = set(names), list(names)
        while pending:
            more = callers.get(pending.pop(), set()) - reaching
            reaching |= more
            pending += more
        found = [places for (caller, called), places in self.calls.items() if caller in defined and called in reaching]
        return sorted(set().union(*found))


def text_of(file, line):
    return f"{pathlib.Path(file).name}:{line}"


@functools.lru_cache(maxsize=None)
def catches(file):
    return re.search(r"^\s*try\s*:", pathlib.Path(file).read_text(errors="replace"), re.MULTILINE) is not None


places = None


def watch(source):
    """From here on it is the code of this file and of those beside it."""
    global places
    places = Places(source)
    return places


def wrap(owner, name):
    """Replaces a method by a function that gets it as its first argument."""
    def replace(function):
        original = getattr(owner, name)

        @functools.wraps(original)
        def method(self, *rest, **more):
            return function(original, self, *rest, **more)
        setattr(owner, name, method)
        return function
    return replace


@wrap(Lower, "lower_inst")
def lower_inst(original, self, instruction):
    if places is None:
        return original(self, instruction)
    places.lowering.append(instruction.loc)
    try:
        return original(self, instruction)
    finally:
        places.lowering.pop()


@wrap(CPUCallConv, "return_user_exc")
def return_user_exc(original, self, builder, exc, exc_args=None, loc=None, func_name=None):
    if loc is None and places is not None and places.current:
        loc, func_name = places.lowering[-1], func_name or "callback"
    return original(self, builder, exc, exc_args, loc, func_name)


@wrap(CPUCallConv, "return_status_propagate")
def return_status_propagate(original, self, builder, status):
    if places is not None and places.current:
        number = ir.IntType(32)
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.VoidType(), [number]), RAISED_AT)
        function.attributes.add("cold")
        function.attributes.add("nounwind")
        builder.call(function, [ir.Constant(number, places.number(places.current))])
    return original(self, builder, status)


@wrap(ir.IRBuilder, "call")
def call(original, self, function, *rest, **more):
    if places is not None and places.current:
        places.calls.setdefault((self.function.name, getattr(function, "name", "")), set()).add(places.current)
    return original(self, function, *rest, **more)
