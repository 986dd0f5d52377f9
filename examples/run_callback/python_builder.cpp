// SPDX-License-Identifier: MIT
// From a Python source to a shared library, by a Python that stays.
#include "python_builder.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "failure.hpp"
#include "text.hpp"

namespace run_callback {

namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;
constexpr double import_limit = 120;  // of Numba, on a slow disk

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
                if (ready && ready->value("ok", false)) return true;
                if (ready) built.error = ready->value("error", "");
            } catch (const Failure& failure) {
                built.error = failure.what();
            }
            built.error = python + ": " + built.error;
            server_.reset();
        }
        return false;
    }

    void compile(const Stop& stop, Built& built) {
        Json request{{"source", source_},
                     {"folder", built.folder->path().string()},
                     {"cache", cache_.path().string()}};
        if (!function_.empty()) request["function"] = function_;
        if (!server_->write(request.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n")) {
            built.error = "Python has ended";
            server_.reset();
            return;
        }
        const auto said = answer(seconds_, stop, built);
        if (!said) return;
        for (const Json& file : said->value("files", Json::array())) {
            built.depends.push_back(file.get<std::string>());
        }
        if (!said->value("ok", false)) {
            built.error = said->value("error", "");
            if (built.error.empty()) built.error = "the exporter failed without a word";
            return;
        }
        built.library = said->value("library", "");
        built.symbol = said->value("function", "");
        for (const Json& note : said->value("notes", Json::array())) {
            built.notes.push_back(note.get<std::string>());
        }
    }

    /// The server's next line. Where none comes in time that says why, and it is ended.
    std::optional<Json> answer(double limit, const Stop& stop, Built& built) {
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
            if (Json said = Json::parse(line, nullptr, false); said.is_object()) return said;
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
