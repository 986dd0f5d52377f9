# SPDX-License-Identifier: MIT
"""What the exporter refuses: each mistake gives one message that says where, why and what to do, and leaves no file.

Runs in one process, since importing Numba takes longer than all the rest: refusals.py EXPORTER FOLDER-OF-THE-CALLBACKS
"""
import contextlib
import io
import os
import pathlib
import re
import sys
import tempfile
import textwrap
import unittest

EXPORTER, CALLBACKS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
sys.path.insert(0, str(EXPORTER.parent))
import portspan_export  # noqa: E402

PREAMBLE = """\
import ctypes, math
import numpy as np
from numba import carray, cfunc, from_dtype, njit, objmode, types
f = types.CPointer(types.float32)
p = types.voidptr
sig = types.intc(f, f, types.ulong, p, types.ulong, p)
"""
LINES = PREAMBLE.count("\n")


class Export(unittest.TestCase):
    longMessage = True

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "source").mkdir()

    def export(self, code, *options, function="cb", preamble=PREAMBLE):
        source = self.folder / "source" / "cb.py"
        if code is not None:
            source.write_text(preamble + textwrap.dedent(code))
        out = self.folder / "out"
        self.object, self.header, self.config = out / "cb.o", out / "cb.hpp", out / "config.h"
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            code = portspan_export.main([
                "--source", str(source), "--function", function, "--object", str(self.object), "--header",
                str(self.header), "--config", str(self.config), "--depfile", str(out / "cb.d"), "--module", *options])
        return code, errors.getvalue()

    def assertExports(self, code, *options, **more):
        result, errors = self.export(code, *options, **more)
        self.assertEqual((result, errors), (0, ""))
        self.assertEqual(sorted(os.listdir(self.folder / "out")), ["cb.d", "cb.hpp", "cb.o", "config.h"])
        self.assertEqual([name for name in os.listdir(self.folder / "source") if name == "__pycache__"], [])
        return self.config.read_text()

    def assertRefused(self, code, line, reason, *options, cure="", function="cb", **more):
        result, errors = self.export(code, *options, function=function, **more)
        self.assertEqual(result, 1, errors)
        lines = errors.rstrip("\n").split("\n")
        self.assertEqual(len(lines), 2, errors)
        self.assertTrue(lines[0].startswith(f"cb.py:{line}: {function}: "), errors)
        self.assertRegex(lines[0], reason)
        self.assertTrue(lines[1].startswith("  cure: "), errors)
        self.assertIn(cure, lines[1])
        out = self.folder / "out"
        self.assertEqual(os.listdir(out) if out.exists() else [], [])
        self.assertNotIn("__pycache__", os.listdir(self.folder / "source"))


def body(lines, decorator="@cfunc(sig)", more=""):
    """A callback around some lines; its `def` is the second line of it."""
    lines = textwrap.indent(textwrap.dedent(lines).strip("\n"), "    ")
    return f"{textwrap.dedent(more)}{decorator}\ndef cb(i, o, n, t, s, u):\n{lines}\n    return 0\n"


class TheFile(Export):
    def test_a_callback_is_exported(self):
        config = self.assertExports(body("carray(o, n)[0] = 1"))
        self.assertIn("BARE 1", config)

    def test_a_missing_file_is_named(self):
        self.assertRefused(None, 1, r"there is no file .*cb\.py", cure="SOURCE")

    def test_a_syntax_error_has_its_line(self):
        self.assertRefused("x = 1\ndef cb(:\n", LINES + 2, "syntax error")

    def test_a_file_that_is_no_text(self):
        self.assertRefused('\0', 1, 'no text|syntax error')

    def test_an_import_that_fails_names_the_module(self):
        self.assertRefused("import no_such_module_anywhere\n", LINES + 1,
                           "ModuleNotFoundError: No module named 'no_such_module_anywhere'", cure=sys.executable)

    def test_a_file_that_ends_the_interpreter_does_not_end_the_exporter(self):
        self.assertRefused("raise SystemExit(3)\n", 1, "ends the interpreter", cure="__main__")

    def test_a_missing_function_lists_those_there_are(self):
        self.assertRefused("@cfunc(sig)\ndef other(i, o, n, t, s, u):\n    return 0\n", 1, "it has other", cure="FUNCTION")

    def test_a_file_without_any_callback_says_so(self):
        self.assertRefused("x = 1\n", 1, "no cfunc at all", cure="@numba.cfunc")

    def test_a_plain_function_is_no_callback(self):
        self.assertRefused("def cb(i, o, n, t, s, u):\n    return 0\n", LINES + 1, "a plain Python function",
                           cure="@numba.cfunc")

    def test_an_njit_function_is_no_callback(self):
        self.assertRefused("@njit\ndef cb(i, o, n, t, s, u):\n    return 0\n", LINES + 2, "an njit function",
                           cure="@numba.cfunc")

    def test_another_object_is_no_callback(self):
        self.assertRefused("cb = 3\n", 1, "it is a int", cure="@numba.cfunc")

    def test_a_name_that_c_lacks_is_refused(self):
        self.assertRefused("x = 1\n", 1, "no name that a C function can have", function="double")

    def test_a_file_beside_it_is_imported_and_tracked(self):
        (self.folder / "source" / "beside_it.py").write_text("GAIN = 0.5\n")
        self.assertExports(body("carray(o, n)[0] = GAIN", more="from beside_it import GAIN\n"))
        self.assertIn("beside_it.py", (self.folder / "out" / "cb.d").read_text())

    def test_a_cache_of_numbas_own_is_not_left_behind(self):
        self.assertExports(body("carray(o, n)[0] = 1", "@cfunc(sig, cache=True)"))


