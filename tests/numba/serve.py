# SPDX-License-Identifier: MIT
"""The compile server, as a program that lets somebody edit a callback and hear it would use it.

Each library that comes is loaded beside those before it, and called: serve.py EXPORTER FOLDER-OF-THE-CALLBACKS
"""
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

EXPORTER, CALLBACKS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
HEAD = "from portspan_numba import stream_callback\n"
GAIN = """
@stream_callback(channels=1)
def gain(input, output):
    for frame in range(output.shape[0]):
        output[frame, 0] = {} * input[frame, 0]
"""


class Server:
    def __init__(self, exporter=EXPORTER, errors=None):
        # Not from a source folder: it has to find its own files, and writes nothing there.
        self.process = subprocess.Popen([sys.executable, "-B", str(exporter), "--serve"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=errors, text=True, cwd="/")
        self.ready = self.answer()

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def send(self, request):
        self.process.stdin.write((request if isinstance(request, str) else json.dumps(request)) + "\n")
        self.process.stdin.flush()

    def ask(self, request):
        self.send(request)
        return self.answer()

    def end(self):
        self.process.stdin.close()
        status = self.process.wait(30)
        self.process.stdout.close()
        return status


def call(library, function, samples, channels=1, state=None):
    """(what a callback returns, what it plays) for some samples."""
    frames = len(samples) // channels
    source, target = (ctypes.c_float * len(samples))(*samples), (ctypes.c_float * len(samples))()
    run = getattr(library, function)
    run.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p]
    return run(source, target, frames, None, 0, state), list(target)


def until(condition):
    for _ in range(600):
        if condition():
            return True
        time.sleep(0.05)
    return False


class Serving(unittest.TestCase):
    longMessage = True

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.source = self.folder / "source" / "gain.py"
        self.source.parent.mkdir()
        self.live = self.folder / "live"

    def serve(self, **more):
        server = Server(**more)
        self.assertTrue(server.ready["ok"], server.ready)
        self.addCleanup(lambda: server.process.poll() is None and server.end())
        return server

    def request(self, **more):
        return {"source": str(self.source), "folder": str(self.live), **more}

    def assertCompiles(self, server, code=None, **more):
        if code is not None:
            self.source.write_text(HEAD + textwrap.dedent(code))
        answer = server.ask(self.request(**more))
        self.assertTrue(answer["ok"], answer)
        self.assertGreater(answer["seconds"], 0)
        return ctypes.CDLL(answer["library"]), answer

    def assertFails(self, server, error, code=None, **more):
        if code is not None:
            self.source.write_bytes(code if isinstance(code, bytes) else (HEAD + textwrap.dedent(code)).encode())
        answer = server.ask(self.request(**more))
        self.assertFalse(answer["ok"], answer)
        self.assertRegex(answer["error"], error)
        return answer


