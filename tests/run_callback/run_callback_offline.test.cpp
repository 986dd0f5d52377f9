// SPDX-License-Identifier: MIT
// What run_callback makes of a file, without any device.
#include <sys/stat.h>

#include "catch.hpp"
#include "program.hpp"
#include "sound.hpp"

using program::Child;
using program::Folder;
using program::Result;
using program::run;
using sound::difference;
using sound::noise;
using sound::Sound;

namespace {

std::vector<float> halved(std::vector<float> samples) {
    for (float& x : samples) x *= 0.5f;
    return samples;
}

std::vector<float> channel(const Sound& sound, std::size_t c) {
    std::vector<float> result;
    for (std::size_t i = c; i < sound.samples.size();
         i += static_cast<std::size_t>(sound.channels)) {
        result.push_back(sound.samples[i]);
    }
    return result;
}

}  // namespace

TEST_CASE("The output is what the callback makes of the input, sample for sample") {
    const Folder folder;
    const auto samples = noise(2 * 10001);
    sound::write(folder / "in.wav", {2, 44100, sound::wav_float, samples});
    const Result result =
        run({FIXTURE, "half_stereo", "--input", folder / "in.wav", "--output", folder / "out.wav"});
    CHECK(result.err == "");
    REQUIRE(result.status == 0);
    const Sound out = sound::read(folder / "out.wav");
    CHECK(out.channels == 2);
    CHECK(out.sample_rate == 44100);
    CHECK(out.format == sound::wav_float);
    CHECK(difference(out.samples, halved(samples)) == "");
    CHECK(folder.names() == std::set<std::string>{"in.wav", "out.wav"});
}

TEST_CASE("Every format passes what the file holds through, bit for bit") {
    const Folder folder;
    struct Case {
        const char* format;
        const char* symbol;
        int bits;
        int wav;
        int flac;
    };
    const std::vector<Case> cases{
        {"float32", "copy_4", 24, SF_FORMAT_FLOAT, SF_FORMAT_PCM_24},
        {"int32", "copy_4", 24, SF_FORMAT_PCM_32, SF_FORMAT_PCM_24},
        {"int24", "copy_3", 24, SF_FORMAT_PCM_24, SF_FORMAT_PCM_24},
        {"int16", "copy_2", 16, SF_FORMAT_PCM_16, SF_FORMAT_PCM_16},
        {"int8", "copy_1", 8, SF_FORMAT_PCM_U8, SF_FORMAT_PCM_S8},
        {"uint8", "copy_1", 8, SF_FORMAT_PCM_U8, SF_FORMAT_PCM_S8},
    };
    for (const Case& c : cases) {
        for (const bool planar : {false, true}) {
            if (planar) continue;  // the copies know one buffer only
            for (const std::string extension : {".wav", ".flac"}) {
                for (const int source : {SF_FORMAT_WAV | SF_FORMAT_FLOAT, SF_FORMAT_WAV | c.wav,
                                         SF_FORMAT_FLAC | c.flac}) {
                    INFO(c.format << " to " << extension << " from " << std::hex << source);
                    const auto samples = noise(5000, c.bits);
                    sound::write(folder / "in", {1, 48000, source, samples});
                    const std::string name = folder / ("out" + extension);
                    const Result result = run({FIXTURE, c.symbol, "--format", c.format, "--input",
                                               folder / "in", "--output", name});
                    CHECK(result.err == "");
                    REQUIRE(result.status == 0);
                    const Sound out = sound::read(name);
                    CHECK((out.format & SF_FORMAT_SUBMASK) ==
                          (extension == ".wav" ? c.wav : c.flac));
                    CHECK(difference(out.samples, samples) == "");
                }
            }
        }
    }
}

TEST_CASE("What does not fit into the format is cut or clipped, it does not wrap around") {
    const Folder folder;
    sound::write(folder / "in.wav", {1, 48000, sound::wav_float, {1.5f, -1.5f, 0.25f}});
    const auto through = [&](const char* format, const char* symbol, const char* name) {
        REQUIRE(run({FIXTURE, symbol, "--format", format, "--input", folder / "in.wav", "--output",
                     folder / name})
                    .status == 0);
        return sound::read(folder / name).samples;
    };
    CHECK(through("int16", "copy_2", "a.wav") == std::vector{32767.f / 32768, -1.f, 0.25f});
    CHECK(through("uint8", "copy_1", "b.wav") == std::vector{127.f / 128, -1.f, 0.25f});
    CHECK(through("float32", "copy_4", "c.flac") == std::vector{8388607.f / 8388608, -1.f, 0.25f});
    CHECK(through("float32", "copy_4", "d.wav") == std::vector{1.5f, -1.5f, 0.25f});
}