class TheSignature(Export):
    def refuse(self, signature, reason, parameters="i, o, n, t, s, u"):
        self.assertRefused(f"@cfunc({signature})\ndef cb({parameters}):\n    return 0\n", LINES + 2, reason,
                           cure="types.intc(")

    def test_any_pointees_are_accepted(self):
        self.assertExports("@cfunc(types.int32(p, types.CPointer(f), types.int64, p, types.uint64, f))\n"
                           "def cb(i, o, n, t, s, u):\n    return 0\n")
        text = self.header.read_text()
        self.assertIn("const void* input, float* const* output", text)
        self.assertIn("float* state", text)

    def test_a_result_of_another_size(self):
        self.refuse("types.int64(f, f, types.ulong, p, types.ulong, p)", "the result is int64")

    def test_a_frame_count_of_32_bits(self):
        self.refuse("types.intc(f, f, types.uint32, p, types.ulong, p)", r"parameter 3 \(frames\) is uint32.*unsigned long")

    def test_flags_of_32_bits(self):
        self.refuse("types.intc(f, f, types.ulong, p, types.uint32, p)", r"parameter 5 \(status\) is uint32")

    def test_a_number_in_place_of_the_input(self):
        self.refuse("types.intc(types.float32, f, types.ulong, p, types.ulong, p)", r"parameter 1 \(input\) is float32")

    def test_a_number_in_place_of_the_state(self):
        self.refuse("types.intc(f, f, types.ulong, p, types.ulong, types.int64)", r"parameter 6 \(state\) is int64")

    def test_five_parameters(self):
        self.refuse("types.intc(f, f, types.ulong, p, types.ulong)", "it has 5 parameters", "i, o, n, t, s")

    def test_another_time_info(self):
        self.refuse("types.intc(f, f, types.ulong, types.CPointer(types.Record.make_c_struct([('a', types.float32)])), "
                    "types.ulong, p)", r"parameter 4 \(time\)")


class TheState(Export):
    def state(self, record):
        return body("pass", f"@cfunc(types.intc(f, f, types.ulong, p, types.ulong, types.CPointer({record})))")

    def test_a_c_struct_is_declared(self):
        self.assertExports(self.state("types.Record.make_c_struct([('a', types.int8), ('b', types.float64)])"))
        text = self.header.read_text()
        self.assertIn("struct CbState {\n    std::int8_t a{};\n    double b{};\n};", text)
        self.assertIn("offsetof(CbState, b) == 8", text)

    def test_an_aligned_dtype_is_a_c_struct(self):
        self.assertExports(self.state("from_dtype(np.dtype([('a', np.int8), ('b', np.float64)], align=True))"))

    def test_a_packed_dtype_is_not(self):
        self.assertRefused(self.state("from_dtype(np.dtype([('a', np.int8), ('b', np.float64)]))"), LINES + 2,
                           "field b of the state is at byte 1, a C compiler puts it at byte 8", cure="make_c_struct")

    def test_nor_is_one_that_ends_too_early(self):
        self.assertRefused(self.state("from_dtype(np.dtype([('b', np.float64), ('a', np.int8)]))"), LINES + 2,
                           "is 9 bytes long, a C compiler makes it 16", cure="align=True")

    def test_a_field_named_like_a_keyword(self):
        self.assertRefused(self.state("types.Record.make_c_struct([('class', types.int8)])"), LINES + 2,
                           "field class of the state has no valid C")

    def test_a_field_without_a_counterpart(self):
        self.assertRefused(self.state("from_dtype(np.dtype([('name', 'S8')]))"), LINES + 2, "field name of the state is")


