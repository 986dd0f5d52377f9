# SPDX-License-Identifier: MIT
"""A callback that is compiled becomes a shared library, as portspan_add_numba_callback makes one, without CMake."""
import hashlib
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

from .files import write_all
from .refusal import Refusal

# Where portspan_numba_runtime.cpp is, in the sources and where it is installed.
HERE = pathlib.Path(__file__).resolve().parents[1]
RUNTIME = ("portspan_numba_runtime.cpp", "portspan_numba_cpu.h")


def link(name, one, command, cache, folder, scratch):
    """The path of the library, a file in `folder` that has never been there. What the compiler makes of the runtime is
    kept in `cache`: it is the same until the callback's description or its exceptions change."""
    compiled, exports = scratch / f"{name}_numba.o", scratch / f"{name}.map"
    write_all({str(compiled): one.object, str(exports): f"{{ global: {name}; {name}_error; {name}_portspan*; local: *; }};\n"})
    served = runtime_object(name, one, command, cache, scratch)
    file, library = tempfile.mkstemp(".so", f"{name}-", folder)
    os.close(file)
    options = []
    if sys.platform != "darwin":
        # A comma in a path is one to -Xlinker.
        options = ["-Wl,--as-needed", *["-lmvec"] * one.vector_math, "-Xlinker", f"--version-script={exports}"]
    try:
        run([*command, "-shared", "-o", library, str(compiled), str(served), *options, "-lm"])
    except BaseException:
        os.unlink(library)
        raise
    return library


def runtime_object(name, one, command, cache, scratch):
    digest = hashlib.sha256()
    # The compiler is told by its file: asking it for its version would take as long as using it.
    tool = os.stat(shutil.which(command[0]))
    for part in (one.runtime, *((HERE / file).read_text() for file in RUNTIME), repr(command),
                 f"{tool.st_size} {tool.st_mtime_ns}"):
        digest.update(part.encode() + b"\0")
    kept = cache / f"{name}-{digest.hexdigest()[:32]}.o"
    if not kept.exists():
        source, made = scratch / f"{name}_runtime.c", scratch / f"{name}_runtime.o"
        source.write_text(one.runtime)
        run([*command, "-x", "c", "-O2", "-w", "-fPIC", "-fvisibility=hidden", "-DPORTSPAN_CALLBACK_MODULE",
             f"-I{HERE}", "-c", str(source), "-o", str(made)])
        write_all({str(kept): made.read_bytes()})
    return kept


def command_of(compiler):
    command = shlex.split(compiler)
    if not command or not shutil.which(command[0]):
        raise Refusal(f"there is no compiler {compiler}", "install one (apt install gcc), or name another")
    return command


def run(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace")
    if done.returncode != 0:
        said = done.stdout.strip() or f"it ended with {done.returncode}"
        raise Refusal(f"{shlex.join(command)}: {said}", "see to the compiler")
