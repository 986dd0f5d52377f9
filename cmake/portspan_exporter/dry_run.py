# SPDX-License-Identifier: MIT
"""Runs a callback on blocks of several sizes and prints how much memory each took of an arena: "<frames> <bytes>".

A process of its own, with the job as JSON on its standard input: a callback may crash, or never return.
"""
import ctypes
import json
import mmap
import os
import struct
import sys

import llvmlite.binding as llvm

HEADER = ALIGNMENT = 64
WORD = ctypes.c_size_t
ADDRESS = ctypes.c_void_p


class Arena:
    """What portspan_numba_runtime.cpp does with its memory, but for the room that there is."""

    def __init__(self, size):
        self.memory = mmap.mmap(-1, size)
        self.start = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        self.size = size
        self.reset()

    def reset(self):
        self.used = self.peak = 0
        # [offset, size, released] of each allocation, the newest at the end.
        self.blocks = []

    def allocate(self, size):
        if size + HEADER > self.size - self.used:
            print(f"more than {self.size}", flush=True)
            os._exit(0)
        at = self.used
        self.blocks.append([at, size, False])
        self.used = min(self.size, at + HEADER + -(-size // ALIGNMENT) * ALIGNMENT)
        self.peak = max(self.peak, self.used)
        return self.start + at + HEADER

    def free(self, address):
        for block in reversed(self.blocks):
            if address and block[0] == address - self.start - HEADER:
                block[2] = True
                break
        while self.blocks and self.blocks[-1][2]:
            self.used = self.blocks.pop()[0]

    def reallocate(self, address, size):
        if not address:
            return self.allocate(size)
        block = next(b for b in self.blocks if b[0] == address - self.start - HEADER)
        if size <= block[1]:
            return address
        if block is self.blocks[-1]:
            self.used = self.blocks.pop()[0]
            return self.allocate(size)
        moved = self.allocate(size)
        ctypes.memmove(moved, address, block[1])
        self.free(address)
        return moved

    # Numba's MemInfo: references, destructor, its argument, data, size, allocator.

    def info(self, extra, destructor=0):
        info = self.allocate(ALIGNMENT + extra)
        ctypes.memmove(info, struct.pack("6N", 1, destructor or 0, 0, info + ALIGNMENT, extra, 0), 6 * 8)
        return info

    def word(self, info, number):
        return WORD.from_address(info + number * ctypes.sizeof(WORD))

    def varsize(self, size, destructor=0):
        info = self.info(0, destructor)
        self.varsize_alloc(info, size)
        return info

    def varsize_alloc(self, info, size):
        self.word(info, 3).value = self.allocate(size)
        self.word(info, 4).value = size
        return self.word(info, 3).value

    def varsize_realloc(self, info, size):
        self.word(info, 3).value = self.reallocate(self.word(info, 3).value, size)
        self.word(info, 4).value = size
        return self.word(info, 3).value

    def varsize_free(self, info, memory):
        self.free(memory)
        if self.word(info, 3).value == memory:
            self.word(info, 3).value = 0

    def call_dtor(self, info):
        destructor, data, size = (self.word(info, number).value for number in (1, 3, 4))
        if destructor:
            ctypes.CFUNCTYPE(None, ADDRESS, WORD, ADDRESS)(destructor)(data, size, None)
        if data and data != info + ALIGNMENT:
            self.free(data)
        self.free(info)

    def serve(self):
        """Takes the place of Numba's own functions in this process."""
        def two(function):
            return lambda first, _: function(first)

        functions = {
            "NRT_Allocate": (self.allocate, ADDRESS, WORD), "NRT_Free": (self.free, None, ADDRESS),
            "NRT_Reallocate": (self.reallocate, ADDRESS, ADDRESS, WORD),
            "NRT_MemInfo_alloc": (self.info, ADDRESS, WORD), "NRT_MemInfo_alloc_safe": (self.info, ADDRESS, WORD),
            "NRT_MemInfo_alloc_aligned": (two(self.info), ADDRESS, WORD, ctypes.c_uint),
            "NRT_MemInfo_alloc_safe_aligned": (two(self.info), ADDRESS, WORD, ctypes.c_uint),
            "NRT_MemInfo_alloc_dtor": (self.info, ADDRESS, WORD, ADDRESS),
            "NRT_MemInfo_alloc_dtor_safe": (self.info, ADDRESS, WORD, ADDRESS),
            "NRT_MemInfo_new_varsize": (self.varsize, ADDRESS, WORD),
            "NRT_MemInfo_new_varsize_dtor": (self.varsize, ADDRESS, WORD, ADDRESS),
            "NRT_MemInfo_varsize_alloc": (self.varsize_alloc, ADDRESS, ADDRESS, WORD),
            "NRT_MemInfo_varsize_realloc": (self.varsize_realloc, ADDRESS, ADDRESS, WORD),
            "NRT_MemInfo_varsize_free": (self.varsize_free, None, ADDRESS, ADDRESS),
            "NRT_MemInfo_call_dtor": (self.call_dtor, None, ADDRESS),
        }
        self.kept = []
        for name, (function, *types) in functions.items():
            self.kept.append(ctypes.CFUNCTYPE(*types)(function))
            llvm.add_symbol(name, ctypes.cast(self.kept[-1], ADDRESS).value)


def ignore_places():
    """The code tells its runtime where a call has failed."""
    ignore = ctypes.CFUNCTYPE(None, ctypes.c_int)(lambda place: None)
    llvm.add_symbol("portspan_raised_at", ctypes.cast(ignore, ADDRESS).value)
    return ignore


def samples(frames, channels, planar):
    """A buffer with room for any sample type and many channels, or as many buffers; and what keeps them."""
    def noise(count):
        words = (ctypes.c_float * count)(*[(at * 7919 % 2003 - 1001) / 1001 for at in range(min(count, 4096))])
        return words

    if not planar:
        kept = noise(2 * frames * channels)
        return ctypes.addressof(kept), kept
    planes = [noise(2 * frames) for _ in range(channels)]
    kept = (ADDRESS * channels)(*map(ctypes.addressof, planes))
    return ctypes.addressof(kept), (kept, planes)


def run(job):
    # Brings the functions that compiled code calls: of exceptions, of some mathematics.
    import numba.core.registry
    numba.core.registry.cpu_target.target_context  # noqa: B018
    arena = Arena(job["most"])
    arena.serve()
    ignored = ignore_places()
    module = llvm.parse_assembly(job["code"])
    # Addresses of this process are further apart than a shared library's.
    machine = llvm.Target.from_triple(module.triple).create_target_machine(opt=1, codemodel="jitdefault")
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    call = ctypes.CFUNCTYPE(ctypes.c_int, ADDRESS, ADDRESS, ctypes.c_ulong, ADDRESS, ctypes.c_ulong, ADDRESS)(
        engine.get_function_address(job["name"]))
    time = (ctypes.c_double * 3)()
    state = (ctypes.c_double * job["state"])()
    initial = bytes.fromhex(job["initial"])
    for frames in job["frames"]:
        arena.reset()
        ctypes.memmove(state, initial, len(initial))
        (source, kept), (target, also_kept) = (samples(frames, job["channels"], planar)
                                                   for planar in job["planar"])
        call(source, target, frames, ctypes.addressof(time), 0, ctypes.addressof(state))
        print(frames, arena.peak, flush=True)
        del kept, also_kept
    del ignored


if __name__ == "__main__":
    run(json.load(sys.stdin))
