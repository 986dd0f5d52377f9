# SPDX-License-Identifier: MIT
"""What the exporter makes of loops, seen in its code: exporter_test.py FOLDER-OF-THE-EXPORTER FOLDER-OF-THE-LOOPS"""
import contextlib
import io
import os
import pathlib
import re
import sys
import tempfile
import textwrap
import unittest
from unittest import mock

EXPORTER, LOOPS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
sys.path[:0] = [str(EXPORTER), str(LOOPS)]
import portspan_export  # noqa: E402
import llvmlite.binding as llvm  # noqa: E402
import loops  # noqa: E402
from portspan_exporter import arena, cpu, vector_math  # noqa: E402
from portspan_exporter.code import compile_callback  # noqa: E402
from portspan_exporter.refusal import Refusal  # noqa: E402

TRIPLE = llvm.get_default_triple()
ON_X86 = TRIPLE.startswith("x86_64")
try:
    import ctypes
    ctypes.CDLL(vector_math.LIBRARY)
    HAS_LIBMVEC = ON_X86
except OSError:
    HAS_LIBMVEC = False


def compiled(name, cpu_name="x86-64-v3" if ON_X86 else "generic", vectors=True):
    """(assembly, optimised code, code before the part for the CPU) of a function of loops.py."""
    target = cpu.Target(cpu_name, TRIPLE)
    module, plain = compile_callback(getattr(loops, name), target, vector_math.vector_math(target, vectors))
    return target.machine.emit_assembly(module), str(module), plain


NOTE = "cb.py:7: cb: note: {} (QUIET leaves notes out)\n"
WARNING = "cb.py:7: cb: warning: {} (with ARENA there is no dry run)\n"


