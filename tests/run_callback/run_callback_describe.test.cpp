// SPDX-License-Identifier: MIT
// run_callback and what callbacks say about themselves: it is shown, it is the default, and an
// option that says something else is a failure.
#if defined(__ELF__)
#include <link.h>
#endif

#include <cstddef>
#include <cstring>
#include <random>

#include "catch.hpp"
#include "program.hpp"
#include "sound.hpp"

using program::Folder;
using program::Result;
using program::run;

namespace {

const std::string library = DESCRIBED;

/// The callback on a file of the folder, to another one.
std::vector<std::string> on_file(const Folder& folder, const std::string& symbol,
                                 const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{library,           symbol,     "--input",
                                   folder / "in.wav", "--output", folder / "out.wav"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

void write_input(const Folder& folder, int channels = 2, int format = sound::wav_float) {
    const auto samples = sound::noise(2000 * static_cast<std::size_t>(channels), 15);
    sound::write(folder / "in.wav", {channels, 48000, format, samples});
}

/// One line that says all of this, and no file.
void check_failure(const Folder& folder, const std::vector<std::string>& arguments,
                   const std::string& says) {
    const auto before = folder.names();
    const Result result = run(arguments);
    CHECK(result.status == 1);
    CHECK(result.err == "run_callback: " + says + "\n");
    CHECK(result.out == "");
    CHECK(folder.names() == before);
}

std::string misfit(const std::string& symbol, const std::string& why) {
    return library + ": " + symbol + ": the callback does not fit the stream (" + why + ")";
}

void check_halved(const Folder& folder) {
    const auto in = sound::read(folder / "in.wav");
    const auto out = sound::read(folder / "out.wav");
    std::vector<float> halved;
    for (const float x : in.samples) {
        halved.push_back(out.format == sound::wav_16
                             ? static_cast<float>(static_cast<int>(x * 32768) / 2) / 32768
                             : x / 2);
    }
    CHECK(out.channels == 2);
    CHECK(sound::difference(out.samples, halved) == "");
}

}  // namespace

TEST_CASE("What a callback says about itself needs no options") {
    const Folder folder;
    SECTION("interleaved float32") {
        write_input(folder);
        CHECK(run(on_file(folder, "half_stereo")).status == 0);
        check_halved(folder);
    }
    SECTION("planar int16") {
        write_input(folder, 2, sound::wav_16);
        CHECK(run(on_file(folder, "half_planar_int16")).status == 0);
        CHECK(sound::read(folder / "out.wav").format == sound::wav_16);
        check_halved(folder);
    }
    SECTION("two channels of a mono file") {
        write_input(folder, 1);
        CHECK(run(on_file(folder, "half_stereo")).status == 0);
        CHECK(sound::read(folder / "out.wav").channels == 2);
    }
    SECTION("another number out than in") {
        write_input(folder, 1);
        CHECK(run(on_file(folder, "mono_to_stereo")).status == 0);
        CHECK(sound::read(folder / "out.wav").channels == 2);
    }
    SECTION("no input") {
        const Result result =
            run({library, "generator", "--output", folder / "out.wav", "--seconds", "0.01"});
        CHECK(result.status == 0);
        const auto out = sound::read(folder / "out.wav");
        CHECK(out.channels == 1);
        CHECK(out.format == sound::wav_16);
        CHECK(sound::difference(out.samples, std::vector<float>(480, 0.5f)) == "");
    }
    SECTION("an input that it does not touch") {
        write_input(folder);
        CHECK(run(on_file(folder, "generator")).status == 0);
        CHECK(sound::read(folder / "out.wav").channels == 1);
    }
    SECTION("no output") {
        write_input(folder);
        CHECK(run({library, "meter", "--input", folder / "in.wav"}).status == 0);
    }
    SECTION("its largest block") {
        write_input(folder);
        CHECK(run(on_file(folder, "small_blocks")).status == 0);
    }
}

TEST_CASE("Options that say the same are no mistake") {
    const Folder folder;
    write_input(folder, 2, sound::wav_16);
    CHECK(run(on_file(folder, "half_planar_int16",
                      {"--format", "int16", "--planar", "--channels", "2:2"}))
              .status == 0);
    CHECK(run(on_file(folder, "small_blocks", {"--frames-per-buffer", "64"})).status == 0);
    CHECK(run(on_file(folder, "half_stereo", {"--in-place"})).status == 0);
    CHECK(run(on_file(folder, "reads_ahead")).status == 0);
}

TEST_CASE("An option that says something else than the callback is a failure") {
    const Folder folder;
    write_input(folder);
    check_failure(folder, on_file(folder, "half_stereo", {"--format", "int16"}),
                  misfit("half_stereo",
                         "it takes 2 interleaved float32 channels in, the stream "
                         "has 2 int16 channels"));
    check_failure(folder, on_file(folder, "generator", {"--format", "int24"}),
                  misfit("generator",
                         "it gives 1 int16 channel out, the stream has 1 int24 "
                         "channel"));
    check_failure(folder, on_file(folder, "half_stereo", {"--planar"}),
                  misfit("half_stereo",
                         "it takes 2 interleaved float32 channels in, the stream "
                         "has 2 planar channels"));
    check_failure(
        folder, on_file(folder, "half_stereo", {"--channels", "3:2"}),
        misfit("half_stereo", "it takes 2 interleaved float32 channels in, the stream has 3"));
    check_failure(
        folder, on_file(folder, "half_stereo", {"--channels", "2:1"}),
        misfit("half_stereo", "it gives 2 interleaved float32 channels out, the stream has 1"));
    check_failure(folder, on_file(folder, "small_blocks", {"--frames-per-buffer", "65"}),
                  misfit("small_blocks", "it takes at most 64 frames a call, the stream has 65"));
    check_failure(folder, on_file(folder, "reads_ahead", {"--in-place"}),
                  misfit("reads_ahead", "it must not work in place"));
}

TEST_CASE("A callback that says that it needs a state gets one") {
    const Folder folder;
    write_input(folder);
    CHECK(run(on_file(folder, "stateful")).status == 0);
}

TEST_CASE("A callback that cannot work here says why") {
    const Folder folder;
    write_input(folder);
    check_failure(folder, on_file(folder, "meter"),
                  misfit("meter", "it gives no channels out, the stream has 2"));
    check_failure(folder,
                  {library, "half_stereo", "--output", folder / "out.wav", "--seconds", "1"},
                  misfit("half_stereo",
                         "it takes 2 interleaved float32 channels in, the stream "
                         "has none"));
    check_failure(folder, on_file(folder, "newer"),
                  library +
                      ": newer: the callback's description cannot be read (it has ABI "
                      "version 7, this portspan knows version 1)");
    check_failure(folder, on_file(folder, "mixed"),
                  library +
                      ": mixed takes other samples than it gives, run_callback has one "
                      "--format: int16 channels in, float32 channels out");
    check_failure(folder, on_file(folder, "mono_to_stereo"),
                  folder / "in.wav" + " has 2 channels, mono_to_stereo takes 1");
    check_failure(folder, on_file(folder, "crowd"),
                  misfit("crowd", "it takes 1000 channels in, the stream has 2"));
    write_input(folder, 1);
    check_failure(folder, on_file(folder, "wrong_about_itself"),
                  library +
                      ": wrong_about_itself: wrote beyond its output of 1 channel x 256 "
                      "frames; is what it says about itself right?");
}

#if defined(__ELF__)
TEST_CASE("A library's callbacks are listed with what they say") {
    const Result result = run({"--describe", library});
    CHECK(result.status == 0);
    CHECK(result.err == "");
    CHECK(result.out ==
          "crowd               1000 channels in\n"
          "forgotten           1 channel in; but no such function is exported\n"
          "generator           no channels in, 1 int16 channel out\n"
          "half_planar_int16   2 planar int16 channels in and out\n"
          "half_stereo         2 interleaved float32 channels in and out\n"
          "meter               2 int16 channels in, no channels out\n"
          "mixed               int16 channels in, float32 channels out\n"
          "mono_to_stereo      1 channel in, 2 channels out\n"
          "newer               the callback's description cannot be read (it has ABI version 7, "
          "this portspan knows version 1)\n"
          "reads_ahead         must not work in place\n"
          "says_nothing        exported, does not say\n"
          "small_blocks        at most 64 frames a call\n"
          "stateful            needs a state of 24 bytes\n"
          "wrong_about_itself  1 channel in and out\n");
}

TEST_CASE("A library without a callback, or in need of Python, says so") {
    const Result nothing = run({"--describe", RUN_CALLBACK});
    CHECK(nothing.status == 0);
    CHECK(nothing.out == "No function is exported.\n");
    const Result embedding = run({"--describe", EMBEDDING});
    CHECK(embedding.status == 0);
    CHECK(embedding.out ==
          "quieter  exported, does not say\n"
          "The library starts a Python interpreter of its own, before any audio.\n");
    const Result module = run({"--describe", PYTHON_MODULE});
    CHECK(module.status == 0);
    CHECK(module.out ==
          "quieter  exported, does not say\n"
          "The library needs the interpreter of a Python program that loads it.\n");
}

TEST_CASE("What is no library is named") {
    const Folder folder;
    sound::write_bytes(folder / "text.so", "not a library");
    sound::write_bytes(folder / "long.so", std::string(1000, 'x'));
    sound::write_bytes(folder / "empty.so", "");
    const std::string whole = sound::bytes(library);
    sound::write_bytes(folder / "half.so", whole.substr(0, whole.size() / 2));
    std::string foreign = whole;
    foreign[4] = static_cast<char>(3 - foreign[4]);  // the other of 32 and 64 bit
    sound::write_bytes(folder / "foreign.so", foreign);
    const auto refused = [&](const std::string& name, const std::string& why) {
        check_failure(folder, {"--describe", name}, "cannot read " + name + ": " + why);
    };
    refused(folder / "text.so", "it is no shared library");
    refused(folder / "long.so", "it is no shared library");
    refused(folder / "empty.so", "it is no shared library");
    refused(folder / "half.so", "it ends too early");
    refused(folder / "foreign.so", "it is for another kind of machine");
    refused(folder / "none.so", "No such file or directory");
    refused(folder / "", "it is a folder");
    refused("/dev/null", "it is not a regular file");
    CHECK(run({"--describe", ""}).status == 2);
    CHECK(run({"--describe"}).status == 2);
    CHECK(run({"--describe", library, "half_stereo"}).status == 2);
}

TEST_CASE("A damaged library is described or refused, and nothing worse") {
    const Folder folder;
    const std::string whole = sound::bytes(library);
    const auto check_damaged = [&](const std::string& damaged) {
        sound::write_bytes(folder / "damaged.so", damaged);
        const Result result = run({"--describe", folder / "damaged.so"});
        INFO(result.status << " " << result.err);
        CHECK((result.status == 0 || (result.status == 1 && result.lines_of_err() == 1)));
        CHECK_THAT(result.err, !ContainsSubstring("memory"));
    };
    ElfW(Ehdr) header;
    std::memcpy(&header, whole.data(), sizeof header);
    for (std::size_t i = 0; i < header.e_shnum; ++i) {
        // Sections that claim to be where no file is, or to be larger than all memory.
        const std::size_t section = header.e_shoff + i * header.e_shentsize;
        for (const std::size_t member :
             {offsetof(ElfW(Shdr), sh_offset), offsetof(ElfW(Shdr), sh_size)}) {
            std::string damaged = whole;
            damaged.replace(section + member, sizeof(header.e_shoff), sizeof(header.e_shoff),
                            '\x7f');
            check_damaged(damaged);
        }
    }
    std::mt19937 random{7};
    const auto below = [&](std::size_t end) {
        return std::uniform_int_distribution<std::size_t>{0, end - 1}(random);
    };
    for (int i = 0; i < 60; ++i) {
        std::string damaged = whole;
        damaged[below(sizeof header)] = static_cast<char>(below(256));
        for (int j = 0; j < 3; ++j) {
            const std::size_t place = header.e_shoff + below(whole.size() - header.e_shoff);
            damaged[place] = static_cast<char>(below(256));
        }
        check_damaged(damaged);
    }
}
#endif
