// SPDX-License-Identifier: MIT
// Callbacks that were written for something else, or badly: what run_callback says, and that it
// leaves no half file.
#include "catch.hpp"
#include "program.hpp"
#include "sound.hpp"

using program::Folder;
using program::Result;
using program::run;

namespace {

/// A file with that many channels through the callback, to a file and a report. The files, the
/// input without a sample of 0, are gone in the end, but for the output's.
struct Through {
    Through(const std::string& symbol, std::vector<std::string> more, int channels = 1) {
        const auto count = static_cast<std::size_t>(channels) * 1000;
        sound::write(folder / "in.wav",
                     {channels, 48000, sound::wav_float, std::vector<float>(count, 0.5f)});
        more.insert(more.begin(), {FIXTURE, symbol, "--input", folder / "in.wav", "--output",
                                   folder / "out.wav", "--report", folder / "out.svg"});
        result = run(more);
        left = folder.names();
        left.erase("in.wav");
        const std::string who = "run_callback: " FIXTURE ": " + symbol + ": ";
        const std::size_t start = result.err.find(who);
        if (start != std::string::npos) says = result.err.substr(start + who.size());
    }
    Folder folder;
    Result result;
    std::set<std::string> left;
    std::string says;
};

void check_crash(const Through& through, int signal_number, const std::string& line) {
    INFO(through.result.err << through.result.out);
    CHECK(program::ended_with(through.result, signal_number));
    CHECK(through.says.substr(0, through.says.find('\n')) == line);
    CHECK(through.left.empty());
}

void check_overrun(const Through& through, const std::string& line) {
    INFO(through.result.err << through.result.out);
    CHECK(through.result.status == 1);
    CHECK(through.result.lines_of_err() == 1);
    CHECK(through.says == line + "\n");
    CHECK(through.left.empty());
}

}  // namespace

TEST_CASE("A callback that crashes is told with how it was called, and leaves no half file") {
    check_crash({"reads_state", {}}, SIGSEGV,
                "crashed (SIGSEGV); it was called with float32 interleaved, 1 channel in, 1 out, "
                "256 frames, user data NULL");
    check_crash({"aborts", {"--format", "int16", "--frames-per-buffer", "1"}, 2}, SIGABRT,
                "crashed (SIGABRT); it was called with int16 interleaved, 2 channels in, 2 out, "
                "1 frame, user data NULL");
    check_crash({"recurses", {"--planar", "--in-place"}}, SIGSEGV,
                "crashed (SIGSEGV); it was called with float32 planar in place, 1 channel in, "
                "1 out, 256 frames, user data NULL");
    check_crash({"half_stereo_planar", {}}, SIGSEGV,
                "crashed (SIGSEGV); it was called with float32 interleaved, 1 channel in, 1 out, "
                "256 frames, user data NULL");
    const Through fine{"half_mono", {}};
    CHECK(fine.result.status == 0);
    CHECK(fine.left == std::set<std::string>{"out.svg", "out.wav"});
}

TEST_CASE("A callback that ends the program is a failure, and leaves no half file") {
#if defined(__GLIBC__)
    const std::string status_0 = "exit(0)", status_3 = "exit(3)";
#else
    const std::string status_0 = "exit()", status_3 = "exit()";
#endif
    for (const auto& [symbol, call] : {std::pair{"exits", status_0},
                                       {"exits_with_3", status_3},
                                       {"exits_quickly", "quick_exit()"}}) {
        const Through through{symbol, {}};
        INFO(through.result.err << through.result.out);
        CHECK(through.result.status == 1);
        CHECK(through.says ==
              "ended the program by " + call +
                  "; it was called with float32 interleaved, 1 channel in, 1 out, 256 frames, "
                  "user data NULL\n");
        CHECK(through.left.empty());
    }
    const Through fine{"forks_and_exits", {}};
    INFO(fine.result.err);
    CHECK(fine.result.status == 0);
    CHECK(fine.left == std::set<std::string>{"out.svg", "out.wav"});
}

TEST_CASE("A library that crashes while it is loaded is named") {
    const Result result = run({CRASHING, "callback", "--seconds", "1"});
    INFO(result.err << result.out);
    CHECK(program::ended_with(result, SIGABRT));
    CHECK(result.err.starts_with("run_callback: " CRASHING ": crashed (SIGABRT)\n"));
}

