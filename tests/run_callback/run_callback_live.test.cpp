// SPDX-License-Identifier: MIT
// run_callback on PortAudio streams: ALSA without a sound card, its devices are files.
#include <sys/stat.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "../sanitizer.hpp"
#include "catch.hpp"
#include "program.hpp"
#include "sound.hpp"

using program::Child;
using program::Folder;
using program::Result;
using program::run;
using sound::difference;
using sound::Sound;

namespace {

/// The devices "player", which writes OUT.raw, and "recorder", which reads IN.raw: 16 bit, stereo,
/// 48 kHz, faster than real time. Two, because ALSA's file plug-in writes what it captures, too:
/// one device for both directions would seem to play what nobody has played. "default" is both.
class FileDevices {
public:
    FileDevices() {
        const auto pcm = [&](const std::string& name, const std::string& files) {
            return "pcm." + name + " { type plug slave { pcm { type file " + files +
                   " format \"raw\" slave { pcm { type null } } } format S16_LE channels 2 "
                   "rate 48000 } hint { show on description \"" +
                   name + "\" } }\n";
        };
        sound::write_bytes(
            folder / "alsa.conf",
            pcm("player", "file \"" + (folder / "OUT.raw") + "\"") +
                pcm("recorder", "file \"/dev/null\" infile \"" + (folder / "IN.raw") + "\"") +
                "pcm.speaker { type asym playback.pcm \"player\" hint { show on "
                "description \"no input\" } }\n"
                "pcm.!default { type asym playback.pcm \"player\" capture.pcm "
                "\"recorder\" hint { show on description \"both\" } }\n"
                "ctl.!default { type null }\n");
        record(std::vector<std::int16_t>(2 * 48000, 0));
    }
    void record(const std::vector<std::int16_t>& samples) const {
        sound::write_bytes(folder / "IN.raw",
                           {reinterpret_cast<const char*>(samples.data()), samples.size() * 2});
    }
    /// From the first sample that is not silent on: PortAudio fills the first buffers itself.
    std::vector<std::int16_t> played() const {
        const std::string raw = sound::bytes(folder / "OUT.raw");
        std::vector<std::int16_t> samples(raw.size() / 2);
        std::copy(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(samples.size() * 2),
                  reinterpret_cast<char*>(samples.data()));
        samples.erase(samples.begin(), std::find_if(samples.begin(), samples.end(),
                                                    [](std::int16_t x) { return x != 0; }));
        return samples;
    }
    program::Surroundings around() const {
        return {.environment = {{"ALSA_CONFIG_PATH", folder / "alsa.conf"}}};
    }

