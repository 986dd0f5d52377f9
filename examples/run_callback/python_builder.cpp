// SPDX-License-Identifier: MIT
// From a Python source to a shared library, by a Python that stays.
#include "python_builder.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "failure.hpp"
#include "json.hpp"
#include "json_reader.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

using Clock = std::chrono::steady_clock;
constexpr double import_limit = 120;  // of Numba, on a slow disk

/// One member of an answer; empty where there is none.
std::string text_of(const JsonTexts& answer, const char* name) {
    const auto member = answer.find(name);
    const bool is_there = member != answer.end() && !member->second.empty();
    return is_there ? member->second.front() : std::string{};
}

class PythonBuilder final : public Builder {
public:
    PythonBuilder(const std::string& source, std::string function, double seconds)
        : source_(std::filesystem::absolute(source).lexically_normal().string()),
          function_(std::move(function)),
          seconds_(seconds),
          script_(
              installed("../lib/cmake/portspan/portspan_export.py", "cmake/portspan_export.py")) {
        if (script_.empty()) {
            throw Failure(source + ": there is no portspan_export.py beside this program");
        }
    }

    Built build(const Stop& stop) override {
        const auto start = Clock::now();
        Built built{.symbol = function_, .folder = std::make_shared<TemporaryFolder>()};
        if (server_ || start_server(stop, built)) compile(stop, built);
        built.seconds = std::chrono::duration<double>(Clock::now() - start).count();
        return built;
    }

private:
    /// The first Python that has what it takes; false where none has.
    bool start_server(const Stop& stop, Built& built) {
        const char* const given = std::getenv("PORTSPAN_PYTHON");
        std::vector<std::string> pythons{"python3", "/usr/bin/python3"};
        if (given && *given) pythons = {given};
        for (const std::string& python : pythons) {
            built.error.clear();
            try {
                server_.emplace(
                    std::vector<std::string>{python, "-B", script_.string(), "--serve"});
                const auto ready = answer(import_limit, stop, built);
                if (built.stopped) return false;
                if (ready && text_of(*ready, "ok") == "true") return true;
                if (ready) built.error = text_of(*ready, "error");
            } catch (const Failure& failure) {
                built.error = failure.what();
            }
            built.error = python + ": " + built.error;
            server_.reset();
        }
        return false;
    }

    void compile(const Stop& stop, Built& built) {
        JsonObject request;
        request.add("source", source_).add("folder", built.folder->path().string());
        request.add("cache", cache_.path().string());
        if (!function_.empty()) request.add("function", function_);
        if (!server_->write(request.text() + "\n")) {
            built.error = "Python has ended";
            server_.reset();
            return;
        }
        const auto said = answer(seconds_, stop, built);
        if (!said) return;
        if (const auto files = said->find("files"); files != said->end()) {
            built.depends.assign(files->second.begin(), files->second.end());
        }
        if (text_of(*said, "ok") != "true") {
            built.error = text_of(*said, "error");
            if (built.error.empty()) built.error = "the exporter failed without a word";
            return;
        }
        built.library = text_of(*said, "library");
        built.symbol = text_of(*said, "function");
        if (const auto notes = said->find("notes"); notes != said->end()) {
            built.notes = notes->second;
        }
    }

    /// The server's next line. Where none comes in time that says why, and it is ended.
    std::optional<JsonTexts> answer(double limit, const Stop& stop, Built& built) {
        const auto start = Clock::now();
        bool lives = true;
        std::string& out = server_->out();
        constexpr std::chrono::milliseconds glance{20};
        while (lives && out.find('\n') == out.npos) {
            lives = server_->read(glance);
            built.stopped = stop();
            if (built.stopped || Clock::now() - start > std::chrono::duration<double>{limit}) break;
        }
        if (const std::size_t end = out.find('\n'); end != out.npos) {
            const std::string line = out.substr(0, end);
            out.erase(0, end + 1);
            server_->err().clear();  // what the module prints
            if (auto texts = read_json(line)) return texts;
            built.error = "the exporter answers " + printable(line);
        } else if (lives) {
            built.error = "Python took longer than " + formatted("%g", limit) + " s";
        } else {
            built.error = server_->err();
            const std::string ending = server_->ending();
            built.error += "Python ended" + (ending.empty() ? "" : " (" + ending + ")");
        }
        server_.reset();
        return std::nullopt;
    }

    std::string source_;
    std::string function_;
    double seconds_;
    std::filesystem::path script_;
    TemporaryFolder cache_;
    std::optional<Process> server_;
};

}  // namespace

std::unique_ptr<Builder> python_builder(const std::string& source, const std::string& function,
                                        double seconds) {
    return std::make_unique<PythonBuilder>(source, function, seconds);
}

}  // namespace run_callback
