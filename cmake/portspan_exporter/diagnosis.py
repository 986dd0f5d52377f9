# SPDX-License-Identifier: MIT
"""Numba's and Python's errors in the words of somebody who writes a callback."""
import ast
import os
import re
import sys
import traceback

import numba
from portspan_numba import StreamCallbackError

from .decorated import decorated_cure, is_decorated, result_line, writes_to
from .refusal import Refusal
from .signature import DECORATION, pointer_names, roles
from .syntax import (ends_with_return, enclosing, functions, makes_array, own_nodes, read_line, root_name, same_file)


def explain(error, source, tree):
    """One readable sentence out of an exception, Numba's long ones included."""
    frames = [f.lineno for f in traceback.extract_tb(error.__traceback__) if same_file(f.filename, source)]
    line = frames[-1] if frames else 1
    if isinstance(error, StreamCallbackError):
        function = enclosing(tree, line)
        return Refusal(error.reason, error.cure, result_line(function) if error.is_result and function else line)
    message = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
    marked = [int(n) for path, n in re.findall(r'File "([^"]+)", line (\d+)', message) +
              re.findall(r"Raised from (.+) \((\d+)\)", message) if os.path.basename(path) == source.name]
    message = re.sub(r" Raised from .+ \(\d+\)", "", message)
    by_numba = isinstance(error, numba.core.errors.NumbaError) or bool(marked) or decorates_cfunc(tree, line)
    if marked:
        # Of functions that call each other Numba tells the innermost first, and that is the one its reason is about.
        line = marked[0]
    elif by_numba:
        line = compiled_line(error, source) or line
    if not by_numba:
        what = ": ".join([type(error).__name__, *message.splitlines()[:1]])
        return Refusal(f"importing the file fails: {what}",
                       f"correct it, or install what is missing for {sys.executable}", line)
    block = object_mode_block(tree, line)
    if block:
        line = block
        return Refusal("an object-mode block (with objmode()) needs the interpreter",
                       "compute in nopython mode; pass what Python has to compute in the state", line)
    noise = ("Failed in", "During:", "Enable logging", "There are", "This error", "- Resolution", "Internal error")
    lines = [text.strip() for text in message.splitlines()]
    lines = [text for text in lines if text and not text.startswith(noise)] or [type(error).__name__]
    reason = lines[0]
    for text in lines[1:]:
        if not reason.endswith(":"):
            break
        reason += f" {text[4:] if text.startswith('>>> ') else text}"
    known = known_mistake(reason, source, tree, line)
    if known:
        return known
    code = read_line(source, line)
    return Refusal(f"Numba cannot compile `{code}`: {reason}" if code else f"Numba cannot compile it: {reason}",
                   "use what Numba's nopython mode supports", line)


def compiled_line(error, source):
    """The line that Numba was at, where its message has none: its own functions have it in their variables."""
    while error:
        for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
            for holder in [frame.f_locals.get(name) for name in ("loc", "inst", "self")]:
                place = getattr(holder, "__dict__", {}).get("loc", holder)
                if isinstance(place, numba.core.ir.Loc) and same_file(place.filename, source):
                    return place.line
        error = error.__cause__ or error.__context__
    return None


# What Numba's words mean to somebody who writes a callback; the groups of a pattern go into the cure.
CURES = [
    (r"Untyped global name '(\w+)':? Cannot determine Numba type of <class '[\w.]*UndefinedType'>",
     "define {0}, or import it at the top of the file"),
    (r"Untyped global name '(open|input|exec|eval|compile)':? ",
     "a callback must not wait for files or people: do it before the stream starts, and pass the result in the state"),
    (r"Untyped global name '(\w+)':? Cannot determine Numba type of <class '(?:dict|set)'>",
     "make {0} a tuple or a NumPy array where it is constant; keep what changes in the state"),
    (r"Untyped global name '(\w+)':? ",
     "the callback cannot reach the Python object {0}: use numbers, NumPy arrays and @njit functions, or the state"),
    (r".*reflected list.*assigned to variable '(\w+)' in globals",
     "make {0} a tuple or a NumPy array where it is constant; keep what changes in the state"),
    (r"Invalid use of .*CPUDispatcher.*readonly array",
     "leave the signature out of its @njit: it says that the arrays can be written to"),
    (r".*: (?:setitem|i[a-z]+)\(readonly array\(|.*fill.*readonly array|Cannot modify .*readonly array",
     "module arrays are constants here; keep what changes in the state"),
    (r".*STORE_GLOBAL|.*DELETE_GLOBAL", "module variables are constants here; keep what changes in the state"),
    (r".*IMPORT_NAME|.*IMPORT_FROM", "import at the top of the file"),
    (r".*exception_match", "write `except Exception:`, Numba tells no exceptions apart"),
    (r"object mode not allowed", "leave out forceobj=True"),
    (r".*NumPyRandomGenerator", "keep the generator's state in the callback's own state (an xorshift of a few lines)"),
    (r"(?:invalid signature|cfunc\(\) missing|C callback needs an explicit return type)", f"write {DECORATION}"),
    (r"Signature mismatch", "take the parameters of the signature: input, output, frames, time, status, state"),
]


