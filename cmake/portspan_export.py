# SPDX-License-Identifier: MIT
"""Turns a Numba cfunc into an object file with a C symbol that needs no Python, and a header that declares it.

portspan_add_numba_callback runs this at build time. It writes for each function an object and the source of what serves
it at run time, and for all of them the header and the list of local files that they were made from. All of it or none.

portspan_export.py --serve compiles again and again to finished libraries: portspan_exporter/serve.py.
"""
import argparse
import json
import os
import pathlib
import signal
import sys
import tempfile

SERVES = __name__ == "__main__" and sys.argv[1:] == ["--serve"]
if SERVES:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # The server forks, which threads are no help for.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"

import portspan_exporter  # noqa: F401 - before Numba: it settles the environment

try:
    import numba  # noqa: F401 - that it is there
except Exception as error:
    # Packages wrap what has happened into advice for those who build them.
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    why = (f"{sys.executable} cannot compile callbacks: {type(error).__name__}: {error}\n"
           "  cure: install Numba for it, or name another interpreter with -DPORTSPAN_NUMBA_PYTHON=<path>")
    if SERVES:
        print(json.dumps({"ok": False, "error": why}))
    sys.exit(why)

from portspan_exporter.compilation import Compilation
from portspan_exporter.files import make_escape, write_all
from portspan_exporter.header import header
from portspan_exporter.refusal import Refusal
from portspan_exporter.serve import serve
from portspan_exporter.source import local_files


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
    parser.set_defaults(dry_run=True, forks=False)
    return parser.parse_args(argv)


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
    compilation = Compilation(options)
    try:
        with tempfile.TemporaryDirectory() as cache:
            exported = compilation.run(cache)
        write(options, exported)
        for one in exported.values():
            for text in one.warnings + ([] if options.quiet else one.notes):
                print(text)
        return 0
    except Refusal as refusal:
        print(compilation.words(refusal), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(serve() if SERVES else main())
