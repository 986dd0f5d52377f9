// SPDX-License-Identifier: MIT
// What ALSA and JACK write to stderr while PortAudio starts, kept from the terminal.
#pragma once

#include <cstdio>
#include <mutex>

#if !defined(_WIN32)
#include <fcntl.h>
#include <unistd.h>
#endif

#include "session.hpp"

namespace portspan {

/// While one lives nothing that this process writes to stderr (file descriptor 2) goes anywhere:
/// PortAudio's back ends print there what they merely tried, when PortAudio starts and ends and
/// when a stream opens. Does nothing where there is no POSIX.
///
/// stderr is the whole process's: what other threads print meanwhile is lost, and a child process
/// that they start keeps the silence. So keep it short. Any number may live, in any threads; stderr
/// is back when the last one is gone.
class QuietStderr {
public:
    /// `quiet` false: nothing happens, for a program with an option that says so.
    explicit QuietStderr(bool quiet = true) noexcept : quiet_(quiet) {
        if (quiet_) change(+1);
    }
    ~QuietStderr() {
        if (quiet_) change(-1);
    }
    QuietStderr(const QuietStderr&) = delete;
    QuietStderr& operator=(const QuietStderr&) = delete;

private:
#if defined(_WIN32)
    static void change(int) noexcept {}
#else
    static void change(int step) noexcept {
        static std::mutex mutex;
        static int living = 0;
        static int saved = -1;
        const std::lock_guard lock{mutex};
        living += step;
        if (step > 0 && living == 1) {
            std::fflush(stderr);
            // First: where stderr is closed the file that is opened would take its place.
            saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
            if (saved < 0) return;
            const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
            if (nowhere < 0) return;
            dup2(nowhere, STDERR_FILENO);
            close(nowhere);
        } else if (living == 0 && saved >= 0) {
            std::fflush(stderr);
            dup2(saved, STDERR_FILENO);
            close(saved);
        }
    }
#endif

    bool quiet_;
};

/// A Session whose start is not heard. Held by a program it makes what comes later quiet as well:
/// PortAudio starts once, streams, devices() and the others share it, and refresh_devices() is not
/// heard either. Opening a stream is, and the last Session's end: QuietStderr is for those. Throws
/// as Session does; the Error has the host API's words.
[[nodiscard]] inline Session quiet_session() {
    const QuietStderr quiet;
    return Session{detail::Quiet{}};
}

}  // namespace portspan
