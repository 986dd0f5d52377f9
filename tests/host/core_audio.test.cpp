// SPDX-License-Identifier: MIT
#include <portspan/host/core_audio.hpp>
#include <vector>

#include "host_stream.hpp"
#include "portaudio.hpp"

using portspan::Direction;
using portspan::HostApiType;
using portspan::host::ConversionQuality;
using portspan::host::CoreAudio;

TEST_CASE("Core Audio's settings arrive, the channel map with them") {
    const auto flags = [](const CoreAudio& settings) { return settings.stream_info().flags; };
    CHECK(flags({}) == 0);
    CHECK(flags({.quality = ConversionQuality::high}) == paMacCoreConversionQualityHigh);
    CHECK(flags({.quality = ConversionQuality::medium}) == paMacCoreConversionQualityMedium);
    CHECK(flags({.quality = ConversionQuality::low}) == paMacCoreConversionQualityLow);
    CHECK(flags({.quality = ConversionQuality::min, .change_device_parameters = true}) == 0x101);
    CHECK(flags({.fail_if_conversion_required = true}) == paMacCoreFailIfConversionRequired);
    CHECK(CoreAudio{}.stream_info().channelMap == nullptr);

    const HostStream host{HostApiType::core_audio,
                          CoreAudio{.channel_map = {-1, 1, 0}, .change_device_parameters = true}};
    const auto& info = host.info<PaMacCoreStreamInfo>();
    CHECK(info.size == sizeof(PaMacCoreStreamInfo));
    CHECK(info.hostApiType == paCoreAudio);
    CHECK(info.version == 1);
    CHECK(info.flags == paMacCoreChangeDeviceParameters);
    CHECK(std::vector(info.channelMap, info.channelMap + info.channelMapSize) ==
          std::vector<SInt32>{-1, 1, 0});
}

TEST_CASE("Core Audio's devices tell their channels' names and their buffers' sizes") {
    using namespace portspan::host;
    extensions = {};
    CHECK(core_audio_channel_name(1, 0, Direction::input) == "Left");
    CHECK(extensions.called == "PaMacCore_GetChannelName 1 0 1");
    CHECK(core_audio_channel_name(1, 5, Direction::output).empty());
    CHECK(extensions.called == "PaMacCore_GetChannelName 1 5 0");
    CHECK(core_audio_buffer_sizes(2).min == 14);
    CHECK(core_audio_buffer_sizes(2).max == 4096);
    CHECK(core_audio_workgroup(PaDeviceIndex{2}) != nullptr);
    const portspan::mock::Scope audio;
    extensions.answer = paInvalidDevice;
    CHECK_THROWS_AS(core_audio_buffer_sizes(2), portspan::Error);
    CHECK_THROWS_AS(core_audio_workgroup(PaDeviceIndex{2}), portspan::Error);
}

TEST_CASE("Core Audio's own number of a stream's device, and of no other host API's stream") {
    using portspan::host::core_audio_device;
    {
        const HostStream host{HostApiType::core_audio};
        CHECK(core_audio_device(host.stream, Direction::input) == 41);
        CHECK(core_audio_device(host.stream, Direction::output) == 42);
    }
    takes_only_streams_of(HostApiType::core_audio,
                          [](auto& stream) { (void)core_audio_device(stream, Direction::input); });
}
