// SPDX-License-Identifier: MIT
// The mock's PortAudio, called with any arguments: it answers a code, whatever a program does.
#include <portaudio.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <portspan/mock.hpp>
#include <vector>

#include "input.hpp"

using portspan::mock::Machine;
using portspan::mock::Scope;

namespace {

int run(const void* input, void* output, unsigned long frames, const PaStreamCallbackTimeInfo*,
        PaStreamCallbackFlags, void* data) {
    auto& calls = *static_cast<std::size_t*>(data);
    ++calls;
    EXPECT((input || output) && frames > 0);
    return calls % 5 == 0 ? static_cast<int>(calls % 7) : 0;
}

class Program {
public:
    explicit Program(fuzz::Input& in) : in_(in), audio_(machine()) { audio_.capture(false); }
    ~Program() {
        while (Pa_Terminate() == paNoError) {
        }
        EXPECT(audio_.open_streams() == 0 && audio_.initialized() == 0);
    }

    void step() {
        switch (in_.below(12)) {
            case 0:
                initializations_ += Pa_Initialize() == paNoError ? 1 : 0;
                break;
            case 1:
                if (in_.below(3) == 0) initializations_ -= Pa_Terminate() == paNoError ? 1 : 0;
                break;
            case 2:
            case 3:
                return open();
            case 4:
                return ask_for_devices();
            case 5:
                return audio_.pump(in_.below(700));
            case 6:
                return transfer();
            default:
                return control();
        }
        EXPECT(audio_.initialized() == initializations_);
        if (initializations_ == 0) EXPECT(audio_.open_streams() == 0);
    }

private:
    static Machine machine() {
        return {
            {{.devices = {{}, {.name = "Mono", .max_input_channels = 1, .max_output_channels = 0}}},
             {.type = paALSA, .name = "Second", .devices = {{.sample_rates = {44100}}}}}};
    }

    int any_int() {
        constexpr int numbers[] = {0, 1, 2, 3, -1, -2, 255, 65537};
        constexpr int limits[] = {std::numeric_limits<int>::min(), std::numeric_limits<int>::max()};
        return in_.below(8) == 0 ? in_.one_of(limits) : in_.one_of(numbers);
    }
    double any_double() {
        constexpr double numbers[] = {48000, 44100, 0, -1, 1e9, 0.01};
        return in_.below(8) == 0 ? in_.any<double>() : in_.one_of(numbers);
    }
    PaStream* any_stream() {
        if (!streams_.empty() && in_.below(6) != 0) return streams_[in_.below(streams_.size())];
        return reinterpret_cast<PaStream*>(in_.any<std::uintptr_t>());
    }

    /// Null, now and then.
    const PaStreamParameters* any_parameters(PaStreamParameters& parameters) {
        constexpr PaSampleFormat formats[] = {paFloat32, paInt16, paInt24 | paNonInterleaved,
                                              paInt8,    paUInt8, paCustomFormat,
                                              0,         paInt32, paFloat32 | paInt16};
        parameters = {.device = in_.flag() ? static_cast<int>(in_.below(3)) : any_int(),
                      .channelCount = in_.flag() ? static_cast<int>(in_.below(3)) : any_int(),
                      .sampleFormat = in_.one_of(formats),
                      .suggestedLatency = any_double(),
                      .hostApiSpecificStreamInfo = nullptr};
        return in_.below(4) == 0 ? nullptr : &parameters;
    }

    void open() {
        PaStreamParameters input{}, output{};
        const auto* const in = any_parameters(input);
        const auto* const out = any_parameters(output);
        const double rate = any_double();
        const PaError supported = Pa_IsFormatSupported(in, out, rate);
        PaStream* stream = nullptr;
        const unsigned long frames = in_.flag() ? in_.below(600) : in_.any<unsigned long>();
        const PaStreamFlags flags = in_.flag() ? 0 : in_.any<std::uint8_t>();
        const auto is_planar = [](const PaStreamParameters* p) {
            return p && (p->sampleFormat & paNonInterleaved) != 0;
        };
        const bool has_callback = in_.below(4) != 0 || is_planar(in) || is_planar(out);
        const PaError error =
            in_.below(5) == 0 ? Pa_OpenDefaultStream(&stream, any_int(), any_int(), paFloat32, rate,
                                                     frames, has_callback ? run : nullptr, &calls_)
                              : Pa_OpenStream(in_.below(20) == 0 ? nullptr : &stream, in, out, rate,
                                              frames, flags, has_callback ? run : nullptr, &calls_);
        EXPECT(error <= 0 && supported <= 0);
        EXPECT((stream != nullptr) == (error == paNoError));
        if (stream) streams_.push_back(stream);
    }

