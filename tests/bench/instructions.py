# SPDX-License-Identifier: MIT
"""Prints instructions per block, portspan beside code written by hand, counted by callgrind.

usage: instructions.py PROGRAM
The count of a run is subtracted from that of a run with more blocks, so that start and end of the
program do not count. Exit status 1 where portspan needs more than LIMIT of the code written by hand:
a fixed cost of some 20 instructions a call for the checks that it makes (channel counts, a requested
stop), and nothing that grows with the block.
"""

import re
import subprocess
import sys
import tempfile

LIMIT = 1.10


def count(program, variant, frames, blocks):
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out",
                   program, variant, str(frames), str(blocks)]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return int(re.search(r"Collected : (\d+)", text).group(1))


def per_block(program, variant, frames, few=100, many=1100):
    return (count(program, variant, frames, many) - count(program, variant, frames, few)) / (many - few)


def main(program):
    print(f"{'kernel':<18}{'frames':>7}{'C':>10}{'C stoppable':>14}{'portspan':>11}{'to C':>8}"
          f"{'to stoppable C':>16}   instructions per block")
    worst = 0
    for kernel in ("in_place", "frames", "frames_in_place"):
        for frames in (64, 1024):
            by_hand, stoppable, ours = (per_block(program, f"{kernel}/{name}", frames)
                                        for name in ("C", "C stoppable", "portspan"))
            worst = max(worst, ours / by_hand)
            print(f"{kernel:<18}{frames:>7}{by_hand:>10.0f}{stoppable:>14.0f}{ours:>11.0f}"
                  f"{ours / by_hand:>8.3f}{ours / stoppable:>16.3f}")
    return 0 if worst <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
