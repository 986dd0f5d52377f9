// SPDX-License-Identifier: MIT
// run_callback --watch as somebody who edits hears and sees it, on the drop-in PortAudio: what is
// played is known to the sample.
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "catch.hpp"
#include "program.hpp"
#include "session.hpp"
#include "sound.hpp"

using namespace std::chrono_literals;
using program::eventually;
using program::Folder;
using program::Session;

namespace {

constexpr std::size_t period = 20011;  // frames of the input, no multiple of any block
constexpr std::size_t fade = 960;      // 20 ms

/// The machine's PortAudio may be a static library: then there is nothing to take the place of.
bool can_drop_in() {
    const program::Surroundings around{.program = "/usr/bin/ldd"};
    return program::run({RUN_CALLBACK}, around).out.find("libportaudio.so.2") != std::string::npos;
}

/// A folder with in.wav, stereo noise, and whatever a test watches.
struct Desk {
    Folder folder;
    std::vector<float> input = sound::noise(2 * period);
    std::map<std::string, std::string> environment{
        {"LD_LIBRARY_PATH", std::filesystem::path{DROP_IN}.parent_path().string()},
        {"PORTSPAN_MOCK_OUTPUT", folder / "out.wav"},
        {"CC", C_COMPILER},
        {"CFLAGS", "-fno-sanitize=all"}};

    Desk() {
        if (!can_drop_in()) FAIL("skipped: this machine's PortAudio is no shared library");
        sound::write(folder / "in.wav", {2, 48000, sound::wav_float, input});
    }

    std::vector<std::string> watching(const std::string& name,
                                      const std::vector<std::string>& more = {}) const {
        std::vector<std::string> words{"--watch", folder / name, "--input", folder / "in.wav"};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
    /// As editors save: another file takes its place.
    void save(const std::string& name, const std::string& content) const {
        sound::write_bytes(folder / (name + ".new"), content);
        std::filesystem::rename(folder / (name + ".new"), folder / name);
    }
    std::vector<float> played() const { return sound::read(folder / "out.wav").samples; }
    /// Whether the last tenth of a second is the input with this gain.
    bool sounds(float gain) const {
        const std::vector<float> output = played();
        constexpr std::size_t last = 4800;
        if (output.size() < 2 * last) return false;
        for (std::size_t i = output.size() - 2 * last; i < output.size(); ++i) {
            if (output[i] != gain * input[i % input.size()]) return false;
        }
        return true;
    }

    /// Follows the gains through all that was played, and returns at which frames one gives way to
    /// the next; fails where anything outside of the fades is not exactly what it should be, and
    /// where a fade is none.
    std::vector<std::size_t> changes(const std::vector<float>& gains) const {
        const std::vector<float> output = played();
        std::vector<std::size_t> places;
        std::size_t version = 0;
        for (std::size_t i = 0; i < output.size();) {
            const float x = input[i % input.size()];
            if (output[i] == gains[version] * x) {
                ++i;
                continue;
            }
            if (i % 2 != 0) --i;
            if (++version == gains.size()) {
                FAIL_CHECK("frame " << i / 2 << " of " << output.size() / 2 << " is wrong");
                return places;
            }
            // The first frames of a fade may be as they were, where the input is silent.
            places.push_back(i / 2);
            for (std::size_t f = 0; f < fade && i < output.size(); ++i) {
                const double way = (double(f) + 1) / (double(fade) + 1);
                const double y = input[i % input.size()];
                const double mixed =
                    float(gains[version - 1] * y) * (1 - way) + float(gains[version] * y) * way;
                if (std::abs(output[i] - mixed) > 1e-6) {
                    FAIL_CHECK("frame " << f << " of the fade at " << places.back() << " is "
                                        << output[i] << ", should be " << mixed);
                    return places;
                }
                f += i % 2;
            }
        }
        CHECK(version + 1 == gains.size());
        return places;
    }
};

std::string gain_in_c(const std::string& gain) {
    std::string source = sound::bytes(WATCHED_GAIN_SOURCE);
    const std::string word = "GAIN";
    return source.replace(source.rfind(word + " *"), word.size(), gain);
}

/// A gain that can be turned.
std::string turned_in_c(const std::string& more_in_state = "",
                        const std::string& layout = "level:f4:0;steps:i4:4;size:8") {
    return R"(
#include <portspan/description.h>
struct turned { float level; int steps; )" +
           more_in_state + R"( };
PORTSPAN_EXTERN const char turned_portspan_state[];
const char turned_portspan_state[] = ")" +
           layout + R"(";
PORTSPAN_EXTERN const struct turned turned_portspan_initial;
const struct turned turned_portspan_initial = {.level = 0.5f, .steps = 3};
PORTSPAN_DESCRIBE(turned, .input_format = 1, .output_format = 1, .layout = PORTSPAN_INTERLEAVED,
                  .properties = PORTSPAN_NEEDS_STATE, .input_channels = 2, .output_channels = 2,
                  .state_size = sizeof(struct turned));
PORTSPAN_EXPORT int turned(const void* input, void* output, unsigned long frames, const void* time,
                           unsigned long flags, void* user);
int turned(const void* input, void* output, unsigned long frames, const void* time,
           unsigned long flags, void* user) {
    const float* in = input;
    float* out = output;
    const float level = ((struct turned*)user)->level;
    if (level > 8) *(volatile int*)8 = 1;
    for (unsigned long i = 0; i < 2 * frames; ++i) out[i] = level * in[i];
    return level > 4 ? 1 : 0;
}
)";
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++found;
    return found;
}

}  // namespace

