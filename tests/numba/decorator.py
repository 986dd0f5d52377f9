# SPDX-License-Identifier: MIT
"""@stream_callback in the user's own Python, without any exporter: decorator.py FOLDER-OF-THE-MODULE"""
import ctypes
import os
import re
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import numpy as np  # noqa: E402
from numba import njit, types  # noqa: E402
from numba.core.ccallback import CFunc  # noqa: E402
from numba.core.errors import NumbaError  # noqa: E402
from portspan_numba import StreamCallbackError, stream_callback, wrapper  # noqa: E402

PORTAUDIO = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p,
                             ctypes.c_ulong, ctypes.c_void_p)


@stream_callback(channels=2, state=[("gain", "f4"), ("calls", "i8")], defaults={"gain": 0.5})
def gain(input, output, state):
    """Makes it quieter."""
    for frame in range(output.shape[0]):
        for channel in range(output.shape[1]):
            output[frame, channel] = state.gain * input[frame, channel]
    state.calls += 1
    return 1 if state.calls == 3 else 0


def call(function, input, output, state=None):
    def address(array):
        return array.ctypes.data if array is not None else None
    return function(address(input), address(output), len(output if output is not None else input), None, 0,
                    address(state))


class TheResult(unittest.TestCase):
    def setUp(self):
        self.input = np.random.default_rng(1).uniform(-1, 1, (100, 2)).astype(np.float32)
        self.output = np.zeros_like(self.input)

    def test_is_a_cfunc_with_portaudios_signature(self):
        self.assertIsInstance(gain, CFunc)
        samples = types.CPointer(types.float32)
        self.assertEqual(gain._sig.return_type, types.intc)
        self.assertEqual(gain._sig.args[:3], (samples, samples, types.ulong))
        self.assertEqual((gain.__name__, gain.__doc__), ("gain", "Makes it quieter."))

    def test_works_by_its_address(self):
        self.assertEqual(call(PORTAUDIO(gain.address), self.input, self.output, gain.new_state()), 0)
        np.testing.assert_array_equal(self.output, 0.5 * self.input)

    def test_works_through_ctypes_and_cffi(self):
        address = ctypes.cast(gain.ctypes, ctypes.c_void_p).value
        self.assertEqual(address, gain.address)
        try:
            import cffi
        except ImportError:
            self.skipTest("there is no cffi")
        self.assertEqual(int(cffi.FFI().cast("intptr_t", gain.cffi)), gain.address)

    def test_has_states_that_are_apart(self):
        state, other = gain.new_state(), gain.new_state()
        state["gain"] = 2
        results = [call(PORTAUDIO(gain.address), self.input, self.output, state) for _ in range(3)]
        self.assertEqual(results, [0, 0, 1])
        self.assertEqual((state["calls"], other["gain"], other["calls"]), (3, 0.5, 0))
        np.testing.assert_array_equal(self.output, 2 * self.input)

    def test_has_a_state_of_its_own(self):
        @stream_callback(channels=1, state=[("sum", "f8")], defaults={"sum": 10})
        def integrate(input, output, state):
            for frame in range(output.shape[0]):
                state.sum += input[frame, 0]
                output[frame, 0] = state.sum

        ones, output = np.ones((4, 1), np.float32), np.zeros((4, 1), np.float32)
        for last in 14, 18:
            self.assertEqual(call(PORTAUDIO(integrate.address), ones, output), 0)
            self.assertEqual(output[3, 0], last)

    def test_hears_silence_where_there_is_no_input(self):
        self.output[:] = 9
        self.assertEqual(call(PORTAUDIO(gain.address), None, self.output, gain.new_state()), 0)
        np.testing.assert_array_equal(self.output, 0)

    def test_has_planes_whose_number_is_no_matter_of_its_source(self):
        def half(input, output):
            for x, y in zip(input, output):
                for frame in range(len(y)):
                    y[frame] = 0.5 * x[frame]

        few, many = (stream_callback(channels=channels, planar=True)(half) for channels in (2, 40))
        # Of one line a channel Numba would take minutes for hundreds.
        self.assertEqual(*(wrapper(["input", "output"], one.stream).count("\n") for one in (few, many)))
        frames = 5000  # more than the piece of silence
        planes = [np.full(frames, side, np.float32) for side in range(80)]
        inputs, outputs = ((ctypes.c_void_p * 40)(*[plane.ctypes.data for plane in side])
                           for side in (planes[:40], planes[40:]))
        for input, factor in (inputs, 0.5), (None, 0):
            self.assertEqual(PORTAUDIO(many.address)(input, outputs, frames, None, 0, None), 0)
            for channel in range(40):
                np.testing.assert_array_equal(planes[40 + channel], factor * channel)

    def test_is_the_plain_function_in_python(self):
        class State:
            gain, calls = 3, 0

        self.assertEqual(gain(self.input, self.output, State), 0)
        np.testing.assert_array_equal(self.output, 3 * self.input)
        self.assertEqual(State.calls, 1)

    def test_takes_numbas_options(self):
        def inverse(input, output):
            for frame in range(output.shape[0]):
                output[frame, 0] = 1 / input[frame, 0]

        divides = {}
        for options in {}, {"error_model": "python"}, {"fastmath": True}:
            code = stream_callback(channels=1, **options)(inverse).inspect_llvm()
            divides[str(options)] = ("division by zero" in code, "fast" in code)
        self.assertEqual(list(divides.values()), [(False, False), (True, False), (False, True)])

    def test_is_one_function_whose_loops_are_vectorised(self):
        @stream_callback(channels=2)
        def half(input, output):
            for frame in range(output.shape[0]):
                for channel in range(output.shape[1]):
                    output[frame, channel] = np.float32(0.5) * input[frame, channel]

        code = half.inspect_llvm()
        self.assertTrue(re.search(r"fmul <\d+ x float>", code))
        self.assertFalse(re.search(r"call[^\n]*half", code))

    def test_is_what_the_decorator_says(self):
        def pass_on(input, output):
            for frame in range(len(output)):
                output[frame] = input[frame]

        stream = stream_callback(channels=(2, 2), sample=("int16", np.int8), in_place=True)(pass_on).stream
        self.assertEqual([(side.sample, side.channels, side.planar) for side in (stream.input, stream.output)],
                         [("int16", 2, False), ("int8", 2, False)])
        self.assertEqual((stream.in_place, stream.initial_state), (True, None))


