# SPDX-License-Identifier: MIT
"""What observed.cpp wrote down of a stream, and what it comes to."""
import math
from dataclasses import dataclass

PERCENTS = (50, 99, 99.9, 100)


@dataclass
class Calls:
    portaudio: str
    scheduling: str  # of the thread that called
    seconds: float
    each: list  # (began, ended, frames, flags) in nanoseconds


def read(path, frames, warm_up, seconds):
    """The calls of so many seconds, from so long after the first one. Each of them has to be a whole block."""
    with open(path, encoding="utf-8") as file:
        portaudio = file.readline().strip()
        policy, priority = file.readline().split()
        each = [tuple(map(int, line.split())) for line in file]
    sizes = {call[2] for call in each}
    if sizes != {frames}:
        raise RuntimeError(f"blocks of {sizes or 'no'} frames, on a server of {frames}")
    begin = each[0][0] + warm_up * 1e9
    kept = [call for call in each if begin <= call[0] < begin + seconds * 1e9]
    names = {"0": "SCHED_OTHER", "1": f"SCHED_FIFO, priority {priority}", "2": f"SCHED_RR, priority {priority}"}
    return Calls(portaudio, names.get(policy, f"policy {policy}"), seconds, kept)


def late(each, period):
    """How many ended later than a period after they were due.

    A call is due a period after the one before it was due, or when it began if that is earlier: what the host is late
    by in calling is the callback's loss. After an xrun and after a late call the host's clock has begun anew, and a
    call is due when it begins.
    """
    count, due = 0, None
    for began, ended, _, flags in each:
        due = began if due is None or flags else min(began, due + period)
        if ended > due + period:
            count, due = count + 1, None
    return count


def skipped(each, seconds, period):
    """How many periods had no call, between the first call and the last; in all of the time where there is one."""
    if len(each) < 2:
        return round(seconds * 1e9 / period) - len(each)
    return max(round((each[-1][0] - each[0][0]) / period) + 1 - len(each), 0)


def percentiles(values):
    """At PERCENTS; without end of a callback that was not called."""
    values = sorted(values) or [math.inf]
    return [values[min(int(len(values) * percent / 100), len(values) - 1)] for percent in PERCENTS]


class Summary:
    """Of the parts that a callback was measured in. Times in microseconds, at PERCENTS."""

    def __init__(self, parts, period):
        self.count = sum(len(part.each) for part in parts)
        self.due = round(sum(part.seconds for part in parts) * 1e9 / period)
        self.flagged = sum(bool(call[3]) for part in parts for call in part.each)
        self.late = sum(late(part.each, period) for part in parts)
        self.missed = self.late + sum(skipped(part.each, part.seconds, period) for part in parts)
        self.jitter = percentiles(abs(after[0] - before[0] - period) / 1000 for part in parts
                                  for before, after in zip(part.each, part.each[1:]))
        self.duration = percentiles((call[1] - call[0]) / 1000 for part in parts for call in part.each)
