# SPDX-License-Identifier: MIT
"""What the exporter refuses: each mistake gives one message that says where, why and what to do, and leaves no file.

Runs in one process, since importing Numba takes longer than all the rest: refusals.py EXPORTER FOLDER-OF-THE-CALLBACKS
"""
import contextlib
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
import unittest
import unittest.mock

EXPORTER, CALLBACKS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
sys.path.insert(0, str(EXPORTER.parent))
import portspan_export  # noqa: E402
import llvmlite.binding as llvm  # noqa: E402
from portspan_exporter.code import rename  # noqa: E402
from portspan_exporter.names import check_name  # noqa: E402
from portspan_exporter.refusal import Refusal  # noqa: E402

PREAMBLE = """\
import ctypes, math
import numpy as np
from numba import carray, cfunc, from_dtype, jit, njit, objmode, types
f = types.CPointer(types.float32)
p = types.voidptr
sig = types.intc(f, f, types.ulong, p, types.ulong, p)
"""
LINES = PREAMBLE.count("\n")
DECORATION = ("@cfunc(types.intc(types.CPointer(types.float32), types.CPointer(types.float32), types.ulong, "
              "types.voidptr, types.ulong, types.voidptr))")
DECORATOR = "@stream_callback(channels=2)` (from portspan_numba import stream_callback)"


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
        self.object, self.header, self.runtime = out / "cb_numba.o", out / "cb.hpp", out / "cb_runtime.cpp"
        errors, notes = io.StringIO(), io.StringIO()
        with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(notes):
            code = portspan_export.main([
                "--source", str(source), "--function", *function.split(), "--folder", str(out), "--header",
                str(self.header), "--depfile", str(out / "cb.d"), "--module", *options])
        self.notes = notes.getvalue()
        return code, errors.getvalue()

    def assertExports(self, code, *options, **more):
        result, errors = self.export(code, *options, **more)
        self.assertEqual((result, errors), (0, ""))
        self.assertEqual(sorted(os.listdir(self.folder / "out")), ["cb.d", "cb.hpp", "cb_numba.o", "cb_runtime.cpp"])
        self.assertEqual([name for name in os.listdir(self.folder / "source") if name == "__pycache__"], [])
        return self.runtime.read_text()

    def assertRefused(self, code, line, reason, *options, cure="", function="cb", name=None, **more):
        result, errors = self.export(code, *options, function=function, **more)
        self.assertEqual(result, 1, errors)
        lines = errors.rstrip("\n").split("\n")
        self.assertEqual(len(lines), 2, errors)
        self.assertTrue(lines[0].startswith(f"cb.py:{line}: {name or function}: "), errors)
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

    def test_a_python_without_numba_is_named(self):
        (self.folder / "numba.py").write_text("raise ImportError('none for this Python')\n")
        (self.folder / "source" / "cb.py").write_text(PREAMBLE + body("return 1"))
        run = subprocess.run([sys.executable, "-B", str(EXPORTER), "--source", str(self.folder / "source" / "cb.py"),
                              "--function", "cb", "--folder", str(self.folder / "out"), "--header",
                              str(self.folder / "out" / "cb.hpp")], capture_output=True, text=True,
                             env={**os.environ, "PYTHONPATH": str(self.folder)})
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stderr.splitlines(), [
            f"{sys.executable} cannot compile callbacks: ImportError: none for this Python",
            "  cure: install Numba for it, or name another interpreter with -DPORTSPAN_NUMBA_PYTHON=<path>"])
        self.assertFalse((self.folder / "out").exists())

    def test_a_file_that_cannot_be_read(self):
        source = self.folder / "source" / "cb.py"
        source.write_text("x = 1\n")
        with unittest.mock.patch.object(type(source), "read_bytes", side_effect=PermissionError(13, "not for you")):
            self.assertRefused(None, 1, "it cannot be read: not for you", cure="permissions")

    def test_what_has_compiled_it_is_tracked(self):
        import numba
        self.assertExports(body("carray(o, n)[0] = 1"))
        text = (self.folder / "out" / "cb.d").read_text().replace("\\ ", " ")
        for path in numba.__file__, str(EXPORTER), str(EXPORTER.parent / "portspan_exporter" / "export.py"):
            self.assertIn(path, text)

    def test_bytes_that_are_no_utf8_have_their_line(self):
        (self.folder / "source" / "cb.py").write_bytes(b"x = 1\n# caf\xe9\n")
        self.assertRefused(None, 2, "it is no UTF-8 text: byte 0xe9", cure="save it as UTF-8, or say its encoding")

    def test_nor_are_those_of_a_file_beside_it(self):
        for module, code, what in (("coffee", b"# caf\xe9\n", "it is no UTF-8 text: byte 0xe9"),
                                   ("tea", b"x = 'th\xe9'\n", "it is no UTF-8 text: byte 0xe9"),
                                   ("milk", b"x = (\n", "syntax error: ")):
            with self.subTest(module):
                (self.folder / "source" / f"{module}.py").write_bytes(b"x = 1\n\n" + code)
                result, errors = self.export(f"import {module}\n" + body("return 1"))
                self.assertEqual(result, 1, errors)
                self.assertIn(f"{module}.py:3: cb: {what}", errors)

    def test_an_encoding_that_the_file_says(self):
        for line, said in ((b"# -*- coding: latin-1 -*-", 0), (b"# coding: nonsense", 1)):
            with self.subTest(line):
                (self.folder / "source" / "cb.py").write_bytes(
                    line + b"\n" + (PREAMBLE + body("carray(o, n)[0] = 1  # caf\xe9")).encode("latin-1"))
                result, errors = self.export(None)
                self.assertEqual(result, said, errors)
                if said:
                    self.assertRegex(errors, "^cb.py:1: cb: syntax error: unknown encoding: nonsense")

    def test_a_file_that_is_no_text(self):
        self.assertRefused('\0', 1, 'no text|syntax error')

    def test_an_import_that_fails_names_the_module(self):
        self.assertRefused("import no_such_module_anywhere\n", LINES + 1,
                           "ModuleNotFoundError: No module named 'no_such_module_anywhere'", cure=sys.executable)

    def test_a_file_that_ends_the_interpreter_does_not_end_the_exporter(self):
        self.assertRefused("raise SystemExit(3)\n", 1, "ends the interpreter", cure="__main__")

    def test_a_missing_function_lists_those_there_are(self):
        self.assertRefused("@cfunc(sig)\ndef other(i, o, n, t, s, u):\n    return 0\n", 1, "it has other",
                           cure="FUNCTION")

    def test_a_file_without_any_callback_says_so(self):
        self.assertRefused("x = 1\n", 1, "no cfunc at all", cure=DECORATOR)

    def test_a_plain_function_is_no_callback(self):
        self.assertRefused("def cb(i, o, n, t, s, u):\n    return 0\n", LINES + 1, "a plain Python function",
                           cure=DECORATION)

    def test_a_plain_function_of_arrays_is_none_either(self):
        for decorator in "", "@njit\n":
            with self.subTest(decorator):
                self.assertRefused(f"{decorator}def cb(input, output):\n    pass\n", LINES + 1 + len(decorator) // 6,
                                   "a plain Python function|a jitted function", cure=DECORATOR)

    def test_a_jitted_function_is_no_callback(self):
        for decorator in "@njit", "@njit(sig)", "@jit(nopython=True)":
            with self.subTest(decorator):
                self.assertRefused(f"{decorator}\ndef cb(i, o, n, t, s, u):\n    return 0\n", LINES + 2,
                                   "it is a jitted function", cure=DECORATION)

    def test_another_object_is_no_callback(self):
        self.assertRefused("cb = 3\n", LINES + 1, "it is an int", cure=DECORATOR)

    def test_a_class_is_no_callback(self):
        self.assertRefused("class cb:\n    pass\n", LINES + 1, "it is a class", cure=DECORATOR)

    def test_the_cure_can_be_pasted(self):
        self.assertExports(f"{DECORATION}\ndef cb(i, o, n, t, s, u):\n    return 0\n")

    def test_a_name_that_c_lacks_is_refused(self):
        for name in "double", "namespace", "main":
            with self.subTest(name):
                self.assertRefused("x = 1\n", 1, f"{name} is no name that a C function can have", function=name,
                                   cure="rename the function")

    def test_an_exception_without_words(self):
        for words in "", " ", "\\n", "\\t\\n ":
            with self.subTest(words):
                self.assertRefused(f"raise ValueError('{words}')\n", LINES + 1,
                                   "importing the file fails: ValueError$", cure="correct it")

    def test_a_name_of_the_c_library_is_refused(self):
        names = "tanh sinf round memcpy puts printf write malloc exit".split()
        if sys.platform == "linux":
            names += ["y0", "environ", "lgamma_r"]
        for name in names:
            with self.subTest(name):
                self.assertRefused(f"@cfunc(sig)\ndef {name}(i, o, n, t, s, u):\n    return 0\n", LINES + 2,
                                   f"the C library has a {name} of its own", function=name,
                                   cure=f"rename the function, {name}_callback for example")

    def test_a_name_that_only_python_has_is_none_of_these(self):
        for name in "Py_Initialize", "swell":
            with self.subTest(name):
                code, errors = self.export(f"@cfunc(sig)\ndef {name}(i, o, n, t, s, u):\n    return 0\n", function=name)
                self.assertEqual((code, errors), (0, ""))

    def test_a_macro_of_the_compiler_is_refused(self):
        for name in "linux", "unix", "i386":
            with self.subTest(name):
                self.assertRefused(f"@cfunc(sig)\ndef {name}(i, o, n, t, s, u):\n    return 0\n", LINES + 2,
                                   f"{name} is a macro of some C.. compilers", cure="rename the function",
                                   function=name)

    def test_a_name_that_the_header_has_around_it_is_refused(self):
        for reason, names in (
                ("a name of C.. or of its library", "std size_t NULL uint8_t INT8_MAX isfinite va_list off64_t M_PI"),
                ("a name like those that portaudio.h declares", "PaStream paFloat32 paNoError Pa_OpenStream PaTime"),
                ("a name of portspan's own", "portspan portspan_description"),
                ("begins with an underscore, as names of C.. and its libraries do", "_gain __x _Complex_I")):
            for name in names.split():
                with self.subTest(name):
                    self.assertRefused(f"@cfunc(sig)\ndef {name}(i, o, n, t, s, u):\n    return 0\n", LINES + 2,
                                       f"{name}.*{reason}, the generated header", function=name,
                                       cure=f"rename the function, my_{name.strip('_')} for example")

    def test_a_name_that_only_looks_like_these_is_none(self):
        for name in "pan", "Pan", "parallel", "my_std", "standard", "gain_t", "portspanned":
            check_name(name, 1)

    def test_a_name_that_is_taken_in_the_code_is_refused(self):
        module = llvm.parse_assembly("declare void @taken()\ndeclare void @other()\n")
        other = module.get_function("other")
        with self.assertRaisesRegex(Refusal, "taken is in use") as caught:
            rename(other, "taken", 3)
        self.assertEqual((caught.exception.line, caught.exception.cure), (3, "rename the function"))
        rename(other, "free", 3)
        self.assertEqual(other.name, "free")

    def test_a_file_beside_it_is_imported_and_tracked(self):
        (self.folder / "source" / "beside_it.py").write_text("GAIN = 0.5\n")
        self.assertExports(body("carray(o, n)[0] = GAIN", more="from beside_it import GAIN\n"))
        self.assertIn("beside_it.py", (self.folder / "out" / "cb.d").read_text())

    def test_of_several_functions_one_that_fails_leaves_nothing_of_any(self):
        good = "@cfunc(sig)\ndef good(i, o, n, t, s, u):\n    return 0\n"
        self.assertRefused(good + "def bad():\n    pass\n", LINES + 4, "a plain Python function", function="good bad",
                           name="bad")

    def test_a_function_that_has_the_name_of_what_is_exported_beside_another(self):
        for suffix, what in (("error", "the function that has soft's error text"),
                             ("portspan", "what soft says about itself"),
                             ("portspan_error", "the function that has soft's failures"),
                             ("portspan_state", "the layout of soft's state"),
                             ("portspan_initial", "what a new state of soft holds")):
            code = "".join(f"@cfunc(sig)\ndef {name}(i, o, n, t, s, u):\n    return 0\n"
                           for name in ("soft", f"soft_{suffix}"))
            for function in f"soft soft_{suffix}", f"soft_{suffix} soft":
                with self.subTest(function):
                    self.assertRefused(code, LINES + 5, f"soft_{suffix} is also the name of {what}$", cure="rename it",
                                       function=function, name=f"soft_{suffix}")

    def test_two_functions_whose_states_would_have_one_name(self):
        state = "types.CPointer(types.Record.make_c_struct([('a', types.int8)]))"
        code = "".join(f"@cfunc(types.intc(f, f, types.ulong, p, types.ulong, {state}))\n"
                       f"def {name}(i, o, n, t, s, u):\n    return 0\n" for name in ("two_words", "twoWords"))
        self.assertRefused(code, LINES + 5, "another function in this library has a TwoWordsState",
                           cure="rename one", function="two_words twoWords", name="twoWords")

    def test_a_cache_of_numbas_own_is_not_left_behind(self):
        self.assertExports(body("carray(o, n)[0] = 1", "@cfunc(sig, cache=True)"))