class TheCode(Export):
    def refuse(self, lines, reason, cure="", at=2, **more):
        self.assertRefused(body(lines, **more), LINES + more.get("more", "").count("\n") + at, reason, cure=cure)

    def test_what_numba_cannot_type_has_its_line(self):
        self.refuse("x = carray(i, n)\ncarray(o, n)[0] = x + 'a'", "Numba cannot compile `carray.*No implementation", at=4)

    def test_print(self):
        self.refuse("print(n)", r"print\(\) needs the interpreter .*PySys_FormatStdout", cure="remove print()")

    def test_an_object_mode_block(self):
        self.refuse("with objmode():\n    x = 1", "object-mode block", at=3, cure="nopython")

    def test_an_object_mode_block_with_a_result(self):
        self.refuse("with objmode(x='float64'):\n    x = 1.0\ncarray(o, n)[0] = x", "object mode|object-mode block",
                    at=3, cure="nopython")

    def test_random_numbers(self):
        self.refuse("carray(o, n)[0] = np.random.random()", "np.random.*numba_get_np_random_state", cure="state")

    def test_blas(self):
        try:
            import scipy.linalg  # noqa: F401
            reason = "BLAS.*numba_xxdot"
        except ImportError:
            self.skipTest("Numba has no BLAS without SciPy")
        self.refuse("x = carray(i, n)\ncarray(o, n)[0] = np.dot(x, x)", reason, cure="loop")

    def test_a_small_global_array(self):
        self.assertExports(body("carray(o, n)[0] = A[n]", more="A = np.arange(5000.0)\n"))

    def test_a_large_global_array_is_named(self):
        self.refuse("carray(o, n)[0] = A[n]", r"the global array A \(1600000 bytes\) by its address", cure="the state",
                    more="A = np.arange(200000.0)\n")

    def test_a_global_array_with_gaps_is_named(self):
        self.refuse("carray(o, n)[0] = TAPS[n]", r"the global array TAPS \(40 bytes\)", cure="contiguous",
                    more="TAPS = np.arange(10.0)[::2]\n")

    def test_a_large_array_of_a_function_that_it_calls(self):
        self.refuse("carray(o, n)[0] = helper(n)", "the global array A", more="""\
            A = np.arange(200000.0)
            @njit
            def helper(k):
                return A[k]
            """)

    def test_a_function_of_ctypes(self):
        self.refuse("carray(o, n)[0] = labs(3)", "the global labs by its address", more="""\
            labs = ctypes.CDLL(None).labs
            labs.argtypes, labs.restype = [ctypes.c_long], ctypes.c_long
            """)

    def test_a_compiled_function(self):
        config = self.assertExports(body("carray(o, n)[0] = helper(n)", more="""\
            @njit(error_model="numpy")
            def helper(k):
                return 1.0 / k
            """))
        self.assertNotIn("np", config)

    def test_a_typed_dictionary(self):
        self.refuse("d = {1: 2}\ncarray(o, n)[0] = d[1]", "typed lists and dictionaries|Python objects|cannot compile")

    def test_an_exception_is_none_of_these(self):
        config = self.assertExports(body("if n == 3:\n    raise ValueError('boo')"))
        self.assertIn("ValueError: boo (cb.py:%d)" % (LINES + 4), config)
        self.assertIn("ALLOCATES 0", config)
        self.assertIn("RAISES 1", config)

    def test_an_array_temporary_is_none_of_these(self):
        config = self.assertExports(body("carray(o, n)[:] = np.tanh(2 * carray(i, n))"))
        self.assertIn("ALLOCATES 1", config)


class TheOptions(Export):
    CODE = body("carray(o, n)[0] = 1")

    def test_a_known_cpu(self):
        self.assertExports(self.CODE, "--cpu", "native")

    def test_an_unknown_cpu(self):
        self.assertRefused(self.CODE, 1, "LLVM knows no CPU 'commodore64'", "--cpu", "commodore64", cure="native")

    def test_an_arena(self):
        self.assertIn("ARENA 4096", self.assertExports(self.CODE, "--arena", "4096"))

    def test_a_bad_arena(self):
        for arena in "100", "4k", "-5", "":
            with self.subTest(arena):
                self.assertRefused(self.CODE, 1, "ARENA is", f"--arena={arena}", cure="leave it out")

    def test_a_file_that_cannot_be_written_leaves_nothing(self):
        (self.folder / "out").mkdir()
        (self.folder / "out" / "config.h").mkdir()
        code, errors = self.export(self.CODE)
        self.assertEqual(code, 1)
        self.assertRegex(errors, r"cannot write .*config\.h")
        self.assertEqual(os.listdir(self.folder / "out"), ["config.h"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
