# SPDX-License-Identifier: MIT
"""Turns a Numba cfunc into an object file with a C symbol that needs no Python, and a header that declares it.

portspan_add_numba_callback runs this at build time. It writes four files: the object, the header, the settings of
portspan_numba_runtime.cpp, and the list of local files that the callback was made from. All of them or none.
"""
import argparse
import ast
import ctypes
import errno
import importlib.util
import inspect
import os
import pathlib
import pickle
import re
import struct
import subprocess
import sys
import tempfile
import traceback

# The build must not leave traces in the user's source folder, nor depend on the settings of whoever runs it.
sys.dont_write_bytecode = True
for variable in [name for name in os.environ if name.startswith("NUMBA_")]:
    del os.environ[variable]
# All optimisation is done here, for the CPU that was asked for; Numba's own would have this machine's in mind.
os.environ["NUMBA_OPT"] = "0"

import llvmlite.binding as llvm  # noqa: E402
import numba  # noqa: E402
import numpy  # noqa: E402
from numba import types  # noqa: E402
from numba.core.ccallback import CFunc  # noqa: E402
from numba.extending import is_jitted  # noqa: E402

DEFAULT_ARENA = 262144
SMALLEST_ARENA = 256
# Eight of them are 1 GiB; compiled code reaches no data further than 2 GiB away.
LARGEST_ARENA = 1 << 27

ALLOCATION = {
    "NRT_Allocate", "NRT_Reallocate", "NRT_MemInfo_alloc", "NRT_MemInfo_alloc_safe", "NRT_MemInfo_alloc_aligned",
    "NRT_MemInfo_alloc_safe_aligned", "NRT_MemInfo_alloc_dtor", "NRT_MemInfo_alloc_dtor_safe",
    "NRT_MemInfo_new_varsize", "NRT_MemInfo_new_varsize_dtor", "NRT_MemInfo_varsize_alloc",
    "NRT_MemInfo_varsize_realloc", "NRT_MemInfo_varsize_free",
}
RELEASE = {"NRT_Free", "NRT_MemInfo_call_dtor"}
EXCEPTION = {
    "numba_gil_ensure", "numba_gil_release", "numba_unpickle", "numba_do_raise", "PyErr_Clear", "PyErr_SetString",
    "PyErr_SetNone", "PyErr_WriteUnraisable", "PyUnicode_FromString", "Py_IncRef", "Py_DecRef",
    "PyBytes_FromStringAndSize", "numba_runtime_build_excinfo_struct",
}
HELPER = {"numba_attempt_nocopy_reshape"} | {
    name + suffix
    for suffix in ("", "f")
    for name in ("numba_gamma", "numba_lgamma", "numba_erf", "numba_erfc", "numba_fixed_fmod", "numba_frexp",
                 "numba_ldexp", "numba_signbit", "numba_fptoui", "numba_cpow", "npy_exp2", "npy_log2", "npy_modf",
                 "npy_nextafter", "npy_spacing", "npy_logaddexp", "npy_logaddexp2")
}
# The C library's mathematics, and what compilers call behind the programmer's back.
LIBM = {
    name + suffix
    for suffix in ("", "f")
    for name in ("acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp10 exp2 expm1 "
                 "fabs floor fma fmax fmin fmod frexp hypot ldexp lgamma llrint llround log log10 log1p log2 logb "
                 "lrint lround modf nearbyint nextafter pow remainder remquo rint round roundeven scalbn sin sincos "
                 "sinh sqrt tan tanh tgamma trunc").split()
} | {"memcpy", "memmove", "memset", "memcmp", "bcmp"}
COMPILER_RUNTIME = re.compile(
    r"__(powi[sdtx]f2|u?(div|mod)[dt]i[34]|u?divmod[dt]i4|mul[sdtx]c3|div[sdtx]c3|mul[dt]i3|mulo[dt]i4"
    r"|(ashl|ashr|lshr)[dt]i3|(fix|fixuns)[sdt]f[dst]i|float(un)?[dst]i[sdt]f|extend[hs]f[sd]f2|trunc[sd]f[hs]f2"
    r"|gnu_h2f_ieee|gnu_f2h_ieee|chkstk|sincos(f)?_stret|exp10f?)$")

