// SPDX-License-Identifier: MIT
// The name of the program among the clients of a real JACK server, and what ALSA's functions make
// of its streams.
#include <array>
#include <cstdio>
#include <iostream>
#include <portspan/host/alsa.hpp>
#include <portspan/host/jack.hpp>
#include <portspan/portspan.hpp>
#include <string>

#include "catch.hpp"
#include "error_of.hpp"
#include "jack_server.hpp"

using portspan::Stream;

// ctest reports a test that says so as skipped.
#define NEEDS_JACKD(server)                                                                      \
    if (!(server)) {                                                                             \
        std::cout << "skipped: jackd is not installed (Debian and Ubuntu: jackd2)" << std::endl; \
        return;                                                                                  \
    }                                                                                            \
    static_assert(true)

namespace {

/// What JACK's own program lists: a port a line, each with the client's name before it.
std::string jack_lsp() {
    std::string text;
    FILE* const ports = popen("jack_lsp 2>/dev/null", "r");
    std::array<char, 256> part{};
    while (ports && std::fgets(part.data(), part.size(), ports)) text += part.data();
    if (ports) pclose(ports);
    return text;
}

portspan::StreamConfig on(const JackServer& server) {
    const portspan::Endpoint endpoint{.device = server.device(), .channels = 2};
    return {.input = endpoint, .output = endpoint, .sample_rate = JackServer::sample_rate};
}

const auto pass = [](auto& block) noexcept { block.in_place(); };

}  // namespace

TEST_CASE("the JACK server lists the program by the name that it has given itself") {
    const JackServer server;
    NEEDS_JACKD(server);
    const auto has_ports_of = [](const std::string& client) {
        return jack_lsp().find(client + ":") != std::string::npos;
    };
    CHECK_THROWS_WITH(portspan::host::set_jack_client_name(""),
                      "PaJack_SetClientName: invalid argument (a client needs a name)");
    portspan::host::set_jack_client_name("a " + std::string{"looper"});
    {
        const portspan::Session session;
        CHECK(portspan::host::jack_client_name() == "a looper");
        const Stream<float> stream{on(server), pass};
        CHECK(stream.host_api_type() == portspan::HostApiType::jack);
        if (!jack_lsp().empty()) {
            CHECK(has_ports_of("a looper"));
            CHECK_FALSE(has_ports_of("PortAudio"));
        }
        CHECK_THROWS_AS(portspan::host::set_jack_client_name("late"), portspan::Error);
    }
    // PortAudio reads the name again where it is long gone from the stack.
    const portspan::Session session;
    CHECK(portspan::host::jack_client_name() == "a looper");
}

TEST_CASE("ALSA's functions leave a stream of JACK's alone") {
    const JackServer server;
    NEEDS_JACKD(server);
    const portspan::Session session;
    Stream<float> stream{on(server), pass};
    CHECK_THROWS_WITH(portspan::host::enable_realtime_scheduling(stream),
                      "PaAlsa_EnableRealtimeScheduling: Incompatible stream host API (a stream of "
                      "JACK, not of ALSA)");
    CHECK_THROWS_AS(portspan::host::alsa_output_card(stream), portspan::Error);
    stream.start();
    stream.stop();
    stream.close();
    CHECK_THROWS_WITH(portspan::host::enable_realtime_scheduling(stream),
                      ContainsSubstring("Invalid stream pointer (it is closed)"));
}
