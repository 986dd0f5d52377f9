// SPDX-License-Identifier: MIT
// run_callback --watch on a JACK server of the test's own, paced in real time.
#include "catch.hpp"
#include "integration/jack_server.hpp"
#include "program.hpp"
#include "session.hpp"
#include "sound.hpp"

using program::Folder;
using program::Session;

TEST_CASE("A source is heard while it is edited, through JACK") {
    const JackServer server;
    if (!server) FAIL("skipped: jackd is not installed");
    const Folder folder;
    const auto save = [&](const std::string& level) {
        sound::write_bytes(
            folder / "level.c.new",
            "int level(const void* i, void* output, unsigned long frames, const void* t,\n"
            "          unsigned long s, void* u) {\n"
            "    float* out = output;\n"
            "    for (unsigned long n = 0; n < 2 * frames; ++n) out[n] = " +
                level + ";\n    return 0;\n}\n");
        std::filesystem::rename(folder / "level.c.new", folder / "level.c");
    };
    save("0.5f");
    Session session{{"--watch", folder / "level.c", "--input", "device:system", "--output",
                     folder / "take.wav", "--stats"},
                    {{"JACK_DEFAULT_SERVER", getenv("JACK_DEFAULT_SERVER")},
                     {"ALSA_CONFIG_PATH", getenv("ALSA_CONFIG_PATH")},
                     {"CC", C_COMPILER}}};
    REQUIRE(session.says("watching"));
    for (const char* level : {"0.25f", "wrong", "0.125f"}) {
        const std::size_t place = session.said().size();
        save(level);
        CHECK(
            session.says(level == std::string{"wrong"} ? "the last one goes on" : "heard", place));
    }
    session.send(SIGINT);
    CHECK(session.finish() == 0);
    INFO(session.said());
    const std::vector<float> take = sound::read(folder / "take.wav").samples;
    REQUIRE(take.size() > 2 * 4800);
    // Down from one level to the next, in two fades of 960 frames.
    std::size_t of_fades = 0;
    for (std::size_t i = 0; i < take.size(); i += 2) {
        of_fades += take[i] != 0.5f && take[i] != 0.25f && take[i] != 0.125f;
        if (i > 0 && take[i] > take[i - 2]) FAIL_CHECK("louder at frame " << i / 2);
    }
    CHECK(take.front() == 0.5f);
    CHECK(take.back() == 0.125f);
    CHECK(of_fades == 2 * 960);
}
