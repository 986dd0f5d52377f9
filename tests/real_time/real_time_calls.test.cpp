// SPDX-License-Identifier: MIT
// That nothing is noted in other tests means something: here it is.
#include "calls.hpp"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fcntl.h>
#include <semaphore.h>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "system_calls.hpp"

using real_time::calls_of;
using real_time::seen;

#if PORTSPAN_TEST_SEES_CALLS
namespace {

struct alignas(64) Aligned {
    char bytes[64];
};

std::mutex mutex;
std::shared_mutex shared_mutex;
std::shared_timed_mutex timed_mutex;
std::condition_variable condition;
pthread_spinlock_t spin_lock;
sem_t semaphore;

struct Twin {
    const char* noted;
    std::function<void()> call;
};

/// For each kind of call, and for what C++ makes of it.
const std::vector<Twin> twins{
    {"malloc 1, free 1", [] { std::free(seen(std::malloc(1))); }},
    {"calloc 1, realloc 1, free 1",
     [] { std::free(seen(std::realloc(seen(std::calloc(1, 1)), 2))); }},
    {"aligned_alloc 1, free 1", [] { std::free(seen(std::aligned_alloc(64, 64))); }},
    {"posix_memalign 1, free 1",
     [] {
         void* memory = nullptr;
         if (posix_memalign(&memory, 64, 64) == 0) std::free(seen(memory));
     }},
    {"operator new 1, operator delete 1", [] { delete seen(new int); }},
    {"operator new 1, operator delete 1", [] { delete[] seen(new int[2]); }},
    {"operator new 1, operator delete 1", [] { delete seen(new (std::nothrow) int); }},
    {"operator new 1, operator delete 1", [] { delete seen(new Aligned); }},
    {"operator new 1, operator delete 1", [] { seen(std::make_shared<int>(1).get()); }},
    {"mmap 1, madvise 1, mprotect 1, munmap 1",
     [] {
         const std::size_t size = 4096;
         void* const page = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         madvise(page, size, MADV_NORMAL);
         mprotect(page, size, PROT_NONE);
         munmap(page, size);
     }},
    {"sbrk 1", [] { seen(sbrk(0)); }},

    {"pthread_mutex_lock 1, pthread_mutex_unlock 1", [] { const std::lock_guard lock{mutex}; }},
    {"pthread_mutex_trylock 1, pthread_mutex_unlock 1",
     [] { const std::unique_lock lock{mutex, std::try_to_lock}; }},
    {"pthread_rwlock_wrlock 1, pthread_rwlock_unlock 2, pthread_rwlock_rdlock 1",
     [] {
         {
             const std::lock_guard lock{shared_mutex};
         }
         {
             const std::shared_lock lock{shared_mutex};
         }
     }},
    {"pthread_rwlock_clockwrlock 1, pthread_rwlock_unlock 2, pthread_rwlock_clockrdlock 1",
     [] {
         const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds{1};
         if (timed_mutex.try_lock_until(soon)) timed_mutex.unlock();
         if (timed_mutex.try_lock_shared_until(soon)) timed_mutex.unlock_shared();
     }},
    {"pthread_spin_lock 1, pthread_spin_unlock 1",
     [] {
         pthread_spin_lock(&spin_lock);
         pthread_spin_unlock(&spin_lock);
     }},
    {"pthread_cond_signal 1", [] { condition.notify_one(); }},
    {"pthread_cond_broadcast 1", [] { condition.notify_all(); }},
    {"pthread_mutex_lock 1, pthread_cond_clockwait 1, pthread_mutex_unlock 1",
     [] {
         std::unique_lock lock{mutex};
         condition.wait_for(lock, std::chrono::nanoseconds{1});
     }},
    {"pthread_mutex_lock 1, pthread_cond_timedwait 1, pthread_mutex_unlock 1",
     [] {
         std::unique_lock lock{mutex};
         condition.wait_until(lock, std::chrono::system_clock::now());
     }},
    {"sem_post 1, sem_wait 1, sem_trywait 1",
     [] {
         sem_post(&semaphore);
         sem_wait(&semaphore);
         sem_trywait(&semaphore);
     }},
    {"pthread_once 1",
     [] {
         static std::once_flag flag;
         std::call_once(flag, [] {});
     }},
    {"sched_yield 1", [] { std::this_thread::yield(); }},
    {"nanosleep 1", [] { std::this_thread::sleep_for(std::chrono::nanoseconds{1}); }},
    {"clock_nanosleep 1, usleep 1",
     [] {
         const timespec none{};
         clock_nanosleep(CLOCK_MONOTONIC, 0, &none, nullptr);
         usleep(0);
     }},
    {"syscall 2",  // what std::atomic::wait() and notify_one() do
     [] {
         static int word = 0;
         syscall(SYS_futex, &word, 1 /* wake */, 1, nullptr, nullptr, 0);
         syscall(SYS_futex, &word, 0 /* wait */, 1, nullptr, nullptr, 0);
     }},

    {"open 1, write 1, close 1",
     [] {
         const int file = open("/dev/null", O_WRONLY);
         if (write(file, "", 1) == 1) close(file);
     }},
    {"open 1, read 1, pread 1, lseek 1, fcntl 1, ioctl 1, close 1",
     [] {
         const int file = open("/dev/null", O_RDONLY);
         char byte = 0;
         if (read(file, &byte, 1) == 0 && pread(file, &byte, 1, 0) == 0) lseek(file, 0, SEEK_SET);
         fcntl(file, F_GETFD);
         ioctl(file, TIOCGWINSZ, &byte);
         close(file);
     }},
    {"poll 1, select 1",
     [] {
         poll(nullptr, 0, 0);
         timeval none{};
         select(0, nullptr, nullptr, nullptr, &none);
     }},
    {"socket 1, connect 1, send 1, recv 1, close 1",
     [] {
         const int file = socket(AF_UNIX, SOCK_STREAM, 0);
         char byte = 0;
         if (connect(file, nullptr, 0) < 0 && send(file, &byte, 1, MSG_NOSIGNAL) < 0 &&
             recv(file, &byte, 1, 0) < 0) {
             close(file);
         }
     }},
    {"dladdr 1",
     [] {
         Dl_info found;
         dladdr(&mutex, &found);
     }},
    {"dlopen 1, dlsym 1, dlclose 1",
     [] {
         void* const self = dlopen(nullptr, RTLD_NOW);
         seen(dlsym(self, "malloc"));
         dlclose(self);
     }},
};

bool has(const std::string& noted, const char* name) {
    return (", " + noted).find(std::string{", "} + name + ' ') != std::string::npos;
}

}  // namespace