class TheSignature(Export):
    def refuse(self, signature, reason, parameters="i, o, n, t, s, u"):
        self.assertRefused(f"@cfunc({signature})\ndef cb({parameters}):\n    return 0\n", LINES + 2, reason,
                           cure=DECORATION)

    def test_samples_that_portaudio_lacks(self):
        for pointee in ("types.float64", "types.complex64", "types.int64", "types.uint16", "types.uint32",
                        "types.boolean", "types.CPointer(types.float64)"):
            for at, (number, name) in enumerate([(1, "input"), (2, "output")]):
                with self.subTest(pointee, name=name):
                    samples = ["f", "f"]
                    samples[at] = f"types.CPointer({pointee})"
                    self.assertRefused(
                        f"@cfunc(types.intc({', '.join(samples)}, types.ulong, p, types.ulong, p))\n"
                        "def cb(i, o, n, t, s, u):\n    return 0\n", LINES + 2,
                        rf"parameter {number} \({name}\) is \w+\*+, PortAudio has no such sample",
                        cure="types.voidptr for packed 24 bit), and convert inside")

    def test_samples_that_portaudio_has(self):
        frame = "types.Record.make_c_struct([('left', types.float32), ('right', types.float32)])"
        for pointee in ("types.float32", "types.int32", "types.int16", "types.int8", "types.uint8", "types.voidptr",
                        "types.CPointer(types.int16)", frame, f"types.CPointer({frame})"):
            with self.subTest(pointee):
                self.assertExports(f"@cfunc(types.intc(p, types.CPointer({pointee}), types.ulong, p, types.ulong, p))\n"
                                   "def cb(i, o, n, t, s, u):\n    return 0\n")

    def test_a_string(self):
        for text in "int32(float32*, float32*, uint64, void*, uint64, void*)", "int32(Pointer(float32))":
            with self.subTest(text):
                self.assertRefused(f"@cfunc('{text}')\ndef cb(i, o, n, t, s, u):\n    return 0\n", LINES + 1,
                                   "Numba cannot compile", cure=f"types.CPointer(...): `{DECORATION}")

    def test_a_string_that_numba_understands(self):
        self.assertExports("@cfunc('int32(CPointer(float32), CPointer(float32), uint64, voidptr, uint64, voidptr)')\n"
                           "def cb(i, o, n, t, s, u):\n    return 0\n")

    def test_none_at_all(self):
        for decorator in "@cfunc", "@cfunc()", "@cfunc((f, f, types.ulong, p, types.ulong, p))":
            with self.subTest(decorator):
                self.assertRefused(f"{decorator}\ndef cb(i, o, n, t, s, u):\n    return 0\n", LINES + 1,
                                   "Numba cannot compile", cure=DECORATION)

    def test_a_parameter_too_few(self):
        self.assertRefused("@cfunc(sig)\ndef cb(i, o, n, t, s):\n    return 0\n", LINES + 1, "Signature mismatch",
                           cure="input, output, frames, time, status, state")

    def test_any_pointees_are_accepted(self):
        self.assertExports("@cfunc(types.int32(p, types.CPointer(f), types.int64, p, types.uint64, f))\n"
                           "def cb(i, o, n, t, s, u):\n    return 0\n")
        text = self.header.read_text()
        self.assertIn("const void* input, float* const* output", text)
        self.assertIn("float* state", text)

    def test_the_header_tells_what_becomes_of_no_state(self):
        record = "types.CPointer(types.Record.make_c_struct([('a', types.int8)]))"
        for state, needs, size, bare, says in (
                (record, 0, 1, 0, "may be NULL: the library then uses one CbState of its own"),
                ("f", 1, 0, 0, "must not be NULL: the call then returns paAbort"),
                ("types.CPointer(f)", 1, 0, 0, "must not be NULL: the call then returns paAbort"),
                ("types.CPointer(p)", 1, 0, 0, "must not be NULL: the call then returns paAbort"),
                ("p", 0, 0, 1, "is passed on as it is, NULL too"),
                ("types.CPointer(types.void)", 0, 0, 1, "is passed on as it is, NULL too")):
            with self.subTest(state):
                config = self.assertExports(body(
                    "return 1", f"@cfunc(types.intc(f, f, types.ulong, p, types.ulong, {state}))"))
                self.assertIn(f"NEEDS_STATE {needs}\n", config)
                self.assertIn(f"STATE_SIZE {size}\n", config)
                self.assertIn(f"BARE {bare}\n", config)
                self.assertIn(f"/// The last argument {says}", self.header.read_text())
                self.assertEqual(self.header.read_text().count("The last argument"), 1)

    def test_a_result_of_another_size(self):
        self.refuse("types.int64(f, f, types.ulong, p, types.ulong, p)", "the result is int64")

    def test_a_frame_count_of_32_bits(self):
        self.refuse("types.intc(f, f, types.uint32, p, types.ulong, p)",
                    r"parameter 3 \(frames\) is uint32.*unsigned long")

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

    def test_a_field_named_like_a_macro(self):
        self.assertRefused(self.state("types.Record.make_c_struct([('unix', types.int8)])"), LINES + 2,
                           "field unix of the state has no valid C")

    def test_a_field_without_a_counterpart(self):
        self.assertRefused(self.state("from_dtype(np.dtype([('name', 'S8')]))"), LINES + 2,
                           "field name of the state is")

    def access(self, lines, cure, at=3, state="types.CPointer(State)"):
        self.assertRefused(body(lines, f"@cfunc(types.intc(f, f, types.ulong, p, types.ulong, {state}))",
                                "State = types.Record.make_c_struct([('gain', types.float32)])\n"),
                           LINES + at + 1, "Numba cannot compile", cure=cure)

    def test_a_field_behind_the_pointer(self):
        for code in ("carray(o, n)[0] = u[0].gain", "carray(o, n)[0] = u.gain", "u[0].gain = 1", "u.gain = 1",
                     "x = u[0]; x.gain = 1"):
            with self.subTest(code):
                self.access(code, "take the state with `s = carray(u, 1)[0]`, then s.gain")

    def test_a_field_of_what_has_none(self):
        for code in "carray(o, n)[0] = u[0].gain", "u.gain = 1":
            with self.subTest(code):
                self.access(code, "[('gain', types.float32)])) in the signature, then take it with `s = carray(u, 1)",
                            state="p")

    def test_a_field_as_the_cure_has_it(self):
        self.assertExports(body("s = carray(u, 1)[0]\ncarray(o, n)[0] = s.gain",
                                "@cfunc(types.intc(f, f, types.ulong, p, types.ulong, types.CPointer(State)))",
                                "State = types.Record.make_c_struct([('gain', types.float32)])\n"))


