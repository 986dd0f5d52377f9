# SPDX-License-Identifier: MIT
"""Which of Python's names C++ cannot have."""
import re

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


def check_name(name, line):
    """What C++ takes for a name, but cannot have as that of a callback."""
    if name in LIBM:
        raise Refusal(f"the C library has a function {name}, which compiled code would call instead",
                      "rename the function", line)
    if name in PREDEFINED:
        raise Refusal(f"{name} is a macro of some C++ compilers", "rename the function", line)


def camel_case(name):
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
