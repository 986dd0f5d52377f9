// SPDX-License-Identifier: MIT
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <portspan/host_info.hpp>
#include <portspan/mock.hpp>
#include <portspan/stream.hpp>
#include <portspan/watched.hpp>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"

using namespace std::chrono_literals;
using portspan::Error;
using portspan::HostApiType;
using portspan::HostInfo;
using portspan::OutputStream;
using portspan::Stream;
using portspan::StreamConfig;
using portspan::mock::Machine;
using portspan::mock::Scope;

namespace {

/// As a host API's C struct begins and may go on.
struct CoreStruct {
    unsigned long size;
    PaHostApiTypeId host_api;
    unsigned long version;
    const int* map;
    unsigned long map_size;
};

/// Settings with an array, as Core Audio and ASIO have them.
struct Mapped {
    static constexpr HostApiType host_api = HostApiType::core_audio;
    std::vector<int> map = {};
    std::shared_ptr<int> token = {};

    [[nodiscard]] CoreStruct stream_info() const {
        return {sizeof(CoreStruct), paCoreAudio, 1, map.data(),
                static_cast<unsigned long>(map.size())};
    }
};

/// Settings that say how many channels they are for.
struct Selected {
    static constexpr HostApiType host_api = HostApiType::core_audio;
    int count = 0;

    [[nodiscard]] int channels() const { return count; }
    [[nodiscard]] CoreStruct stream_info() const {
        return {sizeof(CoreStruct), paCoreAudio, 1, nullptr, 0};
    }
};

/// Settings that name a device, as ALSA's do, and in ALSA's struct.
struct Named {
    static constexpr HostApiType host_api = HostApiType::alsa;
    std::string device = {};

    struct Struct {
        unsigned long size;
        PaHostApiTypeId host_api;
        unsigned long version;
        const char* device;
    };
    [[nodiscard]] const std::string& device_name() const { return device; }
    [[nodiscard]] Struct stream_info() const { return {sizeof(Struct), paALSA, 1, device.c_str()}; }
};

const Machine mac{
    {{.type = paCoreAudio,
      .name = "Core Audio",
      .devices = {{.name = "Built-in", .max_input_channels = 4, .max_output_channels = 4}}}}};

/// An ALSA whose default devices prefer something of their own.
Machine linux_machine() {
    return {{{.type = paALSA,
              .name = "ALSA",
              .devices = {{"default", 2, 2, 44100, 0.01, 0.02, 0.03, 0.04},
                          {"hw:1,0", 8, 8, 96000, 0.11, 0.12, 0.13, 0.14}}}}};
}

const auto nothing = [](auto&) noexcept {};

template <class S = OutputStream<float>>
std::string refusal(Scope& audio, const StreamConfig& config) {
    const auto calls = audio.calls().size();
    const auto error = error_of([&] { S{config, nothing}; });
    for (std::size_t call = calls; error && call < audio.calls().size(); ++call) {
        CHECK(audio.calls()[call].function != "Pa_OpenStream");
    }
    return error ? error->what() : "no error";
}

}  // namespace

static_assert(std::is_convertible_v<Mapped, HostInfo>);
static_assert(!std::is_convertible_v<void*, HostInfo>);
static_assert(std::is_constructible_v<HostInfo, void*>);
static_assert(!std::is_convertible_v<int, HostInfo>);

TEST_CASE("settings and their arrays live until the stream is closed, and no longer") {
    const Scope audio{mac};
    const auto token = std::make_shared<int>();
    std::optional<OutputStream<float>> stream;
    {
        const StreamConfig config{.output = {.host_info = Mapped{{3, 2, 1, 0}, token}}};
        stream.emplace(config, nothing);
    }
    CHECK(token.use_count() == 2);
    const auto* info =
        static_cast<const CoreStruct*>(audio.opened().output->hostApiSpecificStreamInfo);
    CHECK(info->size == sizeof(CoreStruct));
    CHECK(info->map_size == 4);
    CHECK(std::vector(info->map, info->map + info->map_size) == std::vector{3, 2, 1, 0});
    OutputStream<float> moved = *std::move(stream);
    stream.reset();
    CHECK(token.use_count() == 2);
    SECTION("by its end") { OutputStream<float>{std::move(moved)}; }
    SECTION("by close()") { moved.close(); }
    CHECK(token.use_count() == 1);
}

