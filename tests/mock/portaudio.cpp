// SPDX-License-Identifier: MIT
// The functions of portaudio.h on the mock's engine: PortAudio's checks, in PortAudio's order.
#include <portaudio.h>

#include <chrono>
#include <thread>
#include <type_traits>
#include <utility>

#include "convert.hpp"
#include "engine.hpp"

namespace {

using portspan::mock::Engine;
using portspan::mock::Loss;
using portspan::mock::Opened;
using portspan::mock::Stream;

Engine& engine() { return Engine::instance(); }

/// One call: an ordered failure, or what `f` answers; either way it is in the log.
template <class F>
auto answer(const char* function, F&& f) {
    Engine::Lock lock{engine().mutex};
    using Result = decltype(f(lock));
    if (const auto code = engine().ordered(function)) {
        engine().log(function, *code);
        if constexpr (std::is_pointer_v<Result>) {
            return Result{nullptr};
        } else {
            return static_cast<Result>(*code);
        }
    }
    const Result result = f(lock);
    if constexpr (std::is_integral_v<Result>) {
        engine().log(function, result);
    } else {
        engine().log(function, 0);
    }
    return result;
}

template <class F>
auto answer_initialized(const char* function, F&& f) {
    return answer(function, [&](Engine::Lock&) -> int {
        return engine().is_initialized() ? f() : paNotInitialized;
    });
}

/// A call on a stream; a device that is gone fails all of them where the script wants that.
template <class F>
PaError answer_stream(const char* function, PaStream* handle, F&& f) {
    return answer(function, [&](Engine::Lock& lock) -> PaError {
        if (!engine().is_initialized()) return paNotInitialized;
        Stream* stream = engine().find(handle);
        if (!stream) return paBadStreamPtr;
        if (stream->lost == Loss::error) return paUnanticipatedHostError;
        return f(lock, *stream);
    });
}

/// A query of a stream; the other answer where there is no such stream.
template <class Result, class F>
Result query_stream(const char* function, PaStream* handle, Result otherwise, F&& f) {
    return answer(function, [&](Engine::Lock&) -> Result {
        Stream* stream = engine().is_initialized() ? engine().find(handle) : nullptr;
        return stream ? f(*stream) : otherwise;
    });
}

/// Reading and writing: PortAudio looks at the frame count and the buffer first.
template <class F>
PaError transfer(const char* function, PaStream* handle, const void* buffer, unsigned long frames,
                 F&& f) {
    return answer_stream(function, handle, [&](Engine::Lock&, Stream& stream) -> PaError {
        if (frames == 0) return paNoError;
        if (!buffer) return paBadBufferPtr;
        if (stream.stopped) return paStreamIsStopped;
        return f(stream);
    });
}

constexpr PaVersionInfo version{19, 7, 0, "mock", "PortAudio V19.7.0, portspan's mock"};

}  // namespace

