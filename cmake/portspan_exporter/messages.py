# SPDX-License-Identifier: MIT
"""The texts of the exceptions that a callback may raise."""
import pickle
import re
from dataclasses import dataclass

from numba.extending import overload
from numba.np import arrayobj

from .places import text_of
from .refusal import Refusal


if hasattr(arrayobj, "raise_with_shape_context"):
    # What newer Numba raises where arrays do not fit each other puts both shapes into words, by code that is many times
    # that of the assignment; here nobody would read them. It has a constant text for machines without strings.
    def raise_with_shape_context(src_shapes, index_shape):
        raise NotImplementedError

    overload(raise_with_shape_context)(arrayobj.ol_raise_with_shape_context_generic)
    arrayobj.raise_with_shape_context = raise_with_shape_context


def string_constant(text):
    """The bytes of an LLVM c"..." constant."""
    return re.sub(rb"\\(\\|[0-9A-Fa-f]{2})",
                  lambda m: b"\\" if m.group(1) == b"\\" else bytes([int(m.group(1), 16)]), text.encode("latin-1"))


@dataclass
class Message:
    pickled: bytes
    text: str
    has_place: bool


def messages(module, places, line):
    """Each exception constant and its text; anything else that is pickled needs the interpreter."""
    found = []
    for value in module.global_variables:
        if not value.name.startswith(".const.pickledata.") or ".sha1" in value.name:
            continue
        literal = re.search(r'c"([^"]*)"', str(value))
        data = string_constant(literal.group(1)) if literal else b""
        try:
            text, place = exception_text(pickle.loads(data), places)
        except Exception:
            raise Refusal("it holds a Python object that only the interpreter can restore",
                          "use numbers, tuples of numbers and NumPy arrays of numbers", line) from None
        found.append(Message(data, f"{text} ({place})" if place else text, bool(place)))
    return found


def exception_text(payload, places):
    """What an exception says, and where in the user's files it is raised."""
    kind, arguments, location = payload
    if not issubclass(kind, BaseException):
        raise TypeError
    if any(type(argument).__module__.startswith("llvmlite") for argument in arguments or ()):
        detail = "its arguments were known only when it was raised"
    else:
        detail = ", ".join(str(argument) for argument in arguments or ())
    # Numba's own texts go on with a place inside Numba.
    detail = " ".join(detail.split('\nFile "')[0].split())
    text = f"{kind.__name__}: {detail}" if detail else kind.__name__
    return text, text_of(*location[1:]) if location and places.are_users(location[1]) else ""
