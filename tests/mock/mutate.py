#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does the table of calls notice when the mock loses one of its checks?

Copies the project, takes one check at a time out of the given source files, builds conformance_mock
and compares its tables with those of the machine's PortAudio. A check is
  - an `if (...)` whose body ends with an error code or another "no": it is never true,
  - one operand of `||` or `&&` in such a condition, or in that of a `const bool`: it is left out,
  - a branch of a `return ... ? ... : ...` with an error code: the other one is taken.
A mutant that the tables do not tell from PortAudio has survived; so has no check that matters.

usage: mutate.py --portaudio build/test/tests/mock/conformance/conformance_portaudio FILE...
exit code: 0 nobody survived, 1 somebody did, 2 the tables differ without any mutation
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "mutation"))
from cpp import blanked, closing, split

MACHINES = ["alsa", "none", "alsa+jack", "jack"]
CANNOT_RUN = 77
ERROR_CODE = re.compile(r"\bpa[A-Z]\w*")
REFUSAL = re.compile(r"\bpa[A-Z]\w*|\bnullptr\b|\bnullopt\b|\btrue\b|\bfalse\b")


def operands(code, start, end):
    """Cuts that take one operand of || or && out of a condition, at any depth of brackets."""
    for operator in ("||", "&&"):
        parts = split(code, start, end, [operator])
        if len(parts) > 1:
            for i, part in enumerate(parts):
                # With the operator on one side of it.
                yield (part[0], parts[i + 1][0]) if i == 0 else (parts[i - 1][1], part[1])
            for part in parts:
                yield from operands(code, *part)
            return
    stripped = code[start:end].strip()
    begin = code.index(stripped, start) if stripped else start
    if stripped.startswith("!"):
        begin += 1
    if begin < end and code[begin] == "(" and closing(code, begin) == begin + len(
            stripped.lstrip("!")) - 1:
        yield from operands(code, begin + 1, closing(code, begin))


def refuses(code, position):
    """The end of a branch that begins at `position` and refuses; None if it does something else.

    It refuses with its last statement: a `return` or an assignment of what says no."""
    match = re.compile(r"\s*\{").match(code, position)
    end = closing(code, match.end() - 1) if match else split(code, position, len(code), [";"])[0][1]
    body = code[match.end() if match else position:end]
    statements = [s for s in body.split(";") if s.strip()]
    if not statements or "{" in statements[-1]:
        return None
    says_no = re.match(r"\s*(return\b|\w+\s*=)", statements[-1]) and REFUSAL.search(statements[-1])
    return end + 1 if says_no else None


def mutants(text):
    """(position, description, text) of each mutant."""
    code = blanked(text)

    def mutant(kind, start, end, replacement):
        shown = " ".join(text[start:end].split())
        return start, f"{kind}: {shown}", text[:start] + replacement + text[end:]

    for match in re.finditer(r"\bif\s*\(", code):
        opening = match.end() - 1
        condition_end = closing(code, opening)
        end = refuses(code, condition_end + 1)
        if end is None:
            continue
        start = split(code, opening + 1, condition_end, [";"])[-1][0]
        condition = text[start:condition_end]
        declared = re.match(r"\s*(?:const\s+)?[\w:]+[\s*&]+(\w+)\s*=[^=]", condition)
        never = f"false && ({condition})"
        if declared:
            never = f"{condition}; false && {declared.group(1)}"
        whole = mutant("check", match.start(), end, "")
        yield whole[0], whole[1], text[:start] + never + text[condition_end:]
        if not declared:
            for cut in operands(code, start, condition_end):
                yield mutant("operand", *cut, "")

    for match in re.finditer(r"\bconst bool \w+ =", code):
        end = split(code, match.end(), len(code), [";"])[0][1]
        for cut in operands(code, match.end(), end):
            yield mutant("operand", *cut, "")

    for match in re.finditer(r"\breturn\b", code):
        end = split(code, match.end(), len(code), [";"])[0][1]
        parts = split(code, match.end(), end, ["?"])
        if len(parts) != 2:
            continue
        # `a::b` is no branch.
        joined = re.split(r"(?<!:):(?!:)", code[parts[1][0]:parts[1][1]])
        if len(joined) != 2:
            continue
        middle = parts[1][0] + len(joined[0])
        for taken, left in (((middle + 1, end), (parts[1][0], middle)),
                            ((parts[1][0], middle), (middle + 1, end))):
            if ERROR_CODE.search(code[left[0]:left[1]]):
                yield mutant(f"branch {text[left[0]:left[1]].strip()}", match.end(), end,
                             text[taken[0]:taken[1]])


def table(program, machine, timeout=100):
    """What a program prints; None where it crashes, hangs or says itself that it is wrong."""
    try:
        done = subprocess.run([program, machine], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode == CANNOT_RUN:
        return CANNOT_RUN
    return done.stdout if done.returncode == 0 else None


class Project:
    """A copy of the project, of which only conformance_mock is ever built."""

    def __init__(self, source, folder):
        self.source, self.build = Path(folder) / "source", Path(folder) / "build"
        shutil.copytree(source, self.source, ignore=shutil.ignore_patterns(".git", "build"))
        self.cmake("-S", self.source, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug")
        self.program = next(iter(self.programs()), None) if self.make() else None

    def cmake(self, *arguments):
        subprocess.run(["cmake", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)

    def programs(self):
        return (p for p in self.build.rglob("conformance_mock*")
                if p.is_file() and os.access(p, os.X_OK))

    def make(self):
        command = ["cmake", "--build", str(self.build), "--target", "conformance_mock"]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode == 0


def main():
    arguments = argparse.ArgumentParser(description="Mutates the checks of the mock.")
    arguments.add_argument("--portaudio", required=True, help="the program conformance_portaudio")
    arguments.add_argument("--source", default=Path(__file__).resolve().parents[2], type=Path)
    arguments.add_argument("--list", action="store_true", help="only lists the mutants")
    arguments.add_argument("files", nargs="+", type=Path, help="source files of the mock")
    options = arguments.parse_args()
    files = [f.resolve().relative_to(options.source.resolve()) for f in options.files]
    found = [(file, *mutant) for file in files
             for mutant in mutants((options.source / file).read_text())]
    if options.list:
        for file, position, description, _ in found:
            line = (options.source / file).read_text().count("\n", 0, position) + 1
            print(f"{file}:{line}: {description}")
        return 0

    with tempfile.TemporaryDirectory(prefix="portspan-mutate-") as folder:
        project = Project(options.source, folder)
        expected = {}
        for machine in MACHINES:
            expected[machine] = table(options.portaudio, machine)
            if expected[machine] == CANNOT_RUN:
                print(f"no machine '{machine}' on this computer: without its rows")
                del expected[machine]
        if not project.program or any(table(project.program, m) != t or t is None
                                      for m, t in expected.items()):
            print("the tables differ without any mutation", file=sys.stderr)
            return 2
        survivors = 0
        for number, (file, position, description, text) in enumerate(found, 1):
            original = (project.source / file).read_text()
            line = original.count("\n", 0, position) + 1
            (project.source / file).write_text(text)
            verdict = "does not compile"
            if project.make():
                noticed = next((m for m, t in expected.items()
                                if table(project.program, m, 20) != t), None)
                verdict = f"red on {noticed}" if noticed else "SURVIVED"
                survivors += noticed is None
            (project.source / file).write_text(original)
            print(f"[{number}/{len(found)}] {file}:{line}: {description}: {verdict}", flush=True)
        print(f"{len(found)} mutants, {survivors} survived")
        return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