extern "C" {

int Pa_GetVersion() { return paMakeVersionNumber(19, 7, 0); }
const char* Pa_GetVersionText() { return version.versionText; }
const PaVersionInfo* Pa_GetVersionInfo() { return &version; }

const char* Pa_GetErrorText(PaError code) {
    switch (code) {
        case paNoError:
            return "Success";
        case paNotInitialized:
            return "PortAudio not initialized";
        case paUnanticipatedHostError:
            return "Unanticipated host error";
        case paInvalidChannelCount:
            return "Invalid number of channels";
        case paInvalidSampleRate:
            return "Invalid sample rate";
        case paInvalidDevice:
            return "Invalid device";
        case paInvalidFlag:
            return "Invalid flag";
        case paSampleFormatNotSupported:
            return "Sample format not supported";
        case paBadIODeviceCombination:
            return "Illegal combination of I/O devices";
        case paInsufficientMemory:
            return "Insufficient memory";
        case paBufferTooBig:
            return "Buffer too big";
        case paBufferTooSmall:
            return "Buffer too small";
        case paNullCallback:
            return "No callback routine specified";
        case paBadStreamPtr:
            return "Invalid stream pointer";
        case paTimedOut:
            return "Wait timed out";
        case paInternalError:
            return "Internal PortAudio error";
        case paDeviceUnavailable:
            return "Device unavailable";
        case paIncompatibleHostApiSpecificStreamInfo:
            return "Incompatible host API specific stream info";
        case paStreamIsStopped:
            return "Stream is stopped";
        case paStreamIsNotStopped:
            return "Stream is not stopped";
        case paInputOverflowed:
            return "Input overflowed";
        case paOutputUnderflowed:
            return "Output underflowed";
        case paHostApiNotFound:
            return "Host API not found";
        case paInvalidHostApi:
            return "Invalid host API";
        case paCanNotReadFromACallbackStream:
            return "Can't read from a callback stream";
        case paCanNotWriteToACallbackStream:
            return "Can't write to a callback stream";
        case paCanNotReadFromAnOutputOnlyStream:
            return "Can't read from an output only stream";
        case paCanNotWriteToAnInputOnlyStream:
            return "Can't write to an input only stream";
        case paIncompatibleStreamHostApi:
            return "Incompatible stream host API";
        case paBadBufferPtr:
            return "Bad buffer pointer";
        default:
            return code > 0 ? "Invalid error code (value greater than zero)" : "Invalid error code";
    }
}

PaError Pa_Initialize() {
    return answer("Pa_Initialize", [](Engine::Lock&) { return engine().initialize(); });
}

PaError Pa_Terminate() {
    // An ordered failure is answered all the same: what PortAudio holds is let go of.
    Engine::Lock lock{engine().mutex};
    const auto code = engine().ordered("Pa_Terminate");
    const PaError result = engine().terminate();
    engine().log("Pa_Terminate", code.value_or(result));
    return code.value_or(result);
}

const PaHostErrorInfo* Pa_GetLastHostErrorInfo() { return &engine().host_error; }

PaHostApiIndex Pa_GetHostApiCount() {
    return answer_initialized("Pa_GetHostApiCount",
                              [] { return static_cast<int>(engine().host_infos.size()); });
}

PaHostApiIndex Pa_GetDefaultHostApi() {
    return answer_initialized("Pa_GetDefaultHostApi", [] { return engine().default_host_api; });
}

const PaHostApiInfo* Pa_GetHostApiInfo(PaHostApiIndex index) {
    return answer("Pa_GetHostApiInfo", [&](Engine::Lock&) -> const PaHostApiInfo* {
        const auto& infos = engine().host_infos;
        const bool there = engine().is_initialized() && index >= 0 &&
                           static_cast<std::size_t>(index) < infos.size();
        return there ? &infos[static_cast<std::size_t>(index)] : nullptr;
    });
}

PaHostApiIndex Pa_HostApiTypeIdToHostApiIndex(PaHostApiTypeId type) {
    return answer_initialized("Pa_HostApiTypeIdToHostApiIndex", [&]() -> int {
        const auto& infos = engine().host_infos;
        for (std::size_t i = 0; i < infos.size(); ++i) {
            if (infos[i].type == type) return static_cast<int>(i);
        }
        return paHostApiNotFound;
    });
}

PaDeviceIndex Pa_HostApiDeviceIndexToDeviceIndex(PaHostApiIndex api, int device) {
    return answer_initialized("Pa_HostApiDeviceIndexToDeviceIndex", [&]() -> int {
        const auto& infos = engine().host_infos;
        if (api < 0 || static_cast<std::size_t>(api) >= infos.size()) return paInvalidHostApi;
        const auto place = static_cast<std::size_t>(api);
        if (device < 0 || device >= infos[place].deviceCount) return paInvalidDevice;
        for (std::size_t i = 0; i < place; ++i) device += infos[i].deviceCount;
        return device;
    });
}

PaDeviceIndex Pa_GetDeviceCount() {
    return answer_initialized("Pa_GetDeviceCount", [] { return engine().device_count(); });
}

static PaDeviceIndex default_device(PaDeviceIndex PaHostApiInfo::* device) {
    const auto& infos = engine().host_infos;
    if (!engine().is_initialized() || infos.empty()) return paNoDevice;
    return infos[static_cast<std::size_t>(engine().default_host_api)].*device;
}
PaDeviceIndex Pa_GetDefaultInputDevice() {
    return answer("Pa_GetDefaultInputDevice",
                  [](Engine::Lock&) { return default_device(&PaHostApiInfo::defaultInputDevice); });
}
PaDeviceIndex Pa_GetDefaultOutputDevice() {
    return answer("Pa_GetDefaultOutputDevice", [](Engine::Lock&) {
        return default_device(&PaHostApiInfo::defaultOutputDevice);
    });
}

const PaDeviceInfo* Pa_GetDeviceInfo(PaDeviceIndex index) {
    return answer("Pa_GetDeviceInfo", [&](Engine::Lock&) -> const PaDeviceInfo* {
        const bool there =
            engine().is_initialized() && index >= 0 && index < engine().device_count();
        return there ? &engine().device_infos[static_cast<std::size_t>(index)] : nullptr;
    });
}

PaError Pa_IsFormatSupported(const PaStreamParameters* input, const PaStreamParameters* output,
                             double sample_rate) {
    return answer_initialized("Pa_IsFormatSupported", [&]() -> PaError {
        const PaError error = engine().validate(input, output, sample_rate, 0, paNoFlag, nullptr);
        return error != paNoError ? error : engine().device_refuses(input, output, sample_rate);
    });
}

static PaError open_stream(PaStream** stream, const PaStreamParameters* input,
                           const PaStreamParameters* output, double sample_rate,
                           unsigned long frames_per_buffer, PaStreamFlags flags,
                           PaStreamCallback* callback, void* user_data) {
    if (!engine().is_initialized()) return paNotInitialized;
    if (!stream) return paBadStreamPtr;
    PaError error = engine().validate(input, output, sample_rate, frames_per_buffer, flags,
                                      reinterpret_cast<const void*>(callback));
    if (error == paNoError) error = engine().device_refuses(input, output, sample_rate);
    if (error != paNoError) return error;
    const auto copy = [](const PaStreamParameters* p) {
        return p ? std::optional{*p} : std::nullopt;
    };
    return engine().open(stream, {copy(input), copy(output), sample_rate, frames_per_buffer, flags,
                                  callback, user_data, nullptr});
}

PaError Pa_OpenStream(PaStream** stream, const PaStreamParameters* input,
                      const PaStreamParameters* output, double sample_rate,
                      unsigned long frames_per_buffer, PaStreamFlags flags,
                      PaStreamCallback* callback, void* user_data) {
    return answer("Pa_OpenStream", [&](Engine::Lock&) {
        return open_stream(stream, input, output, sample_rate, frames_per_buffer, flags, callback,
                           user_data);
    });
}

PaError Pa_OpenDefaultStream(PaStream** stream, int inputs, int outputs, PaSampleFormat format,
                             double sample_rate, unsigned long frames_per_buffer,
                             PaStreamCallback* callback, void* user_data) {
    return answer("Pa_OpenDefaultStream", [&](Engine::Lock&) -> PaError {
        const auto direction = [&](int channels, PaDeviceIndex PaHostApiInfo::* kind,
                                   PaTime PaDeviceInfo::* latency, PaStreamParameters& parameters) {
            if (channels <= 0) return true;
            const PaDeviceIndex device = default_device(kind);
            if (device == paNoDevice) return false;
            parameters = {device, channels, format,
                          engine().device_infos[static_cast<std::size_t>(device)].*latency,
                          nullptr};
            return true;
        };
        PaStreamParameters input{}, output{};
        if (!direction(inputs, &PaHostApiInfo::defaultInputDevice,
                       &PaDeviceInfo::defaultHighInputLatency, input) ||
            !direction(outputs, &PaHostApiInfo::defaultOutputDevice,
                       &PaDeviceInfo::defaultHighOutputLatency, output)) {
            return paDeviceUnavailable;
        }
        return open_stream(stream, inputs > 0 ? &input : nullptr, outputs > 0 ? &output : nullptr,
                           sample_rate, frames_per_buffer, paNoFlag, callback, user_data);
    });
}

PaError Pa_CloseStream(PaStream* handle) {
    // As with Pa_Terminate: a close that fails has closed.
    Engine::Lock lock{engine().mutex};
    const auto code = engine().ordered("Pa_CloseStream");
    PaError result = paNoError;
    if (!engine().is_initialized()) {
        result = paNotInitialized;
    } else if (Stream* stream = engine().find(handle)) {
        result = engine().close(lock, *stream);
        if (stream->lost == Loss::error) result = paUnanticipatedHostError;
    } else {
        result = paBadStreamPtr;
    }
    engine().log("Pa_CloseStream", code.value_or(result));
    return code.value_or(result);
}

PaError Pa_SetStreamFinishedCallback(PaStream* handle, PaStreamFinishedCallback* finished) {
    return answer_stream("Pa_SetStreamFinishedCallback", handle,
                         [&](Engine::Lock&, Stream& stream) -> PaError {
                             if (!stream.stopped) return paStreamIsNotStopped;
                             stream.finished = finished;
                             return paNoError;
                         });
}

PaError Pa_StartStream(PaStream* handle) {
    return answer_stream("Pa_StartStream", handle, [&](Engine::Lock&, Stream& stream) -> PaError {
        if (!stream.stopped) return paStreamIsNotStopped;
        return engine().start(stream);
    });
}

static PaError end_stream(const char* function, PaStream* handle) {
    return answer_stream(function, handle, [&](Engine::Lock& lock, Stream& stream) -> PaError {
        if (stream.stopped) return paStreamIsStopped;
        return engine().end(lock, stream);
    });
}
PaError Pa_StopStream(PaStream* handle) { return end_stream("Pa_StopStream", handle); }
PaError Pa_AbortStream(PaStream* handle) { return end_stream("Pa_AbortStream", handle); }

PaError Pa_IsStreamStopped(PaStream* handle) {
    return answer_stream("Pa_IsStreamStopped", handle,
                         [](Engine::Lock&, Stream& stream) { return PaError{stream.stopped}; });
}
PaError Pa_IsStreamActive(PaStream* handle) {
    return answer_stream("Pa_IsStreamActive", handle,
                         [](Engine::Lock&, Stream& stream) { return PaError{stream.active}; });
}

const PaStreamInfo* Pa_GetStreamInfo(PaStream* handle) {
    return query_stream<const PaStreamInfo*>("Pa_GetStreamInfo", handle, nullptr,
                                             [](Stream& stream) { return &stream.info; });
}

PaTime Pa_GetStreamTime(PaStream* handle) {
    return query_stream<PaTime>("Pa_GetStreamTime", handle, 0, [](Stream& stream) {
        return static_cast<double>(stream.position) / stream.opened.sample_rate;
    });
}

double Pa_GetStreamCpuLoad(PaStream* handle) {
    return query_stream<double>("Pa_GetStreamCpuLoad", handle, 0,
                                [](Stream&) { return engine().load; });
}

PaError Pa_ReadStream(PaStream* handle, void* buffer, unsigned long frames) {
    return transfer("Pa_ReadStream", handle, buffer, frames,
                    [&](Stream& stream) { return engine().read(stream, buffer, frames); });
}
PaError Pa_WriteStream(PaStream* handle, const void* buffer, unsigned long frames) {
    return transfer("Pa_WriteStream", handle, buffer, frames,
                    [&](Stream& stream) { return engine().write(stream, buffer, frames); });
}

signed long Pa_GetStreamReadAvailable(PaStream* handle) {
    return query_stream<signed long>("Pa_GetStreamReadAvailable", handle, 0, [](Stream& stream) {
        return engine().read_available(stream);
    });
}
signed long Pa_GetStreamWriteAvailable(PaStream* handle) {
    return query_stream<signed long>("Pa_GetStreamWriteAvailable", handle, 0, [](Stream& stream) {
        return engine().write_available(stream);
    });
}

PaError Pa_GetSampleSize(PaSampleFormat format) {
    return answer("Pa_GetSampleSize", [&](Engine::Lock&) -> PaError {
        const std::size_t size = portspan::mock::bytes_per_sample(format);
        return size != 0 ? static_cast<PaError>(size) : PaError{paSampleFormatNotSupported};
    });
}

void Pa_Sleep(long milliseconds) {
    if (milliseconds > 0) std::this_thread::sleep_for(std::chrono::milliseconds{milliseconds});
}

}  // extern "C"