class NewStates(unittest.TestCase):
    def setUp(self):
        @stream_callback(channels=1, in_place=True, defaults={"max": 3}, state=[
            ("last", "f4"), ("line", "f8", 3), ("point", [("x", "i4"), ("size", "i4")]), ("max", "f4"),
            ("shape", "i8")])
        def previous(input, output, state):
            for frame in range(output.shape[0]):
                last = state.last
                state.last = input[frame, 0]
                output[frame, 0] = last
                state.line[1] += last
            state.point.size += 1
            state.shape = 2 * state.max

        self.callback, self.state = previous, previous.new_state()
        self.input, self.output = np.array([[1], [2], [3]], np.float32), np.zeros((3, 1), np.float32)

    def assertRan(self, state):
        np.testing.assert_array_equal(self.output, [[0], [1], [2]])
        self.assertEqual((state.last, state.point.x, state.point.size, state.max, state.shape), (3, 0, 1, 3, 6))
        self.assertEqual(list(state.line), [0, 3, 0])

    def test_have_fields_in_python_as_in_compiled_code(self):
        self.callback(self.input, self.output, self.state)
        self.assertRan(self.state)

    def test_have_an_address_for_a_stream(self):
        self.assertEqual(call(PORTAUDIO(self.callback.address), self.input, self.output, self.state), 0)
        self.assertRan(self.state)

    def test_are_apart_and_know_what_they_lack(self):
        self.state.line = [1, 2, 3]
        self.state.point.x = 7
        other = self.callback.new_state()
        self.assertEqual((list(self.state.line), self.state.point.x), ([1, 2, 3], 7))
        self.assertEqual((list(other.line), other.point.x, other["max"]), ([0, 0, 0], 0, 3))
        for access in (lambda: self.state.lats, lambda: setattr(self.state, "lats", 1)):
            with self.assertRaises(AttributeError) as caught:
                access()
            self.assertEqual(str(caught.exception),
                             "the state has no field lats, it has last, line, point, max, shape")
        with self.assertRaisesRegex(AttributeError, "^the state has no field y, it has x, size$"):
            self.state.point.y
        self.assertFalse(hasattr(self.state, "lats"))
        self.assertEqual((getattr(self.state, "lats", 7), self.state.ndim), (7, 0))

    def test_refuse_numbers_that_an_integer_field_cannot_hold(self):
        @stream_callback(channels=1, state=[("small", "i1"), ("large", "u8"), ("row", "u1", 2), ("f", "f4"),
                                            ("inner", [("x", "i2")])])
        def holds(output, state):
            pass

        state = holds.new_state()
        for name, value, text in (("small", 1000, "small is 1000: int8 holds -128 to 127"),
                                  ("small", -129, "small is -129: int8"), ("large", -1, "large is -1: uint64"),
                                  ("large", 2**64, "large is 18446744073709551616: uint64"),
                                  ("small", 128.0, "small is 128.0: int8"),
                                  ("small", float("nan"), "small is nan: int8"), ("row", [1, 256], "row is 256: uint8"),
                                  ("row", (-1, 0), "row is -1: uint8")):
            for write in setattr, type(state).__setitem__:
                with self.subTest(name, value=value), self.assertRaisesRegex(OverflowError, f"^{re.escape(text)}"):
                    write(state, name, value)
        with self.assertRaisesRegex(OverflowError, "^x is 40000: int16"):
            state.inner.x = 40000
        state.small, state.large, state.row, state.f, state.inner.x = -128.5, 2**64 - 1, [255, 0], 1e30, -32768
        self.assertEqual((state.small, state.large, list(state.row), state.f, state.inner.x),
                         (-128, 2**64 - 1, [255, 0], np.float32(1e30), -32768))
        # What its own arithmetic has made wraps, as in compiled code.
        state.small = np.int64(130)
        self.assertEqual(state.small, -126)


