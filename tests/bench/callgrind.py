# SPDX-License-Identifier: MIT
"""Instructions of a block, counted by valgrind's callgrind: the same on every run, however busy the machine is."""
import glob
import os
import re
import subprocess
import tempfile

FUNCTION = "count_these_calls"


def counts(command, valgrind, environment=None, lines=""):
    """What each call of count_these_calls has taken, in the order of the calls; and what the program has said."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [valgrind, "--tool=callgrind", "--collect-atstart=no", f"--toggle-collect={FUNCTION}",
             f"--dump-after={FUNCTION}", f"--callgrind-out-file={folder}/out", *command],
            input=lines, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}")
        found = []
        for name in sorted(glob.glob(f"{folder}/out.*"), key=lambda name: int(name.rsplit(".", 1)[1])):
            with open(name, encoding="utf-8", errors="replace") as file:
                text = file.read()
            # A dump for the end of the program comes last, and is empty.
            if "Trigger: --dump-after" in text:
                found.append(int(re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE).group(1)))
        return found, done.stderr


def per_block(program, variants, frames, valgrind, blocks=1000):
    """{(variant, frames): instructions} of tests/bench/instructions.cpp."""
    keys = [(variant, size) for variant in variants for size in frames]
    found, said = counts([program, str(blocks), ",".join(map(str, frames)), *variants], valgrind)
    if len(found) != len(keys):
        raise RuntimeError(f"{len(keys)} counts wanted, {len(found)} found: {said[-2000:]}")
    return {key: count / blocks for key, count in zip(keys, found)}
