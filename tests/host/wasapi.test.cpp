// SPDX-License-Identifier: MIT
#include <portspan/host/wasapi.hpp>
#include <portspan/host/wasapi_device.hpp>
#include <portspan/host/wasapi_stream.hpp>

#include "host_stream.hpp"
#include "portaudio.hpp"

using portspan::Direction;
using portspan::HostApiType;
using portspan::host::Wasapi;

namespace {
const auto& wasapi = HostApiType::wasapi;
void process(void*, long, void*, long, void*) {}
}  // namespace

TEST_CASE("WASAPI's settings arrive, each with its flag") {
    const auto flags = [](const Wasapi& settings) { return settings.stream_info().flags; };
    CHECK(flags({}) == 0);
    CHECK(flags({.exclusive = true}) == paWinWasapiExclusive);
    CHECK(flags({.polling = true}) == paWinWasapiPolling);
    CHECK(flags({.explicit_sample_format = true}) == paWinWasapiExplicitSampleFormat);
    CHECK(flags({.auto_convert = true}) == paWinWasapiAutoConvert);
    CHECK(flags({.channel_mask = 0ul}) == paWinWasapiUseChannelMask);
    CHECK(flags({.thread_priority = eThreadPriorityNone}) == paWinWasapiThreadPriority);
    CHECK(flags({.stream_category = eAudioCategoryMedia}) == 0);
    CHECK(flags({.host_processor_input = &process}) == paWinWasapiRedirectHostProcessor);
    CHECK(flags({.host_processor_output = &process}) == paWinWasapiRedirectHostProcessor);
    CHECK(flags({.passthrough = PaWasapiStreamPassthrough{}}) == paWinWasapiPassthrough);

    const HostStream host{wasapi,
                          Wasapi{.exclusive = true,
                                 .channel_mask = PAWIN_SPEAKER_STEREO,
                                 .thread_priority = eThreadPriorityProAudio,
                                 .stream_category = eAudioCategoryMedia,
                                 .stream_option = eStreamOptionRaw,
                                 .host_processor_output = &process,
                                 .passthrough = PaWasapiStreamPassthrough{3, 48000, 6, 80000}}};
    const auto& info = host.info<PaWasapiStreamInfo>();
    CHECK(info.size == sizeof(PaWasapiStreamInfo));
    CHECK(info.hostApiType == paWASAPI);
    CHECK(info.version == 1);
    CHECK(info.flags ==
          (paWinWasapiExclusive | paWinWasapiUseChannelMask | paWinWasapiThreadPriority |
           paWinWasapiRedirectHostProcessor | paWinWasapiPassthrough));
    CHECK(info.channelMask == PAWIN_SPEAKER_STEREO);
    CHECK(info.threadPriority == eThreadPriorityProAudio);
    CHECK(info.streamCategory == eAudioCategoryMedia);
    CHECK(info.streamOption == eStreamOptionRaw);
    CHECK(info.hostProcessorOutput == &process);
    CHECK(info.hostProcessorInput == nullptr);
    CHECK(info.passthrough.formatId == 3);
    CHECK(info.passthrough.averageBytesPerSec == 80000);
}

TEST_CASE("WASAPI's devices tell what they are") {
    using namespace portspan::host;
    extensions = {.jacks = 2};
    CHECK_FALSE(is_wasapi_loopback(PaDeviceIndex{0}));
    CHECK(is_wasapi_loopback(PaDeviceIndex{1}));
    CHECK(wasapi_device_role(3) == eRoleHeadset);
    CHECK(extensions.called == "PaWasapi_GetDeviceRole 3");
    const auto jacks = wasapi_jacks(4);
    REQUIRE(jacks.size() == 2);
    CHECK(jacks[1].color == 1);
    CHECK(extensions.called == "PaWasapi_GetJackDescription 4 1");
    CHECK(wasapi_default_format(0).fields[0] == 1);
    CHECK(wasapi_mix_format(PaDeviceIndex{0}).fields[0] == 2);
    update_wasapi_devices();
    CHECK(extensions.called == "PaWasapi_UpdateDeviceList");

    const portspan::mock::Scope audio;  // for the texts of PortAudio's errors
    extensions.answer = paInvalidDevice;
    CHECK_THROWS_WITH(is_wasapi_loopback(PaDeviceIndex{1}), "PaWasapi_IsLoopback: Invalid device");
    CHECK_THROWS_AS(wasapi_device_role(3), portspan::Error);
    CHECK_THROWS_AS(wasapi_jacks(4), portspan::Error);
    CHECK_THROWS_AS(wasapi_default_format(0), portspan::Error);
    CHECK_THROWS_AS(wasapi_mix_format(PaDeviceIndex{0}), portspan::Error);
    CHECK_THROWS_AS(update_wasapi_devices(), portspan::Error);
}

TEST_CASE("WASAPI's streams tell what the device does, and no other streams are asked") {
    using namespace portspan::host;
    extensions = {};
    HostStream host{wasapi};
    CHECK(wasapi_frames_per_host_buffer(host.stream).input == 480);
    CHECK(wasapi_frames_per_host_buffer(host.stream).output == 441);
    CHECK(wasapi_current_format(host.stream, Direction::input).fields[0] == 3);
    CHECK(wasapi_current_format(host.stream, Direction::output).fields[0] == 4);
    unsigned int seen = 0;
    set_wasapi_state_handler(
        host.stream,
        [](PaStream*, unsigned int, unsigned int error, void* data) {
            *static_cast<unsigned int*>(data) = error;
        },
        &seen);
    CHECK(seen == 7);
    extensions.answer = paInternalError;
    CHECK_THROWS_AS(wasapi_frames_per_host_buffer(host.stream), portspan::Error);
    CHECK_THROWS_AS(wasapi_current_format(host.stream, Direction::input), portspan::Error);
    CHECK_THROWS_AS(set_wasapi_state_handler(host.stream, nullptr), portspan::Error);
}

TEST_CASE("WASAPI's functions refuse streams of other host APIs") {
    using namespace portspan::host;
    extensions = {};
    takes_only_streams_of(wasapi,
                          [](auto& stream) { (void)wasapi_frames_per_host_buffer(stream); });
    takes_only_streams_of(
        wasapi, [](auto& stream) { (void)wasapi_current_format(stream, Direction::input); });
    takes_only_streams_of(wasapi, [](auto& stream) { set_wasapi_state_handler(stream, nullptr); });
}

TEST_CASE("a thread has the priority of an audio thread for as long as it says") {
    extensions = {};
    {
        const portspan::host::WasapiThreadPriority priority;
        CHECK(extensions.called == "PaWasapi_ThreadPriorityBoost 6");
        CHECK(extensions.boosted);
    }
    CHECK_FALSE(extensions.boosted);
    extensions.answer = paUnanticipatedHostError;
    const portspan::mock::Scope audio;
    CHECK_THROWS_AS(portspan::host::WasapiThreadPriority{eThreadPriorityAudio}, portspan::Error);
    CHECK(extensions.called == "PaWasapi_ThreadPriorityBoost 1");
}
