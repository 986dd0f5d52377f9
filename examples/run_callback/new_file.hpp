// SPDX-License-Identifier: MIT
// A file that appears under its name only when it is complete.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace run_callback {

/// What a name leads to by links, whether that is there or not; a name that is no link is its own.
/// An error where the links have no end.
[[nodiscard]] std::filesystem::path followed(std::filesystem::path file, std::error_code& error);

/// Written beside its final name, which it gets from publish(); without that nothing is left.
/// A file of that name stays as it was until then; the new one gets its permissions.
class NewFile {
public:
    /// Throws Failure where no file can be made there.
    explicit NewFile(const std::filesystem::path& final_name);
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

#if defined(_WIN32)
    /// Where to write until then.
    [[nodiscard]] const std::filesystem::path& temporary() const noexcept { return temporary_; }
#else
    /// Where to write until then. Not by name: that could lead to another file by now.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
#endif

    /// The whole content at once; throws Failure.
    void write(std::string_view content);
    /// Throws Failure.
    void publish();

private:
    [[noreturn]] void refuse(const std::string& why) const;
    void create();

    std::filesystem::path given_;
    std::filesystem::path final_;
    std::filesystem::path temporary_;
    std::string temporary_name_;
    int descriptor_ = -1;
    int mode_ = -1;  ///< the permissions of the file that is replaced
    bool published_ = false;
};

}  // namespace run_callback
