// SPDX-License-Identifier: MIT
// A host API's own settings for one direction of a stream, owned as long as PortAudio may read
// them.
#pragma once

#include <portaudio.h>

#include <concepts>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "host_api_type.hpp"
#include "kept.hpp"

namespace portspan {

/// A type of host/*.hpp. `stream_info()` makes PortAudio's C struct, which may point into the
/// settings. Where they say so themselves, `device_name()` is the device, which the endpoint then
/// leaves out, and `channels()` how many channels the direction has to have; empty and 0: any.
template <class S>
concept HostSettings = requires(S& settings) {
    { S::host_api } -> std::convertible_to<HostApiType>;
    settings.stream_info();
} && std::move_constructible<S>;

/// PaStreamParameters::hostApiSpecificStreamInfo with everything that it points to. Copies share
/// it, and so does a stream until it is closed.
class HostInfo {
public:
    /// None.
    HostInfo() = default;
    HostInfo(std::nullptr_t) noexcept {}  ///< none

    /// Throws Error where the settings are not complete.
    template <HostSettings S>
    HostInfo(S settings) : kept_(std::make_shared<const Owned<S>>(std::move(settings))) {}

    /// A struct of the caller's own, which begins with size, hostApiType and version. It lives
    /// until the stream is closed, or `keep_alive` sees to that.
    explicit HostInfo(void* info, std::shared_ptr<const void> keep_alive = {}) {
        if (info) kept_ = std::make_shared<const Info>(info, std::move(keep_alive));
    }

    /// Whether there are settings.
    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(kept_); }
    /// PortAudio's struct; null where there is none.
    [[nodiscard]] void* get() const noexcept { return kept_ ? kept_.get()->info : nullptr; }

    /// Of which host API the struct says that it is. Only where there is one.
    [[nodiscard]] HostApiType host_api() const noexcept {
        Head head;
        std::memcpy(&head, kept_.get()->info, sizeof head);
        return head.host_api;
    }
    /// The device, where the settings name one; else empty.
    [[nodiscard]] std::string device_name() const { return kept_ ? kept_.get()->device_name : ""; }
    /// As many as the settings are for; else 0.
    [[nodiscard]] int channels() const noexcept { return kept_ ? kept_.get()->channels : 0; }

private:
    /// As PortAudio reads it of every host API's struct.
    struct Head {
        unsigned long size;
        HostApiType host_api;
        unsigned long version;
    };

    struct Info {
        Info() = default;
        Info(void* its_info, std::shared_ptr<const void> its_keep_alive)
            : info(its_info), keep_alive(std::move(its_keep_alive)) {}
        void* info = nullptr;
        std::string device_name = {};
        int channels = 0;
        std::shared_ptr<const void> keep_alive = {};
    };

    // Made in place and never moved: the struct points into the settings.
    template <class S>
    struct Owned : Info {
        explicit Owned(S&& given)
            : settings(std::move(given)), stream_info(settings.stream_info()) {
            info = &stream_info;
            if constexpr (requires { settings.device_name(); }) {
                device_name = settings.device_name();
            }
            if constexpr (requires { settings.channels(); }) channels = settings.channels();
        }
        S settings;
        decltype(std::declval<S&>().stream_info()) stream_info;
    };

    detail::Kept<const Info> kept_;
};

}  // namespace portspan
