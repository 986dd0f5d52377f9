// SPDX-License-Identifier: MIT
// Programs that were built against the machine's own PortAudio, on the drop-in library.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "run_callback/program.hpp"
#include "run_callback/sound.hpp"

using program::Child;
using program::Folder;
using program::Result;
using sound::difference;
using sound::noise;
using sound::Sound;

namespace {

using Environment = std::map<std::string, std::string>;

const std::string library = DROP_IN;

/// What the dynamic linker finds as PortAudio.
std::string portaudio_of(const std::string& program, const Environment& environment) {
    const program::Surroundings around{.program = "/usr/bin/ldd", .environment = environment};
    const std::string listing = program::run({program}, around).out;
    const std::size_t name = listing.find("libportaudio.so.2 => ");
    if (name == listing.npos) return {};
    const std::size_t path = listing.find('/', name);
    return listing.substr(path, listing.find(' ', path) - path);
}

program::Surroundings on_drop_in(const std::string& program, Environment environment) {
    static const bool is_shared = !portaudio_of(HALVE, {}).empty();
    if (!is_shared) FAIL("skipped: this machine's PortAudio is no shared library");
    environment["LD_LIBRARY_PATH"] = std::filesystem::path{library}.parent_path().string();
    return {.program = program, .environment = std::move(environment)};
}

Result run(const std::string& program, const std::vector<std::string>& arguments,
           const Environment& environment) {
    return program::run(arguments, on_drop_in(program, environment));
}

/// A folder with in.wav, one second of stereo noise, and the variables for it.
struct Files {
    Folder folder;
    std::vector<float> recorded = noise(2 * 48000);
    Environment environment{{"PORTSPAN_MOCK_INPUT", folder / "in.wav"},
                            {"PORTSPAN_MOCK_OUTPUT", folder / "out.wav"},
                            {"PORTSPAN_MOCK_SPEED", "max"}};

    Files() { sound::write(folder / "in.wav", {2, 48000, sound::wav_16, recorded}); }
    Environment with(const std::string& name, const std::string& value) const {
        Environment result = environment;
        result["PORTSPAN_MOCK_" + name] = value;
        return result;
    }
    std::vector<float> played(const std::string& name = "out.wav") const {
        return sound::read(folder / name).samples;
    }
};

/// The first `size` samples, each `factor` times as loud; silence behind the end.
std::vector<float> scaled(std::vector<float> samples, float factor, std::size_t size) {
    samples.resize(size);
    for (float& x : samples) x *= factor;
    return samples;
}

std::vector<float> halved(const std::vector<float>& samples, std::size_t size) {
    return scaled(samples, 0.5f, size);
}

/// The functions that a shared library offers.
std::set<std::string> functions_in(const std::string& file) {
    const program::Surroundings around{.program = NM};
    std::istringstream listing{program::run({"-D", "--defined-only", "-P", file}, around).out};
    std::set<std::string> names;
    for (std::string line; std::getline(listing, line);)
        names.insert(line.substr(0, line.find(' ')));
    return names;
}

}  // namespace

TEST_CASE("programs are built against PortAudio and run on the drop-in library") {
    for (const std::string program : {HALVE, BLOCKING, CALLABLE, RUN_CALLBACK}) {
        CAPTURE(program);
        CHECK(portaudio_of(program, {}) != library);
        CHECK(portaudio_of(program, on_drop_in(program, {}).environment) == library);
    }
}

TEST_CASE("the library has PortAudio's functions and shows nothing else") {
    const std::set<std::string> offered = functions_in(library);
    for (const std::string& name : functions_in(portaudio_of(HALVE, {}))) {
        // How PortAudio reaches its own host APIs, in no header.
        if (name.ends_with("_Initialize") && name != "Pa_Initialize") continue;
        if (offered.count(name) == 0) FAIL_CHECK(name << " is missing");
    }
    for (const std::string& name : offered) {
        if (!name.starts_with("Pa")) FAIL_CHECK(name << " is seen");
    }
}