TEST_CASE("A crash wipes the progress bar, and the old output file stays") {
    const Folder folder;
    sound::write_bytes(folder / "out.wav", "old");
    const auto crash = [&](const program::Surroundings& around) {
        program::Child child{
            {FIXTURE, "count_frames_paced", "--seconds", "36000", "--output", folder / "out.wav"},
            around};
        const std::string part = folder / ("out.wav." + std::to_string(child.id()) + ".part");
        REQUIRE(program::eventually([&] {
            std::error_code none_yet;
            return std::filesystem::file_size(part, none_yet) > 100'000 && !none_yet;
        }));
        child.send(SIGBUS);
        const Result result = child.finish();
        INFO(result.err << result.out);
        CHECK(program::ended_with(result, SIGBUS));
        CHECK_THAT(result.err, ContainsSubstring("crashed (SIGBUS); it was called with"));
        CHECK(folder.names() == std::set<std::string>{"out.wav"});
        CHECK(sound::bytes(folder / "out.wav") == "old");
        return result.err;
    };
    CHECK(crash({}).starts_with("run_callback: "));
    if (!program::has_pseudo_terminals()) {
        WARN("no progress bar tested: this machine has no pseudo terminals (is /dev/pts there?)");
        return;
    }
    CHECK_THAT(crash({.terminal = true}), ContainsSubstring("\r\033[Krun_callback: "));
}

TEST_CASE("A crash leaves no half file whose usual name was taken, and leaves what took it") {
    const Folder folder;
    const std::string before = folder / "out.wav.";
    program::Child child{
        {FIXTURE, "aborts", "--seconds", "1", "--output", folder / "out.wav"}, {.prepare = [&] {
            sound::write_bytes(before + std::to_string(getpid()) + ".part", "mine");
        }}};
    const std::string planted = "out.wav." + std::to_string(child.id()) + ".part";
    const Result result = child.finish();
    INFO(result.err << result.out);
    CHECK(program::ended_with(result, SIGABRT));
    CHECK(folder.names() == std::set<std::string>{planted});
    CHECK(sound::bytes(folder / planted) == "mine");
}

TEST_CASE("A callback that writes beyond its output is a failure that leaves nothing") {
    const std::string mono = "wrote beyond its output of 1 channel x 256 frames";
    const std::string channels = "; is --channels right?";
    const std::string both = "; are --channels and --format right?";
    check_overrun({"half_stereo", {}}, mono + channels);
    check_overrun({"half_stereo", {"--in-place"}}, mono + channels);
    check_overrun({"half_mono", {"--format", "int16"}}, mono + both);
    // Eight times too much.
    check_overrun({"copy_8", {"--format", "uint8"}}, mono + both);
    check_overrun({"copy_8", {"--format", "uint8", "--frames-per-buffer", "100000"}},
                  "wrote beyond its output of 1 channel x 1000 frames" + both);
    check_overrun({"half_stereo_planar", {"--planar", "--format", "int16"}, 2},
                  "wrote beyond its output of 2 channels x 256 frames" + both);
    // Its second channel is none of the file's.
    check_overrun({"half_stereo_planar", {"--planar"}}, mono + channels);
    check_overrun({"half_stereo_planar", {"--planar", "--in-place"}}, mono + channels);
    const std::string before = "wrote before the start of its output of 1 channel x 256 frames";
    check_overrun({"writes_before_output", {}}, before);
    check_overrun({"writes_before_second_plane", {"--planar"}, 2},
                  "wrote before the start of its output of 2 channels x 256 frames");
    check_overrun({"writes_around_output", {}}, mono + channels);
    // The last block has 232 frames.
    check_overrun({"writes_256_frames", {}},
                  "wrote beyond its output of 1 channel x 232 frames" + channels);
}

TEST_CASE("A callback that takes channel pointers for samples is a failure that leaves nothing") {
    const std::string line = "wrote over the pointers to its output channels; is --planar right?";
    check_overrun({"half_stereo", {"--planar"}, 2}, line);
    check_overrun({"half_mono", {"--planar"}}, line);
}

TEST_CASE("A callback may read beyond its input, where there is silence, but not write there") {
    for (const char* frames : {"1", "256", "1000"}) {
        const Through reads{"sees_silence_beyond_input", {"--frames-per-buffer", frames}};
        INFO(reads.result.err);
        CHECK(reads.result.status == 0);
    }
    check_overrun({"writes_beyond_input", {}},
                  "wrote beyond its input of 1 channel x 256 frames; is --channels right?");
}
