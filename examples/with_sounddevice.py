# SPDX-License-Identifier: MIT
"""A callback that Numba compiled into a library, in python-sounddevice: ten seconds of the microphone.

python3 with_sounddevice.py    beside libquieter.so (python3 -m pip install sounddevice)
"""
import cffi
import sounddevice

ffi = cffi.FFI()
ffi.cdef("int quieter(void *, void *, unsigned long, void *, unsigned long, void *);")
library = ffi.dlopen("./libquieter.so")  # loaded as long as this variable is there
callback = sounddevice._ffi.cast("PaStreamCallback *", library.quieter)
with sounddevice._StreamBase("duplex", channels=2, dtype="float32", callback=callback):
    sounddevice.sleep(10_000)
