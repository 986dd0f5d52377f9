# SPDX-License-Identifier: MIT
"""Divisions that cannot be by zero need no test for it.

Python's error model looks at every divisor, and a loop that may raise is not vectorised. The divisor of
x / (1 + abs(x)) is at least 1, or NaN, which raises nothing; LLVM does not see it.
"""
import re
import struct

from .llvm_text import NAME, in_each_function

# What is under this may be flushed to zero, or become zero in another type.
LEAST = 1e-30

TEST = re.compile(rf"^(  {NAME} = fcmp )(?:[a-z]+ )*?(oeq|une)( (?:float|double) )({NAME}), 0\.0+e\+00$", re.M)
FLAGS = r"(?:(?:fast|nnan|ninf|nsz|arcp|contract|afn|reassoc) )*"
OPERATION = re.compile(rf"(fadd|fmul|fdiv) {FLAGS}(?:float|double) (\S+), (\S+)$")
INTEGER = re.compile(r"[su]itofp i\d+ (\d+) to (?:float|double)$")
CONVERSION = re.compile(rf"(fpext|fptrunc) {FLAGS}(?:float|double) (\S+) to (?:float|double)$")
CALL = re.compile(rf"(?:tail )?call {FLAGS}(?:float|double) @(?:llvm\.)?(fabs|sqrtf?|expf?|coshf?)(?:\.f\d+)?"
                  r"\((?:float|double) (?:noundef )?([^\s()]+)\)")


def without_needless_tests(text):
    return in_each_function(text, without_needless_tests_in)


def without_needless_tests_in(function):
    if not TEST.search(function):
        return function
    values = dict(re.findall(rf"^  ({NAME}) = ([^\n]*)$", function, re.M))

    def decided(match):
        start, predicate, kind, value = match.groups()
        if (least(value, values) or 0) < LEAST:
            return match[0]
        return f"{start}{'false' if predicate == 'oeq' else 'true'}{kind}{value}, 0.000000e+00"

    return TEST.sub(decided, function)


def least(value, values, depth=0):
    """A number that a value is never under, 0 at the least, where it is a number at all; or None where it may be
    negative."""
    constant = number(value)
    if constant is not None:
        return constant if constant >= 0 else None
    code = values.get(value, "")
    if depth == 20:
        return None

    def of(operand):
        return least(operand, values, depth + 1)

    call = CALL.match(code)
    if call:
        function, argument = call.groups()
        return {"f": 0, "s": min(of(argument) or 0, 1), "e": 0, "c": 1}[function[0]]
    integer = INTEGER.match(code)
    if integer:
        return float(integer.group(1))
    conversion = CONVERSION.match(code)
    if conversion:
        # What is rounded is a little less.
        bound = of(conversion.group(2))
        return bound / 2 if bound and conversion.group(1) == "fptrunc" else bound
    operation = OPERATION.match(code)
    if operation:
        kind, left, right = operation.groups()
        if kind == "fmul" and left == right:
            return 0
        left, right = of(left), of(right)
        if left is None or right is None:
            return None
        # Rounding never takes a sum below one of its parts.
        return max(left, right) if kind == "fadd" else left * right / 2 if kind == "fmul" else 0
    return None


def number(text):
    if re.fullmatch(r"-?\d\.\d+e[+-]\d+", text):
        return float(text)
    if re.fullmatch(r"0x[0-9A-F]{16}", text):
        value, = struct.unpack(">d", bytes.fromhex(text[2:]))
        return value if value == value else None
    return None
