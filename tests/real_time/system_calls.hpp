// SPDX-License-Identifier: MIT
// The other proof, for what the C library asks of the system from inside itself: a thread without
// system calls.
#pragma once

namespace real_time {

/// From now on this thread's system calls fail with ENOSYS, and in a Watched "system call 39" is
/// noted. What is left is its end, and clock_gettime, for machines whose clock the process cannot
/// read itself. False where there is no such filter.
bool refuse_system_calls() noexcept;

}  // namespace real_time
