// SPDX-License-Identifier: MIT
// What run_callback says to those who ask for what cannot be: one line, a status, nothing left.
#include <sys/stat.h>

#include <sstream>

#include "catch.hpp"
#include "program.hpp"
#include "sound.hpp"

using program::Folder;
using program::Result;
using program::run;

namespace {

struct Mistake {
    int status;
    std::vector<std::string> arguments;
    std::string says;
};

void check_all(const Folder& folder, const std::vector<Mistake>& mistakes) {
    const auto before = folder.names();
    for (const Mistake& mistake : mistakes) {
        std::string line;
        for (const std::string& word : mistake.arguments) line += word + " ";
        const Result result = run(mistake.arguments);
        INFO(line << "\n" << result.err << result.out);
        CHECK(result.status == mistake.status);
        CHECK(result.lines_of_err() == 1);
        CHECK(result.err.starts_with("run_callback: "));
        CHECK_THAT(result.err, ContainsSubstring(mistake.says));
        CHECK(result.out == "");
        CHECK(folder.names() == before);
    }
}

/// The command line that is right but for the words at its end.
std::vector<std::string> usual(const Folder& folder, const std::vector<std::string>& more) {
    std::vector<std::string> words{FIXTURE, "half_stereo", "--input", folder / "in.wav"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

void write_input(const Folder& folder) {
    sound::write(folder / "in.wav", {2, 48000, sound::wav_float, sound::noise(2000)});
}

}  // namespace

TEST_CASE("A library or symbol that is none is named") {
    const Folder folder;
    write_input(folder);
    sound::write_bytes(folder / "text.so", "not a library");
    sound::write_bytes(folder / "empty.so", "");
    sound::write_bytes(folder / "cut.so", sound::bytes(FIXTURE).substr(0, 10000));
    const std::string in = folder / "in.wav";
    check_all(folder,
              {{1, {folder / "no.so", "x", "--input", in, "--output", folder / "o.wav"}, "no.so"},
               {1, {folder / "text.so", "x", "--input", in}, "text.so"},
               {1, {folder / "empty.so", "x", "--input", in}, "empty.so"},
               {1, {folder / "cut.so", "x", "--input", in}, "it is cut off: 10000 of "},
               {1, {folder / "cut.so", "x", "--check"}, "it is cut off: 10000 of "},
               {1, {folder / "", "x", "--input", in}, "cannot load"},
               {1, {in, "x", "--input", in}, "in.wav"},
               {1, {UNRESOLVED, "callback", "--input", in}, "defined_nowhere_at_all"},
               {1, {FIXTURE, "no_such_symbol", "--input", in}, "no_such_symbol"},
               {1, {FIXTURE, "data_symbol", "--input", in}, "data_symbol"},
               {1, {FIXTURE, "malloc", "--input", in}, "malloc"},
               {2, {"", "half_stereo", "--input", in}, "LIBRARY"},
               {2, {FIXTURE, "--input", in}, "SYMBOL"},
               {2, {FIXTURE, "half_stereo", "third", "--input", in}, "third"},
               {2, {}, "LIBRARY"}});
    CHECK(run({FIXTURE, "half_stereo", "--input", in}).status == 0);
}

TEST_CASE("An input file that cannot be read is named") {
    const Folder folder;
    write_input(folder);
    sound::write_bytes(folder / "text.wav", "no audio in here, but quite a few letters");
    sound::write_bytes(folder / "empty.wav", "");
    sound::write(folder / "nothing.wav", {2, 48000, sound::wav_float, {}});
    sound::write(folder / "six.wav", {6, 48000, sound::wav_float, sound::noise(600)});
    const auto with = [&](const std::string& name) {
        return std::vector<std::string>{FIXTURE,       "half_stereo", "--input",
                                        folder / name, "--output",    folder / "out.wav"};
    };
    auto two = with("six.wav");
    two.insert(two.end(), {"--channels", "2"});
    check_all(folder, {{1, with("missing.wav"), "missing.wav: No such file or directory"},
                       {1, with("text.wav"), "text.wav"},
                       {1, with("empty.wav"), "empty.wav"},
                       {1, with("nothing.wav"), "there is no audio in it"},
                       {1, with("."), "it is a folder"},
                       {1, two, "six.wav has 6 channels, --channels asks for 2"}});
    CHECK(run(with("in.wav")).status == 0);
}

TEST_CASE("An input that is no regular file is refused, it is not waited for") {
    const Folder folder;
    write_input(folder);
    REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
    std::filesystem::create_symlink(folder / "fifo", folder / "link");
    for (const std::string& name : {folder / "fifo", folder / "link", std::string{"/dev/zero"}}) {
        INFO(name);
        const Result result = program::Child{{FIXTURE, "half_stereo", "--input", name}}.finish(
            std::chrono::seconds{5});
        CHECK(result.status == 1);
        CHECK(result.err == "run_callback: cannot read " + name + ": it is not a regular file\n");
    }
    std::filesystem::create_symlink(folder / "in.wav", folder / "link.wav");
    CHECK(run({FIXTURE, "half_stereo", "--input", folder / "link.wav"}).status == 0);
}

TEST_CASE("What cannot be printed is a failure") {
    const Folder folder;
    write_input(folder);
    const auto to = [](const char* name, const std::vector<std::string>& arguments) {
        return run(arguments, {.standard_output = name});
    };
    if (access("/dev/full", W_OK) != 0) {
        WARN("not tested: this machine has no /dev/full");
        return;
    }
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"},
                                                      {"--list-devices"},
                                                      {"--version"},
                                                      usual(folder, {}),
                                                      usual(folder, {"--stats"}),
                                                      usual(folder, {"--stats", "--quiet"})}) {
        INFO(arguments.back());
        const Result full = to("/dev/full", arguments);
        CHECK(full.status == 1);
        CHECK(full.lines_of_err() == 1);
        CHECK(full.err.starts_with("run_callback: cannot write to stdout"));
        // Of a longer text stdio knows in the end only that it has failed.
        if (arguments.front() != "--help") {
            CHECK_THAT(full.err, ContainsSubstring(": No space left on device"));
        }
        const Result fine = to("/dev/null", arguments);
        CHECK(fine.status == 0);
        CHECK(fine.err == "");
    }
    CHECK(to("/dev/full", usual(folder, {"--quiet"})).status == 0);
    const Result usage = to("/dev/full", {"--no-such-option"});
    CHECK(usage.status == 2);
    CHECK(usage.lines_of_err() == 1);
}

