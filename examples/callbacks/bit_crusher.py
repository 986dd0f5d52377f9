# SPDX-License-Identifier: MIT
"""Sixteen levels and no more: a callback in Python itself, which brings its interpreter along.

CPATH=<where portspan/ is> python3 bit_crusher.py    makes bit_crusher.so (python3-cffi, python3-dev)
"""
import cffi

ffi = cffi.FFI()
ffi.embedding_api("""
    int bit_crusher(const float *input, float *output, unsigned long frames,
                    const void *time, unsigned long status, void *state);
""")
ffi.set_source("bit_crusher", """
    #include <portaudio.h>
    #include <portspan/description.h>
    PORTSPAN_DESCRIBE(bit_crusher, .input_format = paFloat32, .output_format = paFloat32,
                      .layout = PORTSPAN_INTERLEAVED, .properties = PORTSPAN_NEEDS_INTERPRETER,
                      .input_channels = 2, .output_channels = 2);
""")
ffi.embedding_init_code("""
    import numpy as np
    from bit_crusher import ffi

    @ffi.def_extern(error=2)  # an exception is paAbort; without error= it would be 0, paContinue
    def bit_crusher(input, output, frames, time, status, state):
        y = np.frombuffer(ffi.buffer(output, 8 * frames), np.float32)
        if input == ffi.NULL:  # PortAudio may pass no input
            y[:] = 0
        else:
            y[:] = np.round(8 * np.frombuffer(ffi.buffer(input, 8 * frames), np.float32)) / 8
        return 0
""")

if __name__ == "__main__":
    ffi.compile(target="bit_crusher.*")
