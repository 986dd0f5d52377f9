# SPDX-License-Identifier: MIT
"""The modules of the cffi tests.

modules.py --configuration    what CMake needs to compile them for this Python
modules.py NAME FILE.c        writes the source of one
"""
import importlib
import os
import sys
import sysconfig

import cffi

# What portaudio.h says, as far as a callback needs it.
PROTOTYPE = """int {name}(const void *input, void *output, unsigned long frames,
    const void *time, unsigned long status, void *user_data);"""


def api():
    """A callback that cffi's user wrote in C; the module is for Python programs."""
    ffi = cffi.FFI()
    ffi.cdef("struct level { float level; int calls; };" + PROTOTYPE.format(name="level"))
    ffi.set_source("cffi_api", """
        struct level { float level; int calls; };
        int level(const void *input, void *output, unsigned long frames, const void *time,
                  unsigned long status, void *user_data) {
            struct level *state = user_data;
            const float *in = input;
            float *out = output;
            for (unsigned long i = 0; i < 2 * frames; ++i) out[i] = in ? state->level * in[i] : 0;
            ++state->calls;
            return 0;
        }""")
    return ffi


def python_c():
    """A callback in Python that C can find by its name; whoever imports the module attaches it."""
    ffi = cffi.FFI()
    ffi.cdef('extern "Python+C" ' + PROTOTYPE.format(name="python_level"))
    ffi.set_source("cffi_python_c", PROTOTYPE.format(name="python_level") + """
        #include <portaudio.h>
        #include <portspan/description.h>
        PORTSPAN_DESCRIBE(python_level, .properties = PORTSPAN_NEEDS_INTERPRETER);""")
    return ffi


def embedded(name, init_code, source=""):
    """A callback in Python that starts its own interpreter: a library for programs without Python."""
    ffi = cffi.FFI()
    ffi.embedding_api(STATE + PROTOTYPE.format(name="quieter"))
    ffi.set_source(name, STATE + source)
    ffi.embedding_init_code(init_code)
    return ffi


STATE = "struct state { float level; int calls; int frames; };"

# Works on two channels; the state is null or a struct state.
QUIETER = """
from {module} import ffi

@ffi.def_extern(error=2)
def quieter(input, output, frames, time, status, user_data):
    if user_data != ffi.NULL:
        state = ffi.cast("struct state *", user_data)
        state.calls += 1
        state.frames += frames
    level = state.level if user_data != ffi.NULL else 0.5
    x = ffi.cast("float *", input)
    y = ffi.cast("float *", output)
    for i in range(2 * frames):
        y[i] = level * x[i] if x != ffi.NULL else 0
    return 0
"""

DESCRIBED = """
#include <portaudio.h>
#include <portspan/description.h>
PORTSPAN_DESCRIBE(quieter, .input_format = paFloat32, .output_format = paFloat32,
                  .layout = PORTSPAN_INTERLEAVED, .properties = PORTSPAN_NEEDS_INTERPRETER,
                  .input_channels = 2, .output_channels = 2, .state_size = sizeof(struct state));

/* No Python in this one. */
PORTSPAN_EXPORT int louder(const void* input, void* output, unsigned long frames,
                           const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status, void* user_data) {
    const float* in = input;
    float* out = output;
    for (unsigned long i = 0; i < 2 * frames; ++i) out[i] = in ? 2 * in[i] : 0;
    return 0;
}
PORTSPAN_DESCRIBE(louder, .input_channels = 2, .output_channels = 2);
"""

def example():
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "examples", "callbacks"))
    return importlib.import_module("bit_crusher").ffi


MODULES = {
    "bit_crusher": example,
    "cffi_api": api,
    "cffi_python_c": python_c,
    "cffi_embedded": lambda: embedded("cffi_embedded", QUIETER.format(module="cffi_embedded")),
    "cffi_embedded_described": lambda: embedded("cffi_embedded_described",
                                                QUIETER.format(module="cffi_embedded_described"), DESCRIBED),
    "cffi_embedded_broken": lambda: embedded("cffi_embedded_broken", "import a_module_that_nobody_has"),
}

if sys.argv[1] == "--configuration":
    # One value of a CMake list each.
    get = sysconfig.get_config_var
    include, library = sysconfig.get_path("include"), get("LIBDIR") + "/" + get("LDLIBRARY")
    if not os.path.exists(include + "/Python.h"):
        sys.exit("no Python.h (on Debian: python3-dev)")
    if library.endswith(".a") or not os.path.exists(library):
        sys.exit("no shared libpython (on Debian: python3-dev)")
    print(sysconfig.get_python_version(), include, library, get("EXT_SUFFIX"), sep=";")
else:
    MODULES[sys.argv[1]]().emit_c_code(sys.argv[2])
