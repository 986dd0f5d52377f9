# SPDX-License-Identifier: MIT
"""What bench.py has found as a text, a CSV file, two plots and a page. Nothing but the standard library."""
import csv
import html
import math
import os
import textwrap
from dataclasses import dataclass

SHOWN = 64  # frames of the plot of ways, and of what the text says of kernels
KERNELS_SHOWN = 256  # frames of the plot of kernels
COLOURS = {"PortAudio": "#7d8590", "portspan": "#2f81f7", "PortAudioCpp": "#a371f7", "sounddevice": "#e0823d"}
PLOTTED_KERNELS = 4


@dataclass
class Results:
    frames: tuple
    versions: list
    # (name, library, {frames: ns} or why not, {frames: instructions} or None); the first is what is compared with
    ways: list
    titles: list  # of the kernels
    compilers: list  # (name, [{frames: ns}, why not or None] for each kernel); likewise
    by_hand: dict  # (kernel/who, frames): instructions
    kernels_by_hand: tuple
    header: tuple  # as header_size.measured()
    targets: list  # (what, found, wanted, reached, why not)
    left_out: list  # what was not measured, and why


def ratio(value):
    return f"{value:.2f}" if value < 9.95 else f"{value:.1f}" if value < 99.5 else f"{value:.0f}"


def ways_table(results):
    raw = results.ways[0]
    rows = [["", "", *(f"{frames}" for frames in results.frames), *(f"{frames}" for frames in results.frames)]]
    reasons = list(results.left_out)
    for name, library, times, counted in results.ways:
        if isinstance(times, str):
            cells = ["-"] * len(results.frames)
            reasons.append(f"{library}, {name}: not measured, {times}")
        else:
            cells = [ratio(times[frames] / raw[2][frames]) for frames in results.frames]
        cells += [f"{counted[frames]:.0f}" if counted else "-" for frames in results.frames]
        rows.append([library, name, *cells])
    return rows, reasons


def kernels_table(results, frames):
    first = results.compilers[0][1]
    rows, reasons = [["", *results.titles]], []
    for name, found in results.compilers:
        cells = []
        for base, times in zip(first, found):
            if not isinstance(times, dict):
                cells.append("-")
                reason = f"{name}: not measured, {times}"
                if times and reason not in reasons:
                    reasons.append(reason)
            else:
                cells.append(ratio(times[frames] / base[frames]) if isinstance(base, dict) else
                             f"{times[frames]:.0f} ns")
        rows.append([name, *cells])
    return rows, reasons


def aligned(rows, left):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) if i < left else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows)


def by_hand_rows(results):
    rows = [["a gain in C++, to the same in C", *(f"{frames}" for frames in results.frames)]]
    for kernel in results.kernels_by_hand if results.by_hand else ():
        rows.append([kernel.replace("_", " "), *(
            f"{results.by_hand[f'{kernel}/portspan', frames] / results.by_hand[f'{kernel}/C', frames]:.3f}"
            for frames in results.frames)])
    return rows


def header_line(results):
    lines, all_lines, needed, with_it, without = results.header
    return (f"#include <portspan/portspan.hpp>: {lines} lines of its own of {all_lines}, {with_it / without:.1f} times "
            f"as long to parse as portaudio.h and the {len(needed)} standard headers alone")


def text(results):
    table, reasons = ways_table(results)
    half = len(results.frames)
    parts = ["pass-through, stereo float32: time of a call to that of the raw C pointer, and instructions of a call\n"
             f"(valgrind), for blocks of {', '.join(map(str, results.frames))} frames",
             aligned([row[:2 + half] + ["  "] + row[2 + half:] for row in table], 2)]
    for frames in (SHOWN, KERNELS_SHOWN):
        rows, why = kernels_table(results, frames)
        reasons += [reason for reason in why if reason not in reasons]
        heads = [textwrap.wrap(title, 9) for title in rows[0]]
        deep = max(len(head) for head in heads)
        lines = [[([""] * (deep - len(head)) + head)[i] for head in heads] for i in range(deep)]
        parts += [f"kernels, blocks of {frames} frames: time of a call to that of {results.compilers[0][0]}",
                  aligned(lines + rows[1:], 1)]
    if results.by_hand:
        parts += ["instructions (valgrind) of portspan to code by hand", aligned(by_hand_rows(results), 1)]
    parts.append("\n".join([header_line(results), *reasons]))
    for what, found, wanted, reached, why in results.targets:
        parts.append(f"{'reached' if reached else 'MISSED '}  {what}: {found} ({wanted})" +
                     (f"\n         {why}" if why and not reached else ""))
    missed = sum(not target[3] for target in results.targets)
    parts.append(f"{len(results.targets) - missed} of {len(results.targets)} targets reached; " +
                 "; ".join(results.versions))
    return "\n\n".join(parts[:-len(results.targets) - 1]) + "\n\n" + "\n".join(parts[-len(results.targets) - 1:])