def known_mistake(reason, source, tree, line):
    """What newcomers do most, in their words and with its own cure."""
    function = enclosing(tree, line)
    code = read_line(source, line)

    def refusal(cure, what=f"Numba cannot compile `{code}`: {reason}", at=line):
        return Refusal(what, cure, at)

    if function and bad_string(function, line, reason):
        return refusal(f"write the signature with types.CPointer(...): {DECORATION}" if roles(function) else
                       "write the signature with types, as in types.float64(types.float64)")
    with_block = unsupported_with(function, reason)
    if with_block:
        return refusal("a callback must not wait for files or locks: do it before the stream starts, and pass the "
                       "result in the state",
                       f"Numba cannot compile `{read_line(source, with_block)}`: {reason}", with_block)
    cure = decorated_cure(reason, function, line, code) if is_decorated(function) else None
    if cure:
        return refusal(cure)
    undefined = re.match(r"NameError: name '(\w+)' is not defined", reason)
    if undefined:
        uses = [n.lineno for n in ast.walk(function or tree) if isinstance(n, ast.Name) and n.id == undefined.group(1)]
        at = min(uses, default=line)
        return refusal(f"define {undefined.group(1)}, or import it at the top of the file",
                       f"Numba cannot compile `{read_line(source, at)}`: {reason}", at)
    missing = re.match(r"'(\w+)'$", reason)
    if missing and f".{missing.group(1)}" in code:
        return refusal("correct its name, or add it to the record", f"the record has no field {missing.group(1)}")
    if reason.startswith("bad value type: expected {") and re.search(r"\.\w+ = ", code):
        return refusal("assign the elements: state.field[:] = ...")
    unconverted = re.match(r"No conversion from (.+) to (\w+) for '\S*return_value", reason)
    if unconverted and function:
        return wrong_result(unconverted.group(1), function, line, refusal)
    helper = re.match(r"Untyped global name '(\w+)':? Cannot determine Numba type of <class 'function'>", reason)
    if helper:
        return refusal(helper_cure(helper.group(1), source, tree))
    # Newer versions stumble over the mistake themselves.
    confused = reason == "'>' not supported between instances of 'Integer' and 'Integer'"
    if re.match(r".*: arange\(.*uint64", reason) or confused and "arange(" in code:
        frames = name_at(function, line, [n for n, role in roles(function).items() if role == "frames"]) or "frames"
        return refusal(f"np.arange(np.int64({frames}))")
    single = re.match(r".*: (\w+)\(.*array\(", reason)
    if single and f"math.{single.group(1)}(" in code:
        return refusal(f"the functions of math take one number: np.{single.group(1)} takes arrays")
    if single and single.group(1) in OF_ARRAYS:
        return refusal(f"Python's {single.group(1)} takes numbers: {OF_ARRAYS[single.group(1)]} takes arrays")
    if function and reason == "'NoneType' object has no attribute 'args'" and (
            writes_to(function, line) & module_names(tree)):
        return refusal("module arrays are constants here; keep what changes in the state")
    cure = pointer_cure(reason, function, line)
    if cure:
        return refusal(cure)
    for pattern, cure in CURES:
        match = re.match(pattern, reason)
        if match:
            return refusal(cure.format(*match.groups()) if match.groups() else cure)
    return None


# What NumPy has for arrays in place of Python's own functions.
OF_ARRAYS = {"abs": "np.abs", "round": "np.rint", "max": "np.maximum", "min": "np.minimum"}


def decorates_cfunc(tree, line):
    """A cfunc is compiled by its decorator, so that is where an error inside it comes from."""
    return any(node.decorator_list and node.decorator_list[0].lineno <= line <= node.lineno for node in functions(tree))


def object_mode_block(tree, line):
    """The line of a `with objmode(...)` in the function of a line; what Numba says of it differs widely."""
    function = enclosing(tree, line)
    for node in ast.walk(function) if function else ():
        if isinstance(node, ast.With) and any("objmode" in ast.dump(item.context_expr) for item in node.items):
            return node.lineno
    return None


def module_names(tree):
    """What the file's own statements assign to."""
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def name_at(function, line, names):
    """Which of some names a line is about: one outside carray(), or the only one there is."""
    nodes = [node for node in ast.walk(function) if getattr(node, "lineno", None) == line] if function else []
    found = [n for n in nodes if isinstance(n, ast.Name) and n.id in names]
    arrays = [n.args[0] for n in nodes if isinstance(n, ast.Call) and n.args and makes_array(n)]
    outside = sorted((n for n in found if n not in arrays), key=lambda node: node.col_offset)
    if outside:
        return outside[0].id
    return found[0].id if len({n.id for n in found}) == 1 else None