TEST_CASE("a callback hears the input file, what it plays is in the output file") {
    const Files files;
    const std::string speed = GENERATE("max", "20", "");
    const unsigned long frames = speed.empty() ? 12032 : 48128;
    const auto start = std::chrono::steady_clock::now();
    const Result result =
        run(HALVE, {"complete", std::to_string(frames), "2"}, files.with("SPEED", speed));
    CHECK(result.err == "");
    REQUIRE(result.status == 0);
    CHECK(difference(files.played(), halved(files.recorded, 2 * frames)) == "");
    if (speed.empty()) {
        CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds{240});
    }
}

TEST_CASE("the block size is the host's where the stream leaves it to the host") {
    const Files files;
    REQUIRE(run(HALVE, {"complete", "1000", "2"}, files.with("BLOCK", "100")).status == 0);
    CHECK(difference(files.played(), halved(files.recorded, 2 * 1000)) == "");
}

TEST_CASE("a program that reads and writes loses nothing at speed max") {
    const Files files;
    const Result result = run(BLOCKING, {"100"}, files.environment);
    CHECK(result.err == "");
    REQUIRE(result.status == 0);
    CHECK(difference(files.played(), scaled(files.recorded, -1, 2 * 441 * 100)) == "");
}

TEST_CASE("a program that ends while its stream runs leaves complete files") {
    const Files files;
    const std::string name = GENERATE("out.wav", "out.flac");
    const Result result =
        run(HALVE, {"exit", "48000", "2"}, files.with("OUTPUT", files.folder / name));
    CHECK(result.err == "");
    CHECK(result.status == 0);
    const std::vector<float> played = files.played(name);
    REQUIRE(played.size() >= 2 * 48000);
    CHECK(difference(played, halved(files.recorded, played.size())) == "");
}

TEST_CASE("a program that is killed leaves a readable WAV file") {
    const Files files;
    const int signal_number = GENERATE(SIGINT, SIGTERM, SIGKILL);
    Child child{{"wait", "0", "2"}, on_drop_in(HALVE, files.with("SPEED", "20"))};
    REQUIRE(program::eventually([&] {
        std::error_code ignored;
        return std::filesystem::file_size(files.folder / "out.wav", ignored) + 1 > 48000 * 8;
    }));
    child.send(signal_number);
    CHECK(child.finish().status == -signal_number);
    const std::vector<float> played = files.played();
    CHECK(played.size() >= 2 * 40000);
    CHECK(difference(played, halved(files.recorded, played.size())) == "");
}

TEST_CASE("a program may fork before it uses PortAudio") {
    const Files files;
    const Result result = run(HALVE, {"fork", "2560", "2"}, files.environment);
    CHECK(result.err == "");
    REQUIRE(result.status == 0);
    CHECK(difference(files.played(), halved(files.recorded, 2 * 2560)) == "");
}

TEST_CASE("a child that ends leaves its parent's files alone") {
    const Files files;
    // FLAC, because libsndfile holds the last frames back until it closes the file.
    Environment environment = files.with("OUTPUT", files.folder / "out.flac");
    environment["PORTSPAN_MOCK_SPEED"] = "5";
    REQUIRE(run(HALVE, {"child", "48128", "2"}, environment).status == 0);
    CHECK(difference(files.played("out.flac"), halved(files.recorded, 2 * 48128)) == "");
}

TEST_CASE("each stream has its file") {
    const Files files;
    REQUIRE(run(HALVE, {"twice", "2560", "2"}, files.environment).status == 0);
    for (const std::string name : {"out.wav", "out-1.wav"}) {
        CHECK(difference(files.played(name), halved(files.recorded, 2 * 2560)) == "");
    }
    CHECK(files.folder.names() == std::set<std::string>{"in.wav", "out.wav", "out-1.wav"});
}

#if !defined(SANITIZED)  // A sanitizer must be first itself.
TEST_CASE("the library may be preloaded") {
    const Files files;
    Environment environment = files.environment;
    environment["LD_PRELOAD"] = library;
    REQUIRE(program::run({"complete", "2560", "2"}, {.program = HALVE, .environment = environment})
                .status == 0);
    CHECK(difference(files.played(), halved(files.recorded, 2 * 2560)) == "");
}
#endif

