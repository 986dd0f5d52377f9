# SPDX-License-Identifier: MIT
"""The callback's state as a C++ struct."""
import re

import numpy
from numba import types

from .names import CPP_KEYWORDS, PREDEFINED, camel_case
from .refusal import Refusal
from .signature import fields_of


def scalar(kind):
    """A C++ type, its size and alignment, or None for what C++ has no name for."""
    if isinstance(kind, types.Boolean):
        return "bool", 1, 1
    if isinstance(kind, types.Integer):
        size = kind.bitwidth // 8
        return f"std::{'' if kind.signed else 'u'}int{kind.bitwidth}_t", size, size
    if kind in (types.float32, types.float64):
        return ("float", 4, 4) if kind == types.float32 else ("double", 8, 8)
    if kind in (types.complex64, types.complex128):
        return ("std::complex<float>", 8, 4) if kind == types.complex64 else ("std::complex<double>", 16, 8)
    return None


class Struct:
    """A record as C++ declares it; refuses one that a compiler would lay out in another way."""

    def __init__(self, record, name, line, path="", initial=None):
        self.name, self.record = name, record
        self.members, self.inner = [], []
        self.alignment, end = 1, 0
        for field in fields_of(record):
            where = f"field {path}{field} of the state"
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", field) or field in CPP_KEYWORDS | PREDEFINED:
                raise Refusal(f"{where} has no valid C++ name", "rename the field", line)
            kind, shape = record.typeof(field), ()
            if isinstance(kind, types.NestedArray):
                kind, shape = kind.dtype, kind.shape
            if isinstance(kind, types.Record):
                inner = Struct(kind, camel_case(field) + "State", line, f"{path}{field}.")
                self.inner.append(inner)
                text, size, alignment = inner.name, inner.size, inner.alignment
            elif scalar(kind):
                text, size, alignment = scalar(kind)
            else:
                raise Refusal(f"{where} is {kind}, which has no C++ counterpart",
                              "use numbers, arrays of numbers and records", line)
            for extent in shape:
                size *= extent
            offset = round_up(end, alignment)
            if record.offset(field) != offset:
                self.refuse(f"{where} is at byte {record.offset(field)}, a C compiler puts it at byte {offset}", line)
            value = "" if initial is None or isinstance(kind, types.Record) else literal(initial[field])
            self.members.append((field, text, "".join(f"[{extent}]" for extent in shape), value, offset))
            self.alignment, end = max(self.alignment, alignment), offset + size
        self.size = round_up(end, self.alignment)
        if record.size != self.size:
            self.refuse(f"the state {path}is {record.size} bytes long, a C compiler makes it {self.size}", line)

    @staticmethod
    def refuse(reason, line):
        raise Refusal(reason, "describe it with numba.types.Record.make_c_struct([...]) or np.dtype([...], align=True)",
                      line)

    def declaration(self, indent=""):
        lines = [f"{indent}struct {self.name} {{"]
        for inner in self.inner:
            lines += inner.declaration(indent + "    ")
        lines += [f"{indent}    {text} {name}{extents}{{{value}}};" for name, text, extents, value, _ in self.members]
        return lines + [f"{indent}}};"]

    def checks(self, scope=""):
        full = scope + self.name
        lines = []
        for inner in self.inner:
            lines += inner.checks(full + "::")
        lines += [f"static_assert(sizeof({full}) == {self.size} && alignof({full}) == {self.alignment});"]
        return lines + [f"static_assert(offsetof({full}, {name}) == {offset});" for name, *_, offset in self.members]


def literal(value):
    """What a member holds at first, between its braces; nothing for zeros."""
    if not numpy.any(value):
        return ""
    if numpy.ndim(value):
        return ", ".join(f"{{{literal(row)}}}" if numpy.ndim(row) else literal(row) or "0" for row in value)
    if isinstance(value, numpy.complexfloating):
        return f"{literal(value.real) or '0'}, {literal(value.imag) or '0'}"
    if isinstance(value, numpy.bool_):
        return "true"
    if isinstance(value, numpy.floating):
        text = str(value)
        return (text if re.search("[.e]", text) else f"{text}.0") + ("f" if value.itemsize == 4 else "")
    if value == -(1 << 63):
        return f"{value + 1} - 1"
    return f"{value}u" if isinstance(value, numpy.unsignedinteger) else str(value)


def layout(record):
    """A record spelled out, `gain:f4:0;line:f8[2]:8;size:24`: two that have the same text are the same memory."""
    def text(kind):
        if isinstance(kind, types.NestedArray):
            return text(kind.dtype) + "".join(f"[{extent}]" for extent in kind.shape)
        if isinstance(kind, types.Record):
            return f"{{{layout(kind)}}}"
        letter = {types.Boolean: "b", types.Float: "f", types.Complex: "c"}.get(type(kind))
        return f"{letter or 'ui'[kind.signed]}{kind.bitwidth // 8 if letter != 'b' else 1}"

    fields = [f"{name}:{text(record.typeof(name))}:{record.offset(name)};" for name in fields_of(record)]
    return f"{''.join(fields)}size:{record.size}"


def layout_hash(record):
    """64-bit FNV-1a of the layout, what include/portspan/description.h asks for."""
    number = 0xcbf29ce484222325
    for byte in layout(record).encode():
        number = (number ^ byte) * 0x100000001b3 % (1 << 64)
    return number


def round_up(value, step):
    return (value + step - 1) // step * step
