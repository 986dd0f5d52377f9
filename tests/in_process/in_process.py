# SPDX-License-Identifier: MIT
"""Addresses from Numba and cffi in a Python program: what is heard, and how long objects live."""
import ctypes
import gc
import os
import subprocess
import sys
import unittest
import weakref

import numpy as np
from numba import carray, cfunc, from_dtype, types

import cffi_api
import cffi_python_c
import player
import tremolo
from player import Player

library = player.library
library.script_pump.argtypes = [ctypes.c_size_t]
library.script_feed.argtypes = library.script_captured.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
library.script_captured.restype = library.script_open_streams.restype = ctypes.c_size_t
library.script_fail.argtypes = [ctypes.c_char_p, ctypes.c_int]

Counter = np.dtype([("calls", np.int32), ("aborts_at", np.int32)], align=True)


@cfunc(types.intc(types.voidptr, types.CPointer(types.float32), types.ulong, types.voidptr, types.ulong,
                  types.CPointer(from_dtype(Counter))))
def count(input, output, frames, time, status, state):
    y, s = carray(output, 2 * frames), carray(state, 1)[0]
    y[:] = 0.25
    s.calls += 1
    return 2 if s.calls == s.aborts_at else 0


class Kept:
    """What a test follows: the state, and a note of the moment when nothing has it any more."""

    def __init__(self, events, aborts_at=0):
        self.state = np.zeros(1, Counter)
        self.state["aborts_at"] = aborts_at
        self.events = events

    def __del__(self):
        self.events.append(("released", library.script_open_streams(), int(self.state["calls"][0])))


def captured():
    samples = np.zeros(1 << 16, np.float32)
    return samples[:library.script_captured(samples.ctypes.data, len(samples))]


def feed(samples):
    library.script_feed(samples.ctypes.data, len(samples))