TEST_CASE("A library that is replaced is heard, with nothing but a fade in between") {
    const Desk desk;
    desk.save("libgain.so", sound::bytes(WATCHED_HALF));
    Session session{desk.watching("libgain.so", {"gain", "--stats"}), desk.environment};
    REQUIRE(session.says("watching"));
    REQUIRE(eventually([&] { return desk.sounds(0.5f); }));
    SECTION("by another file") { desk.save("libgain.so", sound::bytes(WATCHED_EIGHTH)); }
    SECTION("written over") {
        sound::write_bytes(desk.folder / "libgain.so", sound::bytes(WATCHED_EIGHTH));
    }
    CHECK(session.says("libgain.so: heard "));
    CHECK(eventually([&] { return desk.sounds(0.125f); }));
    session.send(SIGINT);
    CHECK(session.finish() == 0);
    INFO(session.said());
    CHECK(desk.changes({0.5f, 0.125f}).size() == 1);
    CHECK_THAT(session.said(), ContainsSubstring("where it was interrupted"));
    CHECK(desk.folder.names() == std::set<std::string>{"in.wav", "libgain.so", "out.wav"});
}

TEST_CASE("A half-saved library is told, and the sound goes on") {
    const Desk desk;
    desk.save("libgain.so", sound::bytes(WATCHED_HALF));
    Session session{desk.watching("libgain.so"), desk.environment};
    REQUIRE(session.says("watching"));
    const std::string whole = sound::bytes(WATCHED_EIGHTH);
    sound::write_bytes(desk.folder / "libgain.so", whole.substr(0, whole.size() / 3));
    CHECK(session.says("the last one goes on"));
    sound::write_bytes(desk.folder / "libgain.so", whole);
    CHECK(session.says("heard"));
    CHECK(eventually([&] { return desk.sounds(0.125f); }));
    session.type("q\n");
    CHECK(session.finish() == 0);
    INFO(session.said());
    CHECK(desk.changes({0.5f, 0.125f}).size() == 1);
}

