// SPDX-License-Identifier: MIT
// Callbacks out of shared libraries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include "callback.hpp"
#include "callback_state.hpp"
#include "description.h"
#include "embedding.hpp"
#include "error.hpp"
#include "library_copy.hpp"
#include "loader.hpp"
#include "state.hpp"

namespace portspan {

/// A loaded shared library. Copies share it, and so do every callback out of it and whoever loads
/// the same path meanwhile; it is unloaded when the last of them is gone. A file that was replaced
/// until then is an Error (glibc), not the old library again; one that was written over is
/// undefined behaviour. Loading runs the library's own initialisers: not on the audio thread.
/// Errors carry path, symbol and the loader's text.
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
            detail::raise(Error(Fault::library_not_loaded, "SharedLibrary::find", "an empty name"));
        }
        return {std::filesystem::path{name}, name, binding, visibility};
    }

    /// Loads that file as it is now, from a copy that is gone afterwards: it can be rebuilt, and
    /// loaded again beside this one. What the loader gives is another library each time, with
    /// variables of its own. The copy is made beside the file, or where temporary files are.
    [[nodiscard]] static SharedLibrary snapshot(const std::filesystem::path& file,
                                                Binding binding = Binding::now,
                                                Visibility visibility = Visibility::local) {
        const std::filesystem::path path = exactly(file);
        const std::string name = file.string();
        return {detail::load_copy(path, name, binding, visibility), name};
    }

    /// The function `symbol` that this library itself defines; with glibc, one of its dependencies
    /// does not count, nor does data of that name. The callback keeps the library loaded, and has
    /// its description() and what the library says of its failures. Nothing is known of the state
    /// behind a `void*`.
    ///
    /// Where the library links Python (a cffi embedding module does) and the callback does not say
    /// that it needs no interpreter, one is started here: the callback is called once with 0
    /// frames, libpython becomes visible to all, and the library is never unloaded. That call gets
    /// `user_data`: it has to be valid by now, and not at start() alone. It takes some ten
    /// milliseconds and the time of the module's imports; an Error says why Python did not start.
    [[nodiscard]] RawCallback callback(const char* symbol, void* user_data = nullptr) const {
        RawCallback found = found_callback(symbol, user_data);
        detail::start_interpreter(handle_.get(), found);
        return found;
    }

    /// The same with a state: an Error where its type does not have the size of the one that the
    /// callback describes, or has another layout_hash(). `state` points at one, not at the first of
    /// several.
    template <class State>
        requires std::is_object_v<State>
    [[nodiscard]] RawCallback callback(const char* symbol, State* state) const {
        static_assert(!std::is_const_v<State> && !std::is_volatile_v<State>,
                      "the state is constant or volatile: a callback writes to its state");
        RawCallback found = found_callback(symbol, state);
        detail::require_state(found, state);
        detail::start_interpreter(handle_.get(), found);
        return found;
    }

    /// The same with what state_of() has made, here or of another version of the library; the
    /// callback keeps it.
    [[nodiscard]] RawCallback callback(const char* symbol, const CallbackState& state) const {
        RawCallback found = detail::on_state(found_callback(symbol, nullptr), state);
        detail::start_interpreter(handle_.get(), found);
        return found;
    }

    /// Does not compile, and says in one line why: a state goes by its address.
    template <class State>
        requires std::is_class_v<State>
    RawCallback callback(const char*, const State&) const {
        static_assert(sizeof(State) == 0,
                      "the state is not copied, it goes by its address: callback(symbol, &state)");
        return {};
    }

    /// What the callback `symbol` says about itself (description.h); null where it says nothing.
    /// Valid as long as something keeps the library loaded. Throws Error where this version cannot
    /// read it.
    [[nodiscard]] const portspan_description* description(const char* symbol) const {
        if (!symbol) refuse(Fault::symbol_not_found, symbol, "a null symbol name");
        using Kind = detail::Symbol::Kind;
        const std::string name = std::string{symbol} + "_portspan";
        const detail::Symbol found = detail::look_up(handle_.get(), name.c_str());
        if (found.kind != Kind::data && found.kind != Kind::unknown) return nullptr;
        constexpr std::size_t size = sizeof(portspan_description);
        if (found.size != 0 && found.size < size) {
            refuse(Fault::unknown_description, symbol,
                   name + " has " + std::to_string(found.size) + " bytes, a description " +
                       std::to_string(size));
        }
        if (reinterpret_cast<std::uintptr_t>(found.address) % alignof(portspan_description) != 0) {
            refuse(Fault::unknown_description, symbol, name + " is not aligned");
        }
        const auto* says = static_cast<const portspan_description*>(found.address);
        check_description(*says, name_of(symbol));
        return says;
    }

    /// A new state for the callback `symbol`, with what it holds at first, of the layout and the
    /// bytes that the library has beside it (PORTSPAN_DESCRIBE_STATE of description.h, or
    /// stream_callback in Python). Error where it has none (symbol_not_found), where they cannot be
    /// read, or the callback's description says otherwise.
    [[nodiscard]] CallbackState state_of(const char* symbol) const {
        const portspan_description* says = description(symbol);
        const auto beside = [&](const char* suffix) {
            return detail::look_up(handle_.get(), (std::string{symbol} + suffix).c_str());
        };
        return detail::make_state(name_of(symbol), beside("_portspan_state"),
                                  beside("_portspan_initial"), says);
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
    /// What a callback keeps alive.
    struct Named {
        std::shared_ptr<void> library;
        std::string name;
    };

    SharedLibrary(const std::filesystem::path& path, std::string name, Binding binding,
                  Visibility visibility)
        : name_(std::move(name)), handle_(detail::load_library(path, name_, binding, visibility)) {}

    SharedLibrary(std::shared_ptr<void> handle, std::string name)
        : name_(std::move(name)), handle_(std::move(handle)) {}

    [[nodiscard]] RawCallback found_callback(const char* symbol, void* user_data) const {
        void* const function = address(symbol);
        const auto named = std::make_shared<const Named>(Named{handle_, name_of(symbol)});
        return {.function =
                    reinterpret_cast<PaStreamCallback*>(reinterpret_cast<std::uintptr_t>(function)),
                .user_data = user_data,
                .keep_alive = named,
                .description = description(symbol),
                .name = named->name.c_str(),
                .failures = failures(symbol)};
    }

    static bool is_function(const detail::Symbol& found) noexcept {
        using Kind = detail::Symbol::Kind;
        return found.kind == Kind::function || found.kind == Kind::unknown;
    }

    [[nodiscard]] void* address(const char* symbol) const {
        if (!symbol) refuse(Fault::symbol_not_found, symbol, "a null symbol name");
        const detail::Symbol found = detail::look_up(handle_.get(), symbol);
        if (is_function(found)) return found.address;
        refuse(found.fault, symbol, found.why);
    }

    /// "libsoft_clip.so: soft_clip"
    [[nodiscard]] std::string name_of(const char* symbol) const {
        return name_ + ": " + (symbol ? symbol : "(null)");
    }

    /// Null in the many libraries that say nothing of it.
    [[nodiscard]] FailureReport* failures(const char* symbol) const {
        const detail::Symbol found =
            detail::look_up(handle_.get(), (std::string{symbol} + "_portspan_error").c_str());
        return is_function(found) ? reinterpret_cast<FailureReport*>(found.address) : nullptr;
    }

    [[noreturn]] void refuse(Fault fault, const char* symbol, const std::string& text) const {
        detail::raise(Error(fault, name_of(symbol), text));
    }

    static std::filesystem::path exactly(const std::filesystem::path& file) {
        const auto refuse = [&](const char* why) {
            const std::string given = file.string();  // its text ends at a zero byte
            detail::raise(Error(Fault::library_not_loaded,
                                given.empty() ? "SharedLibrary" : given.c_str(), why));
        };
        if (file.empty()) refuse("an empty path");
        const auto has = [](const std::filesystem::path& in, char c) {
            return in.native().find(c) != in.native().npos;
        };
        // Windows' absolute() ends at it.
        if (has(file, '\0')) refuse("a zero byte in its path");
        const std::filesystem::path path = std::filesystem::absolute(file);
        if (detail::loader_replaces_dollar && has(path, '$')) {
            refuse("the loader would replace what follows the $ in its path");
        }
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

}  // namespace portspan