TEST_CASE("An output that cannot be written is named before anything is processed") {
    const Folder folder;
    write_input(folder);
    std::filesystem::create_directory(folder / "folder.wav");
    std::filesystem::create_directory(folder / "closed");
    check_all(folder,
              {{1, usual(folder, {"--output", folder / "no/out.wav"}), "no/out.wav: No such file"},
               {1, usual(folder, {"--output", folder / "in.wav/out.wav"}), "Not a directory"},
               {1, usual(folder, {"--output", folder / "folder.wav"}), "it is a folder"},
               {1, usual(folder, {"--report", folder / "no/r.svg"}), "no/r.svg: No such file"},
               {1, usual(folder, {"--output", folder / "o.wav", "--report", folder / "no/r.svg"}),
                "no/r.svg"},
               {2, usual(folder, {"--output", folder / "out.mp3"}), "must end in .wav or .flac"},
               {2, usual(folder, {"--output", folder / "out"}), "must end in .wav or .flac"},
               {2, usual(folder, {"--report", folder / "out.wav"}), "must end in .svg"}});
    std::filesystem::permissions(folder / "closed", std::filesystem::perms::owner_read);
    if (access((folder / "closed").c_str(), W_OK) != 0) {  // root may write everywhere
        check_all(folder,
                  {{1, usual(folder, {"--output", folder / "closed/o.wav"}), "Permission denied"}});
    }
    CHECK(
        run(usual(folder, {"--output", folder / "OUT.WAV", "--report", folder / "r.svg"})).status ==
        0);
}

TEST_CASE("Numbers out of range are refused") {
    const Folder folder;
    write_input(folder);
    const auto with = [&](const char* option, const char* value) {
        return usual(folder, {"--output", folder / "out.wav", option, value});
    };
    std::vector<Mistake> mistakes;
    for (const char* value : {"0", "-1", "nan", "inf", "1e9", "fast", "48000x", "", "0x10"}) {
        mistakes.push_back({2, with("--sample-rate", value), "--sample-rate"});
    }
    for (const char* value : {"-1", "1048577", "99999999999999999999", "many", "1.5", ""}) {
        mistakes.push_back({2, with("--frames-per-buffer", value), "--frames-per-buffer"});
    }
    for (const char* value : {"0", "-3", "nan", "inf", "long", "1e999", ""}) {
        mistakes.push_back({2, with("--seconds", value), "--seconds"});
    }
    for (const char* value : {"0:0", "1000", "2:1000", "-1", "2:-1", "2:", ":2", "two", "2:2:2",
                              "0:2", "2:0", "0", ""}) {
        mistakes.push_back({2, with("--channels", value), "--channels"});
    }
    mistakes.push_back({2, with("--channels", "0"), "--channels \"0\": there is no channel"});
    mistakes.push_back({2, with("--channels", "0:0"), "--channels \"0:0\": there is no channel"});
    for (const char* value : {"float64", "FLOAT32", "int 16", ""}) {
        mistakes.push_back({2, with("--format", value), "--format"});
    }
    mistakes.push_back({1, with("--sample-rate", "44100"), "does not resample"});
    check_all(folder, mistakes);
    for (const auto& [option, value] :
         {std::pair{"--sample-rate", "48000"}, std::pair{"--sample-rate", "48e3"},
          std::pair{"--frames-per-buffer", "0"}, std::pair{"--frames-per-buffer", "1048576"},
          std::pair{"--seconds", "0.001"}, std::pair{"--channels", "2"},
          std::pair{"--channels", "2:2"}, std::pair{"--format", "float32"}}) {
        INFO(option << " " << value);
        CHECK(run(with(option, value)).status == 0);
    }
}

