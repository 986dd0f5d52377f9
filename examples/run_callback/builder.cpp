// SPDX-License-Identifier: MIT
// From a source to a shared library, in other processes.
#include "builder.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

#include "exports.hpp"
#include "failure.hpp"
#include "python_builder.hpp"
#include "text.hpp"

#if !defined(_WIN32)
#include <stdlib.h>
#endif

namespace run_callback {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string in_environment(const char* name, const char* otherwise) {
    const char* const value = std::getenv(name);
    return value && *value ? value : otherwise;
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream words{text};
    return {std::istream_iterator<std::string>{words}, {}};
}

/// A library that somebody else builds.
class LibraryBuilder final : public Builder {
public:
    LibraryBuilder(std::string source, std::string function)
        : source_(std::move(source)), function_(std::move(function)) {}

    Built build(const Stop&) override {
        Built built{.library = source_, .symbol = function_};
        try {
            if (function_.empty()) built.symbol = only_callback(source_, source_);
        } catch (const Failure& failure) {
            built.error = failure.what();
            if (std::filesystem::path{source_}.extension() != ".so") {
                built.error += "; a source ends in .py, .c, .cpp, .cc, .cxx or .C";
            }
        }
        return built;
    }

private:
    std::string source_;
    std::string function_;
};

/// One file of C or C++.
class CompiledBuilder final : public Builder {
public:
    CompiledBuilder(std::string source, std::string function, bool is_cpp, double seconds)
        : source_(std::move(source)),
          function_(std::move(function)),
          is_cpp_(is_cpp),
          seconds_(seconds) {}

    Built build(const Stop& stop) override {
        const auto start = Clock::now();
        Built built{.symbol = function_, .folder = std::make_shared<TemporaryFolder>()};
        built.library = built.folder->path() / "callback.so";
        const std::filesystem::path rules = built.folder->path() / "callback.d";
        const std::vector<std::string> words = compile_with(
            {"-MMD", "-MF", rules.string(), "-o", built.library.string(), source_, "-lm"});
        Ran ran = run_process(words, seconds_, stop);
        built.stopped = ran.stopped;
        built.seconds = seconds_since(start);
        if (ran.ending.empty() && !ran.stopped) {
            built.depends = named_in(rules);
            if (!ran.err.empty()) built.notes.push_back(ran.err);
            try {
                if (function_.empty()) built.symbol = only_callback(built.library, source_);
            } catch (const Failure& failure) {
                built.error = failure.what();
            }
        } else {
            built.error = ran.err + ran.out;
            if (built.error.empty() || ran.ending.starts_with("took")) {
                built.error += words.front() + ": " + ran.ending;
            }
            built.depends = named_in_spite_of_errors(rules, stop);
        }
        return built;
    }

private:
    [[nodiscard]] std::vector<std::string> compile_with(
        const std::vector<std::string>& arguments) const {
        std::vector<std::string> words =
            words_of(is_cpp_ ? in_environment("CXX", "c++") : in_environment("CC", "cc"));
        const auto add = [&](const std::vector<std::string>& more) {
            words.insert(words.end(), more.begin(), more.end());
        };
        add({"-shared", "-fPIC", "-O2"});
        if (is_cpp_) add({"-std=c++20"});
        const std::filesystem::path include = installed("../include", "include");
        if (!include.empty()) add({"-I" + include.string()});
        add(words_of(in_environment(is_cpp_ ? "CXXFLAGS" : "CFLAGS", "")));
        add(arguments);
        return words;
    }

