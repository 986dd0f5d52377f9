// SPDX-License-Identifier: MIT
// Modules that cffi has made, in a program without Python.
#include <dlfcn.h>
#include <portspan/library.hpp>
#include <portspan/renderer.hpp>

#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"

// Each test case stands for a process: CTest gives it one.

using portspan::Binding;
using portspan::Error;
using portspan::Fault;
using portspan::SharedLibrary;
using portspan::Visibility;

namespace {

struct State {
    float level = 0.25f;
    int calls = 0;
    int frames = 0;
};

bool python_runs() {
    using Function = int();
    auto* const runs = reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, "Py_IsInitialized"));
    return runs && runs() != 0;
}

/// 500 stereo frames that `callback` has processed on a thread of its own, as a stream calls it.
std::vector<float> rendered(const portspan::RawCallback& callback) {
    std::vector<float> input(1000), output(1000, 99);
    for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i);
    portspan::Renderer<float> renderer{{.frames_per_buffer = 64}, callback};
    std::thread{[&] {
        renderer.process(portspan::InterleavedView<const float>{input, 2},
                         portspan::InterleavedView<float>{output, 2});
    }}.join();
    return output;
}

std::vector<float> ramp(float level) {
    std::vector<float> samples(1000);
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = level * static_cast<float>(i);
    return samples;
}

}  // namespace

TEST_CASE("an embedded module starts its Python before a stream does, and its callback runs") {
    const SharedLibrary library{CFFI_EMBEDDED};
    CHECK_FALSE(python_runs());
    State state;
    const portspan::RawCallback callback = library.callback("quieter", &state);
    CHECK(python_runs());
    CHECK(state.calls == 1);
    CHECK(state.frames == 0);
    CHECK(rendered(callback) == ramp(0.25f));
    CHECK(state.calls == 9);
    CHECK(state.frames == 500);

    (void)library.callback("quieter", &state);
    CHECK(state.calls == 9);
}

TEST_CASE("an embedded module that is loaded globally runs as well, and so does a second one") {
    const SharedLibrary library{CFFI_EMBEDDED, Binding::lazy, Visibility::global};
    const SharedLibrary described{CFFI_EMBEDDED_DESCRIBED};
    CHECK(rendered(library.callback("quieter")) == ramp(0.5f));
    CHECK(rendered(described.callback("quieter")) == ramp(0.5f));
}

TEST_CASE("an embedded module stays loaded when it is let go of") {
    (void)SharedLibrary{CFFI_EMBEDDED}.callback("quieter");
    CHECK(dlopen(CFFI_EMBEDDED, RTLD_LAZY | RTLD_NOLOAD));
    CHECK(rendered(SharedLibrary{CFFI_EMBEDDED}.callback("quieter")) == ramp(0.5f));
}

TEST_CASE("starting Python leaves the handlers of signals as they were") {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGPIPE, SIG_DFL);
    (void)SharedLibrary{CFFI_EMBEDDED}.callback("quieter");
    CHECK(std::signal(SIGINT, SIG_DFL) == SIG_DFL);
    CHECK(std::signal(SIGPIPE, SIG_DFL) == SIG_DFL);
}

#if defined(BIT_CRUSHER)
TEST_CASE("the example of an embedded module crushes what it gets") {
    const portspan::RawCallback callback = SharedLibrary{BIT_CRUSHER}.callback("bit_crusher");
    CHECK(rendered(callback) == ramp(1));
    const std::array<float, 4> input{0.3f, -0.3f, 0.07f, 0.05f};
    std::array<float, 4> output{};
    CHECK(portspan::detail::call(callback, input.data(), output.data(), 2, nullptr, 0) ==
          paContinue);
    CHECK(output == std::array<float, 4>{0.25f, -0.25f, 0.125f, 0});
    CHECK(portspan::detail::call(callback, nullptr, output.data(), 2, nullptr, 0) == paContinue);
    CHECK(output == std::array<float, 4>{});
    CHECK_THROWS_AS((portspan::Renderer<std::int16_t>{{}, callback}), Error);
}
#endif

TEST_CASE("a callback that says that it needs no interpreter starts none") {
    const SharedLibrary library{CFFI_EMBEDDED_DESCRIBED};
    CHECK(rendered(library.callback("louder")) == ramp(2));
    CHECK_FALSE(python_runs());
    (void)library.callback("quieter");
    CHECK(python_runs());
}

TEST_CASE("a state that does not fit is refused before Python starts") {
    const SharedLibrary library{CFFI_EMBEDDED_DESCRIBED};
    std::array<State, 2> wrong{};
    const auto error = error_of([&] { (void)library.callback("quieter", &wrong); });
    REQUIRE(error.has_value());
    CHECK(error->code() == Fault::state_mismatch);
    CHECK_FALSE(python_runs());
}

TEST_CASE("a module whose code fails is an error with Python's words, each time") {
    const SharedLibrary library{CFFI_EMBEDDED_BROKEN};
    for (int time = 0; time < 2; ++time) {
        const auto error = error_of([&] { (void)library.callback("quieter"); });
        REQUIRE(error.has_value());
        CHECK(error->code() == Fault::interpreter_failed);
        const std::string expected = CFFI_EMBEDDED_BROKEN
            ": quieter: the interpreter that the callback runs in did not "
            "start (Python " PYTHON_VERSION
            ": ModuleNotFoundError: No module named "
            "'a_module_that_nobody_has')";
        CHECK(std::string{error->what()} == expected);
    }
    // Another module in the same interpreter is not concerned.
    CHECK(rendered(SharedLibrary{CFFI_EMBEDDED}.callback("quieter")) == ramp(0.5f));
}