class Edits(Serving):
    def test_of_a_callback_are_heard(self):
        server = self.serve()
        self.assertEqual(server.ready["protocol"], 1)
        first, answer = self.assertCompiles(server, GAIN.format(0.5))
        self.assertEqual((answer["function"], answer["notes"], answer["files"]), ("gain", [], [str(self.source)]))
        self.assertEqual(call(first, "gain", [1, -2]), (0, [0.5, -1]))
        second, _ = self.assertCompiles(server, GAIN.format(0.25))
        self.assertEqual(call(second, "gain", [1, -2]), (0, [0.25, -0.5]))
        self.assertEqual(call(first, "gain", [1, -2]), (0, [0.5, -1]), "the old library stays what it was")
        self.assertFails(server, r"^gain\.py:2: syntax error: .*\n  cure: correct the file$", "def gain(:\n")
        self.assertFails(server, r"^gain\.py:1: there is no callback in the file\n  cure: decorate", "")
        self.assertFails(server, r"^gain\.py:1: there is no callback in the file", b"")
        # An editor that is not done with it.
        self.assertFails(server, r"^gain\.py:\d: syntax error", (HEAD + GAIN.format(0.5))[:-30].encode())
        self.assertFails(server, r"^gain\.py:\d: it is no text|^gain\.py:\d: syntax error", b"\0\0\0")
        self.source.unlink()
        self.assertFails(server, r"^gain\.py:1: there is no file .*gain\.py\n")
        third, _ = self.assertCompiles(server, GAIN.format(2))
        self.assertEqual(call(third, "gain", [1, -2]), (0, [2, -4]))
        both = GAIN.format(3) + GAIN.format(4).replace("def gain", "def louder")
        library, answer = self.assertCompiles(server, both, function="louder")
        self.assertEqual(answer["function"], "louder")
        self.assertEqual(call(library, "louder", [1, -2]), (0, [4, -8]))
        self.assertFalse(hasattr(library, "gain"))
        self.assertEqual(self.assertCompiles(server)[1]["function"], "gain")
        self.assertFails(server, "gain.py:1: softer: there is no such function in the file; it has gain, louder",
                         function="softer")
        self.assertEqual([path.name for path in self.live.iterdir() if path.suffix not in (".so", ".o")], [])
        self.assertEqual(os.listdir(self.source.parent), ["gain.py"])
        self.assertEqual(server.end(), 0)

    def test_of_a_module_beside_it_are_heard(self):
        server = self.serve()
        beside = self.source.parent / "level.py"
        beside.write_text("LEVEL = 0.5\n")
        code = "from level import LEVEL\n" + GAIN.format("LEVEL")
        library, answer = self.assertCompiles(server, code)
        self.assertEqual(call(library, "gain", [1]), (0, [0.5]))
        both = [str(self.source), str(beside)]
        self.assertEqual(answer["files"], both)
        for broken, error in (("LEVEL = \n", r"^level\.py:1: syntax error"),
                              ("LEVEL = LEVELS\n", r"^gain\.py:2: importing the file fails: NameError")):
            beside.write_text(broken)
            self.assertEqual(self.assertFails(server, error)["files"], both, "what has to be corrected is watched")
        beside.write_text("LEVEL = 2\n")
        library, _ = self.assertCompiles(server)
        self.assertEqual(call(library, "gain", [1]), (0, [2]))

    def test_leave_nothing_for_the_next_request(self):
        server = self.serve()
        leak = """
            import builtins, math, os, sys
            builtins.LEVEL = math.pi = 3
            os.environ["LEVEL"] = "3"
            sys.modules["level"] = math
            os.chdir(os.sep)
            """
        self.assertCompiles(server, textwrap.dedent(leak) + GAIN.format("LEVEL"))
        self.assertFails(server, r"^gain\.py:6: gain: .*name 'LEVEL' is not defined", GAIN.format("LEVEL"))
        self.assertFails(server, r"No module named 'level'", "import level\n" + GAIN.format(1))
        library, _ = self.assertCompiles(server, "import math, os\nassert 'LEVEL' not in os.environ\n" +
                                         GAIN.format("math.pi"))
        self.assertAlmostEqual(call(library, "gain", [1])[1][0], 3.14159265, places=5)

    def test_of_every_kind_do_what_the_build_makes(self):
        """Those with a runtime of many parts: exceptions, an arena, mathematics; and the notes."""
        server = self.serve()
        self.assertEqual(self.assertFails(server, r"^quieter\.py:1: there is no file", source="quieter.py")["ok"], False)
        self.source.write_text(HEAD + "import numpy as np\n" + textwrap.dedent("""
            @stream_callback(channels=1, state=[("gain", "f4"), ("line", "f4", 3)], defaults={"gain": 0.5})
            def arrays(input, output, state):
                if input[0, 0] == 7:
                    raise ValueError("seven")
                output[:] = state.gain * input + np.exp(0 * input) - 1
            """))
        for more, arena in ({}, 262144), ({"dry_run": False}, 262144), ({"arena": 4096}, 4096):
            library, answer = self.assertCompiles(server, function=None, **more)
            notes = "\n".join(answer["notes"])
            self.assertIn("gain.py:8: arrays: note: `output[:] = ", notes)
            self.assertEqual("in a dry run" in notes, not more, notes)
            self.assertEqual(call(library, "arrays", [1, -2]), (0, [0.5, -1]))
            self.assertEqual(call(library, "arrays", [7, 1])[0], 2)
            library.arrays_error.restype = ctypes.c_char_p
            self.assertEqual(library.arrays_error(), b"ValueError: seven (gain.py:7)")
        library, answer = self.assertCompiles(server, quiet=True, cpu="native", vector_math=False)
        self.assertEqual(answer["notes"], [])
        self.assertEqual(call(library, "arrays", [1, -2]), (0, [0.5, -1]))
        # What the library says of its state.
        text = b"gain:f4:0;line:f4[3]:4;size:16"
        self.assertEqual(ctypes.c_char_p(ctypes.addressof(ctypes.c_char.in_dll(library, "arrays_portspan_state"))).value,
                         text)
        initial = (ctypes.c_float * 4).in_dll(library, "arrays_portspan_initial")
        self.assertEqual(list(initial), [0.5, 0, 0, 0])

    def test_of_the_examples_and_the_tests(self):
        server = self.serve()
        for name, function in (("soft_clip.py", "soft_clip"), ("failures.py", "failures"), ("operations.py", "operations"),
                               ("decorated.py", "d_checked"), ("delay.py", "delay_block"), ("layout.py", "layout")):
            folder = CALLBACKS if (CALLBACKS / name).exists() else CALLBACKS.parents[1] / "examples" / "callbacks"
            library, answer = self.assertCompiles(server, source=str(folder / name), function=function)
            self.assertTrue(hasattr(library, f"{function}_error"), answer)

    def test_in_great_number(self):
        server = self.serve()
        names = set()
        for number in range(12):
            library, answer = self.assertCompiles(server, GAIN.format(number), quiet=True)
            self.assertEqual(call(library, "gain", [1]), (0, [number]))
            names.add(answer["library"])
        self.assertEqual(len(names), 12)
        self.assertEqual(len([path for path in self.live.iterdir() if path.suffix == ".o"]), 1, "one runtime for all")


