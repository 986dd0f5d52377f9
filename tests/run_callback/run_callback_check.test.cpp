// SPDX-License-Identifier: MIT
// run_callback --check: callbacks with one fault each, and good ones; what crashes, hangs or ends
// the process is told like any other fault.
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "program.hpp"

using program::Result;
using program::run;

namespace {

/// On the callbacks with faults.
Result check(const std::string& symbol, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {CHECKED, symbol, "--check"});
    return run(more);
}

/// What is told in one line, after the name of the library and the callback.
void expect_fault(const Result& result, const std::string& symbol, const std::string& says) {
    INFO(result.err << result.out);
    CHECK(result.status == 1);
    CHECK(result.err == "run_callback: " CHECKED ": " + symbol + ": the callback " + says + "\n");
    CHECK_THAT(result.out, ContainsSubstring("  FAULT "));
    CHECK_THAT(result.out, !ContainsSubstring("Passed."));
}
void expect_fault(const std::string& symbol, const std::string& says,
                  std::vector<std::string> more = {}) {
    expect_fault(check(symbol, std::move(more)), symbol, says);
}

void expect_pass(const Result& result) {
    INFO(result.err << result.out);
    CHECK(result.status == 0);
    CHECK(result.err.empty());
    CHECK(result.out.ends_with("Passed.\n"));
    CHECK_THAT(result.out, !ContainsSubstring("FAULT"));
}

}  // namespace

TEST_CASE("run_callback --check tells how a callback does not come back") {
    expect_fault("crashes",
                 "crashed (SIGSEGV) with NULL as its user data, in blocks of 256 frames");
    expect_fault("divides_by_zero", "crashed (SIGFPE), in blocks of 256 frames");
    expect_fault("exits", "ended the process (exit status 0), in blocks of 256 frames");
    expect_fault("exits_at_once", "ended the process (exit status 0), in blocks of 256 frames");
    expect_fault("hangs", "did not return within 0.5 s, in blocks of 1 frame",
                 {"--timeout", "0.5"});
    for (const auto& [number, name] :
         {std::pair{SIGKILL, "SIGKILL"}, {SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}}) {
        const Result killed = run({FIXTURE, "kills_itself", "--check"},
                                  {.environment = {{"SIGNAL", std::to_string(number)}}});
        INFO(killed.out);
        CHECK(killed.status == 1);
        CHECK(killed.err == "run_callback: " FIXTURE ": kills_itself: the callback was killed by " +
                                std::string{name} + ", in blocks of 256 frames\n");
    }
    const Result crashed = check("crashes");
    CHECK_THAT(crashed.out,
               ContainsSubstring("  -     stays inside its buffers\n") &&
                   ContainsSubstring("  FAULT comes back                      crashed (SIGSEGV)"));
}

TEST_CASE("run_callback --check keeps what it found before a crash") {
    const Result result = check("damages_and_aborts");
    expect_fault(result, "damages_and_aborts",
                 "crashed (SIGABRT), in blocks of 64 frames (and 1 other fault)");
    CHECK_THAT(result.out, ContainsSubstring("writes up to 4 bytes behind its output"));
}

TEST_CASE("run_callback --check tells each fault") {
    const std::string usual = ", in blocks of 256 frames";
    const std::string channels = "; is --channels right?";
    expect_fault("writes_past_end", "writes up to 4 bytes behind its output" + usual + channels);
    expect_fault("writes_before_start", "writes up to 4 bytes before its output" + usual);
    expect_fault("writes_to_input", "writes to its input" + usual);
    expect_fault("writes_between_channels",
                 "writes up to 4 bytes behind channel 0 of its output" + usual + channels,
                 {"--planar"});
    expect_fault("leaves_frames",
                 "leaves all of its output unwritten, in blocks of 1 frame" + channels);
    expect_fault("leaves_channel", "leaves channel 1 of its output unwritten" + usual + channels);
    expect_fault("gives_nan", "gives NaN (frame 2514, channel 0)" + usual);
    expect_fault("gives_infinity", "gives infinity (frame 2514, channel 0)" + usual);
    expect_fault("returns_seven",
                 "returns 7, which is none of paContinue (0), paComplete (1), paAbort (2)" + usual);
    expect_fault("swaps_in_place",
                 "says that it may work in place, but then gives -0.130729377 and not -0.2635445 "
                 "(frame 0, channel 1)");
    expect_fault(
        "rounds_down",
        "leaves the processor's floating-point control changed: another rounding mode" + usual);
}

