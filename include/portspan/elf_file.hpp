// SPDX-License-Identifier: MIT
// Whether a library's file is all there: the loader maps what the file says of itself, and a page
// behind the file's end is a SIGBUS.
#pragma once

#if defined(__linux__)
#include <link.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#endif

#include <filesystem>
#include <string>

namespace portspan::detail {

/// "it is cut off: 8192 of 16400 bytes"; empty where nothing is missing, and for what is no ELF
/// file of this kind of machine: of that the loader itself says what is wrong.
inline std::string missing_part(const std::filesystem::path& file);

#if defined(__linux__)

inline std::string missing_part(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary | std::ios::ate};
    const auto size = static_cast<std::uint64_t>(std::streamoff{in.tellg()});
    const auto read = [&](std::uint64_t offset, auto& entry) {
        in.seekg(static_cast<std::streamoff>(offset));
        in.read(reinterpret_cast<char*>(&entry), sizeof entry);
        return bool{in};
    };
    ElfW(Ehdr) header{};
    constexpr unsigned char native_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
    if (!read(0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != native_class || header.e_phentsize != sizeof(ElfW(Phdr))) {
        return {};
    }
    // A file may have any number there: what does not fit into 64 bits is beyond its end.
    const auto sum = [](std::uint64_t a, std::uint64_t b) {
        return a > ~b ? ~std::uint64_t{} : a + b;
    };
    std::uint64_t needed = 0;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        ElfW(Phdr) segment{};
        const std::uint64_t offset = sum(header.e_phoff, std::uint64_t{i} * sizeof segment);
        if (!read(offset, segment)) return "it is cut off: " + std::to_string(size) + " bytes";
        const std::uint64_t end = sum(segment.p_offset, segment.p_filesz);
        if (segment.p_type == PT_LOAD && end > needed) needed = end;
    }
    if (needed <= size) return {};
    return "it is cut off: " + std::to_string(size) + " of " + std::to_string(needed) + " bytes";
}

#else

inline std::string missing_part(const std::filesystem::path&) { return {}; }

#endif

}  // namespace portspan::detail
