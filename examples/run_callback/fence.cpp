// SPDX-License-Identifier: MIT
// Memory between stretches that nobody may touch, for the child process of --check.
#include "fence.hpp"

#include <atomic>
#include <csignal>

#include "child.hpp"
#include "failure.hpp"

#if !defined(_WIN32)
#include <sys/mman.h>
#endif

namespace run_callback {

namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t page = 1u << 16;       // a multiple of every page size
constexpr std::size_t forbidden = 1u << 20;  // who takes long strides should meet it, too

constexpr std::size_t round_up(std::size_t bytes, std::size_t unit) {
    return (bytes + unit - 1) / unit * unit;
}

#if !defined(_WIN32)
std::atomic<const Fence*> watched{nullptr};

/// The access is made again when this returns, and ends the process.
void met_fence(int number, siginfo_t* info, void*) {
    const Fence* fence = watched.load();
    if (const char* line = fence ? fence->line_for(info->si_addr) : nullptr) tell_last(line);
    std::signal(number, SIG_DFL);
}

void watch(const Fence* fence) {
    watched.store(fence);
    struct sigaction action{};
    action.sa_sigaction = met_fence;
    action.sa_flags = SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    for (const int number : {SIGSEGV, SIGBUS}) sigaction(number, &action, nullptr);
}
#endif

}  // namespace

Fence::Fence(std::size_t regions, std::size_t bytes, Edge edge)
    : regions_(regions),
      room_(round_up(bytes, page)),
      offset_(edge == Edge::end ? room_ - round_up(bytes, alignment) : 0),
      size_(forbidden + regions * (room_ + forbidden)) {
    for (std::size_t i = 0; i < regions; ++i) {
        before_.push_back("outside before " + std::to_string(i));
        behind_.push_back("outside behind " + std::to_string(i));
    }
#if defined(_WIN32)
    memory_ = new std::byte[size_];
#else
    void* const all = mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) throw Failure("not enough memory");
    memory_ = static_cast<std::byte*>(all);
    for (std::size_t i = 0; i < regions; ++i) {
        std::byte* const pages = memory_ + forbidden + i * (room_ + forbidden);
        if (mprotect(pages, room_, PROT_READ | PROT_WRITE) != 0) throw Failure("not enough memory");
    }
    watch(this);
#endif
}

Fence::~Fence() {
#if defined(_WIN32)
    delete[] memory_;
#else
    watched.store(nullptr);
    munmap(memory_, size_);
#endif
}

void* Fence::region(std::size_t index) const noexcept {
    return memory_ + forbidden + index * (room_ + forbidden) + offset_;
}

const char* Fence::line_for(const void* address) const noexcept {
    const auto* const at = static_cast<const std::byte*>(address);
    if (at < memory_ || at >= memory_ + size_) return nullptr;
    // Region 0 lies behind stretch 0; what is between two regions belongs half to either.
    const auto offset = static_cast<std::size_t>(at - memory_);
    const std::size_t stretch = offset / (forbidden + room_);
    const bool is_near_next = offset % (forbidden + room_) >= forbidden / 2;
    const bool is_before = stretch == 0 || (is_near_next && stretch < regions_);
    return is_before ? before_[stretch].c_str() : behind_[stretch - 1].c_str();
}

}  // namespace run_callback
