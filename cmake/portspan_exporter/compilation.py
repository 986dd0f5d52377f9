# SPDX-License-Identifier: MIT
"""From a source file to what its callbacks become, and the words for what is wrong with it."""
import os
import pathlib
import re

import numba
from numba.core.ccallback import CFunc

from . import arena
from .comparisons import refuse_comparisons
from .decorated import is_decorated
from .export import export, refuse_same_names
from .names import CPP_KEYWORDS, check_beside, check_name
from .places import watch
from .refusal import Refusal
from .signature import DECORATOR, check_signature
from .source import find, load
from .syntax import defines, enclosing, functions, read


class Compilation:
    """`options` has the source, the names of functions (none means the first callback of the file), cpu, vector_math,
    arena as text or None, dry_run, and whether this process may be forked for that."""

    def __init__(self, options):
        self.options = options
        options.source = pathlib.Path(os.path.abspath(options.source))
        self.tree, self.name = None, options.function[0] if options.function else None

    def run(self, cache):
        """{name: Exported}. A user's `@cfunc(cache=True)` writes to the folder `cache`, not beside the source."""
        options = self.options
        check(options)
        numba.config.CACHE_DIR = str(cache)
        self.tree = read(options.source)
        options.places = watch(options.source)
        module = load(options.source, self.tree)
        names, exported = options.function or [first_callback(module, self.tree)], {}
        for self.name in names:
            cfunc, line = find(module, self.tree, self.name)
            check_name(self.name, line)
            check_beside(self.name, names, line)
            check_signature(cfunc._sig, line)
            refuse_comparisons(cfunc, options.source, self.tree)
            exported[self.name] = export(cfunc, self.name, options, self.tree, line)
            refuse_same_names(exported, line)
        return exported

    def words(self, refusal):
        """Where, why and the cure, in two lines."""
        line, file, name = refusal.line or 1, refusal.file or self.options.source, self.name
        if self.tree is not None and refusal.line and file == self.options.source:
            function = enclosing(self.tree, refusal.line)
            name = function.name if function else name
        about = f"{name}: " if name else ""
        return f"{file.name}:{line}: {about}{refusal.reason}\n  cure: {refusal.cure}"


def check(options):
    for name in options.function or ():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or name in CPP_KEYWORDS:
            raise Refusal(f"{name} is no name that a C function can have",
                          "rename the function, or name another with FUNCTION")
    options.arena = arena.checked(options.arena)
    if not options.source.is_file():
        raise Refusal(f"there is no file {options.source}", "correct SOURCE")


def first_callback(module, tree):
    """The file's first @stream_callback, or its first cfunc where it has none; what it imports does not count."""
    decorated = {node.name for node in functions(tree) if is_decorated(node)}
    names = [name for node in tree.body for name in defines(node) if isinstance(getattr(module, name or "", None), CFunc)]
    found = [name for name in names if name in decorated] or names
    if not found:
        raise Refusal("there is no callback in the file", f"decorate a function with {DECORATOR}")
    return found[0]
