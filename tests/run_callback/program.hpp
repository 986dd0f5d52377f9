// SPDX-License-Identifier: MIT
// run_callback, or another program, as a child process, and a folder of its own for each test.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "../sanitizer.hpp"

namespace program {

/// A new folder, gone with the object.
class Folder {
public:
    Folder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "run_callback.XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    std::set<std::string> names() const {
        std::set<std::string> result;
        for (const auto& entry : std::filesystem::directory_iterator(path_)) {
            result.insert(entry.path().filename().string());
        }
        return result;
    }

private:
    std::filesystem::path path_;
};

struct Result {
    int status = -1;  ///< exit status, or minus the signal that ended it
    std::string out;
    std::string err;
    int lines_of_err() const { return static_cast<int>(std::count(err.begin(), err.end(), '\n')); }
};

struct Surroundings {
    std::string program = RUN_CALLBACK;
    std::map<std::string, std::string> environment = {};
    /// Called in the child, before the program starts.
    std::function<void()> prepare = {};
    bool terminal = false;             ///< stderr is one
    std::string standard_output = {};  ///< a file; empty: what is printed is in the Result
};

/// A new pseudo terminal: the program's end and ours, -1 where there is none (a container without
/// /dev/pts).
struct PseudoTerminal {
    int ours = posix_openpt(O_RDWR | O_NOCTTY);
    int its = -1;
    PseudoTerminal() {
        if (ours < 0 || grantpt(ours) != 0 || unlockpt(ours) != 0) return;
        if (const char* name = ptsname(ours)) its = open(name, O_RDWR | O_NOCTTY);
    }
};

inline bool has_pseudo_terminals() {
    const PseudoTerminal terminal;
    for (const int fd : {terminal.ours, terminal.its}) {
        if (fd >= 0) close(fd);
    }
    return terminal.its >= 0;
}

/// A running program; its end is waited for by finish().
class Child {
public:
    explicit Child(const std::vector<std::string>& arguments, const Surroundings& around = {}) {
        int out[2], err[2];
        if (pipe(out) != 0) throw std::runtime_error("pipe");
        if (around.terminal) {
            const PseudoTerminal terminal;
            if (terminal.its < 0) throw std::runtime_error("no pseudo terminal");
            err[0] = terminal.ours;
            err[1] = terminal.its;
        } else if (pipe(err) != 0) {
            throw std::runtime_error("pipe");
        }
        std::vector<std::string> words{around.program};
        words.insert(words.end(), arguments.begin(), arguments.end());
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);

        pid_ = fork();
        if (pid_ < 0) throw std::runtime_error("fork");
        if (pid_ == 0) {
            // Whatever started the tests may ignore it.
            signal(SIGINT, SIG_DFL);
            // No device of this machine, no JACK server: only what a test sets up.
            setenv("ALSA_CONFIG_PATH", NO_SOUND_CARD, 1);
            setenv("JACK_NO_START_SERVER", "1", 1);
            setenv("JACK_DEFAULT_SERVER", "portspan-no-such-server", 1);
            for (const auto& [name, value] : around.environment) {
                setenv(name.c_str(), value.c_str(), 1);
            }
            if (around.prepare) around.prepare();
            const int file = around.standard_output.empty()
                                 ? out[1]
                                 : open(around.standard_output.c_str(), O_WRONLY);
            if (file < 0) _exit(127);
            dup2(file, STDOUT_FILENO);
            dup2(err[1], STDERR_FILENO);
            for (const int fd : {out[0], out[1], err[0], err[1]}) close(fd);
            execv(around.program.c_str(), argv.data());
            _exit(127);
        }
        close(out[1]);
        close(err[1]);
        fds_ = {out[0], err[0]};
    }
    ~Child() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
        for (const int fd : fds_) close(fd);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t id() const { return pid_; }
    void send(int signal_number) const { kill(pid_, signal_number); }

    /// Its end; a program that hangs is killed and has the status -SIGKILL.
    Result finish(std::chrono::seconds patience = std::chrono::seconds{60}) {
        Result result;
        std::array<std::string*, 2> texts{&result.out, &result.err};
        std::array<bool, 2> open{true, true};
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (open[0] || open[1]) {
            if (std::chrono::steady_clock::now() > deadline) kill(pid_, SIGKILL);
            std::array<pollfd, 2> polled{};
            for (std::size_t i = 0; i < 2; ++i) {
                polled[i] = {open[i] ? fds_[i] : -1, POLLIN, 0};
            }
            poll(polled.data(), polled.size(), 100);
            for (std::size_t i = 0; i < 2; ++i) {
                if (polled[i].revents == 0) continue;
                char buffer[4096];
                const ssize_t count = read(fds_[i], buffer, sizeof buffer);
                if (count <= 0) open[i] = false;  // a pseudo terminal ends with an error
                if (count > 0) texts[i]->append(buffer, static_cast<std::size_t>(count));
            }
        }
        int status = 0;
        waitpid(pid_, &status, 0);
        pid_ = -1;
        result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
        return result;
    }

private:
    pid_t pid_ = -1;
    std::array<int, 2> fds_{};
};

inline Result run(const std::vector<std::string>& arguments, const Surroundings& around = {}) {
    return Child{arguments, around}.finish();
}

/// Whether a signal ended it; a sanitizer makes a report and an exit status of it.
inline bool ended_with(const Result& result, int signal_number) {
#if defined(PORTSPAN_TEST_ASAN) || defined(PORTSPAN_TEST_TSAN)
    static_cast<void>(signal_number);
    return result.status != 0;
#else
    return result.status == -signal_number && result.lines_of_err() == 1;
#endif
}

/// Waits until the condition holds; false where it does not within ten seconds.
template <class Condition>
bool eventually(Condition condition) {
    for (int i = 0; i < 1000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return false;
}

}  // namespace program
