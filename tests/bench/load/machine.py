# SPDX-License-Identifier: MIT
"""The machine that was measured on: what it has, and in which versions."""
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess


def lacking(*programs):
    return ", ".join(program for program in programs if not shutil.which(program))


def may_run_in_real_time():
    """Whether this user may have SCHED_FIFO at jackd's priority."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    except PermissionError:
        return False
    os.sched_setscheduler(0, *before)
    return True


def cpu_times():
    """Of all cores together, since the machine has started: user, nice, system, idle, iowait, irq, softirq, steal."""
    with open("/proc/stat", encoding="utf-8") as file:
        return [int(word) for word in file.readline().split()[1:9]]


def stolen(before):
    """What a hypervisor has given to others since then; no scheduling of this machine's helps against it."""
    passed = [now - then for now, then in zip(cpu_times(), before)]
    return f"{100 * passed[7] / max(sum(passed), 1):.1f} % of the CPU time stolen"


def versions(measured):
    """As words, with what the streams of `measured` said of themselves."""
    parts = [part for parts in measured if isinstance(parts, list) for part in parts]
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        name = re.search(r"^model name\s*: (.*)", file.read(), re.MULTILINE)
    jackd = subprocess.run(["jackd", "--version"], capture_output=True, text=True).stdout
    found = ["callbacks' threads: " + " and ".join(sorted({part.scheduling for part in parts})),
             f"{name.group(1).strip() if name else platform.machine()}, {os.cpu_count()} cores",
             f"Linux {platform.release().split('-')[0]}",
             *sorted({part.portaudio.partition(",")[0] for part in parts}),
             *re.findall(r"^jackdmp (?:version )?[\d.]+", jackd, re.MULTILINE), f"Python {platform.python_version()}"]
    for module in "sounddevice", "numpy":
        try:
            found.append(f"{module} {importlib.metadata.version(module)}")
        except importlib.metadata.PackageNotFoundError:
            pass
    return found
