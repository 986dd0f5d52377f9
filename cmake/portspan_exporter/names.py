# SPDX-License-Identifier: MIT
"""Which of Python's names C++ cannot have."""
import ctypes
import sys

from .refusal import Refusal
from .symbols import LIBM

CPP_KEYWORDS = set((
    "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class "
    "compl concept const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype "
    "default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int "
    "long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register "
    "reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch template "
    "this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t "
    "while xor xor_eq main").split())

# What some compilers define without leading underscores, GNU C++ for one where it is not strict: such a name never
# reaches the compiler.
PREDEFINED = {"linux", "unix", "i386", "sun", "sparc", "mips", "hpux", "vax"}


# Where the C library and its mathematics are; elsewhere it is asked what the interpreter itself has.
C_LIBRARIES = {"linux": ("libc.so.6", "libm.so.6"), "darwin": ("libSystem.dylib",), "win32": ("ucrtbase.dll",)}


def is_in_c_library(name):
    for library in C_LIBRARIES.get(sys.platform, (None,)):
        try:
            found = hasattr(ctypes.CDLL(library), name)
        except OSError:
            found = hasattr(ctypes.CDLL(None), name)
        if found:
            return True
    return name in LIBM


def check_name(name, line):
    """What C++ takes for a name, but cannot have as that of a callback."""
    for symbol in name, f"{name}_error":
        if is_in_c_library(symbol):
            raise Refusal(f"the C library has a {symbol} of its own, and the program would call one for the other",
                          f"rename the function, {name}_callback for example", line)
    if name in PREDEFINED:
        raise Refusal(f"{name} is a macro of some C++ compilers", "rename the function", line)


def camel_case(name):
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
