// SPDX-License-Identifier: MIT
// Whether a loaded library is the file that is there by now. glibc compares names: as long as a
// library is loaded, its path leads to it, whatever has taken the file's place.
#pragma once

#include <filesystem>
#include <string>

// Any header of the C++ library brings __GLIBC__.
#if defined(__GLIBC__)
#include <dlfcn.h>
#include <link.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <system_error>
#endif

namespace portspan::detail {

/// Whether what the loader gave for the path was made from another file than is there now. False
/// where nobody can tell: without /proc, and where a file was written over, which changes the
/// loaded library itself.
inline bool is_outdated(void* library, const std::filesystem::path& path);

#if defined(__GLIBC__)

/// What /proc/self/maps says of the file at that address.
inline std::string mapped_file(std::uintptr_t address) {
    std::ifstream maps{"/proc/self/maps"};
    for (std::string line; std::getline(maps, line);) {
        unsigned long long from = 0, to = 0;
        int name = 0;
        // from-to rights offset device inode name
        if (std::sscanf(line.c_str(), "%llx-%llx %*s %*s %*s %*s %n", &from, &to, &name) != 2 ||
            address < from || address >= to) {
            continue;
        }
        return line.substr(static_cast<std::size_t>(name));
    }
    return {};
}

inline bool is_outdated(void* library, const std::filesystem::path& path) {
    namespace fs = std::filesystem;
    link_map* map = nullptr;
    std::error_code error;
    const fs::path wanted = fs::canonical(path, error);
    if (error || dlinfo(library, RTLD_DI_LINKMAP, &map) != 0) return false;
    const std::string mapped = mapped_file(reinterpret_cast<std::uintptr_t>(map->l_ld));
    if (mapped.empty() || mapped == wanted.native()) return false;
    if (mapped == wanted.native() + " (deleted)") return true;
    // It was moved away, or the path is a link that leads elsewhere now.
    return fs::exists(mapped, error) && !fs::equivalent(mapped, wanted, error) && !error;
}

#else

inline bool is_outdated(void*, const std::filesystem::path&) { return false; }

#endif

}  // namespace portspan::detail
