// SPDX-License-Identifier: MIT
// A child process that may crash, hang or end, and what it said until then.
#include "child.hpp"

#if !defined(_WIN32)
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>
#endif

#include "failure.hpp"
#include "text.hpp"

namespace run_callback {

#if defined(_WIN32)

std::string run_in_child(double, const std::function<void(const Tell&)>& work, const Tell& hear) {
    work(hear);
    return {};
}
void tell_last(const char*) noexcept {}

#else

namespace {

constexpr const char* the_end = "end";  // what a child tells last

std::string signal_name(int number) {
    switch (number) {
        case SIGSEGV:
            return "SIGSEGV";
        case SIGBUS:
            return "SIGBUS";
        case SIGFPE:
            return "SIGFPE";
        case SIGILL:
            return "SIGILL";
        case SIGABRT:
            return "SIGABRT";
        case SIGTRAP:
            return "SIGTRAP";
        case SIGKILL:
            return "SIGKILL";
        case SIGTERM:
            return "SIGTERM";
        case SIGINT:
            return "SIGINT";
        default:
            return "signal " + std::to_string(number);
    }
}

/// "crashed (SIGSEGV)"; those that others send, as the kernel when memory runs out, are no crash.
std::string death_by(int number) {
    const bool is_sent = number == SIGKILL || number == SIGTERM || number == SIGINT;
    return is_sent ? "was killed by " + signal_name(number)
                   : "crashed (" + signal_name(number) + ")";
}

int file_of_child = -1;  // where a child tells

void write_all(std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t count = write(file_of_child, text.data(), text.size());
        if (count < 0 && errno != EINTR) return;
        if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
    }
}

[[noreturn]] void be_child(int file, pid_t parent, const std::function<void(const Tell&)>& work) {
    // A sanitizer's handlers would make an exit status of a signal.
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
        std::signal(number, SIG_DFL);
    }
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
#if defined(__linux__)
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent) _exit(1);
    file_of_child = file;
    const auto tell = [](const std::string& text) { write_all(text + "\n"); };
    work(tell);
    tell(the_end);
    std::fflush(stdout);
    _exit(0);  // without the clean-up of the library
}

/// Takes whole lines out of `text`; true where the last one was the_end.
bool hear_lines(std::string& text, const Tell& hear) {
    bool ended = false;
    for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos;) {
        const std::string line = text.substr(0, end);
        text.erase(0, end + 1);
        ended = line == the_end;
        if (!ended) hear(line);
    }
    return ended;
}

struct Reading {
    bool ended = false;      ///< it told its last line
    bool timed_out = false;  ///< nothing came in time
};

Reading read_lines(int file, double seconds, const Tell& hear) {
    using Clock = std::chrono::steady_clock;
    const auto patience = std::chrono::duration<double>{seconds};
    Reading reading;
    std::string text;
    for (auto last = Clock::now();;) {
        const std::chrono::duration<double, std::milli> left = patience - (Clock::now() - last);
        if (left.count() <= 0) {
            reading.timed_out = true;
            return reading;
        }
        pollfd polled{file, POLLIN, 0};
        constexpr double longest = 1000;
        const int ready = poll(&polled, 1, static_cast<int>(std::min(left.count(), longest)) + 1);
        if (ready <= 0) continue;
        std::array<char, 4096> buffer;
        const ssize_t count = read(file, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return reading;
        text.append(buffer.data(), static_cast<std::size_t>(count));
        if (hear_lines(text, hear)) reading.ended = true;
        last = Clock::now();
    }
}

}  // namespace

void tell_last(const char* line) noexcept {
    write_all(line);
    write_all("\n");
}

std::string run_in_child(double seconds, const std::function<void(const Tell&)>& work,
                         const Tell& hear) {
    const auto refuse = [](const char* what) {
        throw Failure(std::string{what} + ": " + std::strerror(errno));
    };
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) refuse("pipe");
    std::fflush(stdout);
    std::fflush(stderr);
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0) refuse("fork");
    if (child == 0) {
        close(ends[0]);
        be_child(ends[1], parent, work);
    }
    close(ends[1]);
    const Reading reading = read_lines(ends[0], seconds, hear);
    close(ends[0]);
    if (reading.timed_out) kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (reading.timed_out) return "did not return within " + formatted("%g", seconds) + " s";
    if (WIFSIGNALED(status)) return death_by(WTERMSIG(status));
    if (reading.ended) return {};
    return "ended the process (exit status " + std::to_string(WEXITSTATUS(status)) + ")";
}

#endif

}  // namespace run_callback
