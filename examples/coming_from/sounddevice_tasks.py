# SPDX-License-Identifier: MIT
"""Ten tasks with python-sounddevice."""
import threading

import cffi
import numpy
import sounddevice


def list_devices():
    print(sounddevice.query_devices())


def find_output(name):
    return sounddevice.query_devices(name, "output")


def play_array(audio):
    sounddevice.play(audio, 48000, blocking=True)


def record_array(frames):
    return sounddevice.rec(frames, 48000, channels=1, blocking=True)


def pan(milliseconds):
    def callback(indata, outdata, frames, time, status):
        outdata[:] = indata * [0.25, 0.75]

    with sounddevice.Stream(channels=(1, 2), callback=callback):
        sounddevice.sleep(milliseconds)


def halve(milliseconds):
    def callback(indata, outdata, frames, time, status):
        outdata[:] = indata
        outdata *= 0.5

    with sounddevice.Stream(channels=2, callback=callback):
        sounddevice.sleep(milliseconds)


def run_c_callback(milliseconds):
    ffi = cffi.FFI()
    ffi.cdef("struct gain { float factor; unsigned long channels; };"
             "int gain_callback(void *, void *, unsigned long, void *, unsigned long, void *);")
    library = ffi.dlopen("./libgain.so")
    gain = ffi.new("struct gain *", {"factor": 0.5, "channels": 2})
    callback = sounddevice._ffi.cast("PaStreamCallback *", library.gain_callback)
    with sounddevice._StreamBase("duplex", channels=2, dtype="float32", callback=callback,
                                 userdata=gain):
        sounddevice.sleep(milliseconds)


def echo(blocks):
    with sounddevice.Stream(channels=1) as stream:
        for _ in range(blocks):
            block, overflowed = stream.read(480)
            stream.write(block)


def beep(frames):
    tone = numpy.where(numpy.arange(frames, 0, -1) // 50 % 2, -0.1, 0.1)
    done = 0

    def callback(outdata, frames, time, status):
        nonlocal done
        part = tone[done:done + frames]
        done += frames
        outdata[:len(part), 0] = part
        outdata[len(part):] = 0
        if done >= len(tone):
            raise sounddevice.CallbackStop

    finished = threading.Event()
    with sounddevice.OutputStream(48000, channels=1, callback=callback,
                                  finished_callback=finished.set):
        finished.wait(10)


def watch(milliseconds):
    xruns = 0

    def callback(indata, outdata, frames, time, status):
        nonlocal xruns
        xruns += status.input_overflow or status.output_underflow
        outdata[:] = 0.5 * indata

    try:
        with sounddevice.Stream(channels=2, callback=callback):
            sounddevice.sleep(milliseconds)
        print("xruns:", xruns)
    except sounddevice.PortAudioError as error:
        print(error)
