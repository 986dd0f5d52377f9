# SPDX-License-Identifier: MIT
"""Turns a Numba cfunc into an object file with a C symbol that needs no Python, and a header that declares it.

portspan_add_numba_callback runs this at build time. It writes for each function an object and the source of what serves
it at run time, and for all of them the header and the list of local files that they were made from. All of it or none.
"""
import argparse
import os
import pathlib
import re
import sys
import tempfile

import portspan_exporter  # noqa: F401 - before Numba: it settles the environment

try:
    import numba
except Exception as error:
    # Packages wrap what has happened into advice for those who build them.
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    sys.exit(f"{sys.executable} cannot compile callbacks: {type(error).__name__}: {error}\n"
             "  cure: install Numba for it, or name another interpreter with -DPORTSPAN_NUMBA_PYTHON=<path>")

from portspan_exporter import arena
from portspan_exporter.comparisons import refuse_comparisons
from portspan_exporter.export import export, refuse_same_names
from portspan_exporter.files import make_escape, write_all
from portspan_exporter.header import header
from portspan_exporter.names import CPP_KEYWORDS, check_beside, check_name
from portspan_exporter.places import watch
from portspan_exporter.refusal import Refusal
from portspan_exporter.signature import check_signature
from portspan_exporter.source import find, load, local_files
from portspan_exporter.syntax import enclosing, read


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True, type=pathlib.Path)
    parser.add_argument("--function", required=True, nargs="+")
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--extension", default=".o", help="of an object file")
    parser.add_argument("--header", required=True)
    parser.add_argument("--depfile")
    parser.add_argument("--cpu", default="generic")
    parser.add_argument("--arena", help="bytes; measured unless given")
    parser.add_argument("--no-vector-math", dest="vector_math", action="store_false",
                        help="sin, tanh and others compute one number at a time")
    parser.add_argument("--quiet", action="store_true", help="no notes on what would cost less; warnings all the same")
    parser.add_argument("--module", action="store_true", help="the symbols are exported from a shared library")
    return parser.parse_args(argv)


def check_options(options):
    for name in options.function:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or name in CPP_KEYWORDS:
            raise Refusal(f"{name} is no name that a C function can have",
                          "rename the function, or name another with FUNCTION")
    options.arena = arena.checked(options.arena)
    if not options.source.is_file():
        raise Refusal(f"there is no file {options.source}", "correct SOURCE")


def write(options, exported):
    files = {}
    for name, one in exported.items():
        files[str(options.folder / f"{name}_numba{options.extension}")] = one.object
        files[str(options.folder / f"{name}_runtime.cpp")] = one.runtime
    first = next(iter(files))
    files[options.header] = header(options.source, [one.declaration for one in exported.values()])
    if options.depfile:
        needs = " ".join(make_escape(path) for path in local_files(options.source))
        files[options.depfile] = f"{make_escape(first)}: {needs}\n"
    try:
        write_all(files)
    except OSError as error:
        raise Refusal(f"cannot write {error.filename2 or error.filename}: {error.strerror}",
                      "see to the build folder") from None


def main(argv=None):
    options = parse(argv)
    options.source = pathlib.Path(os.path.abspath(options.source))
    tree, name, exported = None, options.function[0], {}
    try:
        check_options(options)
        # A user's `@cfunc(cache=True)` would write beside the source.
        with tempfile.TemporaryDirectory() as cache:
            numba.config.CACHE_DIR = cache
            tree = read(options.source)
            options.places = watch(options.source)
            module = load(options.source, tree)
            for name in options.function:
                cfunc, line = find(module, tree, name)
                check_name(name, line)
                check_beside(name, options.function, line)
                check_signature(cfunc._sig, line)
                refuse_comparisons(cfunc, options.source, tree)
                exported[name] = export(cfunc, name, options, tree, line)
                refuse_same_names(exported, line)
        write(options, exported)
        for one in exported.values():
            for text in one.warnings + ([] if options.quiet else one.notes):
                print(text)
        return 0
    except Refusal as refusal:
        line, file = refusal.line or 1, refusal.file or options.source
        if tree is not None and refusal.line and file == options.source:
            function = enclosing(tree, refusal.line)
            name = function.name if function else name
        print(f"{file.name}:{line}: {name}: {refusal.reason}\n  cure: {refusal.cure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