class ThePointers(Export):
    def refuse(self, lines, reason, cure, at=1):
        self.assertRefused(body(lines), LINES + 2 + at, reason, cure=cure)

    def test_one_compared_with_none(self):
        for code, always in (("i is None", "never"), ("i == None", "never"), ("None is i", "never"),
                             ("i is not None", "always"), ("i != None", "always")):
            with self.subTest(code):
                self.refuse(f"if n > 0 and {code}:\n    return 1", f"`{code}` is {always} true for a pointer",
                            "make the array first, x = carray(i, ...), then `if x.ctypes.data == 0:` means there is no "
                            "input")

    def test_each_of_them(self):
        for name, absent in ("o", "output"), ("t", "time"), ("u", "state"):
            with self.subTest(name):
                self.refuse(f"if {name} is None:\n    return 1", f"`{name} is None` is never true",
                            f"there is no {absent}")

    def test_an_array_compared_with_none(self):
        self.refuse("x = carray(i, n)\nif x is None:\n    return 1", "`x is None` is never true for an array",
                    "`if x.ctypes.data == 0:` means there is no input", at=2)

    def test_another_name_of_one(self):
        self.refuse("x = i\nif x is None:\n    return 1", "`x is None` is never true for a pointer", "carray(i, ...)",
                    at=2)

    def test_what_may_be_none_is_not_refused(self):
        self.assertExports(body("x = None\nif n > 3:\n    x = carray(i, n)\nif x is None:\n    return 1"))
        self.assertExports(body("for i in range(n):\n    if i == 3:\n        return 1\n"))

    def test_the_truth_of_one(self):
        for code in "if not i:", "if i:", "if bool(i):", "if i and n:", "if i == 0:":
            with self.subTest(code):
                self.refuse(f"{code}\n    return 1", "Numba cannot compile",
                            "make the array first, x = carray(i, ...), then `if x.ctypes.data == 0:`")

    def test_no_input_as_the_cure_has_it(self):
        self.assertExports(body("x = carray(i, n)\nif x.ctypes.data == 0:\n    return 1\ncarray(o, n)[0] = x[0]"))

    def test_one_used_like_an_array(self):
        for code in "x = len(i)", "x = i * 2", "i[:] = 0", "x = i.size", "x = np.tanh(i)", "for x in i: pass":
            with self.subTest(code):
                self.refuse(code, "Numba cannot compile", "a pointer is no array: x = carray(i, ...) makes one")

    def test_an_array_of_unknown_samples(self):
        self.refuse("x = carray(u, 1)", "Numba cannot compile", "carray(u, ..., np.float32)")

    def test_an_array_of_other_samples(self):
        self.refuse("x = carray(i, n, np.float64)", "Numba cannot compile", "the signature has it")