TEST_CASE(
    "run_callback --check puts back the library's own variables, where that makes runs the same") {
    expect_pass(check("good_static"));
    const Result depends = check("fades_by_block_in_static");
    INFO(depends.out);
    CHECK(depends.status == 1);
    CHECK_THAT(
        depends.err,
        ContainsSubstring("the callback gives output that depends on the size of the blocks"));
    const Result noise = check("noise_without_seed");
    expect_pass(noise);
    CHECK_THAT(noise.out,
               ContainsSubstring("  note  gives the same again            is not repeatable"));
}

TEST_CASE("run_callback --check lets good callbacks pass") {
    expect_pass(check("good_gain"));
    expect_pass(check("good_planar", {"--planar"}));
    expect_pass(check("good_int16", {"--format", "int16"}));
    expect_pass(check("good_ending_in_static"));
    expect_pass(check("fades_by_block_in_static", {"--frames-per-buffer", "64"}));
    expect_pass(check("mixes_into_output", {"--in-place"}));
    const Result blind = check("crashes_without_input");
    expect_pass(blind);
    const std::string note =
        "  note  works without an input          crashed (SIGSEGV) where the "
        "input is NULL";
    CHECK_THAT(blind.out, ContainsSubstring(note + ": open it with input channels, or let its "
                                                   "description say that it has some\n"));
    CHECK_THAT(check("describes_its_input").out,
               ContainsSubstring(note + ", which a host may pass while it has none\n"));
    CHECK(check("good_gain", {"--quiet"}).out.empty());
}

TEST_CASE("run_callback --check lets the project's own callbacks pass") {
    expect_pass(run({BALANCE, "balance", "--check"}));
#ifdef SOFT_CLIP
    expect_pass(run({SOFT_CLIP, "soft_clip", "--check"}));
#endif
}

TEST_CASE("run_callback --check tells what it does not take and what it cannot do") {
    const auto usage = [](const Result& result, const std::string& says) {
        INFO(result.out);
        CHECK(result.status == 2);
        CHECK(result.err == "run_callback: " + says + "\n");
    };
    usage(check("good_gain", {"--input", "x.wav"}), "--check takes no --input");
    usage(check("good_gain", {"--seconds", "1"}), "--check takes no --seconds");
    usage(check("good_gain", {"--channels", "0"}), "--channels \"0\": there is no channel at all");
    usage(check("good_gain", {"--timeout", "0"}), "--timeout \"0\": a finite number above 0");
    usage(run({CHECKED, "good_gain", "--timeout", "1"}), "--timeout is for --check and --watch");
    const Result none = check("no_such_callback");
    CHECK(none.status == 1);
    CHECK_THAT(none.err, ContainsSubstring("no_such_callback: no such symbol"));
    const Result stateless = check("needs_some_state");
    CHECK(stateless.status == 1);
    CHECK_THAT(stateless.err, ContainsSubstring("needs_some_state: the state does not fit"));
    const Result huge = check("needs_huge_state");
    CHECK(huge.status == 1);
    CHECK(huge.err == "run_callback: " CHECKED
                      ": needs_huge_state: 18446744073709551615 bytes of state are too many\n");
}

TEST_CASE("run_callback --check says that a callback needs an input where it is to have none") {
    expect_fault("crashes_without_input",
                 "crashed (SIGSEGV) with NULL as its user data, in blocks of 256 frames",
                 {"--channels", "0:2"});
    expect_pass(check("good_gain", {"--channels", "0:2"}));
}

