// SPDX-License-Identifier: MIT
// The parts of run_callback that a child process cannot be made to show.
#include <chrono>
#include <filesystem>

#include "catch.hpp"
#include "failure.hpp"
#include "file_stamp.hpp"
#include "numbers.hpp"
#include "program.hpp"
#include "sound.hpp"
#include "text.hpp"
#include "timed.hpp"

using portspan::Interleaved;
using portspan::Planar;
using namespace run_callback;

namespace {

/// Stereo float in either layout: swaps the channels, and counts what it gets.
template <class L>
struct Swap {
    std::vector<unsigned long> blocks;
    int result = paContinue;
    std::size_t ends_at = 1000;

    static int run(const void* input, void* output, unsigned long frames,
                   const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, void* self) {
        auto& swap = *static_cast<Swap*>(self);
        swap.blocks.push_back(frames);
        for (unsigned long f = 0; input && f < frames; ++f) {
            for (unsigned long c = 0; c < 2; ++c) {
                if constexpr (std::is_same_v<L, Planar>) {
                    static_cast<float* const*>(output)[c][f] =
                        static_cast<const float* const*>(input)[1 - c][f];
                } else {
                    static_cast<float*>(output)[2 * f + c] =
                        static_cast<const float*>(input)[2 * f + 1 - c];
                }
            }
        }
        return swap.blocks.size() == swap.ends_at ? swap.result : int{paContinue};
    }
};

template <class View>
const void* raw_input(View view, std::vector<const void*>& planes) {
    if constexpr (requires { view.data(); }) {
        return view.data();
    } else {
        for (std::size_t c = 0; c < view.channels(); ++c) planes.push_back(view.channel(c).data());
        return planes.data();
    }
}

template <class View>
void* raw_output(View view, std::vector<void*>& planes) {
    if constexpr (requires { view.data(); }) {
        return view.data();
    } else {
        for (std::size_t c = 0; c < view.channels(); ++c) planes.push_back(view.channel(c).data());
        return planes.data();
    }
}

template <class L>
Buffer<float, L> counted(std::size_t frames) {
    Buffer<float, L> buffer{frames, 2};
    for (std::size_t f = 0; f < frames; ++f) {
        for (std::size_t c = 0; c < 2; ++c) buffer.view()(f, c) = static_cast<float>(2 * f + c);
    }
    return buffer;
}

}  // namespace

TEMPLATE_TEST_CASE("A block larger than our own memory is processed in pieces", "", Interleaved,
                   Planar) {
    Swap<TestType> swap;
    const auto statistics = std::make_shared<Statistics>();
    portspan::RingBuffer<float> ring{64, 2};
    using Callback = Timed<float, TestType>;
    const auto timed =
        std::make_shared<Callback>(typename Callback::Setup{.callback = {&swap.run, &swap, {}},
                                                            .shape = {2, 2},
                                                            .sample_rate = 48000,
                                                            .stream_has_input = true,
                                                            .stream_has_output = false,
                                                            .limit = 55,
                                                            .recorder = ring,
                                                            .scratch_frames = 16},
                                   statistics);
    const portspan::RawCallback raw = Callback::raw(timed);
    Buffer<float, TestType> input = counted<TestType>(40);
    std::vector<const void*> planes;
    const void* in = raw_input(input.view(), planes);

    CHECK(raw.function(in, nullptr, 40, nullptr, 0, raw.user_data) == paContinue);
    CHECK(swap.blocks == std::vector<unsigned long>{16, 16, 8});
    Buffer<float, Interleaved> recorded{64, 2};
    REQUIRE(ring.read(recorded.view()) == 40);
    bool right = true;
    for (std::size_t f = 0; f < 40; ++f) {
        right = right && recorded.view()(f, 0) == static_cast<float>(2 * f + 1) &&
                recorded.view()(f, 1) == static_cast<float>(2 * f);
    }
    CHECK(right);

    // The rest up to the limit, and then nothing any more.
    CHECK(raw.function(in, nullptr, 40, nullptr, 0, raw.user_data) == paComplete);
    CHECK(raw.function(in, nullptr, 40, nullptr, 0, raw.user_data) == paComplete);
    CHECK(swap.blocks == std::vector<unsigned long>{16, 16, 8, 15});
    CHECK(statistics->frames.get() == 55);
    CHECK(timed->done());
    CHECK(timed->result() == not_ended);
}

