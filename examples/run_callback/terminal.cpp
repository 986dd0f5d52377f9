// SPDX-License-Identifier: MIT
// A terminal as a screen and a keyboard, and as it was before in the end, whatever the end is.
#include "terminal.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "crash.hpp"
#include "text.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#endif

namespace run_callback {

#if defined(_WIN32)

bool can_draw() { return false; }
Screen::Screen() = default;
Screen::~Screen() = default;
Screen::Size Screen::size() { return {80, 24}; }
void Screen::draw(const std::vector<ScreenLine>&) {}
Keyboard::Keyboard() = default;
Keyboard::~Keyboard() = default;
std::string Keyboard::take() { return {}; }

#else

namespace {

// What a handler of a signal reads. The file is a copy of stderr, which leads elsewhere while
// PortAudio opens a stream.
std::atomic<int> screen_file{-1};
std::atomic<bool> has_modes{false};
termios modes_before{};

constexpr std::string_view enter = "\033[?1049h\033[?25l\033[H\033[2J";
constexpr std::string_view leave_screen = "\033[0m\033[?25h\033[?1049l";

void put(int file, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t count = ::write(file, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;  // there is nobody to be told
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

/// From the handler of a signal as well, and twice.
void restore() noexcept {
    const int error = errno;
    if (const int file = screen_file.exchange(-1); file >= 0) put(file, leave_screen);
    if (has_modes.exchange(false)) tcsetattr(STDIN_FILENO, TCSANOW, &modes_before);
    errno = error;
}

}  // namespace

bool can_draw() {
    const char* const kind = std::getenv("TERM");
    return isatty(STDERR_FILENO) != 0 && kind && *kind && std::string_view{kind} != "dumb";
}

Screen::Screen() {
    std::fflush(stderr);
    call_at_end(restore);
    const int copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    put(STDERR_FILENO, enter);
    screen_file.store(copy);
}

Screen::~Screen() {
    const int file = screen_file.exchange(-1);
    if (file < 0) return;
    put(file, leave_screen);
    close(file);
}

Screen::Size Screen::size() {
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
        return {80, 24};
    }
    return {size.ws_col, size.ws_row};
}

void Screen::draw(const std::vector<ScreenLine>& lines) {
    const auto [columns, rows] = size();
    std::string text = "\033[H";
    const std::size_t count = std::min(lines.size(), rows);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string line = shortened(lines[i].text, columns);
        if (i > 0) text += "\r\n";
        text += lines[i].is_marked ? "\033[7m" + line + "\033[0m" : line;
        // In the last column that would wipe what was just written.
        if (width(line) < columns) text += "\033[K";
    }
    text += "\033[J";
    put(STDERR_FILENO, text);
}

Keyboard::Keyboard() {
    if (isatty(STDIN_FILENO) == 0) {
        kind_ = Kind::lines;
        return;
    }
    // In the background both would stop the program.
    if (tcgetpgrp(STDIN_FILENO) != getpgrp() || tcgetattr(STDIN_FILENO, &modes_before) != 0) return;
    termios modes = modes_before;
    modes.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    modes.c_cc[VMIN] = 0;
    modes.c_cc[VTIME] = 0;
    modes.c_cc[VSUSP] = _POSIX_VDISABLE;  // a stream that stands still has lost its device
    call_at_end(restore);
    has_modes.store(true);
    tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    kind_ = Kind::keys;
}

Keyboard::~Keyboard() {
    if (has_modes.exchange(false)) tcsetattr(STDIN_FILENO, TCSANOW, &modes_before);
}

std::string Keyboard::take() {
    if (kind_ == Kind::none) return {};
    pollfd polled{STDIN_FILENO, POLLIN, 0};
    if (poll(&polled, 1, 0) > 0) {
        std::array<char, 1024> buffer;
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count > 0) rest_.append(buffer.data(), static_cast<std::size_t>(count));
        const bool is_over = count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN);
        if (is_over) {
            const bool has_lines = kind_ == Kind::lines && !rest_.empty();
            kind_ = Kind::none;
            return has_lines ? std::exchange(rest_, {}) + "\n" : "";
        }
    }
    const std::size_t end = kind_ == Kind::keys ? rest_.size() : rest_.rfind('\n') + 1;
    std::string typed = rest_.substr(0, end);
    rest_.erase(0, end);
    return typed;
}

#endif

}  // namespace run_callback