TEST_CASE("Layout, block size and in-place processing do not change what a callback computes") {
    const Folder folder;
    const auto samples = noise(2 * 12345);
    sound::write(folder / "in.wav", {2, 48000, sound::wav_float, samples});
    const auto with = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), FIXTURE);
        for (const std::string& word :
             {std::string{"--input"}, folder / "in.wav", std::string{"--output"},
              folder / "out.wav", std::string{"--quiet"}}) {
            arguments.push_back(word);
        }
        const Result result = run(arguments);
        INFO(result.err);
        CHECK(result.out == "");
        REQUIRE(result.status == 0);
        return sound::bytes(folder / "out.wav");
    };
    const std::string expected = with({"half_stereo"});
    CHECK(difference(sound::read(folder / "out.wav").samples, halved(samples)) == "");
    CHECK((with({"half_stereo"}) == expected));
    // It would hold the time of day.
    CHECK(expected.substr(0, 200).find("PEAK") == std::string::npos);
    CHECK((with({"half_stereo_planar", "--planar"}) == expected));
    CHECK((with({"half_stereo", "--in-place"}) == expected));
    CHECK((with({"half_stereo_in_place", "--in-place"}) == expected));
    CHECK((with({"half_stereo_planar", "--planar", "--in-place"}) == expected));
    for (const char* frames : {"0", "1", "7", "4096", "8191", "1048576"}) {
        INFO(frames);
        CHECK((with({"half_stereo", "--frames-per-buffer", frames}) == expected));
    }
}

TEST_CASE("A callback that needs one buffer is not satisfied without --in-place") {
    const Folder folder;
    sound::write(folder / "in.wav", {2, 48000, sound::wav_float, noise(2000)});
    CHECK(run({FIXTURE, "half_stereo_in_place", "--input", folder / "in.wav"}).status == 1);
    CHECK(
        run({FIXTURE, "half_stereo_in_place", "--in-place", "--input", folder / "in.wav"}).status ==
        0);
}

TEST_CASE("Planes are the channels in their order") {
    const Folder folder;
    const Sound in{2, 48000, sound::wav_float, noise(2 * 3000)};
    sound::write(folder / "in.wav", in);
    REQUIRE(run({FIXTURE, "swap_stereo_planar", "--planar", "--input", folder / "in.wav",
                 "--output", folder / "out.wav"})
                .status == 0);
    const Sound out = sound::read(folder / "out.wav");
    CHECK(difference(channel(out, 0), channel(in, 1)) == "");
    CHECK(difference(channel(out, 1), channel(in, 0)) == "");
}

TEST_CASE("A file with fewer channels than asked for") {
    const Folder folder;
    SECTION("goes to all of them where it is mono") {
        const auto samples = noise(3000);
        sound::write(folder / "in.wav", {1, 48000, sound::wav_float, samples});
        REQUIRE(run({FIXTURE, "half_stereo", "--channels", "2", "--input", folder / "in.wav",
                     "--output", folder / "out.wav"})
                    .status == 0);
        const Sound out = sound::read(folder / "out.wav");
        CHECK(difference(channel(out, 0), halved(samples)) == "");
        CHECK(difference(channel(out, 1), halved(samples)) == "");
    }
    SECTION("leaves the others silent") {
        const Sound in{2, 48000, sound::wav_float, noise(2 * 3000)};
        sound::write(folder / "in.wav", in);
        // 4 channels of one byte are what copies 4 bytes a frame.
        REQUIRE(run({FIXTURE, "copy_4", "--channels", "4", "--format", "uint8", "--input",
                     folder / "in.wav", "--output", folder / "out.wav"})
                    .status == 0);
        const Sound out = sound::read(folder / "out.wav");
        CHECK(out.channels == 4);
        CHECK(difference(channel(out, 0), std::vector<float>(3000, 0.f)) != "");
        CHECK(difference(channel(out, 2), std::vector<float>(3000, 0.f)) == "");
        CHECK(difference(channel(out, 3), std::vector<float>(3000, 0.f)) == "");
    }
}

