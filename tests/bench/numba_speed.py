# SPDX-License-Identifier: MIT
"""Prints what exported callbacks take beside Numba's own code for them, g++'s for the same loops, and np.tanh.

usage: numba_speed.py FOLDER-OF-THE-KERNELS NATIVE AVX2 REFERENCE FAST-REFERENCE (libraries; AVX2 may be "none")
Medians of interleaved runs over white noise of full scale; every ratio is of one run of this program. Exit status 1
where one is missed. What differs by less than NOISE counts as the same.
"""
import ctypes
import statistics
import sys
import time

import llvmlite.binding as llvm
import numpy as np

FOLDER, NATIVE, AVX2, REFERENCE, FAST = sys.argv[1:6]
sys.path.insert(0, FOLDER)
import numba_kernels  # noqa: E402

FRAMES = (16, 64, 256, 1024)
ROUNDS = 101
# A soft clip hears so many samples before it hears them again: they fit into the second cache.
HEARD = 32768
NOISE = 2.0  # ns


def aligned(count):
    memory = np.zeros(count + 16, np.float32)
    start = -memory.ctypes.data % 64 // 4
    return memory[start:start + count]


class Bench:
    def __init__(self):
        self.libraries = {name: ctypes.CDLL(path) for name, path in
                          [("native", NATIVE), ("avx2", AVX2), ("g++", REFERENCE), ("g++ fast", FAST)]
                          if path != "none"}
        self.measure = self.libraries["g++"].nanoseconds
        self.measure.restype = ctypes.c_double
        self.missed = []

    def address(self, who, kernel):
        if who == "jit":
            return getattr(numba_kernels, kernel).address
        return ctypes.cast(self.libraries[who][kernel], ctypes.c_void_p).value

    def times(self, frames, kernels, blocks=1):
        """{(who, kernel): ns} of some kernels; the kernel "np.tanh" is what a Python callback would call."""
        x, y = aligned(2 * frames * blocks), aligned(2 * frames)
        x[:] = np.random.default_rng(1).uniform(-1, 1, x.size)
        parts = x.reshape(blocks, 2 * frames)
        found = {key: [] for key in kernels}
        for turn in range(ROUNDS):
            for who, kernel in kernels:
                if who == "numpy":
                    heard = [parts[part % blocks] for part in range(20 * turn, 20 * (turn + 1))]
                    start = time.perf_counter_ns()
                    for part in heard:
                        np.tanh(part, out=y)
                    found[who, kernel].append((time.perf_counter_ns() - start) / len(heard))
                    continue
                calls = max(4, 20000 // frames // (20 if who == "jit" else 1))
                found[who, kernel].append(self.measure(
                    ctypes.c_void_p(self.address(who, kernel)), ctypes.c_void_p(x.ctypes.data),
                    ctypes.c_void_p(y.ctypes.data), ctypes.c_ulong(frames), ctypes.c_long(calls),
                    ctypes.c_long(blocks), ctypes.c_long(turn * calls)))
        return {key: statistics.median(values) for key, values in found.items()}

    def check(self, what, reached, wanted):
        print(f"  {what}: {wanted}{'' if reached else '  MISSED'}")
        if not reached:
            self.missed.append(what)

    def soft_clip(self):
        who = [name for name in ("native", "avx2", "g++ fast", "jit") if name == "jit" or name in self.libraries]
        for form in "samples", "frames":
            kernel = f"soft_clip_{form}"
            print(f"soft clip (tanh), over {form}: ns per block of stereo frames")
            print(f"{'frames':>8}" + "".join(f"{name:>12}" for name in [*who, "np.tanh"]))
            for frames in FRAMES:
                times = self.times(frames, [(name, kernel) for name in who] + [("numpy", "tanh")],
                                   blocks=HEARD // (2 * frames))
                print(f"{frames:>8}" + "".join(f"{value:>12.1f}" for value in times.values()))
                native = times["native", kernel]
                self.check(f"np.tanh of {frames} frames", native < times["numpy", "tanh"],
                           f"{times['numpy', 'tanh'] / native:.1f} times as fast (more than 1)")
                if frames != 256:
                    continue
                jit = times["jit", kernel]
                if "avx2" in self.libraries:
                    ratio = jit / times["avx2", kernel]
                    self.check("Numba's own code, AVX2", ratio >= 12, f"{ratio:.1f} times as fast (12)")
                if llvm.get_host_cpu_features().get("avx512f"):
                    self.check("Numba's own code, AVX-512", jit / native >= 25,
                               f"{jit / native:.1f} times as fast (25)")
                fast = times["g++ fast", kernel]
                self.check("g++ -O3 -march=native -ffast-math", native <= 1.1 * fast,
                           f"{native / fast:.2f} of its time (1.10)")

    def without_mathematics(self):
        for kernel in "gain", "rational":
            print(f"{kernel}: ns per block of stereo frames")
            print(f"{'frames':>8}{'samples':>12}{'g++':>12}{'frames':>12}{'g++':>12}")
            for frames in FRAMES:
                keys = [(who, f"{kernel}_{form}") for form in ("samples", "frames") for who in ("native", "g++")]
                times = self.times(frames, keys)
                print(f"{frames:>8}" + "".join(f"{value:>12.1f}" for value in times.values()))
                for form in "samples", "frames":
                    ours, theirs = (times[who, f"{kernel}_{form}"] for who in ("native", "g++"))
                    self.check(f"g++ -O3 -march=native, over {form}", ours <= max(1.05 * theirs, theirs + NOISE),
                               f"{ours / theirs:.2f} of its time (1.05)")


def main():
    bench = Bench()
    bench.soft_clip()
    bench.without_mathematics()
    if bench.missed:
        print(f"missed: {', '.join(bench.missed)}")
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
