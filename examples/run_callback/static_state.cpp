// SPDX-License-Identifier: MIT
// The variables of a loaded library: the state of a callback that keeps one of its own.
#include "static_state.hpp"

#if defined(__linux__)
#include <link.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cstdint>

namespace run_callback {

namespace {

// Byte by byte, and no sanitizer looks: between the variables are its own red zones.
#if defined(__GNUC__)
__attribute__((no_sanitize("address", "thread")))
#endif
void copy_bytes(const volatile std::byte* from, volatile std::byte* to, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
}

}  // namespace

#if defined(__linux__)

namespace {

struct Search {
    std::uintptr_t function;
    std::vector<std::span<std::byte>> ranges;
};

int look_at_library(dl_phdr_info* info, std::size_t, void* data) {
    Search& search = *static_cast<Search*>(data);
    const std::span headers{info->dlpi_phdr, info->dlpi_phnum};
    const auto start_of = [&](const ElfW(Phdr) & header) {
        return info->dlpi_addr + header.p_vaddr;
    };
    const bool is_it = std::ranges::any_of(headers, [&](const ElfW(Phdr) & header) {
        return header.p_type == PT_LOAD && search.function >= start_of(header) &&
               search.function < start_of(header) + header.p_memsz;
    });
    if (!is_it) return 0;
    // What the loader has made read-only once the addresses in it were known.
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    std::uintptr_t fixed_from = 0, fixed_to = 0;
    for (const ElfW(Phdr) & header : headers) {
        if (header.p_type != PT_GNU_RELRO) continue;
        fixed_from = start_of(header) / page * page;
        fixed_to = (start_of(header) + header.p_memsz) / page * page;
    }
    for (const ElfW(Phdr) & header : headers) {
        if (header.p_type != PT_LOAD || (header.p_flags & PF_W) == 0) continue;
        const std::uintptr_t from = start_of(header), to = from + header.p_memsz;
        const auto add = [&](std::uintptr_t first, std::uintptr_t last) {
            if (first >= last) return;
            search.ranges.emplace_back(reinterpret_cast<std::byte*>(first), last - first);
        };
        if (fixed_to <= from || fixed_from >= to) {
            add(from, to);
        } else {
            add(from, fixed_from);
            add(fixed_to, to);
        }
    }
    return 1;
}

}  // namespace

StaticState::StaticState(const void* function) {
    Search search{reinterpret_cast<std::uintptr_t>(function), {}};
    dl_iterate_phdr(look_at_library, &search);
    for (const auto memory : search.ranges) {
        saved_.push_back({memory, std::vector<std::byte>(memory.size())});
        copy_bytes(memory.data(), saved_.back().bytes.data(), memory.size());
    }
}

#else

StaticState::StaticState(const void*) {}

#endif

void StaticState::restore() const noexcept {
    for (const Range& range : saved_) {
        copy_bytes(range.bytes.data(), range.memory.data(), range.bytes.size());
    }
}

}  // namespace run_callback