TEST_CASE("What does not compile or behave is told with line and word, the sound goes on") {
    const Desk desk;
    desk.save("gain.c", gain_in_c("0.5f"));
    Session session{desk.watching("gain.c"), desk.environment};
    REQUIRE(session.says("watching"));
    std::size_t place = session.said().size();
    desk.save("gain.c", gain_in_c("0.25f + volume"));
    CHECK(session.says("gain.c: it does not compile; the last one goes on\n", place));
    CHECK(session.says("gain.c:12:", place));
    CHECK(session.says("volume", place));

    place = session.said().size();
    std::string outside = gain_in_c("0.25f");
    outside.replace(outside.find("2 * frames"), 10, "3 * frames");
    desk.save("gain.c", outside);
    CHECK(session.says("gain.c: gain: the callback ", place));
    CHECK(session.says("; the last one goes on\n", place));

    place = session.said().size();
    desk.save("gain.c", "int other(void) { return 0; }\nint third(void) { return 0; }\n");
    CHECK(session.says("has several functions, say which: other, third", place));

    place = session.said().size();
    desk.save("gain.c", gain_in_c("0.25f"));
    CHECK(session.says("heard", place));
    CHECK(eventually([&] { return desk.sounds(0.25f); }));
    session.send(SIGTERM);
    CHECK(session.finish() == 0);
    INFO(session.said());
    CHECK(desk.changes({0.5f, 0.25f}).size() == 1);
}

TEST_CASE("A source may be gone for a while, and what it includes counts as well") {
    const Desk desk;
    desk.save("level.h", "#define LEVEL 0.5f\n");
    desk.save("gain.c", "#include \"level.h\"\n" + gain_in_c("LEVEL"));
    Session session{desk.watching("gain.c"), desk.environment};
    REQUIRE(session.says("watching"));
    const std::string source = sound::bytes(desk.folder / "gain.c");
    std::filesystem::remove(desk.folder / "gain.c");
    CHECK(session.says("gain.c is gone, the sound goes on"));
    sound::write_bytes(desk.folder / "gain.c", source);
    CHECK(session.says("gain.c is back as it was"));
    CHECK(count(session.said(), "heard") == 0);
    desk.save("level.h", "#define LEVEL 0.25f\n");
    CHECK(session.says("heard"));
    CHECK(eventually([&] { return desk.sounds(0.25f); }));
    // A mistake in what a save includes for the first time, and what is not there yet.
    desk.save("more.h", "int more = ;\n");
    desk.save("gain.c", "#include \"more.h\"\n" + source);
    CHECK(session.says("does not compile"));
    desk.save("more.h", "static int more;\n");
    CHECK(eventually([&] { return count(session.said(), "heard") == 2; }));
    const std::string last = "#include \"later.h\"\n" + source;
    desk.save("gain.c", last);
    CHECK(session.says("later.h: No such file"));
    desk.save("later.h", "static int later;\n");
    CHECK(eventually([&] { return count(session.said(), "heard") == 3; }));
    // Touched, and not changed.
    desk.save("gain.c", last);
    std::this_thread::sleep_for(500ms);
    CHECK(count(session.said(), "heard") == 3);
    session.type("q\n");
    CHECK(session.finish() == 0);
    INFO(session.said());
    CHECK(desk.changes({0.5f, 0.25f}).size() == 1);
}

TEST_CASE("Of many saves in a row the last one is heard in the end") {
    const Desk desk;
    desk.save("gain.c", gain_in_c("1.0f"));
    Session session{desk.watching("gain.c"), desk.environment};
    REQUIRE(session.says("watching"));
    for (int i = 1; i <= 20; ++i) {
        // One in three is half a file.
        const std::string source = gain_in_c(std::to_string(i) + ".0f / 32");
        if (i % 3 == 0) sound::write_bytes(desk.folder / "gain.c", source.substr(0, 200));
        sound::write_bytes(desk.folder / "gain.c", source);
        std::this_thread::sleep_for(100ms);
    }
    CHECK(eventually([&] { return desk.sounds(20.0f / 32); }));
    std::this_thread::sleep_for(300ms);
    CHECK(desk.sounds(20.0f / 32));
    session.type("q\n");
    CHECK(session.finish() == 0);
}

