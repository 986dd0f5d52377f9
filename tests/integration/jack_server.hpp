// SPDX-License-Identifier: MIT
// A JACK server of the test's own: paced in real time, no sound card, no privileges.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <portspan/device.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include "alsa.hpp"

/// Runs while this object lives, and not longer: the server is ended by its process id, and by the
/// kernel where the test itself is killed.
class JackServer {
public:
    static constexpr double sample_rate = 48000;
    static constexpr std::size_t period = 256;

    JackServer() : JackServer(unseen) {
        if (process_ != 0) wait_until_it_answers();
    }
    /// Somebody else finds out when it answers.
    enum Unseen { unseen };
    explicit JackServer(Unseen) {
        setenv("JACK_DEFAULT_SERVER", name_.c_str(), 1);
        unsetenv("JACK_PROMISCUOUS_SERVER");
        start();
    }
    JackServer(const JackServer&) = delete;
    JackServer& operator=(const JackServer&) = delete;
    ~JackServer() {
        end();
        forget_clients();
    }

    /// False where the machine has no jackd.
    [[nodiscard]] explicit operator bool() const noexcept { return process_ != 0; }

    /// PortAudio's device of the server, valid as long as a Session lives.
    [[nodiscard]] PaDeviceIndex device() const {
        const auto index = listed();
        if (!index) throw std::runtime_error("PortAudio does not list the JACK server any more");
        return *index;
    }

    /// The server ends in the middle of everything. Not by SIGKILL: a server that is killed keeps
    /// its place in the registry of the machine, which has eight.
    void die() noexcept { end(); }

private:
    static constexpr int no_such_program = 127;

    void start() {
        const pid_t parent = getpid();
        const std::string log = configuration_.folder() / "jackd.log";
        process_ = fork();
        if (process_ < 0) throw std::runtime_error("cannot fork");
        if (process_ != 0) return;

        // A test that crashes leaves no server behind.
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) _exit(1);
        const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (file >= 0) {
            dup2(file, STDOUT_FILENO);
            dup2(file, STDERR_FILENO);
        }
        execlp("jackd", "jackd", "-r", "-n", name_.c_str(), "-d", "dummy", "-r", "48000", "-p",
               "256", static_cast<char*>(nullptr));
        _exit(no_such_program);
    }

    void wait_until_it_answers() {
        using namespace std::chrono_literals;
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(20ms);
            int status = 0;
            if (waitpid(process_, &status, WNOHANG) == process_) {
                process_ = 0;
                if (WIFEXITED(status) && WEXITSTATUS(status) == no_such_program) return;
                throw std::runtime_error("jackd ended at once: " + log());
            }
            if (listed()) return;
        }
        end();
        throw std::runtime_error(
            "PortAudio does not list the JACK server (is it built with JACK?): " + log());
    }

    [[nodiscard]] static std::optional<PaDeviceIndex> listed() {
        for (const portspan::Device& device : portspan::devices()) {
            if (device.host_api.find("JACK") != std::string::npos) return device.index;
        }
        return std::nullopt;
    }

    void end() noexcept {
        using namespace std::chrono_literals;
        if (process_ == 0) return;
        kill(process_, SIGTERM);
        const auto deadline = std::chrono::steady_clock::now() + 5s;
        while (waitpid(process_, nullptr, WNOHANG) == 0) {
            if (std::chrono::steady_clock::now() > deadline) {
                kill(process_, SIGKILL);
                waitpid(process_, nullptr, 0);
                break;
            }
            std::this_thread::sleep_for(5ms);
        }
        process_ = 0;
    }

    /// A client whose server has died leaves its semaphore.
    void forget_clients() const {
        std::error_code ignored;
        const std::filesystem::directory_iterator memory{"/dev/shm", ignored};
        for (const auto& entry : memory) {
            const std::string file = entry.path().filename().string();
            if (file.starts_with("jack_sem.") && file.find(name_ + "_") != std::string::npos) {
                std::filesystem::remove(entry, ignored);
            }
        }
    }

    [[nodiscard]] std::string log() const {
        std::ifstream file{configuration_.folder() / "jackd.log"};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    // PortAudio's ALSA side must find a device that opens, or some of its versions abort.
    AlsaConfiguration configuration_{null_device};
    std::string name_ = "portspan-" + std::to_string(getpid());
    pid_t process_ = 0;
};
