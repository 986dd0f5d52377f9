// SPDX-License-Identifier: MIT
// A child process that may crash, hang or end, and what it said until then.
#pragma once

#include <functional>
#include <string>

namespace run_callback {

/// Tells the parent a line of text.
using Tell = std::function<void(const std::string&)>;

/// Runs `work` in a child process and gives each line that it tells to `hear`. Where no line comes
/// for so many seconds the child is ended. Returns how the child ended otherwise than by itself:
/// "crashed (SIGSEGV)", "was killed by SIGKILL", "did not return within 10 s"; empty where `work`
/// returned. Where there is no POSIX it runs in this process, and what crashes, crashes. Throws
/// Failure where there is no child.
[[nodiscard]] std::string run_in_child(double seconds, const std::function<void(const Tell&)>& work,
                                       const Tell& hear);

/// In the child, from the handler of a signal that ends it: what `tell` does.
void tell_last(const char* line) noexcept;

}  // namespace run_callback