    /// What goes into a source that does not compile: one of them may have the mistake, or is not
    /// there yet. Nothing where the preprocessor gives up as well.
    [[nodiscard]] std::vector<std::filesystem::path> named_in_spite_of_errors(
        const std::filesystem::path& rules, const Stop& stop) const {
        std::filesystem::remove(rules);
        const Ran ran = run_process(compile_with({"-MM", "-MG", "-MF", rules.string(), source_}),
                                    seconds_, stop);
        if (!ran.ending.empty() || ran.stopped) return {};
        std::vector<std::filesystem::path> names = named_in(rules);
        // One that is missing is named as the source names it.
        const std::filesystem::path folder = std::filesystem::path{source_}.parent_path();
        for (std::size_t i = 0, count = names.size(); i < count; ++i) {
            if (names[i].is_relative() && !std::filesystem::exists(names[i])) {
                names.push_back(folder / names[i]);
            }
        }
        return names;
    }

    /// The files in a rule for make, "callback.so: gain.c gain.h \\"; a blank in a name is \ .
    static std::vector<std::filesystem::path> named_in(const std::filesystem::path& rules) {
        std::ifstream file{rules};
        std::string text{std::istreambuf_iterator<char>{file}, {}};
        const std::size_t target = text.find(": ");
        if (target == text.npos) return {};
        text.erase(0, target + 1);
        std::vector<std::filesystem::path> names;
        std::string name;
        for (std::size_t i = 0; i <= text.size(); ++i) {
            const char c = i < text.size() ? text[i] : '\n';
            const bool is_blank = c == ' ' || c == '\n' || c == '\t';
            if (c == '\\' && i + 1 < text.size()) {
                ++i;
                if (text[i] != '\n') name += text[i];
            } else if (!is_blank) {
                name += c;
            } else if (!name.empty()) {
                names.emplace_back(std::exchange(name, {}));
            }
        }
        return names;
    }

    std::string source_;
    std::string function_;
    bool is_cpp_;
    double seconds_;
};

}  // namespace

TemporaryFolder::TemporaryFolder() {
#if defined(_WIN32)
    throw Failure("--watch works where there is POSIX only");
#else
    std::string name = (std::filesystem::temp_directory_path() / "run_callback.XXXXXX").string();
    if (!mkdtemp(name.data())) throw Failure(name + ": cannot be made");
    path_ = name;
#endif
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::unique_ptr<Builder> builder_for(const std::string& source, const std::string& function,
                                     double seconds) {
    const std::string kind = std::filesystem::path{source}.extension().string();
    if (kind == ".py") return python_builder(source, function, seconds);
    if (kind == ".c") return std::make_unique<CompiledBuilder>(source, function, false, seconds);
    for (const char* cpp : {".cpp", ".cc", ".cxx", ".C"}) {
        if (kind == cpp) return std::make_unique<CompiledBuilder>(source, function, true, seconds);
    }
    return std::make_unique<LibraryBuilder>(source, function);
}

std::vector<std::string> callbacks_of(const std::filesystem::path& library) {
    const Exports exports = exports_of(library.string());
    std::vector<std::string> names;
    for (const auto& [name, says] : exports.descriptions) {
        if (exports.functions.contains(name)) names.push_back(name);
    }
    if (names.empty()) {
        for (const std::string& name : exports.functions) {
            if (!name.starts_with('_') && !name.ends_with("_error")) names.push_back(name);
        }
    }
    return names;
}

std::string only_callback(const std::filesystem::path& library, const std::string& source) {
    const std::vector<std::string> names = callbacks_of(library);
    if (names.size() == 1) return names.front();
    if (names.empty()) throw Failure(source + " has no function");
    throw Failure(source + " has several functions, say which: " + listed(names));
}

std::filesystem::path installed(const std::filesystem::path& beside_program,
                                const std::filesystem::path& in_sources) {
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (!error) {
        const auto path = program.parent_path() / beside_program;
        if (std::filesystem::exists(path / "portspan", error)) return path.lexically_normal();
        if (std::filesystem::is_regular_file(path, error)) return path.lexically_normal();
    }
    const std::filesystem::path path = std::filesystem::path{RUN_CALLBACK_SOURCES} / in_sources;
    return std::filesystem::exists(path, error) ? path : std::filesystem::path{};
}

}  // namespace run_callback
