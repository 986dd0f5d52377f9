// SPDX-License-Identifier: MIT
// Callbacks that run in an interpreter which their library starts itself, as those of a cffi
// embedding module do: it is started before a stream is, not by the first call on the audio thread.
#pragma once

#if !defined(_WIN32)
#include <dlfcn.h>
#include <signal.h>
#endif

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "callback.hpp"
#include "error.hpp"
#include "loader.hpp"

namespace portspan::detail {

/// load(), with an Error that says which Python it is that a module for Python misses.
inline std::shared_ptr<void> load_library(const std::filesystem::path& path,
                                          const std::string& name, Binding binding,
                                          Visibility visibility);

/// Starts Python where the callback's library links it, unless the callback says of itself that it
/// needs none. libpython, which what Python loads has to see, gets global visibility, and neither
/// it nor the library is unloaded: an interpreter cannot be taken back. Calls the callback once,
/// with 0 frames; that is what makes cffi run the module's embedding_init_code. Throws Error with
/// what Python said where that fails. Not for the audio thread; does nothing on Windows.
inline void start_interpreter(void* library, const RawCallback& callback);

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
inline void start_interpreter(void*, const RawCallback&) {}

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

/// As a stream would call it, but with 0 frames. What looks like a channel, or like the array of
/// the channels of a planar stream, is memory all the same.
inline void call_without_frames(const RawCallback& callback) {
    std::array<void*, 256> input;
    std::array<void*, 256> output;
    input.fill(input.data());
    output.fill(output.data());
    const PaStreamCallbackTimeInfo time{};
    call(callback, input.data(), output.data(), 0, &time, 0);
}

/// The exception at the end of what cffi prints when it has failed, on one line; empty where
/// nothing has.
inline std::string embedding_failure(std::string_view text) {
    const auto begins = text.find("Failed to initialize the Python-CFFI embedding logic:");
    if (begins == text.npos) return {};
    text.remove_prefix(begins);
    text = text.substr(text.find('\n') + 1);
    text = text.substr(0, text.find("\nFrom: "));
    // Above it stands the traceback, whose lines are indented.
    if (const auto indented = text.rfind("\n  "); indented != text.npos) {
        const auto next = text.find('\n', indented + 1);
        text = next == text.npos ? "" : text.substr(next + 1);
    }
    std::string line;
    for (const char c : text) {
        const char printed = c == '\n' ? ' ' : c;
        if (printed != ' ' || (!line.empty() && line.back() != ' ')) line += printed;
    }
    while (line.ends_with(' ')) line.pop_back();
    return line.empty() ? "no reason is known" : line;
}

/// What a module prints while it starts, without the exception of a callback that is not made for 0
/// frames: no stream calls it so. cffi 1 begins that "From cffi callback", cffi 2 "Exception
/// ignored from cffi callback".
inline std::string without_exception(const std::string& text) {
    const auto at = text.find("rom cffi callback <");
    if (at == text.npos) return text;
    const auto line = text.rfind('\n', at);
    return line == text.npos ? "" : text.substr(0, line + 1);
}

/// Empty, or why not.
inline std::string start_python(void* library, const RawCallback& callback, const char* file) {
    const std::string needs = python_in(library);
    const std::string has = python_in(RTLD_DEFAULT);
    if (!has.empty() && has != needs) {
        return "it is for Python " + needs + ", this process has Python " + has;
    }
    Dl_info libpython{};
    dladdr(dlsym(library, "Py_InitializeEx"), &libpython);
    // Neither is ever given back.
    constexpr int kept = RTLD_LAZY | RTLD_NOLOAD;
    if (!dlopen(file, kept) || !dlopen(libpython.dli_fname, kept | RTLD_GLOBAL)) {
        const char* text = dlerror();
        return text ? text : "libpython is not loaded";
    }
    const std::string python_is = "Python " + needs + ": ";
    if (!python<int()>(library, "Py_IsInitialized")()) {
        const std::string why = initialize_python(library);
        if (!why.empty()) return python_is + why;
    }
    const PythonErrors errors{library};
    call_without_frames(callback);
    const std::string text = errors.text();
    const std::string why = embedding_failure(text);
    if (!why.empty()) return python_is + why;
    errors.pass_on(without_exception(text));
    return {};
}

inline void start_interpreter(void* library, const RawCallback& callback) {
    const portspan_description* says = callback.description;
    const auto has = [&](std::uint32_t property) { return (says->properties & property) != 0; };
    if (says && !has(PORTSPAN_NEEDS_INTERPRETER)) return;
    if (!dlsym(library, "Py_InitializeEx")) {
        // A module for Python programs: its functions in Python are there once it is imported.
        const auto runs = python<int()>(nullptr, "Py_IsInitialized");
        if (!says || !runs || runs()) return;
        throw Error(Fault::interpreter_failed, callback.name, "no Python runs in this process");
    }
    // A stream will refuse it.
    if (says && has(PORTSPAN_NEEDS_STATE) && !callback.user_data) return;

    // cffi tells only once why a module has not started.
    static std::mutex mutex;
    static std::map<const void*, std::string> reasons;
    const std::lock_guard lock{mutex};
    Dl_info info{};
    if (!dladdr(reinterpret_cast<void*>(callback.function), &info)) return;
    auto reason = reasons.find(info.dli_fbase);
    if (reason == reasons.end()) {
        reason =
            reasons.emplace(info.dli_fbase, start_python(library, callback, info.dli_fname)).first;
    }
    if (reason->second.empty()) return;
    throw Error(Fault::interpreter_failed, callback.name, reason->second);
}

#endif

inline std::shared_ptr<void> load_library(const std::filesystem::path& path,
                                          const std::string& name, Binding binding,
                                          Visibility visibility) {
    std::string why;
    std::shared_ptr<void> library = load(path, binding, visibility, why);
    if (library) return library;
    throw Error(Fault::library_not_loaded, name, why + about_python(name, why));
}

}  // namespace portspan::detail
