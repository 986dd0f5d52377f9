# SPDX-License-Identifier: MIT
"""python-sounddevice's callbacks: pass-through and the kernels in NumPy, and both as Numba cfuncs.

usage: sounddevice_callbacks.py    reads lines from stdin: FRAMES KIND [KERNEL]
Runs on the drop-in PortAudio, which says what each start has found.
"""
import sys

import numpy as np
import sounddevice

STATE = np.zeros(16384, np.float32)


def copy(indata, outdata, frames, time, status):
    outdata[:] = indata


def gain(indata, outdata, frames, time, status):
    np.multiply(indata, np.float32(0.5), out=outdata)


def soft_clip(indata, outdata, frames, time, status):
    np.multiply(indata, np.float32(0.5), out=outdata)
    np.tanh(outdata, out=outdata)


def rational(indata, outdata, frames, time, status):
    v = np.float32(4) * indata
    np.divide(v, 1 + np.abs(v), out=outdata)


class Fir:
    def __init__(self):
        self.taps = np.array([(k + 1) / 2080 for k in range(64)], np.float32)
        self.past = np.zeros((63, 2), np.float32)

    def __call__(self, indata, outdata, frames, time, status):
        x = np.concatenate((self.past, indata))
        for channel in range(2):
            outdata[:, channel] = np.convolve(x[:, channel], self.taps, "valid")
        self.past = x[-63:]


NUMPY = {"copy": copy, "gain": gain, "soft_clip": soft_clip, "rational": rational}


def stream(frames, kind, kernel):
    settings = dict(samplerate=48000, blocksize=frames, channels=2, dtype="float32")
    if kind == "raw":
        return sounddevice.RawStream(callback=copy, **settings)
    if kind == "numpy":
        return sounddevice.Stream(callback=Fir() if kernel == "fir" else NUMPY[kernel], **settings)
    import numba_kernels
    STATE[:] = 0
    # The only class of sounddevice's that takes a function pointer.
    return sounddevice._StreamBase(
        "duplex", callback=getattr(numba_kernels, kernel).address, wrap_callback=None,
        userdata=sounddevice._ffi.cast("void *", STATE.ctypes.data), **settings)


def main():
    for line in sys.stdin:
        frames, kind, *kernel = line.split()
        try:
            with stream(int(frames), kind, *(kernel or ["copy"])):
                pass
        except Exception as error:  # whatever it is: who asks waits for an answer
            print("failed:", " ".join(str(error).split()), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
