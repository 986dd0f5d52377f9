// SPDX-License-Identifier: MIT
// What goes wrong, as exceptions and as std::error_code.
#pragma once

#include <portaudio.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "exceptions.hpp"
#include "host_api_type.hpp"

namespace portspan {

/// The category of PortAudio's own codes (PaErrorCode); message() is Pa_GetErrorText().
[[nodiscard]] const std::error_category& portaudio_category() noexcept;

/// What portspan itself refuses or reports, beside PortAudio's codes.
enum class Fault {
    null_callback = 1,    ///< a null function pointer, address 0, an empty std::function
    channel_mismatch,     ///< channel counts that the callback cannot work with
    unknown_result,       ///< a callback returned something other than 0, 1 or 2
    callback_threw,       ///< an exception waits in the stream: stop() or wait() rethrows it
    library_not_loaded,   ///< the loader refused the shared library
    symbol_not_found,     ///< the shared library does not define the symbol
    symbol_not_function,  ///< the symbol is data
    unknown_device,       ///< no device has that name
    ambiguous_device,     ///< more than one device has that name
    invalid_argument,     ///< a parameter out of its range
    unknown_description,  ///< a callback's description that this version cannot read
    callback_mismatch,    ///< the callback says of itself that it is for another stream
    state_mismatch,       ///< the callback says of itself that it works on another state
    interpreter_failed,   ///< the Python that a callback runs in did not start
    inside_callback,      ///< a call that would wait for the callback that makes it
    device_lost,          ///< the stream's device is gone
    streams_open,         ///< what would end the streams that are open
    held_elsewhere,       ///< PortAudio is held by something other than portspan
};

/// The category of Fault; needs no PortAudio library.
[[nodiscard]] const std::error_category& portspan_category() noexcept;

/// So that a Fault is compared with, and becomes, a std::error_code.
[[nodiscard]] inline std::error_code make_error_code(Fault fault) noexcept {
    return {static_cast<int>(fault), portspan_category()};
}

/// PortAudio's code for `error`, which must be a PaErrorCode.
[[nodiscard]] inline std::error_code portaudio_error(PaError error) noexcept {
    return {error, portaudio_category()};
}

/// The host API's own words for paUnanticipatedHostError, copied when the error happened.
struct HostError {
    HostApiType host_api;  ///< who says it
    long code;             ///< the host API's own, not PortAudio's
    std::string text;      ///< may be empty
};

/// Every exception of portspan; what() reads "Pa_OpenStream: Invalid sample rate", with a detail
/// "Pa_GetDeviceInfo: Invalid device (index 7)", of a host
/// "Pa_Initialize: Unanticipated host error: host API PulseAudio: Connection refused".
class Error : public std::system_error {
public:
    /// `call` is the function or the object that failed, `detail` what only this failure knows.
    Error(std::error_code code, std::string_view call, std::string_view detail = {},
          std::optional<HostError> host = {})
        : std::system_error(code), details_(std::make_shared<Details>()) {
        details_->call = call;
        details_->detail = detail;
        details_->what.append(call).append(": ").append(code.message());
        if (!detail.empty()) details_->what.append(" (").append(detail).append(")");
        if (host) details_->what.append(": ").append(words(*host));
        details_->host = std::move(host);
    }

    // Copies only: an error that was moved from would have nothing left to say.
    /// Copies share the text and do not throw.
    Error(const Error&) = default;
    /// Likewise.
    Error& operator=(const Error&) = default;

    /// The whole sentence, valid as long as this object or a copy.
    [[nodiscard]] const char* what() const noexcept override { return details_->what.c_str(); }

    /// What failed: the PortAudio function, the library's path, or portspan's own function.
    [[nodiscard]] const std::string& call() const noexcept { return details_->call; }

    /// What only this failure knows: the part of what() in parentheses, without them. May be empty.
    [[nodiscard]] const std::string& detail() const noexcept { return details_->detail; }

    /// Set where code() is paUnanticipatedHostError and PortAudio has the host's words.
    [[nodiscard]] const std::optional<HostError>& host_error() const noexcept {
        return details_->host;
    }

private:
    static std::string words(const HostError& host) {
        return "host API " + host_api_name(host.host_api) + ": " +
               (host.text.empty() ? "error " + std::to_string(host.code) : host.text);
    }

    struct Details {
        std::string call;
        std::string detail;
        std::string what;
        std::optional<HostError> host;
    };
    std::shared_ptr<Details> details_;  // shared: copying an exception must not throw
};

/// The Error for a failed PortAudio call; reads the host API's error at once, before it is stale.
[[nodiscard]] inline Error portaudio_failure(PaError error, std::string_view call,
                                             std::string_view detail = {}) {
    std::optional<HostError> host;
    if (error == paUnanticipatedHostError) {
        const PaHostErrorInfo* info = Pa_GetLastHostErrorInfo();
        // PortAudio has -1 there until a host API has said something.
        constexpr HostApiType nobody{-1};
        const HostApiType type = info ? detail::host_api_type(info->hostApiType) : nobody;
        if (type != nobody) {
            host = HostError{type, info->errorCode, info->errorText ? info->errorText : ""};
        }
    }
    return {portaudio_error(error), call, detail, std::move(host)};
}

/// Returns `result` where it is no error (many PortAudio functions return a count), else throws.
inline PaError check(PaError result, std::string_view call) {
    if (result < 0) detail::raise(portaudio_failure(result, call));
    return result;
}

inline const std::error_category& portaudio_category() noexcept {
    static const struct final : std::error_category {
        const char* name() const noexcept override { return "portaudio"; }
        std::string message(int code) const override { return Pa_GetErrorText(code); }
    } category;
    return category;
}

inline const std::error_category& portspan_category() noexcept {
    static const struct final : std::error_category {
        const char* name() const noexcept override { return "portspan"; }
        std::string message(int code) const override {
            switch (static_cast<Fault>(code)) {
                case Fault::null_callback:
                    return "the callback is null";
                case Fault::channel_mismatch:
                    return "channel counts do not fit";
                case Fault::unknown_result:
                    return "the callback returned no PaStreamCallbackResult";
                case Fault::callback_threw:
                    return "the callback threw an exception";
                case Fault::library_not_loaded:
                    return "cannot load the shared library";
                case Fault::symbol_not_found:
                    return "no such symbol";
                case Fault::symbol_not_function:
                    return "the symbol is not a function";
                case Fault::unknown_device:
                    return "no such device";
                case Fault::ambiguous_device:
                    return "more than one device fits";
                case Fault::invalid_argument:
                    return "invalid argument";
                case Fault::unknown_description:
                    return "the callback's description cannot be read";
                case Fault::callback_mismatch:
                    return "the callback does not fit the stream";
                case Fault::state_mismatch:
                    return "the state does not fit the callback";
                case Fault::interpreter_failed:
                    return "the interpreter that the callback runs in did not start";
                case Fault::inside_callback:
                    return "called from a callback whose end it would wait for";
                case Fault::device_lost:
                    return "the device is gone";
                case Fault::streams_open:
                    return "streams are open";
                case Fault::held_elsewhere:
                    return "PortAudio is held by something other than portspan";
            }
            return "unknown fault";
        }
    } category;
    return category;
}

}  // namespace portspan

template <>
struct std::is_error_code_enum<portspan::Fault> : std::true_type {};