    Folder folder;
};

std::vector<std::int16_t> noise16(std::size_t samples) {
    std::vector<std::int16_t> result;
    for (const float x : sound::noise(samples)) {
        result.push_back(static_cast<std::int16_t>(std::lround(x * 32768)));
    }
    return result;
}

std::vector<std::int16_t> halved(std::vector<std::int16_t> samples) {
    for (std::int16_t& x : samples) x = static_cast<std::int16_t>(x / 2);
    return samples;
}

template <class T>
std::vector<T> first(const std::vector<T>& all, std::size_t count) {
    REQUIRE(all.size() >= count);
    return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::vector<float> as_float(const std::vector<std::int16_t>& samples) {
    std::vector<float> result;
    for (const std::int16_t x : samples) result.push_back(static_cast<float>(x) / 32768);
    return result;
}

}  // namespace

TEST_CASE("A file is played through the callback, sample for sample, and then it ends") {
    const FileDevices device;
    const auto samples = noise16(2 * 20001);
    sound::write(device.folder / "in.wav", {2, 48000, sound::wav_16, as_float(samples)});
    for (const std::vector<std::string>& more :
         {std::vector<std::string>{"half_stereo_int16"},
          {"half_stereo_in_place_int16", "--in-place"},
          {"half_stereo_int16", "--frames-per-buffer", "100"}}) {
        std::vector<std::string> arguments{
            FIXTURE,    "--format",     "int16", "--input", device.folder / "in.wav",
            "--output", "device:player"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Result result = run(arguments, device.around());
        INFO(result.err << result.out);
        CHECK(result.err == "");
        REQUIRE(result.status == 0);
        CHECK(difference(first(device.played(), samples.size()), halved(samples)) == "");
        CHECK_THAT(result.out, ContainsSubstring("device \"player\"  (ALSA)"));
    }
}

TEST_CASE("What a callback says about itself holds on a device, before that is opened") {
    const FileDevices device;
    const auto samples = noise16(2 * 20001);
    sound::write(device.folder / "in.wav", {2, 48000, sound::wav_16, as_float(samples)});
    const auto play = [&](const std::string& symbol, const std::vector<std::string>& more) {
        std::vector<std::string> arguments{DESCRIBED, symbol,     "--input",
                                           "",        "--output", "device:player"};
        arguments[3] = device.folder / "in.wav";
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments, device.around());
    };
    const Result said = play("half_planar_int16", {});
    CHECK(said.err == "");
    REQUIRE(said.status == 0);
    CHECK(difference(first(device.played(), samples.size()), halved(samples)) == "");
    CHECK(play("small_blocks", {}).status == 0);

    std::filesystem::remove(device.folder / "OUT.raw");
    const Result other = play("half_planar_int16", {"--format", "float32"});
    CHECK(other.status == 1);
    CHECK(other.err == "run_callback: " DESCRIBED
                       ": half_planar_int16: the callback does not fit the stream (it takes 2 "
                       "planar int16 channels in, the stream has 2 float32 channels)\n");
    const Result any = play("small_blocks", {"--frames-per-buffer", "0"});
    CHECK(any.status == 1);
    CHECK(any.err == "run_callback: " DESCRIBED
                     ": small_blocks: the callback does not fit the stream (it takes at most 64 "
                     "frames a call, the stream sets no limit: set frames_per_buffer)\n");
    CHECK(device.folder.names() == std::set<std::string>{"IN.raw", "alsa.conf", "in.wav"});
}

TEST_CASE("A file is played as far as it goes, whatever its header claims") {
    const FileDevices device;
    const auto samples = noise16(2 * 20001);
    const std::string name = device.folder / "in.flac";
    sound::write(name, {2, 48000, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, as_float(samples)});
    const std::string content = sound::bytes(name);
    // The last 36 bits before the checksum of the audio say how many samples there are; 0: unknown.
    for (const int claim : {0x00, 0xff}) {
        std::string claims = content;
        claims[21] = static_cast<char>((claims[21] & 0xf0) | (claim & 0x0f));
        for (std::size_t i = 22; i < 26; ++i) claims[i] = static_cast<char>(claim);
        sound::write_bytes(name, claims);
        for (const bool planar : {false, true}) {
            INFO("claim " << claim << (planar ? ", planar" : ""));
            std::vector<std::string> arguments{
                FIXTURE,    planar ? "half_stereo_planar" : "half_stereo",
                "--input",  name,
                "--output", "device:player"};
            if (planar) arguments.push_back("--planar");
            const Result all = run(arguments, device.around());
            CHECK(all.err == "");
            REQUIRE(all.status == 0);
            CHECK_THAT(all.out, ContainsSubstring("0.417 s"));
            arguments.insert(arguments.end(), {"--seconds", "0.2"});
            const Result some = run(arguments, device.around());
            CHECK(some.err == "");
            REQUIRE(some.status == 0);
            CHECK_THAT(some.out, ContainsSubstring("0.200 s"));
        }
    }
}

#if !defined(PORTSPAN_TEST_ASAN) && !defined(PORTSPAN_TEST_TSAN)
TEST_CASE("A file that does not fit into memory is told in one line, a part of it is played") {
    const FileDevices device;
    const std::string name = device.folder / "in.wav";
    sound::write(name, {1, 48000, sound::wav_16, std::vector<float>(1000)});
    std::filesystem::resize_file(name, 44 + 200'000'000);
    std::string header = sound::bytes(name).substr(0, 44);
    const auto put = [&](std::size_t at, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i) header[at + i] = static_cast<char>(value >> 8 * i);
    };
    put(4, 36 + 200'000'000);
    put(40, 200'000'000);
    std::fstream{name, std::ios::binary | std::ios::in | std::ios::out} << header;
    program::Surroundings small = device.around();
    small.prepare = [] {
        const rlimit limit{400'000'000, 400'000'000};
        setrlimit(RLIMIT_AS, &limit);
    };
    std::vector<std::string> arguments{FIXTURE,    "copy_4",        "--input",    name,
                                       "--output", "device:player", "--channels", "64"};
    const Result result = run(arguments, small);
    CHECK(result.status == 1);
    CHECK(result.err ==
          "run_callback: " + name + " does not fit into memory: take less of it with --seconds\n");
    arguments.insert(arguments.end(), {"--seconds", "0.1"});
    const Result some = run(arguments, small);
    CHECK(some.err == "");
    CHECK(some.status == 0);
}
#endif

