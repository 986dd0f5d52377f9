#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What finds, makes and runs mutants, on a header that compiles quickly.

usage: mutation_test.py PROGRAMS.json
"""
import json
import shutil
import sys
import tempfile
from pathlib import Path

import programs as p
from overlay import Overlay
from sites import sites

HEADER = "portspan/strided.hpp"
KILLED = [("* to /", "index_ * step_"), ("== to !=", "size_ == 0"), ("return nothing", "return size_;")]


def expect(is_so, what):
    if not is_so:
        sys.exit(f"failed: {what}")


def what_is_found():
    text = ('// a + b\n#define ONE 1\nstatic_assert(a < b);\n'
            'int f(int a) {\n    if (a < 0 || a == 7) return -a;\n    say("a + 1");\n    return a + a;\n}\n')
    found = {(s.kind, text[s.start:s.end]) for s in sites("f.hpp", text)}
    expected = {("negate", "a < 0 || a == 7"), ("|| to &&", "a < 0 || a == 7"), ("< to <=", "a < 0"),
                ("0 + 1", "0"), ("== to !=", "a == 7"), ("7 + 1", "7"), ("return nothing", "return -a;"),
                ("delete", 'say("a + 1");'), ("return nothing", "return a + a;"), ("+ to -", "a + a")}
    changed = {(kind.replace("- 1", "+ 1"), where) for kind, where in found}
    expect(changed == expected, f"the sites are {sorted(changed ^ expected)} off")


def what_is_killed(project, folder):
    text = (Path(project.include) / HEADER).read_text()
    all_sites = sites(HEADER, text)
    chosen = [s for kind, where in KILLED for s in all_sites
              if s.kind == kind and text[s.start:s.end] == where]
    expect(len(chosen) == len(KILLED), f"{HEADER} has other lines: KILLED is to name some of them")
    overlay = Overlay(project.include, folder / "include", chosen, "cstddef")
    overlay.write(set())
    program = project.program("strided_test")
    executable = project.compile(program, overlay.folder, folder / "made", overlay.first)
    expect(p.run(executable, program.folder, 60) == "green", "no mutant is on, and the test fails")
    for n, site in enumerate(chosen):
        verdict = p.killed(executable, program.folder, 60, {"PORTSPAN_MUTANT": str(n)}, {})
        expect(verdict == "red", f"{site.kind}: {text[site.start:site.end]} is {verdict}")
    expect(p.killed("/bin/false", program.folder, 60, {}, {}) is None, "a program kills that is red anyway")


def what_survives(project, folder):
    shutil.copytree(project.include, folder / "plain")
    header = folder / "plain" / HEADER
    header.write_text(header.read_text().replace("\nnamespace", "\n// Another comment.\nnamespace", 1))
    program = project.program("strided_test")
    executable = project.compile(program, folder / "plain", folder / "made")
    expect(p.run(executable, program.folder, 60) == "green", "a comment kills")


def main():
    project = p.Project(json.loads(Path(sys.argv[1]).read_text()))
    what_is_found()
    with tempfile.TemporaryDirectory(prefix="portspan-mutation-") as folder:
        what_is_killed(project, Path(folder))
        what_survives(project, Path(folder))
    print("ok")


if __name__ == "__main__":
    main()
