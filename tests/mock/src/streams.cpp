// SPDX-License-Identifier: MIT
// The functions of portaudio.h that take a stream.
#include "exported.hpp"

#include "answer.hpp"
#include "blocking_stream.hpp"

namespace portspan::mock {

namespace {

/// A question about a stream; `otherwise` where there is no such stream.
template <class Result, class F>
Result query(const char* function, PaStream* handle, Result otherwise, F&& f) {
    return answer(function, [&](Lock& lock) -> Result {
        Stream* stream = engine().is_initialized() ? engine().find(handle) : nullptr;
        return stream ? f(lock, *stream) : otherwise;
    });
}

/// Reading and writing: PortAudio looks at the frame count and the buffer first.
template <class F>
PaError transfer(const char* function, PaStream* handle, const void* buffer, unsigned long frames,
                 F&& f) {
    return answer_stream(function, handle, [&](Lock& lock, Stream& stream) -> PaError {
        if (frames == 0) return paNoError;
        if (!buffer) return paBadBufferPtr;
        if (stream.stopped) return paStreamIsStopped;
        return f(lock, stream);
    });
}

}  // namespace

}  // namespace portspan::mock

PORTSPAN_MOCK_EXPORTED

PaError Pa_CloseStream(PaStream* handle) {
    return answer_ordered(
        "Pa_CloseStream", [&](Lock& lock, std::optional<PaError> code) -> PaError {
            if (!engine().is_initialized()) return code.value_or(paNotInitialized);
            Stream* stream = engine().find(handle);
            if (!stream) return code.value_or(paBadStreamPtr);
            if (code) {
                // PortAudio forgets the stream first, and leaves it as it is where ending it fails.
                stream->open = false;
                return *code;
            }
            const PaError result = engine().close(lock, *stream);
            return stream->lost == Loss::error ? PaError{paUnanticipatedHostError} : result;
        });
}

PaError Pa_SetStreamFinishedCallback(PaStream* handle, PaStreamFinishedCallback* finished) {
    return answer_stream("Pa_SetStreamFinishedCallback", handle,
                         [&](Lock&, Stream& stream) -> PaError {
                             if (!stream.stopped) return paStreamIsNotStopped;
                             stream.finished = finished;
                             return paNoError;
                         });
}

PaError Pa_StartStream(PaStream* handle) {
    return answer_stream("Pa_StartStream", handle, [&](Lock&, Stream& stream) -> PaError {
        if (stream.closing) return paBadStreamPtr;
        if (!stream.stopped) return paStreamIsNotStopped;
        if (stream.lost == Loss::finished) return paDeviceUnavailable;
        engine().start(stream);
        return paNoError;
    });
}

static PaError end_stream(const char* function, PaStream* handle, bool drain) {
    return answer_stream(function, handle, [&](Lock& lock, Stream& stream) -> PaError {
        if (stream.stopped) return paStreamIsStopped;
        return engine().end(lock, stream, drain);
    });
}
PaError Pa_StopStream(PaStream* handle) { return end_stream("Pa_StopStream", handle, true); }
PaError Pa_AbortStream(PaStream* handle) { return end_stream("Pa_AbortStream", handle, false); }

PaError Pa_IsStreamStopped(PaStream* handle) {
    return answer_stream("Pa_IsStreamStopped", handle,
                         [](Lock&, Stream& stream) { return PaError{stream.stopped}; });
}
PaError Pa_IsStreamActive(PaStream* handle) {
    return answer_stream("Pa_IsStreamActive", handle,
                         [](Lock&, Stream& stream) { return PaError{stream.active}; });
}

const PaStreamInfo* Pa_GetStreamInfo(PaStream* handle) {
    return query<const PaStreamInfo*>("Pa_GetStreamInfo", handle, nullptr,
                                      [](Lock&, Stream& stream) { return &stream.info; });
}

PaTime Pa_GetStreamTime(PaStream* handle) {
    return query<PaTime>("Pa_GetStreamTime", handle, 0,
                         [](Lock&, Stream& stream) { return time_of(stream); });
}

double Pa_GetStreamCpuLoad(PaStream* handle) {
    return query<double>("Pa_GetStreamCpuLoad", handle, 0,
                         [](Lock&, Stream&) { return engine().script.load; });
}

PaError Pa_ReadStream(PaStream* handle, void* buffer, unsigned long frames) {
    return transfer("Pa_ReadStream", handle, buffer, frames, [&](Lock& lock, Stream& stream) {
        return read(engine(), lock, stream, buffer, frames);
    });
}
PaError Pa_WriteStream(PaStream* handle, const void* buffer, unsigned long frames) {
    return transfer("Pa_WriteStream", handle, buffer, frames, [&](Lock& lock, Stream& stream) {
        return write(engine(), lock, stream, buffer, frames);
    });
}

signed long Pa_GetStreamReadAvailable(PaStream* handle) {
    return query<signed long>("Pa_GetStreamReadAvailable", handle, 0,
                              [](Lock& lock, Stream& stream) -> long {
                                  if (stream.opened.callback)
                                      return paCanNotReadFromACallbackStream;
                                  if (!stream.input_queue)
                                      return paCanNotReadFromAnOutputOnlyStream;
                                  if (stream.lost == Loss::error) return paUnanticipatedHostError;
                                  polled(engine(), lock, stream, stream.input_queue->room());
                                  if (!stream.input_queue) return 0;  // closed meanwhile
                                  return static_cast<long>(stream.input_queue->frames());
                              });
}
signed long Pa_GetStreamWriteAvailable(PaStream* handle) {
    return query<signed long>("Pa_GetStreamWriteAvailable", handle, 0,
                              [](Lock& lock, Stream& stream) -> long {
                                  if (stream.opened.callback) return paCanNotWriteToACallbackStream;
                                  if (!stream.output_queue) return paCanNotWriteToAnInputOnlyStream;
                                  if (stream.lost == Loss::error) return paUnanticipatedHostError;
                                  polled(engine(), lock, stream, stream.output_queue->frames());
                                  if (!stream.output_queue) return 0;
                                  return static_cast<long>(stream.output_queue->room());
                              });
}

PORTSPAN_MOCK_EXPORTED_END