class TheResult(Export):
    def refuse(self, lines, reason, at, cure="end it with `return 0` (go on), 1 (complete) or 2 (abort)"):
        self.assertRefused("@cfunc(sig)\ndef cb(i, o, n, t, s, u):\n" + textwrap.indent(lines, "    ") + "\n",
                           LINES + 2 + at, reason, cure=cure)

    def test_none(self):
        self.refuse("x = carray(o, n)\nx[0] = 1", "it does not return a result on every path$", 2)

    def test_on_one_path_only(self):
        self.refuse("if n == 3:\n    return 0\nfor k in range(n):\n    carray(o, n)[k] = 1",
                    "it does not return a result on every path$", 4)

    def test_a_return_without_one(self):
        self.refuse("if n == 3:\n    return\nreturn 0", "it does not return a result on every path$", 2)

    def test_another_type(self):
        self.refuse("return carray(o, n)", r"it returns array\(float32, 1d, C\)$", 1)

    def test_a_generator(self):
        self.refuse("yield 0", "it is a generator$", 1, "keep what goes on in the state")

    def test_a_helper_without_one(self):
        self.assertRefused("@njit(types.float64(types.float64))\ndef helper(x):\n    y = x\n", LINES + 3,
                           "it does not return a result", cure="a `return` of its result", function="helper")


