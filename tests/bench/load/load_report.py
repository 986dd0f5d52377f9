# SPDX-License-Identifier: MIT
"""What load.py has found as a text, a CSV file, a plot and a page."""
import csv
import html
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import calls

sys.path.insert(1, str(Path(__file__).resolve().parent.parent))
import report

TITLE = "Callbacks under load"
MARKS = (1, 10, 100, 1000, 10000, 100000)  # microseconds


@dataclass
class Row:
    frames: int
    name: str
    library: str
    found: calls.Summary | str  # or why there is none


def microseconds(value):
    return f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


def percent(found):
    return f"{100 * found.missed / found.due:.2g} %" if found.missed else "0"


def table(rows):
    heads = [f"{share:g} %" for share in calls.PERCENTS[1:-1]] + ["most"]
    out = [["frames", "callback", "calls", "of", "xruns", "late", "missed", "jitter 50 %", *heads, "duration 50 %",
            *heads]]
    reasons = []
    for row in rows:
        cells = ["-"] * (len(out[0]) - 2)
        if isinstance(row.found, str):
            reason = f"{row.name}: not measured, {row.found}"
            reasons += [reason] if reason not in reasons else []
        else:
            found = row.found
            cells = [f"{found.count}", f"{found.due}", f"{found.flagged}", f"{found.late}", percent(found),
                     *map(microseconds, found.jitter + found.duration)]
        out.append([str(row.frames), f"{row.library}, {row.name}", *cells])
    return out, reasons


EXPLAINED = ("calls, of so many that were due; xruns: those with an xrun flag; late: those that ended later than a "
             "period after they were due; missed: periods without a call, or with a late one; jitter of the start, "
             "|interval - period|, and duration in microseconds")


def text(rows, notes):
    cells, reasons = table(rows)
    return "\n".join([report.aligned(cells, 2), "", *textwrap.wrap(EXPLAINED, 118), *reasons,
                      *textwrap.wrap("; ".join(notes), 118)])


def write_csv(rows, path):
    names = [f"{percent:g}" for percent in calls.PERCENTS]
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["frames", "library", "callback", "calls", "due", "xruns", "late", "missed",
                      *(f"jitter_us_{name}" for name in names), *(f"duration_us_{name}" for name in names)])
        for row in rows:
            if not isinstance(row.found, str):
                found = row.found
                out.writerow([row.frames, row.library, row.name, found.count, found.due, found.flagged, found.late,
                              found.missed, *(f"{value:.2f}" for value in found.jitter + found.duration)])


def plot(rows, notes):
    bars, frames = [], None
    for row in rows:
        if row.frames != frames:
            frames = row.frames
            bars.append((f"{frames} frames, {frames / 48:.2f} ms",))
        if isinstance(row.found, str):
            bars.append((row.name, None, "", "not measured: " + row.found[:60]))
            continue
        bars.append((row.name, tuple(row.found.jitter), report.COLOURS[row.library], percent(row.found)))
    used = {row.library for row in rows}
    lines = ["Jitter of the callback's start in microseconds, logarithmic: median (dark), 99 %, 99.9 %, most (light)",
             "beside it: the share of periods without a callback, or with one that ended too late"]
    return report.svg(TITLE, lines, bars, MARKS, [item for item in report.COLOURS.items() if item[0] in used], notes)


def page(rows, notes):
    cells, reasons = table(rows)
    parts = [report.PAGE.replace("portspan: benchmark", "portspan: under load"), f"<h1>{html.escape(TITLE)}</h1>",
             "<p>Each through its own library and its own C calls, one after another on a private JACK server (dummy "
             "driver, 48 kHz). The same few lines stand between PortAudio and every callback, and read the clock "
             f"before and after it.</p><p>{html.escape('; '.join(notes))}</p>", plot(rows, notes),
             "<div>" + report.html_table(cells, 2, EXPLAINED) + "</div>"]
    return "\n".join(parts + [f"<p>{html.escape(reason)}</p>" for reason in reasons]) + "</html>\n"


def write(rows, notes, folder):
    write_csv(rows, folder / "load.csv")
    for name, content in (("load.svg", plot(rows, notes)), ("load.html", page(rows, notes))):
        (folder / name).write_text(content, encoding="utf-8")