TEST_CASE("settings of a stream that does not open are gone") {
    Scope audio{mac};
    audio.fail("Pa_OpenStream", paDeviceUnavailable);
    const auto token = std::make_shared<int>();
    CHECK_THROWS_AS(OutputStream<float>({.output = {.host_info = Mapped{{}, token}}}, nothing),
                    Error);
    CHECK(token.use_count() == 1);
}

TEST_CASE("each direction has its own settings") {
    const Scope audio{mac};
    const Stream<float> stream{
        {.input = {.host_info = Mapped{{0, 1}}}, .output = {.host_info = Mapped{{1, 0, 2}}}},
        nothing};
    const auto opened = audio.opened();
    CHECK(static_cast<CoreStruct*>(opened.input->hostApiSpecificStreamInfo)->map_size == 2);
    CHECK(static_cast<CoreStruct*>(opened.output->hostApiSpecificStreamInfo)->map_size == 3);
}

TEST_CASE("a struct of the caller's own is passed on as it is") {
    const Scope audio{mac};
    CoreStruct own{sizeof(CoreStruct), paCoreAudio, 1, nullptr, 0};
    const auto token = std::make_shared<int>();
    {
        const OutputStream<float> stream{{.output = {.host_info = HostInfo{&own, token}}}, nothing};
        CHECK(audio.opened().output->hostApiSpecificStreamInfo == &own);
        CHECK(token.use_count() == 2);
    }
    CHECK(token.use_count() == 1);
    CHECK_FALSE(HostInfo{static_cast<void*>(nullptr)});
    const OutputStream<float> stream{{.output = {.host_info = nullptr}}, nothing};
    CHECK(audio.opened(1).output->hostApiSpecificStreamInfo == nullptr);
}

TEST_CASE("settings for another host API are refused, with both") {
    Scope audio{mac};
    CHECK(refusal(audio, {.output = {.channels = 2, .host_info = HostInfo{Mapped{}}}}) ==
          "no error");
    struct {
        unsigned long size = sizeof(*this);
        PaHostApiTypeId host_api = paWASAPI;
        unsigned long version = 1;
    } own;
    CHECK(refusal(audio, {.output = {.host_info = HostInfo{&own}}}) ==
          "Stream: Incompatible host API specific stream info (output settings for WASAPI, "
          "\"Built-in\" is a device of Core Audio)");
    audio.machine(linux_machine());
    CHECK(refusal<Stream<float>>(audio, {.input = {.device = 1, .host_info = Mapped{}}}) ==
          "Stream: Incompatible host API specific stream info (input settings for Core Audio, "
          "\"hw:1,0\" is a device of ALSA)");
}

TEST_CASE("settings for so many channels make a stream of so many") {
    Scope audio{mac};
    const OutputStream<float> stream{{.output = {.host_info = Selected{3}}}, nothing};
    CHECK(stream.output_channels() == 3);
    CHECK(refusal(audio, {.output = {.channels = 3, .host_info = Selected{3}}}) == "no error");
    CHECK(refusal(audio, {.output = {.channels = 2, .host_info = Selected{3}}}) ==
          "Stream: channel counts do not fit (output settings for Core Audio with 3 channels, the "
          "endpoint has 2)");
    CHECK_THAT(refusal(audio, {.output = {.host_info = Selected{5}}}),
               ContainsSubstring("5 output channels, \"Built-in\" has 4"));
}

TEST_CASE("a device that the settings name is opened without an index") {
    const Scope audio{linux_machine()};
    const OutputStream<float> stream{{.output = {.channels = 6,
                                                 .latency = portspan::Latency::low,
                                                 .host_info = Named{"hw:1,0"}}},
                                     nothing};
    const auto opened = audio.opened();
    CHECK(opened.output->device == paUseHostApiSpecificDeviceSpecification);
    CHECK(opened.output->channelCount == 6);
    CHECK(static_cast<Named::Struct*>(opened.output->hostApiSpecificStreamInfo)->device ==
          std::string{"hw:1,0"});
    SECTION("latency and sample rate are those of the host API's default device") {
        CHECK(opened.output->suggestedLatency == 0.02);
        CHECK(opened.sample_rate == 44100);
    }
    CHECK(stream.host_api_type() == HostApiType::alsa);
}