    void ask_for_devices() {
        const int count = Pa_GetDeviceCount();
        EXPECT(initializations_ > 0 ? count == 3 : count < 0);
        const int device = any_int();
        const PaDeviceInfo* const info = Pa_GetDeviceInfo(device);
        EXPECT((info != nullptr) == (device >= 0 && device < count));
        const int api = any_int();
        EXPECT((Pa_GetHostApiInfo(api) != nullptr) == (count > 0 && (api == 0 || api == 1)));
        EXPECT(Pa_HostApiDeviceIndexToDeviceIndex(api, device) < count || count < 0);
        EXPECT(Pa_HostApiTypeIdToHostApiIndex(static_cast<PaHostApiTypeId>(in_.below(16))) < 2);
        EXPECT(std::strlen(Pa_GetErrorText(any_int())) > 0);
        static_cast<void>(Pa_GetSampleSize(in_.any<PaSampleFormat>()));
        EXPECT(Pa_GetLastHostErrorInfo() != nullptr);
    }

    void control() {
        PaStream* const stream = any_stream();
        switch (in_.below(10)) {
            case 0:
            case 1:
                return expect_code(Pa_StartStream(stream));
            case 2:
                return expect_code(Pa_StopStream(stream));
            case 3:
                return expect_code(Pa_AbortStream(stream));
            case 4: {
                const PaError error = Pa_CloseStream(stream);
                expect_code(error);
                EXPECT(Pa_IsStreamStopped(stream) < 0);  // whatever it was, it is none now
                return;
            }
            case 5: {
                const PaError active = Pa_IsStreamActive(stream),
                              stopped = Pa_IsStreamStopped(stream);
                EXPECT((active < 0) == (stopped < 0) && active <= 1 && stopped <= 1);
                EXPECT(active < 1 || stopped < 1);
                return;
            }
            case 6:
                EXPECT(Pa_GetStreamInfo(stream) || Pa_IsStreamStopped(stream) < 0);
                return;
            case 7:
                EXPECT(Pa_GetStreamTime(stream) >= 0 && Pa_GetStreamCpuLoad(stream) >= 0);
                return;
            case 8:
                return expect_code(Pa_SetStreamFinishedCallback(stream, nullptr));
            default:
                if (audio_.streams() > 0) {
                    audio_.lose_device(in_.below(audio_.streams()),
                                       static_cast<portspan::mock::Loss>(in_.below(3)));
                }
        }
    }

    static void expect_code(PaError error) {
        EXPECT(error == paNoError || (error >= paNotInitialized && error <= paBadBufferPtr));
    }

    /// No more than there is: nobody else ends a stream that waits.
    void transfer() {
        PaStream* const stream = any_stream();
        constexpr std::size_t most = 64;  // frames, of two channels and four bytes
        std::array<std::byte, most * 2 * 4> samples{};
        const auto at_most = [&](signed long there) {
            return std::min(in_.below(most), there > 0 ? static_cast<std::size_t>(there) : 0);
        };
        expect_code(
            Pa_ReadStream(stream, samples.data(), at_most(Pa_GetStreamReadAvailable(stream))));
        expect_code(
            Pa_WriteStream(stream, samples.data(), at_most(Pa_GetStreamWriteAvailable(stream))));
    }

    fuzz::Input& in_;
    Scope audio_;
    std::size_t calls_ = 0;
    int initializations_ = 0;
    std::vector<PaStream*> streams_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::run_program<Program>(data, size);
}
