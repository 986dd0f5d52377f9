# SPDX-License-Identifier: MIT
"""What a callback does that would cost less in another way."""
import ast
import re

from .places import text_of
from .symbols import ALLOCATION
from .syntax import enclosing, read_line


def notes(name, ir, messages, allocates, places, tree):
    """One line each; the code is the user's choice."""
    found = []
    lines = places.that_call(ALLOCATION, ir) if allocates else []
    if lines:
        found.append(note(name, lines[0], "goes through the callback's arena; a loop over the samples does without, "
                                          "up to ten times as fast"))
    checks = [re.fullmatch(r"ZeroDivisionError: .*\((.*):(\d+)\)", message.text) for message in messages]
    checks = [int(check.group(2)) for check in checks if check and check.group(1) == places.source.name]
    checks = [line for line in sorted(checks) if in_loop(tree, line)]
    if checks:
        found.append(note(name, (str(places.source), checks[0]), "looks for a division by zero, so its loop is not "
                          'vectorised; error_model="numpy" does without, several times as fast'))
    return found


def note(name, place, what):
    return remark(name, place, f"`{read_line(*place)}` {what}")


def remark(name, place, what):
    return f"{text_of(*place)}: {name}: note: {what} (QUIET leaves notes out)"


def warning(name, place, what, cure):
    """What is said even to somebody who wants no notes."""
    return f"{text_of(*place)}: {name}: warning: {what} ({cure})"


def in_loop(tree, line):
    function = enclosing(tree, line)
    return function is not None and any(node.lineno <= line <= node.end_lineno for node in ast.walk(function)
                                        if isinstance(node, (ast.For, ast.While)))