class TheDecorator(Export):
    """A function that @stream_callback decorates; its first line is the third."""
    PLAIN = "channels=2"
    PLANAR = "channels=2, planar=True"
    STATE = 'channels=2, state=[("gain", "f4"), ("line", "f8", 4)]'

    def code(self, lines, options, parameters, more=""):
        lines = textwrap.indent(textwrap.dedent(lines).strip("\n"), "    ")
        return (f"from portspan_numba import stream_callback\n{textwrap.dedent(more)}"
                f"@stream_callback({options})\ndef cb({parameters}):\n{lines}\n")

    def refuse(self, lines, reason, cure, at=1, options=PLAIN, parameters="input, output", more="", **named):
        self.assertRefused(self.code(lines, options, parameters, more), LINES + 3 + more.count("\n") + at, reason,
                           cure=cure, **named)

    def test_of_a_function_without_mistakes(self):
        text = self.assertExports(self.code("output[:] = state.gain * input", self.STATE, "input, output, state"))
        self.assertIn("ALLOCATES 1", text)
        text = self.assertExports(self.code("for frame in range(len(output)):\n    output[frame, 0] = input[frame, 1]",
                                            self.PLAIN, "input, output"))
        self.assertIn("BARE 1", text)

    def test_the_library_says_what_a_new_state_is(self):
        lines, takes = "output[:] = state.gain * input", "input, output, state"
        says = '#define PORTSPAN_CALLBACK_LAYOUT "gain:f4:0;line:f8[4]:8;size:40"\n'
        text = self.assertExports(self.code(lines, self.STATE, takes))
        self.assertIn(says, text)
        self.assertNotIn("CALLBACK_INITIAL", text)
        self.assertIn("cb_portspan_state[]", self.header.read_text())
        self.assertNotIn("cb_portspan_initial", self.header.read_text())
        text = self.assertExports(self.code(lines, f'{self.STATE}, defaults={{"gain": 2}}', takes))
        self.assertIn(says, text)
        self.assertIn("CALLBACK_INITIAL_SIZE 40\n#define PORTSPAN_CALLBACK_INITIAL 0, 0, 0, 64\n", text)
        self.assertIn("cb_portspan_initial[]", self.header.read_text())
        self.assertNotIn("LAYOUT", self.assertExports(self.code("output[:] = input", self.PLAIN, "input, output")))

    def test_what_numba_cannot_type_has_its_own_line(self):
        self.refuse("x = 1\noutput[:] = input + 'a'", "Numba cannot compile `output.*No implementation",
                    "nopython mode", at=2)

    def test_and_so_has_that_of_a_function_that_it_calls(self):
        self.assertRefused(self.code("helper(input, output)", self.PLAIN, "input, output",
                                     "@njit\ndef helper(x, y):\n    y[:] = x + 'a'\n"),
                           LINES + 4, "`y.*No implementation", cure="nopython mode", name="helper")

    def test_what_numba_stumbles_over_has_its_line(self):
        self.refuse("x = 1\ninput *= 2", "Numba cannot compile `input", "nobody writes to PortAudio's input", at=2)
        self.refuse("x = state.gian", "the record has no field gian", "correct its name", options=self.STATE,
                    parameters="input, output, state")
        self.refuse("x = 1\nstate.line = input[0]", "Numba cannot compile `state", "assign the elements", at=2,
                    options=self.STATE, parameters="input, output, state")

    def test_an_input_that_is_written_to(self):
        for at, lines in ((1, "input[0, 0] = 1"), (1, "input[:] = 0"), (2, "x = input\nx[0, 0] = 1"),
                          (2, "x = input[:, 0]\nx[:] = 0")):
            with self.subTest(lines):
                self.refuse(lines, "readonly array", "copy it, output[:] = input, and change the output", at=at)

    def test_a_global_that_is_written_to_is_no_input(self):
        self.refuse("A[0] = input[0, 0]", "readonly array", "module arrays are constants here",
                    more="A = np.zeros(3)\n")

    def test_a_helper_that_wants_to_write(self):
        self.refuse("helper(input)", "readonly array", "leave the signature out of its @njit",
                    more="@njit('(f4[:, ::1],)')\ndef helper(x):\n    x[0, 0] = 1\n")

    def test_a_comparison_with_none(self):
        self.refuse("if input is None:\n    return", "`input is None` is never true for an array", "it is silence")
        self.refuse("x = output\nif x is not None:\n    return", "`x is not None` is always true for an array",
                    "without an output", at=2)
        self.refuse("if state is None:\n    return", "never true for a record", "the callback's own",
                    options=self.STATE, parameters="input, output, state")
        self.refuse("if time == None:\n    return", "never true for a record", "they are 0",
                    parameters="input, output, time")

    def test_habits_from_a_cfunc(self):
        self.refuse("x = carray(input, (frames, 2))", "NameError", "the number of frames is output.shape[0]")
        self.refuse("x = 1\nfor k in range(frames):\n    x += 1", "NameError", "input.shape[0]", at=2,
                    parameters="input")
        self.refuse("x = carray(input, 3)", "Numba cannot compile", "leave carray out")
        self.refuse("x = state[0].gain", "Numba cannot compile", "the record itself: state.gain", options=self.STATE,
                    parameters="input, output, state")

    def test_planar_buffers_that_are_used_like_one_array(self):
        for code in ("output[:] = input", "output[0, 0] = input[0, 0]", "output[0][:] = 0.5 * input",
                     "n = output.shape[0]", "output[0] = input[0]"):
            with self.subTest(code):
                self.refuse(code, "Numba cannot compile", "input[channel][frame]", options=self.PLANAR)

    def test_a_result_that_is_none(self):
        for at, lines, what in ((2, "x = 1\nreturn output", "array"), (1, "return 0.5", "float64"),
                                (1, "yield 1", "generator")):
            with self.subTest(lines):
                self.refuse(lines, f"it returns {what}|it is a {what}", "0 (go on), 1 (complete), 2 (abort)", at=at)

    def test_its_own_refusals_have_its_line(self):
        for options, parameters, reason, cure in (
                ("channels=0", "input, output", "channels is 0", "1 to 1024"),
                ("channels=2", "indata, outdata", "it has the parameter `indata`", "by these names"),
                ("channels=2, sample='int24'", "input, output", "sample is int24", "PortAudio converts"),
                ("channels=2, state=[('a', 'O')]", "output, state", "Numba cannot use the state", "its fields"),
                ("chanels=3", "output", "neither stream_callback nor numba.njit has .* 'chanels'", "write channels")):
            with self.subTest(options):
                self.refuse("pass", reason, cure, at=-1, options=options, parameters=parameters)

    def test_a_state_that_c_lacks(self):
        self.refuse("pass", "field name of the state is", "use numbers", at=0, parameters="output, state",
                    options="channels=2, state=[('name', 'S8')]")

    def test_defaults_are_in_the_header(self):
        self.assertExports(self.code("output[:] = state.a", """channels=2, state=[
            ("a", "f4"), ("b", "f8", 2), ("c", "i8"), ("d", "u4"), ("e", "?"), ("f", "c8"), ("g", "i1", (2, 2)),
            ("h", "f8")], defaults={"a": 0.1, "b": [1, 1e30], "c": -2**63, "d": 7, "e": True, "f": 1 - 2j,
            "g": [[1, 0], [2, 3]]}""", "output, state"))
        for line in ("float a{0.1f};", "double b[2]{1.0, 1e+30};", "std::int64_t c{-9223372036854775807 - 1};",
                     "std::uint32_t d{7u};", "bool e{true};", "std::complex<float> f{1.0f, -2.0f};",
                     "std::int8_t g[2][2]{{1, 0}, {2, 3}};", "double h{};"):
            self.assertIn(f"    {line}\n", self.header.read_text())


