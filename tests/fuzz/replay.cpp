// SPDX-License-Identifier: MIT
// A fuzz target without a fuzzer, for any compiler: the inputs that are kept, and changed copies of
// them, the same ones in every run. usage: <target> RUNS FOLDER_OR_FILE...
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "input.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes current;

std::string program, crash;

/// Leaves what it was given.
extern "C" void keep_current(int signal) {
    if (std::FILE* const file = std::fopen(crash.c_str(), "wb")) {
        std::fwrite(current.data(), 1, current.size(), file);
        std::fclose(file);
        std::fprintf(stderr, "once more: %s 0 %s\n", program.c_str(), crash.c_str());
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void run(Bytes bytes) {
    current = std::move(bytes);
    LLVMFuzzerTestOneInput(current.data(), current.size());
}

std::vector<Bytes> read_all(int count, char** names) {
    std::vector<std::filesystem::path> files;
    for (int i = 0; i < count; ++i) {
        if (!std::filesystem::exists(names[i])) {
            std::fprintf(stderr, "%s is not there\n", names[i]);
            std::exit(2);
        }
        if (!std::filesystem::is_directory(names[i])) {
            files.emplace_back(names[i]);
            continue;
        }
        for (const auto& entry : std::filesystem::directory_iterator{names[i]}) {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    std::vector<Bytes> all;
    for (const auto& file : files) {
        std::ifstream in{file, std::ios::binary};
        all.emplace_back(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
    }
    return all;
}

Bytes changed(Bytes bytes, const std::vector<Bytes>& corpus, std::mt19937& random) {
    const auto below = [&](std::size_t end) { return end == 0 ? 0 : random() % end; };
    const auto at = [&](std::size_t place) { return static_cast<std::ptrdiff_t>(place); };
    for (std::size_t turns = 1 + below(4); turns > 0; --turns) {
        const std::size_t place = below(bytes.size());
        switch (below(5)) {
            case 0:
                if (!bytes.empty()) bytes[place] = static_cast<std::uint8_t>(random());
                break;
            case 1:
                if (!bytes.empty()) bytes[place] ^= static_cast<std::uint8_t>(1u << below(8));
                break;
            case 2:
                bytes.insert(bytes.begin() + at(place), static_cast<std::uint8_t>(random()));
                break;
            case 3:
                bytes.resize(place);
                break;
            default:
                if (corpus.empty()) break;
                const Bytes& other = corpus[below(corpus.size())];
                bytes.insert(bytes.begin() + at(place), other.begin() + at(below(other.size())),
                             other.end());
        }
    }
    constexpr std::size_t longest = 4096;
    if (bytes.size() > longest) bytes.resize(longest);
    return bytes;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "usage: %s RUNS FOLDER_OR_FILE...\n", argv[0]), 2;
    program = argv[0];
    crash = "crash-" + std::filesystem::path{program}.filename().string();
    for (const int signal : {SIGABRT, SIGSEGV, SIGFPE}) std::signal(signal, keep_current);
    const std::vector<Bytes> corpus = read_all(argc - 2, argv + 2);
    for (const Bytes& bytes : corpus) run(bytes);
    std::mt19937 random{1};  // the same numbers everywhere, unlike those of the distributions
    const unsigned long runs = std::strtoul(argv[1], nullptr, 10);
    for (unsigned long i = 0; i < runs; ++i) {
        Bytes bytes;
        if (i % 4 != 0 && !corpus.empty()) {
            bytes = corpus[random() % corpus.size()];
        } else {
            bytes.resize(random() % 512);
            for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
        }
        run(changed(std::move(bytes), corpus, random));
    }
    std::printf("%zu inputs that are kept, %lu random ones\n", corpus.size(), runs);
}
