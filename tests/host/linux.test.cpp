// SPDX-License-Identifier: MIT
// ALSA, JACK and PulseAudio as far as the mock has them; integration/ has the real ones.
#include <chrono>
#include <portspan/host/alsa.hpp>
#include <portspan/host/jack.hpp>
#include <portspan/host/pulse_audio.hpp>
#include <portspan/session.hpp>
#include <string>

#include "host_stream.hpp"

using portspan::HostApiType;
using portspan::host::Alsa;
using portspan::mock::Scope;

namespace {
bool was_called(const Scope& audio, const std::string& function) {
    for (const auto& call : audio.calls()) {
        if (call.function == function) return true;
    }
    return false;
}
}  // namespace

TEST_CASE("ALSA's device string arrives") {
    Scope audio{machine_of(HostApiType::alsa)};
    const portspan::OutputStream<float> stream{
        {.output = {.channels = 2, .host_info = Alsa{.device = "the device"}}}, [](auto&) {}};
    const auto& info =
        *static_cast<const PaAlsaStreamInfo*>(audio.opened().output->hostApiSpecificStreamInfo);
    CHECK(info.size == sizeof(PaAlsaStreamInfo));
    CHECK(info.hostApiType == paALSA);
    CHECK(info.version == 1);
    CHECK(info.deviceString == std::string{"the device"});
    CHECK(audio.opened().output->device == paUseHostApiSpecificDeviceSpecification);
    CHECK_THROWS_WITH(portspan::HostInfo{Alsa{}}, "host::Alsa: invalid argument (no device)");
}

TEST_CASE("ALSA's functions refuse streams of other host APIs") {
    using namespace portspan::host;
    takes_only_streams_of(HostApiType::alsa,
                          [](auto& stream) { enable_realtime_scheduling(stream); });
    takes_only_streams_of(HostApiType::alsa, [](auto& stream) { (void)alsa_input_card(stream); });
    takes_only_streams_of(HostApiType::alsa, [](auto& stream) { (void)alsa_output_card(stream); });
}

TEST_CASE("ALSA's cards have numbers, for the directions that a stream has") {
    Scope audio{machine_of(HostApiType::alsa)};
    const portspan::OutputStream<float> player{[](auto&) {}};
    CHECK(portspan::host::alsa_output_card(player) == 0);
    CHECK_THROWS_AS(portspan::host::alsa_input_card(player), portspan::Error);
}

TEST_CASE("numbers that ALSA cannot work with are refused") {
    using namespace portspan::host;
    Scope audio;
    for (const int periods : {-1, 0, 1, 1025})
        CHECK_THROWS_AS(set_alsa_periods(periods), portspan::Error);
    CHECK_THROWS_AS(set_alsa_busy_retries(-1), portspan::Error);
    CHECK_FALSE(was_called(audio, "PaAlsa_SetNumPeriods"));
    CHECK_FALSE(was_called(audio, "PaAlsa_SetRetriesBusy"));
    set_alsa_periods(2);
    set_alsa_periods(1024);
    set_alsa_busy_retries(0);
    set_alsa_library("libasound.so.2");
    CHECK(was_called(audio, "PaAlsa_SetNumPeriods"));
    CHECK(was_called(audio, "PaAlsa_SetRetriesBusy"));
    audio.fail("PaAlsa_SetNumPeriods", paInternalError);
    CHECK_THROWS_AS(set_alsa_periods(4), portspan::Error);
    audio.fail("PaAlsa_SetRetriesBusy", paInternalError);
    CHECK_THROWS_AS(set_alsa_busy_retries(4), portspan::Error);
}

TEST_CASE("a buffer of less frames than periods never reaches ALSA, where PortAudio would crash") {
    Scope audio{machine_of(HostApiType::alsa)};
    const auto opens = [&](int periods, double latency, unsigned long frames) {
        portspan::host::set_alsa_periods(periods);
        const auto error = error_of([&] {
            portspan::OutputStream<float>{
                {.output = {.latency = std::chrono::duration<double>{latency}},
                 .sample_rate = 48000,
                 .frames_per_buffer = frames},
                [](auto&) {}};
        });
        portspan::host::set_alsa_periods(4);
        if (error) CHECK(error->code() == portspan::portaudio_error(paBufferTooSmall));
        return !error;
    };
    CHECK(opens(4, 0, 2));
    CHECK_FALSE(opens(4, 0, 1));
    CHECK(opens(4, 0, 0));  // as many as the host likes
    CHECK(opens(256, 240 / 48000.0, 16));
    CHECK_FALSE(opens(256, 240 / 48000.0, 8));
    CHECK(opens(1024, 0, 512));
    CHECK_FALSE(opens(1024, 0, 256));
    audio.machine(machine_of(HostApiType::jack));
    CHECK(opens(4, 0, 1));
}

TEST_CASE("the JACK client's name is set before PortAudio starts, and said where it is too late") {
    using namespace portspan::host;
    Scope audio{machine_of(HostApiType::jack)};
    CHECK_THROWS_WITH(jack_client_name(), ContainsSubstring("PortAudio not initialized"));
    set_jack_client_name(std::string{"a looper"});
    {
        const portspan::Session session;
        CHECK(jack_client_name() == "a looper");
        CHECK_THROWS_WITH(
            set_jack_client_name("late"),
            "PaJack_SetClientName: invalid argument (\"late\": PortAudio has started)");
    }
    const std::string too_long(100, 'x');
    CHECK_THROWS_WITH(
        set_jack_client_name(too_long),
        ContainsSubstring(too_long) && ContainsSubstring("100 bytes, more than JACK"));
    const portspan::Session session;
    CHECK(jack_client_name() == "a looper");
}

TEST_CASE("without JACK there is no client, and no name") {
    Scope audio{machine_of(HostApiType::alsa)};
    const portspan::Session session;
    CHECK_THROWS_WITH(portspan::host::jack_client_name(),
                      "PaJack_GetClientName: Host API not found");
}

TEST_CASE("PulseAudio's streams are renamed, and no others") {
    using namespace portspan::host;
    HostStream host{HostApiType::pulse_audio};
    rename_pulse_source(host.stream, "Microphone of the looper");
    rename_pulse_sink(host.stream, "Looper");
    CHECK(was_called(host.audio, "PaPulseAudio_RenameSource"));
    CHECK(was_called(host.audio, "PaPulseAudio_RenameSink"));
    portspan::OutputStream<float> player{[](auto&) {}};
    CHECK_THROWS_AS(rename_pulse_source(player, "Microphone"), portspan::Error);
}
TEST_CASE("PulseAudio's functions refuse streams of other host APIs") {
    using namespace portspan::host;
    takes_only_streams_of(HostApiType::pulse_audio,
                          [](auto& stream) { rename_pulse_source(stream, "a"); });
    takes_only_streams_of(HostApiType::pulse_audio,
                          [](auto& stream) { rename_pulse_sink(stream, "a"); });
}
