// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <unistd.h>

#include <portspan/mock.hpp>
#include <portspan/quiet_start.hpp>
#include <portspan/refresh.hpp>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"

using portspan::QuietStderr;
using portspan::mock::Scope;

namespace {

/// What reaches stderr while it lives.
class Stderr {
public:
    Stderr() : saved_(dup(STDERR_FILENO)) {
        std::fflush(stderr);
        char name[] = "/tmp/portspan-stderr-XXXXXX";
        file_ = mkstemp(name);
        if (file_ < 0) throw std::runtime_error("cannot make a file");
        unlink(name);
        dup2(file_, STDERR_FILENO);
    }
    ~Stderr() {
        dup2(saved_, STDERR_FILENO);
        close(saved_);
        close(file_);
    }
    std::string text() const {
        std::fflush(stderr);
        std::string text(4096, '\0');
        const ssize_t size = pread(file_, text.data(), text.size(), 0);
        text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return text;
    }

private:
    int saved_;
    int file_ = -1;
};

void say(const char* text) { static_cast<void>(!write(STDERR_FILENO, text, 1)); }

int open_files() {
    int count = 0;
    for (int fd = 0; fd < 256; ++fd) count += fcntl(fd, F_GETFD) != -1;
    return count;
}

/// A PortAudio whose host APIs are as talkative as ALSA and JACK.
void make_talkative(Scope& audio) {
    audio.intercept([](std::string_view function) -> std::optional<PaError> {
        if (function == "Pa_Initialize") say("I");
        if (function == "Pa_Terminate") say("T");
        return std::nullopt;
    });
}

}  // namespace

TEST_CASE("a Session lets be heard what host APIs print") {
    Scope audio;
    make_talkative(audio);
    const Stderr heard;
    {
        const portspan::Session session;
    }
    CHECK(heard.text() == "IT");
}

TEST_CASE("a quiet Session starts without a word, and stderr is there again after it") {
    Scope audio;
    make_talkative(audio);
    const Stderr heard;
    const int before = open_files();
    {
        const portspan::Session session = portspan::quiet_session();
        CHECK(audio.initialized() == 1);
        say("x");
    }
    CHECK(heard.text() == "xT");
    CHECK(audio.initialized() == 0);
    CHECK(open_files() == before);
}

TEST_CASE("where a quiet Session lives a refresh is not heard either") {
    Scope audio;
    make_talkative(audio);
    const Stderr heard;
    const portspan::Session loud;
    portspan::Session quiet = portspan::quiet_session();
    CHECK(heard.text() == "I");
    portspan::refresh_devices();
    CHECK(heard.text() == "I");
    std::optional<portspan::Session> moved{std::move(quiet)};
    portspan::refresh_devices();
    CHECK(heard.text() == "I");
    moved.reset();
    portspan::refresh_devices();
    CHECK(heard.text() == "ITTI");
}

TEST_CASE("a quiet Session that cannot start says why, and stderr is there again") {
    Scope audio;
    make_talkative(audio);
    audio.host_error(paALSA, -2, "no such file");
    audio.fail("Pa_Initialize", paUnanticipatedHostError);
    const Stderr heard;
    CHECK_THROWS_WITH(portspan::quiet_session(), ContainsSubstring("host API ALSA: no such file"));
    say("x");
    CHECK(heard.text() == "x");
}

TEST_CASE("stderr is back when the last one that keeps it quiet is gone") {
    const Stderr heard;
    std::fputs("buffered", stderr);
    std::optional<QuietStderr> first, second;
    first.emplace();
    second.emplace();
    first.reset();
    say("y");
    second.reset();
    say("x");
    {
        const QuietStderr loud{false};
        say("z");
    }
    CHECK(heard.text() == "bufferedxz");
}

TEST_CASE("several threads may be quiet at once, and none takes stderr with it") {
    const Stderr heard;
    const int before = open_files();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([] {
            for (int n = 0; n < 500; ++n) const QuietStderr quiet;
        });
    }
    for (std::thread& thread : threads) thread.join();
    say("x");
    CHECK(heard.text() == "x");
    CHECK(open_files() == before);
}

TEST_CASE("without a stderr nothing is redirected") {
    const int saved = dup(STDERR_FILENO);
    close(STDERR_FILENO);
    const int before = open_files();
    {
        const QuietStderr quiet;
    }
    CHECK(open_files() == before);
    CHECK(fcntl(STDERR_FILENO, F_GETFD) == -1);
    dup2(saved, STDERR_FILENO);
    close(saved);
}