def bad_string(function, line, reason):
    """Whether it is a signature in a string that Python cannot read, as `float32*`, or that names what is not there."""
    unknown = re.search(r"name '(\w+)' is not defined", reason)
    texts = [a.value for d in function.decorator_list if isinstance(d, ast.Call) and d.lineno <= line <= d.end_lineno
             for a in d.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return any("(<string>, line" in reason or unknown and unknown.group(1) in text for text in texts)


def unsupported_with(function, reason):
    """Numba tells `with ... as ...` at the function's first line, so the block is looked for."""
    if not function or not re.search(r"'with .*construct is not supported|Unsupported context manager", reason):
        return None
    return min((n.lineno for n in ast.walk(function) if isinstance(n, (ast.With, ast.AsyncWith))), default=None)


def wrong_result(kind, function, line, refusal):
    own = own_nodes(function)
    callback = bool(roles(function))
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own):
        return refusal("return the result of one call, and keep what goes on in the state", "it is a generator")
    values = "`return 0` (go on), 1 (complete) or 2 (abort)" if callback else "a `return` of its result"
    if kind != "none":
        return refusal(f"end it with {values}", f"it returns {kind}")
    # A `return` without a result has its line; where the end is reached without one, Numba tells of any line before it.
    empty = [n.lineno for n in own if isinstance(n, ast.Return) and (
        n.value is None or isinstance(n.value, ast.Constant) and n.value.value is None)]
    at = line if line in empty else min(empty) if empty and ends_with_return(function) else function.end_lineno
    return refusal(f"end it with {values}", "it does not return a result on every path", at)


def helper_cure(name, source, tree):
    """A function of the user's wants a decorator; one of a library that Numba does not know wants replacing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any((a.asname or a.name) == name for a in node.names):
            beside = source.parent.joinpath(*(node.module or "").split("."))
            if not beside.with_suffix(".py").exists() and not beside.is_dir():
                return f"Numba does not know {name} of {node.module}: write what it does as an @njit function"
    return f"decorate {name} with @njit"


ABSENT = {"input": "no input", "output": "no output", "time": "no time", "state": "no state"}


def null_cure(name, role):
    return (f"make the array first, x = carray({name}, ...), then `if x.ctypes.data == 0:` means there is "
            f"{ABSENT.get(role, 'none')}")


def pointer_cure(reason, function, line):
    """What is wanted of a pointer that only an array, or a record inside one, can do."""
    pointers = pointer_names(function)
    name = name_at(function, line, pointers)
    role = pointers.get(name)
    fields = [node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute) and node.lineno == line
              and root_name(node) not in (None, "np", "numpy", "math") and not isinstance(node.value, ast.Attribute)
              ] if function else []
    state = next((n for n, r in pointers.items() if r == "state"), "state")
    if re.match("'IntType' object has no attribute 'gep'|'ArrayType' object has no attribute 'is_opaque'", reason):
        field = fields[0] if fields else "field"
        name = name or state
        what = "state" if pointers.get(name, "state") == "state" else "record"
        return f"take the {what} with `s = carray({name}, 1)[0]`, then s.{field}"
    access = re.match(r"Unknown attribute '(?P<field>\w+)' of type (?P<kind>.+\*)$", reason) or re.match(
        r"Cannot resolve setattr: \((?P<kind>.+\*)\)\.(?P<field>\w+) = ", reason)
    call = re.match(r"No implementation of function .* found for signature: (\w+)\((.*)\)$", reason)
    called, arguments = call.groups() if call else ("", "")
    if access and access["kind"].startswith("Record("):
        what = "state" if pointers.get(name, "state") == "state" else "record"
        return f"take the {what} with `s = carray({name or state}, 1)[0]`, then s.{access['field']}"
    if role == "state" and fields and (access and access["kind"] == "void*" or re.match("(static_)?[gs]etitem", called)
                                       and arguments.startswith("void*")):
        return (f"declare the state: types.CPointer(types.Record.make_c_struct([('{fields[0]}', types.float32)])) in "
                f"the signature, then take it with `s = carray({name}, 1)[0]`, then s.{fields[0]}")
    name = name or "pointer"
    if re.search(r"\w\*|\)\*", arguments):
        if called in ("bool", "truth", "not_", "eq", "ne", "is_", "is_not"):
            return null_cure(name, role)
        if called in ("carray", "farray"):
            if arguments.startswith("void*"):
                return (f"say what it points at: carray({name}, ..., np.float32), or types.CPointer(...) instead of "
                        "types.voidptr in the signature")
            return ("leave out the type, the signature has it; where it is another one, correct the signature, or "
                    "write types.voidptr there")
    elif not access and not re.match(r"Invalid use of getiter with parameters \(.*\*\)", reason):
        return None
    return f"a pointer is no array: x = carray({name}, ...) makes one"