class TheCode(Export):
    def refuse(self, lines, reason, cure="", at=2, **more):
        self.assertRefused(body(lines, **more), LINES + more.get("more", "").count("\n") + at, reason, cure=cure)

    def test_what_numba_cannot_type_has_its_line(self):
        self.refuse("x = carray(i, n)\ncarray(o, n)[0] = x + 'a'", "Numba cannot compile `carray.*No implementation",
                    at=4)

    def test_print(self):
        self.refuse("print(n)", r"print\(\) needs the interpreter .*PySys_FormatStdout", cure="remove print()")

    def test_parallel_code_is_not_called_print(self):
        self.refuse("carray(o, n)[:] = np.tanh(2 * carray(i, n))", "parallel=True starts threads.*numba_parallel_for",
                    cure="without parallel=True", decorator="@cfunc(sig, parallel=True)")

    def test_nor_is_that_of_a_function_that_it_calls(self):
        self.refuse("print(n)\nhelper(carray(o, n))", "parallel=True starts threads", more="""\
            @njit(parallel=True)
            def helper(x):
                x[:] = np.tanh(2 * x)
            """)

    def test_printing_an_array_is_not_called_a_list(self):
        self.refuse("print(carray(o, n))", r"print\(\) needs the interpreter", cure="remove print()")

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

    def test_a_function_without_a_decorator(self):
        helper = "def shape(x):\n    return x\n"
        self.refuse("carray(o, n)[0] = shape(1.0)", "Untyped global name 'shape'", at=3,
                    cure="decorate shape with @njit", more=helper)
        self.assertExports(body("carray(o, n)[0] = shape(1.0)", more="@njit\n" + helper))

    def test_a_function_without_a_decorator_has_the_line_of_its_caller(self):
        self.assertRefused(body("carray(o, n)[0] = helper(1.0)", more="""\
            def shape(x):
                return x
            @njit
            def helper(x):
                return shape(x)
            """), LINES + 5, "`return shape", cure="decorate shape with @njit", function="helper")

    def test_a_function_of_a_library(self):
        self.refuse("carray(o, n)[0] = dedent('x')", "Untyped global name 'dedent'", at=3,
                    cure="Numba does not know dedent of textwrap", more="from textwrap import dedent\n")

    def test_a_name_that_is_not_there(self):
        self.refuse("x = 1\ncarray(o, n)[0] = nowhere", "`carray.*NameError: name 'nowhere'", at=4,
                    cure="define nowhere")

    def test_a_global_that_changes(self):
        for code, value in (("A[0] = 1", "np.zeros(4)"), ("A[:] += 1", "np.zeros(4)"), ("A.fill(1)", "np.zeros(4)"),
                            ("global A; A = 2", "1"), ("A.append(1.0)", "[1.0]"), ("x = A['x']", "{'x': 1}")):
            with self.subTest(code):
                self.refuse(code, "Numba cannot compile", cure="keep what changes in the state", at=3,
                            more=f"A = {value}\n")

    def test_a_range_of_unsigned_numbers(self):
        self.refuse("x = np.arange(n)", "arange", cure="np.arange(np.int64(n))", at=3)
        self.assertExports(body("x = np.arange(np.int64(n))\ncarray(o, n)[0] = x[0]"))

    def test_a_file_and_a_lock(self):
        for code in "x = open('x')", "with open('x') as x:\n    pass", "with LOCK:\n    pass":
            with self.subTest(code):
                self.refuse(f"carray(o, n)[0] = 1\n{code}", f"Numba cannot compile `{re.escape(code.splitlines()[0])}`",
                            cure="a callback must not wait for files", at=4,
                            more="import threading\nLOCK = threading.Lock()\n")

    def test_an_import_inside(self):
        self.refuse("import math as m", "IMPORT_NAME", cure="at the top of the file", at=3)

    def test_an_exception_by_name(self):
        self.refuse("try:\n    x = 1\nexcept ValueError:\n    x = 2", "exception_match", cure="except Exception", at=5)

    def test_a_function_of_one_number(self):
        self.refuse("carray(o, n)[:] = math.sin(carray(i, n))", "sin", cure="np.sin takes arrays", at=3)

    def test_a_function_of_pythons_own(self):
        for code, cure in (("abs(x)", "np.abs takes arrays"), ("round(x)", "np.rint takes arrays"),
                           ("max(x, 0)", "np.maximum takes arrays"), ("min(1.0, x)", "np.minimum takes arrays")):
            with self.subTest(code):
                self.refuse(f"x = carray(i, n)\ncarray(o, n)[:] = {code}", f"{code[:3]}\\w*\\(", at=4,
                            cure=f"Python's {code.split('(')[0]} takes numbers: {cure}")

    def test_the_functions_of_arrays_as_the_cure_has_them(self):
        for code in "np.abs(x)", "np.rint(x)", "np.maximum(x, 0)", "np.minimum(1.0, x)":
            with self.subTest(code):
                self.assertExports(body(f"x = carray(i, n)\ncarray(o, n)[:] = {code}"), "--arena", "4096")

    def test_object_mode_altogether(self):
        self.refuse("x = 1", "object mode not allowed", cure="leave out forceobj=True", at=1,
                    decorator="@cfunc(sig, forceobj=True)")

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

    def test_an_exception_of_numbas_functions_has_the_line_that_calls_them(self):
        code = "x = carray(i, n)\ncarray(o, n)[0] = x[:6].reshape(n, 2)[0, 1]"
        self.assertIn("unchanged (cb.py:%d)" % (LINES + 4), self.assertExports(body(code)))

    def test_where_exceptions_are_caught_that_line_might_be_of_another(self):
        code = ("z = carray(i, n)[:6].reshape(n, 2)\ntry:\n    x = carray(i, n).reshape(n, 2)\nexcept Exception:\n"
                "    return 2\ncarray(o, n)[0] = x[0, 1] + z[0, 1]")
        config = self.assertExports(body(code))
        self.assertIn("must be unchanged", config)
        self.assertNotIn("unchanged (cb.py", config)

    def test_an_assignment_says_what_does_not_fit(self):
        config = self.assertExports(body("carray(o, n)[:] = carray(i, 2 * n)"))
        self.assertIn("ValueError: cannot assign slice from input of different size (cb.py:%d)" % (LINES + 3), config)
        self.assertNotIn("known only when", config)

    def test_an_array_temporary_is_none_of_these(self):
        config = self.assertExports(body("carray(o, n)[:] = np.tanh(2 * carray(i, n))"))
        self.assertIn("ALLOCATES 1", config)


