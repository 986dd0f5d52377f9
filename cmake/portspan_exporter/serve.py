# SPDX-License-Identifier: MIT
"""A compile server: Numba is loaded once, then every line on standard input is a request and has one line as its answer.

    python3 -B portspan_export.py --serve

Lines are JSON objects in UTF-8. The first that comes, before any request, tells that the server is ready, or why it
cannot be and ends with 1:

    {"ok": true, "protocol": 1, "numba": "0.56.4", "python": "/usr/bin/python3"}
    {"ok": false, "error": "..."}

A request; all but the first two may be left out, and are then as here:

    {"source": "/home/me/warm.py",    the Python file
     "folder": "/tmp/live",           where libraries are put; made where it is not there
     "function": null,                the name of the callback; null is the first @stream_callback of the file, or its
                                      first cfunc where it has none
     "cpu": "generic",                CPU of portspan_add_numba_callback, "native" for this machine
     "vector_math": true,             false is NO_VECTOR_MATH
     "quiet": false,                  QUIET
     "arena": null,                   ARENA, a number of bytes; null measures what it takes in a dry run
     "dry_run": true,                 false takes 262144 bytes where there is no arena given
     "compiler": "cc",                a command, of C or of C++: it compiles the runtime and links
     "cache": null}                   where compiled runtimes are kept from one request, or server, to the next; null is
                                      "folder"

Its answer, after which the library is finished:

    {"ok": true, "library": "/tmp/live/warm-k2j7_x1q.so", "function": "warm", "seconds": 0.31, "notes": ["..."],
     "files": ["/home/me/filters.py", "/home/me/warm.py"]}
    {"ok": false, "error": "warm.py:12: warm: ...\\n  cure: ...", "seconds": 0.2, "files": ["/home/me/warm.py"]}

`library` is a new file each time, so it can be loaded beside those before it; it is the client's to remove. `error` is
what the build says, and ends where it ends, without a line feed. `notes` are what the build prints, warnings too.
`files` are what to watch: the source and what it has imported from its own folder, also where that did not work.

Requests are served in their order, each in a copy of the server's process (fork): what a request imports, compiles or
breaks is gone with it, and every file is read anew. The answer says so where the copy crashes. What the user's module
prints goes to standard error, and it has no standard input. There is no limit of time: a client that has waited enough
kills the server, by any signal, which ends what it has under way as well, and starts another. The end of standard input
ends the server with 0. Ctrl-C kills it without a word.
"""
import contextlib
import gc
import json
import os
import pathlib
import select
import signal
import sys
import tempfile
import threading
import time
import traceback
import types
import warnings

import llvmlite.binding as llvm
import numba

from . import samples
from .compilation import Compilation
from .cpu import Target
from .link import HERE, command_of, link
from .refusal import Refusal
from .source import modules_in

PROTOCOL = 1
DEFAULTS = {"source": None, "folder": None, "function": None, "cpu": "generic", "vector_math": True, "quiet": False,
            "arena": None, "dry_run": True, "compiler": "cc", "cache": None}
TYPES = {"source": (str,), "folder": (str,), "function": (str, type(None)), "cpu": (str,), "vector_math": (bool,),
         "quiet": (bool,), "arena": (int, type(None)), "dry_run": (bool,), "compiler": (str,),
         "cache": (str, type(None))}


def serve():
    lines, answers = own_streams()

    def say(answer):
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    try:
        if not hasattr(os, "fork"):
            say({"ok": False, "error": f"the compile server needs fork(), which {sys.platform} does not have"})
            return 1
        # Those of OpenBLAS, which nothing here calls.
        warnings.filterwarnings("ignore", ".*multi-threaded, use of fork", DeprecationWarning)
        settle()
        say({"ok": True, "protocol": PROTOCOL, "numba": numba.__version__, "python": sys.executable})
        warming = iter(samples.ALL)
        while (line := lines.next()) is not None:
            if not line.strip():
                continue
            say(answer(line, (lines, answers)))
            # In the time until the next request, so that nobody waits for it at the start.
            while not lines.waiting() and (sample := next(warming, None)):
                sample()
                settle()
    except BrokenPipeError:
        # Nobody wants to know any more. What is left in the buffer would say so once again.
        os._exit(0)
    return 0


class Lines:
    """The lines of a file, and whether there is one already."""

    def __init__(self, file):
        self.file, self.data, self.ended = file, b"", False

    def fileno(self):
        return self.file

    def waiting(self):
        return b"\n" in self.data or self.ended or bool(select.select([self.file], [], [], 0)[0])

    def next(self):
        """None at the end; what has no line feed there counts as a line."""
        while b"\n" not in self.data and not self.ended:
            more = os.read(self.file, 1 << 16)
            self.data += more
            self.ended = not more
        if not self.data:
            return None
        line, _, self.data = self.data.partition(b"\n")
        return line.decode(errors="replace")