TEST_CASE("A device is recorded through the callback, sample for sample") {
    const FileDevices device;
    const auto samples = noise16(2 * 48000);
    device.record(samples);
    const std::string name = device.folder / "take.wav";
    for (const std::vector<std::string>& more :
         {std::vector<std::string>{"half_stereo_int16"},
          {"half_stereo_in_place_int16", "--in-place"},
          {"half_stereo_int16", "--frames-per-buffer", "100"}}) {
        std::vector<std::string> arguments{FIXTURE,     "--format", "int16",    "--input", "device",
                                           "--seconds", "0.5",      "--output", name};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Result result = run(arguments, device.around());
        INFO(result.err << result.out);
        CHECK(result.err == "");
        REQUIRE(result.status == 0);
        const Sound take = sound::read(name);
        CHECK(take.frames() == 24000);
        CHECK(take.format == sound::wav_16);
        CHECK(difference(take.samples, as_float(halved(first(samples, 2 * 24000)))) == "");
    }
}

TEST_CASE("Both sides may be devices, in either layout and in place") {
    const FileDevices device;
    const auto samples = noise16(2 * 48000);
    device.record(samples);
    // 16 bit, as the devices are: where ALSA converts, its file plug-in leaves frames out.
    for (const std::vector<std::string>& how :
         {std::vector<std::string>{"half_stereo_int16"},
          {"half_stereo_planar_int16", "--planar"},
          {"half_stereo_in_place_int16", "--in-place"},
          {"half_stereo_planar_int16", "--planar", "--in-place"}}) {
        std::vector<std::string> arguments{FIXTURE};
        arguments.insert(arguments.end(), how.begin(), how.end());
        arguments.insert(arguments.end(), {"--input", "device", "--output", "device", "--seconds",
                                           "0.5", "--format", "int16", "--stats"});
        const Result result = run(arguments, device.around());
        INFO(result.err << result.out);
        CHECK(result.err == "");
        REQUIRE(result.status == 0);
        CHECK_THAT(result.out, ContainsSubstring("0.500 s"));
        const std::size_t count = 2 * 23000;  // the last buffer may not have been played
        CHECK(difference(first(device.played(), count), first(halved(samples), count)) == "");
    }
}

TEST_CASE("Planes of a file are played and recorded in pieces of any size") {
    const FileDevices device;
    const auto samples = noise16(2 * 30000);
    device.record(samples);
    const std::string name = device.folder / "take.wav";
    REQUIRE(run({FIXTURE, "swap_stereo_planar", "--planar", "--input", "device", "--output", name,
                 "--seconds", "0.5", "--frames-per-buffer", "9000"},
                device.around())
                .status == 0);
    const Sound take = sound::read(name);
    REQUIRE(take.frames() == 24000);
    for (const std::size_t frame : {0u, 8999u, 9000u, 23999u}) {
        CHECK(take.samples[2 * frame] == static_cast<float>(samples[2 * frame + 1]) / 32768);
        CHECK(take.samples[2 * frame + 1] == static_cast<float>(samples[2 * frame]) / 32768);
    }
}

TEST_CASE("A generator plays for --seconds, or until it completes") {
    const FileDevices device;
    const Result limited =
        run({FIXTURE, "count_frames", "--output", "device", "--seconds", "0.25"}, device.around());
    CHECK(limited.err == "");
    CHECK(limited.status == 0);
    CHECK_THAT(limited.out, ContainsSubstring("0.250 s"));
    const Result completed =
        run({FIXTURE, "complete_at_third", "--output", "device", "--frames-per-buffer", "480"},
            device.around());
    CHECK(completed.err == "");
    CHECK(completed.status == 0);
    CHECK_THAT(completed.out, ContainsSubstring("0.030 s, where the callback completed"));
}

