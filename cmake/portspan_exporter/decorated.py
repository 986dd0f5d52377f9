# SPDX-License-Identifier: MIT
"""What goes wrong in functions that @stream_callback decorates: they have arrays where a cfunc has pointers."""
import ast
import re

from .syntax import own_nodes, root_name

PLANAR = ("planar buffers are one array for each channel: input[channel][frame], or `for x, y in zip(input, output):` "
          "and then y[:] = x")
# A comparison with None is answered when it is compiled.
ABSENT = {
    "input": "leave the comparison out: where PortAudio has no input, it is silence",
    "output": "leave the comparison out: without an output the function is not called",
    "state": "leave the comparison out: where the stream has no state, it is the callback's own",
    "time": "leave the comparison out: where PortAudio has no times, they are 0",
}


def is_decorated(function):
    names = [d.func if isinstance(d, ast.Call) else d for d in function.decorator_list] if function else []
    return any(ast.unparse(name).split(".")[-1] == "stream_callback" for name in names)


def parameters(function):
    return [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]]


def result_line(function):
    """Where a function returns something that is no result code, as far as one sees."""
    returns = [node.lineno for node in own_nodes(function) if isinstance(node, (ast.Yield, ast.YieldFrom)) or
               isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant)]
    constants = [node.lineno for node in own_nodes(function) if isinstance(node, ast.Return)
                 and isinstance(node.value, ast.Constant) and not isinstance(node.value.value, int)]
    return min(returns or constants, default=function.lineno)


def names_of_input(function):
    """`input` and what is a part of it under another name."""
    names = {"input"}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Name, ast.Subscript)) and (
                root_name(node.value) in names):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def writes_to(function, line):
    """The names that a line changes in place."""
    targets = []
    for node in ast.walk(function):
        if getattr(node, "lineno", None) == line and isinstance(node, (ast.Assign, ast.AugAssign)):
            targets += node.targets if isinstance(node, ast.Assign) else [node.target]
    return {root_name(target) for target in targets}


def decorated_cure(reason, function, line, code):
    """The cure that a plain cfunc would not need, or None."""
    name = re.match(r"NameError: name '(frames|n_?frames|frame_?count)' is not defined", reason)
    if name:
        side = "output" if "output" in parameters(function) else "input"
        return f"the number of frames is {side}.shape[0], or len({side}[0]) of planar buffers"
    if "carray(" in code or "farray(" in code:
        return "leave carray out: input and output are arrays, the state is a record"
    if "UniTuple(array(" in reason or "UniTuple(readonly array(" in reason:
        return PLANAR
    field = re.search(r"\bstate\[.*?\]\.(\w+)", code)
    if field:
        return f"the state is the record itself: state.{field.group(1)}"
    if names_of_input(function) & writes_to(function, line):
        return "nobody writes to PortAudio's input: copy it, output[:] = input, and change the output"
    return None
