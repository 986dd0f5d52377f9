# SPDX-License-Identifier: MIT
"""Many mutants in one copy of the headers: which one is on, the environment says when a program starts."""
import os
import shutil
from pathlib import Path

HEADER = """#pragma once
#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include "%(first)s"
namespace portspan_mutants {
inline const int on = [] { const char* n = std::getenv("PORTSPAN_MUTANT"); return n ? std::atoi(n) : -1; }();
inline bool reached[%(count)d];
inline const struct Report {
    ~Report() {
        const char* file = std::getenv("PORTSPAN_REACHED");
        std::FILE* out = file ? std::fopen(file, "a") : nullptr;
        if (!out) return;
        for (int i = 0; i < %(count)d; ++i) if (reached[i]) std::fprintf(out, "%%d\\n", i);
        std::fclose(out);
    }
} report;
// What is computed at compile time is computed without a mutant.
constexpr bool is_on(int n) noexcept {
    if (std::is_constant_evaluated()) return false;
    reached[n] = true;
    return n == on;
}
}
"""


def write(path, text):
    """Whole or not at all: a compiler may be reading it."""
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    os.replace(new, path)


class Overlay:
    def __init__(self, include, folder, sites, first):
        self.include, self.folder, self.sites = Path(include), Path(folder), sites
        if not self.folder.exists():
            shutil.copytree(self.include, self.folder)
        self.first = self.folder / "mutants.hpp"
        if not self.first.exists():
            write(self.first, HEADER % {"count": len(sites), "first": first})
        self.left_out = {}  # by header: the numbers of those that cannot be switched

    def write(self, left_out):
        """With all mutants as switches but those."""
        for file in sorted({site.file for site in self.sites}):
            left = sorted(n for n in left_out if self.sites[n].file == file)
            if self.left_out.get(file) != left:
                self.left_out[file] = left
                write(self.folder / file, self.switched(file, left_out))

    def switched(self, file, left_out):
        text = (self.include / file).read_text()
        numbers = [n for n, s in enumerate(self.sites) if s.file == file and n not in left_out]
        events = []
        # The longer one stands round the shorter one.
        for order, n in enumerate(sorted(numbers, key=lambda n: self.sites[n].start - self.sites[n].end)):
            site, test = self.sites[n], f"::portspan_mutants::is_on({n})"
            events.append((site.start, 1, order, site.before.replace("@", test)))
            events.append((site.end, 0, -order, site.after.replace("@", test)))
        for position, _, _, piece in sorted(events, reverse=True):
            text = text[:position] + piece + text[position:]
        return text

    def crossing(self):
        """Of each two that stand neither side by side nor one in the other, one."""
        found = set()
        for a, one in enumerate(self.sites):
            for b in range(a):
                two = self.sites[b]
                if b not in found and one.file == two.file and (
                        one.start < two.start < one.end < two.end or two.start < one.start < two.end < one.end):
                    found.add(a)
        return found

    def at(self, file, line):
        """The mutants of a line of the copy: it has the lines of the header."""
        text = (self.include / file).read_text()
        return {n for n, s in enumerate(self.sites) if s.file == file
                and text.count("\n", 0, s.start) < line <= text.count("\n", 0, s.end) + 1}