TEMPLATE_TEST_CASE("What the callback does not get to write is silent", "", Interleaved, Planar) {
    Swap<TestType> swap{{}, paAbort, 2};
    using Callback = Timed<float, TestType>;
    const auto timed =
        std::make_shared<Callback>(typename Callback::Setup{.callback = {&swap.run, &swap, {}},
                                                            .shape = {2, 2},
                                                            .sample_rate = 48000,
                                                            .stream_has_input = false,
                                                            .stream_has_output = true,
                                                            .memory = counted<TestType>(30)},
                                   std::make_shared<Statistics>());
    const portspan::RawCallback raw = Callback::raw(timed);
    Buffer<float, TestType> output = counted<TestType>(20);
    std::vector<void*> planes;
    void* out = raw_output(output.view(), planes);
    CHECK(raw.function(nullptr, out, 20, nullptr, 0, raw.user_data) == paContinue);
    CHECK(output.view()(19, 0) == 39.f);
    CHECK(raw.function(nullptr, out, 10, nullptr, 0, raw.user_data) == paAbort);
    CHECK(output.view()(0, 0) == 0.f);
    CHECK(output.view()(9, 1) == 0.f);
    CHECK(timed->result() == paAbort);
}

TEST_CASE("Flags are counted, and what is no gap is not taken for one") {
    Statistics statistics;
    statistics.note_flags(0);
    statistics.note_flags(paPrimingOutput);
    statistics.note_flags(paInputOverflow | paOutputUnderflow);
    statistics.note_flags(paInputUnderflow);
    statistics.note_flags(paOutputOverflow);
    CHECK(statistics.xruns.get() == 3);
    CHECK(statistics.priming.get() == 1);
    CHECK(statistics.input_overflows.get() == 1);
    CHECK(statistics.input_underflows.get() == 1);
    CHECK(statistics.output_underflows.get() == 1);
    CHECK(statistics.output_overflows.get() == 1);
}

