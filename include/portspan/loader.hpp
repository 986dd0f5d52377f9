// SPDX-License-Identifier: MIT
// The platform's loader: the part of library.hpp that differs between operating systems.
#pragma once

#if defined(_WIN32)
#include <cwchar>
#else
#include <dlfcn.h>
#if defined(__GLIBC__)
#include <link.h>
#endif
#endif

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "elf_file.hpp"
#include "error.hpp"
#include "loaded_file.hpp"

#if defined(_WIN32)
// Declared here exactly as <windows.h> does, which would bring its macros into every user's
// program.
struct HINSTANCE__;
extern "C" {
__declspec(dllimport) HINSTANCE__* __stdcall LoadLibraryExW(const wchar_t*, void*, unsigned long);
__declspec(dllimport) int __stdcall FreeLibrary(HINSTANCE__*);
__declspec(dllimport) std::intptr_t(__stdcall* __stdcall GetProcAddress(HINSTANCE__*,
                                                                        const char*))();
__declspec(dllimport) unsigned long __stdcall GetLastError();
}
#endif

namespace portspan {

/// When the loader resolves what the library needs: `lazy` for one that references functions which
/// are not in the process and are never called (Pa_* in a callback's library, say).
enum class Binding { now, lazy };

/// Whether later libraries see its symbols. What a cffi embedding module needs to be seen,
/// libpython, is made so with the first callback out of it.
enum class Visibility { local, global };

namespace detail {

/// What a library itself has under a name. Only glibc tells functions from data, and what is the
/// library's own from what its dependencies have.
struct Symbol {
    enum class Kind { none, function, data, unknown };
    Kind kind = Kind::none;
    void* address = nullptr;
    std::size_t size = 0;  ///< of data, in bytes; 0 where that is not known
    Fault fault = Fault::symbol_not_found;
    std::string why = {};  ///< it is no function of this library's
};

/// Null where the loader refuses; `why` is then its text.
inline std::shared_ptr<void> load(const std::filesystem::path& path, Binding binding,
                                  Visibility visibility, std::string& why);
inline Symbol look_up(void* library, const char* symbol);

#if defined(_WIN32)

inline constexpr bool loader_replaces_dollar = false;

inline std::string last_error() {
    return std::system_category().message(static_cast<int>(::GetLastError()));
}

inline std::shared_ptr<void> load(const std::filesystem::path& path, Binding, Visibility,
                                  std::string& why) {
    // 8: LOAD_WITH_ALTERED_SEARCH_PATH, its dependencies are looked for beside it.
    const unsigned long flags = path.is_absolute() ? 8 : 0;
    auto* module = ::LoadLibraryExW(path.c_str(), nullptr, flags);
    if (!module) {
        why = last_error();
        return nullptr;
    }
    return {module, [](void* m) { ::FreeLibrary(static_cast<HINSTANCE__*>(m)); }};
}

inline Symbol look_up(void* library, const char* symbol) {
    const auto found = ::GetProcAddress(static_cast<HINSTANCE__*>(library), symbol);
    if (!found) return {.why = last_error()};
    return {.kind = Symbol::Kind::unknown, .address = reinterpret_cast<void*>(found)};
}

#else

inline constexpr bool loader_replaces_dollar = true;  // $ORIGIN and the like

inline std::shared_ptr<void> load(const std::filesystem::path& path, Binding binding,
                                  Visibility visibility, std::string& why) {
    const int flags = (binding == Binding::now ? RTLD_NOW : RTLD_LAZY) |
                      (visibility == Visibility::local ? RTLD_LOCAL : RTLD_GLOBAL);
    // A bare name is searched for by the loader: nobody knows yet which file it is.
    const bool is_file = path.has_parent_path();
    if (is_file) why = missing_part(path);
    if (!why.empty()) return nullptr;
    void* library = dlopen(path.c_str(), flags);
    if (!library) {
        const char* text = dlerror();
        why = text ? text : "";
        return nullptr;
    }
    std::shared_ptr<void> loaded{library, [](void* l) { dlclose(l); }};
    if (!is_file || !is_outdated(library, path)) return loaded;
    why =
        "the file was replaced while the library is loaded: let go of all that use the old one "
        "first, or load the new one under another name";
    return nullptr;
}

inline Symbol look_up(void* library, const char* symbol) {
    using Kind = Symbol::Kind;
    dlerror();
    void* found = dlsym(library, symbol);
    if (!found) {
        const char* text = dlerror();
        return {.why = text ? text : ""};
    }
#if defined(__GLIBC__)
    Dl_info info{};
    link_map* owner = nullptr;
    if (dladdr1(found, &info, reinterpret_cast<void**>(&owner), RTLD_DL_LINKMAP) == 0) {
        return {.fault = Fault::symbol_not_function, .why = "it is thread-local data"};
    }
    link_map* own = nullptr;
    if (dlinfo(library, RTLD_DI_LINKMAP, &own) == 0 && owner != own) {
        return {.why = std::string{"it is in "} + owner->l_name};
    }
    ElfW(Sym)* entry = nullptr;
    if (dladdr1(found, &info, reinterpret_cast<void**>(&entry), RTLD_DL_SYMENT) != 0 && entry) {
        const int type = ELF64_ST_TYPE(entry->st_info);  // the same bits in 32-bit files
        if (type == STT_OBJECT || type == STT_COMMON) {
            return {Kind::data, found, entry->st_size, Fault::symbol_not_function, "it is data"};
        }
        if (type != STT_NOTYPE) return {.kind = Kind::function, .address = found};
    }
#endif
    return {.kind = Kind::unknown, .address = found};
}

#endif

}  // namespace detail
}  // namespace portspan
