# SPDX-License-Identifier: MIT
"""Libraries at run time: libraries_test.py UNFIT TEMPORARIES

One is for a CPU that hardly any machine has any more, the other has an arena that was measured."""
import ctypes
import sys
import unittest

import numpy as np

UNFIT, TEMPORARIES = sys.argv[1:3]


def call(library, name, frames):
    library = ctypes.CDLL(library)
    source, target = np.linspace(-1, 1, 2 * frames, dtype=np.float32), np.full(2 * frames, 7, np.float32)
    code = library[name](ctypes.c_void_p(source.ctypes.data), ctypes.c_void_p(target.ctypes.data),
                         ctypes.c_ulong(frames), None, ctypes.c_ulong(0), None)
    error = library[f"{name}_error"]
    error.restype = ctypes.c_char_p
    return code, (error() or b"").decode(), source, target


class Libraries(unittest.TestCase):
    def test_a_cpu_that_this_machine_is_not(self):
        code, error, source, target = call(UNFIT, "gain", 64)
        if not error:
            self.skipTest("this machine has what a bdver2 has")
        self.assertEqual(code, 2)
        self.assertRegex(error, "^gain: compiled for bdver2, and this machine has no [a-z0-9.]+$")
        self.assertTrue((target == 7).all())

    def test_a_measured_arena_is_large_enough(self):
        for frames in 64, 8192:
            code, error, source, target = call(TEMPORARIES, "temporaries", frames)
            self.assertEqual((code, error), (0, ""))
            np.testing.assert_allclose(target, np.tanh(2.0 * source), rtol=1e-6)

    def test_but_not_for_any_block(self):
        code, error, _, _ = call(TEMPORARIES, "temporaries", 1 << 20)
        self.assertEqual(code, 2)
        self.assertRegex(error, r"^MemoryError: the arena of \d{7,} bytes is too small")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