TEST_CASE("an input file may have other channels than the stream") {
    const Files files;
    const std::size_t in_file = GENERATE(1u, 2u, 3u);
    const std::vector<float> recorded = noise(in_file * 2560);
    sound::write(files.folder / "in.wav",
                 {static_cast<int>(in_file), 48000, sound::wav_16, recorded});
    const std::size_t of_stream = in_file == 2 ? 3 : 2;
    const Result result = run(HALVE, {"complete", "2560", std::to_string(of_stream)},
                              files.with("DEVICES", "Headset:3:3"));
    CHECK(result.err == "");
    std::vector<float> expected;
    for (std::size_t frame = 0; frame < 2560; ++frame) {
        for (std::size_t c = 0; c < of_stream; ++c) {
            const std::size_t channel = in_file == 1 ? 0 : c;
            expected.push_back(channel < in_file ? recorded[frame * in_file + channel] / 2 : 0);
        }
    }
    CHECK(difference(files.played(), expected) == "");
}

TEST_CASE("an input file at another rate is not resampled, and the user is told") {
    const Files files;
    sound::write(files.folder / "in.wav", {2, 44100, sound::wav_16, files.recorded});
    const Result result = run(HALVE, {"complete", "2560", "2"}, files.environment);
    CHECK(result.err == "portspan mock: " + (files.folder / "in.wav") +
                            " is made for 44100 Hz, a stream records it at 48000 Hz\n");
    CHECK(difference(files.played(), halved(files.recorded, 2 * 2560)) == "");
    CHECK_THAT(run(RUN_CALLBACK, {"--list-devices"}, files.environment).out,
               ContainsSubstring("44100 Hz"));
}

TEST_CASE("the devices are the environment's") {
    SECTION("several") {
        const std::string out =
            run(RUN_CALLBACK, {"--list-devices"},
                {{"PORTSPAN_MOCK_DEVICES", "Speakers:0:2:96000,Microphone:1:0"}})
                .out;
        INFO(out);
        CHECK_THAT(out, ContainsSubstring("Speakers"));
        CHECK_THAT(out, ContainsSubstring("Microphone"));
        CHECK_THAT(out, ContainsSubstring("96000"));
    }
    SECTION("none") {
        const Result result =
            run(HALVE, {"complete", "1", "2"}, {{"PORTSPAN_MOCK_DEVICES", "none"}});
        CHECK(result.err == "Pa_OpenDefaultStream: Device unavailable\n");
        CHECK(result.status == 1);
    }
    SECTION("with as many channels as they have") {
        const Result result =
            run(HALVE, {"complete", "1", "2"}, {{"PORTSPAN_MOCK_DEVICES", "Mono:1:1"}});
        CHECK(result.err == "Pa_OpenDefaultStream: Invalid number of channels\n");
    }
}

TEST_CASE("run_callback marks the defaults: > input, < output, * both") {
    const auto list = [](const std::string& devices) {
        const Result result =
            run(RUN_CALLBACK, {"--list-devices"}, {{"PORTSPAN_MOCK_DEVICES", devices}});
        CHECK(result.err == "");
        return result.out;
    };
    const std::string two = list("Speakers:0:2,Microphone:1:0,Other:1:1");
    CHECK_THAT(two, ContainsSubstring("\n<   0  Speakers"));
    CHECK_THAT(two, ContainsSubstring("\n>   1  Microphone"));
    CHECK_THAT(two, ContainsSubstring("\n    2  Other"));
    CHECK_THAT(list("Headset:1:2"), ContainsSubstring("\n*   0  Headset"));
}

