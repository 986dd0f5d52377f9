// SPDX-License-Identifier: MIT
#include <portspan/library.hpp>

#include <filesystem>
#include <fstream>
#include <optional>

#include "catch.hpp"
#include "error_of.hpp"

#if defined(__linux__)
#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>
#endif

namespace fs = std::filesystem;
using portspan::Error;
using portspan::Fault;
using portspan::SharedLibrary;

namespace {

const fs::path fixture = PORTSPAN_TEST_LIBRARY;

/// A folder of its own, the current one while the test runs.
struct TemporaryFolder {
    fs::path path = fs::temp_directory_path() /
                    ("portspan-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
    fs::path before = fs::current_path();
    TemporaryFolder() {
        fs::create_directory(path);
        fs::current_path(path);
    }
    ~TemporaryFolder() {
        fs::current_path(before);
        fs::remove_all(path);
    }
};

/// The error's code and that its text names all parts.
template <class F>
void check_error(Fault fault, std::initializer_list<const char*> parts, F&& f) {
    const auto error = error_of(f);
    REQUIRE(error.has_value());
    CHECK(error->code() == fault);
    for (const char* part : parts) CHECK_THAT(std::string{error->what()}, ContainsSubstring(part));
}

}  // namespace

TEST_CASE("a callback of a library runs, with the state that it was given") {
    const SharedLibrary library{fixture};
    int channels = 1;
    const float samples[2]{2, 4};
    float out[2]{};
    CHECK(portspan::detail::call(library.callback("half", &channels), samples, out, 2, nullptr,
                                 0) == paContinue);
    CHECK(out[1] == 2);
    CHECK(library.name() == fixture.string());
}

TEST_CASE("a callback has what its library says of its failures") {
    const SharedLibrary library{fixture};
    CHECK(library.callback("half").failures == nullptr);
    unsigned long count = 0;
    const auto failures = library.callback("twice").failures;
    REQUIRE(failures != nullptr);
    CHECK(failures(&count) == std::string{"ValueError: boo"});
    CHECK(count == 3);
}

TEST_CASE("any function of a library is found by its signature") {
    const SharedLibrary library{fixture};
    const auto answer = library.function<int(int)>("twice");
    CHECK(answer(21) == 42);
    CHECK_THROWS_AS(library.function<int(int)>("thrice"), Error);
}

#if defined(__linux__)
TEST_CASE("a callback keeps its library loaded, the last one unloads it") {
    const auto loaded = [] {
        void* handle = dlopen(fixture.c_str(), RTLD_LAZY | RTLD_NOLOAD);
        if (handle) dlclose(handle);
        return handle != nullptr;
    };
    CHECK_FALSE(loaded());
    portspan::RawCallback callback;
    {
        const SharedLibrary library{fixture};
        const SharedLibrary copy = library;
        callback = copy.callback("half");
    }
    CHECK(loaded());
    callback = {};
    CHECK_FALSE(loaded());
}

TEST_CASE("a snapshot of a library lets its file be replaced") {
    const TemporaryFolder folder;
    const auto files = [] {
        return std::distance(fs::directory_iterator{"."}, fs::directory_iterator{});
    };
    fs::copy_file(fixture, "effect.so");
    const SharedLibrary first = SharedLibrary::snapshot("effect.so");
    CHECK(files() == 1);
    fs::remove("effect.so");
    fs::copy_file(fixture, "effect.so");
    const SharedLibrary second = SharedLibrary::snapshot("effect.so");
    using Twice = int(int);
    CHECK(first.function<Twice>("twice") != second.function<Twice>("twice"));
    CHECK(first.function<Twice>("twice")(3) == 6);
    CHECK(second.function<Twice>("twice")(4) == 8);
    CHECK(second.name() == "effect.so");

    SECTION("and says what it cannot load") {
        CHECK_THROWS_WITH(SharedLibrary::snapshot("missing.so"),
                          ContainsSubstring("missing.so: ") && ContainsSubstring("No such file"));
        std::ofstream{"text.so"} << "This is no library, however long it is. ............";
        CHECK_THROWS_WITH(SharedLibrary::snapshot("text.so"),
                          ContainsSubstring("text.so") && !ContainsSubstring(".copy"));
        CHECK_THROWS_WITH(SharedLibrary::snapshot("."), ContainsSubstring("not a regular file"));
        CHECK(files() == 2);
    }
}

TEST_CASE("a library that was rebuilt while it is loaded is refused, not the old one again") {
    const TemporaryFolder folder;
    fs::copy_file(fixture, "effect.so");
    fs::copy_file(fixture, "new.so");
    const auto is_refused = [](const char* path) {
        check_error(Fault::library_not_loaded, {path, "replaced while the library is loaded"},
                    [=] { SharedLibrary{path}; });
    };
    SECTION("by renaming, until nobody uses it any more") {
        {
            const SharedLibrary old{"effect.so"};
            CHECK_NOTHROW(SharedLibrary{"effect.so"});
            fs::rename("new.so", "effect.so");
            is_refused("effect.so");
            fs::copy_file("effect.so", "other.so");
            CHECK_NOTHROW(SharedLibrary{"other.so"});
        }
        CHECK_NOTHROW(SharedLibrary{"effect.so"});
    }
    SECTION("after it was moved away") {
        const SharedLibrary old{"effect.so"};
        fs::rename("effect.so", "effect.so.before");
        fs::rename("new.so", "effect.so");
        is_refused("effect.so");
    }
    SECTION("by a link to another file") {
        fs::create_symlink("effect.so", "link.so");
        const SharedLibrary old{"link.so"};
        fs::create_symlink("effect.so", "same.so");
        CHECK_NOTHROW(SharedLibrary{"same.so"});
        fs::remove("link.so");
        fs::create_symlink("new.so", "link.so");
        is_refused("link.so");
    }
    SECTION("one that is only gone is still there") {
        const SharedLibrary old{"effect.so"};
        fs::remove("effect.so");
        CHECK_NOTHROW(SharedLibrary{"effect.so"});
    }
    SECTION("nor is another name of the same file") {
        fs::create_hard_link("effect.so", "hard.so");
        const SharedLibrary old{"effect.so"};
        CHECK_NOTHROW(SharedLibrary{"hard.so"});
    }
}

TEST_CASE("a library that is cut off is refused, it is no crash") {
    const TemporaryFolder folder;
    const auto size = fs::file_size(fixture);
    for (const auto left : {size / 4, size / 3, sizeof(ElfW(Ehdr)) + 1}) {
        std::error_code ignored;
        fs::remove("cut.so", ignored);
        fs::copy_file(fixture, "cut.so");
        fs::resize_file("cut.so", left);
        check_error(Fault::library_not_loaded,
                    {"cut.so", "it is cut off: ", (std::to_string(left) + " ").c_str()},
                    [] { SharedLibrary{"cut.so"}; });
    }
    // The section headers at the end are for linkers alone.
    fs::remove("cut.so");
    fs::copy_file(fixture, "cut.so");
    fs::resize_file("cut.so", size - 64);
    CHECK_NOTHROW(SharedLibrary{"cut.so"});
}

TEST_CASE("a name without a folder is a file in the current folder, not on the search path") {
    const TemporaryFolder folder;
    check_error(Fault::library_not_loaded, {"libm.so.6"}, [] { SharedLibrary{"libm.so.6"}; });
    fs::copy_file(fixture, "local.so");
    CHECK(SharedLibrary{"local.so"}.callback("half").function != nullptr);
}

TEST_CASE("the search path is used when it is asked for") {
    CHECK_NOTHROW(SharedLibrary::find("libm.so.6"));
    check_error(Fault::library_not_loaded, {"libsurely_not_there.so"},
                [] { (void)SharedLibrary::find("libsurely_not_there.so"); });
}

TEST_CASE("a FIFO is refused rather than waited for") {
    const TemporaryFolder folder;
    REQUIRE(mkfifo("pipe.so", 0600) == 0);
    check_error(Fault::library_not_loaded, {"pipe.so", "regular"},
                [] { SharedLibrary{"pipe.so"}; });
}

TEST_CASE("a symbol of a dependency does not count") {
    const SharedLibrary library{fixture};
    check_error(Fault::symbol_not_found, {"getenv", "libc.so"},
                [&] { (void)library.callback("getenv"); });
}
TEST_CASE("a symbol that is data is refused") {
    const SharedLibrary library{fixture};
    check_error(Fault::symbol_not_function, {"only_a_number", fixture.string().c_str(), "data"},
                [&] { (void)library.callback("only_a_number"); });
    check_error(Fault::symbol_not_function, {"only_a_thread_number"},
                [&] { (void)library.callback("only_a_thread_number"); });
}

#endif

TEST_CASE("a symbol that is not there is refused") {
    const SharedLibrary library{fixture};
    check_error(Fault::symbol_not_found, {"quarter", fixture.string().c_str()},
                [&] { (void)library.callback("quarter"); });
    check_error(Fault::symbol_not_found, {"null"}, [&] { (void)library.callback(nullptr); });
    CHECK_THROWS_AS(library.callback(""), Error);
}

TEST_CASE("what is no shared library is refused") {
    const TemporaryFolder folder;
    std::ofstream{"text.so"} << "not a library";
    std::ofstream{"empty.so"};
    check_error(Fault::library_not_loaded, {"missing.so"}, [] { SharedLibrary{"missing.so"}; });
    check_error(Fault::library_not_loaded, {"text.so"}, [] { SharedLibrary{"text.so"}; });
    check_error(Fault::library_not_loaded, {"empty.so"}, [] { SharedLibrary{"empty.so"}; });
    check_error(Fault::library_not_loaded, {folder.path.string().c_str()},
                [&] { SharedLibrary{folder.path}; });
    check_error(Fault::library_not_loaded, {"empty path"}, [] { SharedLibrary{""}; });
    check_error(Fault::library_not_loaded, {"zero byte"},
                [] { SharedLibrary{std::string{"text.so\0x", 9}}; });
    check_error(Fault::library_not_loaded, {"$"}, [] { SharedLibrary{"$ORIGIN/text.so"}; });
    check_error(Fault::library_not_loaded, {"empty name"}, [] { (void)SharedLibrary::find(""); });
}