class Exports(unittest.TestCase):
    """Each test has a folder for a callback of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def export(self, lines, *options, more="", refused=False):
        """(settings of its runtime, what the exporter said)"""
        body = textwrap.indent(textwrap.dedent(lines).strip("\n"), "    ")
        return self.export_file(textwrap.dedent(f"""\
            from numba import carray, cfunc, types
            f = types.CPointer(types.float32)
            {more}
            @cfunc(types.intc(f, f, types.ulong, types.voidptr, types.ulong, types.voidptr))
            def cb(i, o, n, t, s, u):
                x = carray(i, 2 * n)
                y = carray(o, 2 * n)
            """) + body + "\n    return 0\n", *options, refused=refused)

    def export_file(self, text, *options, refused=False):
        source = self.folder / "cb.py"
        source.write_text("import math\nimport numpy as np\n" + textwrap.dedent(text))
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = portspan_export.main(["--source", str(source), "--function", "cb", "--folder", str(self.folder),
                                         "--header", str(self.folder / "cb.hpp"), *options])
        self.assertEqual(code, int(refused), said.getvalue())
        return "" if refused else (self.folder / "cb_runtime.cpp").read_text(), said.getvalue()


class Frames(unittest.TestCase):
    """A loop over frames with one over channels inside."""

    def test_it_becomes_one_loop(self):
        for name in "stereo", "any_channels", "gain_of_the_state", "rational", "curve":
            with self.subTest(name):
                self.assertEqual(compiled(name)[2].count(".flat = "), 1)

    def test_it_stays_where_a_frame_is_more_than_its_samples(self):
        for name in ("first_two_of_three", "gain_of_each_channel", "ramp", "mono", "upmix", "crossed", "recursive",
                     "until_negative", "some_channels"):
            with self.subTest(name):
                self.assertEqual(compiled(name)[2].count("%portspan."), 0)

    @unittest.skipUnless(ON_X86, "the instructions are those of x86-64")
    def test_samples_are_not_shuffled(self):
        for name in "stereo", "gain_of_the_state", "rational":
            with self.subTest(name):
                assembly = compiled(name)[0]
                self.assertTrue(re.search(r"v(mul|div)ps\s.*ymm", assembly))
                self.assertEqual(re.findall(r"vshufps|vunpck\w+|vperm\w+|vmovs[hl]dup", assembly), [])


class InPlace(unittest.TestCase):
    def doubled(self, name):
        return re.search(r"icmp eq (ptr|float\*) %0, %1", compiled(name)[1]) is not None

    def test_buffers_are_compared_where_they_may_overlap(self):
        for name in "stereo", "rational", "flat":
            with self.subTest(name):
                self.assertTrue(self.doubled(name))

    def test_a_loop_that_no_vector_is_made_of_is_not_doubled(self):
        self.assertFalse(self.doubled("until_negative"))


class Divisions(Exports):
    def raises(self, code):
        return re.search(r"RAISES (\d)", self.export(f"for k in range(2 * n):\n    y[k] = {code}")[0])[1]

    def test_a_divisor_that_is_never_zero_raises_nothing(self):
        for code in ("x[k] / (np.float32(1) + abs(x[k]))", "x[k] / math.sqrt(1 + x[k] * x[k])",
                     "1 / (1 + math.exp(-x[k]))", "x[k] / (2.5 + abs(x[k]) * abs(y[k]))", "1 / math.cosh(x[k])",
                     "x[k] / math.sqrt(abs(x[k]) + 0.25)"):
            with self.subTest(code):
                self.assertEqual(self.raises(code), "0")

    def test_one_that_may_be_zero_does(self):
        for code in ("x[k] / (np.float32(1) - abs(x[k]))", "x[k] / (x[k] * x[k])", "1 / math.exp(-x[k])",
                     "1 / (1 + x[k])", "1 / (abs(x[k]) - 1)", "1 / (1e-40 + abs(x[k]))", "1 / (abs(x[k]) * 1e-20)",
                     "x[k] / math.sqrt(x[k] + 1)", "1 / np.float32(1e-50 + math.fabs(x[k]))", "x[k] / y[k]"):
            with self.subTest(code):
                self.assertEqual(self.raises(code), "1")


@unittest.skipUnless(HAS_LIBMVEC, "there is no libmvec for x86-64")
class VectorMath(Exports):
    LOOP = "for k in range(2 * n):\n    y[k] = {}"

    def names(self, *options, code="np.tanh(x[k])"):
        self.said = self.export(self.LOOP.format(code), *options)[1]
        data = (self.folder / "cb_numba.o").read_bytes()
        return {name.decode() for name in re.findall(rb"_ZGV\w+", data)}

    def test_the_functions_are_those_of_the_cpu(self):
        for name, expected in (("generic", "_ZGVbN4v_tanhf"), ("x86-64-v2", "_ZGVbN4v_tanhf"),
                               ("sandybridge", "_ZGVcN8v_tanhf"), ("x86-64-v3", "_ZGVdN8v_tanhf"),
                               ("skylake-avx512", "_ZGVdN8v_tanhf"), ("icelake-server", "_ZGVeN16v_tanhf")):
            with self.subTest(name):
                self.assertIn(expected, self.names("--cpu", name))
                letters = {found[4] for found in self.names("--cpu", name)}
                self.assertLessEqual(letters, set(cpu.Target(name, TRIPLE).sets))
                self.assertEqual(self.said, "")

    def test_two_arguments_and_other_names(self):
        for code, expected in (("x[k] ** y[k]", "_ZGVbN4vv_powf"), ("math.atan2(x[k], y[k])", "_ZGVbN4vv_atan2f"),
                               ("np.exp2(x[k])", "_ZGVbN4v_exp2f"), ("math.erf(x[k])", "_ZGVbN4v_erff"),
                               ("math.exp(0.5 * x[k])", "_ZGVbN2v_exp"), ("math.sin(2.0 * x[k])", "_ZGVbN2v_sin")):
            with self.subTest(code):
                self.assertEqual(self.names(code=code), {expected})

    def test_what_it_is_one_may_do_without(self):
        self.assertEqual(self.names("--no-vector-math"), set())
        self.assertEqual(self.said, "")

    def test_without_a_library_it_says_so(self):
        with mock.patch.object(vector_math, "LIBRARY", "libnowhere.so.1"):
            self.assertEqual(self.names(), set())
            self.assertEqual(self.said, NOTE.format("loops over tanh compute one number at a time: there is no "
                                                    "libnowhere.so.1"))
            self.assertEqual(self.names(code="x[k] * x[k]"), set())
            self.assertEqual(self.said, "")

    def test_a_library_without_the_function_is_named(self):
        with mock.patch.object(vector_math, "LIBRARY", "libm.so.6"):
            self.assertEqual(self.names(code="math.erf(x[k]) + math.sin(x[k])"), set())
            self.assertEqual(self.said, NOTE.format("loops over erf, sin compute one number at a time: libm.so.6 has "
                                                    "no such function"))

    def test_one_that_the_exporter_has_not_asked_for_is_refused(self):
        # Numba links such a function into its own process at once.
        llvm.load_library_permanently(vector_math.LIBRARY)
        more = "sine = types.ExternalFunction('_ZGVbN4v_sinf', types.float32(types.float32))"
        self.assertIn("it calls a function that only the interpreter's process has (symbols: _ZGVbN4v_sinf)",
                      self.export("y[0] = sine(x[0])", more=more, refused=True)[1])


class OtherMachines(unittest.TestCase):
    CODE = "  %y = call float @tanhf(float %x)\n  %z = call double @llvm.pow.f64(double %a, double %b) #2\n"

    def test_aarch64_has_functions_of_its_own(self):
        names = []
        vectors = vector_math.VectorMath("n", lambda name: names.append(name) or True)
        code = vectors.annotate(self.CODE)
        self.assertEqual(names, ["_ZGVnN4v_tanhf", "_ZGVnN2vv_pow"])
        self.assertIn('"vector-function-abi-variant"="_ZGVnN4v_tanhf(_ZGVnN4v_tanhf)"', code)
        self.assertIn('"_ZGVnN2vv_llvm.pow.f64(_ZGVnN2vv_pow)" #2', code)
        self.assertIn("declare <2 x double> @_ZGVnN2vv_pow(<2 x double>, <2 x double>) nounwind", code)

    def test_others_have_none_and_say_so(self):
        vectors = vector_math.vector_math(mock.Mock(sets="", triple="riscv64-linux-gnu"), True)
        self.assertEqual(vectors.annotate(self.CODE), self.CODE)
        self.assertEqual(vectors.note(), "loops over pow, tanh compute one number at a time: there is no libmvec for "
                         "riscv64-linux-gnu")


@unittest.skipUnless(ON_X86, "the features are those of x86-64")
class Cpus(unittest.TestCase):
    def test_what_each_has(self):
        self.assertEqual((cpu.Target("generic", TRIPLE).features, cpu.Target("generic", TRIPLE).sets), ([], "b"))
        for name, has, lacks in (("x86-64-v2", "sse4.2 popcnt", "avx fma"), ("sandybridge", "avx", "avx2 bmi"),
                                 ("x86-64-v3", "avx2 fma bmi2 lzcnt", "avx512f fma4"),
                                 ("skylake-avx512", "avx512f avx512vl avx512dq", "avx512vbmi2 gfni"),
                                 ("icelake-server", "avx512vbmi2 gfni avx512bitalg", "avx512fp16"),
                                 ("bdver2", "xop fma4 avx", "bmi2 avx512f")):
            with self.subTest(name):
                features = cpu.Target(name, TRIPLE).features
                self.assertLessEqual(set(has.split()), set(features))
                self.assertEqual(set(lacks.split()) & set(features), set())

    def test_the_widest_vectors_are_used_where_they_pay(self):
        def widest(*arguments):
            return "zmm" in compiled(*arguments)[0]

        self.assertTrue(widest("curve", "icelake-server"))
        self.assertTrue(widest("stereo", "icelake-server"))
        # Division is no faster in them, and early AVX-512 machines lower their clock for them.
        self.assertFalse(widest("rational", "icelake-server"))
        self.assertFalse(widest("stereo", "skylake-avx512"))

    def test_an_unknown_one_is_refused(self):
        with self.assertRaisesRegex(Refusal, "LLVM knows no CPU 'z80' for x86_64") as caught:
            cpu.Target("z80", TRIPLE)
        self.assertIn("generic, native", caught.exception.cure)


class Arena(Exports):
    def measured(self, lines, *options, **more):
        settings, said = self.export(lines, *options, **more)
        return int(re.search(r"CALLBACK_ARENA (\d+)", settings)[1]), said

    def test_it_is_twice_of_what_a_dry_run_takes(self):
        size, said = self.measured("a = np.zeros(40 * n)\ny[:] = a[:2 * n] + x")
        taken = int(re.search(r"blocks of up to 8192 frames took (\d+) in a dry run", said)[1])
        self.assertGreaterEqual(taken, 8 * 40 * 8192)
        self.assertGreaterEqual(size, 2 * taken)
        self.assertLess(size, 4 * taken)
        self.assertIn(NOTE.format(f"an arena of {size} bytes: blocks of up to 8192 frames took {taken} in a dry run"), said)

    def test_a_function_of_arrays_is_run_with_its_channels_and_a_new_state(self):
        decorated = """\
            from portspan_numba import stream_callback
            @stream_callback(channels={}, planar={}, state=[("voices", "i4")], defaults={{"voices": 3}})
            def cb(input, output, state):
                wide = np.zeros(state.voices * 100000)
                output[-1][:] = wide[0] + input[-1]
            """
        taken = 3 * 100000 * 8
        for channels, planar in (66, True), (1000, False):
            with self.subTest(channels=channels):
                settings, said = self.export_file(decorated.format(channels, planar))
                size = int(re.search(r"CALLBACK_ARENA (\d+)", settings)[1])
                self.assertGreaterEqual(size, 2 * taken)
                self.assertRegex(said, "blocks of up to 8192 frames took")

    def test_it_is_never_small(self):
        self.assertEqual(self.measured("y[:] = np.zeros(2)[0]")[0], arena.DEFAULT)

    def test_what_is_given_back_is_used_again(self):
        size, said = self.measured("for k in range(100):\n    y[:2] = np.zeros(4096)[:2] + k")
        self.assertEqual(size, arena.DEFAULT)

    def test_a_callback_without_temporaries_is_not_run(self):
        with mock.patch.object(arena.subprocess, "run") as run:
            self.assertEqual(self.measured("y[0] = x[0]"), (arena.DEFAULT, ""))
            self.assertEqual(self.measured("y[:] = np.tanh(2 * x)", "--arena", "4096", "--quiet"), (4096, ""))
            run.assert_not_called()

    def test_one_that_refuses_most_blocks_is_measured_by_the_others(self):
        size, said = self.measured("if n != 480:\n    raise ValueError('no')\ny[:] = np.zeros(200000)[:2 * n]")
        self.assertGreaterEqual(size, 2 * 1600000)

    def test_one_that_never_returns_does_not_stop_the_build(self):
        with mock.patch.object(arena, "SECONDS", 3):
            size, said = self.measured("y[:] = np.tanh(2 * x)\nwhile y[0] < 2:\n    y[0] = np.sin(y[0])", "--quiet")
        self.assertEqual(size, arena.DEFAULT)
        self.assertIn(WARNING.format(f"an arena of {size} bytes: a dry run took more than 3 seconds"), said)

    def test_one_that_crashes_does_not_either(self):
        size, said = self.measured("y[:] = np.tanh(2 * x)\ncarray(o, 1 << 44)[(1 << 43) + n] = 1", "--quiet")
        self.assertEqual(size, arena.DEFAULT)
        self.assertRegex(said, rf"^cb\.py:7: cb: warning: an arena of {size} bytes: a dry run crashed "
                         r"\(SIG(SEGV|BUS)\)")
        self.assertEqual(self.measured("y[:] = np.tanh(2 * x)", "--quiet"), (arena.DEFAULT, ""))

    def test_one_that_wants_more_than_there_can_be_gets_the_most(self):
        size, said = self.measured("y[:2] = np.zeros(n * 1000000)[:2]", "--quiet")
        self.assertEqual(size, arena.LARGEST)
        self.assertIn(f"warning: an arena of {size} bytes: a dry run needed more than {arena.LARGEST} bytes", said)

    def test_planes_exceptions_and_lists_are_run_too(self):
        size, said = self.measured("found = [0.0]\nfor k in range(2 * n):\n    found.append(float(x[k]))\n"
                                   "y[:] = np.sort(np.array(found))[:2 * n]\nif y[0] > 5:\n    raise ValueError('x')")
        self.assertRegex(said, r"frames took \d{6}")


@unittest.skipUnless(hasattr(os, "fork"), "no fork() here")
class ArenaOfACopy(Arena):
    """The same where the process is copied for the dry run, as the compile server does."""

    def setUp(self):
        super().setUp()
        copying = mock.patch.object(arena, "started", arena.forked)
        copying.start()
        self.addCleanup(copying.stop)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