#if defined(PYTHON)
TEST_CASE("run_callback lists devices as JSON, however awkward their names are") {
    const Folder folder;
    const auto list = [&](const std::string& devices) {
        const std::string file = folder / "devices.json";
        // In a file: Python reads what a user's program would.
        const Result result =
            run(RUN_CALLBACK, {"--list-devices", "--json"}, {{"PORTSPAN_MOCK_DEVICES", devices}});
        CHECK(result.status == 0);
        CHECK(result.err == "");
        std::ofstream{file, std::ios::binary} << result.out;
        const program::Surroundings python{.program = PYTHON};
        const Result tool = program::run({"-m", "json.tool", "--no-ensure-ascii", file}, python);
        INFO(result.out << tool.err);
        CHECK(tool.status == 0);
        return tool.out;
    };
    const std::string awkward = list(
        "\"quoted\" back\\slash/:1:0:22050.5,tab\tline\nbell\x07\x7f:0:2,"
        "K\xc3\xb6ln \xfc \xed\xa0\x80:2:2,</script>:0:1");
    CHECK_THAT(awkward, ContainsSubstring(R"("name": "\"quoted\" back\\slash/")"));
    CHECK_THAT(awkward, ContainsSubstring(R"("name": "tab\tline\nbell\u0007)"));
    CHECK_THAT(awkward, ContainsSubstring("\"name\": \"K\xc3\xb6ln \xef\xbf\xbd \xef\xbf\xbd"));
    CHECK_THAT(awkward, ContainsSubstring("\"name\": \"</script>\""));
    CHECK_THAT(awkward, ContainsSubstring("\"default_sample_rate\": 22050.5,"));
    CHECK_THAT(awkward, ContainsSubstring("\"default_low_input_latency\": 0.01,"));
    CHECK_THAT(awkward, ContainsSubstring("\"default_input\": 0,"));
    CHECK_THAT(awkward, ContainsSubstring("\"default_output\": 1,"));
    CHECK_THAT(awkward, ContainsSubstring("\"device_count\": 4,"));
    const std::string none = list("none");
    CHECK_THAT(none, ContainsSubstring("\"default_input\": null,"));
    CHECK_THAT(none, ContainsSubstring("\"devices\": []"));
}
#endif

TEST_CASE("a device may be lost") {
    const Files files;
    Environment environment = files.with("SPEED", "10");
    SECTION("and the stream ends") {
        environment["PORTSPAN_MOCK_LOSE"] = "0.5";
        CHECK(run(HALVE, {"complete", "480000000", "2"}, environment).status == 0);
    }
    SECTION("and calls fail") {
        environment["PORTSPAN_MOCK_LOSE"] = "0.5:error";
        const Result result = run(HALVE, {"complete", "480000000", "2"}, environment);
        CHECK(result.err == "Pa_CloseStream: Unanticipated host error\n");
    }
    SECTION("and nobody tells") {
        environment["PORTSPAN_MOCK_LOSE"] = "0.5:silence";
        const Child child{{"complete", "480000000", "2"}, on_drop_in(HALVE, environment)};
        std::this_thread::sleep_for(std::chrono::milliseconds{500});
        CHECK(waitpid(child.id(), nullptr, WNOHANG) == 0);  // it still runs
    }
    const std::size_t played = files.played().size();
    CHECK(played >= 2 * 23900);
    CHECK(played < 2 * 4 * 48000);
    CHECK(difference(files.played(), halved(files.recorded, played)) == "");
}

TEST_CASE("a function may fail") {
    const std::string call = GENERATE("Pa_Initialize", "Pa_StartStream");
    const Files files;
    CHECK(run(HALVE, {"twice", "256", "2"}, files.with("FAIL", call + ":-9985:1")).err ==
          call + ": Device unavailable\n");
    CHECK(files.folder.names() == std::set<std::string>{"in.wav", "out.wav"});
    CHECK(difference(files.played(), halved(files.recorded, 2 * 256)) == "");
}

TEST_CASE("a callback is called back to back before its stream starts") {
    const Files files;
    // As many calls to warm up as are asked for, then those, then the stream's own last one.
    const std::string enough = std::to_string(2 * 100 * 256 + 1);
    const auto calls = files.with("BACK_TO_BACK", "100calls");
    CHECK(run(HALVE, {"complete", enough, "2"}, calls).err ==
          "portspan mock: stream 0: 100 calls of 256 frames\n");
    CHECK(files.played().size() == 2 * 256);
    CHECK(run(HALVE, {"complete", std::to_string(2 * 100 * 256), "2"}, calls).err ==
          "portspan mock: stream 0: a call of 256 frames has answered 1\n");

    double nanoseconds = 0;
    std::string rest;
    std::istringstream said{run(HALVE, {"complete", "100000000000", "2"},
                                {{"PORTSPAN_MOCK_BACK_TO_BACK", "0.01"},
                                 {"PORTSPAN_MOCK_BLOCK", "64"},
                                 {"PORTSPAN_MOCK_FAIL", "Pa_IsStreamActive:0"}})
                                .err};
    said.ignore(sizeof "portspan mock: stream 0:") >> nanoseconds;
    std::getline(said, rest);
    CHECK(nanoseconds > 0.5);
    CHECK(nanoseconds < 1e6);
    CHECK(rest == " ns a call of 64 frames");
}

TEST_CASE("a wrong value is one line, and Pa_Initialize fails") {
    const Files files;
    sound::write_bytes(files.folder / "text.wav", "no sound");
    sound::write(files.folder / "empty.wav", {1, 48000, sound::wav_16, {}});
    const auto [variable, value, words] = GENERATE(table<std::string, std::string, std::string>(
        {{"SPEED", "0", "is neither a number from 0.001 to 1000 nor \"max\""},
         {"SPEED", "-1", "is neither a number from 0.001 to 1000 nor \"max\""},
         {"SPEED", "abc", "is neither a number from 0.001 to 1000 nor \"max\""},
         {"SPEED", "nan", "is neither a number from 0.001 to 1000 nor \"max\""},
         {"DEVICES", "Mic", "is no name:inputs:outputs or"},
         {"DEVICES", ":1:1", "is no name:inputs:outputs or"},
         {"DEVICES", "Mic:0:0", "is no name:inputs:outputs or"},
         {"DEVICES", "Mic:1:-1", "is no name:inputs:outputs or"},
         {"DEVICES", "Mic:1:1:0", "is no name:inputs:outputs or"},
         {"INPUT", "missing.wav", "cannot be read: No such file or directory"},
         {"INPUT", ".", "is not a regular file"},
         {"INPUT", "text.wav", "cannot be read: "},
         {"INPUT", "empty.wav", "has no audio in it"},
         {"OUTPUT", "missing/out.wav", "cannot be written: No such file or directory"},
         {"OUTPUT", "out.mp3", "must end in .wav or .flac"},
         {"BLOCK", "0", "is no number of frames from 1 to 65536"},
         {"LOSE", "soon", "is no number of seconds"},
         {"LOSE", "1:gone", "is no number of seconds"},
         {"BACK_TO_BACK", "5x", "is neither a number of seconds nor of calls"},
         {"FAIL", "Pa_OpenStream", "is no function:code or"},
         {"FAIL", "Pa_OpenStraem:-1", "is no function:code or"},
         {"FAIL", "Pa_Sleep:-1", "is no function:code or"}}));
    const bool is_file = variable == "INPUT" || variable == "OUTPUT";
    const std::string given = is_file ? files.folder / value : value;
    const Result result = run(HALVE, {"complete", "256", "2"}, files.with(variable, given));
    CAPTURE(result.err);
    const std::string should_be =
        "portspan mock: PORTSPAN_MOCK_" + variable + ": \"" + given + "\" " + words;
    CHECK(result.err.starts_with(should_be));
    CHECK(result.err.ends_with("\nPa_Initialize: Internal PortAudio error\n"));
    CHECK(result.lines_of_err() == 2);
    CHECK(result.status == 1);
}

TEST_CASE("a variable that does not exist is not passed over") {
    const Result result =
        run(HALVE, {"complete", "256", "2"}, {{"PORTSPAN_MOCK_OUPUT", "out.wav"}});
    CHECK_THAT(result.err, ContainsSubstring("PORTSPAN_MOCK_OUPUT: there is no such variable"));
    CHECK(result.status == 1);
}

TEST_CASE("an output file that its stream cannot have stops the stream") {
    const Files files;
    sound::write(files.folder / "in.wav", {9, 48000, sound::wav_16, noise(9 * 256)});
    Environment environment = files.with("DEVICES", "Many:9:9");
    environment["PORTSPAN_MOCK_OUTPUT"] = files.folder / "out.flac";
    const Result result = run(HALVE, {"complete", "256", "9"}, environment);
    CHECK_THAT(result.err, ContainsSubstring("PORTSPAN_MOCK_OUTPUT: cannot write "));
    CHECK_THAT(result.err, ContainsSubstring("Pa_StartStream: Internal PortAudio error\n"));
    CHECK(result.lines_of_err() == 2);
}

TEST_CASE("the project's examples run on it") {
    const auto [program, factor] = GENERATE(table<std::string, float>(
        {{PASS_THROUGH, 1.0f}, {CALLABLE, 0.5f}, {TYPED_FUNCTION, 0.25f}}));
    CAPTURE(program);
    const Files files;
    int keyboard[2];
    REQUIRE(pipe(keyboard) == 0);
    program::Surroundings around = on_drop_in(program, files.with("SPEED", "20"));
    around.prepare = [&] {
        dup2(keyboard[0], STDIN_FILENO);
        close(keyboard[1]);
    };
    Child child{{}, around};
    close(keyboard[0]);
    CHECK(program::eventually([&] {
        std::error_code ignored;
        return std::filesystem::file_size(files.folder / "out.wav", ignored) + 1 > 50000 * 8;
    }));
    close(keyboard[1]);
    CHECK(child.finish().status == 0);
    const std::vector<float> played = files.played();
    CHECK(difference(played, scaled(files.recorded, factor, played.size())) == "");
}

TEST_CASE("run_callback runs on its devices") {
    const Files files;
    const Result result = run(RUN_CALLBACK,
                              {FIXTURE, "half_stereo", "--input", "device", "--output", "device",
                               "--seconds", "0.5", "--quiet"},
                              files.environment);
    CHECK(result.err == "");
    REQUIRE(result.status == 0);
    const std::vector<float> played = files.played();
    REQUIRE(played.size() >= 2 * 24000);
    std::vector<float> expected = halved(files.recorded, 2 * 24000);
    expected.resize(played.size());
    CHECK(difference(played, expected) == "");
}

#if defined(PYTHON)
TEST_CASE("Python's ctypes runs on it") {
    const Files files;
    const Result result = run(PYTHON, {FROM_PYTHON}, files.environment);
    CHECK(result.err == "");
    REQUIRE(result.status == 0);
    CHECK(difference(files.played(), scaled(files.recorded, -1, 2 * 4 * 256)) == "");
}
#endif

#if defined(SOUNDDEVICE_PYTHON)
namespace {

/// In `folder`; false where there is no sounddevice.
bool runs_with_sounddevice(const std::string& script, const Files& files,
                           const std::string& folder) {
    if (!std::filesystem::exists(SOUNDDEVICE_PYTHON)) {
        WARN("skipped: there is no " SOUNDDEVICE_PYTHON);
        return false;
    }
    program::Surroundings around = on_drop_in(SOUNDDEVICE_PYTHON, files.environment);
    const Result import = program::run({"-c", "import sounddevice"}, around);
    if (import.status != 0) {
        WARN("skipped: " << import.err);
        return false;
    }
    around.prepare = [&] {
        if (chdir(folder.c_str()) != 0) _exit(126);
    };
    const Result result = program::run({script}, around);
    CHECK(result.err == "");
    REQUIRE(result.status == 0);
    return true;
}

}  // namespace

TEST_CASE("python-sounddevice runs on it", "[sounddevice]") {
    const Files files;
    if (!runs_with_sounddevice(FROM_SOUNDDEVICE, files, ".")) return;
    const std::vector<float> copied = scaled(files.recorded, 1, 2 * 1024);
    CHECK(difference(files.played(), copied) == "");
    // What is read is played when the next block is recorded.
    std::vector<float> later(2 * 256);
    later.insert(later.end(), copied.begin(), copied.end());
    CHECK(difference(files.played("out-1.wav"), later) == "");
}

#if defined(WITH_SOUNDDEVICE)
TEST_CASE("python-sounddevice runs a callback of the exporter's on it", "[sounddevice]") {
    const Files files;
    if (!runs_with_sounddevice(WITH_SOUNDDEVICE, files, QUIETER_FOLDER)) return;
    const std::vector<float> played = files.played();
    CHECK(played.size() >= 2 * 10 * 48000);
    CHECK(difference(played, halved(files.recorded, played.size())) == "");
}
#endif
#endif
