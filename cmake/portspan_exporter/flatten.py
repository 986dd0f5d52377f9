# SPDX-License-Identifier: MIT
"""A loop over frames with one over channels inside becomes one loop over samples, which LLVM vectorises like any other.

    for frame in range(frames):                     for frame in range(1 if flat else frames):
        for channel in range(channels):                 for channel in range(frames * channels if flat else channels):
            y[frame, channel] = ...                         y[frame, channel] = ...

where `flat` is whether a frame has `channels` samples in memory, so that the first frame goes on into the others. LLVM
has seen to the form of such loops before: counters from 0 by 1, and one comparison at the end of each.
"""
import re

from .llvm_text import NAME, blocks_of, in_each_function, text_of, uses

POINTER = r"getelementptr (?:inbounds )?(?:nusw )?(?:nuw )?"


def flatten(text):
    return in_each_function(text, flatten_function)


def flatten_function(function):
    first, blocks = blocks_of(function)
    number = 0
    for block in blocks:
        nest = find_nest(block, blocks)
        if not nest:
            continue
        before, frames, channels, factor = nest
        new = f"%portspan.{number}."
        before.lines[-1:] = [
            # It does not wrap: no machine has memory for 2^63 samples, nor time for as many rounds.
            f"  {new}samples = mul i64 {frames.rounds}, {channels.rounds}",
            f"  {new}flat = icmp eq i64 {channels.rounds}, {factor}",
            f"  {new}outer = select i1 {new}flat, i64 1, i64 {frames.rounds}",
            f"  {new}inner = select i1 {new}flat, i64 {new}samples, i64 {channels.rounds}", before.lines[-1]]
        frames.run(f"{new}outer")
        channels.run(f"{new}inner")
        number += 1
    return text_of(first, blocks) if number else function


class Loop:
    """A loop that counts from 0 by 1: its first and its last block, its counter, and the number of its rounds."""

    def __init__(self, first, blocks):
        self.first, self.found = first, False
        labels = {block.label: block for block in blocks}
        phis = [line for line in first.lines if " = phi " in line]
        match = len(phis) == 1 and re.match(
            rf"  ({NAME}) = phi i64 \[ (\S+), ({NAME}) \], \[ (\S+), ({NAME}) \]$", phis[0])
        if not match:
            return
        self.counter, *incoming = match.groups()
        (start, before), (self.next, last) = sorted([incoming[:2], incoming[2:]], key=lambda pair: pair[0] != "0")
        if start != "0" or before not in labels or last not in labels:
            return
        self.before, self.last = labels[before], labels[last]
        match = re.match(rf"  br i1 ({NAME}), label ({NAME}), label ({NAME})(, .*)?$", self.last.lines[-1])
        if not match or match.group(3) != first.label:
            return
        self.after = labels.get(match.group(2))
        self.end = next((line for line in self.last.lines if line.startswith(f"  {match.group(1)} = ")), "")
        match = re.match(r"  \S+ = icmp eq i64 (\S+), (\S+)$", self.end)
        if not match or self.next not in match.groups():
            return
        self.rounds = match.group(2) if match.group(1) == self.next else match.group(1)
        everything = [line for block in blocks for line in block.lines]
        self.found = (len([line for line in everything if self.counts(line)]) == 1
                      and uses(self.end.split()[0], everything) == [self.last.lines[-1]]
                      and all(line in (phis[0], self.end) for line in uses(self.next, everything)))

    def counts(self, line):
        return re.match(rf"  {re.escape(self.next)} = add (nuw )?(nsw )?i64 {re.escape(self.counter)}, 1$", line)

    def run(self, rounds):
        """Changes the number of its rounds."""
        at = self.last.lines.index(self.end)
        self.last.lines[at] = f"{self.end.split(' = ')[0]} = icmp eq i64 {self.next}, {rounds}"


def find_nest(first, blocks):
    """(block before it, outer loop, inner loop, samples of a frame) where `first` begins a loop that does nothing but
    run another, whose rounds depend on the two counters only by outer counter * samples of a frame + inner counter."""
    go = re.match(rf"  br label ({NAME})$", first.lines[-1])
    inside = next((block for block in blocks if go and block.label == go.group(1)), first)
    frames, channels = Loop(first, blocks), Loop(inside, blocks)
    if inside is first or not frames.found or not channels.found or not (
            channels.before is first and channels.after is frames.last and frames.before.lines[-1].startswith("  br ")):
        return None
    body = body_of(channels, blocks)
    if body is None or first in body or frames.last in body:
        return None
    if any(line not in (frames.end, frames.last.lines[-1]) and not frames.counts(line) for line in frames.last.lines):
        return None
    starts, factor = starts_of_frames(frames)
    around = first.lines + frames.last.lines + [line for block in body for line in block.lines]
    if factor is None or factor.isdigit() and channels.rounds.isdigit() and factor != channels.rounds or any(
            line.startswith(f"  {value} = ") for value in (frames.rounds, channels.rounds, factor) for line in around):
        return None
    # Where a sample is: start of the frame + channel, as a number or behind a pointer to the start.
    counter = re.escape(channels.counter)
    samples = [rf"(?:add|or) (?:disjoint )?(?:nuw )?(?:nsw )?i64 (?:{counter}, {start}|{start}, {counter})$"
               if kind is None else rf"{POINTER}{kind}, \S+ {start}, i64 {counter}$"
               for start, kind in ((re.escape(name), kind) for name, (kind, _) in starts.items())]
    is_sample = re.compile(rf"  {NAME} = (?:{'|'.join(samples)})")
    is_start = {line for _, line in starts.values()}
    everything = [line for block in blocks for line in block.lines]
    if all(frames.counts(line) or line in is_start for line in uses(frames.counter, everything)) and all(
            channels.counts(line) or is_sample.match(line) for line in uses(channels.counter, everything)) and all(
            line in is_start or is_sample.match(line) for name in starts for line in uses(name, everything)):
        return frames.before, frames, channels, factor
    return None


def starts_of_frames(frames):
    """The values by which a loop over frames tells where one begins, {name: (type pointed at or None, line)}, and the
    distance of the frames. Neither where its first block does anything else."""
    starts, factor = {}, None
    for line in frames.first.lines[:-1]:
        if " = phi " in line or frames.counts(line):
            continue
        product = re.match(rf"  ({NAME}) = (shl|mul) (?:nuw )?(?:nsw )?i64 {re.escape(frames.counter)}, (\S+)$", line)
        pointer = re.match(rf"  ({NAME}) = {POINTER}(\w+), \S+ {NAME}, i64 ({NAME})$", line)
        if product:
            name, operation, by = product.groups()
            by = str(1 << int(by)) if operation == "shl" and by.isdigit() else by if operation == "mul" else None
            if by is None or factor not in (None, by):
                return {}, None
            starts[name], factor = (None, line), by
        elif pointer and pointer.group(3) in starts:
            starts[pointer.group(1)] = (pointer.group(2), line)
        else:
            return {}, None
    return starts, factor


def body_of(loop, blocks):
    """The blocks of a loop that is left only at its end, or None."""
    labels = {block.label: block for block in blocks}
    found, pending = [], [loop.first]
    while pending:
        block = pending.pop()
        if block in found:
            continue
        found.append(block)
        if block is not loop.last:
            targets = [labels.get(label) for label in block.targets()]
            if not targets or None in targets:
                return None
            pending += targets
    return found
