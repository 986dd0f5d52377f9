# SPDX-License-Identifier: MIT
"""The modules of the cffi tests.

modules.py --configuration    what CMake needs to compile them for this Python
modules.py NAME FILE.c        writes the source of one
"""
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
    ffi.set_source("cffi_python_c", PROTOTYPE.format(name="python_level"))
    return ffi


MODULES = {"cffi_api": api, "cffi_python_c": python_c}

if sys.argv[1] == "--configuration":
    # One value of a CMake list each.
    get = sysconfig.get_config_var
    print(sysconfig.get_python_version(), sysconfig.get_path("include"),
          get("LIBDIR") + "/" + get("LDLIBRARY"), get("EXT_SUFFIX"), sep=";")
else:
    MODULES[sys.argv[1]]().emit_c_code(sys.argv[2])
