// SPDX-License-Identifier: MIT
// Other programs that are started while audio runs: a compiler, a check.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace run_callback {

/// Whether somebody wants what takes its time to be given up.
using Stop = std::function<bool()>;

/// A program that runs, in a process group of its own: a Ctrl-C is not meant for it. Its end is
/// this object's, too. This process is not forked: copying the page tables of one that plays would
/// make its audio wait.
class Process {
public:
    /// `words`: the program, looked for in PATH, and its arguments. Throws Failure.
    explicit Process(const std::vector<std::string>& words);
    ~Process() { end(); }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// To its standard input; false where it does not listen any more.
    bool write(const std::string& text);
    /// Waits so long for more of what it prints; false where nothing will come any more.
    bool read(std::chrono::milliseconds patience);
    /// What it has printed so far; the caller may take something away.
    [[nodiscard]] std::string& out() noexcept { return out_; }
    [[nodiscard]] std::string& err() noexcept { return err_; }

    /// Waits for its end, after read() has returned false: "exit status 1", "signal 11"; empty
    /// where all was well.
    [[nodiscard]] std::string ending();
    /// At once, with all that it has started.
    void end() noexcept;

private:
    int process_ = -1;
    int in_ = -1;
    int out_file_ = -1;
    int err_file_ = -1;
    std::string out_;
    std::string err_;
};

/// What a program has printed in its life.
struct Ran {
    std::string out;
    std::string err;
    std::string ending;  ///< empty where all was well; "took longer than 20 s"
    bool stopped = false;
};

/// Runs it to its end, but no longer than so many seconds. Throws Failure where there is no such
/// program.
[[nodiscard]] Ran run_process(const std::vector<std::string>& words, double seconds,
                              const Stop& stop);

/// How this program starts itself, whatever has become of its file meanwhile.
[[nodiscard]] std::string own_program();

}  // namespace run_callback
