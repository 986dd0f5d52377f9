// SPDX-License-Identifier: MIT
// Other programs that are started while audio runs: a compiler, a check.
#include "process.hpp"

#include "failure.hpp"
#include "text.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

extern "C" char** environ;
#endif

namespace run_callback {

#if defined(_WIN32)

Process::Process(const std::vector<std::string>&) {
    throw Failure("other programs are started where there is POSIX only");
}
bool Process::write(const std::string&) { return false; }
bool Process::read(std::chrono::milliseconds) { return false; }
std::string Process::ending() { return {}; }
void Process::end() noexcept {}
std::string own_program() { return {}; }

#else

namespace {

void close_file(int& file) noexcept {
    if (file >= 0) ::close(std::exchange(file, -1));
}

/// Both ends are closed when another program starts.
std::array<int, 2> new_pair() {
    std::array<int, 2> ends{-1, -1};
    // Sockets: writing to one whose other end is gone need not raise a signal.
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) {
        throw Failure(std::string{"socketpair: "} + std::strerror(errno));
    }
    for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
    return ends;
}

/// Reads what there is; false at the end.
bool append(int file, std::string& text) {
    std::array<char, 4096> buffer;
    const ssize_t count = ::read(file, buffer.data(), buffer.size());
    if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
}

/// What posix_spawn needs besides, given back at the end.
struct Spawning {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    Spawning() {
        posix_spawn_file_actions_init(&files);
        posix_spawnattr_init(&attributes);
    }
    Spawning(const Spawning&) = delete;
    Spawning& operator=(const Spawning&) = delete;
    ~Spawning() {
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&attributes);
    }
};

}  // namespace

Process::Process(const std::vector<std::string>& words) {
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);

    auto in = new_pair(), out = new_pair(), err = new_pair();
    Spawning spawning;
    posix_spawn_file_actions_adddup2(&spawning.files, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&spawning.files, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&spawning.files, err[1], STDERR_FILENO);
    // What this program does with its signals is nothing that others should inherit.
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&spawning.attributes, &all);
    posix_spawnattr_setsigmask(&spawning.attributes, &none);
    posix_spawnattr_setpgroup(&spawning.attributes, 0);
    posix_spawnattr_setflags(&spawning.attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                                       POSIX_SPAWN_SETPGROUP);
    const int error = posix_spawnp(&process_, words.front().c_str(), &spawning.files,
                                   &spawning.attributes, argv.data(), environ);
    close_file(in[0]);
    close_file(out[1]);
    close_file(err[1]);
    in_ = in[1];
    out_file_ = out[0];
    err_file_ = err[0];
    if (error != 0) {
        process_ = -1;
        end();
        throw Failure("cannot start " + words.front() + ": " + std::strerror(error));
    }
    // Audio comes first.
    constexpr int gently = 5;
    setpriority(PRIO_PROCESS, static_cast<id_t>(process_), gently);
}

bool Process::write(const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t count = send(in_, text.data() + done, text.size() - done, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        done += static_cast<std::size_t>(count);
    }
    return true;
}

bool Process::read(std::chrono::milliseconds patience) {
    if (out_file_ < 0 && err_file_ < 0) return false;
    std::array<pollfd, 2> polled{{{out_file_, POLLIN, 0}, {err_file_, POLLIN, 0}}};
    if (poll(polled.data(), polled.size(), static_cast<int>(patience.count())) <= 0) return true;
    if (polled[0].revents != 0 && !append(out_file_, out_)) close_file(out_file_);
    if (polled[1].revents != 0 && !append(err_file_, err_)) close_file(err_file_);
    return out_file_ >= 0 || err_file_ >= 0;
}

std::string Process::ending() {
    if (process_ < 0) return "it was ended";
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    if (WEXITSTATUS(status) == 0) return {};
    return "exit status " + std::to_string(WEXITSTATUS(status));
}

void Process::end() noexcept {
    if (process_ > 0) {
        kill(-process_, SIGKILL);  // the group that it was started in
        while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
        }
        process_ = -1;
    }
    close_file(in_);
    close_file(out_file_);
    close_file(err_file_);
}

std::string own_program() {
#if defined(__linux__)
    return "/proc/self/exe";  // in the process that is to become it
#else
    return getprogname();
#endif
}

#endif

Ran run_process(const std::vector<std::string>& words, double seconds, const Stop& stop) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    Process process{words};
    Ran ran;
    constexpr std::chrono::milliseconds glance{20};
    while (process.read(glance)) {
        ran.stopped = stop && stop();
        const bool is_late = Clock::now() - start > std::chrono::duration<double>{seconds};
        if (is_late) ran.ending = "took longer than " + formatted("%g", seconds) + " s";
        if (ran.stopped || is_late) break;
    }
    if (ran.ending.empty() && !ran.stopped) {
        ran.ending = process.ending();
    } else {
        process.end();
    }
    ran.out = std::move(process.out());
    ran.err = std::move(process.err());
    return ran;
}

}  // namespace run_callback
