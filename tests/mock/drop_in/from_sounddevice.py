# SPDX-License-Identifier: MIT
"""PortAudio through python-sounddevice: with a callback, then with reads and writes."""
import threading

import sounddevice

BLOCK, BYTES_PER_FRAME = 256, 8
ended = threading.Event()
calls = 0


def copy(recorded, played, frames, times, status):
    global calls
    calls += 1
    played[:] = recorded
    if calls == 4:
        raise sounddevice.CallbackStop


assert sounddevice.query_devices(0)["name"] == "Mock device"
settings = dict(samplerate=48000, channels=2, dtype="float32", blocksize=BLOCK)
with sounddevice.RawStream(callback=copy, finished_callback=ended.set, **settings):
    assert ended.wait(30)
with sounddevice.RawStream(**settings) as stream:
    for _ in range(4):
        recorded, overflowed = stream.read(BLOCK)
        assert not overflowed and len(recorded) == BLOCK * BYTES_PER_FRAME
        assert not stream.write(recorded)
