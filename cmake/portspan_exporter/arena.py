# SPDX-License-Identifier: MIT
"""How large an arena a callback gets: what ARENA says, or what a dry run shows that it needs."""
import json
import os
import re
import signal
import subprocess
import sys

from . import dry_run
from .refusal import Refusal
from .signature import is_pointer, pointee

DEFAULT = 262144
SMALLEST = 256
# Eight of them are 1 GiB; compiled code reaches no data further than 2 GiB away.
LARGEST = 1 << 27

# The blocks of the dry run. What a callback does in larger ones has no part in the choice.
FRAMES = (64, 128, 256, 441, 480, 512, 1024, 2048, 4096, 8192)
SECONDS = 10


def checked(text):
    """What --arena says, in bytes; None where it says nothing."""
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,20}", text) or not SMALLEST <= int(text) <= LARGEST:
        shown = text if len(text) <= 24 else f"{text[:20]}..."
        raise Refusal(f"ARENA is '{shown}', it has to be a number of bytes of at least {SMALLEST} and at most "
                      f"{LARGEST}: there are eight of them, 1 GiB in all", "leave it out for one that is measured")
    return int(text)


def measure(code, cfunc, stream, state_size, forks):
    """(bytes, why, whether the run has failed) for a callback that is compiled in a module's text; @stream_callback
    knows its `stream`, or None. Where this process `forks` for the run, Numba is there already."""
    planar = [is_pointer(pointee(kind)) if pointee(kind) is not None else False for kind in cfunc._sig.args[:2]]
    channels = [side.channels for side in (stream.input, stream.output) if side] if stream else []
    initial = stream.initial_state.tobytes().hex() if stream and stream.initial_state is not None else ""
    job = json.dumps({"code": code, "name": cfunc.native_name, "planar": planar, "frames": FRAMES, "most": LARGEST,
                      # A function of arrays has said how many; of others nobody knows.
                      "channels": max([64, *channels]),
                      # In doubles, and room for what only the callback knows the length of.
                      "state": max(1 << 17, state_size), "initial": initial})
    output, status = (forked if forks else started)(job)
    trouble = ""
    if status is None:
        trouble = f"took more than {SECONDS} seconds"
    elif status != 0:
        trouble = f"crashed ({signal.Signals(-status).name})" if status < 0 else f"ended with {status}"
    lines = [line.split() for line in output.decode().splitlines()]
    needs = {int(frames): int(size) for frames, size in (line for line in lines if len(line) == 2)}
    if any(line[0] == "more" for line in lines):
        return LARGEST, f"a dry run needed more than {LARGEST} bytes, the most that there can be", True
    if trouble:
        trouble = f"a dry run {trouble}"
        trouble += f" after blocks of up to {max(needs)} frames" if needs else ""
    most = max(needs.values(), default=0)
    # A dry run sees one way through the code, with a state of zeros.
    size = min(max(DEFAULT, 1 << (2 * most - 1).bit_length() if most else 0), LARGEST)
    return size, trouble or f"blocks of up to {FRAMES[-1]} frames took {most} in a dry run", bool(trouble)


def started(job):
    """What a process of its own prints, and how it ends; None where that takes too long."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")}
    try:
        run = subprocess.run([sys.executable, "-B", dry_run.__file__], input=job.encode(), stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, timeout=SECONDS, env=environment)
        return run.stdout, run.returncode
    except subprocess.TimeoutExpired as error:
        return error.stdout or b"", None


def forked(job):
    """The same of a copy of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(SECONDS)
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(writing, 1)
            os.dup2(null, 2)
            sys.stdout = open(1, "w", closefd=False)
            dry_run.run(json.loads(job))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writing)
    with open(reading, "rb") as pipe:
        output = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return output, None if status == -signal.SIGALRM else status