TEST_CASE("Ctrl-C ends a live run well and keeps what was recorded") {
    const FileDevices device;
    const std::string name = device.folder / "take.wav";
    for (const int signal_number : {SIGINT, SIGTERM}) {
        // NULL is what the fixture wants, 0 input channels of a device are none: so it plays.
        Child playing{{FIXTURE, "count_frames_paced", "--output", "device"}, device.around()};
        std::this_thread::sleep_for(std::chrono::milliseconds{300});
        playing.send(signal_number);
        const Result played = playing.finish();
        CHECK(played.err == "");
        CHECK(played.status == 0);
        CHECK_THAT(played.out, ContainsSubstring("where it was interrupted"));

        std::filesystem::remove(name);
        // Blocks of 0.1 s: one is under way when the signal comes.
        Child recording{{FIXTURE, "half_stereo_paced", "--input", "device", "--output", name,
                         "--frames-per-buffer", "4800"},
                        device.around()};
        const std::string part = name + "." + std::to_string(recording.id()) + ".part";
        REQUIRE(program::eventually([&] {
            std::error_code none_yet;
            return std::filesystem::file_size(part, none_yet) > 20000 && !none_yet;
        }));
        CHECK(!std::filesystem::exists(name));
        recording.send(signal_number);
        const Result result = recording.finish();
        INFO(result.err << result.out);
        CHECK(result.err == "");
        CHECK(result.status == 0);
        const auto recorded = static_cast<double>(sound::read(name).frames()) / 48000;
        CHECK(recorded > 0.05);
        // Everything that the callback has seen is in the file.
        char processed[32];
        std::snprintf(processed, sizeof processed, "%.3f s, where it was", recorded);
        CHECK_THAT(result.out, ContainsSubstring(processed));
        CHECK(!std::filesystem::exists(part));
    }
}

TEST_CASE("A callback that fails live is a failure that keeps what was recorded") {
    const FileDevices device;
    const std::string name = device.folder / "take.wav";
    const auto take = [&](const char* symbol) {
        std::filesystem::remove(name);
        const Result result = run(
            {FIXTURE, symbol, "--input", "device", "--output", name, "--frames-per-buffer", "480"},
            device.around());
        INFO(result.err << result.out);
        CHECK(result.status == 1);
        CHECK(result.lines_of_err() == 1);
        CHECK_THAT(result.err, ContainsSubstring(std::string{FIXTURE} + ": " + symbol));
        return result.err;
    };
    CHECK_THAT(take("abort_at_third"), ContainsSubstring("aborted after 0.020 s"));
    CHECK(sound::read(name).frames() == 960);
    CHECK_THAT(take("return_seven"), ContainsSubstring("returned 7"));
    CHECK(sound::read(name).frames() == 480);
    CHECK_THAT(take("abort_with_reason"), ContainsSubstring("the knob is off"));
    CHECK(!std::filesystem::exists(name));  // there is nothing that could be kept
}

TEST_CASE("A callback that crashes in a stream is told, and leaves no half file") {
    const FileDevices device;
    for (const std::string symbol : {"reads_state", "recurses"}) {
        const Result result =
            run({FIXTURE, symbol, "--input", "device", "--output", device.folder / "take.wav",
                 "--report", device.folder / "take.svg", "--frames-per-buffer", "480"},
                device.around());
        INFO(result.err << result.out);
        CHECK(program::ended_with(result, SIGSEGV));
        CHECK_THAT(result.err,
                   ContainsSubstring("run_callback: " FIXTURE ": " + symbol +
                                     ": crashed (SIGSEGV); it was called with float32 interleaved, "
                                     "2 channels in, 2 out, 480 frames, user data NULL\n"));
        for (const std::string& name : device.folder.names()) {
            CHECK_THAT(name, !ContainsSubstring("take"));
        }
    }
}

TEST_CASE("A device that falls silent is lost in the end, and what it recorded is kept") {
    const FileDevices device;
    const std::string name = device.folder / "take.wav";
    // The capture device reads a pipe: the audio thread hangs in it when there is no more, and
    // neither stopping nor closing the stream would ever return.
    const std::string pipe_name = device.folder / "IN.raw";
    std::filesystem::remove(pipe_name);
    REQUIRE(mkfifo(pipe_name.c_str(), 0600) == 0);
    const int pipe_end = open(pipe_name.c_str(), O_RDWR);
    const auto samples = noise16(2 * 8192);
    REQUIRE(write(pipe_end, samples.data(), samples.size() * 2) > 0);
    const Result result = run({FIXTURE, "half_stereo_int16", "--format", "int16", "--input",
                               "device:recorder", "--output", name, "--frames-per-buffer", "256"},
                              device.around());
    close(pipe_end);
    INFO(result.err << result.out);
    CHECK(result.status == 1);
    CHECK(result.lines_of_err() == 1);
    CHECK_THAT(result.err, ContainsSubstring("device \"recorder\": the stream ended by itself"));
    const Sound take = sound::read(name);
    REQUIRE(take.frames() > 1000);
    CHECK(difference(take.samples, as_float(halved(first(samples, take.samples.size())))) == "");
}