class TheNotes(Export):
    def notesOf(self, code, *options):
        self.assertExports(code, *options)
        return self.notes.splitlines()

    def assertNotes(self, code, line, what):
        # An arena that is measured has a note of its own.
        notes = self.notesOf(code, "--arena", "262144")
        self.assertEqual(len(notes), 1, notes)
        self.assertRegex(notes[0], rf"^cb\.py:{line}: cb: note: `.*` {what}.*\(QUIET leaves notes out\)$")
        self.assertEqual(self.notesOf(code, "--arena", "262144", "--quiet"), [])

    def test_on_array_expressions(self):
        what = "goes through the callback's arena; a loop over the samples"
        self.assertNotes(body("x = carray(i, n)\ncarray(o, n)[:] = x * 0.5"), LINES + 4, what)
        self.assertNotes(body("x = carray(i, n)\ncarray(o, n)[:] = x"), LINES + 4, what)

    def test_in_decorated_functions_and_those_that_they_call(self):
        self.assertNotes("from portspan_numba import stream_callback\n@stream_callback(channels=2)\n"
                         "def cb(input, output):\n    x = input\n    output[:] = x * 0.5\n", LINES + 5, "goes through")
        self.assertNotes("@njit\ndef helper(x, y):\n    y[:] = x * 0.5\n" + body("helper(carray(i, n), carray(o, n))"),
                         LINES + 3, "goes through")

    def test_on_divisions_in_loops(self):
        code = "x, y = carray(i, n), carray(o, n)\nfor k in range(n):\n    y[k] = 1 / x[k]"
        self.assertNotes(body(code), LINES + 5, "looks for a division by zero.*error_model=\"numpy\"")
        self.assertEqual(self.notesOf(body(code, '@cfunc(sig, error_model="numpy")')), [])

    def test_on_nothing_else(self):
        code = ("x, y = carray(i, n), carray(o, n)\ng = 1 / x[0]\nfor k in range(n):\n    y[k] = g * x[k] / 3\n"
                "if n == 7:\n    raise ValueError('seven')")
        self.assertEqual(self.notesOf(body(code)), [])