def write_csv(results, path):
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["kernel", "library", "callback", "frames", "nanoseconds", "ratio", "instructions"])
        raw = results.ways[0][2]
        for name, library, times, counted in results.ways:
            for frames in results.frames if isinstance(times, dict) else ():
                out.writerow(["pass-through", library, name, frames, f"{times[frames]:.2f}",
                              f"{times[frames] / raw[frames]:.3f}", f"{counted[frames]:.1f}" if counted else ""])
        first = results.compilers[0][1]
        for name, found in results.compilers:
            for title, base, times in zip(results.titles, first, found):
                for frames in results.frames if isinstance(times, dict) else ():
                    to_first = f"{times[frames] / base[frames]:.3f}" if isinstance(base, dict) else ""
                    out.writerow([title, name.partition(",")[0], name, frames, f"{times[frames]:.2f}", to_first, ""])
        for (key, frames), count in results.by_hand.items():
            kernel, who = key.split("/")
            by_hand = results.by_hand[f"{kernel}/C", frames]
            out.writerow([f"gain, {kernel.replace('_', ' ')}", "", who, frames, "", f"{count / by_hand:.3f}",
                          f"{count:.1f}"])


STYLE = """text{font:13px system-ui,sans-serif;fill:#57606a}.h{font-size:15px;font-weight:600}.s{font-size:11px}
.v{font-weight:600;fill:#24292f}.g{stroke:#8b949e;stroke-opacity:.35}
@media(prefers-color-scheme:dark){text{fill:#9da7b3}.v,.h{fill:#e6edf3}}"""
WIDTH, LEFT, RIGHT, ROW = 760, 236, 64, 22
SHADES = ("", ' fill-opacity=".5"', ' fill-opacity=".35"', ' fill-opacity=".2"')


