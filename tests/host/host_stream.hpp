// SPDX-License-Identifier: MIT
// A stream on a mock of one host API.
#pragma once

#include <cstring>
#include <portspan/mock.hpp>
#include <portspan/stream.hpp>
#include <string>

#include "catch.hpp"
#include "error_of.hpp"

/// A machine of one host API with one device of 8 channels a direction.
inline portspan::mock::Machine machine_of(portspan::HostApiType type) {
    portspan::mock::HostApi api{
        .name = "the API",
        .devices = {{.name = "the device", .max_input_channels = 8, .max_output_channels = 8}}};
    // The enumeration of an older portaudio.h may have no room for it.
    static_assert(sizeof api.type == sizeof type);
    std::memcpy(&api.type, &type, sizeof type);
    return {{api}};
}

/// An open stream of a host API, with such settings.
class HostStream {
public:
    explicit HostStream(portspan::HostApiType type, const portspan::HostInfo& info = {})
        : audio(machine_of(type)),
          stream({.input = {.host_info = info}, .output = {.host_info = info}},
                 [](auto&) noexcept {}) {}

    /// PortAudio's struct for the output, as Pa_OpenStream was given it.
    template <class Info>
    const Info& info() const {
        return *static_cast<const Info*>(audio.opened().output->hostApiSpecificStreamInfo);
    }

    portspan::mock::Scope audio;
    portspan::Stream<float> stream;
};

/// `call` takes a stream of `type`, and no other.
template <class Call>
void takes_only_streams_of(portspan::HostApiType type, Call call) {
    using portspan::HostApiType;
    const std::string name = portspan::host_api_name(type);
    {
        HostStream other{HostApiType::oss};
        const auto error = error_of([&] { call(other.stream); });
        REQUIRE(error);
        CHECK(error->code() == portspan::portaudio_error(paIncompatibleStreamHostApi));
        CHECK_THAT(error->what(), ContainsSubstring("(a stream of OSS, not of " + name + ")"));
    }
    HostStream right{type};
    CHECK_NOTHROW(call(right.stream));
    portspan::Stream<float> moved{std::move(right.stream)};
    CHECK_NOTHROW(call(moved));
    const auto of_moved = error_of([&] { call(right.stream); });
    REQUIRE(of_moved);
    CHECK(of_moved->code() == portspan::portaudio_error(paBadStreamPtr));
    CHECK_THAT(of_moved->what(), ContainsSubstring("it is closed"));
    moved.close();
    CHECK_THROWS_AS(call(moved), portspan::Error);
}