TEST_CASE("the struct of the caller's own may name a device, too") {
    const Scope audio{linux_machine()};
    Named::Struct own{sizeof own, paALSA, 1, "hw:1,0"};
    const OutputStream<float> stream{{.output = {.device = paUseHostApiSpecificDeviceSpecification,
                                                 .channels = 2,
                                                 .host_info = HostInfo{&own}}},
                                     nothing};
    CHECK(audio.opened().output->device == paUseHostApiSpecificDeviceSpecification);
}

TEST_CASE("a name that the host API may not know is said to be one") {
    Scope audio{linux_machine()};
    audio.fail("Pa_OpenStream", paBadIODeviceCombination, 0, 2);
    const auto reason = [](const portspan::Endpoint& output) {
        const auto error = error_of([&] { OutputStream<float>{{.output = output}, nothing}; });
        return error ? error->detail() : "no error";
    };
    CHECK(reason({.channels = 2, .host_info = Named{"nosuch"}}) ==
          "output \"nosuch\", if there is such a device");
    CHECK_THAT(reason({}), !ContainsSubstring("if there is"));
}

TEST_CASE("what nobody knows of a named device has to be said") {
    Scope audio{linux_machine()};
    CHECK(refusal(audio, {.output = {.host_info = Named{"hw:1,0"}}}) ==
          "Stream: invalid argument (\"hw:1,0\" (ALSA) is not in PortAudio's list: it needs "
          "channels)");
    CHECK(refusal(audio, {.output = {.device = 1, .channels = 2, .host_info = Named{"hw:1,0"}}}) ==
          "Stream: invalid argument (device 1 and settings for \"hw:1,0\": one of them)");
    CHECK_THAT(refusal(audio, {.output = {.channels = 0, .host_info = Named{"hw:1,0"}}}),
               ContainsSubstring("Invalid number of channels (0 output channels"));

    Machine machine = linux_machine();
    machine.host_apis[0].default_output = std::nullopt;
    audio.machine(machine);
    CHECK_THAT(refusal(audio, {.output = {.host_info = Named{"hw:1,0"}}}),
               ContainsSubstring("it needs channels and a latency in seconds"));
    CHECK(refusal(audio,
                  {.output = {.channels = 2, .latency = 10ms, .host_info = Named{"hw:1,0"}}}) ==
          "Stream: Invalid sample rate (the device has no default)");
    CHECK(refusal<Stream<float>>(
              audio, {.output = {.channels = 2, .latency = 10ms, .host_info = Named{"hw:1,0"}}}) ==
          "no error");  // the input device has a default

    audio.machine(mac);
    CHECK(refusal(audio, {.output = {.channels = 2, .host_info = Named{"hw:1,0"}}}) ==
          "Stream: Host API not found (settings for ALSA)");
}

TEST_CASE("a watched stream goes on with the settings that it has") {
    Scope audio{linux_machine()};
    const auto lost = [&](portspan::Reopen where) {
        std::atomic<bool> reopened{false};
        std::string devices;
        portspan::WatchedStream<void, float> stream{
            {.output = {.channels = 2, .host_info = Named{"hw:1,0"}}},
            nothing,
            {.reopen = where,
             .retry = 1ms,
             .on_loss = [&](const portspan::DeviceLoss& loss) { devices = loss.devices; },
             .on_reopened = [&] { reopened = true; }}};
        stream.start();
        audio.lose_device(0, portspan::mock::Loss::finished);
        for (int wait = 0; wait < 5000 && !reopened; ++wait) std::this_thread::sleep_for(1ms);
        CHECK(reopened);
        CHECK(devices == "hw:1,0");
    };
    SECTION("on the same device") {
        lost(portspan::Reopen::same_device);
        CHECK(audio.opened(1).output->device == paUseHostApiSpecificDeviceSpecification);
    }
    SECTION("or without them on the default device") {
        audio.fail("Pa_OpenStream", paDeviceUnavailable, 1);
        lost(portspan::Reopen::default_device);
        CHECK(audio.opened(1).output->device == 0);
        CHECK(audio.opened(1).output->hostApiSpecificStreamInfo == nullptr);
    }
}

TEST_CASE("a stream knows the host API of its devices") {
    Scope audio{mac};
    Stream<float> stream{nothing};
    CHECK(stream.host_api_type() == HostApiType::core_audio);
    audio.machine(linux_machine());
    CHECK(portspan::host_api_name(stream.host_api_type()) == "Core Audio");
    Stream<float> moved{std::move(stream)};
    CHECK(moved.host_api_type() == HostApiType::core_audio);
}
