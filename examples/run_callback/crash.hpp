// SPDX-License-Identifier: MIT
// What a callback that ends the program leaves: one line that says how it was called, no half
// files.
#pragma once

#include <string>

namespace run_callback {

/// From here on SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT and an exit() that is not the program's
/// own print a line and remove the files of remove_on_crash() before they end the program, the
/// exit() with status 1. Does nothing where there is no POSIX.
void watch_for_crashes();

/// The next exit() is the program's own.
void expect_exit() noexcept;

/// The line: `who`, what it did, and, once note_call() was called, how it was called.
/// "libgain.so: gain", "float32 interleaved, 1 channel in, 1 out", "user data NULL". Not while a
/// callback runs.
void describe_crash(const std::string& who, const std::string& how,
                    const std::string& with = "user data NULL");

/// The callback is called now, on this thread. Real-time safe, but for the first call on a thread:
/// that one gives the thread a second stack, for a callback that has used up the first.
void note_call(unsigned long frames) noexcept;
/// How often that was.
[[nodiscard]] unsigned long calls_noted() noexcept;

/// Whether the cursor stands behind something on stderr that is to be wiped first.
void note_open_line(bool open) noexcept;

/// A file that must not be left; `name` has to live until keep_on_crash(name).
void remove_on_crash(const char* name) noexcept;
void keep_on_crash(const char* name) noexcept;

/// Called before any of that is told, from a signal handler as well, perhaps twice: the terminal is
/// to be as it was.
void call_at_end(void (*restore)() noexcept) noexcept;

/// What a crash does, for other ends, from a signal handler as well: removes those files; prints a
/// line, "run_callback: libgain.so: gain: " and `what`.
void remove_files() noexcept;
void tell(const char* what) noexcept;

}  // namespace run_callback
