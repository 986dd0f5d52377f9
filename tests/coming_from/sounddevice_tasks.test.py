# SPDX-License-Identifier: MIT
"""The ten tasks of sounddevice_tasks.py on the mock as libportaudio: half of full scale goes in.

sounddevice_tasks.test.py FOLDER    of sounddevice_tasks.py; beside libgain.so
"""
import contextlib
import io
import os
import pathlib
import sys
import tempfile
import wave

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
with wave.open(str(folder / "in.wav"), "wb") as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(48000)
    file.writeframes((0x4000).to_bytes(2, "little") * 48000 * 10)
os.environ["PORTSPAN_MOCK_INPUT"] = str(folder / "in.wav")
os.environ["PORTSPAN_MOCK_OUTPUT"] = str(folder / "out.wav")

import numpy
import sounddevice_tasks as tasks


def played(stream):
    data = (folder / (f"out-{stream}.wav" if stream else "out.wav")).read_bytes()
    return numpy.frombuffer(data[data.index(b"data") + 8:], "<f4")


def said(task, *arguments):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        task(*arguments)
    return text.getvalue()


assert "Mock device, Mock (2 in, 2 out)" in said(tasks.list_devices)
assert tasks.find_output("mock")["index"] == 0
array = numpy.linspace(0.1, 0.9, 3000, dtype="float32")
tasks.play_array(array)
assert numpy.array_equal(played(0)[:3000], array)
assert numpy.array_equal(tasks.record_array(1000), numpy.full((1000, 1), 0.5, "float32"))
tasks.pan(50)
left, right = played(1)[0::2], played(1)[1::2]
assert len(left) and (left == 0.125).all() and (right == 0.375).all()
tasks.halve(50)
assert len(played(2)) and (played(2) == 0.25).all()
tasks.run_c_callback(50)
assert len(played(3)) and (played(3) == 0.25).all()
tasks.echo(5)
assert (played(4) == 0.5).sum() == 5 * 480
tasks.beep(1000)
assert (played(5) != 0).sum() == 1000
assert said(tasks.watch, 50) == "xruns: 0\n"