TEST_CASE("A call that takes longer than its audio lasts has missed its deadline") {
    Statistics statistics;
    statistics.note_call(999'999, 48, 48000);
    CHECK(statistics.missed_deadlines.get() == 0);
    statistics.note_call(1'000'001, 48, 48000);
    CHECK(statistics.missed_deadlines.get() == 1);
}

TEST_CASE("The quantiles of times are right to a few percent, the extremes exactly") {
    TimeHistogram times;
    CHECK(times.least() == 0);
    CHECK(times.quantile(0.5) == 0);
    for (std::uint64_t i = 1; i <= 10000; ++i) times.add(100 * i);
    CHECK(times.count() == 10000);
    CHECK_THAT(times.least(), WithinAbs(100e-9, 1e-15));
    CHECK_THAT(times.most(), WithinAbs(1e-3, 1e-12));
    for (const double share : {0.01, 0.5, 0.99, 0.999}) {
        CHECK_THAT(times.quantile(share), WithinAbs(share * 1e-3, 0.03 * share * 1e-3));
    }
    times.add(0);
    times.add(std::numeric_limits<std::uint64_t>::max());
    CHECK(times.least() == 0);
}

TEST_CASE("An envelope keeps the shape of any length of audio, and its levels exactly") {
    for (const std::size_t frames : {10u, 4096u, 4097u, 1'000'000u}) {
        INFO(frames);
        const auto envelope = std::make_unique<Envelope>();
        std::vector<float> ramp(frames);
        for (std::size_t i = 0; i < frames; ++i) {
            ramp[i] = static_cast<float>(i) / static_cast<float>(frames);
        }
        for (std::size_t first = 0; first < frames; first += 777) {
            const std::size_t count = std::min<std::size_t>(777, frames - first);
            envelope->add(portspan::InterleavedView<const float>{&ramp[first], count, 1});
        }
        CHECK(envelope->frames() == frames);
        CHECK(envelope->total().samples == frames);
        CHECK(envelope->total().peak() == ramp.back());
        const double length = static_cast<double>(frames);
        for (const double at : {0.0, 0.25, 0.5, 0.9}) {
            const Extent part = envelope->between(at * length, (at + 0.05) * length);
            CHECK_THAT(part.low, WithinAbs(at, 0.1 + 1e-3));
            CHECK_THAT(part.high, WithinAbs(at + 0.05, 0.1 + 1e-3));
        }
        if (frames > 10) {
            CHECK_THAT(envelope->between(0.5 * length, 0.6 * length).low, WithinAbs(0.5, 1e-3));
        }
    }
}

TEST_CASE("Text is cut into lines at blanks, and elsewhere only where there is none") {
    using Lines = std::vector<std::string>;
    CHECK(wrapped("", 10) == Lines{""});
    CHECK(wrapped("ten  cells", 10) == Lines{"ten  cells"});
    CHECK(wrapped("one two three", 7) == Lines{"one two", "three"});
    CHECK(wrapped("one two three", 8) == Lines{"one two", "three"});
    CHECK(wrapped("größer/als/jede Zeile", 8) == Lines{"größer/a", "ls/jede", "Zeile"});
    CHECK(wrapped("any", 0) == Lines{"any"});
}

TEST_CASE("Only what a terminal and an XML file can take is printable") {
    CHECK(printable("größe 音 🎵") == "größe 音 🎵");
    CHECK(printable("a\nb\tc\x1b[1m\x7f") == "a b c?[1m?");
    CHECK(printable("\xff\xc3") == "??");
    CHECK(printable("\xc0\x80") == "??");            // NUL in too many bytes
    CHECK(printable("\xe0\x80\x80") == "???");       // the same
    CHECK(printable("\xed\xa0\x80") == "???");       // half of a surrogate pair
    CHECK(printable("\xef\xbf\xbf") == "???");       // no character in XML
    CHECK(printable("\xc2\x85") == "??");            // a line end to some
    CHECK(printable("\xf4\x90\x80\x80") == "????");  // beyond Unicode
}

TEST_CASE("Numbers have three digits and a unit") {
    CHECK(time_text(0) == "0 ns");
    CHECK(time_text(999e-9) == "999 ns");
    CHECK(time_text(1.234e-6) == "1.23 µs");
    CHECK(time_text(99.96e-6) == "100 µs");
    CHECK(time_text(5.3333e-3) == "5.33 ms");
    CHECK(time_text(2) == "2.00 s");
    CHECK(clock_text(3.24) == "0:03.2");
    CHECK(clock_text(59.96) == "1:00.0");
    CHECK(clock_text(3723.9) == "1:02:03");
    CHECK(level_text(0) == "silence");
    CHECK(level_text(0.5) == "-6.0 dBFS");
    CHECK(level_text(0.9999) == "0.0 dBFS");
    CHECK(shortened("0123456789", 10) == "0123456789");
    CHECK(shortened("0123456789", 7) == "012…789");
    CHECK(width("größe") == 5);
}

TEST_CASE("Names are told as there are none, one or several") {
    CHECK(there_are({}) == "there are none");
    CHECK(there_are({"gain"}) == "there is gain");
    CHECK(there_are({"level", "steps"}) == "there are level, steps");
}

TEST_CASE("The numbers of a state have names, limits and steps") {
    const auto numbers = numbers_in(portspan::parse_layout(
        "gain:f4:0;band:{f:f8:0;on:b1:8;size:16}[2]:8;past:i2[2][2]:40;z:c8:48;p:p8:56;"
        "least:i1:64;many:u8[1000]:72;size:8072"));
    CHECK(listed(names_of(numbers))
              .starts_with("gain, band[0].f, band[0].on, band[1].f, band[1].on, past[0][0], "
                           "past[0][1], past[1][0], "
                           "past[1][1], least, many[0], "));
    CHECK(numbers.size() == 10 + 16);
    const auto find = [&](const std::string& name) {
        for (const Number& number : numbers) {
            if (number.name == name) return number;
        }
        throw std::runtime_error(name);
    };
    CHECK(find("band[1].f").offset == 24);
    CHECK(find("past[1][0]").offset == 44);

    std::vector<std::byte> state(8072);
    for (const auto& [name, text] :
         std::map<std::string, std::string>{{"gain", "-0.1"},
                                            {"band[1].f", "1e300"},
                                            {"band[0].on", "true"},
                                            {"past[1][1]", "-32768"},
                                            {"least", "-128"},
                                            {"many[15]", "9007199254740992"}}) {
        const Number number = find(name);
        number.store(state.data(), number.bits_of(text));
        CHECK(number.bits_of(number.text_of(number.load(state.data()))) == number.bits_of(text));
        CHECK(number.load(state.data()) == number.bits_of(text));
    }
    CHECK(find("gain").text_of(find("gain").load(state.data())) == "-0.1");
    for (const auto& [name, text] :
         std::vector<std::pair<std::string, std::string>>{{"gain", "1e39"},
                                                          {"gain", "nan"},
                                                          {"gain", "0x1"},
                                                          {"gain", ""},
                                                          {"gain", " 1"},
                                                          {"least", "128"},
                                                          {"least", "1.5"},
                                                          {"least", "true"},
                                                          {"band[0].on", "2"},
                                                          {"many[0]", "-1"},
                                                          {"band[1].f", "1e400"}}) {
        INFO(name << "=" << text);
        CHECK_THROWS_AS(find(name).bits_of(text), Failure);
    }

    const auto stepped = [&](const std::string& name, const std::string& text, bool up) {
        const Number number = find(name);
        return number.text_of(number.stepped(number.bits_of(text), up));
    };
    CHECK(stepped("gain", "2", true) == "2.2");
    CHECK(stepped("gain", "-2", true) == "-1.8");
    CHECK(stepped("gain", "0", false) == "-0.01");
    CHECK(stepped("least", "3", true) == "4");
    CHECK(stepped("least", "100", true) == "110");
    CHECK(stepped("least", "127", true) == "127");
    CHECK(stepped("least", "-128", false) == "-128");
    CHECK(stepped("many[0]", "0", false) == "0");
    CHECK(stepped("band[0].on", "0", true) == "true");
    CHECK(stepped("band[0].on", "1", true) == "true");
    CHECK(stepped("band[0].on", "1", false) == "false");
}

TEST_CASE("Files are told apart by what they hold") {
    const program::Folder folder;
    sound::write_bytes(folder / "a", "one");
    WatchedFiles files{folder / "a"};
    const Stamp first = files.look();
    CHECK(first.exists);
    CHECK(files.look() == first);
    // Of the same size, and at the same time.
    const auto time = std::filesystem::last_write_time(folder / "a");
    sound::write_bytes(folder / "a", "two");
    std::filesystem::last_write_time(folder / "a", time);
    const Stamp second = files.look();
    CHECK(second != first);
    std::filesystem::last_write_time(folder / "a", time + std::chrono::hours{1});
    CHECK(files.look() == second);
    CHECK(files.written() == time + std::chrono::hours{1});

    const Stamp with_other = files.depend_on({folder / "a", folder / "b"});
    CHECK(files.look() == with_other);
    sound::write_bytes(folder / "b", "three");
    CHECK(files.look() != with_other);
    CHECK(files.look().exists);
    std::filesystem::remove(folder / "a");
    CHECK(!files.look().exists);
    std::filesystem::create_directory(folder / "a");
    CHECK(!files.look().exists);
}
