# SPDX-License-Identifier: MIT
"""Importing the user's file, and finding the callback in it."""
import ast
import importlib.util
import inspect
import os
import pathlib
import sys

import llvmlite
import numba
from numba.core.ccallback import CFunc
from numba.extending import is_jitted

from .diagnosis import explain
from .refusal import Refusal
from .signature import DECORATION, DECORATOR, PARAMETERS
from .syntax import check_encoding, defines, read


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
        if isinstance(error, SyntaxError) and error.filename and source.parent in pathlib.Path(error.filename).parents:
            read(pathlib.Path(error.filename))
        raise explain(error, source, tree) from None
    except SystemExit as error:
        raise Refusal(f"the file ends the interpreter when it is imported (exit {error.code})",
                      "put what is meant for the command line under `if __name__ == \"__main__\":`") from None
    for path in map(pathlib.Path, modules_in(source.parent)):
        if path.suffix == ".py" and path.is_file():
            check_encoding(path.read_bytes(), path)
    return module


def find(module, tree, name):
    """The cfunc of that name, and the line of its definition."""
    # The last definition of a name is the one that counts.
    line = max((node.lineno for node in ast.walk(tree) if name in defines(node)), default=1)
    if not hasattr(module, name):
        there = [key for key, value in vars(module).items() if isinstance(value, CFunc)]
        has = f"it has {', '.join(there)}" if there else "it has no cfunc at all"
        raise Refusal(f"there is no such function in the file; {has}", "name one of them with FUNCTION"
                      if there else f"decorate the callback with {DECORATOR}")
    value = getattr(module, name)
    if isinstance(value, CFunc):
        return value, line
    if is_jitted(value):
        what, cure = "a jitted function, which has no C interface", f"replace its decorator: {suited(value.py_func)}"
    elif inspect.isfunction(value):
        what, cure = "a plain Python function", f"decorate it with {suited(value)}"
    elif inspect.isclass(value):
        what, cure = "a class", f"write a function, decorated with {DECORATOR}"
    else:
        kind = type(value).__name__
        what = f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
        cure = f"write a function, decorated with {DECORATOR}"
    raise Refusal(f"it is {what}, not a Numba cfunc", cure, line)


def suited(function):
    return DECORATION if function.__code__.co_argcount == len(PARAMETERS) else DECORATOR


def local_files(source):
    """What was imported from the callback's own folder, and what has compiled it."""
    exporter = modules_in(pathlib.Path(__file__).parents[1])
    return sorted({str(source), numba.__file__, llvmlite.__file__, *exporter, *modules_in(source.parent)})


def modules_in(folder):
    """The files of a folder that have been imported, but for those of an environment in it."""
    paths = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    inside = [path for path in paths if path and path.startswith(f"{folder}{os.sep}")]
    return [path for path in inside if "-packages" not in path[len(str(folder)):]]
