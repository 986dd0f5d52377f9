# SPDX-License-Identifier: MIT
"""Comparisons with None, which compiled code does not make."""
import ast

from . import decorated
from .decorated import is_decorated, parameters
from .diagnosis import ABSENT, null_cure
from .refusal import Refusal
from .signature import pointer_names
from .syntax import functions, is_none, makes_array, own_nodes, same_file


def refuse_comparisons(cfunc, source, tree):
    """Numba compiles `input is None` to a constant, whatever PortAudio passes."""
    code = cfunc.__wrapped__.__code__
    if not same_file(code.co_filename, source):
        return
    function = next((node for node in functions(tree) if node.name == code.co_name and code.co_firstlineno
                     in [node.lineno] + [d.lineno for d in node.decorator_list]), None)
    if function is None:
        return
    nodes = own_nodes(function)
    watched = {name: (name, role, "a pointer") for name, role in pointer_names(function).items()}
    if is_decorated(function):
        watched = {name: (name, name, "an array" if name in ("input", "output") else "a record")
                   for name in parameters(function) if name in decorated.ABSENT}
    # A name that is always the same array or pointer counts too; one that may also be None is the user's own business.
    values = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            values.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            values.setdefault(node.id, [])
    stores = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    for name, assigned in values.items():
        origins = [origin(value, watched) for value in assigned]
        if name in watched and not (origins and all(origins) and stores.count(name) == len(origins)):
            del watched[name]
        elif name not in watched and len(origins) == stores.count(name) == 1 and origins[0]:
            watched[name] = origins[0]
    for node in sorted((n for n in nodes if isinstance(n, ast.Compare)), key=lambda n: (n.lineno, n.col_offset)):
        operands = [node.left, *node.comparators]
        for left, operator, right in zip(operands, node.ops, operands[1:]):
            one = right if is_none(left) else left if is_none(right) else None
            if not isinstance(one, ast.Name) or one.id not in watched or not isinstance(
                    operator, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)):
                continue
            pointer, role, what = watched[one.id]
            always = "never" if isinstance(operator, (ast.Is, ast.Eq)) else "always"
            cure = (null_cure(pointer, role) if what == "a pointer" else
                    decorated.ABSENT[role] if is_decorated(function) else
                    f"`if {one.id}.ctypes.data == 0:` means there is {ABSENT[role]}")
            raise Refusal(f"`{ast.unparse(node)}` is {always} true for {what}", cure, node.lineno)


def origin(value, watched):
    """The pointer that a value is, or is an array of."""
    if isinstance(value, ast.Name):
        return watched.get(value.id)
    if isinstance(value, ast.Call) and value.args and isinstance(value.args[0], ast.Name) and (
            makes_array(value) and value.args[0].id in watched):
        return (*watched[value.args[0].id][:2], "an array")
    return None
