// SPDX-License-Identifier: MIT
// Host API settings: what an endpoint takes for them, and what takes a stream of a host API's.
#include <portspan/host/opened.hpp>
#include <portspan/stream.hpp>
#include <string>

namespace {
struct Info {
    unsigned long size = sizeof(Info);
    PaHostApiTypeId host_api = paWASAPI;
    unsigned long version = 1;
} info;
struct Settings {
    static constexpr portspan::HostApiType host_api = portspan::HostApiType::wasapi;
    [[nodiscard]] Info stream_info() const { return {}; }
} settings;
}  // namespace

void endpoint() {
#if defined(POINTER_THAT_NOBODY_OWNS)
    // error: could not convert|no matching constructor|explicit|no viable conversion
    const portspan::Endpoint endpoint{.host_info = &info};
#elif defined(POINTER_TO_SETTINGS)
    // error: could not convert|no matching constructor|explicit|no viable conversion
    const portspan::Endpoint endpoint{.host_info = &settings};
#elif defined(TEXT_INSTEAD_OF_SETTINGS)
    // error: could not convert|no matching constructor|explicit|no viable conversion
    const portspan::Endpoint endpoint{.host_info = std::string{"hw:1,0"}};
#else
    const portspan::Endpoint endpoint{.host_info = portspan::HostInfo{&info}};
    const portspan::Endpoint other{.host_info = settings};
#endif
}

void extension() {
#ifdef EXTENSION_OF_A_RAW_STREAM
    // error: constraint|no matching function
    PaStream* stream = nullptr;
#else
    portspan::Stream<float> stream{[](auto&) noexcept {}};
#endif
    portspan::host::detail::stream_of(portspan::HostApiType::alsa, stream, "call");
}
