// SPDX-License-Identifier: MIT
// Whether files are what they were.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace run_callback {

/// What some files hold, as far as it can be told apart; equal where nothing was written that
/// matters.
struct Stamp {
    bool exists = false;        ///< the first of them does
    std::uint64_t content = 0;  ///< of all, hashed
    bool operator==(const Stamp&) const = default;
};

/// A file and those that go into it, looked at again and again. By content: a file that another one
/// takes the place of, as editors do it, has one as well, and one that is only touched has no new
/// one.
class WatchedFiles {
public:
    explicit WatchedFiles(std::filesystem::path file) { files_.push_back({std::move(file)}); }

    /// The files that go into the first one, as far as they are known. What the last look would
    /// have been with those.
    Stamp depend_on(const std::vector<std::filesystem::path>& others);
    /// Reads only those that may have changed.
    [[nodiscard]] Stamp look();
    /// Of the last look: when the last one of them was written.
    [[nodiscard]] std::filesystem::file_time_type written() const noexcept;

private:
    struct File {
        std::filesystem::path path;
        bool exists = false;
        std::uintmax_t size = 0;
        std::filesystem::file_time_type written = {};
        std::uint64_t content = 0;
        bool was_read = false;
    };
    static void look_at(File& file);
    [[nodiscard]] Stamp stamp() const;

    std::vector<File> files_;
};

}  // namespace run_callback