# The first row that any of the symbols matches tells why they cannot leave the interpreter, and what to do about it. So
# a feature stands before those whose symbols it brings along: parallel code prints, and print() boxes arrays.
REASONS = [
    (r"numba_(parallel|set_num_threads|get_num_threads|threading|launch)|(get|set)_(num_threads|sched|parallel_chunk)"
     r"|do_scheduling|omp_",
     "parallel=True starts threads of the interpreter's process", "compile without parallel=True"),
    (r"PySys_|PyObject_(Str|Repr|Print)|PyUnicode_AsUTF8|puts$|printf$|NRT_debug",
     "print() needs the interpreter", "remove print(); write what you want to see into the state"),
    (r"numba_(get_\w*random_state|rnd_|poisson)",
     "np.random and random keep their state in the interpreter's process",
     "keep the generator's state in the callback's own state (an xorshift of a few lines)"),
    (r"numba_(xx|ez_|xge|cblas)|cblas_|LAPACKE_",
     "np.dot, @ and np.linalg call the BLAS library that is loaded in the interpreter's process",
     "write the loop: Numba compiles it to the same instructions"),
    (r"numba_(dict|list|set)_",
     "typed lists and dictionaries live in the interpreter's process", "use an array in the callback's state"),
    (r"_?Py|numba_(env|box|adapt|get_pyobject|set_pyobject|reset_pyobject|unpack|extract|recreate|ndarray|get_buffer"
     r"|release_buffer|complex_adaptor|py_type|create_np|gettyperecord)|NRT_(adapt|get_api)",
     "it works on Python objects (object mode, or a value that only the interpreter knows)",
     "keep to nopython mode: numbers, tuples and NumPy arrays"),
    (r"", "it calls a function that only the interpreter's process has", "use mathematics that Numba compiles itself"),
]

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

# What a function needs above it to be a callback, ready to be copied.
DECORATION = ("`@cfunc(types.intc(types.CPointer(types.float32), types.CPointer(types.float32), types.ulong, "
              "types.voidptr, types.ulong, types.voidptr))` (from numba import carray, cfunc, types)")


class Refusal(Exception):
    """One mistake of the user's: where, why, and the cure."""

    def __init__(self, reason, cure, line=None):
        super().__init__(reason)
        self.reason, self.cure, self.line = reason, cure, line


def read(source):
    try:
        return ast.parse(source.read_bytes(), str(source))
    except SyntaxError as error:
        raise Refusal(f"syntax error: {error.msg}", "correct the file", error.lineno) from None
    except ValueError as error:
        raise Refusal(f"it is no text: {error}", "correct the file") from None


