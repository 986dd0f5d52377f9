# SPDX-License-Identifier: MIT
"""A gain on the default devices for some seconds, with a main thread that sleeps or computes meanwhile.

usage: python_callbacks.py sounddevice|address SECONDS idle|busy
sounddevice: its Stream and NumPy; address: libgain.so's function, played by examples/in_process in this process.
"""
import ctypes
import ctypes.util
import os
import sys
import time


def wait(seconds, busy):
    end = time.monotonic() + seconds
    if not busy:
        time.sleep(seconds)
    while time.monotonic() < end:
        sum(range(100))


def with_sounddevice(seconds, busy):
    # cffi asks a library by name for its functions, and sees none that was only preloaded.
    ctypes.util.find_library = lambda name: os.environ["PORTSPAN_LOAD_PORTAUDIO"]
    import numpy as np
    import sounddevice

    def gain(indata, outdata, frames, times, status):
        np.multiply(indata, np.float32(0.5), out=outdata)

    with sounddevice.Stream(callback=gain, samplerate=48000, channels=2, dtype="float32"):
        wait(seconds, busy)


def by_address(seconds, busy):
    from player import Player
    volume = ctypes.c_float(0.5)
    library = ctypes.CDLL(os.environ["PORTSPAN_LOAD_GAIN"])
    player = Player(ctypes.cast(library.gain, ctypes.c_void_p).value, ctypes.addressof(volume), library, volume)
    player.start()
    wait(seconds, busy)
    player.close()


if __name__ == "__main__":
    kind, seconds, main_thread = sys.argv[1:]
    run = with_sounddevice if kind == "sounddevice" else by_address
    run(float(seconds), main_thread == "busy")