class Streams(unittest.TestCase):
    def setUp(self):
        library.script_begin()
        self.events = []

    def tearDown(self):
        self.assertEqual(library.script_open_streams(), 0)
        self.assertEqual(library.script_initialized(), 0)
        self.assertEqual(player.kept, {})
        library.script_end()

    def play(self, **settings):
        kept = Kept(self.events, **settings)
        return Player(count.address, kept.state.ctypes.data, kept)

    # What is heard

    def test_a_cfunc_of_numba_plays_by_its_address(self):
        sound = np.random.default_rng(1).uniform(-1, 1, 2000).astype(np.float32)
        feed(sound)
        state = np.zeros(1, tremolo.Tremolo)
        state["rate"] = 4800
        playing = Player(tremolo.tremolo.address, state.ctypes.data, state)
        playing.start()
        library.script_pump(1000)
        level = 0.5 + 0.5 * np.sin(2 * np.pi * np.arange(1000) / 10)
        np.testing.assert_allclose(captured(), sound * np.repeat(level, 2), atol=1e-4)
        playing.close()

    def test_a_function_of_a_cffi_module_plays_by_its_address(self):
        sound = np.arange(600, dtype=np.float32)
        feed(sound)
        ffi, lib = cffi_api.ffi, cffi_api.lib
        state = ffi.new("struct level *", {"level": 0.5})
        address = int(ffi.cast("intptr_t", ffi.addressof(lib, "level")))
        playing = Player(address, int(ffi.cast("intptr_t", state)), state)
        playing.start()
        library.script_pump(300)
        np.testing.assert_array_equal(captured(), sound / 2)
        self.assertGreater(state.calls, 0)
        playing.close()

    def test_a_python_function_of_a_cffi_module_plays_by_its_address(self):
        sound = np.arange(600, dtype=np.float32)
        feed(sound)
        ffi, lib = cffi_python_c.ffi, cffi_python_c.lib

        @ffi.def_extern(name="python_level", error=2)
        def half(input, output, frames, time, status, user_data):
            shape = 8 * frames
            y = np.frombuffer(ffi.buffer(output, shape), np.float32)
            y[:] = ffi.from_handle(user_data)["level"] * np.frombuffer(ffi.buffer(input, shape), np.float32)
            return 0

        state = ffi.new_handle({"level": 0.5})
        address = int(ffi.cast("intptr_t", ffi.addressof(lib, "python_level")))
        playing = Player(address, int(ffi.cast("intptr_t", state)), state)
        playing.start()
        library.script_pump(300)
        np.testing.assert_array_equal(captured(), sound / 2)
        playing.close()

    # How long objects live

    def test_what_a_stream_uses_lives_until_it_is_closed(self):
        library.script_call_while_closing()
        playing = self.play()
        gc.collect()
        playing.start()
        library.script_pump(256)
        self.assertEqual(self.events, [])
        playing.close()
        # Once more while it was closed, and only then released.
        self.assertEqual(self.events, [("released", 0, 2)])
        self.assertFalse(playing.active())
        with self.assertRaisesRegex(RuntimeError, "closed"):
            playing.start()
        playing.close()
        self.assertEqual(len(self.events), 1)

    def test_a_player_that_nobody_has_is_closed(self):
        playing = self.play()
        playing.start()
        del playing
        gc.collect()
        self.assertEqual(self.events, [("released", 0, 0)])

    def test_what_a_stream_that_does_not_open_would_have_used_is_released(self):
        library.script_fail(b"Pa_OpenStream", -9985)
        with self.assertRaisesRegex(RuntimeError, "Pa_OpenStream: Device unavailable"):
            self.play()
        self.assertEqual(self.events, [("released", 0, 0)])
        library.script_fail(b"Pa_Initialize", -9999)
        with self.assertRaisesRegex(RuntimeError, "Pa_Initialize"):
            self.play()
        self.assertEqual(len(self.events), 2)

    def test_an_address_of_0_is_refused_and_its_state_released(self):
        kept = Kept(self.events)
        with self.assertRaisesRegex(RuntimeError, "the callback is null"):
            Player(0, kept.state.ctypes.data, kept)
        del kept
        gc.collect()
        self.assertEqual(self.events, [("released", 0, 0)])

    def test_what_a_stream_uses_outlives_a_start_that_fails(self):
        playing = self.play()
        library.script_fail(b"Pa_StartStream", -9985)
        with self.assertRaisesRegex(RuntimeError, "Pa_StartStream"):
            playing.start()
        self.assertEqual(self.events, [])
        playing.start()
        library.script_pump(256)
        playing.close()
        self.assertEqual(self.events, [("released", 0, 1)])

    def test_what_an_aborted_stream_used_lives_until_it_is_closed(self):
        playing = self.play(aborts_at=2)
        playing.start()
        self.assertTrue(playing.active())
        library.script_pump(1024)
        self.assertFalse(playing.active())
        gc.collect()
        self.assertEqual(self.events, [])
        playing.close()
        self.assertEqual(self.events, [("released", 0, 2)])


class InterpreterExit(unittest.TestCase):
    """An interpreter that ends while its stream runs, on a thread of the mock's."""

    def run_until(self, end):
        program = f"""
import os, signal, sys, time
from in_process import Kept, Player, count, library
library.script_begin()
library.script_run()
class Told(Kept):
    def __del__(self):
        played = int(self.state["calls"][0]) > 1
        print("released", library.script_open_streams(), played, flush=True)
kept = Told([])
state = kept.state
playing = Player(count.address, kept.state.ctypes.data, kept)
del kept
playing.start()
while state["calls"][0] < 2: time.sleep(0.001)
print("ends", flush=True)
{end}
"""
        return subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True, timeout=100,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})

    def check(self, end, status, words=""):
        result = self.run_until(end)
        self.assertEqual((result.stdout, result.returncode), ("ends\nreleased 0 True\n", status), result.stderr)
        self.assertIn(words, result.stderr)
        if not words:
            self.assertEqual(result.stderr, "")

    def test_at_its_end(self):
        self.check("", 0)

    def test_by_sys_exit(self):
        self.check("sys.exit(3)", 3)

    def test_by_an_exception(self):
        self.check("raise ValueError('no more')", 1, "no more")

    def test_by_a_signal(self):
        self.check("signal.raise_signal(signal.SIGINT)", -2, "KeyboardInterrupt")

    def test_from_another_thread_that_goes_on(self):
        self.check("import threading; threading.Thread(target=time.sleep, args=[0.2]).start()", 0)


if __name__ == "__main__":
    unittest.main()
