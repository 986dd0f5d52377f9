# SPDX-License-Identifier: MIT
"""C++ as text: without what is no code, and by its brackets."""
import re

COMMENT = r"//[^\n]*|/\*.*?\*/"
LITERAL = r'"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\''


def blanked(text, literals=True, filler=" "):
    """The text with comments as blanks, and literals as `filler`, so that positions stay."""

    def blank(match):
        if match.group().startswith("/"):
            return re.sub(r"[^\n]", " ", match.group())
        return filler * len(match.group()) if literals else match.group()

    return re.sub(f"{COMMENT}|{LITERAL}", blank, text, flags=re.S)


def closing(code, start):
    """The position of the bracket that closes the one at `start`."""
    depth = 0
    for i in range(start, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0:
            return i
    raise ValueError("unbalanced brackets")


def opening(code, end):
    """The position of the bracket that the one at `end` closes."""
    depth = 0
    for i in range(end, -1, -1):
        depth += (code[i] in ")]}") - (code[i] in "([{")
        if depth == 0:
            return i
    raise ValueError("unbalanced brackets")


def split(code, start, end, separators):
    """The top-level parts of code[start:end] between any of `separators`, as (start, end)."""
    parts, depth, begin, i = [], 0, start, start
    while i < end:
        depth += (code[i] in "([{") - (code[i] in ")]}")
        found = next((s for s in separators if depth == 0 and code.startswith(s, i)), None)
        if found:
            parts.append((begin, i))
            begin = i = i + len(found)
        else:
            i += 1
    parts.append((begin, end))
    return parts
