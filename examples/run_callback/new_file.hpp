// SPDX-License-Identifier: MIT
// A file that appears under its name only when it is complete.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace run_callback {

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