TEST_CASE("A callback without an input gets NULL, and --seconds ends it") {
    const Folder folder;
    const Result result =
        run({FIXTURE, "count_frames", "--seconds", "0.5", "--output", folder / "out.wav"});
    CHECK(result.err == "");
    REQUIRE(result.status == 0);
    const Sound out = sound::read(folder / "out.wav");
    CHECK(out.channels == 2);
    CHECK(out.sample_rate == 48000);
    REQUIRE(out.frames() == 24000);
    CHECK(out.samples[2 * 777] == 0.777f);
    CHECK(out.samples[2 * 777 + 1] == -0.777f);
    CHECK(run({FIXTURE, "half_stereo", "--seconds", "0.5"}).status == 1);  // it wants an input
}

TEST_CASE("A limit in seconds cuts a longer file short and leaves a shorter one as it is") {
    const Folder folder;
    sound::write(folder / "in.wav", {2, 48000, sound::wav_float, noise(2 * 10000)});
    const auto frames = [&](const char* seconds) {
        REQUIRE(run({FIXTURE, "half_stereo", "--input", folder / "in.wav", "--output",
                     folder / "out.wav", "--seconds", seconds})
                    .status == 0);
        return sound::read(folder / "out.wav").frames();
    };
    CHECK(frames("0.1") == 4800);
    CHECK(frames("60") == 10000);
}

TEST_CASE("The callback's own end ends the run") {
    const Folder folder;
    SECTION("complete is a success: its block is kept") {
        const Result result = run({FIXTURE, "complete_at_third", "--seconds", "10", "--output",
                                   folder / "out.wav", "--frames-per-buffer", "100"});
        CHECK(result.status == 0);
        CHECK(result.err == "");
        CHECK_THAT(result.out, ContainsSubstring("0.006 s, where the callback completed"));
        CHECK(sound::read(folder / "out.wav").frames() == 300);
    }
    SECTION("abort is a failure that names library and symbol and leaves nothing") {
        const Result result =
            run({FIXTURE, "abort_at_third", "--seconds", "10", "--output", folder / "out.wav",
                 "--report", folder / "out.svg", "--frames-per-buffer", "4800"});
        CHECK(result.status == 1);
        CHECK(result.lines_of_err() == 1);
        CHECK_THAT(result.err, ContainsSubstring(FIXTURE));
        CHECK_THAT(result.err, ContainsSubstring("abort_at_third"));
        CHECK_THAT(result.err, ContainsSubstring("aborted after 0.200 s"));
        CHECK(folder.names().empty());
    }
    SECTION("the reason is the library's") {
        const Result result = run({FIXTURE, "abort_with_reason", "--seconds", "1"});
        CHECK(result.status == 1);
        CHECK(result.lines_of_err() == 1);
        CHECK_THAT(result.err, ContainsSubstring("ValueError: the knob is off"));
    }
    SECTION("any other result is a failure that says it") {
        const Result result =
            run({FIXTURE, "return_seven", "--seconds", "1", "--output", folder / "out.wav"});
        CHECK(result.status == 1);
        CHECK(result.lines_of_err() == 1);
        CHECK_THAT(result.err, ContainsSubstring("returned 7"));
        CHECK(folder.names().empty());
    }
}

TEST_CASE("A library's symbols are visible to others with --global only") {
    const Folder folder;
    sound::write(folder / "in.wav", {2, 48000, sound::wav_float, noise(2000)});
    CHECK(run({FIXTURE, "needs_global", "--input", folder / "in.wav", "--global"}).status == 0);
    CHECK(run({FIXTURE, "needs_global", "--input", folder / "in.wav"}).status == 1);
}

