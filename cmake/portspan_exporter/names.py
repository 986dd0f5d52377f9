# SPDX-License-Identifier: MIT
"""Which of Python's names C++ cannot have."""
import ctypes
import re
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

# What stands around the declarations of the generated header, where a function of such a name is an error of the
# compiler. PortAudio's prefixes as a whole: another version of it, or the header of a host API, declares other names.
DECLARED = [(re.compile(pattern), reason) for pattern, reason in (
    (r"_.*", "{name} begins with an underscore, as names of C++ and its libraries do"),
    (r"(Pa_|Pa[A-Z]|pa[A-Z]).*|PORTAUDIO_H", "{name} is a name like those that portaudio.h declares"),
    (r"portspan(_.*)?", "{name} is a name of portspan's own"),
    (r"std|alloca|assert|errno|offsetof|va_(list|arg|copy|end|start)|FILE|NULL|EOF|NAN|INFINITY|HUGE_VAL[FL]?|MAXFLOAT"
     r"|M_[A-Z0-9_]+|U?INT[A-Z0-9_]*_(MAX|MIN|WIDTH|C)|(SIZE|SSIZE|PTRDIFF|WCHAR|WINT|SIG_ATOMIC)_(MAX|MIN|WIDTH)"
     r"|is(finite|inf|nan|normal|subnormal|unordered|greater|greaterequal|less|lessequal|lessgreater)"
     r"|signbit|fpclassify|u?int(_least|_fast)?(8|16|32|64)_t|u?int(max|ptr)_t|uint|ulong|ushort"
     r"|u_(char|int|long|short|int(8|16|32|64)_t)"
     r"|(size|ssize|ptrdiff|max_align|nullptr|float|double|wint|wctype|wctrans|mbstate|sig_atomic|div|ldiv|lldiv|errno"
     r"|error|time|clock|clockid|timer|fpos|off|loff|pid|uid|gid|id|key|mode|dev|ino|nlink|fsid|quad|u_quad|sigset"
     r"|daddr|caddr|useconds|suseconds|blksize|blkcnt|fsblkcnt|fsfilcnt|locale|comparison_fn|pthread|pthread_[a-z]+)"
     r"(64)?_t|fd_set|fd_mask",
     "{name} is a name of C++ or of its library"))]


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
    for pattern, reason in DECLARED:
        if pattern.fullmatch(name):
            raise Refusal(f"{reason.format(name=name)}, the generated header need not compile with it",
                          f"rename the function, my_{name.strip('_')} for example", line)
    if name in PREDEFINED:
        raise Refusal(f"{name} is a macro of some C++ compilers", "rename the function", line)


# The names that are exported beside a function's own.
BESIDE = {"_error": "the function that has {}'s error text", "_portspan": "what {} says about itself",
          "_portspan_error": "the function that has {}'s failures",
          "_portspan_state": "the layout of {}'s state", "_portspan_initial": "what a new state of {} holds"}


def check_beside(name, names, line):
    """Functions of one library, which would define a symbol twice."""
    for other in names:
        for suffix, what in BESIDE.items():
            if name == other + suffix:
                raise Refusal(f"{name} is also the name of {what.format(other)}", "rename it", line)


def camel_case(name):
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
