// SPDX-License-Identifier: MIT
// Callbacks out of shared libraries. The only header that touches the platform's loader.
#pragma once

#if defined(_WIN32)
#include <cwchar>
#else
#include <dlfcn.h>
#if defined(__GLIBC__)
#include <link.h>
#endif
#endif

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include "callback.hpp"
#include "error.hpp"

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

/// Whether later libraries see its symbols: an embedded cffi module needs `global`.
enum class Visibility { local, global };

/// A loaded shared library; copies share it, and so does whoever loads the same path meanwhile: a
/// file that was replaced is loaded anew when nothing of the old one is left. Copies share it, and
/// so does every callback out of it. It is unloaded when the last of them is gone. Loading runs the
/// library's own initialisers: not on the audio thread. Errors carry path, symbol and the loader's
/// text.
class SharedLibrary {
public:
    /// Loads that file and no other: a bare name is a file in the current folder.
    explicit SharedLibrary(const std::filesystem::path& file, Binding binding = Binding::now,
                           Visibility visibility = Visibility::local)
        : SharedLibrary(exactly(file), file.string(), binding, visibility) {}

    /// Loads the first library of that name on the loader's search path.
    [[nodiscard]] static SharedLibrary find(const std::string& name, Binding binding = Binding::now,
                                            Visibility visibility = Visibility::local) {
        if (name.empty() || name.find('\0') != std::string::npos) {
            throw Error(Fault::library_not_loaded, "SharedLibrary::find", "an empty name");
        }
        return {std::filesystem::path{name}, name, binding, visibility};
    }

    /// The function `symbol` that this library itself defines; with glibc, one of its dependencies
    /// does not count, nor does data of that name. The callback keeps the library loaded.
    [[nodiscard]] RawCallback callback(const char* symbol, void* user_data = nullptr) const {
        return callback_at(reinterpret_cast<std::uintptr_t>(address(symbol)), user_data, handle_);
    }

    /// Any other function of the library, `library.function<const char*()>("soft_clip_error")`;
    /// valid as long as something keeps the library loaded. Nothing checks the signature.
    template <class Function>
        requires std::is_function_v<Function>
    [[nodiscard]] Function* function(const char* symbol) const {
        return reinterpret_cast<Function*>(address(symbol));
    }

    /// The name under which it was loaded.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    SharedLibrary(const std::filesystem::path& path, std::string name, Binding binding,
                  Visibility visibility);
    [[nodiscard]] void* address(const char* symbol) const;

    [[noreturn]] void refuse(Fault fault, const char* symbol, const std::string& text) const {
        throw Error(fault, name_ + ": " + (symbol ? symbol : "(null)"), text);
    }

    static std::filesystem::path exactly(const std::filesystem::path& file) {
        const auto refuse = [&](const char* why) {
            const std::string given = file.string();  // its text ends at a zero byte
            throw Error(Fault::library_not_loaded, given.empty() ? "SharedLibrary" : given.c_str(),
                        why);
        };
        if (file.empty()) refuse("an empty path");
        const std::filesystem::path path = std::filesystem::absolute(file);
        const auto is = [&](char c) { return path.native().find(c) != path.native().npos; };
        if (is('\0')) refuse("a zero byte in its path");
        if (is('$')) refuse("the loader would replace what follows the $ in its path");
        std::error_code ignored;
        if (std::filesystem::exists(path, ignored) &&
            !std::filesystem::is_regular_file(path, ignored)) {
            refuse("not a regular file");  // opening a FIFO would wait for ever
        }
        return path;
    }

    std::string name_;
    std::shared_ptr<void> handle_;
};

#if defined(_WIN32)

namespace detail {
inline std::string last_error() {
    return std::system_category().message(static_cast<int>(::GetLastError()));
}
}  // namespace detail

inline SharedLibrary::SharedLibrary(const std::filesystem::path& path, std::string name, Binding,
                                    Visibility)
    : name_(std::move(name)) {
    // 8: LOAD_WITH_ALTERED_SEARCH_PATH, its dependencies are looked for beside it.
    const unsigned long flags = path.is_absolute() ? 8 : 0;
    auto* module = ::LoadLibraryExW(path.c_str(), nullptr, flags);
    if (!module) throw Error(Fault::library_not_loaded, name_, detail::last_error());
    handle_ = {module, [](void* m) { ::FreeLibrary(static_cast<HINSTANCE__*>(m)); }};
}

inline void* SharedLibrary::address(const char* symbol) const {
    auto* module = static_cast<HINSTANCE__*>(handle_.get());
    const auto found = symbol ? ::GetProcAddress(module, symbol) : nullptr;
    if (!found) refuse(Fault::symbol_not_found, symbol, detail::last_error());
    return reinterpret_cast<void*>(found);
}

#else

inline SharedLibrary::SharedLibrary(const std::filesystem::path& path, std::string name,
                                    Binding binding, Visibility visibility)
    : name_(std::move(name)) {
    const int flags = (binding == Binding::now ? RTLD_NOW : RTLD_LAZY) |
                      (visibility == Visibility::local ? RTLD_LOCAL : RTLD_GLOBAL);
    void* library = dlopen(path.c_str(), flags);
    if (!library) {
        const char* text = dlerror();
        throw Error(Fault::library_not_loaded, name_, text ? text : "");
    }
    handle_ = {library, [](void* l) { dlclose(l); }};
}

inline void* SharedLibrary::address(const char* symbol) const {
    if (!symbol) refuse(Fault::symbol_not_found, symbol, "a null symbol name");
    dlerror();
    void* found = dlsym(handle_.get(), symbol);
    if (!found) {
        const char* text = dlerror();
        refuse(Fault::symbol_not_found, symbol, text ? text : "");
    }
#if defined(__GLIBC__)
    Dl_info info{};
    link_map* owner = nullptr;
    if (dladdr1(found, &info, reinterpret_cast<void**>(&owner), RTLD_DL_LINKMAP) == 0) {
        refuse(Fault::symbol_not_function, symbol, "it is thread-local data");
    }
    link_map* own = nullptr;
    if (dlinfo(handle_.get(), RTLD_DI_LINKMAP, &own) == 0 && owner != own) {
        refuse(Fault::symbol_not_found, symbol, std::string{"it is in "} + owner->l_name);
    }
    ElfW(Sym)* entry = nullptr;
    if (dladdr1(found, &info, reinterpret_cast<void**>(&entry), RTLD_DL_SYMENT) != 0 && entry) {
        const int type = ELF64_ST_TYPE(entry->st_info);  // the same bits in 32-bit files
        if (type == STT_OBJECT || type == STT_COMMON) {
            refuse(Fault::symbol_not_function, symbol, "it is data");
        }
    }
#endif
    return found;
}

#endif

}  // namespace portspan
