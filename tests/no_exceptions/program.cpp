// SPDX-License-Identifier: MIT
#include <portspan/mock.hpp>
#include <portspan/portspan.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <new>
#include <string_view>
#include <system_error>
#include <vector>

#include "becomes_true.hpp"

using portspan::Fault;
using portspan::Stream;
using portspan::mock::Scope;

namespace {

int failures = 0;

void expect(bool is_met, const char* what) {
    if (is_met) return;
    ++failures;
    std::fprintf(stderr, "not so: %s\n", what);
}

const auto louder = [](auto& block) {
    for (float& x : block.in_place().samples()) x *= 2;
};
int return_seven(const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*,
                 PaStreamCallbackFlags, void*) {
    return 7;
}

void codes() {
    Scope audio;
    const std::vector<float> input{1, 2, 3, 4};
    audio.feed(input);
    Stream<float> stream{louder};
    expect(!stream.start(std::nothrow), "a stream starts");
    audio.pump(2);
    expect(audio.captured() == std::vector<float>{2, 4, 6, 8}, "its callback processes");
    expect(!stream.stop(std::nothrow), "it stops");
    expect(!stream.close(std::nothrow), "it is closed");
    expect(stream.start(std::nothrow) == portspan::portaudio_error(paBadStreamPtr),
           "a closed stream does not start");

    Stream<float> wrong{portspan::in_place(&return_seven)};
    expect(!wrong.start(std::nothrow), "it starts");
    audio.pump(2);
    expect(wrong.stop(std::nothrow) == Fault::callback_threw, "a wrong result is a code");
    expect(wrong.start(std::nothrow) == Fault::callback_threw, "it waits");
    expect(wrong.take_failure() == nullptr, "there is no exception");
    expect(!wrong.start(std::nothrow), "what was taken is forgotten");
}

void reasons() {
    const Scope audio;
    using portspan::check_supported;
    using portspan::portaudio_error;
    const auto code = [](const portspan::StreamConfig& config) {
        return check_supported<float>(config, std::nothrow);
    };
    expect(!code({}), "the defaults are supported");
    expect(code({.output = {.channels = 3}}) == portaudio_error(paInvalidChannelCount),
           "too many channels are a code");
    expect(code({.input = {.device = 7}}) == portaudio_error(paInvalidDevice),
           "a device that is not there is a code");
    portspan::Device gone;
    gone.name = "Gone";
    expect(code({.input = {.device = gone}}) == Fault::unknown_device,
           "a device that is gone is a code");
    expect(code({.output = {.format = paInt16}}) == portaudio_error(paSampleFormatNotSupported),
           "another format is a code");
    expect(code({.sample_rate = 1e9}) == portaudio_error(paInvalidSampleRate),
           "a sample rate that is none is a code");
    expect(code({.input = {.latency = portspan::Latency{7}}}) == Fault::invalid_argument,
           "a latency that is none is a code");
}

/// It is looked for until it is there again.
void lost_device() {
    Scope audio;
    std::atomic<bool> is_lost{false};
    std::atomic<bool> is_back{false};
    portspan::Watch watch{.reopen = portspan::Reopen::same_device,
                          .silence = std::chrono::seconds{10},
                          .retry = std::chrono::milliseconds{2}};
    watch.on_loss = [&](const portspan::DeviceLoss&) {
        audio.fail("Pa_OpenStream", paDeviceUnavailable, 0, 2);
        is_lost = true;
    };
    watch.on_reopened = [&] { is_back = true; };
    portspan::WatchedStream<float> stream{louder, watch};
    expect(!stream.start(std::nothrow), "it starts");
    audio.lose_device(0, portspan::mock::Loss::finished);
    expect(becomes_true([&] { return is_lost.load(); }), "the loss is told");
    expect(becomes_true([&] { return is_back.load(); }), "the third attempt opens it again");
    expect(!stream.stop(std::nothrow) && !stream.close(std::nothrow), "it is stopped and closed");
    expect(stream.wait(std::nothrow) == portspan::portaudio_error(paBadStreamPtr),
           "a closed stream is none");
}

void cannot_open() {
    const Scope audio;
    const Stream<float> stream{{.output = {.channels = 3}}, louder};
}

void cannot_load() { const portspan::SharedLibrary library{"./nowhere.so"}; }

void cannot_stop() {
    Scope audio;
    Stream<float> stream{portspan::in_place(&return_seven)};
    stream.start();
    audio.pump(2);
    stream.stop();
}

}  // namespace

int main(int, char** arguments) {
    const std::string_view what{arguments[1]};
    if (what == "codes") {
        codes();
        reasons();
        lost_device();
    }
    if (what == "a stream that cannot be opened") cannot_open();
    if (what == "a library that is not there") cannot_load();
    if (what == "a callback that returns no result") cannot_stop();
    return failures;
}