TEST_CASE("An output that would replace the input, the library or the other output is refused") {
    const Folder folder;
    const std::string in = folder / "in.wav";
    const auto refused = [&](const std::vector<std::string>& more, const std::string& says) {
        std::vector<std::string> arguments{FIXTURE, "half_stereo", "--input", in};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Result result = run(arguments);
        CHECK(result.status == 2);
        CHECK(result.err == "run_callback: " + says + "\n");
    };
    const auto quoted = [](const char* option, const std::string& name) {
        return std::string{option} + " \"" + name + "\": this is ";
    };
    const std::string is_input = "the input file, which would be replaced";
    SECTION("there already, whatever link leads to it") {
        sound::write(in, {2, 48000, sound::wav_float, noise(2000)});
        const std::string before = sound::bytes(in);
        std::filesystem::create_symlink("in.wav", folder / "link.wav");
        std::filesystem::create_hard_link(in, folder / "hard.wav");
        std::filesystem::create_symlink("in.wav", folder / "report.svg");
        std::filesystem::create_symlink(FIXTURE, folder / "library.wav");
        std::filesystem::create_symlink(FIXTURE, folder / "library.svg");
        for (const char* name : {"in.wav", "link.wav", "hard.wav", "./in.wav"}) {
            const std::string out = folder / name;
            refused({"--output", out}, quoted("--output", out) + is_input);
        }
        const std::string report = folder / "report.svg";
        refused({"--report", report}, quoted("--report", report) + is_input);
        for (const auto& [option, name] :
             {std::pair{"--output", "library.wav"}, std::pair{"--report", "library.svg"}}) {
            refused({option, folder / name},
                    quoted(option, folder / name) + "the library, which would be replaced");
        }
        CHECK(sound::bytes(in) == before);
        const Result other = run({FIXTURE, "half_stereo", "--input", in, "--output",
                                  folder / "out.wav", "--report", folder / "out.svg"});
        INFO(other.err);
        CHECK(other.status == 0);
    }
    SECTION("not yet there") {
        refused({"--output", in}, quoted("--output", in) + is_input);
        std::filesystem::create_symlink("soon.wav", folder / "soon.svg");
        refused({"--output", folder / "soon.wav", "--report", folder / "soon.svg"},
                quoted("--report", folder / "soon.svg") + "the output file as well");
        std::filesystem::create_symlink("out.wav", folder / "out.svg");
        sound::write_bytes(folder / "out.wav", "old");
        refused({"--output", folder / "out.wav", "--report", folder / "out.svg"},
                quoted("--report", folder / "out.svg") + "the output file as well");
    }
}

TEST_CASE("A link to the output stays a link") {
    const Folder folder;
    sound::write(folder / "in.wav", {2, 48000, sound::wav_float, noise(2000)});
    sound::write_bytes(folder / "real.wav", "old");
    std::filesystem::create_symlink("real.wav", folder / "link.wav");
    REQUIRE(
        run({FIXTURE, "half_stereo", "--input", folder / "in.wav", "--output", folder / "link.wav"})
            .status == 0);
    CHECK(std::filesystem::is_symlink(folder / "link.wav"));
    CHECK(sound::read(folder / "real.wav").frames() == 1000);
}

TEST_CASE("A link whose target is not there yet leads to the new output, too") {
    const Folder folder;
    std::filesystem::create_directory(folder / "sub");
    std::filesystem::create_symlink("sub/real.wav", folder / "to_sub");
    std::filesystem::create_symlink("to_sub", folder / "link.wav");
    std::filesystem::create_symlink("no_such_folder/x.wav", folder / "astray.wav");
    std::filesystem::create_symlink("loop.wav", folder / "loop.wav");
    const auto names = folder.names();
    const auto to = [&](const char* name) {
        return run({FIXTURE, "count_frames", "--seconds", "0.1", "--output", folder / name});
    };
    const auto refused = [&](const char* name, const std::string& why) {
        const Result result = to(name);
        CHECK(result.status == 1);
        CHECK(result.err == "run_callback: cannot write " + (folder / name) + ": " + why + "\n");
    };
    const Result result = to("link.wav");
    INFO(result.err);
    CHECK(result.status == 0);
    CHECK(std::filesystem::is_symlink(folder / "link.wav"));
    CHECK(sound::read(folder / "sub/real.wav").frames() == 4800);
    refused("astray.wav", "No such file or directory");
    refused("loop.wav", "Too many levels of symbolic links");
    CHECK(folder.names() == names);
}

