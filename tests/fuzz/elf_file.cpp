// SPDX-License-Identifier: MIT
// Any bytes as the file of a library, before the loader gets it: what is cut off is told.
#include <link.h>

#include <cstring>
#include <portspan/elf_file.hpp>

#include "temporary_file.hpp"

namespace {

__extension__ using Wide = unsigned __int128;

/// Bytes that the loader maps, as many as fit into 128 bits; 0 for what it refuses itself.
struct Wanted {
    bool is_elf = false;
    bool has_table = false;
    Wide bytes = 0;
};

Wanted wanted(std::span<const std::uint8_t> file) {
    ElfW(Ehdr) header{};
    if (file.size() < sizeof header) return {};
    std::memcpy(&header, file.data(), sizeof header);
    Wanted all{.is_elf = std::memcmp(header.e_ident, "\177ELF", 4) == 0 &&
                         header.e_ident[EI_CLASS] == (sizeof(void*) == 8 ? 2 : 1) &&
                         header.e_phentsize == sizeof(ElfW(Phdr)),
               .has_table = true};
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        ElfW(Phdr) segment{};
        const Wide place = static_cast<Wide>(header.e_phoff) + i * sizeof segment;
        if (place + sizeof segment > file.size()) {
            all.has_table = false;
            return all;
        }
        std::memcpy(&segment, file.data() + static_cast<std::size_t>(place), sizeof segment);
        if (segment.p_type != PT_LOAD) continue;
        const auto end = static_cast<Wide>(segment.p_offset) + segment.p_filesz;
        all.bytes = std::max(all.bytes, end);
    }
    return all;
}

}  // namespace

/// The first bytes say how the ELF header is made valid, so that the fuzzer need not guess it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input in{data, size};
    const bool is_valid = in.flag();
    const std::size_t segments = in.below(4);
    std::vector<std::uint8_t> bytes(in.rest().begin(), in.rest().end());
    if (is_valid && bytes.size() >= sizeof(ElfW(Ehdr))) {
        ElfW(Ehdr) header{};
        std::memcpy(&header, bytes.data(), sizeof header);
        std::memcpy(header.e_ident, "\177ELF", 4);
        header.e_ident[EI_CLASS] = sizeof(void*) == 8 ? 2 : 1;
        header.e_phentsize = sizeof(ElfW(Phdr));
        header.e_phnum = static_cast<ElfW(Half)>(segments);
        if (segments % 2 == 1) header.e_phoff %= 2 * bytes.size();
        std::memcpy(bytes.data(), &header, sizeof header);
    }
    const fuzz::TemporaryFile file{bytes};
    const std::string missing = portspan::detail::missing_part(file.name());
    const Wanted all = wanted(bytes);
    EXPECT(missing.empty() == (!all.is_elf || (all.has_table && all.bytes <= bytes.size())));
    EXPECT(missing.find('\n') == missing.npos);
    return 0;
}