TEST_CASE("Options that contradict each other, or come twice, are refused") {
    const Folder folder;
    write_input(folder);
    const std::string in = folder / "in.wav";
    const std::string out = folder / "out.wav";
    const std::vector<std::string> callback{FIXTURE, "half_stereo"};
    const auto alone = [&](std::vector<std::string> more) {
        more.insert(more.begin(), callback.begin(), callback.end());
        return more;
    };
    check_all(folder,
              {{2, alone({}), "nothing to do"},
               {2, alone({"--input", "none", "--output", "none"}), "nothing to do"},
               {2, alone({"--output", out}), "--seconds"},
               {2, alone({"--input", "none", "--output", out}), "--seconds"},
               {2, alone({"--output", out, "--seconds", "1", "--in-place"}), "--in-place"},
               {2, alone({"--output", out, "--seconds", "1", "--channels", "2:0"}), "--channels"},
               {2, usual(folder, {"--channels", "2:1", "--in-place"}), "--in-place"},
               {2, usual(folder, {"--planar", "--planar"}), "--planar is given more than once"},
               {2, usual(folder, {"--input", in}), "--input is given more than once"},
               {2, usual(folder, {"--format", "int16", "--format", "int16"}), "--format"},
               {2, usual(folder, {"--no-such-option"}), "--no-such-option"},
               {2, usual(folder, {"--json"}), "--json is for --list-devices"},
               {2, usual(folder, {"--seconds"}), "--seconds"},
               {2, usual(folder, {"--output", "device:"}), "a device name is missing"}});
    CHECK(run(usual(folder, {"--planar", "--in-place"})).status != 2);
    CHECK(run(usual(folder, {"--channels", "2:2", "--in-place"})).status == 0);
}

TEST_CASE("Without a device every use of one is a failure that names it") {
    const Folder folder;
    write_input(folder);
    const std::string out = folder / "out.wav";
    check_all(folder,
              {{1, usual(folder, {"--output", "device"}), "there is no default output device"},
               {1, usual(folder, {"--output", "device:Studio"}), "output device \"Studio\""},
               {1, usual(folder, {"--output", "device:Studio"}),
                "device \"Studio\": there is no device at all\n"},
               {1, usual(folder, {"--output", "device:12"}), "output device \"12\""},
               {1, usual(folder, {"--output", "device:12"}),
                "(index 12); --list-devices shows the devices\n"},
               {1,
                {FIXTURE, "half_stereo", "--input", "device", "--output", out},
                "there is no default input device"}});
    const Result list = run({"--list-devices"});
    CHECK(list.status == 0);
    CHECK(list.err == "");
    CHECK(list.out == "There is no audio device.\n");
    const Result json = run({"--list-devices", "--json"});
    CHECK(json.status == 0);
    CHECK(json.err == "");
    CHECK_THAT(json.out, ContainsSubstring("\"default_input\": null,\n  \"default_output\": null"));
    CHECK_THAT(json.out, ContainsSubstring("\"devices\": []\n}\n"));
}

TEST_CASE("A strange name does not break the one line") {
    const Folder folder;
    write_input(folder);
    check_all(folder,
              {{1, usual(folder, {"--output", folder / "a\nb\x1b[2J/\xff.wav"}), "a b?[2J/?.wav"}});
}

TEST_CASE("The help names every option of the contract") {
    const Result result = run({"--help"});
    CHECK(result.status == 0);
    CHECK(result.err == "");
    for (const char* option : {"LIBRARY",
                               "SYMBOL",
                               "--input FILE",
                               "--output FILE",
                               "--format",
                               "--planar",
                               "--in-place",
                               "--global",
                               "--channels IN[:OUT]",
                               "--sample-rate",
                               "--frames-per-buffer",
                               "--seconds",
                               "--report FILE.svg",
                               "--stats",
                               "--watch SOURCE",
                               "--fade MS",
                               "--set NAME=VALUE",
                               "--view",
                               "--quiet",
                               "--list-devices",
                               "--json",
                               "--verbose",
                               "--version",
                               "Exit status",
                               "Examples"}) {
        CHECK_THAT(result.out, ContainsSubstring(option));
    }
    for (const char* surprise :
         {"must be what the callback was written for", "--describe LIBRARY",
          "needs --channels 2 with a mono file", "user data is a new state", "a second Ctrl-C"}) {
        CHECK_THAT(result.out, ContainsSubstring(surprise));
    }
    std::istringstream lines{result.out};
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
}

TEST_CASE("The versions are told: the program's, PortAudio's and libsndfile's") {
    const Result result = run({"--version"});
    CHECK(result.status == 0);
    CHECK(result.err == "");
    CHECK(result.out.starts_with("run_callback " VERSION "\nPortAudio V"));
    CHECK(result.out.ends_with(std::string{"\n"} + sf_version_string() + "\n"));
}