class TheOptions(Export):
    CODE = body("carray(o, n)[0] = 1")

    def test_a_known_cpu(self):
        self.assertExports(self.CODE, "--cpu", "native")

    def test_an_unknown_cpu(self):
        self.assertRefused(self.CODE, 1, "LLVM knows no CPU 'commodore64'", "--cpu", "commodore64", cure="native")

    def test_an_arena(self):
        self.assertIn("ARENA 4096", self.assertExports(self.CODE, "--arena", "4096"))

    def test_a_bad_arena(self):
        for arena in "100", "4k", "-5", "", "\u00b2", "\u0664" * 4:
            with self.subTest(arena):
                self.assertRefused(self.CODE, 1, "ARENA is", f"--arena={arena}", cure="leave it out")

    def test_an_arena_that_no_library_can_hold(self):
        for arena in "134217729", "1073741824", "99999999999", "9" * 5000:
            with self.subTest(arena[:12]):
                self.assertRefused(self.CODE, 1, "at most 134217728", f"--arena={arena}", cure="leave it out")
        self.assertIn("ARENA 134217728\n", self.assertExports(self.CODE, "--arena", "134217728"))

    def test_a_file_that_cannot_be_written_leaves_nothing(self):
        (self.folder / "out").mkdir()
        (self.folder / "out" / "cb_runtime.cpp").mkdir()
        code, errors = self.export(self.CODE)
        self.assertEqual(code, 1)
        self.assertRegex(errors, r"cannot write .*cb_runtime\.cpp")
        self.assertEqual(os.listdir(self.folder / "out"), ["cb_runtime.cpp"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
