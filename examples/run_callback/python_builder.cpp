// SPDX-License-Identifier: MIT
// From a Python source to a shared library, by a Python that stays.
#include "python_builder.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include "failure.hpp"
#include "json.hpp"
#include "json_reader.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

using Clock = std::chrono::steady_clock;
/// Numba's import and the first compilation of all that it needs.
constexpr double first_limit = 120;

class PythonBuilder final : public Builder {
public:
    PythonBuilder(std::string source, std::string function)
        : source_(std::filesystem::absolute(source).string()), function_(std::move(function)) {
        script_ = installed("../lib/cmake/portspan/portspan_export.py", "cmake/portspan_export.py");
        if (script_.empty()) {
            throw Failure(source + ": there is no portspan_export.py beside this program");
        }
    }

    Built build(const Stop& stop) override {
        const auto start = Clock::now();
        Built built{.symbol = function_, .folder = std::make_shared<TemporaryFolder>()};
        const bool is_new = !server_;
        if (is_new) {
            const char* const python = std::getenv("PORTSPAN_PYTHON");
            server_.emplace(std::vector<std::string>{python && *python ? python : "python3",
                                                     script_.string(), "--serve"});
        }
        JsonObject request;
        request.add("source", source_);
        if (!function_.empty()) request.add("function", function_);
        request.add("folder", built.folder->path().string());
        const auto answer =
            ask(request.text() + "\n", is_new ? first_limit : build_limit, stop, built);
        built.seconds = std::chrono::duration<double>(Clock::now() - start).count();
        if (!answer) return built;
        const auto text = [&](const char* name) {
            const auto member = answer->find(name);
            const bool is_there = member != answer->end() && !member->second.empty();
            return is_there ? member->second.front() : std::string{};
        };
        if (text("ok") != "true") {
            built.error = text("error");
            if (built.error.empty()) built.error = "the exporter failed without a word";
            return built;
        }
        built.library = text("library");
        built.symbol = text("function");
        if (const auto depends = answer->find("depends"); depends != answer->end()) {
            built.depends.assign(depends->second.begin(), depends->second.end());
        }
        return built;
    }

private:
    /// Empty where there is none, and the server is not there any more.
    std::optional<JsonTexts> ask(const std::string& request, double limit, const Stop& stop,
                                 Built& built) {
        const auto start = Clock::now();
        bool lives = server_->write(request);
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
            server_->err().clear();  // warnings
            if (auto answer = read_json(line)) return answer;
            built.error = "the exporter answered " + printable(line);
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
    std::filesystem::path script_;
    std::optional<Process> server_;
};

}  // namespace

std::unique_ptr<Builder> python_builder(const std::string& source, const std::string& function) {
    return std::make_unique<PythonBuilder>(source, function);
}

}  // namespace run_callback
