// SPDX-License-Identifier: MIT
// What a callback that ends the program leaves: one line that says how it was called, no half
// files.
#include "crash.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "text.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace run_callback {

namespace {

// All that the handler reads is there before it runs: it must not allocate, and the heap may be
// what is broken.
struct Words {
    std::string who;
    std::string how;
    std::string with;
};
Words& words = *new Words;  // never destroyed: a library may crash while the program ends
std::atomic<const char*> who{nullptr};
std::atomic<const char*> how{nullptr};
std::atomic<const char*> with{nullptr};
std::atomic<void (*)() noexcept> restore{nullptr};
std::atomic<unsigned long> frames_of_call{0};
std::atomic<unsigned long> calls{0};
std::atomic<bool> line_is_open{false};
std::atomic<bool> exit_is_expected{false};
std::array<std::atomic<const char*>, 4> files{};  // at most two of them are written at a time
static_assert(std::atomic<const char*>::is_always_lock_free &&
              std::atomic<unsigned long>::is_always_lock_free);

}  // namespace

void describe_crash(const std::string& who_crashes, const std::string& how_called,
                    const std::string& with_what) {
    who.store(nullptr);
    how.store(nullptr);
    words = {printable(who_crashes), printable(how_called), printable(with_what)};
    with.store(words.with.c_str());
    how.store(words.how.c_str());
    who.store(words.who.c_str());
}

void call_at_end(void (*function)() noexcept) noexcept { restore.store(function); }

void expect_exit() noexcept { exit_is_expected.store(true); }

unsigned long calls_noted() noexcept { return calls.load(std::memory_order_relaxed); }

void note_open_line(bool open) noexcept { line_is_open.store(open, std::memory_order_relaxed); }

void remove_on_crash(const char* name) noexcept {
    for (auto& slot : files) {
        const char* unused = nullptr;
        if (slot.compare_exchange_strong(unused, name)) return;
    }
}

void keep_on_crash(const char* name) noexcept {
    for (auto& slot : files) {
        const char* there = name;
        if (slot.compare_exchange_strong(there, nullptr)) return;
    }
}

#if defined(_WIN32)

void watch_for_crashes() {}
void remove_files() noexcept {}
void tell(const char*) noexcept {}