TEST_CASE("a Python that cannot start is an error, and not the end of the process") {
    REQUIRE(setenv("PYTHONHOME", "/nowhere", 1) == 0);
    const SharedLibrary library{CFFI_EMBEDDED};
    for (int time = 0; time < 2; ++time) {
        const auto error = error_of([&] { (void)library.callback("quieter"); });
        REQUIRE(error.has_value());
        CHECK(error->code() == Fault::interpreter_failed);
        CHECK_THAT(error->what(), ContainsSubstring("(Python " PYTHON_VERSION ": "));
    }
    CHECK_FALSE(python_runs());
}

TEST_CASE("a module for Python programs is refused by a program without Python") {
    const auto error = error_of([] { SharedLibrary{CFFI_API}; });
    REQUIRE(error.has_value());
    CHECK(error->code() == Fault::library_not_loaded);
    CHECK_THAT(error->what(), ContainsSubstring("; it is for Python " PYTHON_VERSION
                                                ", this process has no Python)"));
}

TEST_CASE("a module's function in C runs where libpython is, without an interpreter") {
    const SharedLibrary python{PYTHON_LIBRARY, Binding::lazy, Visibility::global};
    State state{.level = 0.5f};
    CHECK(rendered(SharedLibrary{CFFI_API}.callback("level", &state)) == ramp(0.5f));
    CHECK_FALSE(python_runs());
}

TEST_CASE("a module's function in Python is refused where no interpreter runs") {
    const SharedLibrary python{PYTHON_LIBRARY, Binding::lazy, Visibility::global};
    const auto error =
        error_of([] { (void)SharedLibrary{CFFI_PYTHON_C}.callback("python_level"); });
    REQUIRE(error.has_value());
    CHECK_THAT(error->what(), ContainsSubstring("python_level: the interpreter that the callback "
                                                "runs in did not start (no Python runs"));
}

TEST_CASE("a module for a Python that is not installed says for which") {
    const auto error = error_of([] { SharedLibrary{OTHER_PYTHON_MISSING}; });
    REQUIRE(error.has_value());
    CHECK(error->code() == Fault::library_not_loaded);
    CHECK_THAT(error->what(),
               ContainsSubstring("; it is for Python 9.8, this process has no Python)"));
}

TEST_CASE("a module for another Python than the process has says both versions") {
    SECTION("one that starts its own") {
        const SharedLibrary other{OTHER_PYTHON, Binding::now, Visibility::global};
        const auto error = error_of([] { (void)SharedLibrary{CFFI_EMBEDDED}.callback("quieter"); });
        REQUIRE(error.has_value());
        CHECK_THAT(error->what(), ContainsSubstring("(it is for Python " PYTHON_VERSION
                                                    ", this process has Python 9.8)"));
    }
    SECTION("one for a program in Python") {
        const SharedLibrary other{OTHER_PYTHON, Binding::now, Visibility::global};
        const auto error = error_of([] { SharedLibrary{CFFI_API}; });
        REQUIRE(error.has_value());
        CHECK_THAT(error->what(), ContainsSubstring("it is for Python " PYTHON_VERSION
                                                    ", this process has Python 9.8)"));
    }
}

TEST_CASE("versions of Python are read out of names") {
    using portspan::detail::python_version;
    CHECK(python_version("3.11.2 (main, Apr 28 2025)") == "3.11");
    CHECK(python_version("libpython3.9.so.1.0: cannot open") == "3.9");
    CHECK(python_version("./gain.cpython-311-x86_64-linux-gnu.so") == "3.11");
    CHECK(python_version("gain.cpython-39-darwin.so") == "3.9");
    CHECK(python_version("gain.abi3.so") == "");
    CHECK(python_version("libgain.so") == "");
    CHECK(python_version("") == "");
}

TEST_CASE("what cffi prints of a failure becomes its last line") {
    using portspan::detail::embedding_failure;
    const std::string head = "Failed to initialize the Python-CFFI embedding logic:\n\n";
    CHECK(embedding_failure("a warning of the module's\n") == "");
    CHECK(embedding_failure("before\n" + head +
                            "Traceback (most recent call last):\n  File \"x\", line 1\n    f()\n"
                            "    ^^^\nValueError: two\nlines\n\nFrom: m\ncompiled with") ==
          "ValueError: two lines");
    CHECK(embedding_failure(head + "\nFrom: m\n") == "no reason is known");
    CHECK(embedding_failure(head) == "no reason is known");
}

TEST_CASE(
    "what a module prints while it starts is passed on, the exception of the first call is not") {
    using portspan::detail::without_exception;
    CHECK(without_exception("") == "");
    CHECK(without_exception("model loaded\n") == "model loaded\n");
    CHECK(without_exception("model loaded\nFrom cffi callback <function f>:\nTraceback") ==
          "model loaded\n");
    CHECK(without_exception("Exception ignored from cffi callback <function f>:\nTraceback") == "");
}
