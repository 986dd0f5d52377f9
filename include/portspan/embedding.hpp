// SPDX-License-Identifier: MIT
// Callbacks that run in an interpreter which their library starts itself, as those of a cffi
// embedding module do: it is started before a stream is, not by the first call on the audio thread.
#pragma once

#if !defined(_WIN32)
#include <dlfcn.h>
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
#include "python.hpp"

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

#if defined(_WIN32)

inline void start_interpreter(void*, const RawCallback&) {}

#else

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
        raise(Error(Fault::interpreter_failed, callback.name, "no Python runs in this process"));
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
    raise(Error(Fault::interpreter_failed, callback.name, reason->second));
}

#endif

inline std::shared_ptr<void> load_library(const std::filesystem::path& path,
                                          const std::string& name, Binding binding,
                                          Visibility visibility) {
    std::string why;
    std::shared_ptr<void> library = load(path, binding, visibility, why);
    if (library) return library;
    raise(Error(Fault::library_not_loaded, name, why + about_python(name, why)));
}

}  // namespace portspan::detail
