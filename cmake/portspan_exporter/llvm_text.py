# SPDX-License-Identifier: MIT
"""LLVM's code as text, a function and its blocks at a time: llvmlite can read a module, but not change its code.

Those who change it keep its meaning, and leave alone what does not look exactly as they expect.
"""
import re

NAME = r"%(?:[-\w.$]+|\"[^\"]*\")"
FUNCTION = re.compile(r"^define [^\n]*\{\n.*?^\}", re.M | re.S)


def in_each_function(text, change):
    return FUNCTION.sub(lambda match: change(match.group(0)), text)


class Block:
    """Some instructions without a jump among them; the first of a function may have no label."""

    def __init__(self, label, lines):
        self.label, self.lines = label, lines

    def targets(self):
        """Where it may go on. A jump may be written over several lines, and nothing but a jump has labels."""
        return [label for line in self.lines for label in re.findall(rf"label ({NAME})", line)]


def blocks_of(function):
    """The first line of a function, and its blocks."""
    first, *lines, _ = function.split("\n")
    blocks = [Block(None, [])]
    for line in lines:
        label = re.match(r"([-\w.$]+|\"[^\"]*\"):", line)
        if label:
            blocks.append(Block("%" + label.group(1), []))
        elif line:
            blocks[-1].lines.append(line)
    return first, [block for block in blocks if block.label or block.lines]


def text_of(first, blocks):
    lines = [first]
    for block in blocks:
        lines += ([f"{block.label[1:]}:"] if block.label else []) + block.lines
    return "\n".join([*lines, "}"])


def uses(name, lines):
    """The lines that use a value, without the one that defines it."""
    pattern = re.compile(re.escape(name) + r"(?![-\w.$\"])")
    return [line for line in lines
            if pattern.search(line.split(" = ", 1)[1] if line.startswith(f"  {name} = ") else line)]
