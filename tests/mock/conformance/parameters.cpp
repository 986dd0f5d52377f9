// SPDX-License-Identifier: MIT
// Parameters, good and bad, to Pa_IsFormatSupported and Pa_OpenStream alike.
#include <deque>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "../src/host_apis.hpp"
#include "table.hpp"

namespace conformance {

namespace {

constexpr int most = std::numeric_limits<int>::max();
constexpr int least = std::numeric_limits<int>::min();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr PaStreamFlags unknown_flag = 0x10;
constexpr PaStreamFlags platform_flag = 0x10000;

/// The arguments of one call; good ones until something changes them.
struct Call {
    PaStreamParameters input, output;
    bool input_is_null = false, output_is_null = false, stream_is_null = false;
    double rate = 48000;
    unsigned long frames = 0;
    PaStreamFlags flags = 0;
    PaStreamCallback* callback = &keep_going;

    explicit Call(PaDeviceIndex device) : input{stereo(device)}, output{stereo(device)} {}

    /// Pa_IsFormatSupported does not see the rest.
    [[nodiscard]] bool for_open_only() const {
        return stream_is_null || flags != 0 || frames != 0 || !callback;
    }
    [[nodiscard]] const PaStreamParameters* in() const { return input_is_null ? nullptr : &input; }
    [[nodiscard]] const PaStreamParameters* out() const {
        return output_is_null ? nullptr : &output;
    }
    [[nodiscard]] PaError is_supported() const { return Pa_IsFormatSupported(in(), out(), rate); }
    [[nodiscard]] PaError open(PaStream** stream) const {
        return Pa_OpenStream(stream_is_null ? nullptr : stream, in(), out(), rate, frames, flags,
                             callback, nullptr);
    }
};

using Change = std::function<void(Call&)>;

struct Case {
    std::string name;
    Change change;
};

void try_call(const std::string& name, const Call& call) {
    if (!call.for_open_only()) row("Pa_IsFormatSupported: " + name, call.is_supported());
    PaStream* stream = nullptr;
    const PaError result = call.open(&stream);
    row("Pa_OpenStream: " + name, result);
    if (result == paNoError) row("  close: " + name, Pa_CloseStream(stream));
}

void try_cases(const std::string& prefix, PaDeviceIndex device, const std::vector<Case>& cases) {
    for (const Case& c : cases) {
        Call call{device};
        c.change(call);
        try_call(prefix + c.name, call);
    }
}

/// Settings of a host API, all of which begin as ALSA's do.
PaAlsaStreamInfo* info_of(PaHostApiTypeId type, const char* device = "silent") {
    static std::deque<PaAlsaStreamInfo> infos;
    return &infos.emplace_back(PaAlsaStreamInfo{sizeof(PaAlsaStreamInfo), type, 1, device});
}

void by_info(PaStreamParameters& direction, PaAlsaStreamInfo* info) {
    direction.device = paUseHostApiSpecificDeviceSpecification;
    direction.hostApiSpecificStreamInfo = info;
}

/// Everything that one parameter can have wrong, and what belongs to it.
std::vector<Case> single_parameters(int channels) {
    std::vector<Case> cases = {
        {"duplex", [](Call&) {}},
        {"input only", [](Call& c) { c.output_is_null = true; }},
        {"output only", [](Call& c) { c.input_is_null = true; }},
        {"neither", [](Call& c) { c.input_is_null = c.output_is_null = true; }},
        {"stream NULL", [](Call& c) { c.stream_is_null = true; }},
        {"host-specific input without info",
         [](Call& c) { by_info(c.input, nullptr), c.output_is_null = true; }},
        {"host-specific output without info",
         [](Call& c) { by_info(c.output, nullptr), c.input_is_null = true; }},
        {"blocking", [](Call& c) { c.callback = nullptr; }},
    };
    for (const int index : {-1, -3, least, 9999, most}) {
        const std::string name = "device " + std::to_string(index);
        cases.push_back({"input " + name, [=](Call& c) { c.input.device = index; }});
        cases.push_back({"output " + name, [=](Call& c) { c.output.device = index; }});
    }
    cases.push_back({"input device count", [](Call& c) { c.input.device = Pa_GetDeviceCount(); }});
    cases.push_back(
        {"output device count", [](Call& c) { c.output.device = Pa_GetDeviceCount(); }});
    for (const int count : {0, -1, least, 1, channels, channels + 1, most}) {
        const std::string name = "channels " + std::to_string(count);
        cases.push_back({"input " + name, [=](Call& c) { c.input.channelCount = count; }});
        cases.push_back({"output " + name, [=](Call& c) { c.output.channelCount = count; }});
    }
    return cases;
}

/// What no host API refuses.
std::vector<Case> frames_and_latencies() {
    std::vector<Case> cases;
    for (const unsigned long frames : {1ul, 64ul, 100ul}) {
        cases.push_back({"frames " + std::to_string(frames), [=](Call& c) { c.frames = frames; }});
    }
    for (const double latency : {-1.0, 0.0, 1000.0, 1e300, nan, infinity, -infinity}) {
        const std::string name = "latency " + std::to_string(latency).substr(0, 8);
        cases.push_back({"input " + name, [=](Call& c) { c.input.suggestedLatency = latency; }});
        cases.push_back({"output " + name, [=](Call& c) { c.output.suggestedLatency = latency; }});
        cases.push_back({"blocking " + name, [=](Call& c) {
                             c.input.suggestedLatency = c.output.suggestedLatency = latency;
                             c.callback = nullptr;
                         }});
    }
    return cases;
}

std::vector<Case> formats() {
    const std::pair<const char*, PaSampleFormat> known[] = {
        {"paFloat32", paFloat32},  {"paInt32", paInt32}, {"paInt24", paInt24},
        {"paInt16", paInt16},      {"paInt8", paInt8},   {"paUInt8", paUInt8},
        {"custom", paCustomFormat}};
    std::vector<std::pair<std::string, PaSampleFormat>> all = {
        {"0", 0}, {"0x40", 0x40}, {"0x1000", 0x1000}, {"every bit", ~PaSampleFormat{0}}};
    for (const auto& [name, format] : known) {
        all.emplace_back(name, format);
        for (const auto& [other_name, other] : known) {
            if (other > format)
                all.emplace_back(std::string{name} + "|" + other_name, format | other);
        }
    }
    std::vector<Case> cases;
    for (const auto& [name, format] : all) {
        cases.push_back({"input format " + name, [=](Call& c) { c.input.sampleFormat = format; }});
        cases.push_back(
            {"output format " + name, [=](Call& c) { c.output.sampleFormat = format; }});
        cases.push_back({"input format " + name + " non-interleaved",
                         [=](Call& c) { c.input.sampleFormat = format | paNonInterleaved; }});
        cases.push_back({"output format " + name + " non-interleaved",
                         [=](Call& c) { c.output.sampleFormat = format | paNonInterleaved; }});
    }
    cases.push_back({"blocking, output format custom", [](Call& c) {
                         c.output.sampleFormat = paCustomFormat;
                         c.callback = nullptr;
                     }});
    return cases;
}

/// The bounds that PortAudio itself sets: what is within them goes on to the flag, which is bad,
/// and no device is asked.
std::vector<Case> rate_bounds() {
    std::vector<Case> cases;
    // Between 384 and 768 kHz newer versions of PortAudio let pass what older ones refuse.
    for (const double rate : {0.0, -48000.0, 999.0, 999.999, 1000.0, 1000.5, 384000.0, 768001.0,
                              1e6, 1e300, infinity, -infinity, nan}) {
        cases.push_back({"rate " + std::to_string(rate).substr(0, 12) + " with a bad flag",
                         [=](Call& c) { c.rate = rate, c.flags = unknown_flag; }});
    }
    for (const double rate : {0.0, -48000.0, 999.999, 768001.0, 1e6, infinity, -infinity}) {
        cases.push_back(
            {"rate " + std::to_string(rate).substr(0, 12), [=](Call& c) { c.rate = rate; }});
    }
    return cases;
}

std::vector<Case> flags() {
    std::vector<Case> cases = {
        {"flag clip off", [](Call& c) { c.flags = paClipOff; }},
        {"flag dither off", [](Call& c) { c.flags = paDitherOff; }},
        {"flag prime output", [](Call& c) { c.flags = paPrimeOutputBuffersUsingStreamCallback; }},
        {"flag never drop input", [](Call& c) { c.flags = paNeverDropInput; }},
        {"every known flag", [](Call& c) { c.flags = 0xf; }},
        {"flag never drop input, frames 64",
         [](Call& c) { c.flags = paNeverDropInput, c.frames = 64; }},
        {"flag never drop input, input only",
         [](Call& c) { c.flags = paNeverDropInput, c.output_is_null = true; }},
        {"flag never drop input, output only",
         [](Call& c) { c.flags = paNeverDropInput, c.input_is_null = true; }},
        {"flag never drop input, blocking",
         [](Call& c) { c.flags = paNeverDropInput, c.callback = nullptr; }},
        {"flag never drop input, blocking, frames 64",
         [](Call& c) { c.flags = paNeverDropInput, c.callback = nullptr, c.frames = 64; }},
        {"flag unknown and never drop input",
         [](Call& c) { c.flags = unknown_flag | paNeverDropInput; }},
    };
    for (int bit = 4; bit < 32; ++bit) {
        cases.push_back({"flag bit " + std::to_string(bit),
                         [=](Call& c) { c.flags = PaStreamFlags{1} << bit; }});
    }
    return cases;
}

/// One mistake, and the parameter that it is in: two of one parameter do not go together.
struct Mistake {
    const char* name;
    const char* parameter;
    Change make;
};

/// Every two of PortAudio's and the host API's refusals at once: the one that comes first answers.
void orders(const std::string& prefix, PaDeviceIndex device, const std::vector<Mistake>& mistakes) {
    for (std::size_t i = 0; i < mistakes.size(); ++i) {
        for (std::size_t j = i + 1; j < mistakes.size(); ++j) {
            if (std::string{mistakes[i].parameter} == mistakes[j].parameter) continue;
            Call call{device};
            mistakes[i].make(call);
            mistakes[j].make(call);
            try_call(prefix + mistakes[i].name + " and " + mistakes[j].name, call);
        }
    }
}

std::vector<Mistake> mistakes(PaHostApiTypeId own, double refused_rate) {
    return {
        {"stream NULL", "stream", [](Call& c) { c.stream_is_null = true; }},
        {"bad input device", "input device", [](Call& c) { c.input.device = 9999; }},
        {"0 inputs", "input channels", [](Call& c) { c.input.channelCount = 0; }},
        {"bad input format", "input format", [](Call& c) { c.input.sampleFormat = 0; }},
        {"input info of ASIO", "input info",
         [](Call& c) { c.input.hostApiSpecificStreamInfo = info_of(paASIO); }},
        {"bad output device", "output device", [](Call& c) { c.output.device = 9999; }},
        {"0 outputs", "output channels", [](Call& c) { c.output.channelCount = 0; }},
        {"bad output format", "output format", [](Call& c) { c.output.sampleFormat = 0; }},
        {"output info of ASIO", "output info",
         [](Call& c) { c.output.hostApiSpecificStreamInfo = info_of(paASIO); }},
        {"absurd rate", "rate", [](Call& c) { c.rate = 0; }},
        {"bad flag", "flags", [](Call& c) { c.flags = unknown_flag; }},
        {"never drop input and frames", "flags",
         [](Call& c) { c.flags = paNeverDropInput, c.frames = 64; }},
        {"platform flag", "flags", [](Call& c) { c.flags = platform_flag; }},
        {"too many inputs", "input channels", [](Call& c) { c.input.channelCount = 129; }},
        {"own input info", "input info",
         [=](Call& c) { c.input.hostApiSpecificStreamInfo = info_of(own); }},
        {"too many outputs", "output channels", [](Call& c) { c.output.channelCount = 129; }},
        {"own output info", "output info",
         [=](Call& c) { c.output.hostApiSpecificStreamInfo = info_of(own); }},
        {"refused rate", "rate", [=](Call& c) { c.rate = refused_rate; }},
        {"custom input format", "input format",
         [](Call& c) { c.input.sampleFormat = paCustomFormat; }},
        {"custom output format", "output format",
         [](Call& c) { c.output.sampleFormat = paCustomFormat; }},
    };
}

}  // namespace

void parameters_of_alsa() {
    const PaDeviceIndex silent = device_of(paALSA, 0);
    const PaDeviceIndex speaker = device_of(paALSA, 1), microphone = device_of(paALSA, 2);
    try_cases("ALSA: ", silent, single_parameters(128));
    try_cases("ALSA: ", silent, frames_and_latencies());
    try_cases("ALSA: ", silent, formats());
    try_cases("ALSA: ", silent, rate_bounds());
    try_cases("ALSA: ", silent, flags());
    // ALSA's own converter of rates begins at 4000 Hz.
    orders("ALSA: ", silent, mistakes(paALSA, 1000));
    try_cases("ALSA: ", silent,
              {{"rate 384000", [](Call& c) { c.rate = 384000; }},
               {"a speaker as input",
                [=](Call& c) { c.input.device = speaker, c.output_is_null = true; }},
               {"a microphone as output",
                [=](Call& c) { c.output.device = microphone, c.input_is_null = true; }},
               {"microphone and speaker",
                [=](Call& c) { c.input.device = microphone, c.output.device = speaker; }},
               {"speaker and microphone",
                [=](Call& c) { c.input.device = speaker, c.output.device = microphone; }}});
    Call call{silent};
    call.rate = nan;
    row("Pa_IsFormatSupported: ALSA: rate NaN", call.is_supported());
    PaStream* stream = nullptr;
    only_on_mock(
        "Pa_OpenStream: ALSA: rate NaN", [&] { return call.open(&stream); }, paInvalidSampleRate,
        "an assertion ends the program");
}

/// Few of them open a stream: libjack reads its list of ports on a thread of its own while a stream
/// that is closed takes its ports out, and crashes once in some thousand times.
void parameters_of_jack() {
    const PaDeviceIndex system = device_of(paJACK);
    try_cases("JACK: ", system, single_parameters(2));
    try_cases("JACK: ", system, flags());
    orders("JACK: ", system, mistakes(paJACK, 44100));
    try_cases("JACK: ", system,
              {{"format custom",
                [](Call& c) {
                    c.input.sampleFormat = c.output.sampleFormat = paCustomFormat;
                    c.input.channelCount = c.output.channelCount = 1;
                }},
               {"another rate", [](Call& c) { c.rate = 44100; }},
               {"twice the rate", [](Call& c) { c.rate = 96000; }},
               {"rate 48002", [](Call& c) { c.rate = 48002; }},
               {"rate 47998", [](Call& c) { c.rate = 47998; }}});
    Call call{system};
    for (const auto& [name, rate] : {std::pair{"48001", 48001.0}, std::pair{"47999", 47999.0},
                                     std::pair{"48000.5", 48000.5}, std::pair{"NaN", nan}}) {
        call.rate = rate;
        const char* reason =
            "JACK takes what is within 1 Hz of the server's rate, a mock device what it lists";
        differs(std::string{"Pa_IsFormatSupported: JACK: rate "} + name, call.is_supported(),
                paInvalidSampleRate, paNoError, reason);
        PaStream* stream = nullptr;
        differs(std::string{"Pa_OpenStream: JACK: rate "} + name, call.open(&stream),
                paInvalidSampleRate, paNoError, reason);
        if (stream) Pa_CloseStream(stream);
    }
}

void combinations_of_host_apis() {
    const PaDeviceIndex alsa = device_of(paALSA), jack = device_of(paJACK);
    try_cases("ALSA in, JACK out: ", alsa,
              {{"good", [=](Call& c) { c.output.device = jack; }},
               {"blocking", [=](Call& c) { c.output.device = jack, c.callback = nullptr; }}});
    try_cases("JACK in, ALSA out: ", jack, {{"good", [=](Call& c) { c.output.device = alsa; }}});
    // Its place among the others: after the directions, before the rate, and the host API is not
    // asked.
    for (const Mistake& mistake : mistakes(paALSA, 1000)) {
        Call call{alsa};
        call.output.device = jack;
        mistake.make(call);
        try_call(std::string{"ALSA in, JACK out: "} + mistake.name, call);
    }
    try_cases(
        "two host APIs: ", jack,
        {{"input info of ALSA beside JACK's device",
          [](Call& c) { c.input.hostApiSpecificStreamInfo = info_of(paALSA); }},
         {"output info of ALSA beside JACK's device",
          [](Call& c) { c.output.hostApiSpecificStreamInfo = info_of(paALSA); }},
         {"input info of JACK beside ALSA's device",
          [=](Call& c) {
              c.input.device = alsa;
              c.input.hostApiSpecificStreamInfo = info_of(paJACK);
          }},
         {"input by JACK's info", [](Call& c) { by_info(c.input, info_of(paJACK)); }},
         {"output by JACK's info", [](Call& c) { by_info(c.output, info_of(paJACK)); }},
         {"both by JACK's info",
          [](Call& c) { by_info(c.input, info_of(paJACK)), by_info(c.output, info_of(paJACK)); }},
         {"both by JACK's info, absurd rate",
          [](Call& c) {
              by_info(c.input, info_of(paJACK)), by_info(c.output, info_of(paJACK)), c.rate = 0;
          }},
         {"both by JACK's info, too many inputs, bad format",
          [](Call& c) {
              by_info(c.input, info_of(paJACK)), by_info(c.output, info_of(paJACK));
              c.input.channelCount = 999, c.input.sampleFormat = 0;
          }},
         {"both by JACK's info, another rate",
          [](Call& c) {
              by_info(c.input, info_of(paJACK)), by_info(c.output, info_of(paJACK));
              c.rate = 44100;
          }},
         {"both by JACK's info, platform flag",
          [](Call& c) {
              by_info(c.input, info_of(paJACK)), by_info(c.output, info_of(paJACK));
              c.flags = platform_flag;
          }},
         {"input by ALSA's info, output JACK's device",
          [](Call& c) { by_info(c.input, info_of(paALSA)); }},
         {"input JACK's device, output by ALSA's info",
          [](Call& c) { by_info(c.output, info_of(paALSA)); }},
         {"input by JACK's info, output ALSA's device",
          [=](Call& c) { by_info(c.input, info_of(paJACK)), c.output.device = alsa; }},
         {"input by ALSA's info, output by JACK's",
          [](Call& c) { by_info(c.input, info_of(paALSA)), by_info(c.output, info_of(paJACK)); }},
         {"input by ALSA's info of a wrong size, output by JACK's", [](Call& c) {
              PaAlsaStreamInfo* info = info_of(paALSA);
              info->size = 1;
              by_info(c.input, info), by_info(c.output, info_of(paJACK));
          }}});
}

void host_specific_devices() {
    const PaDeviceIndex silent = device_of(paALSA, 0);
    const auto by = [](const char* name) {
        return [=](Call& c) { by_info(c.input, info_of(paALSA, name)), c.output_is_null = true; };
    };
    const auto out_by = [](const char* name) {
        return [=](Call& c) { by_info(c.output, info_of(paALSA, name)), c.input_is_null = true; };
    };
    const auto with = [](auto change) {
        return [=](Call& c) {
            PaAlsaStreamInfo* info = info_of(paALSA);
            change(*info);
            by_info(c.input, info), c.output_is_null = true;
        };
    };
    using Info = PaAlsaStreamInfo;
    const auto and_also = [](Change first, Change second) {
        return [=](Call& c) { first(c), second(c); };
    };
    const Change absurd_rate = [](Call& c) { c.rate = 0; };
    const Change platform = [](Call& c) { c.flags = platform_flag; };
    try_cases(
        "ALSA by name: ", silent,
        {{"input", by("silent")},
         {"output", out_by("silent")},
         {"both",
          [](Call& c) { by_info(c.input, info_of(paALSA)), by_info(c.output, info_of(paALSA)); }},
         {"input, output by index", [](Call& c) { by_info(c.input, info_of(paALSA)); }},
         {"input by index, output", [](Call& c) { by_info(c.output, info_of(paALSA)); }},
         {"input of the microphone", by("microphone")},
         {"output of the speaker", out_by("speaker")},
         {"input of the speaker", by("speaker")},
         {"output of the microphone", out_by("microphone")},
         {"blocking", and_also(by("silent"), [](Call& c) { c.callback = nullptr; })},
         {"name NULL", by(nullptr)},
         {"name empty", by("")},
         {"no such name", by("nowhere")},
         {"output, no such name", out_by("nowhere")},
         {"output, name NULL", out_by(nullptr)},
         {"size 0", with([](Info& info) { info.size = 0; })},
         {"size of the head alone", with([](Info& info) { info.size = sizeof info - 8; })},
         {"size too large", with([](Info& info) { info.size = sizeof info + 8; })},
         {"version 0", with([](Info& info) { info.version = 0; })},
         {"version 2", with([](Info& info) { info.version = 2; })},
         {"size 0 and name NULL",
          with([](Info& info) { info.size = 0, info.deviceString = nullptr; })},
         {"type OSS", with([](Info& info) { info.hostApiType = paOSS; })},
         {"format custom",
          and_also(by("silent"), [](Call& c) { c.input.sampleFormat = paCustomFormat; })},
         {"format 0x40", and_also(by("silent"), [](Call& c) { c.input.sampleFormat = 0x40; })},
         {"absurd rate", and_also(by("silent"), absurd_rate)},
         {"absurd rate, name NULL", and_also(by(nullptr), absurd_rate)},
         {"absurd rate, no such name", and_also(by("nowhere"), absurd_rate)},
         {"platform flag", and_also(by("silent"), platform)},
         {"platform flag, name NULL", and_also(by(nullptr), platform)},
         {"refused rate", and_also(by("silent"), [](Call& c) { c.rate = 1000; })},
         {"refused rate, no such name", and_also(by("nowhere"), [](Call& c) { c.rate = 1000; })},
         {"no such name, too many outputs by index",
          [](Call& c) {
              by_info(c.input, info_of(paALSA, "nowhere")), c.output.channelCount = 129;
          }},
         {"no such name, own info beside the output's index",
          [](Call& c) {
              by_info(c.input, info_of(paALSA, "nowhere"));
              c.output.hostApiSpecificStreamInfo = info_of(paALSA);
          }},
         {"input, ASIO's info beside the output's index",
          [](Call& c) {
              by_info(c.input, info_of(paALSA));
              c.output.hostApiSpecificStreamInfo = info_of(paASIO);
          }},
         {"input, 0 outputs by index",
          [](Call& c) { by_info(c.input, info_of(paALSA)), c.output.channelCount = 0; }},
         {"input, output without info",
          [](Call& c) { by_info(c.input, info_of(paALSA)), by_info(c.output, nullptr); }}});

    const auto mock_alone = [&](const std::string& name, Change change, long is_supported,
                                long open, const char* reason) {
        Call call{silent};
        change(call);
        PaStream* stream = nullptr;
        only_on_mock(
            "Pa_IsFormatSupported: ALSA by name: " + name, [&] { return call.is_supported(); },
            is_supported, reason);
        only_on_mock(
            "Pa_OpenStream: ALSA by name: " + name, [&] { return call.open(&stream); }, open,
            reason);
        if (stream) Pa_CloseStream(stream);
    };
    const auto channels = [&](int count) {
        return and_also(by("silent"), [=](Call& c) { c.input.channelCount = count; });
    };
    mock_alone("0 channels", channels(0), paInvalidChannelCount, paInvalidChannelCount,
               "it supports them, and an assertion ends the program when it opens them");
    mock_alone("-1 channels", channels(-1), paInvalidChannelCount, paInvalidChannelCount,
               "an assertion ends the program");
    Call wide{silent};
    channels(129)(wide);
    const char* plug = "ALSA's plug makes 10000 channels of 2, a mock device has what it lists";
    differs("Pa_IsFormatSupported: ALSA by name: 129 channels", wide.is_supported(),
            paInvalidChannelCount, paNoError, plug);
    PaStream* stream = nullptr;
    differs("Pa_OpenStream: ALSA by name: 129 channels", wide.open(&stream), paInvalidChannelCount,
            paNoError, plug);
    if (stream) Pa_CloseStream(stream);
    for (const PaSampleFormat format : {PaSampleFormat{0}, paFloat32 | paInt16}) {
        mock_alone("format " + std::to_string(format),
                   and_also(by("silent"), [=](Call& c) { c.input.sampleFormat = format; }),
                   paNoError, paSampleFormatNotSupported,
                   "an assertion ends the program, or it hangs");
    }
    const char* reads_before_a_list = "it reads a host API at index -9979, before its list";
    mock_alone("type ASIO, which is not there", with([](Info& info) { info.hostApiType = paASIO; }),
               paInvalidDevice, paInvalidDevice, reads_before_a_list);
    mock_alone("type ASIO, which is not there, and an absurd rate",
               and_also(with([](Info& info) { info.hostApiType = paASIO; }), absurd_rate),
               paInvalidDevice, paInvalidDevice, reads_before_a_list);
    mock_alone(
        "output, type ASIO, which is not there",
        [](Call& c) { by_info(c.output, info_of(paASIO)), c.input_is_null = true; },
        paInvalidDevice, paInvalidDevice, reads_before_a_list);
}

void default_stream() {
    const auto open = [](const char* name, int in, int out, PaSampleFormat format, double rate) {
        PaStream* stream = nullptr;
        const PaError result =
            Pa_OpenDefaultStream(&stream, in, out, format, rate, 0, &keep_going, nullptr);
        row(std::string{"Pa_OpenDefaultStream: "} + name, result);
        if (result == paNoError) row("  close", Pa_CloseStream(stream));
    };
    open("2 and 2", 2, 2, paFloat32, 48000);
    open("2 and 0", 2, 0, paInt16, 48000);
    open("0 and 1", 0, 1, paInt16, 48000);
    open("0 and 0", 0, 0, paFloat32, 48000);
    open("-1 and 2", -1, 2, paFloat32, 48000);
    open("2 and -1", 2, -1, paFloat32, 48000);
    open("129 and 2", 129, 2, paFloat32, 48000);
    open("2 and 129", 2, 129, paFloat32, 48000);
    open("format 0", 2, 2, 0, 48000);
    open("rate 0", 2, 2, paFloat32, 0);
    row("Pa_OpenDefaultStream: stream NULL",
        Pa_OpenDefaultStream(nullptr, 2, 2, paFloat32, 48000, 0, &keep_going, nullptr));
    PaStream* stream = nullptr;
    row("Pa_OpenDefaultStream: blocking",
        Pa_OpenDefaultStream(&stream, 2, 2, paFloat32, 48000, 0, nullptr, nullptr));
    row("  close", Pa_CloseStream(stream));
}

}  // namespace conformance
