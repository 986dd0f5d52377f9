// SPDX-License-Identifier: MIT
// A library whose file is cut off, or has other numbers in its headers: an Error, a library, but
// never a crash of the program that opens it for bytes that are not there.
#include <link.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <portspan/library.hpp>

#include "temporary_file.hpp"

namespace {

const std::vector<std::uint8_t>& original() {
    static const std::vector<std::uint8_t> bytes = [] {
        std::ifstream in{PORTSPAN_FUZZED_LIBRARY, std::ios::binary};
        return std::vector<std::uint8_t>{std::istreambuf_iterator<char>{in}, {}};
    }();
    EXPECT(!bytes.empty());
    return bytes;
}

/// Changes a number of a program header that says where its segment is; false: none is left.
bool change_header(fuzz::Input& in, std::vector<std::uint8_t>& bytes) {
    ElfW(Ehdr) header;
    std::memcpy(&header, bytes.data(), sizeof header);
    const std::size_t place = header.e_phoff + in.below(header.e_phnum) * sizeof(ElfW(Phdr));
    ElfW(Phdr) segment;
    std::memcpy(&segment, bytes.data() + place, sizeof segment);
    const auto number = in.flag() ? in.any<std::uint64_t>() : in.any<std::uint16_t>();
    auto& field = in.flag() ? segment.p_offset : segment.p_filesz;
    field = in.flag() ? field + number : number;
    std::memcpy(bytes.data() + place, &segment, sizeof segment);
    return !in.empty();
}

/// Exit codes that neither a sanitizer nor the loader has.
enum Outcome { opened = 40, refused, wrong };

Outcome open(const std::string& name, bool is_copied) {
    try {
        const auto library =
            is_copied ? portspan::SharedLibrary::snapshot(name) : portspan::SharedLibrary{name};
        const portspan::RawCallback callback = library.callback("hum");
        return callback.function ? opened : wrong;
    } catch (const portspan::Error& error) {
        return std::strlen(error.what()) > 10 ? refused : wrong;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input in{data, size};
    std::vector<std::uint8_t> bytes = original();
    const bool is_copied = in.flag(), is_cut = in.flag(), is_changed = in.flag();
    if (is_cut) bytes.resize(in.below(bytes.size() + 1));
    if (is_changed && !is_cut) {
        while (change_header(in, bytes)) {
        }
    }
    const fuzz::TemporaryFile file{bytes};
    const pid_t child = ::fork();
    EXPECT(child >= 0);
    if (child == 0) {
        for (const int signal : {SIGBUS, SIGSEGV, SIGABRT}) std::signal(signal, SIG_DFL);
        ::_exit(open(file.name(), is_copied));
    }
    int status = 0;
    pid_t ended = -1;
    do {
        ended = ::waitpid(child, &status, 0);
    } while (ended < 0 && errno == EINTR);  // a fuzzer has a timer
    EXPECT(ended == child);
    // Other numbers lead the loader to other bytes, which it believes: it may crash, or end the
    // process, by other means than a page that is not there.
    if (is_changed && !is_cut) {
        constexpr int loader_gave_up = 127;
        EXPECT(!WIFSIGNALED(status) || WTERMSIG(status) != SIGBUS);
        EXPECT(!WIFEXITED(status) || WEXITSTATUS(status) == opened ||
               WEXITSTATUS(status) == refused || WEXITSTATUS(status) == loader_gave_up);
        return 0;
    }
    EXPECT(WIFEXITED(status));
    const bool is_whole = bytes.size() == original().size();
    EXPECT(WEXITSTATUS(status) == opened || (!is_whole && WEXITSTATUS(status) == refused));
    return 0;
}
