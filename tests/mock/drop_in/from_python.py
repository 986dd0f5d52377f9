# SPDX-License-Identifier: MIT
"""PortAudio from Python's standard library alone."""
import array
import ctypes

FLOAT32, COMPLETE, CONTINUE = 1, 1, 0
BLOCK = 256
portaudio = ctypes.CDLL("libportaudio.so.2")
portaudio.Pa_GetVersionText.restype = ctypes.c_char_p
assert b"mock" in portaudio.Pa_GetVersionText(), portaudio.Pa_GetVersionText()

heard = array.array("f")
Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_float), ctypes.POINTER(ctypes.c_float),
    ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p)


@Callback
def negate(recorded, played, frames, times, flags, user_data):
    heard.extend(recorded[:2 * frames])
    for i in range(2 * frames):
        played[i] = -recorded[i]
    return COMPLETE if len(heard) == 2 * 4 * BLOCK else CONTINUE


def check(code):
    assert code >= 0, code
    return code


check(portaudio.Pa_Initialize())
assert check(portaudio.Pa_GetDeviceCount()) == 1
stream = ctypes.c_void_p()
check(portaudio.Pa_OpenDefaultStream(
    ctypes.byref(stream), 2, 2, ctypes.c_ulong(FLOAT32), ctypes.c_double(48000),
    ctypes.c_ulong(BLOCK), negate, None))
check(portaudio.Pa_StartStream(stream))
while check(portaudio.Pa_IsStreamActive(stream)):
    portaudio.Pa_Sleep(ctypes.c_long(1))
assert len(heard) == 2 * 4 * BLOCK, len(heard)
assert any(heard)
check(portaudio.Pa_CloseStream(stream))
check(portaudio.Pa_Terminate())