def own_streams():
    """Standard input and output, which nobody else has from now on."""
    lines, answers = Lines(os.dup(0)), open(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return lines, answers


def settle():
    """What stays for ever is not to be copied only because it is looked at."""
    gc.collect()
    gc.freeze()


def answer(line, streams):
    started = time.perf_counter()
    try:
        request = json.loads(line)
        check(request)
    except ValueError as error:
        return {"ok": False, "error": f"the request cannot be read: {error}", "seconds": 0, "files": []}
    request = {**DEFAULTS, **request}
    try:
        # What a CPU can do is asked once for all requests, so not in a copy.
        Target(request["cpu"], llvm.get_process_triple())
    except Refusal:
        pass
    said, status = in_a_copy(lambda: compiled(request), streams)
    if said is None:
        how = signal.Signals(-status).name if status < 0 else status
        said = {"ok": False, "error": f"{pathlib.Path(request['source']).name}:1: compiling it ended with {how}\n"
                                      "  cure: look for what it does when it is imported", "files": [request["source"]]}
    return {**said, "seconds": round(time.perf_counter() - started, 3)}


def check(request):
    if not isinstance(request, dict):
        raise ValueError("it is no JSON object")
    for key, value in request.items():
        if key not in TYPES:
            raise ValueError(f"there is no {key!r}, only {', '.join(TYPES)}")
        if type(value) not in TYPES[key]:
            raise ValueError(f"{key} is {value!r}")
    for key in "source", "folder":
        if not request.get(key):
            raise ValueError(f"{key} is missing")


def in_a_copy(work, streams):
    """What `work` returns in a forked process, or None, and how that has ended. It ends with this one at the latest."""
    reading, writing = os.pipe()
    ending, living = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            # A group of its own, with all that the user's module starts.
            os.setsid()
            for unneeded in (reading, living, *(stream.fileno() for stream in streams)):
                os.close(unneeded)
            threading.Thread(target=end_with, args=(ending,), daemon=True).start()
            said = json.dumps(work())
            sys.stdout.flush()
            sys.stderr.flush()
            with open(writing, "w", encoding="utf-8") as pipe:
                pipe.write(f"{said}\n")
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writing)
    os.close(ending)
    # One line: what the module has started may hold the pipe open.
    with open(reading, encoding="utf-8") as pipe:
        line = pipe.readline()
    said, status = (json.loads(line), 0) if line.endswith("\n") else (None, os.waitpid(child, 0)[1])
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    if said:
        os.waitpid(child, 0)
    os.close(living)
    return said, os.waitstatus_to_exitcode(status)


def end_with(pipe):
    """Ends this process and all that it has started when the other end of a pipe is closed."""
    os.read(pipe, 1)
    os.killpg(0, signal.SIGKILL)


def compiled(request):
    source, folder = (pathlib.Path(os.path.abspath(request[key])) for key in ("source", "folder"))
    arena = request["arena"]
    options = types.SimpleNamespace(
        source=source, function=[request["function"]] if request["function"] is not None else None,
        cpu=request["cpu"], vector_math=request["vector_math"], arena=None if arena is None else str(arena),
        dry_run=request["dry_run"], forks=True)
    compilation, failure = Compilation(options), None
    try:
        command = command_of(request["compiler"])
        cache = pathlib.Path(os.path.abspath(request["cache"] or folder))
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="making-", dir=folder) as scratch:
            (name, one), = compilation.run(scratch).items()
            library = link(name, one, command, cache, str(folder), pathlib.Path(scratch))
        said = {"ok": True, "library": library, "function": name,
                "notes": one.warnings + ([] if request["quiet"] else one.notes)}
    except Refusal as refusal:
        failure, said = refusal, {"ok": False, "error": compilation.words(refusal)}
    except OSError as error:
        refusal = Refusal(f"cannot write {error.filename}: {error.strerror}", "see to the folder")
        said = {"ok": False, "error": compilation.words(refusal)}
    except BaseException as error:
        traceback.print_exc()
        refusal = Refusal(f"{type(error).__name__}: {error}", "standard error has where this comes from")
        said = {"ok": False, "error": compilation.words(refusal)}
    return {**said, "files": local_files(source, failure)}


def local_files(source, failure):
    """The source, and what it has imported or tried to import from its own folder."""
    files = {str(source), *modules_in(source.parent)}
    if failure:
        files.add(str(failure.file or source))
        # A module that fails is not kept among those that are there.
        if failure.__context__:
            files |= {frame.filename for frame in traceback.extract_tb(failure.__context__.__traceback__)}
    return sorted(file for file in files if file.startswith(f"{source.parent}{os.sep}")
                  and not file.startswith(f"{HERE}{os.sep}"))