def load(source, tree):
    """Imports the file under a name that no module of Python's has."""
    name = f"portspan_callback_{source.stem}"
    spec = importlib.util.spec_from_file_location(name, source)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(source.parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise explain(error, source, tree) from None
    except SystemExit as error:
        raise Refusal(f"the file ends the interpreter when it is imported (exit {error.code})",
                      "put what is meant for the command line under `if __name__ == \"__main__\":`") from None
    return module


def explain(error, source, tree):
    """One readable sentence out of an exception, Numba's long ones included."""
    frames = [f.lineno for f in traceback.extract_tb(error.__traceback__) if same_file(f.filename, source)]
    line = frames[-1] if frames else 1
    message = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
    marked = [int(n) for path, n in re.findall(r'File "([^"]+)", line (\d+)', message)
              if os.path.basename(path) == source.name]
    by_numba = isinstance(error, numba.core.errors.NumbaError) or bool(marked) or decorates_cfunc(tree, line)
    if marked:
        # Of functions that call each other Numba tells the innermost first, and that is the one its reason is about.
        line = marked[0]
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
    (r".*\(readonly array\(|Cannot modify (?:value of type )?readonly array",
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
    undefined = re.match(r"NameError: name '(\w+)' is not defined", reason)
    if undefined:
        uses = [n.lineno for n in ast.walk(function or tree) if isinstance(n, ast.Name) and n.id == undefined.group(1)]
        at = min(uses, default=line)
        return refusal(f"define {undefined.group(1)}, or import it at the top of the file",
                       f"Numba cannot compile `{read_line(source, at)}`: {reason}", at)
    unconverted = re.match(r"No conversion from (.+) to (\w+) for '\S*return_value", reason)
    if unconverted and function:
        return wrong_result(unconverted.group(1), function, line, refusal)
    helper = re.match(r"Untyped global name '(\w+)':? Cannot determine Numba type of <class 'function'>", reason)
    if helper:
        return refusal(helper_cure(helper.group(1), source, tree))
    range_ = re.match(r".*: arange\(.*uint64", reason)
    if range_:
        frames = name_at(function, line, [n for n, role in roles(function).items() if role == "frames"]) or "frames"
        return refusal(f"np.arange(np.int64({frames}))")
    single = re.match(r".*: (\w+)\(.*array\(", reason)
    if single and f"math.{single.group(1)}(" in code:
        return refusal(f"the functions of math take one number: np.{single.group(1)} takes arrays")
    cure = pointer_cure(reason, function, line)
    if cure:
        return refusal(cure)
    for pattern, cure in CURES:
        match = re.match(pattern, reason)
        if match:
            return refusal(cure.format(*match.groups()) if match.groups() else cure)
    return None


def roles(function):
    """The parameters of a callback, whatever they are called: which one is the input, and so on."""
    names = [argument.arg for argument in function.args.args] if function else []
    return dict(zip(names, PARAMETERS)) if len(names) == len(PARAMETERS) else {}


def pointer_names(function):
    return {name: role for name, role in roles(function).items() if role not in ("frames", "status")}


def name_at(function, line, names):
    """Which of some names a line is about: one outside carray(), or the only one there is."""
    nodes = [node for node in ast.walk(function) if getattr(node, "lineno", None) == line] if function else []
    found = [n for n in nodes if isinstance(n, ast.Name) and n.id in names]
    arrays = [n.args[0] for n in nodes if isinstance(n, ast.Call) and n.args and makes_array(n)]
    outside = sorted((n for n in found if n not in arrays), key=lambda node: node.col_offset)
    if outside:
        return outside[0].id
    return found[0].id if len({n.id for n in found}) == 1 else None


def makes_array(call):
    return ast.unparse(call.func).split(".")[-1] in ("carray", "farray")


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


def ends_with_return(function):
    return isinstance(function.body[-1], ast.Return)


def own_nodes(function):
    """The nodes of a function without those of the functions inside it."""
    found, pending = [], list(function.body)
    while pending:
        node = pending.pop()
        found.append(node)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            pending += ast.iter_child_nodes(node)
    return found


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
    if "'IntType' object has no attribute 'gep'" in reason:
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


def root_name(node):
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def is_none(node):
    return isinstance(node, ast.Constant) and node.value is None


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


def same_file(path, source):
    try:
        return os.path.samefile(path, source)
    except OSError:
        return False


def read_line(source, line):
    lines = source.read_text(errors="replace").splitlines()
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def decorates_cfunc(tree, line):
    """A cfunc is compiled by its decorator, so that is where an error inside it comes from."""
    return any(node.decorator_list and node.decorator_list[0].lineno <= line <= node.lineno for node in functions(tree))


def enclosing(tree, line):
    """The function that a line belongs to."""
    inside = [node for node in functions(tree)
              if min([node.lineno] + [d.lineno for d in node.decorator_list]) <= line <= node.end_lineno]
    return max(inside, key=lambda node: node.lineno) if inside else None


def object_mode_block(tree, line):
    """The line of a `with objmode(...)` in the function of a line; what Numba says of it differs widely."""
    function = enclosing(tree, line)
    for node in ast.walk(function) if function else ():
        if isinstance(node, ast.With) and any("objmode" in ast.dump(item.context_expr) for item in node.items):
            return node.lineno
    return None


def defines(node):
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    return [getattr(target, "id", None) for target in node.targets] if isinstance(node, ast.Assign) else []


def find(module, tree, name):
    """The cfunc of that name, and the line of its definition."""
    # The last definition of a name is the one that counts.
    line = max((node.lineno for node in ast.walk(tree) if name in defines(node)), default=1)
    if not hasattr(module, name):
        there = [key for key, value in vars(module).items() if isinstance(value, CFunc)]
        has = f"it has {', '.join(there)}" if there else "it has no cfunc at all"
        raise Refusal(f"there is no such function in the file; {has}", "name one of them with FUNCTION"
                      if there else f"decorate the callback with {DECORATION}")
    value = getattr(module, name)
    if isinstance(value, CFunc):
        return value, line
    cure = f"decorate it with {DECORATION}"
    if is_jitted(value):
        what, cure = "a jitted function, which has no C interface", f"replace its decorator: {DECORATION}"
    elif inspect.isfunction(value):
        what = "a plain Python function"
    elif inspect.isclass(value):
        what, cure = "a class", f"write a function, decorated with {DECORATION}"
    else:
        kind = type(value).__name__
        what = f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
        cure = f"write a function, decorated with {DECORATION}"
    raise Refusal(f"it is {what}, not a Numba cfunc", cure, line)


def check_name(name, line):
    """What C++ takes for a name, but cannot have as that of a callback."""
    if name in LIBM:
        raise Refusal(f"the C library has a function {name}, which compiled code would call instead",
                      "rename the function", line)
    if name in PREDEFINED:
        raise Refusal(f"{name} is a macro of some C++ compilers", "rename the function", line)


ULONG = 8 * ctypes.sizeof(ctypes.c_ulong)
PARAMETERS = ("input", "output", "frames", "time", "status", "state")


SAMPLES = (types.float32, types.int32, types.int16, types.int8, types.uint8)


def is_pointer(kind):
    return isinstance(kind, (types.CPointer, types.RawPointer))


def check_signature(signature, line):
    """The ABI of PaStreamCallback: what the calling convention sees, and of the pointees what PortAudio knows."""
    def wrong(what, should):
        raise Refusal(what, f"{should}; the whole is {DECORATION}", line)

    result = signature.return_type
    if not isinstance(result, types.Integer) or result.bitwidth != 32:
        wrong(f"the result is {result}, PortAudio wants a C int of 32 bits", "write types.intc as the result")
    if len(signature.args) != 6:
        wrong(f"it has {len(signature.args)} parameters, PaStreamCallback has 6",
              "take input, output, frames, time, status, state")
    for number, (name, kind) in enumerate(zip(PARAMETERS, signature.args), 1):
        label = f"parameter {number} ({name}) is {kind}"
        if name in ("frames", "status"):
            if not isinstance(kind, types.Integer) or kind.bitwidth != ULONG:
                wrong(f"{label}, PortAudio passes an unsigned long of {ULONG} bits", "write types.ulong")
        elif not is_pointer(kind):
            wrong(f"{label}, PortAudio passes a pointer", "write types.CPointer(...) or types.voidptr")
        elif name in ("input", "output") and not is_sample_pointer(kind):
            raise Refusal(f"{label}, PortAudio has no such sample", "use types.float32 (or int32, int16, int8, uint8; "
                          "types.voidptr for packed 24 bit), and convert inside", line)
    time = pointee(signature.args[3])
    if isinstance(time, types.Record) and (
            time.size != 24 or [str(time.typeof(f)) for f in fields_of(time)] != ["float64"] * 3):
        wrong(f"parameter 4 (time) points at {time}, PaStreamCallbackTimeInfo is three float64",
              "write types.Record.make_c_struct of three float64, or types.voidptr")


def is_sample_pointer(kind, planar=True):
    """Samples, frames as records, nothing that is known of them, or with `planar` pointers to any of these."""
    target = pointee(kind)
    return (target is None or target in SAMPLES or isinstance(target, (types.Record, types.NoneType))
            or planar and is_pointer(target) and is_sample_pointer(target, False))


def pointee(kind):
    return kind.dtype if isinstance(kind, types.CPointer) else None


def camel_case(name):
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def fields_of(record):
    return sorted(record.fields, key=record.offset)


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

    def __init__(self, record, name, line, path=""):
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
            self.members.append((field, text, "".join(f"[{extent}]" for extent in shape), offset))
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
        lines += [f"{indent}    {text} {name}{extents}{{}};" for name, text, extents, _ in self.members]
        return lines + [f"{indent}}};"]

    def checks(self, scope=""):
        full = scope + self.name
        lines = []
        for inner in self.inner:
            lines += inner.checks(full + "::")
        lines += [f"static_assert(sizeof({full}) == {self.size} && alignof({full}) == {self.alignment});"]
        return lines + [f"static_assert(offsetof({full}, {name}) == {offset});" for name, _, _, offset in self.members]


def round_up(value, step):
    return (value + step - 1) // step * step


def sample_pointer(kind, constant):
    """How the header declares the input or the output."""
    target = pointee(kind)
    const = "const " if constant else ""
    planar = pointee(target) if target is not None else None
    if planar is not None and scalar(planar):
        return f"{const}{scalar(planar)[0]}* const*"
    if target is not None and scalar(target):
        return f"{const}{scalar(target)[0]}*"
    return f"{const}void*"


def header(function, source, signature, line):
    """The header's text, the size of the state that a stream without one shall get, and whether one has to be given."""
    state = pointee(signature.args[5])
    body, name, size = [], "void", 0
    # How many of anything but a record the callback takes the state for, only its code knows.
    needs_state = not (state is None or isinstance(state, (types.Record, types.NoneType)))
    if isinstance(state, types.Record):
        struct_ = Struct(state, camel_case(function) + "State", line)
        name, size = struct_.name, struct_.size
        body = [f"/// The state of `{function}`, as its Python source describes it.", *struct_.declaration(), "",
                *struct_.checks(), ""]
    elif state is not None and scalar(state):
        name = scalar(state)[0]
    if size:
        without = (f"/// The last argument may be NULL: the library then uses one zeroed {name} of its own.\n"
                   "/// One for all streams, so two at a time need a state each.\n")
    elif needs_state:
        without = (f"/// The last argument must not be NULL: the call then returns paAbort, and {function}_error()\n"
                   "/// says why. It points at as many elements as the callback uses.\n")
    else:
        without = "/// The last argument is passed on as it is, NULL too.\n"
    indent = " " * len(f'extern "C" int {function}(')
    parameters = (f"{sample_pointer(signature.args[0], True)} input, "
                  f"{sample_pointer(signature.args[1], False)} output,\n"
                  f"{indent}unsigned long frames, const PaStreamCallbackTimeInfo* time,\n"
                  f"{indent}PaStreamCallbackFlags status, {name}* state")
    body.append(f"""/// A PaStreamCallback; paAbort after an exception, whose text {function}_error() then has.
{without}extern "C" int {function}({parameters});

/// Why the callback has last returned paAbort by itself ("ValueError: ..."), or NULL; any thread may ask.
extern "C" const char* {function}_error();""")
    text = "\n".join(body)
    includes = ["<complex>"] * ("std::complex" in text) + ["<cstddef>"] * ("offsetof" in text) + \
        ["<cstdint>"] * ("int8_t" in text or "int16_t" in text or "int32_t" in text or "int64_t" in text)
    standard = "".join(f"#include {include}\n" for include in includes)
    return (f"// Generated by portspan_add_numba_callback from {source.name}.\n#pragma once\n\n"
            f"#include <portaudio.h>\n\n{standard}{chr(10) if standard else ''}{text}\n"), size, needs_state


def target_machine(cpu, triple):
    target = llvm.Target.from_triple(triple)
    features = ""
    if cpu == "native":
        cpu = llvm.get_host_cpu_name()
        features = llvm.get_host_cpu_features().flatten()
    elif cpu != "generic":
        refuse_unknown_cpu(cpu, triple)
    return target.create_target_machine(cpu=cpu, features=features, opt=3, reloc="pic", codemodel="default")


CPU_PROBE = """
import sys, llvmlite.binding as llvm
llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
machine = llvm.Target.from_triple(sys.argv[2]).create_target_machine(cpu=sys.argv[1])
machine.emit_object(llvm.parse_assembly("define void @probe() { ret void }"))
"""


def refuse_unknown_cpu(cpu, triple):
    """LLVM tells of an unknown CPU on the terminal only, and then may end the process: so in another one."""
    probe = subprocess.run([sys.executable, "-B", "-c", CPU_PROBE, cpu, triple], capture_output=True, text=True)
    if probe.returncode != 0 or "not a recognized processor" in probe.stderr:
        raise Refusal(f"LLVM knows no CPU '{cpu}' for {triple}", "CPU is generic, native, or one of `llc -mcpu=help`")


def optimise(module, machine):
    if hasattr(llvm, "create_pass_builder"):
        options = llvm.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization = options.slp_vectorization = True
        options.loop_interleaving = options.loop_unrolling = True
        builder = llvm.create_pass_builder(machine, options)
        for _ in range(2):
            passes = builder.getModulePassManager()
            # Numba's own pass: counting references up and down again is most of what its raw code does.
            passes.add_refprune_pass()
            passes.add_strip_dead_prototype_pass()
            passes.run(module, builder)
        return
    for _ in range(2):
        builder = llvm.create_pass_manager_builder()
        builder.opt_level = 3
        builder.loop_vectorize = builder.slp_vectorize = True
        builder.inlining_threshold = 225
        passes = llvm.create_module_pass_manager()
        machine.add_analysis_passes(passes)
        builder.populate(passes)
        passes.add_refprune_pass()
        passes.run(module)


def without_unwrapping(ir):
    """Newer Numba turns the arguments of an exception into Python objects in functions of this name; only the
    exception's text is kept here, so they hand back what they were given."""
    return re.sub(r"(?ms)^(define [^\n]*@__excinfo_unwrap_args\w*\((\S+) (%[\w.\"-]+)\)[^\n]*\{)\n.*?^\}",
                  r"\1\n  ret \2 \3\n}", ir)


ENVIRONMENT = "_ZN08NumbaEnv"
ADDRESS = "numba.dynamic.globals."


def compile_callback(cfunc, machine):
    module = llvm.parse_assembly(without_unwrapping(cfunc.inspect_llvm()))
    module.verify()
    for value in [*module.functions, *module.global_variables]:
        if value.is_declaration or value.name == cfunc.native_name:
            continue
        # What stands for this process must neither be folded into the code nor stay where nothing uses it: the
        # interpreter sets an environment at run time, and an optimiser that saw NULL would drop what print() does.
        value.linkage = "linkonce_any" if value.name.startswith((ENVIRONMENT, ADDRESS)) else "internal"
    optimise(module, machine)
    return module


def string_constant(text):
    """The bytes of an LLVM c"..." constant."""
    return re.sub(rb"\\(\\|[0-9A-Fa-f]{2})",
                  lambda m: b"\\" if m.group(1) == b"\\" else bytes([int(m.group(1), 16)]), text.encode("latin-1"))


def messages(module, line):
    """Each exception constant and its text; anything else that is pickled needs the interpreter."""
    found = {}
    for value in module.global_variables:
        if not value.name.startswith(".const.pickledata.") or ".sha1" in value.name:
            continue
        literal = re.search(r'c"([^"]*)"', str(value))
        data = string_constant(literal.group(1)) if literal else b""
        try:
            text = exception_text(pickle.loads(data))
        except Exception:
            text = None
        if text is None:
            raise Refusal("it holds a Python object that only the interpreter can restore",
                          "use numbers, tuples of numbers and NumPy arrays of numbers", line)
        found[data] = text
    return found


def exception_text(payload):
    if not isinstance(payload, tuple) or len(payload) != 3:
        return None
    kind, arguments, location = payload
    if not isinstance(kind, type) or not issubclass(kind, BaseException):
        return None
    if any(type(argument).__module__.startswith("llvmlite") for argument in arguments or ()):
        detail = "its arguments were known only when it was raised"
    else:
        detail = ", ".join(str(argument) for argument in arguments or ())
    # Numba's own texts go on with a place inside Numba.
    detail = " ".join(detail.split('\nFile "')[0].split())
    text = f"{kind.__name__}: {detail}" if detail else kind.__name__
    if location:
        text += f" ({os.path.basename(location[1])}:{location[2]})"
    return text


def undefined_symbols(data, module):
    """Asks the object itself where it is ELF: the back end may have added calls that the IR does not show."""
    if data[:4] == b"\x7fELF":
        sections = {}
        for section in llvm.ObjectFileRef.from_data(data).sections():
            sections[section.name() or b""] = bytes(section.data())
        order, wide = "<" if data[5] == 1 else ">", data[4] == 2
        table, names = sections[b".symtab"], sections[b".strtab"]
        step = 24 if wide else 16
        found = set()
        for at in range(step, len(table), step):
            name, = struct.unpack_from(order + "I", table, at)
            section, = struct.unpack_from(order + "H", table, at + (6 if wide else 14))
            if section == 0:
                found.add(names[name:names.index(b"\0", name)].decode())
        return found - {"_GLOBAL_OFFSET_TABLE_"}
    values = [*module.functions, *module.global_variables]
    return {v.name for v in values if v.is_declaration and not v.name.startswith("llvm.")}


def is_served(name):
    return name in ALLOCATION | RELEASE | EXCEPTION | HELPER or name.startswith("PyExc_")


def refuse_addresses(module, cfunc, line):
    """Numbers in the code that are addresses in this process."""
    addresses = {int(v.name.split(".")[3], 16) for v in module.global_variables
                 if v.name.startswith(ADDRESS)}
    limit = 1 << (8 * ctypes.sizeof(ctypes.c_void_p))
    for text in re.findall(r"inttoptr \(i(?:32|64) (-?\d+) to", str(module)):
        value = int(text) % limit
        if 0xffff < value < limit - 0xffff:
            addresses.add(value)
    if not addresses:
        return
    names = global_names(cfunc)
    for address in sorted(addresses):
        if address in names:
            name, value = names[address]
            if isinstance(value, numpy.ndarray):
                raise Refusal(f"it uses the global array {name} ({value.nbytes} bytes) by its address in the compiling "
                              "process, since Numba copies only contiguous arrays of up to 1 MB into the code",
                              "make it contiguous and smaller (np.ascontiguousarray), or pass it in the state", line)
            raise Refusal(f"it uses the global {name} by its address in the compiling process",
                          "make it an @njit function, or pass it in the state", line)
    numbers = ", ".join(f"{address:#x}" for address in sorted(addresses))
    raise Refusal(f"it holds addresses of the compiling process ({numbers})",
                  "use no ctypes or cffi functions, function pointers or jitclass instances in the callback", line)


def global_names(cfunc):
    """Every address that a global of the callback, or of a function that it may call, stands for."""
    found, pending, seen = {}, [cfunc.__wrapped__], set()
    while pending:
        function = pending.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        cells = zip(function.__code__.co_freevars, [c.cell_contents for c in function.__closure__ or ()])
        for name, value in [*function.__globals__.items(), *cells]:
            if name.startswith("__"):
                continue
            found[id(value)] = (name, value)
            if isinstance(value, numpy.ndarray):
                found[value.ctypes.data] = (name, value)
            elif isinstance(value, CFunc):
                found[value.address] = (name, value)
            elif is_jitted(value):
                pending.append(value.py_func)
            elif isinstance(value, ctypes._CFuncPtr):
                found[ctypes.cast(value, ctypes.c_void_p).value] = (name, value)
    return found


def refuse_symbols(symbols, line):
    for pattern, reason, cure in REASONS:
        guilty = sorted(name for name in symbols if re.match(pattern, name))
        if guilty:
            raise Refusal(f"{reason} (symbols: {', '.join(guilty)})", cure, line)


def rename(value, name, line):
    """LLVM adds a number to a name that the module has already."""
    value.name = name
    if value.name != name:
        raise Refusal(f"the name {name} is in use in the compiled code", "rename the function", line)


def export(cfunc, options, line):
    """The object, its symbols private to this callback, and what the runtime has to know."""
    name = options.function
    machine = target_machine(options.cpu, llvm.parse_assembly(cfunc.inspect_llvm()).triple)
    module = compile_callback(cfunc, machine)
    refuse_addresses(module, cfunc, line)
    needed = undefined_symbols(machine.emit_object(module), module)
    refuse_symbols({n for n in needed if not is_served(n) and n not in LIBM and not COMPILER_RUNTIME.match(n)}, line)
    if any(v.name.startswith(ENVIRONMENT) for v in module.global_variables):
        refuse_symbols({"Python environment"}, line)
    texts = messages(module, line)
    text, state_size, needs_state = header(name, options.source, cfunc._sig, line)
    allocates = bool(needed & ALLOCATION)
    exceptions = sorted(n[len("PyExc_"):] for n in needed if n.startswith("PyExc_"))
    raises = bool(needed & EXCEPTION)
    bare = not (allocates or raises or state_size or needs_state)
    wrapper = module.get_function(cfunc.native_name)
    if bare:
        rename(wrapper, name, line)
        if os.name == "nt" and options.module:
            wrapper.storage_class = "dllexport"
    else:
        rename(wrapper, f"portspan_{name}_compiled", line)
        wrapper.visibility = "hidden"
    for value in [*module.functions, *module.global_variables]:
        if value.is_declaration and is_served(value.name):
            rename(value, f"portspan_{name}_{value.name}", line)
            value.visibility = "hidden"
    data = machine.emit_object(module)
    return data, text, config(name, options.arena, allocates, raises, bool(needed & HELPER), bare, state_size,
                              needs_state, exceptions, texts if raises else {})


def c_string(text):
    return '"' + "".join(c if 32 <= ord(c) < 127 and c not in '"\\?' else "".join(f"\\{b:03o}" for b in c.encode())
                         for c in text) + '"'


def config(name, arena, allocates, raises, helpers, bare, state_size, needs_state, exceptions, texts):
    lines = ["// Generated by portspan_add_numba_callback for portspan_numba_runtime.cpp.",
             f"#define PORTSPAN_CALLBACK {name}",
             f"#define PORTSPAN_CALLBACK_ARENA {arena}",
             f"#define PORTSPAN_CALLBACK_ALLOCATES {int(allocates)}",
             f"#define PORTSPAN_CALLBACK_RAISES {int(raises)}",
             f"#define PORTSPAN_CALLBACK_HELPERS {int(helpers)}",
             f"#define PORTSPAN_CALLBACK_BARE {int(bare)}",
             f"#define PORTSPAN_CALLBACK_STATE_SIZE {state_size}",
             f"#define PORTSPAN_CALLBACK_NEEDS_STATE {int(needs_state)}",
             f"#define PORTSPAN_CALLBACK_EXCEPTIONS(X) {' '.join(f'X({n})' for n in exceptions)}"]
    if raises:
        lines += ["struct portspan_message {", "    const char* text;", "    unsigned long size;",
                  "    const unsigned char* pickled;", "};"]
        for number, data in enumerate(texts):
            lines.append(f"static const unsigned char portspan_pickled_{number}[] = {{{', '.join(map(str, data))}}};")
        lines.append("static const struct portspan_message portspan_messages[] = {")
        lines += [f"    {{{c_string(text)}, {len(data)}, portspan_pickled_{number}}},"
                  for number, (data, text) in enumerate(texts.items())]
        lines += ["    {0, 0, 0},", "};"]
    return "\n".join(lines) + "\n"


def local_files(source):
    """What was imported from the callback's own folder."""
    found = {str(source)}
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path and os.path.isabs(path) and source.parent in pathlib.Path(path).parents and "site-packages" not in path:
            found.add(path)
    return sorted(found)


def make_escape(path):
    return str(path).replace("\\", "/").replace("$", "$$").replace("#", "\\#").replace(" ", "\\ ")


def write_all(files):
    """Every file under a temporary name first, so that a failure leaves none of them."""
    written = []
    try:
        for path, data in files.items():
            temporary = f"{path}.{os.getpid()}.tmp"
            os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
            with open(temporary, "wb") as file:
                written.append(temporary)
                file.write(data if isinstance(data, bytes) else data.encode())
        for path in files:
            if os.path.isdir(path):
                raise IsADirectoryError(errno.EISDIR, "it is a folder", path)
        for path, temporary in zip(files, written):
            os.replace(temporary, path)
    finally:
        for temporary in written:
            if os.path.exists(temporary):
                os.unlink(temporary)


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True, type=pathlib.Path)
    parser.add_argument("--function", required=True)
    parser.add_argument("--object", required=True)
    parser.add_argument("--header", required=True)
    parser.add_argument("--config", required=True)
    parser.add_argument("--depfile")
    parser.add_argument("--cpu", default="generic")
    parser.add_argument("--arena", default=str(DEFAULT_ARENA))
    parser.add_argument("--module", action="store_true", help="the symbol is exported from a shared library")
    return parser.parse_args(argv)


def main(argv=None):
    options = parse(argv)
    options.source = pathlib.Path(os.path.abspath(options.source))
    tree = None
    try:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", options.function) or options.function in CPP_KEYWORDS:
            raise Refusal("it is no name that a C function can have", "name the Python function with FUNCTION")
        if not re.fullmatch("[0-9]{1,20}", options.arena) or not (
                SMALLEST_ARENA <= int(options.arena) <= LARGEST_ARENA):
            shown = options.arena if len(options.arena) <= 24 else f"{options.arena[:20]}..."
            raise Refusal(f"ARENA is '{shown}', it has to be a number of bytes of at least {SMALLEST_ARENA} and at "
                          f"most {LARGEST_ARENA}: there are eight of them, 1 GiB in all",
                          f"leave it out for {DEFAULT_ARENA}")
        options.arena = int(options.arena)
        if not options.source.is_file():
            raise Refusal(f"there is no file {options.source}", "correct SOURCE")
        # A user's `@cfunc(cache=True)` would write beside the source.
        with tempfile.TemporaryDirectory() as cache:
            numba.config.CACHE_DIR = cache
            tree = read(options.source)
            module = load(options.source, tree)
            cfunc, line = find(module, tree, options.function)
            check_name(options.function, line)
            check_signature(cfunc._sig, line)
            refuse_comparisons(cfunc, options.source, tree)
            data, text, settings = export(cfunc, options, line)
        files = {options.object: data, options.header: text, options.config: settings}
        if options.depfile:
            needs = " ".join(make_escape(path) for path in local_files(options.source))
            files[options.depfile] = f"{make_escape(options.object)}: {needs}\n"
        try:
            write_all(files)
        except OSError as error:
            raise Refusal(f"cannot write {error.filename2 or error.filename}: {error.strerror}",
                          "see to the build folder") from None
        return 0
    except Refusal as refusal:
        line = refusal.line or 1
        name = options.function
        if tree is not None and refusal.line:
            function = enclosing(tree, refusal.line)
            name = function.name if function else name
        print(f"{options.source.name}:{line}: {name}: {refusal.reason}\n  cure: {refusal.cure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
