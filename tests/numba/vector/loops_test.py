# SPDX-License-Identifier: MIT
"""What is exported computes the same as what Numba itself makes of the functions: loops_test.py LIBRARY FOLDER

For every function of loops.py, blocks of many sizes, apart from each other, in place, and overlapping.
"""
import ctypes
import pathlib
import sys
import unittest

import numpy as np

LIBRARY, FOLDER = sys.argv[1:3]
sys.path.insert(0, FOLDER)
import loops  # noqa: E402
from numba.core.ccallback import CFunc  # noqa: E402

FRAMES = (0, 1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 129, 300)
# The vector functions and those of the C library may differ by some units in the last place.
CLOSE = {"curve", "curve_of_some", "sigmoid"}
STATE = np.dtype([("channels", np.int32), ("used", np.int32), ("gain", np.float32), ("last", np.float32),
                  ("gains", np.float32, 8)])


class Loops(unittest.TestCase):
    longMessage = True

    @classmethod
    def setUpClass(cls):
        cls.library = ctypes.CDLL(LIBRARY)
        cls.numbers = np.random.default_rng(5).uniform(-1, 1, 4096).astype(np.float32)
        # In the way of divisions and comparisons.
        cls.numbers[[70, 333, 1001]] = 0, 1, -1

    def run_both(self, name, frames, offset, channels, used):
        reference = getattr(loops, name)
        exported = getattr(self.library, name)
        result = []
        for address in ctypes.cast(exported, ctypes.c_void_p).value, reference.address:
            call = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p,
                                    ctypes.c_ulong, ctypes.c_void_p)(address)
            # The input, then the output somewhere behind its start.
            memory = np.concatenate([self.numbers, np.full(8192, 7, np.float32)])
            state = np.zeros(1, STATE)
            state["channels"], state["used"], state["gain"], state["gains"] = channels, used, 0.75, np.arange(8)
            start = memory.ctypes.data
            code = call(start, start + 4 * offset, frames, None, 0, state.ctypes.data)
            result.append((code, memory, state))
        return result

    def compare(self, name):
        for frames in FRAMES:
            for offset in 8192, 0, 1, 2, 5, 64:
                for channels, used in ((1, 1), (2, 2), (3, 3), (8, 8), (3, 2), (8, 0)):
                    if "channels" not in name and (channels, used) != (2, 2):
                        continue
                    with self.subTest(frames=frames, offset=offset, channels=channels, used=used):
                        ours, theirs = self.run_both(name, frames, offset, channels, used)
                        # What Numba makes of an exception is 0 and a message on the terminal.
                        self.assertIn(ours[0], (theirs[0], 2) if name.startswith("may_") else (theirs[0],))
                        if name in CLOSE:
                            np.testing.assert_allclose(ours[1], theirs[1], rtol=4e-7, atol=1e-30)
                        else:
                            np.testing.assert_array_equal(ours[1], theirs[1])
                        self.assertEqual(ours[2].tobytes(), theirs[2].tobytes())

    def test_an_exception_still_ends_the_stream(self):
        for name in "may_divide_by_zero", "may_divide_by_nothing":
            with self.subTest(name):
                self.assertEqual(self.run_both(name, 32, 8192, 2, 2)[0][0], 0)
                self.assertEqual(self.run_both(name, 512, 8192, 2, 2)[0][0], 2)
                error = getattr(self.library, f"{name}_error")
                error.restype = ctypes.c_char_p
                line = getattr(loops, name)._pyfunc.__code__.co_firstlineno + 5
                self.assertEqual(error().decode(), f"ZeroDivisionError: division by zero (loops.py:{line})")


for _name in [key for key, value in vars(loops).items() if isinstance(value, CFunc)]:
    setattr(Loops, f"test_{_name}", lambda self, name=_name: self.compare(name))

if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