TEST_CASE("A full disk ends a recording and is told") {
    const FileDevices device;
    const std::string name = device.folder / "take.wav";
    program::Surroundings small = device.around();
    small.prepare = [] {
        const rlimit limit{1'000'000, 1'000'000};
        setrlimit(RLIMIT_FSIZE, &limit);
    };
    device.record({});
    const std::vector<std::string> arguments{FIXTURE,    "half_stereo", "--input",   "device",
                                             "--output", name,          "--seconds", "3"};
    const Result result = run(arguments, small);
    INFO(result.err << result.out);
    CHECK(result.status == 1);
    CHECK(result.lines_of_err() == 1);
    CHECK_THAT(result.err, ContainsSubstring("take.wav"));
    CHECK(run(arguments, device.around()).status == 0);
}

TEST_CASE("The devices are listed, with the default ones marked") {
    const FileDevices device;
    const Result result = run({"--list-devices"}, device.around());
    CHECK(result.status == 0);
    CHECK(result.err == "");
    CHECK_THAT(result.out, ContainsSubstring("name"));
    CHECK_THAT(result.out, ContainsSubstring("host API"));
    CHECK_THAT(result.out,
               ContainsSubstring("\n    0  player    ALSA       128   128   48000 Hz\n"));
    CHECK_THAT(result.out, ContainsSubstring("\n*   3  default"));
}

TEST_CASE("What host APIs print is shown on request") {
    const FileDevices device;
    const Result quiet = run({"--list-devices"}, device.around());
    CHECK(quiet.err == "");
    const Result verbose = run({"--list-devices", "--verbose"}, device.around());
    CHECK(verbose.status == 0);
    CHECK(verbose.out == quiet.out);
    CHECK(verbose.err != "");  // at least JACK's, which has no server
}

TEST_CASE("A device that does not do it is named in one line") {
    const FileDevices device;
    const auto says = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {FIXTURE, "half_stereo", "--input", "device:recorder"});
        const Result result = run(arguments, device.around());
        INFO(result.err << result.out);
        CHECK(result.status == 1);
        CHECK(result.lines_of_err() == 1);
        return result.err;
    };
    CHECK_THAT(says({"--output", "device:Studio"}), ContainsSubstring("\"Studio\""));
    CHECK_THAT(says({"--output", "device:Studio"}),
               ContainsSubstring("\"player\" (ALSA), \"recorder\" (ALSA)"));
    CHECK(says({"--output", "device:nope"})
              .starts_with(
                  "run_callback: output device \"nope\": no such device, there are \"player\""));
    const std::string ambiguous = says({"--output", "device:e"});
    CHECK(ambiguous.starts_with("run_callback: output device \"e\": more than one"));
    CHECK_THAT(ambiguous, ContainsSubstring("\"player\" (ALSA"));
    CHECK(ambiguous.find("\"e\"") == ambiguous.rfind("\"e\""));
    CHECK_THAT(says({"--output", "device:7"}), ContainsSubstring("\"7\""));
    CHECK(says({"--output", "device:9"}).ends_with("; --list-devices shows the devices\n"));
    const Result deaf = run({FIXTURE, "half_stereo", "--input", "device:2"}, device.around());
    CHECK(deaf.status == 1);
    CHECK(deaf.err == "run_callback: input device \"2\": it has no input channels\n");
    CHECK_THAT(says({"--channels", "200"}), ContainsSubstring("device \"recorder\""));
    CHECK_THAT(says({"--sample-rate", "2"}), ContainsSubstring("device \"recorder\""));
    CHECK(run({FIXTURE, "half_stereo", "--input", "device:0", "--seconds", "0.1"}, device.around())
              .status == 0);
}
