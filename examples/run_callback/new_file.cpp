// SPDX-License-Identifier: MIT
// A file that appears under its name only when it is complete.
#include "new_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "crash.hpp"
#include "failure.hpp"
#include "platform.hpp"

namespace run_callback {

namespace fs = std::filesystem;

NewFile::NewFile(const fs::path& final_name) : final_(final_name) {
    const auto refuse = [&](const std::string& why) {
        throw Failure("cannot write " + final_name.string() + ": " + why);
    };
    std::error_code error;
    // A link stays a link: what it leads to is replaced.
    if (fs::is_symlink(final_, error)) {
        const fs::path target = fs::weakly_canonical(final_, error);
        if (!error) final_ = target;
    }
    if (fs::is_directory(final_, error)) refuse("it is a folder");
    if (fs::exists(final_, error) && !fs::is_regular_file(final_, error))
        refuse("not a plain file");
    temporary_ = final_;
    temporary_ += "." + process_id() + ".part";
    // Made at once: a folder that is not there should be known before hours of audio are processed.
    errno = 0;
    temporary_name_ = temporary_.string();
    std::FILE* file = std::fopen(temporary_name_.c_str(), "wb");
    if (!file) refuse(std::strerror(errno));
    std::fclose(file);
    remove_on_crash(temporary_name_.c_str());
}

NewFile::~NewFile() {
    std::error_code ignored;
    keep_on_crash(temporary_name_.c_str());
    if (!published_) fs::remove(temporary_, ignored);
}

void NewFile::publish() {
    std::error_code error;
    fs::rename(temporary_, final_, error);
    if (error) {
        throw Failure("cannot write " + final_.string() + ": " + error.message());
    }
    published_ = true;
    keep_on_crash(temporary_name_.c_str());
}

}  // namespace run_callback