TEST_CASE("every kind of call is noted, by name, as often as it is made") {
    pthread_spin_init(&spin_lock, PTHREAD_PROCESS_PRIVATE);
    sem_init(&semaphore, 0, 0);
    for (const Twin& twin : twins) CHECK(calls_of(twin.call) == twin.noted);
    CHECK(calls_of([] {}).empty());
}

TEST_CASE("what libstdc++ and the C library call is noted as well") {
    const std::string opened = calls_of([] { std::ofstream{"/dev/null"} << 1 << std::flush; });
    INFO(opened);
    CHECK((has(opened, "fopen") || has(opened, "fopen64")));
    CHECK((has(opened, "write") || has(opened, "writev")));
    std::FILE* const file = std::fopen("/dev/null", "w");
    CHECK(calls_of([&] {
              std::fprintf(file, "%d", 1);
              std::fflush(file);
              std::fwrite("", 1, 1, file);
          }).starts_with("fprintf 1, fflush 1, fwrite 1"));
    CHECK(calls_of([&] {
              std::ftell(file);
              std::fseek(file, 0, SEEK_SET);
          }).starts_with("ftell 1, fseek 1"));
    std::fclose(file);
    const std::string started = calls_of([] { std::thread{[] {}}.join(); });
    INFO(started);
    CHECK(has(started, "pthread_create"));
    CHECK(has(started, "pthread_join"));
}

TEST_CASE("a system call that no function of the C library makes is noted by its number") {
    bool has_filter = false;
    int result = 0;
    std::thread{[&] {
        has_filter = real_time::refuse_system_calls();
        if (!has_filter) return;
        const real_time::Watched watched;
        result = chdir("/");  // not among the functions
        const auto now = std::chrono::system_clock::now();
        seen(&now);
    }}.join();
    if (!has_filter) {
        std::puts("skipped: no seccomp filter to be had here, what portspan calls itself is noted");
        return;
    }
    // The thread has no memory to say it itself.
    CHECK(real_time::take_noted() == "system call " + std::to_string(SYS_chdir) + " 1");
    CHECK(result == -1);
}
#endif

TEST_CASE("a thread that is not watched is not noted, nor is the time") {
    std::atomic<bool> is_over{false};
    std::thread other{[&] {
        while (!is_over) delete seen(new int);
    }};
    CHECK(calls_of([] {
              const auto now = std::chrono::steady_clock::now();
              seen(&now);
          }).empty());
    is_over = true;
    other.join();
    CHECK(calls_of([] {
              const real_time::Unwatched unwatched;
              delete seen(new int);
          }).empty());
}
