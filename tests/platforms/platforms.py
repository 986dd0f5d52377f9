# SPDX-License-Identifier: MIT
"""Configures, builds and tests presets one after another, and prints a table of them.

usage: platforms.py CMAKE CTEST SOURCE PRESET...
What each of them prints is in build/PRESET/platform.log. A preset whose compiler or emulator is missing is skipped, and
the table says which package to install. Exit status 1 where one fails.
"""
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

# What cmake/toolchains/needs.cmake says, wherever CMake has wrapped the line.
MISSING = re.compile(r"is missing:\s+apt-get\s+install((?:\s+[a-z0-9][a-z0-9.+-]*)+)")
COMPILER = re.compile(r"The CXX compiler identification is (.+)")


class Platform:
    def __init__(self, preset, folder):
        self.preset = preset
        self.folder = folder
        self.compiler = ""
        self.passed = self.failed = self.skipped = 0
        self.note = ""

    def run(self, cmake, ctest, source):
        """False where something fails."""
        self.folder.mkdir(parents=True, exist_ok=True)
        report = self.folder / "platform.xml"
        report.unlink(missing_ok=True)
        with open(self.folder / "platform.log", "w+", encoding="utf-8") as log:
            def step(*command):
                print(f"{self.preset}: {' '.join(command)}", flush=True)
                return subprocess.run(command, cwd=source, stdout=log, stderr=subprocess.STDOUT).returncode == 0

            is_configured = step(cmake, "--preset", self.preset, "--fresh")
            log.seek(0)
            said = log.read()
            if not is_configured:
                missing = MISSING.search(said)
                self.note = f"skipped: apt-get install{' '.join(['', *missing[1].split()])}" if missing else "not configured"
                return bool(missing)
            self.compiler = COMPILER.search(said)[1]
            if not step(cmake, "--build", "--preset", self.preset):
                self.note = "not built"
                return False
            is_good = step(ctest, "--preset", self.preset, "--output-junit", str(report))
        if report.exists():
            counts = xml.etree.ElementTree.parse(report).getroot().attrib
            self.failed, self.skipped = int(counts["failures"]), int(counts["skipped"])
            self.passed = int(counts["tests"]) - self.failed - self.skipped - int(counts.get("disabled", 0))
        return is_good and self.passed > 0


def main(cmake, ctest, source, *presets):
    platforms = [Platform(preset, pathlib.Path(source, "build", preset)) for preset in presets]
    results = [platform.run(cmake, ctest, source) for platform in platforms]
    print(f"\n{'platform':<18}{'compiler':<16}{'passed':>7}{'failed':>7}{'skipped':>8}")
    for platform, is_good in zip(platforms, results):
        note = platform.note if is_good else f"FAILED {platform.note}, see {platform.folder / 'platform.log'}"
        print(f"{platform.preset:<18}{platform.compiler:<16}{platform.passed:>7}{platform.failed:>7}"
              f"{platform.skipped:>8}  {note}".rstrip())
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
