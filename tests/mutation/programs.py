# SPDX-License-Identifier: MIT
"""The test programs, compiled with other headers than the project's and run with a limit."""
import contextlib
import gzip
import json
import os
import re
import resource
import shlex
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path


class DoesNotCompile(Exception):
    """With what the compiler said."""


@dataclass
class Program:
    name: str
    folder: Path     # where its tests run
    compilers: list  # (source, object, arguments without what names the object)
    linker: list     # arguments, with the objects
    needs: list      # targets


class Project:
    """A configured build folder, and the programs of the list that CMake has written there."""

    def __init__(self, description):
        self.build, self.include = Path(description["build"]), description["include"]
        self.ninja_program, self.gcov = description["ninja"], description["gcov"]
        self.needs = {p["name"]: p["needs"] for p in description["programs"]}
        self.links = {p["name"]: p["links"] for p in description["programs"]}
        self.folders = {p["name"]: Path(p["folder"]) for p in description["programs"]}
        self.commands = json.loads(self.ninja("-t", "compdb"))

    def ninja(self, *arguments):
        return subprocess.run([self.ninja_program, "-C", self.build, *arguments], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def program(self, name):
        folder = self.folders[name].relative_to(self.build)
        compilers = []
        for command in self.commands:
            if command["output"].startswith(f"{folder}/CMakeFiles/{name}.dir/") and " -c " in command["command"]:
                compilers.append((command["file"], command["output"],
                                  self.without_output(shlex.split(command["command"]))))
        linker = []
        if self.links[name]:
            last = self.ninja("-t", "commands", "-s", f"{folder}/{name}").splitlines()[-1]
            linker = shlex.split(next(c for c in last.split("&&") if " -o " in c))
        return Program(name, self.folders[name], compilers, linker, self.needs[name])

    @staticmethod
    def without_output(arguments):
        kept, skip = [], False
        for argument in arguments:
            if Path(argument).name == "ccache":  # the headers are compiled once
                continue
            if skip or argument.startswith(("-W", "-MD")):
                skip = False
            elif argument in ("-o", "-MT", "-MF"):
                skip = True
            else:
                kept.append(argument)
        return [*kept, "-w", "-O0", "-g0"]

    def compile(self, program, include, output, first=None, counts=True):
        """The program made with the headers in `include`; `first` is included before all others."""
        linker = list(program.linker)
        output.mkdir(parents=True, exist_ok=True)
        for number, (source, made, arguments) in enumerate(program.compilers):
            new = output / f"{number}.o"
            own = [f"-I{include}" if a == f"-I{self.include}" else a for a in arguments]
            if not counts:
                own = [a for a in own if a != "--coverage" and not a.startswith("-fprofile-")]
            run_compiler([*own, *(["-include", str(first)] if first else []), "-o", str(new)], self.build)
            linker = [str(new) if a == made else a for a in linker]
        executable = output / program.name
        if not linker:
            return executable
        linker[linker.index("-o") + 1] = str(executable)
        run_compiler(linker, self.build)
        return executable


def run_compiler(arguments, folder):
    done = subprocess.run(arguments, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    if done.returncode != 0:
        raise DoesNotCompile(done.stdout)


def error_places(said, include):
    """(file, line) of what the compiler complains of; where it does so elsewhere, of what brought it there."""
    # Some compilers are called with relative paths.
    place = re.compile(re.escape(f"{include.parent.name}/{include.name}/") + r"([\w/.]+):(\d+):")
    errors = [line for line in said.splitlines() if " error:" in line]
    found = [m for line in errors for m in place.findall(line)] or place.findall(said)
    return {(file, int(line)) for file, line in found if file != "mutants.hpp"}


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))


def run(executable, folder, seconds, environment=None):
    """"green", "red" or "timeout". What it has started ends with it."""
    process = subprocess.Popen([str(executable), "--abort"], cwd=folder, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                               preexec_fn=limits, env={**os.environ, **(environment or {})})
    try:
        return "green" if process.wait(seconds) == 0 else "red"
    except subprocess.TimeoutExpired:
        return "timeout"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def killed(executable, folder, seconds, with_mutant, without=None):
    """How the program fails with a mutant, twice, and not without it; None where it does not."""
    how = run(executable, folder, seconds, with_mutant)
    if how == "green":
        return None
    if without is not None and run(executable, folder, seconds, without) != "green":
        return None
    return how if run(executable, folder, seconds, with_mutant) != "green" else None


def all_of(work, items, jobs):
    """`work` on each of them, in so many threads. An interruption waits for what is being done alone."""
    pool = ThreadPoolExecutor(jobs)
    try:
        for done in [pool.submit(work, item) for item in items]:
            done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def counted_lines(gcov, objects, include):
    """{file: {line: count}} of the headers in `include`."""
    found = {}
    for counts in objects.glob("*.gcno"):
        subprocess.run([gcov, "--json-format", counts.name], cwd=objects, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for report in objects.glob("*.gcov.json.gz"):
        with gzip.open(report) as text:
            for file in json.load(text)["files"]:
                path = Path(file["file"])
                if path.is_relative_to(include):
                    lines = found.setdefault(str(path.relative_to(include)), {})
                    for line in file["lines"]:
                        number = line["line_number"]
                        lines[number] = lines.get(number, 0) + line["count"]
        report.unlink()
    return found
