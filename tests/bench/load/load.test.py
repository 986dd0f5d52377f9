# SPDX-License-Identifier: MIT
"""A second of load.py: every callback is measured at each block size, and what is said of it fits together.

usage: load.test.py CONFIGURATION FOLDER
"""
import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import calls

# Of a host with a period of 10: in time, after an early call, called late, slow, and after an xrun.
assert calls.late([(0, 1, 1, 0), (10, 11, 1, 0), (23, 24, 1, 0), (30, 39, 1, 0)], 10) == 0
assert calls.late([(0, 1, 1, 0), (7, 8, 1, 0), (20, 28, 1, 0)], 10) == 1
assert calls.late([(0, 1, 1, 0), (19, 21, 1, 0), (29, 30, 1, 0)], 10) == 1
assert calls.late([(0, 1, 1, 0), (10, 25, 1, 0), (45, 46, 1, 0), (55, 56, 1, 0)], 10) == 1
assert calls.late([(0, 1, 1, 0), (35, 36, 1, 6), (45, 46, 1, 0)], 10) == 0
assert calls.skipped([(0, 1, 1, 0), (10, 11, 1, 0), (21, 22, 1, 0)], 1, 10) == 0
assert calls.skipped([(0, 1, 1, 0), (30, 31, 1, 0), (39, 40, 1, 0)], 1, 10) == 2
assert calls.skipped([], 1e-9 * 50, 10) == 5
assert calls.percentiles(range(1, 1001)) == [501, 991, 1000, 1000]

if "PORTSPAN_LOAD_MISSING" in os.environ:
    sys.exit(print("skipped:", os.environ["PORTSPAN_LOAD_MISSING"]))
configuration, folder = sys.argv[1], Path(sys.argv[2])
command = [sys.executable, "-B", str(Path(__file__).with_name("load.py")), configuration, str(folder)]
done = subprocess.run([*command, "--seconds", "0.5", "--rounds", "1", "--frames", "64,256"], capture_output=True,
                      text=True)
print(done.stdout, done.stderr, sep="\n")
if "skipped: " in done.stderr:
    sys.exit(0)
assert done.returncode == 0

with open(folder / "load.csv", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
with open(configuration, encoding="utf-8") as file:
    has_player = not json.load(file)["missing"]
assert len({(row["frames"], row["callback"]) for row in rows}) == len(rows) == (12 if has_player else 10)
for row in rows:
    numbers = {key: float(value) for key, value in row.items() if key not in ("library", "callback")}
    # How often says the machine; without real-time scheduling not even a compiled one comes in time.
    assert 1 <= numbers["calls"] <= 1.2 * numbers["due"], row
    assert numbers["late"] <= numbers["calls"] and numbers["late"] <= numbers["missed"] <= numbers["due"], row
    for what in "jitter", "duration":
        found = [numbers[f"{what}_us_{share:g}"] for share in calls.PERCENTS]
        assert 0 <= found[0] <= found[1] <= found[2] <= found[3], row
plotted = ElementTree.parse(folder / "load.svg").getroot().itertext()
assert sum("main thread busy" in text for text in plotted) == (4 if has_player else 2)
assert ("portspan, by address" in (folder / "load.html").read_text(encoding="utf-8")) == has_player
