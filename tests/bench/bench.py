# SPDX-License-Identifier: MIT
"""What a callback costs by each way to a PortAudio stream, and DSP kernels by each compiler.

usage: bench.py CONFIGURATION FOLDER    CONFIGURATION: the bench.json that CMake has made
Every way runs through its own library and its own C calls on one PortAudio, the mock as a drop-in libportaudio.so.2,
which calls a callback back to back and says what one call took. Everything is measured once in each of many rounds, in
another order each time; what is claimed are medians of the ratios within a round. Writes into FOLDER bench.csv, two
plots and report.html. What is missing on the machine is in the table with the reason.
"""
import json
import os
import platform
import random
import re
import statistics
import struct
import subprocess
import sys
import wave

import callgrind
import header_size
import instructions
import report

FRAMES = (16, 64, 256, 1024)
ROUNDS = 31  # of the ways, where a tenth of a nanosecond counts
KERNEL_ROUNDS = 15
SECONDS = 0.008  # of each measurement
# What a kernel hears before it hears it again: more than a CPU learns by heart, and it fits into the second cache.
HEARD = 16384

# name, library, worker, what the worker is asked for
WAYS = (
    ("raw C pointer", "PortAudio", "callbacks", "raw"),
    ("foreign function", "portspan", "callbacks", "foreign"),
    ("foreign function, a Numba loop", "portspan", "callbacks", "foreign numba_generic copy"),
    ("C++ callable", "portspan", "callbacks", "callable"),
    ("C++ callable, in place", "portspan", "callbacks", "in_place"),
    ("C++ callable, planar", "portspan", "callbacks", "planar"),
    ("with_state()", "portspan", "callbacks", "with_state"),
    ("Slot", "portspan", "callbacks", "slot"),
    ("chain() of two", "portspan", "callbacks", "chain"),
    ("monitor()", "portspan", "callbacks", "monitor"),
    ("FunCallbackStream", "PortAudioCpp", "portaudiocpp", "fun"),
    ("MemFunCallbackStream", "PortAudioCpp", "portaudiocpp", "mem_fun"),
    ("Numba cfunc, a loop", "sounddevice", "sounddevice", "numba copy"),
    ("Python, RawStream", "sounddevice", "sounddevice", "raw copy"),
    ("NumPy, Stream", "sounddevice", "sounddevice", "numpy copy"),
)
# title, name of the function
KERNELS = (("gain", "gain_samples"), ("biquad", "biquad"), ("tanh soft clip", "soft_clip_samples"),
           ("64-tap FIR", "fir"), ("rational clip", "rational_samples"), ("gain, frame by frame", "gain_frames"),
           ("tanh, frame by frame", "soft_clip_frames"), ("rational, frame by frame", "rational_frames"))
PLAIN, FAST = "{kernel}", "{kernel}_fast"
# name, worker, kind and library, function; what every kernel is compared with comes first
COMPILERS = (
    ("g++ -O3 -march=native", "callbacks", "raw g++", PLAIN),
    ("g++ ... -ffast-math", "callbacks", "raw g++_fast", PLAIN),
    ("clang++ -O3 -march=native", "callbacks", "raw clang++", PLAIN),
    ("clang++ ... -ffast-math", "callbacks", "raw clang++_fast", PLAIN),
    ("portspan, Numba ahead", "callbacks", "foreign numba_generic", PLAIN),
    ("portspan, for x86-64-v3", "callbacks", "foreign numba_avx2", PLAIN),
    ("portspan, for this CPU", "callbacks", "foreign numba_native", PLAIN),
    ("portspan, this CPU, fastmath", "callbacks", "foreign numba_native", FAST),
    ("portspan, NO_VECTOR_MATH", "callbacks", "foreign numba_scalar", PLAIN),
    ("sounddevice, Numba cfunc", "sounddevice", "numba", PLAIN),
    ("sounddevice, Numba, fastmath", "sounddevice", "numba", FAST),
    ("sounddevice, NumPy", "sounddevice", "numpy", "{base}"),
)
HAVE_FAST = ("biquad", "fir")
IN_NUMPY = ("gain_samples", "soft_clip_samples", "rational_samples", "fir")


