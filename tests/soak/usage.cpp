// SPDX-License-Identifier: MIT
#include "usage.hpp"

#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <thread>

#include "../sanitizer.hpp"

namespace {

std::atomic<std::size_t> in_use{0};

void* counted(void* memory) {
    if (!memory) throw std::bad_alloc{};
    in_use += ::malloc_usable_size(memory);
    return memory;
}

void give_back(void* memory) noexcept {
    if (memory) in_use -= ::malloc_usable_size(memory);
    std::free(memory);
}

}  // namespace

// The whole program's; the others of the library's call these.
void* operator new(std::size_t size) { return counted(std::malloc(size == 0 ? 1 : size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto to = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(to, (size + to) / to * to));
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { give_back(memory); }

namespace soak {

namespace {

std::size_t entries(const char* folder) {
    const std::filesystem::directory_iterator all{folder};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// One that was joined may be seen for a moment longer.
std::size_t threads_left() {
    std::size_t threads = 0;
    for (int i = 0; i < 1000; ++i) {
        threads = entries("/proc/self/task");
        if (threads == 1) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return threads;
}

std::size_t resident_bytes() {
    std::size_t all = 0, pages = 0;
    std::ifstream{"/proc/self/statm"} >> all >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

Usage Usage::now() {
    return {.allocated = in_use,
            .resident = resident_bytes(),
            .threads = threads_left(),
            .descriptors = entries("/proc/self/fd")};
}

std::string Usage::text() const {
    char text[80];
    std::snprintf(text, sizeof text, "%zu bytes in use, %.1f MB resident", allocated,
                  static_cast<double>(resident) / 1e6);
    return text;
}

std::string Usage::growth_since(const Usage& before) const {
    constexpr std::size_t kept = 4 << 10;
    if (allocated > before.allocated + kept) return "memory in use";
#if !defined(PORTSPAN_TEST_ASAN) && !defined(PORTSPAN_TEST_TSAN)
    // A sanitizer keeps what is given back.
    constexpr std::size_t kept_resident = 8 << 20;
    if (resident > before.resident + kept_resident) return "resident memory";
#endif
    if (threads > before.threads) return "threads";
    if (descriptors > before.descriptors) return "descriptors";
    return {};
}

}  // namespace soak
