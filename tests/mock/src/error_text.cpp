// SPDX-License-Identifier: MIT
// PortAudio's words for its codes.
#include "exported.hpp"

PORTSPAN_MOCK_EXPORTED

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

PORTSPAN_MOCK_EXPORTED_END