TEST_CASE("Ctrl-C ends an offline run with a whole file of what was processed") {
    const Folder folder;
    const std::string name = folder / "out.wav";
    // 36000 s of this would be beyond what a WAV file holds.
    Child child{
        {FIXTURE, "count_frames_paced", "--input", "none", "--seconds", "36000", "--output", name}};
    const std::string part = name + "." + std::to_string(child.id()) + ".part";
    REQUIRE(program::eventually([&] {
        std::error_code none_yet;
        return std::filesystem::file_size(part, none_yet) > 10000 && !none_yet;
    }));
    CHECK(!std::filesystem::exists(name));
    child.send(SIGINT);
    const Result result = child.finish();
    CHECK(result.status == 1);
    CHECK(result.lines_of_err() == 1);
    CHECK_THAT(result.err, ContainsSubstring("interrupted after"));
    CHECK_THAT(result.err, ContainsSubstring("out.wav"));
    CHECK(folder.names() == std::set<std::string>{"out.wav"});
    CHECK(sound::bytes(name).substr(0, 4) == "RIFF");
    const Sound out = sound::read(name);
    REQUIRE(out.frames() > 1000);
    CHECK(out.samples[2 * 999] == 0.999f);
    CHECK(out.samples[out.samples.size() - 2] == -out.samples.back());
}

TEST_CASE("A callback that hangs is waited for, and a second Ctrl-C leaves no half file") {
    for (const int second : {SIGINT, SIGTERM}) {
        const Folder folder;
        const std::string mark = folder / "mark";
        Child child{{FIXTURE, "hangs", "--seconds", "1", "--output", folder / "out.wav"},
                    {.environment = {{"MARK", mark}}}};
        REQUIRE(program::eventually([&] { return std::filesystem::exists(mark); }));
        child.send(SIGINT);
        std::this_thread::sleep_for(std::chrono::milliseconds{1300});
        child.send(second);
        const Result result = child.finish();
        CHECK(result.status == -second);
        CHECK(result.err == "run_callback: " FIXTURE
                            ": hangs: waiting for the callback to return; a second Ctrl-C ends "
                            "the program at once\n");
        CHECK(folder.names() == std::set<std::string>{"mark"});
    }
}

TEST_CASE("One SIGTERM ends a callback that hangs, and leaves no half file") {
    const Folder folder;
    const std::string mark = folder / "mark";
    Child child{{FIXTURE, "hangs", "--seconds", "1", "--output", folder / "out.wav"},
                {.environment = {{"MARK", mark}}}};
    REQUIRE(program::eventually([&] { return std::filesystem::exists(mark); }));
    child.send(SIGTERM);
    const Result result = child.finish(std::chrono::seconds{20});
    CHECK(result.status == -SIGTERM);
    CHECK(result.err == "run_callback: " FIXTURE
                        ": hangs: waiting one more second for the callback to return\n");
    CHECK(folder.names() == std::set<std::string>{"mark"});
}

TEST_CASE("SIGTERM waits for a callback that is slow but returns, for a whole file") {
    const Folder folder;
    const std::string mark = folder / "mark";
    Child child{{FIXTURE, "is_slow", "--seconds", "60", "--frames-per-buffer", "2048", "--output",
                 folder / "out.wav"},
                {.environment = {{"MARK", mark}}}};
    REQUIRE(program::eventually([&] { return std::filesystem::exists(mark); }));
    child.send(SIGTERM);
    const Result result = child.finish(std::chrono::seconds{20});
    INFO(result.err);
    CHECK(result.status == 1);
    CHECK(sound::read(folder / "out.wav").frames() == 8192);
}

TEST_CASE("A killed run leaves the old file as it was") {
    const Folder folder;
    const std::string name = folder / "out.wav";
    sound::write_bytes(name, "old");
    Child child{{FIXTURE, "count_frames_paced", "--seconds", "36000", "--output", name}};
    const std::string part = name + "." + std::to_string(child.id()) + ".part";
    REQUIRE(program::eventually([&] { return std::filesystem::exists(part); }));
    child.send(SIGKILL);
    CHECK(child.finish().status == -SIGKILL);
    CHECK(sound::bytes(name) == "old");
}

