// SPDX-License-Identifier: MIT
// A file that appears under its name only when it is complete.
#include "new_file.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "crash.hpp"
#include "failure.hpp"
#include "platform.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace run_callback {

namespace fs = std::filesystem;

fs::path followed(fs::path file, std::error_code& error) {
    constexpr int most_links = 40;  // as Linux has it
    for (int i = 0; i <= most_links; ++i) {
        std::error_code is_none;
        error.clear();
        if (!fs::is_symlink(file, is_none)) return file;
        const fs::path target = fs::read_symlink(file, error);
        if (error) return file;
        file = file.parent_path() / target;
    }
    error = std::make_error_code(std::errc::too_many_symbolic_link_levels);
    return file;
}

NewFile::NewFile(const fs::path& final_name) : given_(final_name), final_(final_name) {
    std::error_code error;
    if (fs::is_directory(final_, error)) refuse("it is a folder");
    if (fs::exists(final_, error) && !fs::is_regular_file(final_, error))
        refuse("not a plain file");
    // A link stays a link: what it leads to is replaced, or made.
    final_ = followed(given_, error);
    if (error) refuse(error.message());
    // Made at once: a folder that is not there should be known before hours of audio are processed.
    create();
    remove_on_crash(temporary_name_.c_str());
}

void NewFile::refuse(const std::string& why) const {
    throw Failure("cannot write " + given_.string() + ": " + why);
}

#if defined(_WIN32)

void NewFile::create() {
    temporary_ = final_;
    temporary_ += "." + process_id() + ".part";
    temporary_name_ = temporary_.string();
    errno = 0;
    std::FILE* file = std::fopen(temporary_name_.c_str(), "wb");
    if (!file) refuse(std::strerror(errno));
    std::fclose(file);
}

NewFile::~NewFile() {
    std::error_code ignored;
    keep_on_crash(temporary_name_.c_str());
    if (!published_) fs::remove(temporary_, ignored);
}

void NewFile::write(std::string_view content) {
    errno = 0;
    std::FILE* file = std::fopen(temporary_name_.c_str(), "wb");
    if (!file) refuse(std::strerror(errno));
    const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
    const int why = errno;
    if (std::fclose(file) != 0) refuse(std::strerror(errno));
    if (!written) refuse(std::strerror(why));
}

#else

void NewFile::create() {
    struct stat before{};
    if (stat(final_.c_str(), &before) == 0) mode_ = static_cast<int>(before.st_mode & 0777);
    // Nobody else's until it has the old file's permissions: what replaces a secret is one.
    const mode_t mode = mode_ < 0 ? 0666 : 0600;
    constexpr int most_tries = 100;
    for (int i = 0; descriptor_ < 0; ++i) {
        temporary_name_ = final_.native() + '.' + process_id();
        if (i > 0) temporary_name_.append(1, '.').append(std::to_string(i));
        temporary_name_.append(".part");
        temporary_ = temporary_name_;
        // Never a file or a link that is there already, whoever put it there.
        descriptor_ = open(temporary_name_.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (descriptor_ < 0 && (errno != EEXIST || i == most_tries)) refuse(std::strerror(errno));
    }
}

NewFile::~NewFile() {
    if (descriptor_ >= 0) close(descriptor_);
    keep_on_crash(temporary_name_.c_str());
    std::error_code ignored;
    if (!published_) fs::remove(temporary_, ignored);
}

void NewFile::write(std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor_, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) refuse(std::strerror(errno));
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

#endif

void NewFile::publish() {
#if !defined(_WIN32)
    // Last: writing takes set-user-ID away. A file system without permissions refuses, and has none
    // that could be lost.
    if (mode_ >= 0) static_cast<void>(fchmod(descriptor_, static_cast<mode_t>(mode_)));
    // Some file systems tell only now that they are full.
    if (close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) refuse(std::strerror(errno));
#endif
    std::error_code error;
    fs::rename(temporary_, final_, error);
    if (error) refuse(error.message());
    published_ = true;
    keep_on_crash(temporary_name_.c_str());
}

}  // namespace run_callback
