// SPDX-License-Identifier: MIT
// run_callback while somebody works with it: what it says is read as it comes, and keys are typed.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "program.hpp"

namespace program {

/// stdin is a pipe or, as stderr is then, a terminal; stdout and stderr are one text.
class Session {
public:
    Session(const std::vector<std::string>& arguments,
            const std::map<std::string, std::string>& environment, bool terminal = false) {
        std::vector<std::string> words{RUN_CALLBACK};
        words.insert(words.end(), arguments.begin(), arguments.end());
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);

        int in[2]{-1, -1}, out[2]{-1, -1};
        if (terminal) {
            const PseudoTerminal pty;
            if (pty.its < 0) throw std::runtime_error("no pseudo terminal");
            in[0] = out[1] = pty.its;
            in[1] = out[0] = pty.ours;
            resize_to(pty.ours, 80, 24);
        } else if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
            throw std::runtime_error("pipe");
        }
        process_ = fork();
        if (process_ < 0) throw std::runtime_error("fork");
        if (process_ == 0) {
            if (terminal) {
                setsid();
                ioctl(in[0], TIOCSCTTY, 0);
            }
            signal(SIGINT, SIG_DFL);
            setenv("ALSA_CONFIG_PATH", NO_SOUND_CARD, 1);
            setenv("JACK_NO_START_SERVER", "1", 1);
            setenv("JACK_DEFAULT_SERVER", "portspan-no-such-server", 1);
            for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
            dup2(in[0], STDIN_FILENO);
            dup2(out[1], STDOUT_FILENO);
            dup2(out[1], STDERR_FILENO);
            if (terminal) {
                close(in[0]);
                close(in[1]);
            }
            execv(RUN_CALLBACK, argv.data());
            _exit(127);
        }
        close(in[0]);
        if (!terminal) close(out[1]);
        in_ = in[1];
        out_ = out[0];
        reader_ = std::thread{[this] { read_all(); }};
    }
    ~Session() {
        if (process_ > 0) {
            kill(process_, SIGKILL);
            waitpid(process_, nullptr, 0);
        }
        end_reading();
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void type(const std::string& text) const {
        if (write(in_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            throw std::runtime_error("nobody reads what is typed");
        }
    }
    void resize(unsigned short columns, unsigned short rows) const {
        resize_to(in_, columns, rows);
    }
    void send(int signal_number) const { kill(process_, signal_number); }
    /// The modes of the terminal.
    termios modes() const {
        termios modes{};
        tcgetattr(in_, &modes);
        return modes;
    }

    /// All that it has said so far.
    std::string said() const {
        const std::lock_guard lock{mutex_};
        return text_;
    }
    /// Waits for it, from `place` of said() on; false where it does not come in time.
    bool says(const std::string& text, std::size_t place = 0,
              std::chrono::seconds patience = std::chrono::seconds{30}) const {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < deadline) {
            if (said().find(text, place) != std::string::npos) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
        return false;
    }

    /// Its exit status, or minus the signal that has ended it.
    int finish(std::chrono::seconds patience = std::chrono::seconds{30}) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        int status = 0;
        while (waitpid(process_, &status, WNOHANG) == 0) {
            if (std::chrono::steady_clock::now() > deadline) kill(process_, SIGKILL);
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
        process_ = -1;
        end_reading();
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

private:
    static void resize_to(int terminal, unsigned short columns, unsigned short rows) {
        winsize size{};
        size.ws_col = columns;
        size.ws_row = rows;
        ioctl(terminal, TIOCSWINSZ, &size);
    }
    void read_all() {
        char buffer[4096];
        while (true) {
            const ssize_t count = read(out_, buffer, sizeof buffer);
            if (count <= 0) return;  // a terminal that nobody has any more ends with an error
            const std::lock_guard lock{mutex_};
            text_.append(buffer, static_cast<std::size_t>(count));
        }
    }
    void end_reading() {
        if (reader_.joinable()) reader_.join();
        if (in_ >= 0) close(in_);
        if (out_ >= 0 && out_ != in_) close(out_);
        in_ = out_ = -1;
    }

    pid_t process_ = -1;
    int in_ = -1;
    int out_ = -1;
    std::thread reader_;
    mutable std::mutex mutex_;
    std::string text_;
};

}  // namespace program
