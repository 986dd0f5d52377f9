// SPDX-License-Identifier: MIT
// The demo from end to end: the script that the target runs, on the recording that it takes.
#include <sndfile.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "catch.hpp"
#include "run_callback/sound.hpp"
#include "soft_clip_reference.hpp"

TEST_CASE("the demo's file is what the callback in double precision makes of the recording") {
    const std::string folder = DEMO_FOLDER;
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    setenv("ALSA_CONFIG_PATH", NO_SOUND_CARD, 1);
    setenv("JACK_NO_START_SERVER", "1", 1);
    const std::string command = std::string{"\""} + CMAKE + "\" -D \"RUN_CALLBACK=" + RUN_CALLBACK +
                                "\" -D \"LIBRARY=" + LIBRARY + "\" -D \"INPUT=" + RECORDING +
                                "\" -D \"FOLDER=" + folder + "\" -P \"" + SCRIPT + "\" > \"" +
                                folder + "/said.txt\"";
    REQUIRE(std::system(command.c_str()) == 0);

    const sound::Sound before = sound::read(RECORDING);
    const sound::Sound after = sound::read(folder + "/soft_clip.wav");
    REQUIRE(before.channels == 1);
    REQUIRE(after.channels == 2);
    REQUIRE(after.frames() == before.frames());
    CHECK(after.sample_rate == before.sample_rate);

    // A mono recording feeds both of the callback's channels.
    const std::vector<double> expected = SoftClipReference{4, 1, 2}(before.samples);
    double worst = 0, change = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        worst = std::max(worst, std::abs(after.samples[i] - expected[i]));
        change = std::max(change, std::abs(expected[i] - before.samples[i / 2]));
    }
    CHECK(worst < 1e-6);
    CHECK(change > 0.1);

    const std::string said = sound::bytes(folder + "/said.txt");
    CHECK_THAT(said, ContainsSubstring(folder + "/soft_clip.wav"));
    CHECK_THAT(said, ContainsSubstring(folder + "/soft_clip.svg"));
    CHECK_THAT(said, ContainsSubstring("no audio output device"));
    CHECK_THAT(sound::bytes(folder + "/soft_clip.svg"), ContainsSubstring("</svg>"));
}