class Worker:
    """A program that opens and starts a stream for each line, and PortAudio's answers."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=environment)

    def nanoseconds(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        rest = ""
        for answer in self.process.stderr:
            found = re.match(r"portspan mock: stream \d+: ([\d.]+) ns a call", answer)
            if found:
                return float(found.group(1))
            if answer.startswith(("failed: ", "portspan mock: ")):
                raise RuntimeError(answer.strip())
            rest = answer.strip() or rest
        raise RuntimeError(f"ended: {rest}")

    def end(self):
        self.process.stdin.close()
        self.process.stderr.read()
        self.process.wait()


def paired(base, each, frames):
    """Nanoseconds: the median of the base's, times the median of the ratio to it in each round. A CPU that is now fast
    and now slow is so for both."""
    if isinstance(base, str):
        return statistics.median(each[frames])
    return statistics.median(base[frames]) * statistics.median(
        mine / its for mine, its in zip(each[frames], base[frames]))


class Bench:
    def __init__(self, configuration, folder):
        self.programs, self.libraries = configuration["programs"], configuration["libraries"]
        self.missing = dict(configuration["missing"])
        self.configuration, self.folder = configuration, folder
        self.python = os.path.join(configuration["python"], "bin", "python")
        with open(os.path.join(configuration["python"], "missing.txt"), encoding="utf-8") as file:
            why = file.read().strip()
        if why:
            self.missing["sounddevice"] = why
        self.noise = os.path.join(folder, "noise.wav")
        with wave.open(self.noise, "wb") as file:
            file.setparams((2, 2, 48000, 0, "NONE", ""))
            at_random = random.Random(1)
            file.writeframes(struct.pack(f"<{2 * HEARD}h", *(at_random.randint(-32767, 32767)
                                                             for _ in range(2 * HEARD))))

    def command(self, worker):
        if worker == "sounddevice":
            here = os.path.dirname(os.path.abspath(__file__))
            return [self.python, "-B", os.path.join(here, "sounddevice_callbacks.py")]
        return [self.programs[worker]]

    def environment(self, amount, **more):
        return {**os.environ, "LD_LIBRARY_PATH": self.configuration["drop_in"], "PORTSPAN_MOCK_SPEED": "max",
                "PORTSPAN_MOCK_BACK_TO_BACK": amount, **more}

    def line(self, asked):
        """What a worker reads: libraries by their paths."""
        return " ".join(json.dumps(self.libraries[word]) if word in self.libraries else word for word in asked.split())

    def absent(self, worker, asked):
        """Why something cannot be measured, or None."""
        return next((self.missing[word] for word in (worker, *asked.split()) if word in self.missing), None)

    def times(self, items, base, rounds, **environment):
        """{item: {frames: ns}}, or {item: why not}, of (name, worker, what it is asked for) beside those in `base`."""
        found = {item: self.absent(item[1], item[2]) or {frames: [] for frames in FRAMES} for item in items}
        workers = {worker: Worker(self.command(worker), self.environment(str(SECONDS), **environment))
                   for worker in {item[1] for item in items if isinstance(found[item], dict)}}
        shuffled, at_random = list(items), random.Random(1)
        for turn in range(rounds):
            print(f"\r  round {turn + 1} of {rounds} ", end="", file=sys.stderr, flush=True)
            for frames in FRAMES:
                at_random.shuffle(shuffled)
                for item in shuffled:
                    if isinstance(found[item], str):
                        continue
                    try:
                        found[item][frames].append(workers[item[1]].nanoseconds(f"{frames} {self.line(item[2])}"))
                    except RuntimeError as error:
                        found[item] = str(error)
        print("\r" + 20 * " " + "\r", end="", file=sys.stderr, flush=True)
        for worker in workers.values():
            worker.end()
        return {item: found[item] if isinstance(found[item], str) else
                {frames: paired(found[base[item]], found[item], frames) for frames in FRAMES} for item in items}

    def instructions(self, items, calls=200):
        """{item: {frames: instructions}} of those that are there."""
        counted = {}
        for worker in dict.fromkeys(item[1] for item in items):
            # A compiler at work under valgrind takes minutes.
            these = [item for item in items if item[1] == worker and not self.absent(worker, item[2])
                     and "numba " not in item[2]]
            lines = "".join(f"{frames} {self.line(item[2])}\n" for item in these for frames in FRAMES)
            if not these:
                continue
            found, said = callgrind.counts(self.command(worker), self.programs["valgrind"],
                                           self.environment(f"{calls}calls"), lines)
            if len(found) != len(these) * len(FRAMES):
                raise RuntimeError(f"{worker}: {len(found)} counts for {len(these) * len(FRAMES)} streams: "
                                   f"{said[-1000:]}")
            found = iter(found)
            for item in these:
                counted[item] = {frames: next(found) / calls for frames in FRAMES}
        return counted

    def others(self):
        """Targets of the programs that say what they have found, and by their status whether it is enough."""
        commands = [("mock_speed", "at least 10000 times")]
        if "render_share" in self.programs:
            commands.append(("render_share", "at least 95 %"))
        for name, wanted in commands:
            arguments = [self.programs["soft_clip"], "soft_clip"] if name == "render_share" else []
            done = subprocess.run([self.programs[name], *arguments], capture_output=True, text=True)
            what, _, found = done.stdout.strip().partition(": ")
            yield what, found or done.stderr.strip(), wanted, done.returncode == 0, ""

    def versions(self):
        def said(*command):
            try:
                done = subprocess.run(command, capture_output=True, text=True)
                return done.stdout.strip().splitlines()[0] if done.returncode == 0 else None
            except (OSError, IndexError):
                return None

        def version(module):
            return f"import {module}; print('{module}', {module}.__version__)"

        with open("/proc/cpuinfo", encoding="utf-8") as file:
            cpu = file.read()
        name = re.search(r"^model name\s*: (.*)", cpu, re.MULTILINE)
        vectors = next((text for flag, text in (("avx512f", "AVX-512"), ("avx2", "AVX2"))
                        if re.search(rf"^flags.* {flag} ", cpu, re.MULTILINE)), "no AVX2")
        parts = [f"{name.group(1).strip() if name else platform.machine()}, {os.cpu_count()} cores, {vectors}",
                 f"Linux {platform.release().split('-')[0]}, {' '.join(platform.libc_ver())}",
                 f"benchmark: {self.configuration['compiler'].strip()}",
                 said(self.programs.get("g++", ""), "--version"), said(self.programs.get("clang++", ""), "--version"),
                 said(self.programs.get("valgrind", ""), "--version")]
        if self.configuration["exporter"] != "FALSE":
            ahead = said(self.configuration["exporter"], "-c", version("numba"))
            parts.append(ahead and f"ahead: {ahead}")
        if "sounddevice" not in self.missing:
            parts += [said(self.python, "-c", version(module)) for module in ("sounddevice", "numpy", "numba")]
        return [part for part in parts if part], vectors


def kernels_of(compiler):
    for title, kernel in KERNELS:
        name, worker, asked, function = compiler
        if (function == FAST and kernel not in HAVE_FAST) or (function == "{base}" and kernel not in IN_NUMPY):
            continue
        base = kernel.removesuffix("_samples")
        yield title, (f"{name} ({title})", worker, f"{asked} {function.format(kernel=kernel, base=base)}")


def targets(ways, counted, by_hand, kernels, vectors):
    """(what, found, wanted, reached, why it was missed) of what portspan claims."""
    def way(name):
        found = next(value for item, value in ways.items() if item[0] == name)
        return found if isinstance(found, dict) else None

    def kernel(compiler, title):
        found = kernels.get((compiler, title))
        return found if isinstance(found, dict) else None

    raw = way("raw C pointer")
    mine = {name: next((value for item, value in counted.items() if item[0] == name), None)
            for name in ("raw C pointer", "foreign function")}
    if all(mine.values()):
        same = mine["raw C pointer"] == mine["foreign function"]
        yield ("a foreign function, to the raw C pointer", f"{way('foreign function')[64] / raw[64]:.2f} in time, "
               f"{mine['foreign function'][64] / mine['raw C pointer'][64]:.4f} in instructions",
               "1.00: the same instructions", same, "")
    for kernel_name, title in (("in_place", "samples in place"), ("frames", "frame by frame"),
                               ("frames_in_place", "frame by frame in place")):
        if not by_hand:
            break
        ratio = {frames: by_hand[f"{kernel_name}/portspan", frames] / by_hand[f"{kernel_name}/C", frames]
                 for frames in FRAMES}
        more = by_hand[f"{kernel_name}/portspan", 64] - by_hand[f"{kernel_name}/C", 64]
        yield (f"a C++ gain, {title}: instructions to C by hand, 256 frames", f"{ratio[256]:.3f}"
               f" ({ratio[64]:.3f} at 64, {ratio[1024]:.3f} at 1024)", "at most 1.02", ratio[256] <= 1.02,
               f"{more:.0f} instructions a call, whatever its size: the mark which stream the thread is in, the "
               "comparison of channel counts, the look at a requested stop, and saving registers for what a call that "
               "fails would do")
    if way("NumPy, Stream"):
        ratio = way("NumPy, Stream")[64] / way("foreign function")[64]
        yield "sounddevice's NumPy callback to a foreign function, 64 frames", f"{ratio:.0f} x", "at least 300 x", \
            ratio >= 300, "the interpreter of this machine is faster, or its memory slower"
    more = way("monitor()")[64] - raw[64]
    yield "what monitor() adds, 64 frames", f"{more:.0f} ns", "under 60 ns", more < 60, \
        "two readings of the clock cost more on this machine"

    native, tanh = "portspan, for this CPU", "tanh soft clip"
    jit, ahead = kernel("sounddevice, Numba cfunc", tanh), kernel(native, tanh)
    no_vectors = "no vector mathematics: glibc's libmvec is not there, or the CPU has no AVX2"
    if jit and ahead:
        wanted = 25 if vectors == "AVX-512" else 12
        yield f"tanh for this CPU to sounddevice with Numba, 256 frames", f"{jit[256] / ahead[256]:.1f} x", \
            f"at least {wanted} x", jit[256] / ahead[256] >= wanted, no_vectors
    avx2 = kernel("portspan, for x86-64-v3", tanh)
    if jit and avx2:
        yield "tanh for x86-64-v3 to sounddevice with Numba, 256 frames", f"{jit[256] / avx2[256]:.1f} x", \
            "at least 12 x", jit[256] / avx2[256] >= 12, no_vectors
    fast = kernel("g++ ... -ffast-math", tanh)
    if fast and ahead:
        yield "tanh for this CPU to g++ -ffast-math, 256 frames", f"{ahead[256] / fast[256]:.2f}", "at most 1.10", \
            ahead[256] <= 1.1 * fast[256], "g++ has taken wider vectors"
    numpy = kernel("sounddevice, NumPy", tanh)
    if numpy and ahead:
        worst = min(numpy[frames] / ahead[frames] for frames in FRAMES)
        yield "tanh for this CPU to NumPy's, any size", f"{worst:.1f} x", "more than 1 x", worst > 1, no_vectors
    for title in ("gain", "rational clip", "gain, frame by frame", "rational, frame by frame"):
        ahead, compiled = kernel(native, title), kernel("g++ -O3 -march=native", title)
        if ahead and compiled:
            worst = max(FRAMES, key=lambda frames: ahead[frames] / compiled[frames])
            noise = 2.0  # ns
            reached = all(ahead[n] <= max(1.05 * compiled[n], compiled[n] + noise) for n in FRAMES)
            yield f"{title} for this CPU to g++ -O3 -march=native, any size", \
                f"{ahead[worst] / compiled[worst]:.2f} or {ahead[worst] - compiled[worst]:+.1f} ns at {worst}", \
                "at most 1.05 or +2 ns", reached, \
                "the loop that Numba makes is another one, or the machine was busy"


def main(configuration, folder):
    os.makedirs(folder, exist_ok=True)
    with open(configuration, encoding="utf-8") as file:
        bench = Bench(json.load(file), folder)
    versions, vectors = bench.versions()
    print("pass-through by each way ...", file=sys.stderr)
    ways = [(name, worker, asked) for name, _, worker, asked in WAYS]
    passed = bench.times(ways, {item: ways[0] for item in ways}, ROUNDS)
    print("kernels by each compiler ...", file=sys.stderr)
    items = {(compiler[0], title): item for compiler in COMPILERS for title, item in kernels_of(compiler)}
    base = {item: items[COMPILERS[0][0], title] for (_, title), item in items.items()}
    found = bench.times(list(items.values()), base, KERNEL_ROUNDS, PORTSPAN_MOCK_INPUT=bench.noise)
    kernels = {key: found[item] for key, item in items.items()}
    counted, by_hand = {}, {}
    if "valgrind" in bench.programs:
        print("instructions ...", file=sys.stderr)
        counted = bench.instructions(ways)
        by_hand = instructions.counts(bench.programs["instructions"], bench.programs["valgrind"])
    others = list(bench.others())
    left_out = []
    if "valgrind" not in bench.programs:
        left_out.append(f"instructions: not counted, {bench.missing['valgrind']}")
    if "render_share" not in bench.programs:
        left_out.append("what render() adds: not measured, no Python with Numba (package python3-numba)")
    header = header_size.measured([bench.configuration["cxx"]], bench.configuration["include"],
                                  [o for o in bench.configuration["includes"].split(";") if o])

    results = report.Results(
        frames=FRAMES, versions=versions,
        ways=[(name, library, passed[item], counted.get(item)) for item, (name, library, _, _) in zip(ways, WAYS)],
        titles=[title for title, _ in KERNELS],
        compilers=[(compiler[0], [kernels.get((compiler[0], title)) for title, _ in KERNELS])
                   for compiler in COMPILERS],
        by_hand=by_hand, kernels_by_hand=instructions.KERNELS, header=header,
        targets=[*targets(passed, counted, by_hand, kernels, vectors), *others], left_out=left_out)
    print(report.text(results))
    report.write(results, folder)
    print(f"the report: {os.path.join(folder, 'report.html')}")


if __name__ == "__main__":
    main(*sys.argv[1:])
