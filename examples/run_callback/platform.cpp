// SPDX-License-Identifier: MIT
// What differs between operating systems: signals, the terminal, the process id.
#include "platform.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "crash.hpp"
#include "failure.hpp"

#if defined(_WIN32)
#include <io.h>
#include <process.h>
#else
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace run_callback {

namespace {
volatile std::sig_atomic_t was_interrupted = 0;
bool clean_up = true;
}  // namespace

void leave_without_cleaning_up() noexcept { clean_up = false; }

void flush_stdout() {
    errno = 0;
    const bool flushed = std::fflush(stdout) == 0;
    const int why = errno;
    if (flushed && std::ferror(stdout) == 0) return;
    throw Failure(std::string{"cannot write to stdout"} +
                  (flushed || why == 0 ? "" : std::string{": "} + std::strerror(why)));
}

void leave(int status) {
    std::fflush(stdout);
    std::fflush(stderr);
    if (clean_up) std::exit(status);
    std::_Exit(status);
}

#if defined(_WIN32)

namespace {
void note_interrupt(int) { was_interrupted = 1; }
}  // namespace

bool interrupted() noexcept { return was_interrupted != 0; }

void watch_for_interrupts() {
    std::signal(SIGINT, note_interrupt);  // reset by the first one
    std::signal(SIGTERM, note_interrupt);
}

void restart_interrupted_calls() {}

std::size_t terminal_columns() { return _isatty(_fileno(stderr)) ? 80 : 0; }
std::string process_id() { return std::to_string(_getpid()); }

#else

namespace {

constexpr unsigned patience = 1;  // seconds in which a callback should return

volatile std::sig_atomic_t must_end = 0;      // by SIGTERM, whose sender may not send another
volatile std::sig_atomic_t is_last_wait = 0;  // that was told
unsigned long calls_before = 0;               // of the callback, when it was last looked at

/// A callback that never returns leaves no other way out than a second Ctrl-C. A terminal that is
/// closed may send SIGHUP twice, and nobody is impatient there.
void note_interrupt(int number) {
    if (was_interrupted != 0 && number != SIGHUP) {
        remove_files();
        std::signal(number, SIG_DFL);
        std::raise(number);  // once this one has returned
        return;
    }
    must_end = number == SIGTERM;
    calls_before = calls_noted();
    alarm(patience);
    was_interrupted = 1;
}

void lose_patience(int) {
    if (must_end == 0) {
        tell("waiting for the callback to return; a second Ctrl-C ends the program at once");
    } else if (is_last_wait == 0) {
        is_last_wait = 1;
        tell("waiting one more second for the callback to return");
        alarm(patience);
    } else if (calls_before != calls_noted()) {
        // It is slow but returns: what it has made is worth a whole file.
        calls_before = calls_noted();
        alarm(patience);
    } else {
        remove_files();
        std::signal(SIGTERM, SIG_DFL);
        std::raise(SIGTERM);
    }
}

}  // namespace

bool interrupted() noexcept {
    if (was_interrupted == 0) return false;
    alarm(0);  // somebody attends to it
    return true;
}

void watch_for_interrupts() {
    struct sigaction action{};
    action.sa_handler = lose_patience;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, nullptr);
    // Without SA_RESTART: who waits for a file to be opened would wait on.
    action.sa_handler = note_interrupt;
    action.sa_flags = 0;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    struct sigaction hangup{};
    sigaction(SIGHUP, nullptr, &hangup);
    if (hangup.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);  // not under nohup
    // A full disk quota is then an error of write() that can be told.
    std::signal(SIGXFSZ, SIG_IGN);
}

void restart_interrupted_calls() {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action{};
        if (sigaction(number, nullptr, &action) != 0) continue;
        if (action.sa_handler != note_interrupt) continue;
        action.sa_flags |= SA_RESTART;
        sigaction(number, &action, nullptr);
    }
}

std::size_t terminal_columns() {
    if (isatty(STDERR_FILENO) == 0) return 0;
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

std::string process_id() { return std::to_string(getpid()); }

#endif

}  // namespace run_callback