TEST_CASE("A compiler that hangs is ended in time, with what it has started") {
    const Desk desk;
    desk.save("gain.c", gain_in_c("0.5f"));
    sound::write_bytes(desk.folder / "cc", "#!/bin/sh\nif [ -e \"" + (desk.folder / "hang") +
                                               "\" ]; then sleep 100 & echo $! > \"" +
                                               (desk.folder / "pid") +
                                               "\"; wait; fi\nexec " C_COMPILER " \"$@\"\n");
    std::filesystem::permissions(desk.folder / "cc", std::filesystem::perms::owner_all);
    auto environment = desk.environment;
    environment["CC"] = desk.folder / "cc";
    Session session{desk.watching("gain.c", {"--timeout", "1"}), environment};
    REQUIRE(session.says("watching"));
    sound::write_bytes(desk.folder / "hang", "");
    desk.save("gain.c", gain_in_c("0.25f"));
    CHECK(session.says("took longer than 1 s"));
    const int sleeper = std::stoi("0" + sound::bytes(desk.folder / "pid"));
    REQUIRE(sleeper > 0);
    CHECK(eventually([&] { return kill(sleeper, 0) != 0; }));
    std::filesystem::remove(desk.folder / "hang");
    desk.save("gain.c", gain_in_c("0.125f"));
    CHECK(session.says("heard"));
    session.type("q\n");
    CHECK(session.finish() == 0);
    INFO(session.said());
    CHECK(desk.changes({0.5f, 0.125f}).size() == 1);
}

TEST_CASE(
    "Numbers are set from the command line and by lines, and kept from one version to the next") {
    const Desk desk;
    desk.save("turned.c", turned_in_c());
    Session session{desk.watching("turned.c", {"--set", "level=0.25", "--set", "steps=-7"}),
                    desk.environment};
    REQUIRE(session.says("watching"));
    REQUIRE(eventually([&] { return desk.sounds(0.25f); }));
    session.type("level = 0.375\n");
    CHECK(eventually([&] { return desk.sounds(0.375f); }));
    session.type("loudness=1\nsteps=1.5\nsteps=4294967296\nlevel=nan\nlevel\nlevel=0.");
    CHECK(session.says("\"loudness\": there is no such number, there are level, steps\n"));
    CHECK(session.says("steps \"1.5\": it holds whole numbers from -2147483648 to 2147483647\n"));
    CHECK(session.says("steps \"4294967296\": it holds whole numbers"));
    CHECK(session.says("level \"nan\": it is no finite number\n"));
    CHECK(session.says("\"level\": NAME=VALUE is wanted, reset or quit\n"));
    // Another layout: what was set goes by its name.
    desk.save("turned.c", turned_in_c("double past[2]; float tone;",
                                      "level:f4:0;steps:i4:4;past:f8[2]:8;tone:f4:24;size:32"));
    CHECK(session.says("heard"));
    std::this_thread::sleep_for(300ms);
    CHECK(desk.sounds(0.375f));
    session.type("75\nreset\n");  // the line that was begun is finished
    CHECK(eventually([&] { return desk.sounds(0.5f); }));
    // Another one has no such number.
    std::string other = turned_in_c();
    for (std::size_t at = 0; (at = other.find("level:f4", at)) != other.npos;) {
        other.replace(at, 5, "vol_2");
    }
    session.type("level=0.25\n");
    CHECK(eventually([&] { return desk.sounds(0.25f); }));
    desk.save("turned.c", other);
    CHECK(session.says("; it has no level\n"));
    CHECK(eventually([&] { return desk.sounds(0.5f); }));
    session.type("q\n");
    CHECK(session.finish() == 0);
}

TEST_CASE("A number is set between two blocks") {
    const Desk desk;
    desk.save("turned.c", turned_in_c());
    Session session{desk.watching("turned.c", {"--set", "level=0.25"}), desk.environment};
    REQUIRE(session.says("watching"));
    REQUIRE(eventually([&] { return desk.sounds(0.25f); }));
    session.type("level=0.75\n");
    CHECK(eventually([&] { return desk.sounds(0.75f); }));
    session.type("q\n");
    CHECK(session.finish() == 0);
    const std::vector<float> output = desk.played();
    std::size_t wrong = 0;
    bool is_new = false;
    for (std::size_t block = 0; block < output.size(); block += 2 * 256) {
        const auto is = [&](float gain) {
            for (std::size_t i = block; i < block + 2 * 256; ++i) {
                if (output[i] != gain * desk.input[i % desk.input.size()]) return false;
            }
            return true;
        };
        is_new = is_new || !is(0.25f);
        wrong += !is(is_new ? 0.75f : 0.25f);
    }
    CHECK(is_new);
    CHECK(wrong == 0);
}

