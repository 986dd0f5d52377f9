# SPDX-License-Identifier: MIT
"""Prints instructions of a block, portspan beside code written by hand, counted by callgrind.

usage: instructions.py PROGRAM VALGRIND
Exit status 1 where a foreign function costs anything, or a C++ callable more than PER_CALL beyond the code written by
hand, or PER_FRAME of them: what it adds must not grow with the block. PER_CALL are the mark which stream this thread
is in, the comparison of the channel counts, the look at a requested stop, and the registers that are saved for what a
call that fails would do. Code by hand that can be stopped pays for a part of that, too.
"""
import sys

import callgrind

PER_CALL = 32  # g++ 12 needs 26 at most, clang 31
PER_FRAME = 0.01  # memmove looks at the size once more than memcpy
KERNELS = ("in_place", "frames", "frames_in_place")
FRAMES = (16, 64, 256, 1024)


def counts(program, valgrind):
    variants = [f"{kernel}/{who}" for kernel in KERNELS for who in ("C", "C stoppable", "portspan")]
    return callgrind.per_block(program, [*variants, "in_place/foreign"], FRAMES, valgrind)


def main(program, valgrind):
    found = counts(program, valgrind)
    failed = []
    print(f"{'gain':<18}{'frames':>7}{'C':>10}{'C stoppable':>14}{'portspan':>11}{'to C':>8}"
          f"{'to stoppable C':>16}   instructions of a block")
    for kernel in KERNELS:
        more = {}
        for frames in FRAMES:
            by_hand, stoppable, ours = (found[f"{kernel}/{who}", frames] for who in ("C", "C stoppable", "portspan"))
            more[frames] = ours - by_hand
            print(f"{kernel:<18}{frames:>7}{by_hand:>10.0f}{stoppable:>14.0f}{ours:>11.0f}"
                  f"{ours / by_hand:>8.3f}{ours / stoppable:>16.3f}")
        if max(more.values()) > PER_CALL:
            failed.append(f"{kernel}: {max(more.values()):.1f} instructions a call more than by hand, "
                          f"{PER_CALL} allowed")
        if more[FRAMES[-1]] - more[FRAMES[0]] > PER_FRAME * (FRAMES[-1] - FRAMES[0]):
            failed.append(f"{kernel}: what portspan adds grows with the block, {more}")
    for frames in FRAMES:
        foreign, by_hand = found["in_place/foreign", frames], found["in_place/C", frames]
        print(f"{'foreign function':<18}{frames:>7}{by_hand:>10.0f}{'':>14}{foreign:>11.0f}{foreign / by_hand:>8.3f}")
        if foreign != by_hand:
            failed.append(f"a foreign function of {frames} frames: {foreign} instructions, {by_hand} without portspan")
    print("\n".join(failed) if failed else f"nothing above the budget of {PER_CALL} instructions a call")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
