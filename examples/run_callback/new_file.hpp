// SPDX-License-Identifier: MIT
// A file that appears under its name only when it is complete.
#pragma once

#include <filesystem>
#include <string>

namespace run_callback {

/// Written beside its final name, which it gets from publish(); without that nothing is left.
/// A file of that name stays as it was until then.
class NewFile {
public:
    /// Throws Failure where no file can be made there.
    explicit NewFile(const std::filesystem::path& final_name);
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    /// Where to write until then.
    [[nodiscard]] const std::filesystem::path& temporary() const noexcept { return temporary_; }

    void publish();

private:
    std::filesystem::path final_;
    std::filesystem::path temporary_;
    std::string temporary_name_;
    bool published_ = false;
};

}  // namespace run_callback
