// SPDX-License-Identifier: MIT
#include <portspan/host/asio.hpp>
#include <vector>

#include "host_stream.hpp"
#include "portaudio.hpp"

using portspan::Direction;
using portspan::HostApiType;
using portspan::host::Asio;

TEST_CASE("ASIO's channel selectors arrive, and say how many channels the stream has") {
    const auto on_message = [](long, long, void*, double*, void*) -> long { return 1; };
    const HostStream host{HostApiType::asio,
                          Asio{.channel_selectors = {7, 0, 3}, .message_callback = on_message}};
    CHECK(host.stream.output_channels() == 3);
    const auto& info = host.info<PaAsioStreamInfo>();
    CHECK(info.size == sizeof(PaAsioStreamInfo));
    CHECK(info.hostApiType == paASIO);
    CHECK(info.version == 2);
    CHECK(info.flags == (paAsioUseChannelSelectors | paAsioUseMessageCallback));
    CHECK(std::vector(info.channelSelectors, info.channelSelectors + 3) == std::vector{7, 0, 3});
    CHECK(info.messageCallback == +on_message);
}

TEST_CASE("ASIO's settings without selectors leave the channels to the stream") {
    const HostStream host{HostApiType::asio, Asio{}};
    CHECK(host.stream.output_channels() == 2);
    CHECK(host.info<PaAsioStreamInfo>().flags == 0);
    CHECK(host.info<PaAsioStreamInfo>().channelSelectors == nullptr);
}

TEST_CASE("selectors for another number of channels never reach ASIO, which would crash") {
    const portspan::mock::Scope audio{machine_of(HostApiType::asio)};
    CHECK_THROWS_WITH(
        portspan::InputStream<float>({.input = {.channels = 4, .host_info = Asio{{0, 1}}}},
                                     [](auto&) {}),
        ContainsSubstring("input settings for ASIO with 2 channels, the endpoint has 4"));
}

TEST_CASE("ASIO's devices tell their channels' names and their buffers' sizes") {
    using namespace portspan::host;
    extensions = {};
    const auto sizes = asio_buffer_sizes(3);
    CHECK(sizes.min == 64);
    CHECK(sizes.max == 2048);
    CHECK(sizes.preferred == 256);
    CHECK(sizes.granularity == -1);
    CHECK(asio_channel_name(3, 1, Direction::input) == "Mic");
    CHECK(extensions.called == "PaAsio_GetInputChannelName 3 1");
    CHECK(asio_channel_name(3, 2, Direction::output) == "Main");
    CHECK(extensions.called == "PaAsio_GetOutputChannelName 3 2");
    show_asio_control_panel(3, &extensions);
    CHECK(extensions.called == "PaAsio_ShowControlPanel 3 1");
    const portspan::mock::Scope audio;
    extensions.answer = paInvalidDevice;
    CHECK_THROWS_AS(asio_buffer_sizes(3), portspan::Error);
    CHECK_THROWS_AS(asio_channel_name(3, 1, Direction::input), portspan::Error);
    CHECK_THROWS_AS(asio_channel_name(3, 1, Direction::output), portspan::Error);
    CHECK_THROWS_AS(show_asio_control_panel(3), portspan::Error);
}

TEST_CASE("ASIO's streams take another sample rate, and no others are asked") {
    using portspan::host::set_asio_sample_rate;
    extensions = {};
    HostStream host{HostApiType::asio};
    set_asio_sample_rate(host.stream, 96000);
    CHECK(extensions.called == "PaAsio_SetStreamSampleRate 1 96000");
    extensions.answer = paInvalidSampleRate;
    CHECK_THROWS_AS(set_asio_sample_rate(host.stream, 96000), portspan::Error);
    extensions = {};
}
TEST_CASE("ASIO's functions refuse streams of other host APIs") {
    extensions = {};
    takes_only_streams_of(HostApiType::asio, [](auto& stream) {
        portspan::host::set_asio_sample_rate(stream, 44100);
    });
}