def svg(title, lines, bars, marks, legend, versions):
    """Horizontal bars on a logarithmic axis. bars: (label, value or None, colour, text), or (heading,).

    A tuple of ascending values is one bar in shades, the palest up to the last of them."""
    top = 40 + 16 * len(lines)
    foot = textwrap.wrap("; ".join(versions), 118)
    bottom = top + ROW * len(bars)
    height = bottom + 50 + 14 * len(foot)
    least, most = marks[0], marks[-1]

    def x(value):
        share = math.log(max(value, least) / least) / math.log(most / least)
        return LEFT + (WIDTH - LEFT - RIGHT) * min(share, 1.0)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
           f'aria-label="{html.escape(title)}"><style>{STYLE}</style>',
           f'<text class="h" x="8" y="22">{html.escape(title)}</text>']
    out += [f'<text x="8" y="{40 + 16 * i}">{html.escape(line)}</text>' for i, line in enumerate(lines)]
    for mark in marks:
        out.append(f'<path class="g" d="M{x(mark):.1f} {top - 4}V{bottom + 2}"/><text class="s" text-anchor="middle" '
                   f'x="{x(mark):.1f}" y="{bottom + 16}">{mark:g}</text>')
    for i, bar in enumerate(bars):
        y = top + ROW * i
        if len(bar) == 1:
            out.append(f'<text class="v" x="8" y="{y + 16}">{html.escape(bar[0])}</text>')
            continue
        label, value, colour, words = bar
        out.append(f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{html.escape(label)}</text>')
        if value is None:
            out.append(f'<text class="s" x="{LEFT + 4}" y="{y + 15}">{html.escape(words)}</text>')
            continue
        # From the least mark: below 1 is cheaper than what it is compared with.
        values = value if isinstance(value, tuple) else (value,)
        for shade in reversed(range(len(values))):
            out.append(f'<rect x="{LEFT}" y="{y + 3}" width="{max(x(values[shade]) - LEFT, 2):.1f}" '
                       f'height="{ROW - 6}" rx="2" fill="{colour}"{SHADES[shade]}/>')
        out.append(f'<text class="v" x="{x(values[-1]) + 5:.1f}" y="{y + 15}">{html.escape(words)}</text>')
    at = 8
    for name, colour in legend:
        out.append(f'<rect x="{at}" y="{bottom + 24}" width="11" height="11" rx="2" fill="{colour}"/>'
                   f'<text class="s" x="{at + 16}" y="{bottom + 34}">{html.escape(name)}</text>')
        at += 34 + 7 * len(name)
    out += [f'<text class="s" x="8" y="{bottom + 52 + 14 * i}">{html.escape(line)}</text>'
            for i, line in enumerate(foot)]
    return "\n".join(out) + "\n</svg>\n"


def ways_plot(results):
    raw = results.ways[0][2]
    bars = []
    for name, library, times, _ in results.ways:
        if isinstance(times, dict):
            value = times[SHOWN] / raw[SHOWN]
            bars.append((name, value, COLOURS[library], ratio(value)))
        else:
            bars.append((name, None, "", "not measured: " + times[:60]))
    return svg("What a call of a callback costs, to a raw C pointer",
               [f"Pass-through of {SHOWN} frames, stereo float32, on one PortAudio; median ratios, logarithmic"],
               bars, (0.5, 1, 10, 100, 1000), list(COLOURS.items()), results.versions)


def kernels_plot(results):
    first = results.compilers[0][1]
    bars = []
    for i, title in enumerate(results.titles[:PLOTTED_KERNELS]):
        bars.append((title,))
        for name, found in results.compilers:
            if isinstance(found[i], dict) and isinstance(first[i], dict):
                value = found[i][KERNELS_SHOWN] / first[i][KERNELS_SHOWN]
                colour = next((c for library, c in COLOURS.items() if name.startswith(library)), COLOURS["PortAudio"])
                bars.append((name, value, colour, ratio(value)))
    used = [("a raw C pointer", COLOURS["PortAudio"]), *((name, COLOURS[name]) for name in ("portspan", "sounddevice"))]
    return svg(f"Kernels: time of a call to {results.compilers[0][0]}",
               [f"Blocks of {KERNELS_SHOWN} frames, stereo float32, on one PortAudio; median ratios, logarithmic"],
               bars, (0.01, 0.1, 1, 10, 100, 1000), used, results.versions)


def html_table(rows, left, caption):
    def row(cells, tag):
        return "<tr>" + "".join(f'<{tag}{"" if i < left else " class=n"}>{html.escape(cell)}</{tag}>'
                                for i, cell in enumerate(cells)) + "</tr>"
    return (f"<table><caption>{html.escape(caption)}</caption><thead>{row(rows[0], 'th')}</thead><tbody>" +
            "\n".join(row(cells, "td") for cells in rows[1:]) + "</tbody></table>")


PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>portspan: benchmark</title>
<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;
padding:0 1rem}table{border-collapse:collapse;margin:1.5rem 0;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{padding:.15rem .6rem;border-bottom:1px solid #8b949e55;text-align:left}.n{text-align:right}
svg{max-width:100%;height:auto}div{overflow-x:auto}</style>
"""


def page(results):
    ways, reasons = ways_table(results)
    half = len(results.frames)
    ways[0] = ["library", "callback", *ways[0][2:]]
    absolute = [["library", "callback", *(str(frames) for frames in results.frames)]] + [
        [library, name, *(f"{times[frames]:.1f}" for frames in results.frames)]
        for name, library, times, _ in results.ways if isinstance(times, dict)]
    parts = [PAGE, "<h1>What a callback costs</h1>",
             "<p>Each way to a stream through its own library and its own C calls, all on one PortAudio: portspan's "
             "mock as a drop-in libportaudio.so.2, which calls a callback back to back. Medians of the ratios "
             "in interleaved rounds. The ratios are what is claimed; nanoseconds are this machine's.</p>",
             f"<p>{html.escape('; '.join(results.versions))}</p>", ways_plot(results),
             html_table([row[:2 + half] for row in ways], 2, "Time of a call to the raw C pointer's, by frames"),
             html_table([row[:2] + row[2 + half:] for row in ways], 2, "Instructions of a call, by frames"),
             html_table(absolute, 2, "Nanoseconds of a call on this machine, by frames")]
    if results.by_hand:
        parts.append(html_table(by_hand_rows(results), 1, "Instructions of portspan to code by hand, by frames"))
    parts += ["<h1>Kernels</h1>", kernels_plot(results)]
    for frames in results.frames:
        rows, why = kernels_table(results, frames)
        reasons += [reason for reason in why if reason not in reasons]
        parts.append("<div>" + html_table(rows, 1, f"Blocks of {frames} frames: time of a call to "
                                          f"{results.compilers[0][0]}") + "</div>")
    parts += ["<h1>Targets</h1>", html_table(
        [["target", "found", "wanted", ""]] + [[what, found, wanted, "reached" if reached else f"missed: {why}"]
                                               for what, found, wanted, reached, why in results.targets], 4, "")]
    parts += [f"<p>{html.escape(line)}</p>" for line in (header_line(results), *reasons)]
    return "\n".join(parts) + "</html>\n"


def write(results, folder):
    write_csv(results, os.path.join(folder, "bench.csv"))
    for name, content in (("callback_cost.svg", ways_plot(results)), ("kernels.svg", kernels_plot(results)),
                          ("report.html", page(results))):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(content)