TEST_CASE("A callback that wants no more is silent until the next save") {
    const Desk desk;
    desk.save("turned.c", turned_in_c());
    Session session{desk.watching("turned.c"), desk.environment};
    REQUIRE(session.says("watching"));
    session.type("level=5\n");
    CHECK(session.says("turned.c: the callback completed; there is silence until the next save"));
    CHECK(eventually([&] { return desk.sounds(0); }));
    session.type("reset\n");
    desk.save("turned.c", turned_in_c("int unused;", "level:f4:0;steps:i4:4;size:12"));
    CHECK(session.says("heard"));
    CHECK(eventually([&] { return desk.sounds(0.5f); }));
    session.type("q\n");
    CHECK(session.finish() == 0);
}

TEST_CASE("Numbers are set without --watch, live and offline, and a wrong one is told") {
    const Desk desk;
    desk.save("turned.c", turned_in_c());
    const std::string library = desk.folder / "libturned.so";
    REQUIRE(program::run({"-shared", "-fPIC", "-I", PORTSPAN_INCLUDE, "-o", library,
                          desk.folder / "turned.c"},
                         {.program = C_COMPILER})
                .status == 0);
    const auto run = [&](const std::vector<std::string>& more) {
        std::vector<std::string> words{library, "turned", "--input", desk.folder / "in.wav"};
        words.insert(words.end(), more.begin(), more.end());
        return program::run(words, {.environment = desk.environment});
    };
    const auto offline = run({"--output", desk.folder / "o.wav", "--set", "level=0.375"});
    INFO(offline.err);
    CHECK(offline.status == 0);
    std::vector<float> expected = desk.input;
    for (float& x : expected) x *= 0.375f;
    CHECK(sound::difference(sound::read(desk.folder / "o.wav").samples, expected) == "");
    const auto live = run({"--output", "device", "--set", "level=0.375"});
    CHECK(live.status == 0);
    std::vector<float> played = desk.played();
    REQUIRE(played.size() >= expected.size());
    played.resize(expected.size());
    CHECK(sound::difference(played, expected) == "");

    CHECK(run({"--output", desk.folder / "o.wav"}).status == 0);
    for (float& x : expected) x *= 0.5f / 0.375f;
    CHECK(sound::difference(sound::read(desk.folder / "o.wav").samples, expected) == "");

    for (const auto& [setting, says] : std::map<std::string, std::string>{
             {"lvl=1", "\"lvl\": there is no such number, there are level, steps\n"},
             {"steps=x", "steps \"x\": it is no finite number"},
             {"level", "--set \"level\": NAME=VALUE is wanted\n"}}) {
        for (const std::string& output : {desk.folder / "o.wav", std::string{"device"}}) {
            const auto wrong = run({"--output", output, "--set", setting});
            INFO(setting << wrong.err);
            CHECK(wrong.status == 2);
            CHECK(wrong.lines_of_err() == 1);
            CHECK_THAT(wrong.err, ContainsSubstring(says));
        }
    }
    const auto none = program::run({WATCHED_HALF, "gain", "--input", desk.folder / "in.wav",
                                    "--output", "device", "--set", "level=1"},
                                   {.environment = desk.environment});
    CHECK(none.status == 2);
    CHECK_THAT(none.err, ContainsSubstring("tells of no number that could be set"));
}

