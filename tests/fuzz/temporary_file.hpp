// SPDX-License-Identifier: MIT
// Bytes as a file that other code opens by its name.
#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "input.hpp"

namespace fuzz {

/// In memory where that is possible: a fuzzer makes thousands a second.
class TemporaryFile {
public:
#if defined(__linux__)
    explicit TemporaryFile(std::span<const std::uint8_t> bytes)
        : descriptor_(::memfd_create("fuzz", 0)),
          name_("/proc/self/fd/" + std::to_string(descriptor_)) {
        EXPECT(descriptor_ >= 0);
        EXPECT(bytes.empty() || ::write(descriptor_, bytes.data(), bytes.size()) ==
                                    static_cast<ssize_t>(bytes.size()));
    }
    ~TemporaryFile() { ::close(descriptor_); }
#else
    explicit TemporaryFile(std::span<const std::uint8_t> bytes)
        : name_((std::filesystem::temp_directory_path() / "portspan_fuzz").string()) {
        std::ofstream{name_, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                                     static_cast<std::streamsize>(bytes.size()));
    }
    ~TemporaryFile() { std::filesystem::remove(name_); }
#endif
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }

private:
    int descriptor_ = -1;
    std::string name_;
};

}  // namespace fuzz
