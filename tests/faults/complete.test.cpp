// SPDX-License-Identifier: MIT
// Nothing is missing in the table: portspan's headers are read for what has to be in it.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "operation.hpp"

using faults::none;
using faults::Operation;
using faults::operations;

namespace {

const std::filesystem::path folder{PORTSPAN_HEADERS};

/// A header's lines without comments and without the text of string literals.
std::vector<std::string> lines_of(const std::filesystem::path& header) {
    std::ifstream file{header};
    REQUIRE(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        std::string code;
        for (std::size_t i = 0; i < line.size() && line.compare(i, 2, "//") != 0; ++i) {
            if (line[i] == '"') i = std::min(line.find('"', i + 1), line.size());
            if (i < line.size()) code += line[i];
        }
        lines.push_back(code);
    }
    return lines;
}

bool is_in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

struct Declared {
    std::string name;
    bool is_nothrow_twin;
};

/// The functions that are declared with this indentation between two lines. clang-format sees to it
/// that a declaration begins on such a line and that the function's name stands on it.
std::vector<Declared> functions(const char* header, std::string_view begin, std::string_view end,
                                std::size_t indentation) {
    std::vector<Declared> found;
    bool is_inside = begin.empty();
    for (const std::string& line : lines_of(folder / header)) {
        if (!is_inside) {
            is_inside = line.starts_with(begin);
            continue;
        }
        if (!end.empty() && line.starts_with(end)) break;
        if (line.find_first_not_of(' ') != indentation || line.starts_with('#')) continue;
        const std::size_t parenthesis = line.find('(');
        if (parenthesis == line.npos) continue;
        std::size_t first = line.find("operator");
        if (first >= parenthesis) {
            first = parenthesis;
            while (first > 0 && is_in_name(line[first - 1])) --first;
            if (first > 0 && line[first - 1] == '~') --first;
        }
        const std::string name = line.substr(first, parenthesis - first);
        if (name.empty() || name == "static_assert" || name == "requires") continue;
        found.push_back({name, line.find("nothrow_t") != line.npos});
    }
    return found;
}

/// Those of the namespace portspan, outside of classes and of portspan::detail.
std::vector<Declared> public_functions(const char* header) {
    std::vector<Declared> found = functions(header, "", "", 0);
    // The blanks before the comment that is not there any more: a function's end has none.
    for (const Declared& internal : functions(header, "namespace detail", "}  ", 0)) {
        std::erase_if(found, [&](const Declared& each) { return each.name == internal.name; });
    }
    return found;
}

/// The word that follows each `prefix` in a line.
std::vector<std::string> words_after(const std::string& line, std::string_view prefix) {
    std::vector<std::string> words;
    for (std::size_t at = line.find(prefix); at != line.npos; at = line.find(prefix, at + 1)) {
        if (at > 0 && is_in_name(line[at - 1])) continue;
        std::size_t end = at + prefix.size();
        while (end < line.size() && is_in_name(line[end])) ++end;
        words.push_back(line.substr(at + prefix.size(), end - at - prefix.size()));
    }
    return words;
}

bool has_operation(const Declared& function) {
    return std::ranges::any_of(operations(), [&](const Operation& operation) {
        return operation.name == function.name &&
               (!function.is_nothrow_twin || operation.returns_code);
    });
}

}  // namespace

TEST_CASE("each public function of streams, sessions and devices is in the table") {
    auto stream = functions("handle.hpp", "class StreamHandle", "private:", 4);
    for (Declared& function : stream) {
        if (function.name == "StreamHandle") function.name = "Stream";
        if (function.name == "~StreamHandle") function.name = "~Stream";
    }
    // No call of PortAudio's, and no Stream has it: it is for what is about to be closed.
    std::erase_if(stream, [](const Declared& function) {
        return function.name == "distrust" || function.name == "shape";
    });
    const auto constructors = functions("stream.hpp", "class Stream final", "};", 4);
    const auto blocking = functions("blocking.hpp", "class BlockingStream final", "private:", 4);
    std::vector<Declared> arrays;
    for (const char* header : {"play.hpp", "record.hpp", "play_and_record.hpp"}) {
        // What is their own stands in namespace detail, without the attribute.
        for (const std::string& line : lines_of(folder / header)) {
            if (!line.starts_with("[[nodiscard]] ") || line.find('(') == line.npos) continue;
            const std::string head = line.substr(0, line.find('('));
            arrays.push_back({head.substr(head.rfind(' ') + 1), false});
        }
    }
    const auto session = functions("session.hpp", "class Session", "private:", 4);
    std::vector<Declared> device;
    for (const char* header : {"device.hpp", "find_device.hpp", "host_api.hpp", "quiet_start.hpp",
                               "refresh.hpp", "sample_size.hpp", "supported.hpp", "version.hpp"}) {
        const std::size_t before = device.size();
        for (Declared& function : public_functions(header)) device.push_back(std::move(function));
        INFO(header);
        CHECK(device.size() > before);
    }

    // That they are found at all.
    CHECK(stream.size() >= 23);
    CHECK(blocking.size() >= 12);
    CHECK(arrays.size() == 7);
    CHECK(session.size() >= 4);
    CHECK(device.size() >= 15);
    // They have one name: a new one belongs into `callables` or `foreign_functions`.
    CHECK(constructors.size() == 7);  // the last three are there not to compile
    for (const auto& part : {stream, constructors, blocking, arrays, session, device}) {
        for (const Declared& function : part) {
            INFO(function.name << (function.is_nothrow_twin ? ", nothrow" : ""));
            CHECK(has_operation(function));
        }
    }
}

TEST_CASE("Streams make nothing public that StreamHandle has not") {
    for (const char* header : {"stream.hpp", "blocking.hpp"}) {
        for (const std::string& line : lines_of(folder / header)) {
            for (const std::string& name : words_after(line, "using StreamHandle::")) {
                INFO(name);
                CHECK(has_operation({name, false}));
            }
        }
    }
}

TEST_CASE("each function of PortAudio's that portspan calls fails in some operation") {
    std::set<std::string> called;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.path().filename() == "mock.hpp") continue;
        for (const std::string& line : lines_of(entry.path())) {
            for (const std::string& name : words_after(line, "Pa_")) called.insert("Pa_" + name);
        }
    }
    for (const char* cannot_fail : {"Pa_GetErrorText", "Pa_GetVersionInfo"}) {
        called.erase(cannot_fail);
    }

    std::set<std::string> asked, excepted;
    for (const Operation& operation : operations()) {
        const faults::Try clean = try_once(operation, {}, none());
        INFO(title_of(operation));
        CHECK(clean.wrong == "");
        asked.insert(clean.asked.begin(), clean.asked.end());
        // Operations of a kind share theirs.
        for (const faults::Exception& exception : operation.exceptions) {
            excepted.insert(exception.function);
        }
    }
    for (const std::string& function : excepted) {
        INFO("no longer an exception: " << function);
        CHECK(asked.contains(function));
    }
    CHECK(called == asked);
}