class Mistakes(unittest.TestCase):
    def refuse(self, function, reason, cure, **options):
        with self.assertRaises(StreamCallbackError) as caught:
            stream_callback(**options)(function)
        self.assertRegex(caught.exception.reason, reason)
        self.assertIn(cure, caught.exception.cure)
        self.assertEqual(str(caught.exception), f"{caught.exception.reason}: {caught.exception.cure}")

    def test_in_the_function_have_its_line_and_no_other(self):
        def wrong(input, output):
            output[:] = input + "a"

        with self.assertRaises(NumbaError) as caught:
            stream_callback(channels=2)(wrong)
        text = str(caught.exception)
        lines = [int(n) for name, n in re.findall(r'File "([^"]+)", line (\d+)', text)
                 if os.path.basename(name) == "decorator.py"]
        self.assertEqual(set(lines), {wrong.__code__.co_firstlineno + 1})
        self.assertNotIn("portspan_numba", text)

    def test_of_the_parameters(self):
        def both(input, output):
            pass

        self.refuse(lambda indata, output: None, "it has the parameter `indata`", "by these names", channels=2)
        self.refuse(lambda input, *output: None, r"it has the parameter `\*output`", "by these names", channels=2)
        self.refuse(lambda input, output=1: None, "it has the parameter `output=1`", "by these names", channels=2)
        self.refuse(lambda status: None, "neither input nor output", "take one of them", channels=2)
        self.refuse(both, "it takes input, and channels says that there is none", "leave out input", channels=(0, 2))
        self.refuse(both, "it does not take the state", "take the parameter state", channels=2, state=[("a", "f4")])
        self.refuse(lambda output, state: None, "nothing says what is in it", 'state=[("gain", "f4")]', channels=2)
        self.refuse(njit(both), "which is no function", "no other decorator below it", channels=2)
        for options in {}, {"channels": None}:
            self.refuse(both, "channels is missing", "channels=2", **options)

    def test_of_the_shape(self):
        for channels in 0, -1, 1025, 2.0, True, "2", (0, 0), (1, 2, 3), [2, 2]:
            with self.subTest(channels=channels):
                self.refuse(None, f"channels is {re.escape(repr(channels))}", "a number of 1 to 1024",
                            channels=channels)
        self.refuse(None, "packed samples of three bytes", "PortAudio converts", channels=2, sample="int24")
        for sample in "float64", "f4", np.uint16, 32, ("float32", "int64"):
            with self.subTest(sample=sample):
                self.refuse(None, "PortAudio has no such sample", "float32, int32, int16", channels=2, sample=sample)
        self.refuse(None, "in_place is 'yes'", "True or False", channels=2, in_place="yes")
        with self.assertRaisesRegex(StreamCallbackError, "options by name: write @stream_callback"):
            @stream_callback
            def bare(input, output):
                pass

    def test_of_the_state(self):
        def takes(output, state):
            pass

        for state in "gain", [("gain",)], [("gain", "O")], "f4", []:
            with self.subTest(state=state):
                self.refuse(takes, "Numba cannot use the state", "write its fields", channels=2, state=state)
        fields = [("gain", "f4"), ("calls", "i1"), ("point", [("x", "f8")])]
        for defaults, reason, cure in (({"gian": 1}, "default for 'gian'", "it has gain, calls, point"),
                                       ({"gain": "loud"}, "default of 'gain' is 'loud'", "fits into float32"),
                                       ({"gain": float("nan")}, "default of 'gain' is nan", "fits into float32"),
                                       ({"gain": [1, 2]}, r"default of 'gain' is \[1, 2\]", "fits into float32"),
                                       ({"calls": 300}, "default of 'calls' is 300", "fits into int8"),
                                       ({"point": 1}, "'point', which is a record", "numbers")):
            with self.subTest(defaults=defaults):
                self.refuse(takes, reason, cure, channels=2, state=fields, defaults=defaults)
        self.refuse(lambda output: None, "defaults without a state", "state=", channels=2, defaults={"gain": 1})

    def test_of_fields_that_hide_what_a_state_needs(self):
        for name in "ctypes", "copy", "dtype", "view":
            for fields in [(name, "f4")], [("gain", "f4"), (name, "i8", 3)], [("inner", [(name, "f4")])]:
                with self.subTest(fields=fields):
                    self.refuse(None, f"an array has a `{name}` of its own$", "rename the field", channels=2,
                                state=np.dtype(fields, align=True))

    def test_of_the_result(self):
        self.refuse(lambda output: 0.5, "it returns float64", "0 (go on), 1 (complete), 2 (abort)", channels=2)
        self.refuse(lambda output: output, "it returns array", "return nothing", channels=2)

        def generates(output):
            yield 0
        self.refuse(generates, "it is a generator", "return nothing", channels=2)

    def test_of_an_option(self):
        for options, cure in (({"chanels": 2}, "write channels,"),
                              ({"channels": 2, "fast_math": True}, "write fastmath,"),
                              ({"channels": 2, "volume": 1}, "correct its name,"),
                              ({"chanels": 2, "sample": "f8"}, "write channels,")):
            with self.subTest(options=options):
                self.refuse(lambda output: None, "neither stream_callback nor numba.njit has the option '[a-z_]+'$",
                            f"{cure} or leave it out", **options)
        for options in {"nogil": True}, {"boundscheck": True}, {"locals": {}}, {"cache": False}, {"inline": "never"}:
            stream_callback(channels=1, **options)(lambda output: None)

    def test_of_the_value_of_an_option(self):
        switch, fast = "write True or False", "a set of nnan, ninf, nsz, arcp, contract, afn, reassoc"
        for name, value, cure in (("planar", "no", switch), ("planar", None, switch), ("planar", 2, switch),
                                  ("boundscheck", "yes", f"{switch}, or leave it out"), ("nogil", "no", switch),
                                  ("fastmath", "fsat", fast), ("fastmath", {"fsat"}, fast),
                                  ("fastmath", ["nnan"], fast), ("fastmath", 1, fast), ("fastmath", None, fast),
                                  ("error_model", "pyton", "write 'numpy' or 'python'"),
                                  ("error_model", None, "write 'numpy' or 'python'"),
                                  ("error_model", ["numpy"], "write 'numpy' or 'python'"),
                                  ("defaults", 5, 'defaults={"gain": 0.5}'),
                                  ("defaults", [("gain", 1)], 'defaults={"gain": 0.5}'),
                                  ("defaults", [], 'defaults={"gain": 0.5}')):
            with self.subTest(name, value=value):
                self.refuse(None, f"^{name} is {re.escape(repr(value))}$", cure, channels=2,
                            **{"state": [("gain", "f4")], name: value})
        for options in ({"planar": np.True_}, {"planar": 0}, {"boundscheck": None}, {"fastmath": False},
                        {"fastmath": {"nnan", "nsz"}}, {"fastmath": set()}, {"error_model": "python"},
                        {"defaults": {}}, {"defaults": None}, {"in_place": None}):
            with self.subTest(options=options):
                stream_callback(channels=1, **options)(lambda output: None)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
