// SPDX-License-Identifier: MIT
// Whether files are what they were.
#include "file_stamp.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>
#include <utility>

namespace run_callback {

namespace {

constexpr std::uint64_t start_of_hash = 0xcbf29ce484222325;  // FNV-1a

void add(std::uint64_t& hash, const char* bytes, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        hash = (hash ^ static_cast<unsigned char>(bytes[i])) * 0x100000001b3;
    }
}

}  // namespace

Stamp WatchedFiles::depend_on(const std::vector<std::filesystem::path>& others) {
    std::vector<File> files{files_.front()};
    for (const std::filesystem::path& path : others) {
        const auto is_it = [&](const File& file) { return file.path == path; };
        if (std::ranges::any_of(files, is_it)) continue;
        const auto known = std::ranges::find_if(files_, is_it);
        const bool is_known = known != files_.end();
        files.push_back(is_known ? *known : File{path});
        if (!is_known) look_at(files.back());
    }
    files_ = std::move(files);
    return stamp();
}

void WatchedFiles::look_at(File& file) {
    std::error_code error;
    const auto status = std::filesystem::status(file.path, error);
    const auto size = std::filesystem::file_size(file.path, error);
    const auto written = std::filesystem::last_write_time(file.path, error);
    file.exists = !error && std::filesystem::is_regular_file(status);
    if (!file.exists) {
        file.was_read = false;
        file.content = 0;
        return;
    }
    // File systems count time in steps: two saves may bear the same time.
    constexpr std::chrono::seconds coarse{2};
    const bool is_new = std::filesystem::file_time_type::clock::now() - written < coarse;
    const bool is_same = file.was_read && size == file.size && written == file.written;
    file.size = size;
    file.written = written;
    if (is_same && !is_new) return;
    std::ifstream stream{file.path, std::ios::binary};
    std::uint64_t hash = start_of_hash;
    std::array<char, 16384> buffer;
    while (stream.read(buffer.data(), buffer.size()) || stream.gcount() > 0) {
        add(hash, buffer.data(), static_cast<std::size_t>(stream.gcount()));
    }
    file.content = hash;
    file.was_read = true;
}

Stamp WatchedFiles::look() {
    for (File& file : files_) look_at(file);
    return stamp();
}

Stamp WatchedFiles::stamp() const {
    std::uint64_t hash = start_of_hash;
    for (const File& file : files_) {
        const std::uint64_t content = file.exists ? file.content : 0;
        std::array<char, sizeof content> bytes;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<char>(content >> 8 * i);
        }
        add(hash, bytes.data(), bytes.size());
    }
    return {files_.front().exists, hash};
}

std::filesystem::file_time_type WatchedFiles::written() const noexcept {
    return std::ranges::max_element(files_, {}, &File::written)->written;
}

}  // namespace run_callback
