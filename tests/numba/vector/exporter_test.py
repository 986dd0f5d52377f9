# SPDX-License-Identifier: MIT
"""What the exporter makes of loops, seen in its code: exporter_test.py FOLDER-OF-THE-EXPORTER FOLDER-OF-THE-LOOPS"""
import contextlib
import io
import pathlib
import re
import sys
import tempfile
import textwrap
import unittest

EXPORTER, LOOPS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
sys.path[:0] = [str(EXPORTER), str(LOOPS)]
import portspan_export  # noqa: E402
import llvmlite.binding as llvm  # noqa: E402
import loops  # noqa: E402
from portspan_exporter import cpu  # noqa: E402
from portspan_exporter.code import compile_callback  # noqa: E402
from portspan_exporter.refusal import Refusal  # noqa: E402

TRIPLE = llvm.get_default_triple()
ON_X86 = TRIPLE.startswith("x86_64")


def compiled(name, cpu_name="x86-64-v3" if ON_X86 else "generic"):
    """(assembly, optimised code, code before the part for the CPU) of a function of loops.py."""
    target = cpu.Target(cpu_name, TRIPLE)
    module, plain = compile_callback(getattr(loops, name), target)
    return target.machine.emit_assembly(module), str(module), plain


class Exports(unittest.TestCase):
    """Each test has a folder for a callback of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def export(self, lines, *options, more="", refused=False):
        """(settings of its runtime, what the exporter said)"""
        source = self.folder / "cb.py"
        source.write_text(textwrap.dedent(f"""\
            import math
            import numpy as np
            from numba import carray, cfunc, types
            f = types.CPointer(types.float32)
            {more}
            @cfunc(types.intc(f, f, types.ulong, types.voidptr, types.ulong, types.voidptr))
            def cb(i, o, n, t, s, u):
                x = carray(i, 2 * n)
                y = carray(o, 2 * n)
            """) + textwrap.indent(textwrap.dedent(lines).strip("\n"), "    ") + "\n    return 0\n")
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

        self.assertTrue(widest("stereo", "icelake-server"))
        # Division is no faster in them, and early AVX-512 machines lower their clock for them.
        self.assertFalse(widest("rational", "icelake-server"))
        self.assertFalse(widest("stereo", "skylake-avx512"))

    def test_an_unknown_one_is_refused(self):
        with self.assertRaisesRegex(Refusal, "LLVM knows no CPU 'z80' for x86_64") as caught:
            cpu.Target("z80", TRIPLE)
        self.assertIn("generic, native", caught.exception.cure)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