TEST_CASE("A command line that cannot be meant ends at once") {
    const Desk desk;
    desk.save("gain.c", gain_in_c("0.5f"));
    desk.save("bad.c", "int gain(void) { return x; }\n");
    desk.save("gain.txt",
              "a text that is longer than the header of a library, and no library at all");
    const std::string source = desk.folder / "gain.c";
    struct Mistake {
        int status;
        std::vector<std::string> arguments;
        std::string says;
    };
    for (const Mistake& mistake : std::vector<Mistake>{
             {1, {"--watch", desk.folder / "no.c"}, "no.c: there is no such file"},
             {1, {"--watch", desk.folder.operator/("")}, "there is no such file"},
             {1, {"--watch", desk.folder / "bad.c"}, "bad.c: it does not compile\n"},
             {1,
              {"--watch", source, "volume"},
              "gain.c: there is no function volume, there is gain\n"},
             {1,
              {"--watch", desk.folder / "gain.txt"},
              "gain.txt: it is no shared library; a source ends in .py, .c, .cpp"},
             {2, {"--watch", source, "gain", "more"}, "\"more\" is too much"},
             {2, {"--watch", source, "--output", desk.folder / "o.wav"}, "has to be a device"},
             {2, {"--watch", source, "--check"}, "--check takes no --watch"},
             {2, {"--watch", source, "--fade", "-1"}, "--fade \"-1\": "},
             {2, {WATCHED_HALF, "gain", "--fade", "1", "--output", "device"}, "is for --watch"},
             {2, {"--watch", source, "--input", "device", "--output", source}, ""},
         }) {
        const auto result = program::run(mistake.arguments, {.environment = desk.environment});
        INFO(mistake.says << "\n" << result.err << result.out);
        CHECK(result.status == mistake.status);
        CHECK(result.err.starts_with("run_callback: "));
        CHECK_THAT(result.err, ContainsSubstring(mistake.says));
        CHECK(result.out == "");
    }
    CHECK(sound::bytes(source) == gain_in_c("0.5f"));
}

TEST_CASE("Without a terminal there is a line each second, and with --quiet what is bad alone") {
    const Desk desk;
    desk.save("gain.c", gain_in_c("0.5f"));
    for (const bool quiet : {false, true}) {
        desk.save("gain.c", gain_in_c("0.5f"));
        std::vector<std::string> words = desk.watching("gain.c", {"--seconds", "2.5"});
        if (quiet) words.emplace_back("--quiet");
        Session session{words, desk.environment};
        if (!quiet) REQUIRE(session.says("watching"));
        REQUIRE(eventually([&] { return desk.sounds(0.5f); }));
        desk.save("gain.c", "int x = ;\n");
        CHECK(session.says("does not compile"));
        CHECK(session.finish() == 0);
        INFO(session.said());
        CHECK(count(session.said(), "\033") == 0);
        CHECK(count(session.said(), " of 0:02.5  in ") == (quiet ? 0 : 2));
        CHECK(count(session.said(), "load ") == (quiet ? 0 : 2));
        CHECK(count(session.said(), "watching") == (quiet ? 0 : 1));
        CHECK(session.said().ends_with("\n"));
    }
}

TEST_CASE("A report is drawn in the end, and what was played is in it") {
    const Desk desk;
    desk.save("gain.c", gain_in_c("0.5f"));
    Session session{
        desk.watching("gain.c", {"--seconds", "0.6", "--report", desk.folder / "r.svg"}),
        desk.environment};
    CHECK(session.finish() == 0);
    CHECK_THAT(sound::bytes(desk.folder / "r.svg"), ContainsSubstring("</svg>"));
}

