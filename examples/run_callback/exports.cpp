// SPDX-License-Identifier: MIT
// What a library exports, read from its file: nothing of it is loaded, nothing of it runs.
#include "exports.hpp"

#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include "failure.hpp"

#if __has_include(<link.h>)
#include <link.h>
#endif

namespace run_callback {

#if defined(ELFMAG)

namespace {

/// The file, of which nothing is believed: what it points at may be anywhere.
class ElfFile {
public:
    explicit ElfFile(const std::string& name) : name_(name) {
        std::error_code error;
        if (std::filesystem::is_directory(name, error)) refuse("it is a folder");
        if (std::filesystem::exists(name, error) &&
            !std::filesystem::is_regular_file(name, error)) {
            refuse("it is not a regular file");  // a FIFO would have to be waited for
        }
        errno = 0;
        file_.open(name, std::ios::binary);
        if (!file_) refuse(errno != 0 ? std::strerror(errno) : "it cannot be opened");
        size_ = std::filesystem::file_size(name, error);
    }

    [[noreturn]] void refuse(const std::string& why) const {
        throw Failure("cannot read " + name_ + ": " + why);
    }

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// As many whole T as there are in so many bytes.
    template <class T>
    std::vector<T> table(std::uint64_t offset, std::uint64_t bytes) {
        static_assert(std::is_trivially_copyable_v<T>);
        if (offset > size_ || bytes > size_ - offset) refuse("it ends too early");
        std::vector<T> entries(bytes / sizeof(T));
        file_.seekg(static_cast<std::streamoff>(offset));
        file_.read(reinterpret_cast<char*>(entries.data()),
                   static_cast<std::streamsize>(entries.size() * sizeof(T)));
        if (!file_) refuse("it ends too early");
        return entries;
    }

    template <class T>
    T one(std::uint64_t offset) {
        return table<T>(offset, sizeof(T)).front();
    }

private:
    std::string name_;
    std::ifstream file_;
    std::uint64_t size_ = 0;
};

ElfW(Ehdr) header_of(ElfFile& file) {
    constexpr unsigned char native_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
    constexpr unsigned char native_order =
        std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
    if (file.size() < sizeof(ElfW(Ehdr))) file.refuse("it is no shared library");
    const auto header = file.one<ElfW(Ehdr)>(0);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) file.refuse("it is no shared library");
    if (header.e_ident[EI_CLASS] != native_class || header.e_ident[EI_DATA] != native_order) {
        file.refuse("it is for another kind of machine");
    }
    if (header.e_type != ET_DYN || header.e_shentsize != sizeof(ElfW(Shdr))) {
        file.refuse("it is no shared library");
    }
    return header;
}

std::string_view text_at(const std::vector<char>& strings, std::size_t offset) {
    if (offset >= strings.size()) return {};
    const char* start = strings.data() + offset;
    return {start, strnlen(start, strings.size() - offset)};
}

using Sections = std::vector<ElfW(Shdr)>;

/// What a description too short to be one has is its size.
portspan_description description_at(ElfFile& file, const Sections& sections,
                                    const ElfW(Sym) & symbol) {
    portspan_description says{};
    if (symbol.st_size < sizeof says) {
        says.size = static_cast<std::uint32_t>(symbol.st_size);
    } else if (symbol.st_shndx < sections.size()) {
        const ElfW(Shdr)& section = sections[symbol.st_shndx];
        const auto offset = section.sh_offset + symbol.st_value - section.sh_addr;
        if (section.sh_type == SHT_NOBITS) return {.abi_version = 0};
        says = file.one<portspan_description>(offset);
    }
    return says;
}

/// cffi keeps the name of such a function, module.function, as a constant for its messages.
std::set<std::string> functions_in_python(ElfFile& file, const Sections& sections,
                                          const std::set<std::string>& functions) {
    constexpr std::string_view prefix = "PyInit_";
    std::set<std::string> found;
    for (const ElfW(Shdr) & section : sections) {
        constexpr auto constant = decltype(section.sh_flags){SHF_ALLOC};
        constexpr auto others = decltype(section.sh_flags){SHF_WRITE | SHF_EXECINSTR};
        if (section.sh_type != SHT_PROGBITS ||
            (section.sh_flags & (constant | others)) != constant) {
            continue;
        }
        const auto bytes = file.table<char>(section.sh_offset, section.sh_size);
        const std::string_view text{bytes.data(), bytes.size()};
        for (auto it = functions.lower_bound(std::string{prefix});
             it != functions.end() && it->starts_with(prefix); ++it) {
            for (const std::string& name : functions) {
                std::string constant_name = it->substr(prefix.size()) + "." + name;
                constant_name.push_back('\0');
                const auto at = text.find(constant_name);
                if (at != text.npos && (at == 0 || text[at - 1] == '\0')) found.insert(name);
            }
        }
    }
    return found;
}

}  // namespace

Exports exports_of(const std::string& library) {
    ElfFile file{library};
    const ElfW(Ehdr) header = header_of(file);
    const Sections sections =
        file.table<ElfW(Shdr)>(header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(ElfW(Shdr)));
    if (sections.empty()) file.refuse("it has no section table");
    Exports exports;
    for (const ElfW(Shdr) & section : sections) {
        if (section.sh_type != SHT_DYNSYM || section.sh_link >= sections.size()) continue;
        const ElfW(Shdr)& names = sections[section.sh_link];
        const auto strings = file.table<char>(names.sh_offset, names.sh_size);
        for (const auto& symbol : file.table<ElfW(Sym)>(section.sh_offset, section.sh_size)) {
            std::string name{text_at(strings, symbol.st_name)};
            const int type = ELF64_ST_TYPE(symbol.st_info);  // the same bits in 32-bit files
            if (name.empty()) continue;
            if (symbol.st_shndx == SHN_UNDEF) {
                exports.imports.insert(std::move(name));
            } else if (type == STT_FUNC || type == STT_GNU_IFUNC) {
                exports.functions.insert(std::move(name));
            } else if (type == STT_OBJECT && name.ends_with("_portspan")) {
                name.resize(name.size() - std::string_view{"_portspan"}.size());
                exports.descriptions.emplace(std::move(name),
                                             description_at(file, sections, symbol));
            }
        }
    }
    exports.in_python = functions_in_python(file, sections, exports.functions);
    return exports;
}

#else

Exports exports_of(const std::string& library) {
    throw Failure(library + ": what a library exports cannot be read on this system");
}

#endif

}  // namespace run_callback