void note_call(unsigned long frames) noexcept {
    frames_of_call.store(frames, std::memory_order_relaxed);
    // One thread calls at a time.
    calls.store(calls.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

#else

namespace {

struct Signal {
    int number;
    const char* name;
    struct sigaction before;
};
std::array<Signal, 5> signals{{{SIGSEGV, "SIGSEGV", {}},
                               {SIGBUS, "SIGBUS", {}},
                               {SIGFPE, "SIGFPE", {}},
                               {SIGILL, "SIGILL", {}},
                               {SIGABRT, "SIGABRT", {}}}};
// Not STDERR_FILENO: that leads to /dev/null while PortAudio opens and closes a stream, and the
// callback runs then, too.
int terminal_or_log = STDERR_FILENO;

/// A line in memory that needs no heap; what does not fit is cut off.
class Line {
public:
    void add(const char* text) noexcept {
        for (; *text != '\0' && used_ < text_.size() - 1; ++text) text_[used_++] = *text;
    }
    void add(unsigned long number) noexcept {
        std::array<char, 24> digits{};
        std::size_t first = digits.size() - 1;
        do {
            digits[--first] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number > 0);
        add(&digits[first]);
    }
    /// "run_callback: libgain.so: gain: ", on a line of its own.
    void begin() noexcept {
        if (line_is_open.load()) add("\r\033[K");
        add("run_callback: ");
        if (const char* text = who.load()) {
            add(text);
            add(": ");
        }
    }
    void write_to(int file) noexcept {
        text_[used_++] = '\n';
        // There is nobody left who could be told that it failed.
        [[maybe_unused]] const auto written = ::write(file, text_.data(), used_);
    }

private:
    std::array<char, 8192> text_{};
    std::size_t used_ = 0;
};

void restore_terminal() noexcept {
    if (void (*const function)() noexcept = restore.load()) function();
}

/// "libgain.so: gain: crashed (SIGSEGV); it was called with ...", and the files are gone.
template <class... Words>
void tell_the_end(Words... what) noexcept {
    static std::atomic<bool> one_is_at_it{false};
    if (one_is_at_it.exchange(true)) {
        for (;;) pause();  // another thread ends the program
    }
    restore_terminal();
    static constinit Line line;  // no stack is needed for it, and no guard
    line.begin();
    (line.add(what), ...);
    const unsigned long frames = frames_of_call.load();
    if (const char* text = how.load(); text && frames > 0) {
        line.add("; it was called with ");
        line.add(text);
        line.add(", ");
        line.add(frames);
        line.add(frames == 1 ? " frame, " : " frames, ");
        line.add(with.load());
    }
    line.write_to(terminal_or_log);
    remove_files();
}

void crashed(int number) {
    const Signal* signal = nullptr;
    for (const Signal& each : signals) {
        if (each.number == number) signal = &each;
    }
    tell_the_end("crashed (", signal ? signal->name : "signal", ")");
    // Usually the default action; a sanitizer has one of its own. It runs when this one returns.
    if (signal) sigaction(number, &signal->before, nullptr);
    raise(number);
}

pid_t own_process = -1;

/// A callback that ends the program with its own status would look like success.
template <class... Words>
void exited(Words... how_exactly) {
    // The files are not those of a process that the callback has forked.
    if (exit_is_expected.load() || getpid() != own_process) return;
    tell_the_end("ended the program by ", how_exactly...);
    _exit(1);
}

/// So that a stack that has overflowed can be told. The memory outlives the thread.
void use_second_stack(unsigned char* memory, std::size_t size) noexcept {
    stack_t stack{};
    if (sigaltstack(nullptr, &stack) != 0 || (stack.ss_flags & SS_DISABLE) == 0) return;
    stack.ss_sp = memory;
    stack.ss_size = size;
    stack.ss_flags = 0;
    sigaltstack(&stack, nullptr);
}

constexpr std::size_t stack_size = 64 * 1024;  // SIGSTKSZ is no constant everywhere
std::array<unsigned char, stack_size> stack_of_main;
std::array<unsigned char, stack_size> stack_of_audio;
thread_local bool has_second_stack = false;

}  // namespace

void remove_files() noexcept {
    restore_terminal();
    for (const auto& file : files) {
        if (const char* name = file.load()) unlink(name);
    }
}

void tell(const char* what) noexcept {
    Line line;
    line.begin();
    line.add(what);
    line.write_to(terminal_or_log);
}

void watch_for_crashes() {
    const int copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (copy >= 0) terminal_or_log = copy;
    use_second_stack(stack_of_main.data(), stack_size);
    has_second_stack = true;
    struct sigaction action{};
    action.sa_handler = crashed;
    action.sa_flags = SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (const Signal& each : signals) sigaddset(&action.sa_mask, each.number);
    for (Signal& each : signals) sigaction(each.number, &action, &each.before);
    own_process = getpid();
#if defined(__GLIBC__)
    // Unlike atexit() it tells the status: a library's own, as of a failed check, helps to find it.
    on_exit(
        [](int status, void*) { exited("exit(", static_cast<unsigned long>(status & 0xff), ")"); },
        nullptr);
#else
    std::atexit([] { exited("exit()"); });
#endif
    std::at_quick_exit([] { exited("quick_exit()"); });
}

void note_call(unsigned long frames) noexcept {
    frames_of_call.store(frames, std::memory_order_relaxed);
    // One thread calls at a time.
    calls.store(calls.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (has_second_stack) [[likely]]
        return;
    has_second_stack = true;
    // One thread calls at a time; a second one that gets the same memory is the last one's heir.
    use_second_stack(stack_of_audio.data(), stack_size);
}

#endif

}  // namespace run_callback