class TheProtocol(Serving):
    def test_is_not_disturbed_by_what_a_module_prints_or_reads(self):
        with tempfile.TemporaryFile("w+") as errors:
            server = self.serve(errors=errors)
            code = """
                import os, sys
                print('{"ok": false}')
                os.write(1, b'{"ok": false}\\n')
                assert sys.stdin.read() == ""
                """
            library, _ = self.assertCompiles(server, textwrap.dedent(code) + GAIN.format(0.5))
            self.assertEqual(call(library, "gain", [1]), (0, [0.5]))
            self.assertEqual(server.end(), 0)
            errors.seek(0)
            self.assertEqual(errors.read().count('{"ok": false}'), 2)

    def test_refuses_what_is_no_request(self):
        server = self.serve()
        for request, error in (("{", "Expecting property name"), ("[]", "it is no JSON object"), ("\xff", "Expecting value"),
                               ({"folder": "/tmp"}, "source is missing"), ({"source": "a.py"}, "folder is missing"),
                               (self.request(function=3), "function is 3"), (self.request(speed=1), "there is no 'speed'"),
                               (self.request(arena=True), "arena is True")):
            with self.subTest(request):
                answer = server.ask(request)
                self.assertFalse(answer["ok"])
                self.assertTrue(answer["error"].startswith("the request cannot be read: "), answer)
                self.assertIn(error, answer["error"])
        self.source.write_text(HEAD + GAIN.format(1))
        self.assertFails(server, "gain.py:1: there is no compiler nocc", compiler="nocc")
        self.assertFails(server, "gain.py:1: gain: false -x c.*it ended with 1", compiler="false")
        self.assertFails(server, "ARENA is '3'", arena=3)
        self.assertFails(server, "LLVM knows no CPU 'commodore64'", cpu="commodore64")
        self.assertFails(server, "gain.py:1: cannot write .*gain.py", folder=str(self.source))
        server.send("")
        self.assertCompiles(server, compiler="c++", cache=str(self.folder / "cache"))
        self.assertEqual(len(list((self.folder / "cache").iterdir())), 1)

    def test_survives_a_module_that_ends_its_process(self):
        server = self.serve()
        self.assertFails(server, r"^gain\.py:1: compiling it ended with SIGSEGV\n  cure: ",
                         "import ctypes\nctypes.string_at(0)\n")
        self.assertFails(server, r"^gain\.py:1: compiling it ended with 3\n", "import os\nos._exit(3)\n")
        self.assertFails(server, "the file ends the interpreter when it is imported", "import sys\nsys.exit(4)\n")
        self.assertFails(server, "gain.py:1: KeyboardInterrupt", "raise KeyboardInterrupt\n")
        self.assertCompiles(server, GAIN.format(1))

    def test_ends_what_a_module_has_started(self):
        server = self.serve()
        _, answer = self.assertCompiles(server, "import subprocess\nopen(__file__ + '.pid', 'w').write(str("
                                        "subprocess.Popen(['sleep', '1000']).pid))\n" + GAIN.format(1))
        started = int(pathlib.Path(f"{self.source}.pid").read_text())
        self.assertTrue(until(lambda: not is_running(started)))

    def test_a_client_kills_a_server_that_takes_too_long(self):
        for number in signal.SIGKILL, signal.SIGTERM, signal.SIGINT:
            with self.subTest(number), tempfile.TemporaryFile("w+") as errors:
                server = self.serve(errors=errors)
                pid = pathlib.Path(f"{self.source}.{number}")
                self.source.write_text(f"import os\nwith open({str(pid)!r}, 'w') as file:\n    file.write(f'{{os.getpid()}} ')\n"
                                       "while True:\n    pass\n")
                server.send(self.request())
                self.assertTrue(until(lambda: pid.exists() and pid.read_text().endswith(" ")))
                copy = int(pid.read_text())
                self.assertTrue(is_running(copy))
                server.process.send_signal(number)
                self.assertEqual(server.process.wait(30), -number)
                self.assertTrue(until(lambda: not is_running(copy)), "the copy of the server is still there")
                self.assertEqual(server.process.stdout.read(), "")
                server.process.stdin.close()
                server.process.stdout.close()
                errors.seek(0)
                self.assertEqual(errors.read(), "")

    def test_ends_with_its_input_and_without_a_reader(self):
        server = Server()
        self.source.write_text(HEAD + GAIN.format(1))
        server.process.stdin.write(json.dumps(self.request()))  # no line feed
        server.process.stdin.close()
        self.assertTrue(server.answer()["ok"])
        self.assertEqual(server.process.wait(30), 0)
        server.process.stdout.close()
        with tempfile.TemporaryFile("w+") as errors:
            server = Server(errors=errors)
            server.process.stdout.close()
            server.send("{}")
            self.assertEqual(server.process.wait(30), 0)
            server.process.stdin.close()
            errors.seek(0)
            self.assertEqual(errors.read(), "")

    def test_is_the_same_of_an_installed_exporter(self):
        """From a folder with the files that cmake/install.cmake installs, and nothing around it."""
        package = self.folder / "a package, elsewhere"
        (package / "portspan_exporter").mkdir(parents=True)
        install = (EXPORTER.parent / "install.cmake").read_text()
        names = [name for name in os.listdir(EXPORTER.parent) if f"cmake/{name}\n" in install]
        for name in [*names, *(f"portspan_exporter/{path.name}" for path in EXPORTER.parent.glob("portspan_exporter/*.py"))]:
            (package / name).write_bytes((EXPORTER.parent / name).read_bytes())
        server = self.serve(exporter=package / EXPORTER.name)
        library, _ = self.assertCompiles(server, GAIN.format(0.5))
        self.assertEqual(call(library, "gain", [1]), (0, [0.5]))


def is_running(process):
    """A zombie, which somebody has yet to look at, is not."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        if pathlib.Path("/proc/self/stat").exists():
            return False
    try:
        os.kill(process, 0)
        return True
    except ProcessLookupError:
        return False


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