TEST_CASE("A file that is in the way of the temporary one, or a link there, is not touched") {
    const Folder folder;
    sound::write_bytes(folder / "victim", "precious");
    std::string planted;
    for (const bool link : {true, false}) {
        for (const std::string name : {"out.wav", "out.svg"}) {
            INFO(name << (link ? ", a link" : ", a file"));
            const std::string before = folder / name + ".";
            const std::string victim = folder / "victim";
            Child child{{FIXTURE, "count_frames", "--seconds", "0.1", "--output",
                         folder / "out.wav", "--report", folder / "out.svg"},
                        {.prepare = [&] {
                            const std::string part = before + std::to_string(getpid()) + ".part";
                            if (link) {
                                std::filesystem::create_symlink(victim, part);
                            } else {
                                sound::write_bytes(part, "mine");
                            }
                        }}};
            planted = name + "." + std::to_string(child.id()) + ".part";
            const Result result = child.finish();
            CHECK(result.err == "");
            CHECK(result.status == 0);
            CHECK(sound::bytes(folder / "victim") == "precious");
            CHECK(folder.names() == std::set<std::string>{"victim", "out.wav", "out.svg", planted});
            CHECK(sound::bytes(folder / planted) == (link ? "precious" : "mine"));
            CHECK(sound::read(folder / "out.wav").frames() == 4800);
            CHECK(sound::bytes(folder / "out.svg").starts_with("<?xml"));
            std::filesystem::remove(folder / planted);
        }
    }
}

TEST_CASE("A file that is replaced keeps its permissions, a new one gets the usual ones") {
    const Folder folder;
    const auto mode = [&](const char* name) {
        return static_cast<unsigned>(std::filesystem::status(folder / name).permissions());
    };
    const auto write = [&] {
        const Result result = run({FIXTURE, "count_frames", "--seconds", "0.1", "--output",
                                   folder / "out.wav", "--report", folder / "out.svg"},
                                  {.prepare = [] { umask(022); }});
        CHECK(result.err == "");
        CHECK(result.status == 0);
    };
    write();
    CHECK(mode("out.wav") == 0644);
    CHECK(mode("out.svg") == 0644);
    for (const unsigned wanted : {0600u, 0666u, 0444u, 0750u}) {
        for (const char* name : {"out.wav", "out.svg"}) {
            std::filesystem::permissions(folder / name,
                                         static_cast<std::filesystem::perms>(wanted));
        }
        write();
        CHECK(mode("out.wav") == wanted);
        CHECK(mode("out.svg") == wanted);
    }
}

TEST_CASE("A full disk is a failure that leaves nothing") {
    const Folder folder;
    for (const char* extension : {".wav", ".flac"}) {
        const std::string name = folder / (std::string{"out"} + extension);
        const std::vector<std::string> arguments{FIXTURE,    "count_frames", "--seconds", "2",
                                                 "--output", name,           "--quiet"};
        const program::Surroundings small{.prepare = [] {
            const rlimit limit{20000, 20000};
            setrlimit(RLIMIT_FSIZE, &limit);
        }};
        const Result result = run(arguments, small);
        INFO(result.err);
        CHECK(result.status == 1);
        CHECK(result.lines_of_err() == 1);
        CHECK_THAT(result.err, ContainsSubstring(name));
        CHECK(folder.names().empty());
        CHECK(run(arguments).status == 0);
        std::filesystem::remove(name);
    }
}

TEST_CASE("A disk without room for the report leaves no output either, and is told") {
    const Folder folder;
    const std::vector<std::string> arguments{FIXTURE,    "count_frames",  "--seconds",
                                             "0.005",    "--output",      folder / "out.wav",
                                             "--report", folder / "x.svg"};
    const Result result = run(arguments, {.prepare = [] {
                                  const rlimit limit{3000, 3000};
                                  setrlimit(RLIMIT_FSIZE, &limit);
                              }});
    CHECK(result.status == 1);
    CHECK(result.err == "run_callback: cannot write " + folder / "x.svg" + ": File too large\n");
    CHECK(result.out == "");
    CHECK(folder.names().empty());
    CHECK(run(arguments).status == 0);
    CHECK(folder.names() == std::set<std::string>{"out.wav", "x.svg"});
}

TEST_CASE("A damaged file is a failure, not a shorter result") {
    const Folder folder;
    sound::write(folder / "in.flac",
                 {2, 48000, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, noise(2 * 100000)});
    std::string content = sound::bytes(folder / "in.flac");
    const std::vector<std::string> arguments{
        FIXTURE, "half_stereo", "--input", folder / "in.flac", "--output", folder / "out.wav"};
    REQUIRE(run(arguments).status == 0);
    std::filesystem::remove(folder / "out.wav");
    sound::write_bytes(folder / "in.flac", content.substr(0, content.size() / 2));
    const Result result = run(arguments);
    INFO(result.err << result.out);
    CHECK(result.status == 1);
    CHECK(result.lines_of_err() == 1);
    CHECK_THAT(result.err, ContainsSubstring("in.flac"));
    CHECK(folder.names() == std::set<std::string>{"in.flac"});
}

