// SPDX-License-Identifier: MIT
// WMME, DirectSound, WDM-KS.
#include <portspan/host/direct_sound.hpp>
#include <portspan/host/wdmks.hpp>
#include <portspan/host/wmme.hpp>
#include <portspan/host/wmme_stream.hpp>

#include "host_stream.hpp"
#include "portaudio.hpp"

using portspan::HostApiType;
using portspan::host::DirectSound;
using portspan::host::Wdmks;
using portspan::host::Wmme;
using portspan::host::WmmePassthrough;

TEST_CASE("DirectSound's settings arrive") {
    CHECK(DirectSound{}.stream_info().flags == 0);
    const HostStream host{HostApiType::direct_sound,
                          DirectSound{.frames_per_buffer = 512ul, .channel_mask = 3ul}};
    const auto& info = host.info<PaWinDirectSoundStreamInfo>();
    CHECK(info.size == sizeof(PaWinDirectSoundStreamInfo));
    CHECK(info.hostApiType == paDirectSound);
    CHECK(info.version == 2);
    CHECK(info.flags ==
          (paWinDirectSoundUseLowLevelLatencyParameters | paWinDirectSoundUseChannelMask));
    CHECK(info.framesPerBuffer == 512);
    CHECK(info.channelMask == 3);
}

TEST_CASE("WDM-KS's settings arrive") {
    CHECK(Wdmks{}.stream_info().flags == 0);
    CHECK(Wdmks{.channel_mask = 0u}.stream_info().flags == paWinWDMKSUseGivenChannelMask);
    const HostStream host{HostApiType::wdmks,
                          Wdmks{.packets = 4, .override_frame_size = true, .channel_mask = 3u}};
    const auto& info = host.info<PaWinWDMKSInfo>();
    CHECK(info.size == sizeof(PaWinWDMKSInfo));
    CHECK(info.hostApiType == paWDMKS);
    CHECK(info.version == 1);
    CHECK(info.flags == (paWinWDMKSOverrideFramesize | paWinWDMKSUseGivenChannelMask));
    CHECK(info.noOfPackets == 4);
    CHECK(info.channelMask == 3);
}

TEST_CASE("WMME's settings arrive") {
    Wmme none;
    CHECK(none.stream_info().flags == 0);
    CHECK(none.device_name().empty());
    CHECK(Wmme{.passthrough = WmmePassthrough::wma}.stream_info().flags == 0x20);
    const HostStream host{HostApiType::mme,
                          Wmme{.buffers = Wmme::Buffers{.frames = 256, .count = 4},
                               .channel_mask = 3ul,
                               .dont_throttle = true,
                               .passthrough = WmmePassthrough::dolby_ac3}};
    const auto& info = host.info<PaWinMmeStreamInfo>();
    CHECK(info.size == sizeof(PaWinMmeStreamInfo));
    CHECK(info.hostApiType == paMME);
    CHECK(info.version == 1);
    CHECK(info.flags ==
          (paWinMmeUseLowLevelLatencyParameters | paWinMmeUseChannelMask |
           paWinMmeDontThrottleOverloadedProcessingThread | paWinMmeWaveFormatDolbyAc3Spdif));
    CHECK(info.framesPerBuffer == 256);
    CHECK(info.bufferCount == 4);
    CHECK(info.devices == nullptr);
    CHECK(info.deviceCount == 0);
    CHECK(info.channelMask == 3);
}

TEST_CASE("WMME's devices are opened together, without an index") {
    const portspan::mock::Scope audio{machine_of(HostApiType::mme)};
    const portspan::StreamConfig config{
        .output = {.host_info = Wmme{.devices = {{.device = 3, .channelCount = 2},
                                                 {.device = 5, .channelCount = 4}}}}};
    const portspan::Session session;
    const auto request = portspan::detail::open_request<void, float, portspan::Interleaved>(config);
    CHECK(request.output.parameters.device == paUseHostApiSpecificDeviceSpecification);
    CHECK(request.output.parameters.channelCount == 6);
    CHECK(request.output.device.name == "devices 3, 5");
    const auto& info = *static_cast<const PaWinMmeStreamInfo*>(
        request.output.parameters.hostApiSpecificStreamInfo);
    CHECK(info.flags == paWinMmeUseMultipleDevices);
    REQUIRE(info.deviceCount == 2);
    CHECK(info.devices[1].device == 5);
    CHECK(info.devices[1].channelCount == 4);
}

TEST_CASE("the wave handles of a WMME stream, and of no other") {
    using namespace portspan::host;
    extensions = {};
    HostStream host{HostApiType::mme};
    CHECK(wmme_input_handles(host.stream).size() == 2);
    CHECK(wmme_input_handles(host.stream)[0] != wmme_input_handles(host.stream)[1]);
    CHECK(wmme_output_handles(host.stream).size() == 1);
    extensions.answer = paBadStreamPtr;
    CHECK_THROWS_AS(wmme_input_handles(host.stream), portspan::Error);
    CHECK_THROWS_AS(wmme_output_handles(host.stream), portspan::Error);
}
TEST_CASE("WMME's functions refuse streams of other host APIs") {
    extensions = {};
    takes_only_streams_of(HostApiType::mme,
                          [](auto& stream) { (void)portspan::host::wmme_input_handles(stream); });
    takes_only_streams_of(HostApiType::mme,
                          [](auto& stream) { (void)portspan::host::wmme_output_handles(stream); });
}
