// SPDX-License-Identifier: MIT
// What differs between operating systems: signals, the terminal, the process id.
#pragma once

#include <cstddef>
#include <string>

namespace run_callback {

/// From here on SIGINT, SIGTERM and SIGHUP ask for a clean end. Where nobody has asked
/// interrupted() within a second that is told; a second SIGINT or SIGTERM ends the program and
/// leaves no half file. So does the first SIGTERM, as services send it, a second later, unless the
/// callback is called again and again.
void watch_for_interrupts();
[[nodiscard]] bool interrupted() noexcept;
/// Until here an interrupt ends a call that waits, as that of a file to be opened; from here on it
/// does not: a callback and PortAudio need not know of it.
void restart_interrupted_calls();

/// Where stderr is a terminal, how many columns it has; 0 where it is none.
[[nodiscard]] std::size_t terminal_columns();

[[nodiscard]] std::string process_id();

/// The program is to end without the clean-up of its libraries: one of them hangs.
void leave_without_cleaning_up() noexcept;
/// Throws Failure where not all that was printed has reached stdout.
void flush_stdout();
/// Ends the program.
[[noreturn]] void leave(int status);

}  // namespace run_callback