TEST_CASE("The summary says what happened, --stats everything, --quiet nothing") {
    const Folder folder;
    sound::write(folder / "in.wav", {1, 48000, sound::wav_16, std::vector<float>(4800, 0.5f)});
    const std::vector<std::string> arguments{FIXTURE, "half_mono", "--input", folder / "in.wav"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), arguments.begin(), arguments.end());
        return run(more).out;
    };
    const std::string summary = with({});
    CHECK_THAT(summary, ContainsSubstring("WAV, 16 bit, 1 channel, 48000 Hz"));
    CHECK_THAT(summary, ContainsSubstring("0.100 s"));
    CHECK_THAT(summary, ContainsSubstring("-6.0 dBFS peak, -6.0 dBFS RMS"));
    CHECK_THAT(summary, ContainsSubstring("-12.0 dBFS peak"));
    CHECK_THAT(summary, ContainsSubstring("of 5.33 ms"));
    CHECK_THAT(summary, ContainsSubstring("19 calls"));
    CHECK_THAT(summary, !ContainsSubstring("deadline misses"));
    const std::string table = with({"--stats"});
    for (const char* label :
         {"callbacks", "block size", "time min", "time median", "time 99 %", "time 99.9 %",
          "time max", "deadline", "deadline misses", "level in", "level out"}) {
        CHECK_THAT(table, ContainsSubstring(label));
    }
    CHECK_THAT(table, ContainsSubstring("192 to 256 frames"));
    // Once each, and nothing of what only a device can do.
    for (const char* label : {"level in", "level out"}) {
        for (const std::string& text : {table, with({"--stats", "--quiet"})}) {
            CHECK(text.find(label) != std::string::npos);
            CHECK(text.find(label) == text.rfind(label));
        }
    }
    for (const char* label : {"xruns", "underflow", "overflow", "priming"}) {
        CHECK_THAT(table, !ContainsSubstring(label));
    }
    CHECK(with({"--quiet"}) == "");
    CHECK_THAT(run({FIXTURE, "not_a_number", "--seconds", "1", "--channels", "1"}).out,
               ContainsSubstring("1 sample not finite"));
}

TEST_CASE("The summary says how many calls missed their deadline, if any did") {
    const Folder folder;
    sound::write(folder / "in.wav", {1, 48000, sound::wav_16, std::vector<float>(960, 0.5f)});
    const auto with = [&](const char* symbol, std::vector<std::string> more) {
        more.insert(more.begin(),
                    {FIXTURE, symbol, "--input", folder / "in.wav", "--frames-per-buffer", "480"});
        return run(more).out;
    };
    // 10 ms a block: this one sleeps for longer.
    CHECK_THAT(with("takes_its_time", {}), ContainsSubstring("deadline missed    2 of 2 calls\n"));
    const std::string table = with("takes_its_time", {"--stats"});
    CHECK_THAT(table, ContainsSubstring("deadline missed    2 of 2 calls\n"));
    CHECK_THAT(table, !ContainsSubstring("deadline misses"));
    CHECK_THAT(with("takes_its_time", {"--stats", "--quiet"}),
               ContainsSubstring("deadline misses    2\n"));
    // A machine may always be busier than that; three times it is not.
    bool in_time = false;
    for (int i = 0; i < 3 && !in_time; ++i) {
        in_time = with("half_mono", {}).find("deadline missed") == std::string::npos;
    }
    CHECK(in_time);
}

TEST_CASE("A progress bar is drawn on a terminal and wiped in the end, nowhere else") {
    if (!program::has_pseudo_terminals()) {
        WARN("not tested: this machine has no pseudo terminals (is /dev/pts there?)");
        return;
    }
    const std::vector<std::string> arguments{FIXTURE, "count_frames_paced", "--seconds", "0.4"};
    const Result shown = run(arguments, {.terminal = true});
    CHECK(shown.status == 0);
    CHECK_THAT(shown.err, ContainsSubstring("of 0:00.4"));
    CHECK_THAT(shown.err, ContainsSubstring("out "));
    CHECK(shown.err.ends_with("\r\033[K"));
    CHECK(shown.err.find('\n') == std::string::npos);
    CHECK(run(arguments).err == "");
    auto quiet = arguments;
    quiet.push_back("--quiet");
    CHECK(run(quiet, {.terminal = true}).err == "");
}
