#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does a test notice when a line of a header is changed?

Takes a random sample of the changes that sites.py knows, of lines that the compiler made code of, and
counts those with which a test program fails (killed), hangs (killed as well) or passes (survived). A kill is one that
repeats, of a program that is green without the change.

All are compiled into the programs at once as switches. Then each is switched on, and the programs that reach
it run until one fails, the header's own test first and then the quick ones. What cannot be a switch, and what
has survived in code that may run at compile time, is compiled by itself, with the programs that come to its line.
A change that does not compile is no mutant, and the next one is drawn.

A run that was interrupted goes on where it was, as long as its seed and the headers are the same. What a program
has killed counts as long as the program is the same.

usage: mutation.py PROGRAMS.json [--seed N] [--count N] [--only REGEX] [--jobs N]
exit code: 0 enough were killed, 1 too few, 2 a program fails without any mutant
"""
import argparse
import difflib
import hashlib
import json
import random
import re
import shutil
import sys
import threading
import time
from pathlib import Path

import programs as p
from overlay import Overlay, write
from sites import sites

ENOUGH = 0.9
HEADERS = "all_lines"  # includes all of them and is no program
MOST_ALONE = 4  # programs that a mutant is compiled into by itself


class Run:
    def __init__(self, options):
        description = json.loads(options.programs.read_text())
        self.project = p.Project(description)
        self.include, self.options = Path(description["include"]), options
        self.texts = {str(f.relative_to(self.include)): f.read_text()
                      for f in sorted(self.include.rglob("*.hpp"))}
        drawn = [site for file, text in self.texts.items() if re.search(options.only, file)
                 for site in sites(file, text)]
        random.Random(options.seed).shuffle(drawn)
        # Some are of lines that are no code, some do not compile.
        self.sites = drawn[:options.count * 8 // 5]
        self.texts_digest = hashlib.sha256(repr((self.texts, self.sites)).encode()).hexdigest()
        tests = Path(__file__).resolve().parents[1]
        # What any of the programs may be made of, beside its own sources.
        self.shared = b"".join(f.read_bytes() for pattern in ("*.hpp", "mock/**/*.[ch]pp", "fixtures/**/*.*")
                               for f in sorted(tests.glob(pattern)) if f.is_file())
        self.folder = options.programs.resolve().parent / f"seed_{options.seed}_{options.count}"
        self.lock = threading.Lock()
        self.load()
        self.overlay = Overlay(self.include, self.folder / "include", self.sites, description["first"])
        self.write_overlay()

    def load(self):
        state_file = self.folder / "state.json"
        state = json.loads(state_file.read_text()) if state_file.exists() else {}
        if state.get("digest") != self.texts_digest:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            state = {"digest": self.texts_digest, "alone": [], "lines": {}, "programs": {}, "killed": {},
                     "tried": {}, "wrong": [], "survived": []}
        self.alone = set(state["alone"])      # cannot be switched
        self.lines = state["lines"]           # {file: {line: 1}} of those with code
        self.programs = state["programs"]     # {name: {"seconds", "reached", "lines", "source"}}
        self.killed = state["killed"]         # {mutant: [program, how]}
        self.tried = state["tried"]           # {mutant: {program that is green: its source}}
        self.wrong = set(state["wrong"])      # do not compile
        self.survived = set(state["survived"])

    def save(self):
        write(self.folder / "state.json", json.dumps(
            {"digest": self.texts_digest, "alone": sorted(self.alone), "lines": self.lines,
             "programs": self.programs, "killed": self.killed, "tried": self.tried,
             "wrong": sorted(self.wrong), "survived": sorted(self.survived)}))

    def write_overlay(self):
        self.overlay.write(self.alone | self.overlay.crossing())

    def compile(self, program, output):
        """With all switches; those that do not compile are left to be compiled alone."""
        for _ in range(12):
            try:
                return self.project.compile(program, self.overlay.folder, output, self.overlay.first)
            except p.DoesNotCompile as error:
                with self.lock:
                    guilty = set()
                    for place in p.error_places(str(error), self.overlay.folder):
                        guilty |= self.overlay.at(*place)
                    if not guilty:
                        raise
                    self.alone |= guilty
                    self.write_overlay()
        raise RuntimeError(f"{program.name} does not compile")

    def source_digest(self, program):
        """Of all that makes the program what it is, beside the headers."""
        texts = [Path(self.project.build / source).read_bytes() for source, _, _ in program.compilers]
        commands = repr([arguments for _, _, arguments in program.compilers] + program.linker)
        return hashlib.sha256(b"".join([*texts, self.shared]) + commands.encode()).hexdigest()

    def forget(self, name):
        """What a program that has changed has killed; and what survived, in it perhaps."""
        self.killed = {n: verdict for n, verdict in self.killed.items() if verdict[0] != name}
        self.survived.clear()

    def measure(self, name):
        """Builds a program and runs it without a mutant: what it reaches, and how long it takes."""
        program = self.project.program(name)
        source = self.source_digest(program)
        output = self.folder / name
        if self.programs.get(name, {}).get("source") == source and (output / name).exists():
            return
        with self.lock:
            self.forget(name)
        executable = self.compile(program, output)
        reached = output / "reached"
        for old in (reached, *output.glob("*.gcda")):
            old.unlink(missing_ok=True)
        begin = time.monotonic()
        if p.run(executable, program.folder, 600, {"PORTSPAN_REACHED": str(reached)}) != "green":
            print(f"{name} fails without any mutant", file=sys.stderr, flush=True)
            self.failed.append(name)
            return
        seconds = time.monotonic() - begin
        lines = p.counted_lines(self.project.gcov, output, self.overlay.folder)
        numbers = sorted({int(n) for n in reached.read_text().split()}) if reached.exists() else []
        with self.lock:
            self.programs[name] = {
                "source": source, "seconds": seconds, "reached": numbers,
                "lines": {file: sorted(n for n, count in counts.items() if count)
                          for file, counts in lines.items()}}
            for file, counts in lines.items():
                self.lines.setdefault(file, {}).update({str(line): 1 for line in counts})
            self.save()
        print(f"{name}: reaches {len(numbers)} mutants, takes {seconds:.1f} s", flush=True)

    def order(self, n, names):
        """The header's own test comes first, then what is quick."""
        own = f"{Path(self.sites[n].file).stem}_test"
        return sorted(names, key=lambda name: (name != own, self.programs[name]["seconds"]))

    def switch_on(self, n):
        """Runs the programs that reach a mutant, until one fails."""
        tried = self.tried.setdefault(str(n), {})
        for name in self.order(n, [k for k, program in self.programs.items() if n in program["reached"]]):
            program = self.programs[name]
            if tried.get(name) == program["source"]:
                continue
            without = {"GCOV_PREFIX": "/dev/null"}
            how = p.killed(self.folder / name / name, self.project.folders[name],
                           20 + 10 * program["seconds"], {"PORTSPAN_MUTANT": str(n), **without}, without)
            with self.lock:
                if how:
                    self.killed[str(n)] = [name, how]
                else:
                    tried[name] = program["source"]
                self.save()
            if how:
                return

    def switched(self):
        left = [n for n in self.sample() if str(n) not in self.killed and n not in self.alone]
        print(f"{len(left)} mutants are switched on, one after another", flush=True)
        p.all_of(self.switch_on, left, self.options.jobs)

    def all_programs(self):
        names = [n for n in self.project.folders if n != HEADERS]
        needs = sorted({t for n in names for t in self.project.needs[n]})
        if needs:
            self.project.ninja(*needs)
        self.failed = []
        self.precompile(names[0])
        self.headers_alone()
        p.all_of(self.measure, names, self.options.jobs)

    def headers_alone(self):
        """Finds most of what cannot be switched, and the lines of functions that nothing calls."""
        output = self.folder / HEADERS
        if (output / "0.o").exists():
            return
        self.compile(self.project.program(HEADERS), output)
        with self.lock:
            for file, counts in p.counted_lines(self.project.gcov, output, self.overlay.folder).items():
                self.lines.setdefault(file, {}).update({str(line): 1 for line in counts})
            self.save()

    def precompile(self, name):
        """What comes before all headers, once."""
        arguments = self.project.program(name).compilers[0][2]
        arguments = [f"-I{self.overlay.folder}" if a == f"-I{self.include}" else a for a in arguments]
        arguments[arguments.index("-c"):arguments.index("-c") + 2] = ["-x", "c++-header", str(self.overlay.first)]
        p.run_compiler([*arguments, "-o", f"{self.overlay.first}.gch"], self.project.build)

    def line_of(self, n):
        site = self.sites[n]
        return self.texts[site.file].count("\n", 0, site.position) + 1

    def statement_lines(self, n):
        """From where its statement begins: a compiler counts what goes on in further lines there."""
        text, site = self.texts[self.sites[n].file], self.sites[n]
        begin = max(text.rfind(c, 0, site.position) for c in ";{}")
        first = text.count("\n", 0, begin + 1) + 1
        return range(min(first, self.line_of(n)), self.line_of(n) + 1)

    def is_code(self, n):
        counted = self.lines.get(self.sites[n].file, {})
        return any(str(line) in counted for line in self.statement_lines(n))

    def may_be_constant(self, n):
        """Not reached as a switch, or in a function that the compiler itself may run."""
        reached = any(n in program["reached"] for program in self.programs.values())
        text, site = self.texts[self.sites[n].file], self.sites[n]
        heads = re.findall(r"^ {0,4}[^\s})/#].*", text[:site.start], flags=re.M)
        return not reached or (heads and "constexpr" in heads[-1])

    def compile_alone(self, n, slot):
        """Plain text in place of plain text, in the programs that come to the line."""
        site, text = self.sites[n], self.texts[self.sites[n].file]
        folder = self.folder / f"alone_{slot}"
        if not folder.exists():
            shutil.copytree(self.include, folder)
        write(folder / site.file, text[:site.start] + site.plain + text[site.end:])
        lines = set(self.statement_lines(n))
        covering = [name for name, program in self.programs.items()
                    if lines & set(program["lines"].get(site.file, []))]
        verdict = None
        try:
            for name in self.order(n, covering)[:MOST_ALONE]:
                program = self.project.program(name)
                try:
                    executable = self.project.compile(program, folder, self.folder / f"made_{slot}", counts=False)
                except p.DoesNotCompile:
                    # A switch that was compiled makes this an assertion at compile time.
                    verdict = "wrong" if n in self.alone else [name, "compiler"]
                    break
                how = p.killed(executable, program.folder, 20 + 10 * self.programs[name]["seconds"], {})
                if how:
                    verdict = [name, how]
                    break
        finally:
            write(folder / site.file, text)
        with self.lock:
            if verdict == "wrong":
                self.wrong.add(n)
            elif verdict:
                self.killed[str(n)] = verdict
            else:
                self.survived.add(n)
            self.save()

    def sample(self):
        """The first ones drawn that are code and compile."""
        return [n for n in range(len(self.sites)) if n not in self.wrong and self.is_code(n)][
            :self.options.count]

    def those_alone(self):
        slots = list(range(self.options.jobs))

        def one(n):
            with self.lock:
                slot = slots.pop()
            try:
                self.compile_alone(n, slot)
            finally:
                with self.lock:
                    slots.append(slot)

        while True:
            crossing = self.overlay.crossing()
            self.alone |= crossing
            left = [n for n in self.sample() if str(n) not in self.killed and n not in self.survived
                    and (n in self.alone or self.may_be_constant(n))]
            if not left:
                return
            print(f"{len(left)} mutants are compiled alone", flush=True)
            p.all_of(one, left, self.options.jobs)

    def report(self):
        sample = self.sample()
        killed = [n for n in sample if str(n) in self.killed]
        survivors = [n for n in sample if str(n) not in self.killed]
        print()
        for n in survivors:
            site, text = self.sites[n], self.texts[self.sites[n].file]
            executed = any(self.line_of(n) in program["lines"].get(site.file, [])
                           for program in self.programs.values())
            print(f"{site.file}:{self.line_of(n)}: {site.kind}"
                  f"{'' if executed else ' (no test comes here)'}  [{n}]")
            changed = text[:site.start] + site.plain + text[site.end:]
            for line in list(difflib.unified_diff(text.splitlines(), changed.splitlines(), n=0, lineterm=""))[3:]:
                print(f"    {line}")
        how = [self.killed[str(n)][1] for n in killed]
        share = len(killed) / len(sample) if sample else 0
        print(f"\nseed {self.options.seed}: {len(sample)} mutants, {len(killed)} killed ({share:.1%}): "
              f"{how.count('red')} by a red test, {how.count('timeout')} by a limit of time, "
              f"{how.count('compiler')} by the compiler; {len(survivors)} survived")
        drawn = range(max(sample, default=-1) + 1)
        print(f"drawn besides: {sum(not self.is_code(n) for n in drawn)} in lines without code, "
              f"{sum(n in self.wrong for n in drawn)} that do not compile")
        write(self.folder / "mutation.json", json.dumps(
            [{"file": self.sites[n].file, "line": self.line_of(n), "kind": self.sites[n].kind,
              "from": self.texts[self.sites[n].file][self.sites[n].start:self.sites[n].end],
              "to": self.sites[n].plain, "killed": self.killed.get(str(n))} for n in sample], indent=1))
        print(f"{self.folder / 'mutation.json'}")
        return share >= ENOUGH


def main():
    arguments = argparse.ArgumentParser(description="Changes lines of the headers and runs the tests.")
    arguments.add_argument("programs", type=Path, help="the list that CMake writes")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--count", type=int, default=200)
    arguments.add_argument("--only", default="", help="headers that match")
    arguments.add_argument("--jobs", type=int, default=2)
    options = arguments.parse_args()
    run = Run(options)
    print(f"seed {options.seed}: {options.count} mutants of {len(run.texts)} headers", flush=True)
    run.all_programs()
    if run.failed:
        return 2
    run.switched()
    run.those_alone()
    return 0 if run.report() else 1


if __name__ == "__main__":
    sys.exit(main())
