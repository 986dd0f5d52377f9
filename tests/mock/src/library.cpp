// SPDX-License-Identifier: MIT
// The functions of portaudio.h that need no stream: the library, its devices, opening.
#include "exported.hpp"

#include <utility>

#include "answer.hpp"
#include "convert.hpp"
#include "validation.hpp"

namespace portspan::mock {

namespace {

template <class T>
const T* at(const std::vector<T>& list, int index) {
    if (index < 0 || static_cast<std::size_t>(index) >= list.size()) return nullptr;
    return &list[static_cast<std::size_t>(index)];
}

constexpr PaVersionInfo version{19, 7, 0, "mock", "PortAudio V19.7.0, portspan's mock"};

}  // namespace

}  // namespace portspan::mock

PORTSPAN_MOCK_EXPORTED

int Pa_GetVersion() { return paMakeVersionNumber(19, 7, 0); }
const char* Pa_GetVersionText() { return version.versionText; }
const PaVersionInfo* Pa_GetVersionInfo() { return &version; }

PaError Pa_Initialize() {
    return answer("Pa_Initialize", [](Lock& lock) { return engine().initialize(lock); });
}

PaError Pa_Terminate() {
    // An ordered failure is answered all the same: what PortAudio holds is let go of.
    return answer_ordered("Pa_Terminate", [](Lock& lock, std::optional<PaError> code) {
        const PaError result = engine().terminate(lock);
        return code.value_or(result);
    });
}

const PaHostErrorInfo* Pa_GetLastHostErrorInfo() {
    return answer("Pa_GetLastHostErrorInfo",
                  [](Lock&) -> const PaHostErrorInfo* { return engine().host_error; });
}

PaHostApiIndex Pa_GetHostApiCount() {
    return answer_initialized("Pa_GetHostApiCount", [](const Found& found) {
        return static_cast<int>(found.host_apis().size());
    });
}

PaHostApiIndex Pa_GetDefaultHostApi() {
    return answer_initialized("Pa_GetDefaultHostApi", [](const Found& found) -> int {
        if (found.host_apis().empty()) return paInternalError;
        return static_cast<int>(found.default_host_api());
    });
}

const PaHostApiInfo* Pa_GetHostApiInfo(PaHostApiIndex index) {
    return answer("Pa_GetHostApiInfo", [&](Lock&) -> const PaHostApiInfo* {
        return engine().is_initialized() ? at(engine().found().host_apis(), index) : nullptr;
    });
}

PaHostApiIndex Pa_HostApiTypeIdToHostApiIndex(PaHostApiTypeId type) {
    return answer_initialized("Pa_HostApiTypeIdToHostApiIndex", [&](const Found& found) {
        const auto place = found.find_host_api(type);
        return place ? static_cast<int>(*place) : int{paHostApiNotFound};
    });
}

PaDeviceIndex Pa_HostApiDeviceIndexToDeviceIndex(PaHostApiIndex api, int device) {
    return answer_initialized("Pa_HostApiDeviceIndexToDeviceIndex", [&](const Found& found) -> int {
        const PaHostApiInfo* info = at(found.host_apis(), api);
        if (!info) return paInvalidHostApi;
        if (device < 0 || device >= info->deviceCount) return paInvalidDevice;
        for (int before = 0; before < api; ++before) {
            device += at(found.host_apis(), before)->deviceCount;
        }
        return device;
    });
}

PaDeviceIndex Pa_GetDeviceCount() {
    return answer_initialized("Pa_GetDeviceCount", [](const Found& found) {
        return static_cast<int>(found.devices().size());
    });
}

static PaDeviceIndex default_device(PaDeviceIndex PaHostApiInfo::* device) {
    if (!engine().is_initialized()) return paNoDevice;
    const Found& found = engine().found();
    if (found.host_apis().empty()) return paNoDevice;
    return found.host_apis()[found.default_host_api()].*device;
}
PaDeviceIndex Pa_GetDefaultInputDevice() {
    return answer("Pa_GetDefaultInputDevice",
                  [](Lock&) { return default_device(&PaHostApiInfo::defaultInputDevice); });
}
PaDeviceIndex Pa_GetDefaultOutputDevice() {
    return answer("Pa_GetDefaultOutputDevice",
                  [](Lock&) { return default_device(&PaHostApiInfo::defaultOutputDevice); });
}

