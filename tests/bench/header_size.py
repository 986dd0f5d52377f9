# SPDX-License-Identifier: MIT
"""What `#include <portspan/portspan.hpp>` costs a compiler: its own lines and the standard headers, against a budget.

usage: header_size.py COMPILER PORTSPAN-INCLUDE OTHER-INCLUDES(;)
Exit status 1 where there are more lines of code than LINES, or a standard header that is not in STANDARD. Whoever
needs more says so here. The time beside that of those headers and portaudio.h alone is reported only.
"""
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

LINES = 11500  # of portspan's, without comments and empty ones; 10,237 when this was written
STANDARD = set("""
    algorithm array atomic bit cassert cfenv charconv chrono cmath compare complex concepts condition_variable cstddef
    cstdint cstdio cstdlib cstring cwchar deque exception filesystem fstream functional future initializer_list iterator
    limits map memory mutex new numbers optional random ranges ratio span stdexcept string string_view system_error
    thread tuple type_traits utility variant vector""".split())


def preprocessed(compiler, flags, source):
    """{file: lines of code} of everything that a source includes."""
    text = subprocess.run([*compiler, *flags, "-E", source], capture_output=True, text=True, check=True).stdout
    lines, file = {}, ""
    for line in text.splitlines():
        marker = re.match(r'# \d+ "(.*?)"', line)
        if marker:
            file = os.path.realpath(marker.group(1))
        elif line.strip():
            lines[file] = lines.get(file, 0) + 1
    return lines


def seconds(compiler, flags, source, repetitions):
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        subprocess.run([*compiler, *flags, "-fsyntax-only", source], check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def measured(compiler, own, others, repetitions=3):
    """(own lines, all lines, own standard headers, seconds of all, seconds of what it includes)"""
    own = os.path.realpath(own)
    flags = ["-std=c++20", f"-I{own}", *(f"-I{folder}" for folder in others)]
    with tempfile.TemporaryDirectory() as folder:
        def source(name, text):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return path

        every = source("every.cpp", "#include <portspan/portspan.hpp>\n")
        lines = preprocessed(compiler, flags, every)
        mine = [file for file in lines if file.startswith(own + os.sep)]
        needed = set()
        for file in mine:
            with open(file, encoding="utf-8") as text:
                needed |= set(re.findall(r"^\s*#\s*include <([a-z_]+)>", text.read(), re.MULTILINE))
        alone = source("alone.cpp", "".join(f"#include <{name}>\n" for name in [*sorted(needed), "portaudio.h"]))
        return (sum(lines[file] for file in mine), sum(lines.values()), needed,
                seconds(compiler, flags, every, repetitions), seconds(compiler, flags, alone, repetitions))


def main(compiler, own, others):
    lines, all_lines, needed, with_it, without = measured([compiler], own, [o for o in others.split(";") if o],
                                                           repetitions=1)
    print(f"portspan/portspan.hpp: {lines} lines of its own (budget {LINES}), {all_lines} with the "
          f"{len(needed)} standard headers and portaudio.h; {with_it / without:.2f} times as long to parse as those "
          "alone")
    new = needed - STANDARD
    if new:
        print(f"standard headers that are not in the budget: {', '.join(sorted(new))}")
    return 1 if lines > LINES or new else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
