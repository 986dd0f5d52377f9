# SPDX-License-Identifier: MIT
"""When callbacks are called while every core is busy: xruns, missed deadlines and the jitter of their starts.

usage: load.py CONFIGURATION FOLDER [--seconds S] [--rounds N] [--frames N,N] [--ordinary] [--idle]
CONFIGURATION: the load.json that CMake has made. Every callback runs on a private JACK server (dummy driver, 48 kHz)
for S seconds at each block size, one after another, in N parts and in another order each time. The same library stands
before PortAudio in every process and writes down when each call began and ended. Writes into FOLDER load.csv and
load.svg, which tests/bench/results keeps, and load.html. --ordinary: no real-time scheduling, though it is to be had;
--idle: nothing else is at work.
"""
import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import calls
import load_report
import machine

RATE = 48000
WARM_UP = 0.25  # seconds after the first call that are not counted
NULL_DEVICE = "pcm.!default { type plug slave.pcm { type null } }\nctl.!default { type null }\n"
# name, library, what runs it
CALLBACKS = (
    ("raw C, Pa_OpenStream", "PortAudio", "callbacks raw"),
    ("foreign function", "portspan", "callbacks foreign"),
    ("C++ callable", "portspan", "callbacks callable"),
    ("NumPy, main thread idle", "sounddevice", "python sounddevice idle"),
    ("NumPy, main thread busy", "sounddevice", "python sounddevice busy"),
    ("by address, main thread busy", "portspan", "python address busy"),
)


@contextlib.contextmanager
def running(*command, **options):
    """A process that is ended by its id, and by the kernel where this one is killed."""
    process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], stdin=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def busy_cores(cores):
    """One busy loop a core, each bound to its own, at the ordinary niceness."""
    with contextlib.ExitStack() as stack:
        for core in cores:
            process = stack.enter_context(running(sys.executable, "-c", "while True: pass"))
            os.sched_setaffinity(process.pid, {core})
        yield


class Load:
    def __init__(self, configuration, scratch, realtime):
        self.programs, self.missing = configuration["programs"], dict(configuration["missing"])
        self.scratch, self.realtime = Path(scratch), realtime
        self.server = f"portspan-load-{os.getpid()}"
        (self.scratch / "asound.conf").write_text(NULL_DEVICE)
        self.environment = {
            **os.environ, "JACK_DEFAULT_SERVER": self.server, "JACK_NO_START_SERVER": "1",
            "ALSA_CONFIG_PATH": str(self.scratch / "asound.conf"), "PYTHONPATH": configuration["in_process"],
            "PLAYER_LIBRARY": self.programs.get("player", ""), "PORTSPAN_LOAD_GAIN": self.programs["gain"],
            "PORTSPAN_LOAD_PORTAUDIO": self.programs["observed"],
            "PORTSPAN_LOAD_CALLS": str(self.scratch / "calls.txt")}
        self.environment.pop("JACK_PROMISCUOUS_SERVER", None)

    @contextlib.contextmanager
    def jack(self, frames):
        log = self.scratch / "jackd.log"
        with open(log, "w") as file, running(
                "jackd", "-R" if self.realtime else "-r", "-n", self.server, "-d", "dummy", "-r", str(RATE),
                "-p", str(frames), stdout=file, stderr=file, env=self.environment):
            waited = subprocess.run(["jack_wait", "-s", self.server, "-w", "-t", "20"], env=self.environment,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if waited.returncode != 0:
                raise RuntimeError(f"jackd does not answer: {log.read_text()}")
            yield

    def absent(self, asked):
        """Why a callback cannot run here, or None."""
        return next((self.missing[word] for word in asked.split() if word in self.missing), None)

    def run(self, asked, frames, seconds):
        program, kind, *main_thread = asked.split()
        python = [sys.executable, "-B", str(Path(__file__).with_name("python_callbacks.py"))]
        command = python if program == "python" else [self.programs[program]]
        path = Path(self.environment["PORTSPAN_LOAD_CALLS"])
        path.unlink(missing_ok=True)
        done = subprocess.run([*command, kind, str(seconds + 2 * WARM_UP), *main_thread], capture_output=True,
                              text=True, env={**self.environment, "LD_PRELOAD": self.programs["observed"]})
        if done.returncode != 0 or not path.exists():
            raise RuntimeError(f"{asked}: {done.stderr.strip()[-1000:]}")
        return calls.read(path, frames, WARM_UP, seconds)


def measured(load, sizes, seconds, rounds):
    """{(frames, name): [Calls] of each part, or why there are none}."""
    found = {(frames, name): load.absent(asked) or [] for frames in sizes for name, _, asked in CALLBACKS}
    for turn in range(rounds):
        for step in range(len(sizes)):
            frames = sizes[(step + turn) % len(sizes)]
            with load.jack(frames):
                first = (turn * len(CALLBACKS) // rounds + step) % len(CALLBACKS)
                for name, _, asked in CALLBACKS[first:] + CALLBACKS[:first]:
                    if isinstance(found[frames, name], list):
                        print(f"\r  part {turn + 1} of {rounds}, {frames} frames, {name:30}", end="",
                              file=sys.stderr, flush=True)
                        try:
                            found[frames, name].append(load.run(asked, frames, seconds / rounds))
                        except RuntimeError as error:
                            found[frames, name] = " ".join(str(error).split())
    print("\r" + 70 * " " + "\r", end="", file=sys.stderr, flush=True)
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("configuration")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--frames", type=lambda text: [int(word) for word in text.split(",")],
                        default=[16, 32, 64, 128, 256])
    parser.add_argument("--ordinary", action="store_true")
    parser.add_argument("--idle", action="store_true")
    asked = parser.parse_args()
    lacking = machine.lacking("jackd", "jack_wait", "setpriv")
    if lacking:
        sys.exit(f"skipped: no {lacking} (packages jackd2, util-linux)")
    asked.folder.mkdir(parents=True, exist_ok=True)
    with open(asked.configuration, encoding="utf-8") as file:
        configuration = json.load(file)
    if "PORTSPAN_LOAD_MISSING" in os.environ:
        configuration["missing"]["sounddevice"] = os.environ["PORTSPAN_LOAD_MISSING"]

    cores = [] if asked.idle else sorted(os.sched_getaffinity(0))
    before, cpu_times = os.getloadavg()[0], machine.cpu_times()
    with tempfile.TemporaryDirectory() as scratch, busy_cores(cores):
        load = Load(configuration, scratch, machine.may_run_in_real_time() and not asked.ordinary)
        found = measured(load, asked.frames, asked.seconds, asked.rounds)
    rows = [load_report.Row(frames, name, library, parts if isinstance(parts, str) else
                            calls.Summary(parts, frames / RATE * 1e9))
            for frames in asked.frames for name, library, _ in CALLBACKS for parts in [found[frames, name]]]
    notes = [f"{asked.seconds:g} s each, in parts: {asked.rounds}",
             f"a busy loop on each of {len(cores)} cores, niceness 0" if cores else "no busy loops",
             f"load average before: {before:.1f}", machine.stolen(cpu_times), *machine.versions(found.values())]
    print(load_report.text(rows, notes))
    load_report.write(rows, notes, asked.folder)
    print(f"the report: {asked.folder / 'load.html'}")


if __name__ == "__main__":
    main()