TEST_CASE("run_callback --check tells reads beyond the input, and which channel's") {
    const std::string usual = ", in blocks of 256 frames";
    const auto first_fault = [](const Result& result, const std::string& says) {
        INFO(result.err << result.out);
        CHECK(result.status == 1);
        CHECK_THAT(result.err, ContainsSubstring(": the callback " + says));
        CHECK_THAT(result.out,
                   ContainsSubstring("  FAULT stays inside its buffers        " + says));
    };
    first_fault(check("reads_past_end"), "reads beyond the end of its input" + usual);
    first_fault(check("reads_past_end", {"--frames-per-buffer", "480"}),
                "reads beyond the end of its input, in blocks of 480 frames");
    first_fault(check("reads_past_end", {"--in-place"}),
                "reads beyond the end of its input" + usual);
    first_fault(check("reads_before_start"), "reads before the start of its input" + usual);
    first_fault(check("reads_between_channels", {"--planar"}),
                "reads beyond the end of channel 0 of its input" + usual);
    expect_pass(check("good_gain", {"--frames-per-buffer", "37"}));
}

TEST_CASE("run_callback --check does not blame a callback alone for channels that nobody gave") {
    const auto check_mono = [](const char* symbol, std::vector<std::string> more = {}) {
        more.insert(more.begin(), {FIXTURE, symbol, "--check"});
        return run(more);
    };
    const Result guessed = check_mono("half_mono");
    INFO(guessed.err << guessed.out);
    CHECK(guessed.status == 1);
    CHECK(guessed.err.starts_with("run_callback: " FIXTURE ": half_mono: the callback leaves "));
    CHECK_THAT(guessed.err, ContainsSubstring("; is --channels right?"));
    CHECK_THAT(guessed.out, ContainsSubstring("; is --channels right?"));
    const Result wide = check_mono("copy_8", {"--format", "uint8"});
    CHECK_THAT(wide.err, ContainsSubstring("beyond the end of its input") &&
                             ContainsSubstring("; is --channels right?"));
    for (const char* given : {"3", "2:2"}) {
        const Result result = check_mono("half_mono", {"--channels", given});
        CHECK(result.status == 1);
        CHECK_THAT(result.err + result.out, !ContainsSubstring("right?"));
    }
    expect_pass(check_mono("half_mono", {"--channels", "1"}));
}

TEST_CASE("run_callback --check says why a callback aborts") {
    const std::string usual = "aborts after 0 frames, in blocks of 256 frames: ";
    expect_fault("fails", usual + "ValueError: the knob is off (fails.py:7)");
    const Result by_text = run({FIXTURE, "abort_with_reason", "--check"});
    CHECK(by_text.err == "run_callback: " FIXTURE ": abort_with_reason: the callback " + usual +
                             "ValueError: the knob is off\n");
}

TEST_CASE("run_callback --check says how much of its deadline the longest call takes") {
    const Result stalls = check("stalls", {"--frames-per-buffer", "256"});
    expect_pass(stalls);
    // "at worst 20.1 ms for 256 frames (377 % of the time that they last)."
    const std::size_t worst = stalls.out.find("at worst ");
    REQUIRE(worst != std::string::npos);
    const std::size_t share = stalls.out.find('(', worst);
    REQUIRE(share != std::string::npos);
    CHECK(std::stod(stalls.out.substr(share + 1)) > 100);
}

TEST_CASE("run_callback --check gives a callback the state that it would run on") {
    const Result good = check("good_filter");
    expect_pass(good);
    CHECK_THAT(good.out, ContainsSubstring("2 channels in, 2 out, user data 12 bytes of zeros\n"));
    CHECK_THAT(check("good_gain").out, ContainsSubstring("2 channels in, 2 out, user data NULL\n"));
    CHECK_THAT(check("does_without_state").out,
               ContainsSubstring("2 channels in, 2 out, user data NULL: it does not say that it "
                                 "needs its state of 4 bytes\n"));
    CHECK_THAT(run({BALANCE, "balance", "--check"}).out,
               ContainsSubstring("2 channels in, 2 out, user data 8 bytes\n"));
    expect_fault("writes_past_state", "writes up to 4 bytes behind its state of 8 bytes");
}