TEST_CASE("On a terminal there is a screen, keys turn numbers, and all is as before in the end") {
    if (!program::has_pseudo_terminals()) {
        WARN("not tested: this machine has no pseudo terminals (is /dev/pts there?)");
        return;
    }
    const std::string enter = "\033[?1049h\033[?25l", leave = "\033[0m\033[?25h\033[?1049l";
    Desk desk;
    desk.save("turned.c", turned_in_c());
    desk.environment["TERM"] = "xterm";

    SECTION("q ends it") {
        Session session{desk.watching("turned.c"), desk.environment, true};
        REQUIRE(session.says("j k select   + - turn"));
        CHECK(count(session.said(), enter) == 1);
        CHECK((session.modes().c_lflag & ICANON) == 0);
        CHECK(session.says("\033[7m> 1 level  0.5\033[0m"));
        session.type("+");
        CHECK(session.says("\033[7m> 1 level  0.55\033[0m"));
        CHECK(eventually([&] { return desk.sounds(0.55f); }));
        session.type("\033[D\033[D");
        CHECK(session.says("\033[7m> 1 level  0.4455\033[0m"));
        session.type("j++k");
        CHECK(session.says("  2 steps  5"));
        session.type("2-");
        CHECK(session.says("\033[7m> 2 steps  4\033[0m"));
        session.type("r");
        CHECK(eventually([&] { return desk.sounds(0.5f); }));
        std::size_t place = session.said().size();
        desk.save("turned.c", "int x = ;\n");
        CHECK(session.says("does not compile", place));
        CHECK(session.says("1 | int x = ;", place));
        // The meters go first where there is little room.
        session.resize(40, 10);
        place = session.said().size();
        for (const char* kept : {"does not compile", "int x = ;", "> 2 steps", "j k select"}) {
            CHECK(session.says(kept, place));
        }
        // Whatever the size is, a line ends where the terminal does.
        for (const auto& [columns, rows] :
             std::vector<std::pair<unsigned short, unsigned short>>{{30, 10}, {1, 1}, {200, 60}}) {
            session.resize(columns, rows);
            place = session.said().size();
            REQUIRE(eventually([&] { return count(session.said().substr(place), "\033[H") >= 3; }));
            std::string drawn = session.said().substr(place);
            drawn.erase(0, drawn.find("\033[H", drawn.find("\033[H") + 1) + 3);
            drawn.erase(drawn.find("\033[J"));
            CHECK(count(drawn, "\n") < rows);
            for (const char* code : {"\033[K", "\033[7m", "\033[0m", "\r"}) {
                for (std::size_t at = 0; (at = drawn.find(code)) != drawn.npos;) {
                    drawn.erase(at, std::string{code}.size());
                }
            }
            std::size_t width = 0;
            for (const char c : drawn) {
                if (c == '\n') width = 0;
                width += c != '\n' && (c & 0xc0) != 0x80;
                if (width > columns) FAIL("more than " << columns << " columns: " << drawn);
            }
        }
        place = session.said().size();
        session.type("q");
        CHECK(session.finish() == 0);
        CHECK(count(session.said(), leave) == 1);
        CHECK(session.said().find("processed", session.said().find(leave)) != std::string::npos);
    }
    SECTION("Ctrl-C ends it") {
        Session session{desk.watching("turned.c"), desk.environment, true};
        REQUIRE(session.says("j k select"));
        session.type("\003");
        CHECK(session.finish() == 0);
        CHECK(count(session.said(), leave) == 1);
    }
    SECTION("a crash ends it") {
        Session session{desk.watching("turned.c", {"--set", "level=3.9"}), desk.environment, true};
        REQUIRE(session.says("j k select"));
        const termios during = session.modes();
        CHECK((during.c_lflag & ECHO) == 0);
        session.type(std::string(9, '+'));
        static_cast<void>(session.finish());
        INFO(session.said());
        CHECK(count(session.said(), leave) == 1);
        const std::size_t last = session.said().find(leave);
        CHECK(session.said().find("crashed (SIGSEGV); it was called with", last) !=
              std::string::npos);
        CHECK(session.said().find("user data 8 bytes", last) != std::string::npos);
    }
    SECTION("a dumb one has a line") {
        desk.environment["TERM"] = "dumb";
        Session session{desk.watching("turned.c", {"--seconds", "1.5"}), desk.environment, true};
        CHECK(session.finish() == 0);
        CHECK(count(session.said(), enter) == 0);
        CHECK_THAT(session.said(), ContainsSubstring("\r\033[K"));
        CHECK_THAT(session.said(), ContainsSubstring("watching"));
    }
}