const PaDeviceInfo* Pa_GetDeviceInfo(PaDeviceIndex index) {
    return answer("Pa_GetDeviceInfo", [&](Lock&) -> const PaDeviceInfo* {
        return engine().is_initialized() ? at(engine().found().devices(), index) : nullptr;
    });
}

static PaError refuses(const Found& found, const Request& request, bool opens) {
    const PaError error = front_end_refuses(found, request);
    return error != paNoError ? error : device_refuses(found, request, opens);
}

PaError Pa_IsFormatSupported(const PaStreamParameters* input, const PaStreamParameters* output,
                             double sample_rate) {
    return answer_initialized("Pa_IsFormatSupported", [&](const Found& found) {
        return refuses(found, {input, output, sample_rate}, false);
    });
}

static PaError open_stream(Lock& lock, PaStream** stream, const PaStreamParameters* input,
                           const PaStreamParameters* output, double sample_rate,
                           unsigned long frames_per_buffer, PaStreamFlags flags,
                           PaStreamCallback* callback, void* user_data) {
    if (!stream) return paBadStreamPtr;
    const PaError error =
        refuses(engine().found(),
                {input, output, sample_rate, frames_per_buffer, flags, callback != nullptr}, true);
    if (error != paNoError) return error;
    const auto copy = [](const PaStreamParameters* p) {
        return p ? std::optional{*p} : std::nullopt;
    };
    return engine().open(lock, stream,
                         {copy(input), copy(output), sample_rate, frames_per_buffer, flags,
                          callback, user_data, nullptr});
}

PaError Pa_OpenStream(PaStream** stream, const PaStreamParameters* input,
                      const PaStreamParameters* output, double sample_rate,
                      unsigned long frames_per_buffer, PaStreamFlags flags,
                      PaStreamCallback* callback, void* user_data) {
    return answer("Pa_OpenStream", [&](Lock& lock) -> PaError {
        if (!engine().is_initialized()) return paNotInitialized;
        return open_stream(lock, stream, input, output, sample_rate, frames_per_buffer, flags,
                           callback, user_data);
    });
}

PaError Pa_OpenDefaultStream(PaStream** stream, int inputs, int outputs, PaSampleFormat format,
                             double sample_rate, unsigned long frames_per_buffer,
                             PaStreamCallback* callback, void* user_data) {
    return answer("Pa_OpenDefaultStream", [&](Lock& lock) -> PaError {
        const auto direction = [&](int channels, PaDeviceIndex PaHostApiInfo::* kind,
                                   PaTime PaDeviceInfo::* latency, PaStreamParameters& parameters) {
            if (channels <= 0) return true;
            const PaDeviceIndex device = default_device(kind);
            if (device == paNoDevice) return false;
            parameters = {device, channels, format,
                          at(engine().found().devices(), device)->*latency, nullptr};
            return true;
        };
        PaStreamParameters input{}, output{};
        if (!direction(inputs, &PaHostApiInfo::defaultInputDevice,
                       &PaDeviceInfo::defaultHighInputLatency, input) ||
            !direction(outputs, &PaHostApiInfo::defaultOutputDevice,
                       &PaDeviceInfo::defaultHighOutputLatency, output)) {
            return paDeviceUnavailable;
        }
        if (!engine().is_initialized()) return paNotInitialized;
        return open_stream(lock, stream, inputs > 0 ? &input : nullptr,
                           outputs > 0 ? &output : nullptr, sample_rate, frames_per_buffer,
                           paNoFlag, callback, user_data);
    });
}

PaError Pa_GetSampleSize(PaSampleFormat format) {
    return answer("Pa_GetSampleSize", [&](Lock&) -> PaError {
        const std::size_t size = bytes_per_sample(format);
        return size != 0 ? static_cast<PaError>(size) : PaError{paSampleFormatNotSupported};
    });
}

void Pa_Sleep(long milliseconds) {
    if (milliseconds > 0) engine().clock.sleep(static_cast<double>(milliseconds) / 1000);
}

PORTSPAN_MOCK_EXPORTED_END
