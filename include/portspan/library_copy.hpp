// SPDX-License-Identifier: MIT
// A shared library as its file is now, loaded from a copy, so that the file can be replaced and
// loaded again meanwhile.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <system_error>
#include <utility>

#include "embedding.hpp"
#include "error.hpp"
#include "loader.hpp"

namespace portspan::detail {

/// A file that goes with this object.
class TemporaryCopy {
public:
    /// Beside the file, where what the library looks for beside itself is found; else where
    /// temporary files are. `why` says what went wrong where there is none.
    TemporaryCopy(const std::filesystem::path& file, std::string& why) {
        std::error_code failed;
        const std::filesystem::path folders[]{file.parent_path(),
                                              std::filesystem::temp_directory_path(failed)};
        for (const std::filesystem::path& folder : folders) {
            if (folder.empty()) continue;
            std::random_device random;
            std::filesystem::path copy = folder / ("." + file.filename().string() + "." +
                                                   std::to_string(random()) + ".copy");
            // Not over a file that is there.
            if (std::filesystem::copy_file(file, copy, failed)) {
                path_ = std::move(copy);
                return;
            }
            // What it has written so far is of no use; a file that was there is not its own.
            if (failed != std::errc::file_exists) {
                std::error_code ignored;
                std::filesystem::remove(copy, ignored);
            }
        }
        why = "it cannot be copied: " + failed.message();
    }
    TemporaryCopy(TemporaryCopy&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    TemporaryCopy& operator=(TemporaryCopy&&) = delete;
    ~TemporaryCopy() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

/// Throws Error, whose words are about the file itself.
inline std::shared_ptr<void> load_copy(const std::filesystem::path& file, const std::string& name,
                                       Binding binding, Visibility visibility) {
    std::string why;
    TemporaryCopy copy{file, why};
    if (!why.empty()) raise(Error(Fault::library_not_loaded, name, why));
    std::shared_ptr<void> library = load(copy.path(), binding, visibility, why);
    if (!library) {
        // The loader knows the copy alone.
        const std::string copied = copy.path().string();
        for (std::size_t at = 0; (at = why.find(copied)) != why.npos;) {
            why.replace(at, copied.size(), name);
        }
        raise(Error(Fault::library_not_loaded, name, why + about_python(name, why)));
    }
#if defined(_WIN32)
    // A library's file cannot be removed there while it is loaded.
    struct Loaded {
        TemporaryCopy copy;
        std::shared_ptr<void> library;
    };
    void* const handle = library.get();
    const auto loaded = std::make_shared<Loaded>(Loaded{std::move(copy), std::move(library)});
    return {loaded, handle};
#else
    return library;
#endif
}

}  // namespace portspan::detail
