// SPDX-License-Identifier: MIT
// The little of Python's C API that starting a callback's interpreter takes, found in the process
// or in a library: nothing here is linked with Python.
#pragma once

#if !defined(_WIN32)
#include <dlfcn.h>
#include <signal.h>
#endif

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace portspan::detail {

/// "3.11" out of "libpython3.11.so.1.0", "gain.cpython-311-x86_64-linux-gnu.so", "3.11.2 (main,";
/// empty where there is no such number.
inline std::string python_version(std::string_view text) {
    constexpr std::string_view digits = "0123456789";
    bool dotted = true;
    if (const auto at = text.find("libpython"); at != text.npos) {
        text.remove_prefix(at + std::string_view{"libpython"}.size());
    } else if (const auto tag = text.find(".cpython-"); tag != text.npos) {
        text.remove_prefix(tag + std::string_view{".cpython-"}.size());
        dotted = false;
    }
    const auto number = [&](std::size_t most) {
        const std::string_view rest = text.substr(0, most);
        const std::string found{rest.substr(0, rest.find_first_not_of(digits))};
        text.remove_prefix(found.size());
        return found;
    };
    const std::string major = number(dotted ? text.npos : 1);
    if (dotted && !text.starts_with('.')) return {};
    if (dotted) text.remove_prefix(1);
    const std::string minor = number(text.npos);
    return major.empty() || minor.empty() ? std::string{} : major + "." + minor;
}

#if defined(_WIN32)

inline std::string about_python(const std::string&, const std::string&) { return {}; }

#else

/// A function of Python's C API: the one of the process wins, as it does when a library is loaded.
template <class Function>
Function* python(void* library, const char* name) {
    void* found = dlsym(RTLD_DEFAULT, name);
    if (!found && library) found = dlsym(library, name);
    return reinterpret_cast<Function*>(found);
}

/// The version of the Python in `where`, RTLD_DEFAULT or a library; empty where there is none.
inline std::string python_in(void* where) {
    void* const version = dlsym(where, "Py_GetVersion");
    return version ? python_version(reinterpret_cast<const char* (*)()>(version)()) : "";
}

/// What a loader's text leaves open about a module for Python.
inline std::string about_python(const std::string& name, const std::string& why) {
    const bool misses_symbol = why.find("undefined symbol: Py") != why.npos ||
                               why.find("undefined symbol: _Py") != why.npos;
    if (!misses_symbol && why.find("libpython") == why.npos) return {};
    const std::string needs = python_version(misses_symbol ? name : why);
    const std::string has = python_in(RTLD_DEFAULT);
    return "; it is for " + (needs.empty() ? "a program in Python" : "Python " + needs) +
           ", this process has " + (has.empty() ? "no Python" : "Python " + has);
}

/// PyStatus of Python's C API.
struct PythonStatus {
    int type;
    const char* function;
    const char* message;
    int exit_code;
};

/// Ctrl-C and SIGPIPE stay as the program has them.
class KeptSignals {
public:
    KeptSignals() {
        for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], nullptr, &kept_[i]);
    }
    ~KeptSignals() {
        for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &kept_[i], nullptr);
    }
    KeptSignals(const KeptSignals&) = delete;
    KeptSignals& operator=(const KeptSignals&) = delete;

private:
    static constexpr std::array<int, 3> signals{SIGINT, SIGPIPE, SIGXFSZ};
    std::array<struct sigaction, 3> kept_{};
};

/// Py_InitializeEx(), which cffi would call, ends the process where it fails. Empty, or why not.
inline std::string initialize_python(void* library) {
    const auto prepare = python<void(void*)>(library, "PyConfig_InitPythonConfig");
    const auto initialize = python<PythonStatus(const void*)>(library, "Py_InitializeFromConfig");
    const auto failed = python<int(PythonStatus)>(library, "PyStatus_Exception");
    const auto clear = python<void(void*)>(library, "PyConfig_Clear");
    const auto release = python<void*()>(library, "PyEval_SaveThread");
    if (!prepare || !initialize || !failed || !clear || !release) return "it is older than 3.8";
    const KeptSignals kept;
    // A PyConfig, whose size depends on the version: some 500 bytes.
    alignas(std::max_align_t) std::array<std::byte, 16384> config{};
    prepare(config.data());
    const PythonStatus status = initialize(config.data());
    clear(config.data());
    if (failed(status)) return status.message ? status.message : "it ended";
    release();
    return {};
}

/// Python's sys.stderr, while it lives, as text.
class PythonErrors {
    using Object = void;

public:
    explicit PythonErrors(void* library) : library_(library) {
        locked([&] {
            if (Object* io =
                    python<Object*(const char*)>(library_, "PyImport_ImportModule")("io")) {
                stream_ = method(io, "StringIO");
                drop(io);
            }
            before_ = python<Object*(const char*)>(library_, "PySys_GetObject")("stderr");
            if (before_) python<void(Object*)>(library_, "Py_IncRef")(before_);
            if (stream_) set(stream_);
        });
    }
    PythonErrors(const PythonErrors&) = delete;
    PythonErrors& operator=(const PythonErrors&) = delete;
    ~PythonErrors() {
        locked([&] {
            set(before_);
            drop(before_);
            drop(stream_);
        });
    }

    [[nodiscard]] std::string text() const {
        std::string result;
        locked([&] {
            Object* value = stream_ ? method(stream_, "getvalue") : nullptr;
            if (!value) return;
            const char* utf8 = python<const char*(Object*)>(library_, "PyUnicode_AsUTF8")(value);
            if (utf8) result = utf8;
            drop(value);
        });
        return result;
    }

    /// Where it would have gone without this object.
    void pass_on(const std::string& text) const {
        locked([&] {
            if (!before_) return;
            python<int(const char*, Object*)>(library_, "PyFile_WriteString")(text.c_str(),
                                                                              before_);
            python<void()>(library_, "PyErr_Clear")();
        });
    }

private:
    template <class Action>
    void locked(Action&& action) const {
        const int state = python<int()>(library_, "PyGILState_Ensure")();
        action();
        python<void(int)>(library_, "PyGILState_Release")(state);
    }
    Object* method(Object* object, const char* name) const {
        return python<Object*(Object*, const char*, const char*, ...)>(
            library_, "PyObject_CallMethod")(object, name, nullptr);
    }
    void set(Object* stream) const {
        python<int(const char*, Object*)>(library_, "PySys_SetObject")("stderr", stream);
    }
    void drop(Object* object) const {
        if (object) python<void(Object*)>(library_, "Py_DecRef")(object);
    }

    void* library_;
    Object* stream_ = nullptr;
    Object* before_ = nullptr;
};

#endif

}  // namespace portspan::detail
